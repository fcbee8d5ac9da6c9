"""The rule of loss for time (reading.md 2): a quote touched by time wording that was not read is never sure."""
# ruff: noqa: E501 - a list of wordings is read across.

import re
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.lengths import examples
from tracker.reading.limits.phrases import read_phrases
from tracker.store.documents.drafts import UNSURE

LEADS = ["", "各镇街", "自受理之日起", "原则上", "应当在", "收到通知后", "于", "最迟", "每批次"]
BASES = [
    "每季度", "每月", "每年", "每周", "每半年", "每旬", "每日", "每月25日前", "每年6月底前", "每周五", "每季度首月10日前",
    "每季度终了后15日内", "每月前5个工作日内", "每月第二个星期五", "每月上旬", "2026年6月底前", "10月31日前", "12月10日17:00前",
    "到2027年", "二季度", "年底前", "3个工作日内", "30日内", "24小时内", "5日内", "30分钟内", "当日", "次日12时前", "本月底前",
    "春节前", "6月5日", "5月24日至26日", "届满前30日内", "届满30日前", "公示30日后", "提前10日", "20261231前", "一个半月内",
]  # fmt: skip
TOUCHING = [
    "15日内", "3个工作日", "10日", "5月", "中旬", "上旬", "前", "内", "后", "后10日内", "、20日前", "、6月", "和9月底前",
    "至25日", "（工作日）", "（节假日顺延）", "（特殊情况30日）", "17:00前", "下午5时", "12时", "第三周", "第二个工作日",
    "末", "底前", "30分钟", "前后", "前3日", "，遇节假日顺延", "零5日内", "半", "（不含节假日）", "（3个工作日）",
]  # fmt: skip
ACTS = ["报送。", "完成整改。", "，办结。", "召开例会。", "", "反馈结果，并公布。"]
# Time wording right behind a quote, told without the reader: what it holds must have been read, or asked.
LEFT = re.compile(
    r"(?:第?[〇零一二两三四五六七八九十\d]{1,4}(?:[日号](?!常)|月(?!度)|个?工作日|天|[时点]|小时|分钟|[：:]\d\d)|[上中下]旬"
    r"|[前后](?!期|续|台|款|述|提(?:条件|下))|内(?!部|容)"
    r"|[、和及至到](?:第?[一二三四五六七八九十\d]{1,3}(?:[日号]|月|季度|个?工作日))|[(（][^()（）]*(?:工作日|节假|日|月)[^()（）]*[)）])"
)


@settings(deadline=None, max_examples=examples(500))
@given(
    lead=st.sampled_from(LEADS),
    base=st.sampled_from(BASES),
    touching=st.lists(st.sampled_from(TOUCHING), min_size=1, max_size=2),
    act=st.sampled_from(ACTS),
)
def test_a_quote_touched_by_time_left_unread_is_unsure(lead: str, base: str, touching: list[str], act: str) -> None:
    sentence = lead + base + "".join(touching) + act
    found = read_phrases(sentence, year=2026, issued=date(2026, 3, 10))
    starts = {one.span.start for one in found}
    for one in found:
        left = LEFT.match(sentence, one.span.end)
        if one.kind == "validity" or left is None:
            continue
        # What touches it may be a limit of its own, with the comma before it.
        if starts & set(range(one.span.end, left.end())):
            continue
        assert one.confidence < UNSURE, (sentence, one.quote, left[0])
