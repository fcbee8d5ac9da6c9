"""Responsible units (责任单位): lists taken apart, roles given, names compared."""

import pytest

from tracker.reading.names.brackets import blocks_in
from tracker.reading.names.charges import charges_in
from tracker.reading.names.likeness import kind_of, nearest, normalise, same_body
from tracker.reading.names.responsibility import read_list
from tracker.reading.plan import NameKind, Role

KNOWN = [
    "市政府国有资产监督管理委员会", "市工业和信息化局", "市市场监督管理局", "市财政局", "省财政厅", "市商务局",
    "市燃气集团有限公司", "市人力资源和社会保障局", "中国人民银行鞍山中心支行", "市减轻企业负担工作领导小组办公室",
]  # fmt: skip


def roles(block: str) -> list[tuple[str, str]]:
    """The names and roles of a block's content."""
    return [
        (block[n.start : n.end], n.role.value) for n in read_list(block, 0, len(block), Role.RESPONSIBLE, "bracket")
    ]


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (  # 鞍山 二.2
            "责任单位：市市场监管局、市发展改革委，各县（市）区政府、各开发区管委会",
            {"responsible": ["市市场监管局", "市发展改革委", "各县（市）区政府", "各开发区管委会"]},
        ),
        (  # 湖北
            "责任单位：省农业农村厅、省财政厅，各市、州、县人民政府",
            {"responsible": ["省农业农村厅", "省财政厅", "各市、州、县人民政府"]},
        ),
        (  # 安徽 5
            "省商务厅牵头，省发展改革委、省外汇管理局按职责分工配合",
            {"lead": ["省商务厅"], "support": ["省发展改革委", "省外汇管理局"]},
        ),
        (  # 安徽 10: 牵头单位 here ends a name
            "省商务厅牵头，省十大新兴产业推进组工作专班牵头单位按职责分工负责",
            {"lead": ["省商务厅"], "each": ["省十大新兴产业推进组工作专班牵头单位"]},
        ),
        (  # 济宁 1
            "责任单位：市工业和信息化局、市商务局等分别落实。各县市区政府、功能区管委会",
            {"each": ["市工业和信息化局", "市商务局"], "responsible": ["各县市区政府", "功能区管委会"]},
        ),
        (  # 国发〔2018〕39号
            "人力资源社会保障部、财政部负责。列第一位者为牵头单位，下同",
            {"lead": ["人力资源社会保障部"], "responsible": ["财政部"]},
        ),
        (
            "人力资源社会保障部、科技部，各省级人民政府按职责分工负责",
            {"each": ["人力资源社会保障部", "科技部", "各省级人民政府"]},
        ),
        ("人力资源社会保障部等有关部门和单位负责", {"responsible": ["人力资源社会保障部", "有关部门和单位"]}),
        (
            "发展改革委牵头，国务院相关部门及各地区按职责分工负责",
            {"lead": ["发展改革委"], "each": ["国务院相关部门", "各地区"]},
        ),
        (
            "牵头单位：市财政局；责任单位：市商务局；配合单位：各区县",
            {"lead": ["市财政局"], "responsible": ["市商务局"], "support": ["各区县"]},
        ),
        (
            "自然资源部会同住房城乡建设部、税务总局负责",
            {"responsible": ["自然资源部"], "support": ["住房城乡建设部", "税务总局"]},
        ),
        (  # the part stands in brackets behind a name, before a comma or a mark
            "责任单位：市交通运输局（牵头），市住房城乡建设局、市卫生健康委，市交投集团",
            {"lead": ["市交通运输局"], "responsible": ["市住房城乡建设局", "市卫生健康委", "市交投集团"]},
        ),
        (
            "市商务局（主办单位）；市财政局（协办）、市税务局（配合）、市公安局（负责）",
            {"lead": ["市商务局"], "support": ["市财政局", "市税务局"], "responsible": ["市公安局"]},
        ),
        (  # before a name it holds for those behind it too
            "责任单位：（牵头）市商务局，（配合）市财政局、市税务局",
            {"lead": ["市商务局"], "support": ["市财政局", "市税务局"]},
        ),
        ("（牵头）", {}),
        ("市财政局牵头市税务局配合", {"lead": ["市财政局"], "support": ["市税务局"]}),
        ("市交通委（市道运局）、市公安局", {"responsible": ["市交通委（市道运局）", "市公安局"]}),
        (  # 重庆 三.一
            "市乡村振兴局、17个市级帮扶集团牵头单位和各对口协同发展区县（自治县，以下简称区县）政府具体负责",
            {
                "responsible": [
                    "市乡村振兴局",
                    "17个市级帮扶集团牵头单位",
                    "各对口协同发展区县（自治县，以下简称区县）政府",
                ]
            },
        ),
        ("发展改革委、国家能源局牵头，5月底前完成", {"lead": ["发展改革委", "国家能源局"]}),
        ("国务院各部门分别负责，年内持续推进", {"each": ["国务院各部门"]}),
        (
            "省委组织部、市人力资源和社会保障局和市教育局",
            {"responsible": ["省委组织部", "市人力资源和社会保障局", "市教育局"]},
        ),
        ("省直有关部门和各市、县（市、区）人民政府配合", {"support": ["省直有关部门", "各市、县（市、区）人民政府"]}),
    ],
)
def test_a_list_is_taken_apart_with_its_roles(block: str, expected: dict[str, list[str]]) -> None:
    found: dict[str, list[str]] = {}
    for name, role in roles(block):
        found.setdefault(role, []).append(name)
    assert found == expected


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("推进改革。（责任单位：市财政局）", "责任单位：市财政局"),
        ("推进改革。（市营商局（市行政审批局）牵头）", "市营商局（市行政审批局）牵头"),
        ("推进改革。（市财政局、市商务局）", "市财政局、市商务局"),
        ("推进改革。责任单位：市财政局、市商务局。", "责任单位：市财政局、市商务局"),
        ("推进改革。（责任单位：市财政局", "责任单位：市财政局"),  # the closing bracket was lost
    ],
)
def test_a_block_is_found_in_running_text(text: str, inner: str) -> None:
    assert [text[b.inner_start : b.inner_end] for b in blocks_in(text)] == [inner]


@pytest.mark.parametrize(
    "text",
    [
        "引导金融机构（含农商行）加大投放。",
        "运用贷款市场报价利率（LPR）。",
        "单户担保金额（500万元以下）不超过1%。",
        "本级政府（以下简称市政府）统筹。",
        "超过100人的企业（达到8%）。",
    ],
)
def test_an_ordinary_bracket_is_no_block(text: str) -> None:
    assert blocks_in(text) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("市财政局", NameKind.UNIT),
        ("国网鞍山供电公司", NameKind.UNIT),
        ("各县〔市〕区政府", NameKind.GROUP),
        ("各市、州、县人民政府", NameKind.GROUP),
        ("市根治拖欠农民工工资领导小组成员单位", NameKind.GROUP),
        ("辖区金融机构", NameKind.GROUP),
        ("各有关部门", NameKind.COLLECTIVE),
        ("市直有关部门", NameKind.COLLECTIVE),
        ("有关部门和单位", NameKind.COLLECTIVE),
    ],
)
def test_bodies_groups_and_collectives_are_told_apart(name: str, kind: NameKind) -> None:
    assert kind_of(name) is kind


@pytest.mark.parametrize(
    ("a", "b"),
    [("市市场监管局〔市知识产权局〕", "市市场监管局(市知识产权局)"), ("市财 政局", "市财政局"), ("ＡＢ公司", "AB公司")],
)
def test_one_name_in_two_widths_has_one_key(a: str, b: str) -> None:
    assert normalise(a) == normalise(b)


@pytest.mark.parametrize(
    ("name", "best"),
    [
        ("市国资委", "市政府国有资产监督管理委员会"),
        ("市工信局", "市工业和信息化局"),
        ("市市场监管局", "市市场监督管理局"),
        ("市人社局", "市人力资源和社会保障局"),
        ("人民银行鞍山市中心支行", "中国人民银行鞍山中心支行"),
        ("燃气集团", "市燃气集团有限公司"),
        ("市减负办", "市减轻企业负担工作领导小组办公室"),
    ],
)
def test_the_nearest_known_name_comes_first(name: str, best: str) -> None:
    assert nearest(name, KNOWN)[0] == best


def test_no_more_names_are_offered_than_asked_for() -> None:
    assert len(nearest("市财政局", KNOWN, limit=1)) == 1
    assert nearest("完全无关的词", KNOWN) == []


@pytest.mark.parametrize(
    ("named", "printed", "same"),
    [
        ("燃气集团", "市燃气集团有限公司", True),
        ("国资委", "市政府国有资产监督管理委员会", True),
        ("市知识产权局", "市市场监管局〔市知识产权局〕", True),
        ("市税务局", "国家税务总局鞍山市税务局", True),
        ("市财政局", "省财政厅", False),
        ("市财政局", "市商务局", False),
        ("", "市商务局", False),
    ],
)
def test_a_sentence_may_name_a_unit_shortly(named: str, printed: str, same: bool) -> None:
    assert same_body(named, printed) is same


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("新增就业900人（县人社局）；新建学校2所（县教育局、县住建局）。", ["县人社局", "县教育局、县住建局"]),
        (
            "压实责任（责任单位：市甲局，各县区。以下措施均需各县区落实）。",
            ["责任单位：市甲局，各县区。以下措施均需各县区落实"],
        ),
        ("报区督查组（办公室设在区府办督查室，联系电话：80000000）。", []),
        ("由市营商局（市行政审批局）；其他事项照旧。", []),
    ],
)
def test_a_bracket_with_nothing_but_bodies_closes_its_clause(text: str, inner: list[str]) -> None:
    assert [text[b.inner_start : b.inner_end] for b in blocks_in(text)] == inner


def test_a_remark_behind_the_list_names_nobody() -> None:
    found = [
        name
        for name, _ in roles("责任单位：市甲局、市乙局，各县区政府。以下措施均需各县区政府、园区管委会落实，不再列出")
    ]
    assert found == ["市甲局", "市乙局", "各县区政府"]


def test_a_cell_that_says_nobody_names_nobody() -> None:
    assert roles("无") == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("由县政府办公室在5个工作日内下发通知。", ["县政府办公室"]),
        ("教育、财政部门在核定总量时要予以倾斜。", ["教育、财政部门"]),
        ("各地各校要制定方案。", ["各地", "各校"]),
        ("市（州）教育局汇总后于9月20日前报省教育厅。", ["市（州）教育局"]),
    ],
)
def test_more_subjects_of_duties(text: str, names: list[str]) -> None:
    found = [text[n.start : n.end] for charge in charges_in(text, 0, len(text)) for n in charge.names]
    assert found == names
