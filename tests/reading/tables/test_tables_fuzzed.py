"""Whatever stands in a table, its reading is valid, nothing of it is lost, and the same rows give the same tasks."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.lengths import examples
from tests.reading.loss.test_outside import check_nothing_is_lost
from tests.reading.test_reading_properties import spans
from tracker.reading.extraction import read
from tracker.reading.plan import Plan

HEADERS = [
    "序号", "任务", "重点任务", "具体措施", "责任单位", "牵头单位", "配合单位", "完成时限", "备注", "类别", "责任人",
    "联系电话", "接收单位名称", "一季度目标", "",
]  # fmt: skip
CELLS = [
    "1", "2", "3", "（一）", "一、改善出行", "建成平台。", "完善机制，", "每季度末报送进展。",
    "市财政局", "市住建局、各县（区）政府",
    "市司法局（牵头）", "市市场", "监管局", "2026年6月底前", "2026年6-9月", "长期", "3个工作日", "/", "—", "", "合计",
    "注：每月25日前报送。", "张三", "5551234", "县发展", "改革局", "（责任单位：市水务局）",
]  # fmt: skip
MARKS = ["\t", "\t", " | ", "，", "　　"]
TEXT = "清源县2026年工作方案\n一、建成平台。（市数据局）\n二、完善机制，由市司法局负责。\n"


@st.composite
def tables(draw: st.DrawFn) -> str:
    mark = draw(st.sampled_from(MARKS))
    head = draw(st.lists(st.sampled_from(HEADERS), min_size=2, max_size=6))
    rows = draw(st.lists(st.lists(st.sampled_from(CELLS), min_size=1, max_size=7), max_size=8))
    before = draw(st.sampled_from(["", TEXT, f"{TEXT}附件\n清源县重点项目任务表\n"]))
    behind = draw(st.sampled_from(["", "备注：1.任务按项计算。\n", "三、加强保障。（市财政局）\n"]))
    return before + "\n".join(mark.join(row) for row in [head, *rows]) + "\n" + behind


@settings(max_examples=examples(150), deadline=None)
@given(tables())
def test_whatever_stands_in_a_table_nothing_of_it_is_lost(text: str) -> None:
    reading = read(text)
    for span in spans(reading):
        assert 0 <= span.start <= span.end <= len(text)
    for plan in reading.plans:
        assert len({measure.key for measure in plan.measures}) == len(plan.measures)
        _check_quotes(text, plan)
    check_nothing_is_lost(text, reading)


def _check_quotes(text: str, plan: Plan) -> None:
    for measure in plan.measures:
        for item in measure.items:
            for one in item.assignments:
                if one.span.start == one.span.end:
                    continue  # a section's unit stands in its heading
                printed = re.sub(r"\s", "", text[one.span.start : one.span.end])
                assert printed.startswith(one.unit[:1])
                assert printed.endswith(one.unit[-1:])
    keys = {measure.key for measure in plan.measures}
    assert all(doubt.measure is None or doubt.measure in keys for doubt in plan.doubts)
