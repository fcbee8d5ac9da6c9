"""The long proofs (`make prove`): named parts one after another, each with its time; one that fails fails all.

What is long by nature bears the marker `long` and is left out of `make test`.  Branch coverage is measured of
everything else, on SQLite alone: the same lines run on PostgreSQL, and would only be counted twice.  What runs in
processes of its own (the readers in their sandbox, serve and worker) is seen as well: `[tool.coverage.run]`.
"""

import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from config import ROOT
from tests.kit.lengths import TIMES

FLOORS = Path(__file__).with_name("floors.toml")
LEAST = 90  # percent: no package may have a floor below it
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal", "-p", "no:cacheprovider"]


def run(command: list[str], **environ: str) -> bool:
    """Run a part in the checkout; its own output is its report."""
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environ}, check=False).returncode == 0


def long(*folders: str) -> Callable[[], bool]:
    return lambda: run([*PYTEST, "-m", "long", *folders])


def packages(report: Mapping[str, Mapping[str, Mapping[str, Mapping[str, int]]]]) -> dict[str, float]:
    """Return the branch coverage of each package of tracker/, in percent: lines and branches together, as coverage
    itself counts them; modules that lie in no package are `tracker`.
    """
    seen: dict[str, list[int]] = {}
    for name, file in report["files"].items():
        parts = Path(name).parts
        package = "/".join(parts[:2]) if len(parts) > 2 else parts[0]
        summary = file["summary"]
        covered, all_ = seen.setdefault(package, [0, 0])
        seen[package] = [
            covered + summary["covered_lines"] + summary["covered_branches"],
            all_ + summary["num_statements"] + summary["num_branches"],
        ]
    return {package: 100 * covered / all_ for package, (covered, all_) in sorted(seen.items()) if all_}


def below(measured: Mapping[str, float], floors: Mapping[str, float]) -> list[str]:
    """Return what is wrong with the measurement: a package below its floor, without one, or with one below 90."""
    wrong = [f"{p}: no floor in {FLOORS.name}" for p in measured if p not in floors]
    wrong += [f"{p}: its floor {floor} is below {LEAST}" for p, floor in floors.items() if floor < LEAST]
    wrong += [
        f"{p}: {measured[p]:.1f} is below {floors[p]}" for p in measured if p in floors and measured[p] < floors[p]
    ]
    return wrong


def coverage() -> bool:
    """Measure branch coverage and hold it against the floors."""
    report = ROOT / ".coverage.json"
    command = [*PYTEST, "--cov=tracker", "--cov-branch", "--cov-report=", f"--cov-report=json:{report}"]
    # Without PostgreSQL its tests are skipped, which CI=true would not allow.
    passed = run([*command, "-m", "not long"], TEST_POSTGRES_URL="", CI="", **{TIMES: "0.1"})
    measured = packages(json.loads(report.read_text("utf-8")))
    floors = tomllib.loads(FLOORS.read_text("utf-8"))["floors"]
    for package, percent in measured.items():
        click.echo(f"  {package:<24} {percent:5.1f} %   floor {floors.get(package, '-')}")
    wrong = below(measured, floors)
    for line in wrong:
        click.echo(f"  {line}")
    return passed and not wrong


def properties() -> bool:
    """Try every property with many times the cases that `make test` takes, and time for them."""
    return run([*PYTEST, "--timeout=1200", *WITH_PROPERTIES], **{TIMES: "20"})


# The tests of these that try properties say by `examples` how many cases they take.
WITH_PROPERTIES = (
    "tests/clock/test_calendar.py", "tests/clock/test_clock_properties.py", "tests/clock/test_period_ends.py",
    "tests/clock/test_recurrence.py", "tests/clock/test_resolution.py", "tests/clock/test_suspension.py",
    "tests/reading/limits/test_touched_quotes.py", "tests/reading/loss/test_coverage.py",
    "tests/reading/loss/test_missed.py", "tests/reading/loss/test_outside.py",
    "tests/reading/names/test_candidates.py", "tests/reading/names/test_names_properties.py",
    "tests/reading/tables/test_tables_fuzzed.py", "tests/reading/test_reading_properties.py",
    "tests/reading/text/test_sentences.py", "tests/rules/test_ladder.py", "tests/services/documents/test_cutting.py",
)  # fmt: skip
# What bears the marker `long`, by the folders in which it lies.
LONG = {
    "histories, mornings, figures, rounds of kills": ("tests/services", "tests/store"),
    "every form in rounds of hostile input": ("tests/web",),
    "layouts of every document": ("tests/reading",),
    "pages: a story, widths, axe": ("tests/browser",),
    "files opened by LibreOffice": ("tests/adapters",),
}
PARTS: dict[str, Callable[[], bool]] = {
    **{name: long(*folders) for name, folders in LONG.items()},
    "properties, twenty times the cases": properties,
    "branch coverage": coverage,
}


@click.command()
@click.argument("names", nargs=-1)
def main(names: tuple[str, ...]) -> None:
    """Run the parts named (or whose name begins so), else all of them."""
    chosen = {n: part for n, part in PARTS.items() if not names or any(n.startswith(given) for given in names)}
    if not chosen:
        raise click.UsageError(f"no such part; there are: {', '.join(PARTS)}")
    results: list[tuple[str, bool, float]] = []
    for name, part in chosen.items():
        click.echo(f"== {name}")
        began = time.monotonic()
        passed = part()
        results.append((name, passed, time.monotonic() - began))
        click.echo(f"== {name}: {'passed' if passed else 'FAILED'} in {results[-1][2]:.0f} s")
    click.echo("\n".join(f"{seconds:6.0f} s  {'passed' if ok else 'FAILED'}  {name}" for name, ok, seconds in results))
    sys.exit(0 if all(ok for _, ok, _ in results) else 1)


if __name__ == "__main__":
    main()
