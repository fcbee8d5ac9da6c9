"""What lies in no measure is read all the same: a duty or a limit found there is suspect and listed."""

import pytest

from tests.reading.text.test_document_layout import only
from tracker.reading.extraction import read

HEAD = "云岭县供水保障若干措施\n为保障供水，制定以下措施。\n"
MEASURES = "一、推进工作。（县水务局）\n二、开展检查。（县住建局）\n"


def suspects(text: str) -> list[str]:
    return [text[one.span.start : one.span.end] for one in only(text).unassigned if one.suspect]


@pytest.mark.parametrize(
    ("body", "lost"),
    [
        (
            "第一条 县水务局负责供水管理。\n第二条 县自来水公司应当在受理报装申请之日起3个工作日内完成现场踏勘。\n"
            "现场不具备施工条件的，应当书面说明理由。\n第三条 县水务局应当公开流程。\n",
            "第二条 县自来水公司应当在受理报装申请之日起3个工作日内完成现场踏勘。",
        ),
        (
            "一、各镇街要于5月20日前完成仓容摸底。\n摸底结果报县粮食局。\n二、开展检查。（县粮食局）\n",
            "一、各镇街要于5月20日前完成仓容摸底。",
        ),
    ],
)
def test_a_head_that_states_a_duty_is_part_of_its_measure(body: str, lost: str) -> None:
    assert suspects(HEAD + body) == []
    assert any(
        lost.split(maxsplit=1)[-1].removeprefix("一、") in measure.text for measure in only(HEAD + body).measures
    )


@pytest.mark.parametrize(
    "lost",
    ["各镇街要于5月20日前完成仓容摸底。", "县水务局负责巡查。", "建成监测平台。（持续推进，牵头单位：县水务局）"],
)
def test_a_duty_in_an_attachment_is_suspect(lost: str) -> None:
    assert suspects(f"{HEAD}{MEASURES}附件\n云岭县汛期安排\n{lost}\n背景资料。\n") == [lost]


def test_a_lead_in_that_charges_somebody_is_suspect() -> None:
    lead = "各镇街自行检查，县水务局于10月底前抽查。现制定以下措施。"
    assert suspects(f"云岭县供水保障若干措施\n{lead}\n{MEASURES}") == [lead]


@pytest.mark.parametrize(
    "body",
    [
        MEASURES,
        "一、供水设施（由县水务局牵头实施）\n（一）推进改造。\n（二）开展检查。\n二、检查（由县住建局负责）\n（一）巡查。\n（二）总结。\n",
        MEASURES + "本措施自印发之日起施行，有效期至2027年12月31日，由县水务局负责解释。\n",
        MEASURES + "附件：1.云岭县供水工作制度\n2.联络员名单\n",
    ],
)
def test_headings_closings_and_lists_of_attachments_are_no_alarm(body: str) -> None:
    assert suspects(HEAD + body) == []


@pytest.mark.parametrize(
    ("bracket", "units"),
    [
        ("责任单位：区商务局、白石海关，适用范围：综合保税区", ["区商务局", "白石海关"]),
        ("牵头单位：白石海关；实施范围：港口片区；完成时限：2025年10月底前", ["白石海关"]),
        ("责任单位：区商务局，惠及对象：各园区、各街道", ["区商务局"]),
        ("责任单位：市级：市商务局、白石海关", ["市商务局", "白石海关"]),
    ],
)
def test_no_name_of_a_unit_holds_a_colon(bracket: str, units: list[str]) -> None:
    plan = only(f"{HEAD}一、便利通关。（{bracket}）\n二、开展检查。（县住建局）\n")
    assert [a.unit for i in plan.measures[0].items for a in i.assignments] == units


@pytest.mark.parametrize(
    "footer",
    [
        "主办单位：青溪市人民政府办公室 网站标识码：3301000001",
        "主办单位：青溪市人民政府办公室\n网站标识码：3301000001",
        "主办：青溪市人民政府　承办：青溪市数据局　版权所有",
    ],
)
def test_the_owner_of_a_site_answers_for_no_measure(footer: str) -> None:
    reading = read(f"{HEAD}{MEASURES}{footer}\n")
    (plan,) = reading.plans
    assert [a.unit for i in plan.measures[-1].items for a in i.assignments] == ["县住建局"]
    assert {one.reason for one in reading.unassigned} == {"页面文字"}


def test_a_label_of_the_host_is_still_one() -> None:
    plan = only(HEAD + "一、推进工作。\n主办单位：县水务局\n二、开展检查。\n主办单位：县住建局\n")
    assert [a.unit for m in plan.measures for i in m.items for a in i.assignments] == ["县水务局", "县住建局"]
