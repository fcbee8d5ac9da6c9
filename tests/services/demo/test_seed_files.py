"""The seed files of responsible units (责任单位): well formed, unambiguous, and complete for the printed names."""

import json
import re
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import config
from tests.kit.notices import XINJIANG_2025
from tracker.clock.notices import Mark, read_notice
from tracker.reading.extraction import read
from tracker.reading.names.likeness import kind_of, nearest, normalise
from tracker.reading.plan import NameKind
from tracker.services.case_types.checks import check
from tracker.services.case_types.seeds import shipped

ROOT = config.ROOT
SEEDS = sorted((ROOT / "seeds").glob("*.toml"))
DOCUMENTS = sorted((ROOT / "seeds" / "documents").glob("*.txt"))
GOLD = ROOT / "tests" / "reading" / "gold"
KINDS = {
    "department",
    "party",
    "court",
    "county",
    "zone",
    "enterprise",
    "bank",
    "institution",
    "office",
    "group_office",
    "township",
}

# Left out of the registry so that a first import shows how an unknown name is proposed and confirmed.
DELIBERATELY_UNKNOWN = {"鞍山市": {"市国资委"}}

# Means other bodies in every plan (here the eight trade groups of one campaign), so a person answers each time.
CHANGING = {"鞍山市": {"各小组", "指挥部"}}

# Whom two plans in prose charge by their part in a campaign: leaders, groups and offices that no registry holds.
CAMPAIGN = {
    "鞍山市": """
        市级领导 县区领导 市直行业部门领导 各级干部 各级包保领导 乡镇一级 各小组 每个行动组 指挥部 指挥部办公室 办公室
        专门部门 公共就业服务机构 省人社厅 省财政局 省税务局
    """
}

# Copied by hand before these two plans had an annotation.
PRINTED = {
    "阜康市": """
        市卫健委 市市监局 市发改委 市住建局 市财政局 国网阜康供电公司 市税务局 市财政局(金融办) 市人社局
        天池管委会 产业园管委会 各乡镇(街道) 中国人民银行阜康市支行 市商务工信局 市文旅局 市交通运输局
        市城市管理局 市公安局 市政务服务中心 政府办公室 市司法局 各乡镇、街道 各有关部门
    """,
    "济宁市": """
        市工业和信息化局 市发展改革委 市商务局 各县市区政府 功能区管委会 市人力资源社会保障局 市交通运输局
        市财政局 市税务局 市教育局 市国资委 市公安局 市地方金融监管局 人民银行济宁市中心支行 济宁银保监分局
        市应急管理局 市直有关部门 市行政审批服务局 市大数据中心 市市场监管局 市司法局 市民政局 市工商联
        市住房城乡建设局
    """,
}


def load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def entries(seed: dict[str, Any]) -> list[dict[str, Any]]:
    return [*seed["unit"], *seed["group"]]


def printed_forms(seed: dict[str, Any]) -> list[str]:
    return [name for entry in entries(seed) for name in (entry["name"], *entry["aliases"])]


def unresolved(seed: dict[str, Any], names: set[str]) -> set[str]:
    """Names that neither the registry nor, for a collective name, the supervisor answers."""
    known = {normalise(form) for form in printed_forms(seed)}
    return {n for n in names if normalise(n) not in known and kind_of(n) is not NameKind.COLLECTIVE}


def gold_names() -> dict[str, set[str]]:
    """Jurisdiction -> the units its gold annotations print."""
    names: dict[str, set[str]] = {}
    for path in sorted(GOLD.glob("*.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        for plan in gold.get("plans", [gold]):
            place = names.setdefault(plan["jurisdiction"], set())
            for measure in plan["measures"]:
                for item in measure["items"]:
                    place.update(a["unit"] for a in item["assignments"])
                    place.update(c["unit"] for c in item["contacts"] if c.get("unit"))
    return names


@pytest.fixture(params=SEEDS, ids=lambda path: path.stem)
def seed(request: pytest.FixtureRequest) -> dict[str, Any]:
    return load(request.param)


def test_there_is_a_seed_file_for_every_place_of_the_five_documents():
    assert {load(path)["jurisdiction"]["name"] for path in SEEDS} >= {"鞍山市", "阳泉市城区", "阜康市", "济宁市"}


def test_a_jurisdiction_has_its_division_code_level_and_parent(seed):
    place = seed["jurisdiction"]
    assert set(place) == {"code", "name", "level", "parent"}
    assert re.fullmatch(r"\d{6}", place["code"])
    assert place["level"] in {"province", "city", "county"}
    assert place["name"]
    assert place["parent"]


def test_division_codes_differ_between_files():
    codes = Counter(load(path)["jurisdiction"]["code"] for path in SEEDS)
    assert [code for code, times in codes.items() if times > 1] == []


def test_every_unit_has_the_required_fields_and_no_others(seed):
    required = {"code", "name", "kind", "aliases", "email"}
    for unit in seed["unit"]:
        assert required <= set(unit) <= required | {"phone", "supervises"}, unit
        assert unit["kind"] in KINDS, unit
        assert re.fullmatch(r"[a-z][a-z0-9_]*", unit["code"]), unit


def test_every_group_has_the_required_fields_and_no_others(seed):
    for group in seed["group"]:
        assert set(group) == {"name", "aliases", "members"}, group


def test_unit_codes_are_unique(seed):
    codes = Counter(unit["code"] for unit in seed["unit"])
    assert [code for code, times in codes.items() if times > 1] == []


def test_names_and_aliases_of_units_and_groups_are_unique_after_normalisation(seed):
    forms = Counter(normalise(form) for form in printed_forms(seed))
    assert [form for form, times in forms.items() if times > 1] == []


def test_no_name_in_the_registry_is_a_collective_one(seed):
    assert [form for form in printed_forms(seed) if kind_of(form) is NameKind.COLLECTIVE] == []


def test_group_members_exist_and_are_named_once(seed):
    codes = {unit["code"] for unit in seed["unit"]}
    for group in seed["group"]:
        members = group["members"]
        assert members, group["name"]
        assert set(members) <= codes, group["name"]
        assert len(members) == len(set(members)), group["name"]


def test_addresses_can_reach_nobody(seed):
    for unit in seed["unit"]:
        assert re.fullmatch(r"[a-z0-9_.-]+@[a-z0-9-]+\.example", unit["email"]), unit
        assert re.fullmatch(r"0\d{3}-555-01\d\d", unit.get("phone", "0000-555-0100")), unit


def test_addresses_differ_between_units(seed):
    emails = Counter(unit["email"] for unit in seed["unit"])
    assert [email for email, times in emails.items() if times > 1] == []


def test_exactly_one_unit_supervises(seed):
    assert [unit.get("supervises") for unit in seed["unit"] if "supervises" in unit] == [True]


def test_every_local_day_off_has_a_festival_a_document_and_days_in_order_named_once(seed):
    days = [on for entry in seed.get("calendar", []) for on in entry["on"]]
    for entry in seed.get("calendar", []):
        assert set(entry) == {"name", "on", "source"}, entry
        assert entry["name"], entry
        assert entry["source"], entry
        assert all(type(on) is date for on in entry["on"]), entry
    assert days == sorted(set(days))


def test_the_days_off_of_xinjiang_are_those_of_its_own_notice_of_2025():
    own = read_notice(XINJIANG_2025).days
    printed = {on: said.name for on, said in own.items() if said.mark is Mark.ADDED}
    seeded = {on: entry["name"] for entry in load(ROOT / "seeds" / "fukang.toml")["calendar"] for on in entry["on"]}
    assert {on: name for on, name in seeded.items() if on.year == 2025} == printed


def test_every_unit_of_the_gold_annotations_resolves_or_is_collective_or_is_the_one_deliberate_unknown(seed):
    place = seed["jurisdiction"]["name"]
    unknown = unresolved(seed, gold_names().get(place, set())) - set(CAMPAIGN.get(place, "").split())
    assert unknown == DELIBERATELY_UNKNOWN.get(place, set())


def test_every_name_copied_from_the_plans_without_annotation_resolves_or_is_collective(seed):
    assert unresolved(seed, set(PRINTED.get(seed["jurisdiction"]["name"], "").split())) == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_nearly_every_name_the_reader_finds_in_a_document_resolves_or_is_collective_or_left_out_on_purpose(document):
    (place,) = [load(path) for path in SEEDS if document.stem.startswith(path.stem)]
    reading = read(document.read_text(encoding="utf-8-sig"))
    measures = [measure for plan in reading.plans for measure in plan.measures]
    assigned = [a for measure in measures for item in measure.items for a in item.assignments]
    names = {a.unit for a in assigned}
    listed = {a.unit for a in assigned if a.found_by in ("label", "bracket", "unit first", "table", "section")}
    left_out = DELIBERATELY_UNKNOWN.get(place["jurisdiction"]["name"], set())
    left_out = left_out | CHANGING.get(place["jurisdiction"]["name"], set())
    assert names, "the reader found no unit at all"
    # Prose charges bodies that stand in no registry (县区领导); of a printed list there are a few, never many.
    unknown = unresolved(place, names) - left_out
    assert len(unknown & listed) <= 0.04 * len(listed), unknown & listed
    assert len(unknown) <= 0.15 * len(names), unknown


@pytest.mark.parametrize(("place", "unknown", "official"), [("anshan", "市国资委", "市政府国有资产监督管理委员会")])
def test_the_deliberate_unknown_is_nearest_to_its_own_body(place, unknown, official):
    known = load(ROOT / "seeds" / f"{place}.toml")["unit"]
    units = {form: unit["name"] for unit in known for form in (unit["name"], *unit["aliases"])}
    best, *_ = nearest(unknown, units)
    assert units[best] == official


# --- Case types (办件类型) --------------------------------------------------------------------------------------------

TYPES = sorted((ROOT / "seeds" / "case-types").glob("*.toml"))
PLACES = sorted(load(path)["jurisdiction"]["code"] for path in SEEDS)


def limits(step: dict[str, Any]) -> list[dict[str, Any]]:
    given = [step.get("limit"), step.get("statute"), *step.get("promises", {}).values()]
    return [limit for limit in given if limit is not None]


@pytest.fixture(params=TYPES, ids=lambda path: path.stem)
def case_type(request: pytest.FixtureRequest) -> dict[str, Any]:
    return load(request.param)


def test_the_six_case_types_are_shipped_each_under_its_own_code():
    assert {path.stem for path in TYPES} == {
        "payment-complaint",
        "bid-bond",
        "quality-bond",
        "wage-bond",
        "hotline-order",
        "credit-repair",
    }
    assert [load(path)["code"] for path in TYPES] == [path.stem for path in TYPES]
    names = Counter(load(path)["name"] for path in TYPES)
    assert [name for name, times in names.items() if times > 1] == []


def test_a_case_type_file_says_at_its_head_what_it_rests_on():
    for path in TYPES:
        head = path.read_text(encoding="utf-8").split("\n\n")[0].splitlines()
        assert len(head) >= 3, path.stem
        assert all(line.startswith("# ") and len(line) <= 120 for line in head), path.stem


def test_every_limit_of_a_case_type_cites_its_article_or_document(case_type):
    found = [limit for step in case_type["step"] for limit in limits(step)]
    assert found
    for limit in found:
        assert re.search(r"\d$", limit["article"]), limit


def test_a_case_type_has_the_fields_the_loader_reads_and_no_others(case_type):
    assert {"code", "name", "event", "step"} <= set(case_type) <= {"code", "name", "event", "step", "note", "home"}
    required = {"key", "name", "kind", "starts"}
    more = {"after", "bound", "optional", "variant", "limit", "statute", "promises"}
    counted = {"amount", "unit", "sense", "rrule", "article", "extend_amount", "extend_unit", "quote"}
    for step in case_type["step"]:
        assert required <= set(step) <= required | more, step
        for limit in limits(step):
            assert set(limit) <= counted, limit


def test_a_case_types_places_are_seeded_ones(case_type):
    named = {place for step in case_type["step"] for place in step.get("promises", {})}
    assert named | ({case_type["home"]} if "home" in case_type else set()) <= set(PLACES)


@pytest.mark.parametrize("place", PLACES)
def test_a_case_type_can_be_run_in_every_place(case_type, place):
    check(shipped(case_type, place))


def test_a_promise_printed_in_a_place_is_quoted_from_its_document():
    (promise,) = [p for path in TYPES for step in load(path)["step"] for p in step.get("promises", {}).values()]
    text = (ROOT / "seeds" / "documents" / "anshan-burden-relief-measures.txt").read_text(encoding="utf-8-sig")
    assert promise["quote"] in text
