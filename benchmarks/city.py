"""A filled city of any size: documents, duties with their dates, cases and a trail, written in bulk.

60 units, a hundred documents at most; a sixth of the duties is late or due soon, as of a place that is looked after.
"""

import hashlib
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, text

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tracker.clock.resolution import day_end
from tracker.reading.plan import Role
from tracker.rules.phases import BEYOND, Phase
from tracker.rules.workflow import State
from tracker.services.core import standing
from tracker.services.core.act import begin
from tracker.services.people import accounts
from tracker.services.registry import units as registry
from tracker.store.core.actors import SYSTEM
from tracker.store.core.base import Base
from tracker.store.core.engine import Database
from tracker.store.models import (
    AuditEntry,
    Bound,
    Case,
    CaseStep,
    CaseType,
    CaseTypeStep,
    CaseTypeVersion,
    DeadlineRule,
    Document,
    DocumentState,
    Duty,
    Edition,
    EditionState,
    Item,
    Jurisdiction,
    Measure,
    MemberRole,
    Milestone,
    MilestoneDate,
    PlanReading,
    Report,
    ReportKind,
    Source,
    Starts,
    StepKind,
    Task,
    UnitKind,
)

NOW = datetime(2026, 3, 23, 2, 0, tzinfo=UTC)  # Monday, 10:00 in Shanghai
TODAY = date(2026, 3, 23)
UNITS, DOCUMENTS, SHARES, PORTION = 60, 40, 3, 20_000
HASH = "pbkdf2:sha256:1$never$" + "0" * 64
STATES = (
    *[State.ASSIGNED] * 6, *[State.ACKNOWLEDGED] * 14, *[State.IN_PROGRESS] * 40, *[State.SUBMITTED] * 2,
    *[State.COMPLETED] * 33, *[State.CLOSED] * 4, State.REVOKED,
)  # fmt: skip
TITLES = (
    "完善涉企收费目录清单并向社会公布，接受监督",
    "建立拖欠账款台账，按季清零",
    "全面推行告知承诺制",
    "压缩办理时限",
)
PEOPLE = {"officer": MemberRole.OFFICER, "head": MemberRole.HEAD}
OVERSEERS = {
    "supervisor": MemberRole.SUPERVISOR, "leader": MemberRole.LEADER, "auditor": MemberRole.AUDITOR,
    "administrator": MemberRole.ADMINISTRATOR,
}  # fmt: skip


class Sheet:
    """Rows to come of one table, written by portions; the keys are given here."""

    def __init__(self, connection: Connection, model: type[Base]) -> None:
        self.connection, self.table = connection, model.__table__
        self.rows: list[dict[str, Any]] = []
        self.last = 0

    def add(self, **values: Any) -> int:
        self.last += 1
        self.rows.append({"id": self.last, **values})
        if len(self.rows) >= PORTION:
            self.write()
        return self.last

    def write(self) -> None:
        """Write what waits; SQLAlchemy fills in the models' own defaults."""
        if self.rows:
            names = {name for row in self.rows for name in row}
            self.connection.execute(insert(self.table), [dict.fromkeys(names) | row for row in self.rows])  # type: ignore[arg-type]
            self.rows.clear()


def fill(database: Database, duties: int, cases: int) -> None:
    """Fill an empty, migrated database; the same numbers give the same city."""
    place, unit_ids, people = _found(database)
    with database.engine.begin() as connection:
        if database.engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            _write(connection, place, unit_ids, people, duties, cases)
        else:
            connection.execute(text("SET session_replication_role = replica"))  # foreign keys: the order is free
            _write(connection, place, unit_ids, people, duties, cases)
            connection.execute(text("SET session_replication_role = DEFAULT"))
    _set_sequences(database.engine)
    with database.write() as session:
        standing.examine(session, mend=True)
        session.commit()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if database.engine.dialect.name == "sqlite" else "VACUUM ANALYZE"))


def _found(database: Database) -> tuple[int, list[int], dict[str, int]]:
    """Found the place with its units and the people who will ask for pages."""
    with database.write() as session:
        act = begin(session, SYSTEM, NOW)
        place = Jurisdiction(code="990100", name="某市", level="city", parent="某省")
        session.add(place)
        session.flush()
        units = [
            registry.create_unit(
                act,
                jurisdiction_id=place.id,
                name=f"市第{n:02}局" if n else "市减负办",
                kind=UnitKind.DEPARTMENT if n else UnitKind.OFFICE,
                aliases=(),
                email=f"u{n}@mou.example",
                code=f"u{n}",
                supervises=n == 0,
            )
            for n in range(UNITS)
        ]
        session.flush()
        posts = {name: (units[7].id, role) for name, role in PEOPLE.items()}
        posts |= {name: (units[0].id, role) for name, role in OVERSEERS.items()}
        people = {
            name: accounts.add_user(
                act,
                login=name,
                name=f"{name}同志",
                password_hash=HASH,
                email=f"{name}@mou.example",
                posts=[post],
            )
            for name, post in posts.items()
        }
        session.commit()
        return place.id, [u.id for u in units], {name: user.id for name, user in people.items()}


def _write(
    connection: Connection, place: int, units: list[int], people: dict[str, int], duties: int, cases: int
) -> None:
    luck = Random("a city")  # noqa: S311 - a city, no secret
    sheets = {
        model: Sheet(connection, model)
        for model in (
            Source, PlanReading, Document, Edition, Measure, Item, DeadlineRule, Task, Duty, Milestone, MilestoneDate,
            Report, CaseType, CaseTypeVersion, CaseTypeStep, Case, CaseStep, AuditEntry,
        )
    }  # fmt: skip
    sheets[AuditEntry].last = connection.execute(select(AuditEntry.id).order_by(AuditEntry.id.desc())).scalar() or 0
    tasks = max(1, duties // SHARES)
    documents = [_document(sheets, place, people["supervisor"], n) for n in range(min(DOCUMENTS, tasks))]
    made = 0
    for n in range(tasks):
        document_id, edition_id = documents[n % len(documents)]
        ordinal = n // len(documents) + 1
        task_id, rules = _task(sheets, document_id, edition_id, ordinal, luck)
        for at, unit_id in enumerate(luck.sample(units, SHARES if n < tasks - 1 else SHARES + duties - tasks * SHARES)):
            role = Role.LEAD if at == 0 else luck.choice((Role.SUPPORT, Role.RESPONSIBLE, Role.EACH))
            _duty(sheets, place, document_id, task_id, unit_id, role, ordinal, rules, people, luck)
            made += 1
    _cases(sheets, place, units, people, cases, luck)
    for sheet in sheets.values():
        sheet.write()


Sheets = dict[Any, Sheet]


def _document(sheets: Sheets, place: int, by: int, n: int) -> tuple[int, int]:
    words = f"第{n}份文件"
    source = sheets[Source].add(
        jurisdiction_id=place, filename=f"{n}.txt", sha256=hashlib.sha256(words.encode()).hexdigest(), size=len(words),
        encoding="utf-8", text=words, uploaded_by_id=by, uploaded_at=NOW,
    )  # fmt: skip
    plan = {"plan": words, "span": [0, len(words)], "measures": [], "unassigned": []}
    title = f"某市关于进一步优化营商环境、减轻企业负担的若干措施（第{n}批）"
    document = sheets[Document].add(
        jurisdiction_id=place, title=title, doc_no=f"某政发〔2026〕{n}号", issued_on=TODAY - timedelta(days=60),
        state=DocumentState.PUBLISHED, created_at=NOW, published_at=NOW - timedelta(days=60), published_by_id=by,
    )  # fmt: skip
    reading = sheets[PlanReading].add(
        source_id=source, ordinal=1, title=title, measure_count=30, reading=plan, document_id=document
    )
    edition = sheets[Edition].add(
        document_id=document, number=1, plan_reading_id=reading, state=EditionState.CURRENT, created_at=NOW
    )
    return document, edition


def _task(sheets: Sheets, document_id: int, edition_id: int, ordinal: int, luck: Random) -> tuple[int, list[int]]:
    title = f"{luck.choice(TITLES)}（{ordinal}）"
    measure = sheets[Measure].add(
        edition_id=edition_id, ordinal=ordinal, key=f"一.{ordinal}", section=f"第{ordinal % 8 + 1}部分", title=title,
        start=0, end=4, text=title, confirmed_at=NOW,
    )  # fmt: skip
    item = sheets[Item].add(measure_id=measure, ordinal=1, start=0, end=4, text=title, vague=[])
    dated = sheets[DeadlineRule].add(
        item_id=item, ordinal=1, quote="2026年底前", kind="absolute", sense="within", due_on=date(2026, 12, 31)
    )
    monthly = sheets[DeadlineRule].add(
        item_id=item, ordinal=2, quote="每月25日", kind="recurring", sense="on", rrule="FREQ=MONTHLY;BYMONTHDAY=25"
    )
    task = sheets[Task].add(
        document_id=document_id, item_id=item, key=f"一.{ordinal}", ordinal=ordinal, title=title, created_at=NOW
    )
    return task, [dated, monthly]


def _duty(  # noqa: PLR0913 - what a duty is of
    sheets: Sheets,
    place: int,
    document_id: int,
    task_id: int,
    unit_id: int,
    role: Role,
    ordinal: int,
    rules: list[int],
    people: dict[str, int],
    luck: Random,
) -> None:
    state = luck.choice(STATES)
    duty = sheets[Duty].add(
        task_id=task_id, unit_id=unit_id, role=role, state=state, percent=luck.randint(0, 100),
        officer_id=None if state is State.ASSIGNED else people["officer"], assigned_at=NOW - timedelta(days=60),
        acknowledged_at=None if state is State.ASSIGNED else NOW - timedelta(days=58),
        submitted_at=NOW - timedelta(hours=luck.randint(1, 900)) if state is State.SUBMITTED else None,
        jurisdiction_id=place, document_id=document_id, ordinal=ordinal, phase=Phase.UNDATED,
        next_at=BEYOND[Phase.UNDATED],
    )  # fmt: skip
    ended = state in (State.COMPLETED, State.CLOSED)
    if role is not Role.SUPPORT and state is not State.REVOKED and luck.random() < 0.8:
        for rule in rules[: luck.randint(1, 2)]:
            due_on = TODAY + timedelta(days=luck.choice((-20, -9, -2, 2, *range(20, 280, 13))))
            _dated(sheets, duty, place, unit_id, rule, due_on, ended, state is State.SUBMITTED)
    if state not in (State.ASSIGNED, State.REVOKED):
        sheets[Report].add(
            duty_id=duty, kind=ReportKind.PROGRESS, percent=50, text="已建立台账，逐项清理。", by_id=people["officer"],
            at=NOW - timedelta(days=9),
        )  # fmt: skip
    for verb in ("duty.acknowledge", "duty.report"):
        sheets[AuditEntry].add(
            at=NOW - timedelta(days=20), actor_id=people["officer"], unit_id=unit_id, jurisdiction_id=place, verb=verb,
            subject="duty", subject_id=duty, duty_id=duty, document_id=document_id,
        )  # fmt: skip


def _dated(  # noqa: PLR0913 - a date's holder and day
    sheets: Sheets, duty: int, place: int, unit_id: int, rule: int, due_on: date, ended: bool, submitted: bool
) -> None:
    due_at = day_end(due_on)
    milestone = sheets[Milestone].add(
        duty_id=duty, answering_duty_id=duty, unit_id=unit_id, jurisdiction_id=place, rule_id=rule, due_on=due_on,
        due_at=due_at, first_due_at=due_at, calendar_version="x", met_at=NOW - timedelta(days=5) if ended else None,
        submitted_at=NOW if submitted else None,
    )  # fmt: skip
    _first_date(sheets, milestone, due_on, due_at)


def _first_date(sheets: Sheets, milestone: int, due_on: date, due_at: datetime) -> None:
    sheets[MilestoneDate].add(
        milestone_id=milestone, version=1, due_on=due_on, due_at=due_at, provisional=False, calendar_version="x",
        explanation=[{"text": "写明的日期", "on": due_on.isoformat(), "article": None}], why="首次确定", at=NOW,
    )  # fmt: skip


def _cases(sheets: Sheets, place: int, units: list[int], people: dict[str, int], cases: int, luck: Random) -> None:
    kind = sheets[CaseType].add(jurisdiction_id=place, code="arrears", name="拖欠账款投诉")
    version = sheets[CaseTypeVersion].add(type_id=kind, number=1, event="收到投诉", created_at=NOW)
    rule = sheets[DeadlineRule].add(
        ordinal=1, kind="relative", sense="within", amount=30, unit="day", trigger="收到投诉"
    )
    sheets[CaseTypeStep].add(
        version_id=version, ordinal=1, key="handle", name="办理", kind=StepKind.HANDLE, starts=Starts.EVENT,
        rule_id=rule, bound=Bound.HANDLER,
    )  # fmt: skip
    for n in range(cases):
        unit_id, happened_at = luck.choice(units), NOW - timedelta(hours=luck.randint(1, 2400))
        closed = luck.random() < 0.7
        owed = luck.choice((None, luck.randint(1, 10**8)))
        case = sheets[Case].add(
            jurisdiction_id=place, number=f"2026-{n:06}", type_version_id=version, unit_id=unit_id, event="收到投诉",
            happened_at=happened_at, happened_on=happened_at.date(), reference=f"XS-{n}", channel="来信", owed_fen=owed,
            form_key=f"form{n}", opened_by_id=people["officer"], opened_at=happened_at,
            closed_at=happened_at + timedelta(days=20) if closed else None,
        )  # fmt: skip
        step = sheets[CaseStep].add(
            case_id=case, ordinal=1, key="handle", name="办理", unit_id=unit_id, rule_id=rule, started_at=happened_at,
            done_at=happened_at + timedelta(days=20) if closed else None,
        )  # fmt: skip
        due_on = TODAY + timedelta(days=luck.choice((-9, 2, *range(20, 40))))
        milestone = sheets[Milestone].add(
            case_step_id=step, unit_id=unit_id, jurisdiction_id=place, rule_id=rule, due_on=due_on,
            due_at=day_end(due_on), first_due_at=day_end(due_on), calendar_version="x", event_at=happened_at,
            met_at=happened_at + timedelta(days=20) if closed else None,
        )  # fmt: skip
        _first_date(sheets, milestone, due_on, day_end(due_on))


def _set_sequences(engine: Engine) -> None:
    """Let PostgreSQL go on where the keys given here end."""
    if engine.dialect.name != "postgresql":
        return
    with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            if "id" in table.c:
                highest = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"  # noqa: S608
                connection.execute(text(highest))
