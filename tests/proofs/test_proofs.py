"""The long proofs: a package below its floor of coverage is named, and nothing that is long lies outside of them."""

import tomllib
from pathlib import Path

from config import ROOT
from tests.proofs.__main__ import FLOORS, LEAST, LONG, WITH_PROPERTIES, below, packages


def file(covered: int, of: int) -> dict[str, dict[str, int]]:
    return {"summary": {"covered_lines": covered, "num_statements": of, "covered_branches": 1, "num_branches": 2}}


def test_lines_and_branches_of_a_package_count_together() -> None:
    report = {
        "files": {"tracker/web/a.py": file(9, 10), "tracker/web/kit/b.py": file(8, 8), "tracker/app.py": file(1, 2)}
    }
    assert packages(report) == {"tracker": 50.0, "tracker/web": 100 * 19 / 22}


def test_what_falls_below_its_floor_or_has_none_is_named() -> None:
    wrong = below(
        {"tracker/web": 91.0, "tracker/cli": 95.0, "tracker/new": 99.0}, {"tracker/web": 92, "tracker/cli": 80}
    )
    assert [line.split(":")[0] for line in wrong] == ["tracker/new", "tracker/cli", "tracker/web"]


def test_no_package_has_a_floor_below_ninety() -> None:
    floors = tomllib.loads(FLOORS.read_text("utf-8"))["floors"]
    assert {package: floor for package, floor in floors.items() if floor < LEAST} == {}


def test_whatever_tries_a_property_takes_the_cases_of_the_long_proofs_there() -> None:
    """A property whose file is not named would be tried with few cases for ever, one without `examples` anywhere."""
    saying = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if "max_examples=examples(" in path.read_text("utf-8") and path.name != Path(__file__).name
    }
    assert saying == set(WITH_PROPERTIES)


def test_every_long_test_lies_where_a_part_of_the_proofs_runs_it() -> None:
    folders = tuple(f"{folder}/" for part in LONG.values() for folder in part)
    long = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if "mark.long" in path.read_text("utf-8") and path.name != Path(__file__).name
    ]
    assert long
    assert [name for name in long if not name.startswith(folders)] == []
