"""The floors of branch coverage: what is below one, has none, or has one that is too low is said."""

import tomllib

from tests.proofs.__main__ import FLOORS, LEAST, below, packages


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
