"""A reading is printed for machines and for people, and two plans are told to be nearly one."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import tracker.reading
from tests.kit.unmeasured import environment
from tests.reading.scoring import reading_of
from tracker.reading.comparison import agreement
from tracker.reading.extraction import read
from tracker.reading.names.contacts import contacts_of
from tracker.reading.rendering import as_json, as_table, width
from tracker.reading.restoring import measures_of

MEASURE_FIELDS = {"key", "section", "title", "text", "span", "items"}
ITEM_FIELDS = {"text", "span", "assignments", "beneficiaries", "contacts", "deadlines", "vague"}
DEADLINE_FIELDS = {
    "quote", "kind", "sense", "trigger", "amount", "unit", "date", "date_from", "rrule", "party", "act", "bound",
    "direction", "counts_as", "by", "extendable_to", "span", "confidence", "found_by",
}  # fmt: skip


def test_json_has_the_fields_of_the_schema_and_survives_a_round_trip() -> None:
    printed = as_json(reading_of("anshan-burden-relief-measures.txt"))
    assert json.loads(json.dumps(printed, ensure_ascii=False)) == printed
    assert set(printed) == {"plans", "questions", "unassigned"}
    plan = printed["plans"][0]
    assert {"plan", "jurisdiction", "doc_no", "issued_on", "effective_on", "expires_on", "measures"} <= set(plan)
    measure = next(one for one in plan["measures"] if one["key"] == "四.2")
    assert set(measure) == MEASURE_FIELDS
    assert set(measure["items"][0]) == ITEM_FIELDS
    assert set(measure["items"][0]["deadlines"][0]) >= DEADLINE_FIELDS
    assert measure["items"][0]["assignments"][0]["role"] == "responsible"


@pytest.mark.parametrize(
    "name",
    ["anshan-burden-relief-measures.txt", "yangquan-chengqu-relief-measures.txt", "fukang-implementation-plan.txt"],
)
def test_what_another_process_printed_is_made_again_value_by_value(name: str) -> None:
    reading = reading_of(name)
    printed = json.loads(json.dumps(as_json(reading), ensure_ascii=False))
    assert measures_of(printed) == tuple(one for plan in reading.plans for one in plan.measures)


def test_dates_are_printed_as_iso_days() -> None:
    plan = as_json(reading_of("yangquan-chengqu-relief-measures.txt"))["plans"][0]
    assert (plan["issued_on"], plan["effective_on"], plan["expires_on"]) == ("2023-02-10", "2023-02-10", "2025-12-31")


def test_the_table_names_every_measure_unit_and_limit() -> None:
    reading = reading_of("anshan-burden-relief-measures.txt")
    table = as_table(reading)
    for measure in reading.plans[0].measures:
        assert f"{measure.key} " in table
    assert "市燃气集团有限公司[责任单位]" in table
    assert "自正式受理之日起3个工作日内 → 3个工作日" in table
    assert "每月25日 → FREQ=MONTHLY;BYMONTHDAY=25" in table


def test_columns_line_up_although_chinese_characters_are_wide() -> None:
    assert width("措施abc") == 7
    plan = read("某市若干措施\n1.推进。（市甲局）\n2.落实工作abc。（市乙局）\n")
    rows = [line for line in as_table(plan).splitlines() if line[:1].isdigit()]
    starts = {width(row[: row.index(unit)]) for row, unit in zip(rows, ("市甲局[", "市乙局["), strict=True)}
    assert len(starts) == 1


def test_a_plan_printed_again_in_a_compilation_is_told() -> None:
    alone = [measure.text for measure in reading_of("anshan-burden-relief-measures.txt").plans[0].measures]
    plans = reading_of("anshan-policy-compilation.txt").plans
    shares = [agreement(alone, [measure.text for measure in plan.measures]) for plan in plans]
    assert shares[3] > 0.95
    assert max(shares[:3] + shares[4:]) < 0.1


def test_agreement_is_a_share_of_the_longer_plan() -> None:
    one, other = "加强对转供电环节收费监督管理", "设立胜诉退费专项资金用于退费"
    assert agreement([one, other], [one, other]) == 1.0
    assert agreement([one], [one, other]) == 0.5
    assert agreement([one], [other]) == 0.0
    assert agreement([], []) == 0.0


@pytest.mark.parametrize(
    ("people", "phones", "expected"),
    [
        (["市税务局所得税科科长 冯东"], ["5554956"], [("市税务局", "所得税科科长", "冯东", ("5554956",))]),
        (["市商务局外联综合科科长 华 爽"], ["2288057"], [("市商务局", "外联综合科科长", "华爽", ("2288057",))]),
        (["市财政局政府采购科科长于立山"], ["2248236"], [("市财政局", "政府采购科科长", "于立山", ("2248236",))]),
        (["石冶"], ["5591121（电话）；5591085（传真）"], [("市营商局", None, "石冶", ("5591121", "5591085（传真）"))]),
        (["市局科长 甲乙"], ["电话 5583566；传真 5535542"], [("市局", "科长", "甲乙", ("5583566", "5535542（传真）"))]),
        ([], ["0994-3231173"], [("市营商局", None, None, ("0994-3231173",))]),
        ([], [], []),
    ],
)
def test_people_and_numbers_are_kept_as_printed(
    people: list[str], phones: list[str], expected: list[tuple[object, ...]]
) -> None:
    assert [(c.unit, c.post, c.name, c.phones) for c in contacts_of(people, phones, ["市营商局"])] == expected


FOLDER = Path(tracker.reading.__file__).parent


def test_the_code_knows_no_place() -> None:
    places = ("鞍山", "阳泉", "阜康", "济宁", "安徽", "重庆", "广西", "湖北", "辽宁", "山西", "合肥")
    for path in FOLDER.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        documented = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
                assert not any(place in node.value for place in places), (path.name, node.value)


def test_reading_needs_no_framework_and_starts_cheaply() -> None:
    script = (
        "import sys, time; started = time.process_time(); import tracker.reading.extraction, tracker.reading.rendering;"
        "print(time.process_time() - started);"
        "print([name for name in ('flask', 'sqlalchemy', 'apscheduler', 'sqlite3') if name in sys.modules])"
    )
    seconds, loaded = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=FOLDER.parents[1],
        env=environment(),
    ).stdout.splitlines()
    assert loaded == "[]"
    assert float(seconds) < 1.0
