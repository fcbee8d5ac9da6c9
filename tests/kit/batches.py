"""A place on the eve of its three great batches: a document to publish, a ledger to import, dates to count again."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from tests.kit.recounted import CHANGED
from tests.kit.world import NOW, World
from tracker.adapters.ledger.rows import COLUMNS, LedgerRow, Sheet, read_rows
from tracker.services.core.act import Act, begin
from tracker.services.deadlines import recalculation
from tracker.services.documents import confirmation, intake
from tracker.services.documents.publication import Published, publish
from tracker.services.registry import units as registry
from tracker.store.core.actors import SYSTEM
from tracker.store.documents.drafts import working_edition
from tracker.store.models import Edition, Recalculation, RecalculationKind, UnitKind

# What each unit of a measure is given: a day of its own and a month's rhythm, of which two periods run.
THREE_DATES: tuple[dict[str, Any], ...] = (
    {"quote": "2026年12月底前", "kind": "absolute", "sense": "within", "date": "2026-12-31", "act": "完成"},
    {"quote": "每月25日", "kind": "recurring", "sense": "on", "rrule": "FREQ=MONTHLY;BYMONTHDAY=25", "act": "报送"},
)
# A day counted from the document's own date (2 March 2026), past the day off that CHANGED has.
ONE_COUNTED: tuple[dict[str, Any], ...] = (
    {"quote": "自印发之日起30个工作日内", "kind": "relative", "sense": "within", "trigger": "印发",
     "amount": 30, "unit": "workday", "act": "办理"},
)  # fmt: skip
_UNSAID: dict[str, Any] = {
    "trigger": None, "amount": None, "unit": None, "date": None, "date_from": None, "rrule": None, "party": "unit",
    "bound": None, "direction": "after", "counts_as": None, "by": None, "extendable_to": None, "confidence": 0.9,
    "found_by": "phrase",
}  # fmt: skip


def departments(session: Session, world: World, number: int) -> list[str]:
    """Give the place so many more departments; returns their names."""
    names = [f"市第{n}局" for n in range(1, number + 1)]
    for name in names:
        registry.create_unit(
            begin(session, SYSTEM, NOW),
            jurisdiction_id=world.jurisdiction.id,
            name=name,
            kind=UnitKind.DEPARTMENT,
            aliases=(),
            email=None,
        )
    session.flush()
    return names


def to_publish(
    session: Session,
    world: World,
    units: Sequence[str],
    measures: int,
    limits: Sequence[dict[str, Any]] = THREE_DATES,
    title: str = "某市若干措施",
) -> Edition:
    """Take in a document of so many measures, each of all these units and limits, confirm it, and return it loaded."""
    text, plan = _document(title, units, measures, limits)
    boss = begin(session, world.actor("supervisor"), NOW)
    new = intake.NewSource(
        jurisdiction_id=world.jurisdiction.id,
        filename=f"{title}.txt",
        pasted=False,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        size=len(text.encode()),
        encoding="utf-8",
        text=text,
        plans=[plan],
    )
    source = intake.take_in(boss, new)
    document = intake.choose_plan(boss, source.plans[0], source)
    assert document is not None
    session.flush()
    confirmation.confirm_clear(boss, working_edition(session, document.id))
    session.flush()
    session.expire_all()
    return working_edition(session, document.id)


def counted_dates(session: Session, world: World, duties: int, per_measure: int = 10) -> Published:
    """Publish so many duties with a counted date each, and forget what was loaded."""
    names = departments(session, world, per_measure)
    edition = to_publish(session, world, names, duties // per_measure, ONE_COUNTED)
    made = publish(begin(session, world.actor("supervisor"), NOW), edition)
    session.flush()
    session.expunge_all()
    return made


def recount(act: Act, world: World, shifts: Sequence[recalculation.Shift]) -> Recalculation:
    """Apply what a day off changes."""
    return recalculation.apply(
        act,
        kind=RecalculationKind.CALENDAR,
        jurisdiction_id=world.jurisdiction.id,
        subject_id=1,
        why="市庆放假",
        calendar=CHANGED,
        shifts=shifts,
    )


def ledger_rows(number: int) -> list[LedgerRow]:
    """Return a ledger of complaints: accepted, every third one closed, every fifth paid back in part."""
    titles = {c.key: c.title for c in COLUMNS}
    keys = ("unit", "received_on", "accepted_on", "reference", "name", "phone", "owed", "refunded", "refunded_on",
            "closed_on", "conclusion")  # fmt: skip
    lines = []
    for n in range(number):
        paid, closed = n % 5 == 0, n % 3 == 0
        said = ("市减负办", "2026-02-13", "2026-02-14", f"工程款拖欠 {n}", "张三丰", "13812345678", f"{n + 2}万元",
                "1万元" if paid else "", "2026-03-02" if paid else "",
                "2026-03-03" if closed else "", "已督促付款" if closed else "")  # fmt: skip
        lines.append((n + 2, said))
    return read_rows(Sheet(tuple(titles[key] for key in keys), tuple(lines)))


def _document(
    title: str, units: Sequence[str], measures: int, limits: Sequence[dict[str, Any]]
) -> tuple[str, dict[str, Any]]:
    """Return a document's text, and its reading as the reader would print it."""
    text, read = f"{title}\n\n某政发〔2026〕9号\n\n一、任务\n\n", []
    for n in range(1, measures + 1):
        words = "，".join(limit["quote"] for limit in limits)
        line = f"{n}.推进第{n}项工作，{words}。（责任单位：{'、'.join(units)}）"
        read.append(_measure(n, line, len(text), units, limits))
        text += f"{line}\n\n"
    plan = {
        "plan": title,
        "span": [0, len(text)],
        "jurisdiction": "某市",
        "doc_no": "某政发〔2026〕9号",
        "issued_on": "2026-03-02",
        "effective_on": None,
        "expires_on": None,
        "measures": read,
        "unassigned": [],
    }
    return text, plan


def _measure(n: int, line: str, at: int, units: Sequence[str], limits: Sequence[dict[str, Any]]) -> dict[str, Any]:
    def span(words: str) -> list[int]:
        start = at + line.index(words)
        return [start, start + len(words)]

    named = [
        {"unit": u, "role": "responsible", "kind": "unit", "span": span(u), "confidence": 0.9, "found_by": "list"}
        for u in units
    ]
    item = {
        "text": line,
        "span": [at, at + len(line)],
        "assignments": named,
        "beneficiaries": None,
        "contacts": [],
        "deadlines": [{**_UNSAID, **limit, "span": span(limit["quote"])} for limit in limits],
        "vague": [],
    }
    return {
        "key": f"一.{n}",
        "section": "一、任务",
        "title": f"第{n}项工作",
        "text": line,
        "span": [at, at + len(line)],
        "items": [item],
    }
