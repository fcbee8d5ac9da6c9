"""Documents annotated by hand are read as their annotators read them."""

import pytest

from tests.reading.scoring import POLICIES, Score, gold_of, reading_of, score, text_of
from tracker.reading.plan import Plan

ANNOTATED = sorted(name for name, policy in POLICIES.items() if gold_of(name)["source"] == policy)


@pytest.fixture(scope="module", params=ANNOTATED)
def scored(request: pytest.FixtureRequest) -> Score:
    gold = gold_of(request.param)
    return score(gold, reading_of(gold["source"]))


def test_ten_annotations_are_at_hand() -> None:
    assert len(ANNOTATED) == 10


def test_every_measure_is_found_under_its_own_key(scored: Score) -> None:
    assert scored.measures.f1 >= 0.99, scored.measures.misses
    assert scored.keys.f1 >= 0.95, scored.keys.misses


def test_responsibility_blocks_are_told_apart(scored: Score) -> None:
    assert scored.items.f1 >= 0.99


def test_units_and_roles_are_those_printed(scored: Score) -> None:
    assert scored.assignments.f1 >= 0.99, scored.assignments.misses


def test_people_and_telephones_are_those_printed(scored: Score) -> None:
    assert scored.contacts.f1 >= 0.99, scored.contacts.misses


def test_deadlines_are_those_worded(scored: Score) -> None:
    assert scored.deadlines.f1 >= 0.95, scored.deadlines.misses
    assert scored.triggers.f1 >= 0.95, scored.triggers.misses
    assert scored.parties.f1 >= 0.95, scored.parties.misses
    assert scored.senses.f1 >= 0.95, scored.senses.misses


def test_what_only_looks_like_a_deadline_is_left_alone(scored: Score) -> None:
    assert len(scored.fooled) <= 0.02 * scored.distractors, scored.fooled


def test_the_five_limits_of_anshan_are_read_exactly() -> None:
    plan = reading_of("anshan-burden-relief-measures.txt").plans[0]
    read = {
        m.key: (d.kind, d.sense, d.trigger, d.amount, d.unit, d.rrule, d.party)
        for m in plan.measures
        for i in m.items
        for d in i.deadlines
    }
    assert read == {
        "三.1": ("recurring", "on", None, None, None, "FREQ=MONTHLY;BYMONTHDAY=25", "unit"),
        "四.2": ("relative", "within", "正式受理", 3, "workday", None, "unit"),
        "五.1": ("relative", "within", "签订书面合同", 5, "day", None, "other"),
        "五.2": ("relative", "within", "接到承包人返还保证金申请", 14, "day", None, "other"),
        "五.6": ("relative", "not_before", "公示", 30, "day", None, "other"),
    }


def test_the_sentence_binds_the_body_it_names() -> None:
    plan = reading_of("anshan-burden-relief-measures.txt").plans[0]
    monthly = next(d for m in plan.measures for i in m.items for d in i.deadlines if d.kind == "recurring")
    assert monthly.bound == ("燃气集团",)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("anshan-burden-relief-measures.txt", [32]),
        ("yangquan-chengqu-relief-measures.txt", [32]),
        ("jining-resumption-opinions.txt", [20]),
        ("fukang-implementation-plan.txt", [38]),
    ],
)
def test_the_number_of_measures_is_the_printed_one(name: str, counts: list[int]) -> None:
    assert [len(plan.measures) for plan in reading_of(name).plans] == counts


def test_the_compilation_holds_seven_plans() -> None:
    plans = reading_of("anshan-policy-compilation.txt").plans
    assert [len(plan.measures) for plan in plans[:4]] == [40, 27, 35, 32]
    assert [plan.title[-6:] for plan in plans] == [
        "策的工作措施",
        "》的具体措施",
        "》的具体措施",
        "担的若干措施",
        "企安商活动方案"[-6:],
        "台建设实施方案"[-6:],
        "业”工作实施方案"[-6:],
    ]


def test_fukang_numbers_run_through_and_the_closing_part_has_three_more() -> None:
    keys = [measure.key for measure in reading_of("fukang-implementation-plan.txt").plans[0].measures]
    assert keys == [*map(str, range(1, 36)), "三.一", "三.二", "三.三"]


@pytest.mark.parametrize("name", ANNOTATED)
def test_place_number_and_dates_are_read_where_they_are_printed(name: str) -> None:
    gold = gold_of(name)
    plans = reading_of(gold["source"]).plans
    plan: Plan = max(plans, key=lambda one: len({m.key for m in one.measures} & {m["key"] for m in gold["measures"]}))
    text = text_of(gold["source"])
    if gold["doc_no"] and gold["doc_no"] in text:
        assert plan.doc_no == gold["doc_no"]
    if gold["issued_on"]:
        assert plan.issued_on is not None
        assert plan.issued_on.isoformat() == gold["issued_on"]
    if gold["expires_on"]:
        assert plan.expires_on is not None
        assert plan.expires_on.isoformat() == gold["expires_on"]
    if plan.jurisdiction:
        assert plan.jurisdiction == gold["jurisdiction"]
