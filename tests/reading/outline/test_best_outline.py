"""The outline of a text is found whatever its lines: which numbers are markers, how they nest, what is a measure."""
# ruff: noqa: E501 - printed Chinese is quoted as it stands; broken lines would hide it.

import re

import pytest

from tests.reading.text.test_document_layout import keys, only
from tracker.reading.extraction import read
from tracker.reading.plan import DoubtKind

HEAD = "云岭县供水保障若干措施\n为保障供水，制定以下措施。\n"


def nodes(text: str) -> list[tuple[str, int]]:
    return [(node.key, node.depth) for node in only(text).outline]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # Every style, and the mixtures that documents have.
        ("第一章 总则\n第一条 县水务局负责供水。\n第二章 管理\n第二条 县住建局负责排水。\n", [("一", 0), ("一", 1), ("二", 0), ("二", 1)]),
        ("一、推进\n（一）改造。（县水务局）\n1.更换；\n2.加装。\n（二）检查。（县住建局）\n", [("一", 0), ("一.一", 1), ("1", 2), ("2", 2), ("一.二", 1)]),
        ("一、推进\n1.1 改造。（县水务局）\n1.2 检查。（县住建局）\n", [("一", 0), ("1.1", 1), ("1.2", 1)]),
        ("㈠改造。（县水务局）\n㈡检查。（县住建局）\n", [("一", 0), ("二", 0)]),
        ("⒈改造。（县水务局）\n⒉检查。（县住建局）\n", [("1", 0), ("2", 0)]),
        ("1）改造。（县水务局）\n2）检查。（县住建局）\n", [("1", 0), ("2", 0)]),
        # Blanks inside numbers, as scanned text has them.
        ("第 一 条 县水务局负责供水。\n第 二 条 县住建局负责排水。\n", [("一", 0), ("二", 0)]),
        ("一 、推进。（县水务局）\n二 、检查。（县住建局）\n", [("一", 0), ("二", 0)]),
        # Articles under sections run through.
        ("一、总则\n（一）管理\n第一条 县水务局负责供水。\n第二条 县住建局负责排水。\n二、监督\n（一）检查\n第三条 县审计局负责审计。\n", [("一", 0), ("一.一", 1), ("一", 2), ("二", 2), ("二", 0), ("二.一", 1), ("三", 2)]),
        # A section's numbers begin with a date or a quantity.
        ("一、6月底前完成排查。（县水务局）\n二、12个村通水。（县住建局）\n", [("一", 0), ("二", 0)]),
        ("1.2026年6月底前完成排查。（县水务局）\n2.160个村通水。（县住建局）\n", [("1", 0), ("2", 0)]),
    ],
)  # fmt: skip
def test_numbers_of_every_style_make_one_outline(body: str, expected: list[tuple[str, int]]) -> None:
    assert nodes(HEAD + body) == expected


@pytest.mark.parametrize(
    "words",
    [
        "按照本办法第三条第（一）项执行", "投资1.5万元", "见（一）（二）两项", "《条例》第八条规定的情形", "一、二、三产业融合", "全国12.5%的水厂",
        "依据云政发〔2026〕12号文件", "二、三季度开展", "2026.6.30前", "“一、二、三”工程", "（市级：1.水务；2.住建）", "第一、第二水厂",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_number_is_none(words: str) -> None:
    body = f"一、推进改造，{words}，落实到位。（县水务局）\n二、开展检查。（县住建局）\n"
    for text in (HEAD + body, (HEAD + body).replace("\n", "")):
        assert keys(text) == ["一", "二"]


@pytest.mark.parametrize(
    "layout",
    [
        lambda text: text.replace("\n", ""),
        lambda text: text.replace("\n", "　　"),
        lambda text: text.replace("\n", "\u2003\u2003"),
        lambda text: text.replace("\n", " "),
        lambda text: text.replace("\n", "    "),
        lambda text: text.replace("\n", "&nbsp;&nbsp;&nbsp;"),
        lambda text: text.replace("\n", "\t"),
        lambda text: "\n".join(line[at : at + 27] for line in text.split("\n") for at in range(0, len(line), 27)),
        lambda text: re.sub(r"(?m)^(第.章.*|[一二三]、.*)$", r"**\1**", text),
        lambda text: re.sub(r"(?m)^(第.章.*|[一二三]、.*)$", r"## \1", text),
    ],
    ids=[
        "one line",
        "ideographic",
        "em",
        "one blank",
        "four blanks",
        "entities",
        "tabs",
        "wrapped",
        "bold",
        "headings",
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        "第一章总则\n第一条为保障供水，制定本办法。\n第二条县水务局负责供水管理工作。\n第二章建设\n第三条县住建局应当在3个工作日内完成踏勘，现场不具备施工条件的，应当书面说明理由并告知申请人。\n",
        "一、推进管网改造\n（一）更换老旧管线。加快更换使用年限较长的管线，确保供水安全。（县水务局负责）\n（二）加装水表。为居民加装智能水表，做到应装尽装。（县住建局负责）\n二、开展检查\n（三）检查水质。每月检查一次。（县卫健局负责）\n",
    ],
    ids=["articles", "sections"],
)  # fmt: skip
def test_the_same_words_are_read_the_same_in_any_layout(body: str, layout: "object") -> None:
    text = HEAD.replace("若干措施", "管理办法") + body

    def units(words: str) -> list[tuple[str, list[str]]]:
        plan = only(words)
        return [(m.key, [a.unit for i in m.items for a in i.assignments]) for m in plan.measures]

    assert units(layout(text)) == units(text)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # Who answers for the cases of a list answers once.
        ("第一条 县水务局负责供水。\n第二条 驿站有下列情形之一的，县交通局应当在10个工作日内责令整改：\n（一）擅自停业；\n（二）公厕不开放；\n（三）拒绝接受检查。\n", ["一", "二"]),
        ("一、申报条件\n申报企业应当符合下列条件：\n1.依法登记；\n2.信用良好；\n3.无违法记录。\n二、开展检查。（县住建局）\n", ["一", "二"]),
        # What is answered for as a whole and again in its parts is one measure with its parts.
        ("一、推进\n（一）完善标准，加快修订。（县水务局牵头，县住建局配合）具体措施：\n1.公布目录。（县水务局负责）\n2.通报案例。（县住建局负责）\n（二）简化手续，压缩时间。（县水务局负责）具体措施：\n1.告知内容。（县住建局负责）\n2.公开流程。（县水务局负责）\n", ["一.一", "一.二"]),
        # A list of unnumbered tasks under a heading.
        ("一、保障措施\n加强组织领导。县水务局牵头推进，定期会商研究解决问题。\n强化资金保障。县财政局统筹安排资金，保障项目建设需要。\n二、开展检查。（县住建局）\n", ["一#1", "一#2", "二"]),
        # The paragraphs behind the last measure's heading are its own.
        ("一、推进\n（一）开展检查。县住建局要每月检查一次。\n（二）完善联席会议制度并健全议事规则。\n联席会议由县教育局、县人社局组成。县教育局要每年召开两次会议。\n", ["一.一", "一.二"]),
    ],
)  # fmt: skip
def test_the_level_of_a_measure_is_decided_by_what_its_clauses_say(body: str, expected: list[str]) -> None:
    assert keys(HEAD + body) == expected


def test_a_head_that_states_a_limit_belongs_to_its_measure() -> None:
    text = HEAD + "一、各镇街要于5月20日前完成仓容摸底。\n摸底结果报县粮食局。\n二、开展检查。（县粮食局）\n"
    first = only(text).measures[0]
    assert first.text == "各镇街要于5月20日前完成仓容摸底。摸底结果报县粮食局。"
    assert [d.quote for i in first.items for d in i.deadlines] == ["5月20日前"]


def test_an_attachment_that_hands_out_duties_is_read_whatever_its_title() -> None:
    text = (
        "云岭县人民政府关于加强汛期工作的通知\n各镇街：\n为做好汛期工作，现通知如下。\n一、提高认识。各镇街要高度重视。\n附件：云岭县汛期二十条\n"
        "云岭县人民政府\n2026年5月6日\n附件\n云岭县汛期二十条\n1.巡查堤防。（县水务局负责）\n2.检查泵站。（县住建局负责）\n3.储备物资。（县应急局负责）\n"
    )
    units = [a.unit for plan in read(text).plans for m in plan.measures for i in m.items for a in i.assignments]
    assert units == ["各镇街", "县水务局", "县住建局", "县应急局"]


def test_a_list_of_attachments_is_no_measure_even_on_one_line() -> None:
    text = (
        "云岭县人民政府办公室关于同意建立联席会议制度的函县水务局：你局请示收悉。经县政府同意，现函复如下：同意建立联席会议制度。附件：1.云岭县节水联席会议制度2.成员名单"
        "云岭县人民政府办公室2025年5月6日附件1云岭县节水联席会议制度一、主要职能统筹协调节水工作。二、工作规则联席会议每半年召开一次会议，由县水务局负责召集。"
    )
    measures = [m for plan in read(text).plans for m in plan.measures]
    assert not [m for m in measures if "成员名单" in m.text]


def test_a_table_of_contents_without_lines_is_no_plan() -> None:
    sections = ["加快推进管网改造", "全面开展水质检查", "切实加强组织领导"]
    contents = "".join(f"{n}、{words}{page}" for n, words, page in zip("一二三", sections, "145", strict=True))
    body = "".join(
        f"{n}、{words}（一）落实任务。县水务局负责{words}。" for n, words in zip("一二三", sections, strict=True)
    )
    reading = read(f"云岭县供水保障若干措施目录{contents}云岭县供水保障若干措施为保障供水，制定以下措施。{body}")
    assert [m.key for plan in reading.plans for m in plan.measures] == ["一.一", "二.一", "三.一"]
    assert "目录" in {one.reason for one in reading.unassigned}


def test_a_gap_in_the_numbers_is_asked_about() -> None:
    plan = only(
        HEAD + "一、改造。（县水务局）\n二、检查。（县住建局）\n四、总结。（县水务局）\n五、报告。（县水务局）\n"
    )
    assert [(d.kind, d.seen) for d in plan.doubts if d.kind is DoubtKind.GAP] == [
        (DoubtKind.GAP, "「四、」之前少了1个编号")
    ]


def test_numbers_out_of_order_and_numbers_printed_twice_are_asked_about() -> None:
    plan = only(
        HEAD + "一、改造。（县水务局）\n三、检查。（县住建局）\n二、总结。（县水务局）\n二、报告。（县水务局）\n"
    )
    assert [d.seen for d in plan.doubts if d.kind is DoubtKind.GAP] == ["「三、」没有当作编号", "「二、」印了两次"]


def test_closing_words_are_cut_off_by_sentences() -> None:
    text = (
        HEAD
        + "一、改造。县水务局负责改造。\n二、检查。县住建局负责检查。本措施自印发之日起施行，有效期至2027年12月31日。本措施由县水务局负责解释。\n"
    )
    plan = only(text)
    assert plan.measures[-1].text == "检查。县住建局负责检查。"
    assert "附则" in {one.reason for one in plan.unassigned}


@pytest.mark.parametrize("width", [19, 23, 27, 33, 38])
def test_a_bracket_broken_by_the_width_of_the_page_names_the_same_units(width: int) -> None:
    body = "".join(
        f"{n}、推进第{n}项工作，认真落实各项要求，确保按期完成，取得实效。（责任单位：县水务局、县住房和城乡建设局，各镇人民政府）\n"
        for n in "一二三四五六"
    )
    lines = [line[at : at + width] for line in (HEAD + body).split("\n") for at in range(0, len(line), width)]
    found = only("\n".join(lines))
    assert [m.key for m in found.measures] == ["一", "二", "三", "四", "五", "六"]
    units = [[a.unit for i in m.items for a in i.assignments] for m in found.measures]
    assert units == [["县水务局", "县住房和城乡建设局", "各镇人民政府"]] * 6
