"""Layout (版面): numbering, titles, plans and furniture of documents as they are copied and crawled."""
# ruff: noqa: E501 - printed Chinese is quoted as it stands; broken lines would hide it.

import pytest

from tests.reading.scoring import reading_of, text_of
from tracker.reading.extraction import read
from tracker.reading.plan import Plan


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
        (
            "一、甲\n（一）推进\n1.建立台账；\n2.开展检查；\n3.总结。\n（责任单位：市甲局）\n（二）落实。（市乙局）\n",
            ["一.一", "一.二"],
        ),
        ("1.推进。(市甲局)\n1.落实。(市甲局)\n", ["1", "1#2"]),  # a number printed twice
    ],
)
def test_keys_follow_the_numbering(body: str, expected: list[str]) -> None:
    assert keys(HEAD + body) == expected


def test_scene_setting_parts_hold_no_measures() -> None:
    plan = only(
        HEAD
        + "一、总体要求\n坚持稳中求进。\n二、重点任务\n（一）推进工作。（市甲局）\n三、组织保障\n（一）加强领导。各部门要抓好落实。\n"
    )
    assert [measure.key for measure in plan.measures] == ["二.一", "三.一"]
    assert "总体要求" in {one.reason for one in plan.unassigned}


def test_a_goal_that_charges_somebody_by_a_date_is_a_measure() -> None:
    plan = only(text_of("state-council-website-pilot-2018.txt"))
    assert plan.measures[0].key == "一.三"
    assert plan.measures[0].items[0].assignments[0].unit == "试点地区"


def test_one_line_is_read_as_its_paragraphs_would_be() -> None:
    paragraphs = (
        HEAD
        + "一、推进工作\n（一）建立机制。按要求推进。（市甲局负责）\n（二）开展检查。认真检查。（市乙局负责）\n二、落实责任\n（一）压实责任。各单位落实。（市丙局负责）\n"
        * 1
    )
    padding = "为" + "深入贯彻落实各项决策部署，" * 20
    joined = (padding + paragraphs).replace("\n", "")
    assert keys(joined) == keys(paragraphs) == ["一.一", "一.二", "二.一"]


def test_full_width_indents_stand_for_line_breaks() -> None:
    body = "　　".join(
        [
            "某市若干措施",
            "为促进发展，制定本措施。",
            "一、推进",
            "（一）" + "建" * 200 + "。（市甲局）",
            "（二）落实。（市乙局）",
        ]
    )
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
    reading = read(
        "首页\n发布日期：2023-01-01\n" + HEAD + "1.推进。(市甲局)\n- 3 -\n2.落实。(市甲局)\n打印\n责任编辑：某某"
    )
    assert [m.key for m in reading.plans[0].measures] == ["1", "2"]
    assert {one.reason for one in reading.unassigned} == {"页面文字"}
    assert "3" not in reading.plans[0].measures[0].text


def test_signature_attachments_and_closing_words_are_no_measures() -> None:
    plan = only(
        HEAD
        + "1.推进。(市甲局)\n本措施自印发之日起施行，有效期至2025年12月31日。\n附件：1.分工表\n2.台账\n某市人民政府\n2023年2月10日"
    )
    assert [m.key for m in plan.measures] == ["1"]
    assert {one.reason for one in plan.unassigned} == {"引言", "附则", "附件"}


def test_a_heading_that_names_its_units_answers_for_its_measures() -> None:
    plan = only(HEAD + "一、投资政策（由县发改局牵头实施）\n1.加大支持。加快推进。\n2.加强要素。做好储备。\n")
    assert [(m.key, m.items[0].assignments[0].unit, str(m.items[0].assignments[0].role)) for m in plan.measures] == [
        ("1", "县发改局", "lead"),
        ("2", "县发改局", "lead"),
    ]


def test_a_section_headed_with_a_unit_charges_it() -> None:
    plan = only("某县分工方案\n一、县发改局\n1.年底前建成200个充电桩。\n二、县教育局\n1.新建幼儿园3所。\n")
    assert [m.items[0].assignments[0].unit for m in plan.measures] == ["县发改局", "县教育局"]


def test_a_unit_printed_before_its_measure_is_charged() -> None:
    measure = only(HEAD + "1.县公安局、县工信局：加强检查，6月底前完成。\n2.县财政局：保障经费。\n").measures[0]
    assert measure.text == "加强检查，6月底前完成。"
    assert [one.unit for one in measure.items[0].assignments] == ["县公安局", "县工信局"]


def test_each_sentence_that_charges_somebody_else_is_an_item() -> None:
    text = (
        HEAD
        + "一、推进\n（一）编制规划。市发展改革委要尽快编制规划。各市、县要在2021年12月底前完成。由市财政局牵头商市商务局研究提出方案。\n"
    )
    items = only(text).measures[0].items
    assert [[(one.unit, str(one.role)) for one in item.assignments] for item in items] == [
        [("市发展改革委", "responsible")],
        [("各市、县", "responsible")],
        [("市财政局", "lead"), ("市商务局", "support")],
    ]


def test_the_first_named_leads_from_the_remark_on() -> None:
    text = (
        HEAD
        + "一、推进\n（一）甲。做好。（市甲局、市乙局负责。列第一位者为牵头单位，下同）\n（二）乙。做好。（市丙局、市丁局负责）\n"
    )
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
        ("市财政局", "responsible"),
        ("市商务局", "support"),
        ("市审计局", "support"),
    ]


@pytest.mark.parametrize(
    ("digits", "read_as"), [("2023210", "2023-02-10"), ("20231231", "2023-12-31"), ("2023111", "None")]
)
def test_a_date_that_lost_its_words_is_read_only_if_it_can_be_but_one(digits: str, read_as: str) -> None:
    plan = only(f"某市人民政府文件\n{digits}\n" + HEAD + "1.推进。(市甲局)\n")
    assert str(plan.issued_on) == read_as


def test_fields_behind_the_units_stay_with_them() -> None:
    """A rectification plan (整改方案) prints its limit and its steps below the units."""
    text = (
        "某省整改方案\n为做好整改，制定本方案。\n1.治理不力。比例下降。\n责任单位：某市委、市政府\n督导单位：省生态环境厅\n整改时限：2025年12月底\n"
        "整改措施：\n（1）加强治理。2023年6月底前完成改造。\n（2）每季度开展检查。\n2.建设滞后。\n责任单位：某县政府\n"
    )
    first, second = only(text).measures
    assert len(first.items) == 1
    assert [one.unit for one in first.items[0].assignments] == ["某市委", "市政府"]
    assert {(one.kind, str(one.date or one.rrule)) for one in first.items[0].deadlines} == {
        ("absolute", "2025-12-31"),
        ("absolute", "2023-06-30"),
        ("recurring", "FREQ=MONTHLY;INTERVAL=3"),
    }
    assert second.key == "2"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("发展改革委、商务部要牵头负责修订清单。", [("发展改革委", "lead"), ("商务部", "lead")]),  # 国办发〔2018〕104号
        (
            "请市场监管总局、司法部等部门在2019年2月底前完成修订。",
            [("市场监管总局", "responsible"), ("司法部", "responsible")],
        ),
        (
            "由发展改革委牵头，财政部、商务部配合，每季度通报进展。",
            [("发展改革委", "lead"), ("财政部", "support"), ("商务部", "support")],
        ),
        ("市人社局会同市财政局于每季度首月10日前通报情况。", [("市人社局", "responsible"), ("市财政局", "support")]),
        ("市财政局、市商务局按职责分工负责。", [("市财政局", "each"), ("市商务局", "each")]),
        ("各县（市、区）每月5日前报送情况。", [("各县（市、区）", "responsible")]),
        ("全区各级交通运输、市场监管等部门要持续打击非法营运。", [("全区各级交通运输、市场监管等部门", "responsible")]),
        ("项目要加快推进，企业数量要实现增长，社会要广泛参与。", []),
        ("各市、县新规划建设的加油站点要预留位置。", []),
        ("充分发挥各部门作用，统筹推进各有关部门细化举措。", []),
        ("市政府主要负责人任组长。", []),
    ],
)
def test_prose_charges_only_whom_it_names(sentence: str, expected: list[tuple[str, str]]) -> None:
    items = only(HEAD + "一、推进\n（一）做好工作。" + sentence + "\n").measures[0].items
    assert [(one.unit, str(one.role)) for item in items for one in item.assignments] == expected


def test_a_person_named_inside_a_bracket_is_a_contact() -> None:
    text = HEAD + "1.做好落实。（责任单位：市国资委；责任人：张三；联系电话：0371-66881234）\n"
    contact = only(text).measures[0].items[0].contacts[0]
    assert (contact.unit, contact.name, contact.phones) == ("市国资委", "张三", ("0371-66881234",))


def test_the_only_year_a_plan_speaks_of_fills_a_missing_one() -> None:
    text = HEAD + "1.2022年免收租金，6月30日前落实。（市甲局）\n"
    assert "2022-06-30" in {str(d.date) for d in only(text).measures[0].items[0].deadlines}


def test_a_red_letterhead_is_no_part_of_the_title() -> None:
    plan = only(
        "        某市人民政府文件\n        某政发[2024]12号\n    某市人民政府关于加快工业化的实施意见\n各县区人民政府:\n    为加快推进，提出如下意见。\n1.推进。(市甲局)\n"
    )
    assert (plan.title, plan.doc_no) == ("某市人民政府关于加快工业化的实施意见", "某政发[2024]12号")


def test_a_duty_in_the_covering_notice_is_suspect() -> None:
    plan = only(
        "关于印发任务清单的通知\n各部门：\n各牵头单位于每月28日前将进展情况报市发改局。\n某市任务清单\n1.推进。(市甲局)\n"
    )
    assert [one.suspect for one in plan.unassigned] == [False, False, True]
