"""What a page costs: processor time a request over that of a page that reads and renders one row, at several sizes.

Measured in one process through WSGI, pages and floor by turns; on PostgreSQL the time of its backends is added.
Run: python benchmarks/pages.py [--large] [--at 10000,100000] [--rounds 5] [--hold 12] from the checkout;
TEST_POSTGRES_URL adds PostgreSQL.  The last line says the worst page and how it grows with ten times the rows.
"""

import argparse
import os
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any
from urllib.parse import urlencode

from flask import Flask, render_template
from jinja2 import DictLoader
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import Engine, make_url

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import config
from benchmarks.city import NOW, fill
from tests.kit.browser import sheet
from tests.kit.entered import entered
from tracker.app import create_app
from tracker.store.core.engine import Database, open_database
from tracker.store.core.schema import upgrade
from tracker.store.models import Case, Duty, Unit

# Duties, and the cases beside them.
CASES = {10_000: 5_000, 100_000: 50_000, 1_000_000: 50_000}
# What the libraries themselves allow for pages of these kinds, measured by themselves: a list by four statements
# built once, a rich page of 38 kB, a dashboard of 60 units from a tally.
LIMITS = "the libraries' own limit: list 2.7 x, rich page 5.7 x, dashboard 2.2 x"
NAV = "".join(f"<a href=/{n}>{n}</a>" for n in ("首页", "责任", "文件", "办件", "总览", "审核", "日历"))
FLOOR = {
    "base": f"<!doctype html><html lang=zh-CN><head><title>x</title></head><body><nav>{NAV}</nav>"
    "<main>{% block body %}{% endblock %}</main></body></html>",
    "row": "{% extends 'base' %}{% block body %}<h1>{{ unit.name }}</h1><p>{{ unit.email }}</p>{% endblock %}",
}
Page = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Address:
    """A page of the table: what it is called, who asks, and where."""

    name: str
    person: str
    path: str


def pages(database: Database) -> list[Address]:
    """Return the pages of the table, with rows that are there."""
    with database.read() as session:
        unit = session.scalars(select(Unit.id).where(Unit.name == "市第07局")).one()
        duty = session.scalars(select(Duty.id).where(Duty.unit_id == unit).order_by(Duty.id)).first()
        case = session.scalars(select(Case.id).where(Case.unit_id == unit).order_by(Case.id)).first()
    return [
        Address("officer's home", "officer", "/"),
        Address("duties", "supervisor", "/duties/"),
        Address("duties, officer", "officer", "/duties/"),
        Address("duties, overdue", "supervisor", "/duties/?light=late"),
        Address("duties, one document", "supervisor", "/duties/?document=3"),
        Address("duties, last page", "supervisor", "/duties/?page=1000000"),
        Address("duty", "officer", f"/duties/{duty}"),
        Address("dashboard", "supervisor", "/dashboard/"),
        Address("units", "supervisor", "/dashboard/units"),
        Address("documents", "supervisor", "/documents/"),
        Address("one document", "supervisor", "/documents/3"),
        Address("reviews", "supervisor", "/reviews/"),
        Address("ledger", "supervisor", "/cases/"),
        Address("case", "officer", f"/cases/{case}"),
        Address("audit", "auditor", "/audit/"),
    ]


class Browser:
    """A signed-in person's requests, without a client's own cost."""

    def __init__(self, app: Flask, login: str) -> None:
        self.app = app
        cookie = entered(app, login).get_cookie("session")
        self.cookie = f"session={cookie.value}" if cookie else ""

    def ask(self, path: str, data: dict[str, str] | None = None) -> str:
        at, _, query = path.partition("?")
        body = urlencode(data).encode() if data else b""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "POST" if data else "GET", "PATH_INFO": at, "QUERY_STRING": query,
            "SERVER_NAME": "t.example", "SERVER_PORT": "80", "HTTP_HOST": "t.example",
            "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": BytesIO(body), "wsgi.errors": sys.stderr, "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
            "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False, "HTTP_COOKIE": self.cookie,
            "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
        }  # fmt: skip
        said: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
            said.append(status)
            for name, value in headers:
                if name == "Set-Cookie" and value.startswith("session="):
                    self.cookie = value.partition(";")[0]

        answer = b"".join(self.app.wsgi_app(environ, start))  # type: ignore[arg-type]
        if said[0][:3] != ("302" if data else "200"):
            raise SystemExit(f"{path}: {said[0]}")
        return answer.decode()


def floor_app(database: Database) -> Flask:
    """Return the least there can be: one row read by its key and rendered."""
    app = Flask("floor")
    app.jinja_loader = DictLoader(FLOOR)

    @app.get("/")
    def row() -> str:
        with database.read() as session:
            return render_template("row", unit=session.get_one(Unit, 3))

    return app


class Meter:
    """Processor time of this process and, on PostgreSQL, of the backends that serve it."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.ticks = engine, os.sysconf("SC_CLK_TCK")
        self.backends: list[Path] = []

    def find(self) -> None:
        if self.engine.dialect.name == "postgresql":
            with self.engine.connect() as connection:
                asked = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
                self.backends = [Path(f"/proc/{pid}/stat") for pid in connection.execute(asked).scalars()]

    def spent(self) -> float:
        total = process_time()
        for stat in self.backends:
            if stat.exists():
                fields = stat.read_text("utf-8").rsplit(")", 1)[1].split()
                total += (int(fields[11]) + int(fields[12])) / self.ticks
        return total


def reporting(browser: Browser, database: Database) -> Callable[[], tuple[str, dict[str, str]]]:
    """Return what fills in the next report's form, outside the time that is measured."""
    with database.read() as session:
        unit = session.scalars(select(Unit.id).where(Unit.name == "市第07局")).one()
        mine = select(Duty.id).where(Duty.unit_id == unit, Duty.state == "in_progress").order_by(Duty.id)
        ids = list(session.scalars(mine.limit(20)))
    turn = iter(ids * 10_000)

    def fill_in() -> tuple[str, dict[str, str]]:
        duty = next(turn)
        form = sheet(browser.ask(f"/duties/{duty}"), f"/duties/{duty}/report")
        return form.action, {**dict(form.data.items()), "percent": "60", "text": "本期已核对清单。"}

    return fill_in


def measure(database: Database, rounds: int, folder: Path) -> dict[str, float]:
    """Return, by page, its processor time over the floor's: the median of the rounds."""
    settings = config.load({"TRACKER_DATA": str(folder), "TRACKER_ENV": "test", "BASE_URL": "http://t.example"})
    app = create_app(settings, database, lambda: NOW)
    addresses = pages(database)
    people = {person: Browser(app, person) for person in {a.person for a in addresses}}
    floor = Browser.__new__(Browser)
    floor.app, floor.cookie = floor_app(database), ""
    fill_in, meter = reporting(people["officer"], database), Meter(database.engine)
    for _ in range(8):
        for address in addresses:
            people[address.person].ask(address.path)
        people["officer"].ask(*fill_in())
        floor.ask("/")
    meter.find()
    spent: dict[str, list[float]] = {}
    # A backend's clock ticks a hundred times a second: on PostgreSQL a round is long enough to be counted by it.
    times = 60 if meter.backends else 12
    for _ in range(rounds):
        began = meter.spent()
        for _ in range(times * 10):
            floor.ask("/")
        base = (meter.spent() - began) / (times * 10)
        spent.setdefault("floor, ms", []).append(1000 * base)
        for address in addresses:
            began = meter.spent()
            for _ in range(times):
                people[address.person].ask(address.path)
            spent.setdefault(address.name, []).append((meter.spent() - began) / times / base)
        forms = [fill_in() for _ in range(times if times <= 20 else 20)]
        began = meter.spent()
        for form in forms:
            people["officer"].ask(*form)
        spent.setdefault("report POST", []).append((meter.spent() - began) / len(forms) / base)
    return {name: median(found) for name, found in spent.items()}


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Database]:
    """Give an empty, migrated database of a kind, gone afterwards."""
    if kind == "sqlite":
        database = open_database(f"sqlite:///{folder / 'city.db'}")
        upgrade(database.engine)
        yield database
        database.engine.dispose()
        return
    address = make_url(os.environ["TEST_POSTGRES_URL"]).set(drivername="postgresql+psycopg")
    name = f"city_{uuid.uuid4().hex[:8]}"
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    database = open_database(address.set(database=name).render_as_string(hide_password=False))
    try:
        upgrade(database.engine)
        yield database
    finally:
        database.engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()


def table(kind: str, found: dict[int, dict[str, float]]) -> tuple[tuple[float, str], tuple[float, str]]:
    """Print one database's table; returns the worst page and the one that grows most."""
    sizes = sorted(found)
    print(f"\n{kind:<24}" + "".join(f"{size:>12,}" for size in sizes) + ("      growth" if len(sizes) > 1 else ""))
    worst, growth = (0.0, ""), (0.0, "")
    for name in found[sizes[0]]:
        row = [found[size][name] for size in sizes]
        if name == "floor, ms":
            print(f"{name:<24}" + "".join(f"{ms:12.3f}" for ms in row))
            continue
        grown = row[1] / row[0] if len(row) > 1 else 0.0
        print(f"{name:<24}" + "".join(f"{one:10.1f} x" for one in row) + (f"{grown:12.2f}" if grown else ""))
        worst, growth = max(worst, (max(row[:2]), f"{name}, {kind}")), max(growth, (grown, f"{name}, {kind}"))
    return worst, growth


def main() -> None:
    """Fill, measure, print; ends with 1 where a bar given by --hold is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also with a million duties")
    parser.add_argument("--at", default="10000,100000", help="numbers of duties, with commas between")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hold", type=float, help="end with 1 where a page costs more than so many times the floor")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    chosen = parser.parse_args()
    sizes = [int(n) for n in chosen.at.split(",")] + ([1_000_000] if chosen.large else [])
    kinds = [k for k in ("sqlite", "postgresql") if chosen.only in (None, k)]
    if "TEST_POSTGRES_URL" not in os.environ:
        print("TEST_POSTGRES_URL is not set: SQLite alone")
        kinds = ["sqlite"]
    worst, growth = (0.0, ""), (0.0, "")
    for kind in kinds:
        found = {}
        for size in sizes:
            with tempfile.TemporaryDirectory() as folder, opened(kind, Path(folder)) as database:
                fill(database, size, CASES.get(size, size // 2))
                found[size] = measure(database, chosen.rounds, Path(folder))
        at, grown = table(kind, found)
        worst, growth = max(worst, at), max(growth, grown)
    print(f"\n{LIMITS}")
    print(f"worst {worst[0]:.1f} x floor ({worst[1]}), growth {growth[0]:.2f} ({growth[1] or 'one size'})")
    if chosen.hold is not None and worst[0] > chosen.hold:
        sys.exit(1)


if __name__ == "__main__":
    main()
