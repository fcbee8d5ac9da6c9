"""Two editions side by side: which measure is which, and word by word what differs."""

import pytest

from tests.kit import cpu
from tracker.reading.pairing import ChangeKind, Limit, Passage, RoleChange, limit_pairs, match, role_changes, wording

LEDGER = "建立清欠台账，2026年6月底前完成清欠，每季度公布一次进展情况。"
CLUES = "对投诉线索，自正式受理之日起3个工作日内转办，并跟踪办理结果。"
TRAINING = "开展窗口人员业务培训，提升帮办代办能力。"


def at(key: str, text: str, section: str | None = "一、清理账款") -> Passage:
    return Passage(key, section, text)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ([at("1", LEDGER)], [at("1", LEDGER)], [(0, 0, "same")]),
        ([at("1", LEDGER)], [at("2", LEDGER)], [(0, 0, "moved")]),
        ([at("1", LEDGER)], [at("1", LEDGER, "二、规范收费")], [(0, 0, "moved")]),
        ([at("1", LEDGER)], [at("1", LEDGER.replace("，", ",").replace("台账", "台 账"))], [(0, 0, "same")]),
        ([at("1", LEDGER)], [at("1", LEDGER.replace("6月", "8月"))], [(0, 0, "reworded")]),
        ([at("1", LEDGER)], [at("5", LEDGER.replace("每季度", "每月"))], [(0, 0, "reworded")]),
        ([at("1", LEDGER)], [at("1", TRAINING)], [(0, None, "gone"), (None, 0, "new")]),
        ([], [at("1", LEDGER)], [(None, 0, "new")]),
        ([at("1", LEDGER)], [], [(0, None, "gone")]),
        ([], [], []),
        # Two that change places are two moves, not two rewordings.
        ([at("1", LEDGER), at("2", CLUES)], [at("1", CLUES), at("2", LEDGER)], [(1, 0, "moved"), (0, 1, "moved")]),
        # A measure put in front moves the rest.
        ([at("1", LEDGER), at("2", CLUES)], [at("1", TRAINING), at("2", LEDGER), at("3", CLUES)],
         [(None, 0, "new"), (0, 1, "moved"), (1, 2, "moved")]),
        # Of two alike words the one at the same place is the same.
        ([at("1", LEDGER), at("2", LEDGER)], [at("2", LEDGER), at("3", LEDGER)], [(1, 0, "same"), (0, 1, "moved")]),
        # The more alike pair is taken first, whatever the order.
        ([at("1", LEDGER)],
         [at("1", LEDGER.replace("2026年6月底前完成清欠", "尽快清偿")), at("2", LEDGER.replace("6月", "7月"))],
         [(None, 0, "new"), (0, 1, "reworded")]),
        # What is gone stands after its old neighbour.
        ([at("1", LEDGER), at("2", TRAINING), at("3", CLUES)], [at("1", LEDGER), at("2", CLUES)],
         [(0, 0, "same"), (1, None, "gone"), (2, 1, "moved")]),
        # At its place a measure may be rewritten further and still be itself.
        ([at("1", "建立清欠台账，定期公布进展。")], [at("1", "建立清欠台账，逐笔核对，落实还款来源。")],
         [(0, 0, "reworded")]),
    ],
)  # fmt: skip
def test_measures_are_paired_and_told_apart(
    old: list[Passage], new: list[Passage], found: list[tuple[int | None, int | None, str]]
) -> None:
    assert [(m.old, m.new, m.kind) for m in match(old, new)] == [(a, b, ChangeKind(k)) for a, b, k in found]


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("6月底前完成", "8月底前完成", "-6|+8|月底前完成"),
        ("2026年12月底前", "2027年6月底前", "-2026年12|+2027年6|月底前"),
        ("公布进展。", "公布进展。", "公布进展。"),
        ("", "新增", "+新增"),
        ("取消", "", "-取消"),
        ("由市财政局负责", "由市教育局负责", "由市|-财政|+教育|局负责"),
        ("提升帮办代办能力", "提升帮办和代办能力", "提升帮办|+和|代办能力"),
        # One character left between two changes goes with them.
        ("加快推进改革", "加大推广改革", "加|-快推进|+大推广|改革"),
    ],
)
def test_differing_words_are_marked(old: str, new: str, marked: str) -> None:
    pieces = wording(old, new)
    signs = {"kept": "", "removed": "-", "added": "+"}
    assert "|".join(signs[p.sort] + p.text for p in pieces) == marked
    assert "".join(p.text for p in pieces if p.sort != "removed") == new
    assert "".join(p.text for p in pieces if p.sort != "added") == old


def test_long_texts_are_compared_at_bounded_cost() -> None:
    old = "".join(f"第{n}项措施由第{n % 7}个单位落实，" for n in range(3000))
    new = old.replace("第5项", "第五项")
    with cpu.at_most(5):
        pieces = wording(old, new)
    assert "".join(p.text for p in pieces if p.sort != "removed") == new


def test_units_added_removed_and_with_another_role() -> None:
    old = [("市工信局", "lead"), ("市财政局", "support"), ("市住建局", "support")]
    new = [("市工信局", "support"), ("市住建局", "support"), ("市教育局", "lead")]
    assert role_changes(old, new) == [
        RoleChange("市工信局", "lead", "support"),
        RoleChange("市财政局", "support", None),
        RoleChange("市教育局", None, "lead"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ([Limit("absolute", 6, "公布")], [Limit("absolute", 6, "公布")], [(0, 0)]),
        ([Limit("absolute", 6, "公布")], [Limit("absolute", 8, "公布")], [(0, 0)]),
        ([Limit("absolute", 6)], [Limit("recurring", 6)], [(None, 0), (0, None)]),
        # By the act they are about, before the order they stand in.
        ([Limit("absolute", 6, "公布"), Limit("absolute", 9, "验收")],
         [Limit("absolute", 10, "验收"), Limit("absolute", 8, "公布")], [(1, 0), (0, 1)]),
        # An equal one is never taken for a changed one.
        ([Limit("absolute", 6, ""), Limit("absolute", 9, "")], [Limit("absolute", 9, "")], [(1, 0), (0, None)]),
        ([], [Limit("absolute", 9, "")], [(None, 0)]),
    ],
)  # fmt: skip
def test_time_limits_are_paired(old: list[Limit], new: list[Limit], pairs: list[tuple[int | None, int | None]]) -> None:
    assert limit_pairs(old, new) == pairs
