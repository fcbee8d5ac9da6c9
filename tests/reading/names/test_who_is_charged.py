"""Who is charged (责任单位), in prose and in blocks, as `reading.md` 4 has the cases; places are invented."""

import pytest

from tracker.reading.extraction import measure_of
from tracker.reading.plan import Measure, Span


def measure(text: str) -> Measure:
    """A text read as one measure."""
    return measure_of(text, Span(0, len(text)), key="1", year=2025)


def charged(text: str) -> list[str]:
    """Every unit of a measure as 「unit」 or 「unit:role」 where it is not plainly responsible."""
    return [
        one.unit if one.role.value == "responsible" else f"{one.unit}:{one.role.value}"
        for item in measure(text).items
        for one in item.assignments
    ]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("由市、区民政部门组织入户核查。", ["市、区民政部门"]),
        ("区民政、残联等部门应在3个工作日内完成复核。", ["区民政、残联等部门"]),
        ("区民政、残联部门应在3个工作日内完成复核。", ["区民政、残联部门"]),
        ("镇（街）受理窗口应当场出具受理单。", ["镇（街）受理窗口"]),
        ("镇（街）受理窗口在2个工作日内将材料报区民政局。", ["镇（街）受理窗口"]),
        ("教育部门办幼儿园应于5月12日前将招生计划报区教育局审核。", ["教育部门办幼儿园"]),
        ("各园应在招生开始前张贴简章。", ["各园"]),
        ("市财政局对符合条件的项目予以支持。", ["市财政局"]),
        ("市财政局每年安排专项资金予以支持。", ["市财政局"]),
        ("所需资金由市财政予以支持。", ["市财政"]),
        ("2025年3月底前，县卫健局推行统一编码。县中医院印发术语集。", ["县卫健局", "县中医院"]),
        ("技术导则由市住建局指导、区城管局负责、街道办参与编制。", ["市住建局:support", "区城管局", "街道办:support"]),
        ("科技部等和各地方人民政府按职责分工负责。", ["科技部:each", "各地方人民政府:each"]),
        ("县级总路长是辖区内农村公路工作的第一责任人，负责统筹建设管理。", ["县级总路长"]),
        ("各级干部要统筹做好疫情防控和帮扶工作。", ["各级干部"]),
        ("县园林局负责修剪，县供电公司要配合做好停电安排。", ["县园林局", "县供电公司:support"]),
        ("我局将进行专项检查。", ["我局"]),
        ("责成专门部门全程跟进。", ["专门部门"]),
        ("县（市）区要比照市里模式成立专班。", ["县（市）区"]),
        ("联席会议办公室设在市场监管部门，承担联席会议日常工作。", ["联席会议办公室"]),
        (
            "由市城管局牵头，市财政局、市公安局配合，各街道参与。",
            ["市城管局:lead", "市财政局:support", "市公安局:support", "各街道:support"],
        ),
        ("由牵头部门负责审查，其他部门在各自职责范围内参与审查。", ["牵头部门:lead", "其他部门:support"]),
        ("各高校、科研院所要按照规定制定专门管理办法。", ["各高校、科研院所"]),
        ("各建设、勘察、设计单位要认真对照检查内容自查。", ["各建设、勘察、设计单位"]),
        ("各市、州、县住建局依照检查范围认真填写在建项目清单。", ["各市、州、县住建局"]),
        ("各乡镇各部门要在县委的领导下，按照职责分工，共同推进工作。", ["各乡镇:each", "各部门:each"]),
        (
            "对企业反馈的问题，各级包保领导、各部门、各地区能够自行解决的，要及时解决。",
            ["各级包保领导", "各部门", "各地区"],
        ),
        ("第二条县园林局负责修剪行道树。", ["县园林局"]),
        ("强化组织领导各部门要研究任务。", ["各部门"]),
        ("民办幼儿园要将录取结果及时公开。", ["民办幼儿园"]),
        ("录取名单由各幼儿园打印并在公告栏公布。", ["各幼儿园"]),
        ("市大数据中心于每月5日前公布上月数据。", ["市大数据中心"]),
        ("县医疗保障局自收到材料之日起5个工作日内办结。", ["县医疗保障局"]),
    ],
)
def test_the_one_who_is_to_act_is_charged(text: str, units: list[str]) -> None:
    assert charged(text) == units


@pytest.mark.parametrize(
    "text",
    [
        "保障对象应当如实申报家庭收入。",
        "按照法律规定企业应当公示年度报告。",
        "向社会公布由教育局核定的招生计划。",
        "分管领导与挂点企业每月联系一次。",
        "实施过程中的管理主要由项目承担单位负责。",
        "方案由单位主管部门报项目管理部门备案的，从其规定。",
        "申请人应当在30日内补正材料。",
        "鼓励有条件的地区给予适当补助。",
        "经市政府批准后实施。",
        "近年来各部门不断加强协作，成效明显。",
        "保障城市和谐，推动社会组织参与治理。",
    ],
)
def test_who_is_no_unit_or_only_spoken_of_is_not_charged(text: str) -> None:
    assert charged(text) == []


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("区民政局负责受理。区财政局负责拨付。", 2),
        ("区民政局负责受理。区民政局要做好公示。", 1),
        ("区民政局要在5日内受理；区财政局要在10日内拨付；镇政府要做好走访。", 3),
    ],
)
def test_each_sentence_that_charges_somebody_else_is_an_item(text: str, counts: int) -> None:
    assert len(measure(text).items) == counts
