"""Printed blocks (责任条目) name who answers, wherever they stand and whatever else they say; cases of `reading.md` 4."""
# ruff: noqa: E501 - printed Chinese is quoted as it stands; broken lines would hide it.

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
        ("推进通关便利。（责任单位：区商务局、白石海关，适用范围：综合保税区）", ["区商务局", "白石海关"]),
        ("推进通关便利。（牵头单位：白石海关；实施范围：港口片区；完成时限：2025年10月底前）", ["白石海关:lead"]),
        ("共建平台。（市科技局、市工信局）", ["市科技局", "市工信局"]),
        ("共建平台（市科技局、市工信局）。推广应用。", ["市科技局", "市工信局"]),
        ("共建平台（市科技局、市工信局）", ["市科技局", "市工信局"]),
        ("共建平台。（市科技局、市工信局）推广应用。（市财政局）", ["市科技局", "市工信局", "市财政局"]),
        ("共建平台。（市科技局　市工信局）", ["市科技局", "市工信局"]),
        ("共建平台。责任单位：市科技局 市工信局", ["市科技局", "市工信局"]),
        ("共建平台。责任单位：市 科 技 局、市工 信局", ["市科技局", "市工信局"]),
        ("开通全程网办。（5月底完成，牵头考核单位：市审批局）", ["市审批局:lead"]),
        ("开通全程网办。（1分）（持续推进，牵头考核单位：市审批局、市公安局）", ["市审批局:lead", "市公安局:lead"]),
        (
            "完善机制。（市发改委牵头，市财政局、市商务局配合）",
            ["市发改委:lead", "市财政局:support", "市商务局:support"],
        ),
        ("完善机制。（科技部等和各地方人民政府按职责分工负责）", ["科技部:each", "各地方人民政府:each"]),
        ("完善机制。（市发改委会同市财政局）", ["市发改委", "市财政局:support"]),
        ("完善机制。（责任单位：各区县人民政府，列首位者为牵头单位）", ["各区县人民政府:lead"]),
        ("完善机制。（责任科室：办公室、审批科）", ["办公室", "审批科"]),
        ("由县水务局负责巡查。（责任单位：县河长办）", ["县河长办"]),
        ("市场监督管理所、市场服务管理所。由其做好巡查。", ["市场监督管理所", "市场服务管理所"]),
        ("市场监督管理所：做好巡查。", ["市场监督管理所"]),
    ],
)
def test_the_printed_block_says_who(text: str, units: list[str]) -> None:
    assert charged(text) == units


@pytest.mark.parametrize(
    ("text", "units"),
    [
        (
            "开展检查。（主责：区公安分局；协同：区教育局、各镇（街道））",
            ["区公安分局:lead", "区教育局:support", "各镇（街道）:support"],
        ),
        ("开展检查。〔推进单位：区教育局、区住建局。技术指导：市规划院〕", ["区教育局", "区住建局"]),
        ("开展检查。（总牵头：区市监局，参与：区民政局，督办：区委督查室）", ["区市监局:lead", "区民政局:support"]),
        ("开展检查。（监管主体：区市监局）", ["区市监局"]),
        ("开展检查。（任务认领：区教育局、区住建局）", ["区教育局", "区住建局"]),
        ("开展检查。（事项承接方：区教育局、区住建局）", ["区教育局", "区住建局"]),
        ("开展检查。（归口：区教育局 联动：区公安分局）", ["区教育局", "区公安分局:support"]),
        ("开展检查。（责任主体：区文旅局；监督电话：0376-5521110）", ["区文旅局"]),
        ("开展检查。（承担单位：区城管局  协助单位：属地镇（街道））", ["区城管局", "属地镇（街道）:support"]),
    ],
)
def test_a_label_may_be_any_word_that_names_a_part(text: str, units: list[str]) -> None:
    assert charged(text) == units


@pytest.mark.parametrize(
    ("text", "units"),
    [
        (
            "规划建设产业园。市发展改革委、市资规局、经开区管委会\n城东片区2026年10月底前完成施工。",
            ["市发展改革委", "市资规局", "经开区管委会"],
        ),
        ("支持建设冷库，（市商务局、市供销社）优先保障用地。", ["市商务局", "市供销社"]),
        (
            "制定团体标准5项。\n市市场监管局；市农业农村局；市卫健委\n已有企业标准的，支持其上升。",
            ["市市场监管局", "市农业农村局", "市卫健委"],
        ),
        (
            "组织企业参加各类展会，市商务局、市文旅局、市贸促会。每年举办一次产业大会。",
            ["市商务局", "市文旅局", "市贸促会"],
        ),
        ("优先选用本地产品（市教育局、市国资委），不得强制采购。", ["市教育局", "市国资委"]),
        (
            "给予贷款贴息。\n市财政局  人民银行汶溪市分行  汶溪金融监管分局\n对贷款免收担保费。",
            ["市财政局", "人民银行汶溪市分行", "汶溪金融监管分局"],
        ),
        ("（责任单位：各县（市、区）人力资源社会保障局、财政局）", ["各县（市、区）人力资源社会保障局、财政局"]),
    ],
)
def test_a_list_of_offices_needs_neither_bracket_nor_label(text: str, units: list[str]) -> None:
    assert charged(text) == units


@pytest.mark.parametrize(
    "text",
    [
        "开展检查。（监督单位：区纪委）",
        "引导金融机构（含农商行、信用社）加大投放。",
        "成立领导小组，加强统筹。\n市人民政府\n2025年5月6日",
        "组织召开推进会、动员大会。",
        "发布平台：市政府网站。",
    ],
)
def test_who_oversees_or_signs_answers_for_nothing(text: str) -> None:
    assert charged(text) == []


def test_lines_that_a_page_broke_are_no_list() -> None:
    assert charged("推进改革。市财政局、市商务局\n要加强配合。") == ["市财政局", "市商务局"]
    assert measure("推进改革。市财政局、市商务局\n要加强配合。").items[0].assignments[0].found_by == "subject"
