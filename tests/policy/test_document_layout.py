"""Layout (版面): numbering, titles, plans and furniture of documents as they are copied and crawled."""
# ruff: noqa: E501 - printed Chinese is quoted as it stands; broken lines would hide it.

import pytest

from tests.policy.scoring import reading_of, text_of
from tracker.policy.extraction import read
from tracker.policy.plan import Plan


def only(text: str) -> Plan:
    """The single plan of a text."""
    reading = read(text)
    assert len(reading.plans) == 1
    return reading.plans[0]


def keys(text: str) -> list[str]:
    return [measure.key for measure in only(text).measures]


HEAD = "某市促进发展若干措施\n为促进发展，制定以下措施。\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("一、甲\n1.推进。(市甲局)\n2.落实。(市甲局)\n二、乙\n1.开展。(市乙局)\n", ["一.1", "一.2", "二.1"]),
        ("一、甲\n1.推进。(市甲局)\n二、乙\n2.开展。(市乙局)\n", ["1", "2"]),  # numbers that run through
        ("一、甲\n（一）推进工作。（市甲局）\n（二）开展。（市甲局）\n", ["一.一", "一.二"]),
        ("一、甲\n推进工作。（市甲局）\n二、乙\n开展工作。（市乙局）\n", ["一", "二"]),
        ("1﹒推进。(市甲局)\n2． 落实。(市甲局)\n3、开展。(市甲局)\n", ["1", "2", "3"]),
        ("第一条 推进工作。（市甲局）\n第二条 开展工作。（市乙局）\n", ["一", "二"]),
        ("一、甲\n1.1 推进工作。（市甲局）\n1.2 开展工作。（市乙局）\n", ["1.1", "1.2"]),
        ("5.推进。(市甲局)\n6.160千伏安以下实行三零服务。(市甲局)\n", ["5", "6"]),  # 鞍山 一.6
        ("一、甲\n（一）推进\n1.建立台账；\n2.开展检查；\n3.总结。\n（责任单位：市甲局）\n（二）落实。（市乙局）\n", ["一.一", "一.二"]),
        ("1.推进。(市甲局)\n1.落实。(市甲局)\n", ["1", "1#2"]),  # a number printed twice
    ],
)
def test_keys_follow_the_numbering(body: str, expected: list[str]) -> None:
    assert keys(HEAD + body) == expected


def test_scene_setting_parts_hold_no_measures() -> None:
    plan = only(HEAD + "一、总体要求\n坚持稳中求进。\n二、重点任务\n（一）推进工作。（市甲局）\n三、组织保障\n（一）加强领导。各部门要抓好落实。\n")
    assert [measure.key for measure in plan.measures] == ["二.一", "三.一"]
    assert "总体要求" in {one.reason for one in plan.unassigned}


def test_a_goal_that_charges_somebody_by_a_date_is_a_measure() -> None:
    plan = only(text_of("state-council-website-pilot-2018.txt"))
    assert plan.measures[0].key == "一.三"
    assert plan.measures[0].items[0].assignments[0].unit == "试点地区"


def test_one_line_is_read_as_its_paragraphs_would_be() -> None:
    paragraphs = HEAD + "一、推进工作\n（一）建立机制。按要求推进。（市甲局负责）\n（二）开展检查。认真检查。（市乙局负责）\n二、落实责任\n（一）压实责任。各单位落实。（市丙局负责）\n" * 1
    padding = "为" + "深入贯彻落实各项决策部署，" * 20
    joined = (padding + paragraphs).replace("\n", "")
    assert keys(joined) == keys(paragraphs) == ["一.一", "一.二", "二.一"]


def test_full_width_indents_stand_for_line_breaks() -> None:
    body = "　　".join(["某市若干措施", "为促进发展，制定本措施。", "一、推进", "（一）" + "建" * 200 + "。（市甲局）", "（二）落实。（市乙局）"])
    assert keys("　　" + body) == ["一.一", "一.二"]


def test_entities_and_tags_are_blanks() -> None:
    plan = only("<p>某市若干措施</p><p>1.&nbsp;&nbsp;推进工作。（市甲局）</p><p>2.落实工作。（市乙局）</p>")
    assert [(m.key, m.items[0].assignments[0].unit) for m in plan.measures] == [("1", "市甲局"), ("2", "市乙局")]


def test_a_word_broken_by_a_page_is_put_together() -> None:
    plan = reading_of("anshan-policy-compilation.txt").plans[1]
    units = [one.unit for one in plan.measures[20].items[0].assignments]
    assert units[:3] == ["市工业和信息化局", "市大数据管理局", "市发展改革委"]


def test_the_table_of_contents_is_no_plan() -> None:
    reading = reading_of("anshan-policy-compilation.txt")
    assert len(reading.plans) == 7
    assert sum(one.reason == "目录" for one in reading.unassigned) == 8


def test_page_furniture_is_set_aside() -> None:
    reading = read("首页\n发布日期：2023-01-01\n" + HEAD + "1.推进。(市甲局)\n- 3 -\n2.落实。(市甲局)\n打印\n责任编辑：某某")
    assert [m.key for m in reading.plans[0].measures] == ["1", "2"]
    assert {one.reason for one in reading.unassigned} == {"页面文字"}
    assert "3" not in reading.plans[0].measures[0].text


def test_signature_attachments_and_closing_words_are_no_measures() -> None:
    plan = only(HEAD + "1.推进。(市甲局)\n本措施自印发之日起施行，有效期至2025年12月31日。\n附件：1.分工表\n2.台账\n某市人民政府\n2023年2月10日")
    assert [m.key for m in plan.measures] == ["1"]
    assert {one.reason for one in plan.unassigned} == {"引言", "附则", "附件"}


def test_a_heading_that_names_its_units_answers_for_its_measures() -> None:
    plan = only(HEAD + "一、投资政策（由县发改局牵头实施）\n1.加大支持。加快推进。\n2.加强要素。做好储备。\n")
    assert [(m.key, m.items[0].assignments[0].unit, str(m.items[0].assignments[0].role)) for m in plan.measures] == [
        ("1", "县发改局", "lead"), ("2", "县发改局", "lead"),
    ]  # fmt: skip


def test_a_section_headed_with_a_unit_charges_it() -> None:
    plan = only("某县分工方案\n一、县发改局\n1.年底前建成200个充电桩。\n二、县教育局\n1.新建幼儿园3所。\n")
    assert [m.items[0].assignments[0].unit for m in plan.measures] == ["县发改局", "县教育局"]


def test_a_unit_printed_before_its_measure_is_charged() -> None:
    measure = only(HEAD + "1.县公安局、县工信局：加强检查，6月底前完成。\n2.县财政局：保障经费。\n").measures[0]
    assert measure.text == "加强检查，6月底前完成。"
    assert [one.unit for one in measure.items[0].assignments] == ["县公安局", "县工信局"]


def test_each_sentence_that_charges_somebody_else_is_an_item() -> None:
    text = HEAD + "一、推进\n（一）编制规划。市发展改革委要尽快编制规划。各市、县要在2021年12月底前完成。由市财政局牵头商市商务局研究提出方案。\n"
    items = only(text).measures[0].items
    assert [[(one.unit, str(one.role)) for one in item.assignments] for item in items] == [
        [("市发展改革委", "responsible")],
        [("各市、县", "responsible")],
        [("市财政局", "lead"), ("市商务局", "support")],
    ]


def test_the_first_named_leads_from_the_remark_on() -> None:
    text = HEAD + "一、推进\n（一）甲。做好。（市甲局、市乙局负责。列第一位者为牵头单位，下同）\n（二）乙。做好。（市丙局、市丁局负责）\n"
    plan = only(text)
    assert [str(m.items[0].assignments[0].role) for m in plan.measures] == ["lead", "lead"]


def test_labelled_lines_make_items_with_people_and_numbers() -> None:
    text = (
        HEAD + "1.落实政策。做好落实。\n享受主体：企业\n责任单位：市税务局\n责任人：市税务局所得税科科长 冯 东\n"
        "市税务局货劳税科科长 何宏增\n联系方式：5554956；5535727\n享受主体：个人\n责任单位：市财政局\n配合单位：市商务局、\n市审计局\n"
    )
    first, second = only(text).measures[0].items
    assert [(c.name, c.post, c.phones) for c in first.contacts] == [
        ("冯东", "所得税科科长", ("5554956",)),
        ("何宏增", "货劳税科科长", ("5535727",)),
    ]
    assert (first.beneficiaries, second.beneficiaries) == ("企业", "个人")
    assert [(one.unit, str(one.role)) for one in second.assignments] == [
        ("市财政局", "responsible"), ("市商务局", "support"), ("市审计局", "support"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("digits", "read_as"), [("2023210", "2023-02-10"), ("20231231", "2023-12-31"), ("2023111", "None")]
)
def test_a_date_that_lost_its_words_is_read_only_if_it_can_be_but_one(digits: str, read_as: str) -> None:
    plan = only(f"某市人民政府文件\n{digits}\n" + HEAD + "1.推进。(市甲局)\n")
    assert str(plan.issued_on) == read_as
