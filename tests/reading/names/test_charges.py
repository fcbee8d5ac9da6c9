"""Duties in prose (交办): who is charged, as what, where no list of units is printed."""
# ruff: noqa: E501 - printed Chinese is quoted as it stands; broken lines would hide it.

import pytest

from tracker.reading.names.bodies import SUFFIX_BEGINS
from tracker.reading.names.charges import charges_in


def charged(text: str) -> list[tuple[str, str]]:
    """Every name that a text charges, with its role."""
    return [(text[n.start : n.end], n.role.value) for charge in charges_in(text, 0, len(text)) for n in charge.names]


def answering(*names: str) -> list[tuple[str, str]]:
    """The names, each plainly responsible."""
    return [(name, "responsible") for name in names]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("2020年上半年，试点县政府印发工作方案。", ["试点县政府"]),
        ("各省份于2021年8月底前完成摸底。", ["各省份"]),
        ("2021年5月底前各省份要印发方案。", ["各省份"]),
        ("市政府将定期通报进展。", ["市政府"]),
        ("各地以街道为单位，对老旧小区开展全面排查。", ["各地"]),
        ("各二级医院对照标准，在2021年9月底前，完成自查。", ["各二级医院"]),
        ("试点单位是工作的责任主体，要围绕目标组织实施。", ["试点单位"]),
        ("各县人民政府作为建设主体，要落实投入责任。", ["各县人民政府"]),
        ("2021年起，每年4月底前各市完成评估工作，5月底前省教育厅完成复核工作。", ["各市", "省教育厅"]),
        ("对已经出台的政策，各地区、各部门都要制定配套办法。", ["各地区", "各部门"]),
        ("各主管部门对在建项目要加强监管。", ["各主管部门"]),
        ("镇人民政府或者街道办事处要建立台账。", ["镇人民政府", "街道办事处"]),
        ("县（市）教育部门或乡镇人民政府要加强管理。", ["县（市）教育部门", "乡镇人民政府"]),
        ("试点名单由省级主管部门推荐。", ["省级主管部门"]),
        ("由区考核组综合后报区政府。", ["区考核组"]),
        ("请各省（区、市）选派两名业务骨干参加。", ["各省（区、市）"]),
        ("请各地及时将通知转发所属单位。", ["各地"]),
        (
            "各高校、科研院所和智库以及其他承担任务的单位要制定细则。",
            ["各高校、科研院所和智库以及其他承担任务的单位"],  # 国发办〔2018〕127号 二: one 各 for all of them
        ),
        ("各地区、各有关部门和单位要细化措施。", ["各地区", "各有关部门和单位"]),
        ("各部门各单位要在每季度末报送情况。", ["各部门", "各单位"]),
        ("财政、教育、民政、医保等部门要建立会商机制。", ["财政、教育、民政、医保等部门"]),
        ("财政和教育部门结合评估结果，调整补助标准。", ["财政和教育部门"]),
        ("卫生健康行政部门监督指导医院落实要求。", ["卫生健康行政部门"]),
        # points of any marker behind a lead-in
        (
            "县应急局要开展排查：1.县水务局于2026年底前查水管。2.县财政局于2026年底前拨款。",
            ["县应急局", "县水务局", "县财政局"],
        ),
        (
            "具体要求：1、县公安局每月25日前报送。2、县城管局要加强巡查。3、各镇负责落实。",
            ["县公安局", "县城管局", "各镇"],
        ),
        ("a.县民政局要在5日内答复；b.县司法局负责审查。", ["县民政局", "县司法局"]),
        ("—县民政局要于2026年底前答复。—县司法局负责审查。", ["县民政局", "县司法局"]),
        # points without stops, as a page's short lines join them
        ("（1）县林业局要强化巡查，每日巡查2次（2）各镇要签订责任状", ["县林业局", "各镇"]),
        ("县林业局要强化巡查，每日巡查2次各镇要签订责任状", ["县林业局", "各镇"]),
    ],
)
def test_the_subject_of_a_duty_is_charged(text: str, names: list[str]) -> None:
    assert charged(text) == answering(*names)


@pytest.mark.parametrize(
    ("text", "leaders", "partners"),
    [
        ("市生态环境局会同市发展改革委、市工业和信息化局、市财政局等部门筛选确定试点。", ["市生态环境局"], ["市发展改革委", "市工业和信息化局", "市财政局"]),
        ("省民政厅会同有关部门对试点进行指导。", ["省民政厅"], ["有关部门"]),
        ("省民政厅会同有关方面统筹组织评估工作。", ["省民政厅"], ["有关方面"]),
        ("请省人力资源社会保障厅会同有关部门按照规定制定细则。", ["省人力资源社会保障厅"], ["有关部门"]),
        ("请各市教育局商同级市场监管、卫生健康部门组成联合检查组。", ["各市教育局"], ["同级市场监管、卫生健康部门"]),
        ("省人社厅会同省财政厅、省税务局联合发文。", ["省人社厅"], ["省财政厅", "省税务局"]),
        ("市商务局要加强指导协调，会同有关部门开展检查。", ["市商务局"], ["有关部门"]),
        ("市商务局要加强指导。同时加大协调力度，会同有关部门建立机制。", ["市商务局"], ["有关部门"]),
    ],
)  # fmt: skip
def test_a_partner_supports(text: str, leaders: list[str], partners: list[str]) -> None:
    assert charged(text) == answering(*leaders) + [(name, "support") for name in partners]


@pytest.mark.parametrize(
    "text",
    [
        "鼓励各地开展试点。",
        "支持金融机构加强信贷投放。",
        "引导社会组织开展帮扶。",
        "方案报省民政厅，经省民政厅会同有关部门组织评审通过后实施。",
        "近年来，各地不断加强规范化建设，取得明显成效。",
        "到2022年底前，乡镇卫生院在满足基本需求的前提下，床位使用率达到60%。",
        "各单位可以指定专人办理。",
        "企业开展技术改造的，给予补助。",
        "有关单位制定的规划应衔接一致。",
    ],
)
def test_who_is_only_spoken_of_is_not_charged(text: str) -> None:
    assert charged(text) == []


def test_a_name_with_more_before_it_is_somebody_else() -> None:
    text = "行政执法机关要公开结果。地方各级行政执法机关应当于每年1月31日前公开数据。"
    assert charged(text) == answering("行政执法机关", "地方各级行政执法机关")


@pytest.mark.parametrize(
    "text",
    [
        "东湖市高新区搭建招商平台，成效明显。",
        "发展改革委研究提出了办理意见。",
        "各地区、各部门报送省政府的公文，应当符合格式要求。",
        "重点任务实行分管领导牵头负责制和部门具体负责制。",
        "施工单位应当自验收之日起15日内清退场地。",
        "2019年市政府召开现场会，部署有关工作。",
        "（2）协助有关部门核定费用。",
    ],
)
def test_what_is_told_or_described_charges_nobody(text: str) -> None:
    assert charged(text) == []


def test_every_ending_of_a_name_begins_with_a_character_that_is_asked_for() -> None:
    for ending in ("局", "委", "厅", "办公室", "人民政府", "部", "司", "部门", "单位", "医院", "领导小组", "试点城市"):
        assert ending[0] in SUFFIX_BEGINS
