"""Duties and cases carry their standing, duties are added up, and a date keeps the first end it had

Filled from the milestones, with what boards show by document, unit and day.  Going down it goes: it follows from
what stays.

Revision ID: 0018
Revises: 0017
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from tracker.store.core.base import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PHASES = ("dated", "review", "waiting", "paused", "undated", "done")
BEYOND = {phase: datetime(8001 + n, 1, 1, tzinfo=UTC) for n, phase in enumerate(PHASES)}
WATCHED = datetime(8000, 1, 1, tzinfo=UTC)
LAST, FIRST = datetime(9990, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC)
ROLES = ("lead", "support", "each", "responsible")
STATES = ("assigned", "acknowledged", "in_progress", "submitted", "completed", "closed", "revoked")
SUMS = ("decided", "met_by_first", "met_by_present")
LIVE = "state <> 'revoked'"
# Name, columns, condition.
DUTY_INDEXES = (
    ("ix_duties_place_due", ("jurisdiction_id", "next_at", "document_id", "ordinal", "id", "unit_id"), LIVE),
    ("ix_duties_place_key", ("jurisdiction_id", "document_id", "ordinal", "id"), LIVE),
    ("ix_duties_document_due", ("document_id", "next_at", "ordinal", "id", "unit_id"), LIVE),
    ("ix_duties_document_key", ("document_id", "ordinal", "id"), LIVE),
    ("ix_duties_unit_due", ("unit_id", "next_at", "document_id", "ordinal", "id"), LIVE),
    ("ix_duties_submitted", ("jurisdiction_id", "submitted_at", "id"), "state = 'submitted'"),
    ("ix_duties_watched", ("jurisdiction_id", "watch_at"), f"watch_at IS NOT NULL AND {LIVE}"),
    (
        "ix_duties_waiting",
        ("jurisdiction_id", "earliest_on", "document_id", "unit_id"),
        f"phase = 'waiting' AND earliest_on IS NOT NULL AND {LIVE}",
    ),
)
CASE_INDEXES = (
    ("ix_cases_place_due", ("jurisdiction_id", "next_at", "id")),
    ("ix_cases_unit_due", ("unit_id", "next_at", "id")),
    ("ix_cases_opened_due", ("opened_by_id", "next_at", "id")),
    ("ix_cases_place_happened", ("jurisdiction_id", "happened_at", "id")),
    ("ix_cases_place_left", ("jurisdiction_id", "left_fen", "id")),
    ("ix_cases_place_number", ("jurisdiction_id", "id")),
    ("ix_cases_place_accused", ("jurisdiction_id", "accused_unit_id")),
)
CASE_LIT = ("jurisdiction_id", "phase", "next_at", "own_at", "watch_at", "earliest_on", "closed_at")
CASE_OPEN = "closed_at IS NULL"
NOTHING_KNOWN = -(10**18)
INTAKE = "kind = 'intake'"
CASE_SUMS = ("owed_fen", "refunded_fen", "beside_fen")


def _choice(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def _table(name: str, **columns: sa.types.TypeEngine[object]) -> sa.TableClause:
    return sa.table(name, *(sa.column(column, kind) for column, kind in columns.items()))


NUMBER, TEXT, INSTANT, DAY, SUM = sa.Integer(), sa.String(), UtcDateTime(), sa.Date(), sa.BigInteger()
MILESTONES = _table(
    "milestones", id=NUMBER, answering_duty_id=NUMBER, case_step_id=NUMBER, due_on=DAY, due_at=INSTANT,
    first_due_at=INSTANT, earliest_on=DAY, watch=sa.Boolean(), submitted_at=INSTANT, paused_at=INSTANT, met_at=INSTANT,
    missed_at=INSTANT, cancelled_at=INSTANT,
)  # fmt: skip
DATES = _table("milestone_dates", milestone_id=NUMBER, version=NUMBER, due_at=INSTANT)
DUTIES = _table(
    "duties", id=NUMBER, task_id=NUMBER, unit_id=NUMBER, role=TEXT, state=TEXT, paused_at=INSTANT,
    awaits_event=sa.Boolean(), jurisdiction_id=NUMBER, document_id=NUMBER, section=TEXT, ordinal=NUMBER, phase=TEXT,
    next_at=INSTANT, watch_at=INSTANT, earliest_on=DAY, decided=NUMBER, met_by_first=NUMBER, met_by_present=NUMBER,
    open_days=TEXT, tallied_role=TEXT, tallied_state=TEXT,
)  # fmt: skip
TASKS = _table("tasks", id=NUMBER, document_id=NUMBER, item_id=NUMBER, ordinal=NUMBER)
DOCUMENTS = _table("documents", id=NUMBER, jurisdiction_id=NUMBER)
ITEMS = _table("items", id=NUMBER, measure_id=NUMBER)
MEASURES = _table("measures", id=NUMBER, section=TEXT)
CASES = _table(
    "cases", id=NUMBER, paused_at=INSTANT, closed_at=INSTANT, phase=TEXT, next_at=INSTANT, own_at=INSTANT,
    watch_at=INSTANT, earliest_on=DAY, jurisdiction_id=NUMBER, unit_id=NUMBER, type_version_id=NUMBER, owed_fen=SUM,
    refunded_fen=SUM, left_fen=SUM, tallied_owed_fen=SUM, tallied_refunded_fen=SUM,
)  # fmt: skip
STEPS = _table("case_steps", id=NUMBER, case_id=NUMBER)
TALLIES = _table(
    "duty_tallies", jurisdiction_id=NUMBER, document_id=NUMBER, unit_id=NUMBER, role=TEXT, state=TEXT, phase=TEXT,
    number=NUMBER, decided=NUMBER, met_by_first=NUMBER, met_by_present=NUMBER,
)  # fmt: skip
CASE_TALLIES = _table(
    "case_tallies", jurisdiction_id=NUMBER, unit_id=NUMBER, type_version_id=NUMBER, phase=TEXT, number=NUMBER,
    owed_fen=SUM, refunded_fen=SUM, beside_fen=SUM,
)  # fmt: skip
PHASE_COLUMNS = tuple(f"in_{phase}" for phase in PHASES)
CLASSES = {
    "at_unsigned": ("assigned",),
    "at_working": ("acknowledged", "in_progress"),
    "at_review": ("submitted",),
    "at_done": ("completed", "closed"),
}
DAY_COLUMNS = ("duties", "due", "running")
# By table: the columns of its key, and of its numbers.
BOARDS = {
    "document_tallies": (("jurisdiction_id", "document_id"), (*PHASE_COLUMNS, *CLASSES, *SUMS)),
    "unit_tallies": (("jurisdiction_id", "unit_id"), PHASE_COLUMNS),
    "document_days": (("jurisdiction_id", "day", "document_id"), DAY_COLUMNS),
    "unit_days": (("jurisdiction_id", "day", "unit_id"), DAY_COLUMNS[:1]),
}


def upgrade() -> None:
    with op.batch_alter_table("milestones", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("first_due_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("duties", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        for name, kind in (("jurisdiction_id", NUMBER), ("document_id", NUMBER), ("ordinal", NUMBER)):
            batch_op.add_column(sa.Column(name, kind, nullable=True))
        batch_op.add_column(sa.Column("section", sa.String(500), nullable=True))
        batch_op.add_column(sa.Column("phase", sa.String(20), nullable=True))
        for name in ("next_at", "watch_at"):
            batch_op.add_column(sa.Column(name, UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("earliest_on", sa.Date(), nullable=True))
        for name in SUMS:
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("open_days", sa.Text(), nullable=False, server_default=""))
        for name in ("tallied_role", "tallied_state"):
            batch_op.add_column(sa.Column(name, sa.String(20), nullable=True))
    with op.batch_alter_table("cases", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("phase", sa.String(20), nullable=True))
        for name in ("next_at", "own_at", "watch_at"):
            batch_op.add_column(sa.Column(name, UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("earliest_on", sa.Date(), nullable=True))
        for name in ("left_fen", "tallied_owed_fen", "tallied_refunded_fen"):
            batch_op.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
    _fill_milestones()
    _fill_duties()
    _fill_open_days()
    _fill_cases()
    _hold()
    _make_tallies()
    _make_case_tallies()
    _make_boards()


def _fill_milestones() -> None:
    d = DATES.c
    first = sa.select(d.due_at).where(d.milestone_id == MILESTONES.c.id, d.version == 1).scalar_subquery()
    op.execute(MILESTONES.update().values(first_due_at=first))


def _fill_duties() -> None:
    d, m, t = DUTIES.c, MILESTONES.c, TASKS.c
    runs = m.paused_at.is_(None)
    of_duty = (m.answering_duty_id == d.id, m.met_at.is_(None), m.cancelled_at.is_(None))
    own = sa.and_(m.submitted_at.is_(None), runs, m.watch.is_(False))

    def least(column: sa.ColumnElement[object], *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[object]:
        return sa.select(sa.func.min(column)).where(*of_duty, *where).correlate(DUTIES).scalar_subquery()

    def any_of(*where: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        return sa.exists().where(*of_duty, *where).correlate(DUTIES)

    in_task = t.id == d.task_id
    measure = sa.join(sa.join(TASKS, ITEMS, ITEMS.c.id == t.item_id), MEASURES, MEASURES.c.id == ITEMS.c.measure_id)
    placed = sa.join(TASKS, DOCUMENTS, DOCUMENTS.c.id == t.document_id)
    decided = (
        m.answering_duty_id == d.id, m.cancelled_at.is_(None), m.watch.is_(False), m.first_due_at.is_not(None),
        m.due_at.is_not(None), sa.or_(m.met_at.is_not(None), m.missed_at.is_not(None)),
    )  # fmt: skip

    def number(*where: sa.ColumnElement[bool]) -> sa.ScalarSelect[object]:
        counted = sa.select(sa.func.count()).select_from(MILESTONES).where(*decided, *where)
        return counted.correlate(DUTIES).scalar_subquery()

    op.execute(
        DUTIES.update().values(
            document_id=sa.select(t.document_id).where(in_task).scalar_subquery(),
            ordinal=sa.select(t.ordinal).where(in_task).scalar_subquery(),
            jurisdiction_id=sa.select(DOCUMENTS.c.jurisdiction_id).select_from(placed).where(in_task).scalar_subquery(),
            section=sa.select(MEASURES.c.section).select_from(measure).where(in_task).scalar_subquery(),
            next_at=least(m.due_at, own),
            watch_at=least(m.due_at, m.watch.is_(True), runs),
            earliest_on=least(m.earliest_on, runs),
            decided=number(),
            met_by_first=number(m.met_at < m.first_due_at),
            met_by_present=number(m.met_at < m.due_at, m.missed_at.is_(None)),
            tallied_role=d.role,
            tallied_state=d.state,
        )
    )
    ended = d.state.in_(("completed", "closed", "revoked"))
    op.execute(
        DUTIES.update().values(
            phase=sa.case(
                (ended, "done"),
                (d.paused_at.is_not(None), "paused"),
                (d.next_at.is_not(None), "dated"),
                (any_of(m.submitted_at.is_not(None)), "review"),
                (any_of(m.paused_at.is_not(None)), "paused"),
                (any_of(m.watch.is_(True), runs), "dated"),
                (sa.or_(d.earliest_on.is_not(None), d.awaits_event.is_(True)), "waiting"),
                else_="undated",
            )
        )
    )
    for phase, beyond in BEYOND.items():
        unset = sa.true() if phase != "dated" else d.next_at.is_(None)
        at = WATCHED if phase == "dated" else beyond
        op.execute(DUTIES.update().where(d.phase == phase, unset).values(next_at=sa.bindparam(None, at, INSTANT)))


def _day_of(at: datetime) -> date:
    """Return the day in Shanghai an instant lies in; midnight belongs to the day it ends."""
    return (at + timedelta(hours=8) - timedelta(microseconds=1)).date()


def _fill_open_days() -> None:
    """Write, by duty, its own open dates by day: how many are due on it, how many end on it and run."""
    m = MILESTONES.c
    ends = sa.and_(m.paused_at.is_(None), m.first_due_at.is_not(None), m.missed_at.is_(None))
    grouped = (
        sa.select(m.answering_duty_id, m.due_on, m.due_at, sa.func.count(), sa.func.count().filter(ends))
        .where(m.answering_duty_id.is_not(None), m.met_at.is_(None), m.cancelled_at.is_(None))
        .where(m.watch.is_(False), m.submitted_at.is_(None))
        .group_by(m.answering_duty_id, m.due_on, m.due_at)
    )
    bind, days = op.get_bind(), dict[int, Counter[tuple[date, int]]]()
    for duty_id, due_on, due_at, due, running in bind.execute(grouped):
        counted = days.setdefault(duty_id, Counter())
        if due_on is not None:
            counted[due_on, 0] += due
        if due_at is not None:
            counted[_day_of(due_at), 1] += running
    put = DUTIES.update().where(DUTIES.c.id == sa.bindparam("of_id")).values(open_days=sa.bindparam("written"))
    written = [
        {
            "of_id": duty_id,
            "written": ";".join(
                f"{day} {counted[day, 0]} {counted[day, 1]}"
                for day in sorted({day for (day, _), number in counted.items() if number})
            ),
        }
        for duty_id, counted in sorted(days.items())
    ]
    if written:
        bind.execute(put, written)


def _fill_cases() -> None:
    c, m, s = CASES.c, MILESTONES.c, STEPS.c
    steps = sa.join(MILESTONES, STEPS, s.id == m.case_step_id)

    def least(column: sa.ColumnElement[object], *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[object]:
        found = sa.select(sa.func.min(column)).select_from(steps)
        is_open = (s.case_id == c.id, m.met_at.is_(None), m.cancelled_at.is_(None))
        return found.where(*is_open, *where).correlate(CASES).scalar_subquery()

    op.execute(
        CASES.update().values(
            next_at=least(m.due_at),
            own_at=least(m.due_at, m.watch.is_(False)),
            watch_at=least(m.due_at, m.watch.is_(True)),
            earliest_on=least(m.earliest_on),
            left_fen=sa.func.coalesce(c.owed_fen - c.refunded_fen, sa.literal(NOTHING_KNOWN, SUM)),
            tallied_owed_fen=c.owed_fen,
            tallied_refunded_fen=c.refunded_fen,
        )
    )
    op.execute(
        CASES.update().values(
            phase=sa.case(
                (c.closed_at.is_not(None), "done"),
                (c.paused_at.is_not(None), "paused"),
                (c.next_at.is_not(None), "dated"),
                (c.earliest_on.is_not(None), "waiting"),
                else_="undated",
            )
        )
    )
    for phase in ("waiting", "paused", "undated"):
        unset = CASES.update().where(c.phase == phase, c.next_at.is_(None))
        op.execute(unset.values(next_at=sa.bindparam(None, BEYOND[phase], INSTANT)))
    bind = op.get_bind()
    closed = bind.execute(sa.select(c.id, c.closed_at).where(c.phase == "done")).all()
    put = CASES.update().where(c.id == sa.bindparam("of_id")).values(next_at=sa.bindparam("at", type_=INSTANT))
    if closed:
        bind.execute(put, [{"of_id": row.id, "at": LAST - (row.closed_at - FIRST)} for row in closed])


def _hold() -> None:
    """Let the filled columns be what the models say."""
    keep = {"schema": None, "reflect_kwargs": {"resolve_fks": False}}
    with op.batch_alter_table("duties", **keep) as batch_op:  # type: ignore[arg-type]
        for name in ("jurisdiction_id", "document_id", "ordinal"):
            batch_op.alter_column(name, existing_type=NUMBER, nullable=False)
        batch_op.alter_column("phase", existing_type=sa.String(20), nullable=False)
        batch_op.alter_column("next_at", existing_type=INSTANT, nullable=False)
        for name in SUMS:
            batch_op.alter_column(name, existing_type=NUMBER, existing_nullable=False, server_default=None)
        batch_op.alter_column("open_days", existing_type=sa.Text(), existing_nullable=False, server_default=None)
        for name, values in (("phase", PHASES), ("tallied_role", ROLES), ("tallied_state", STATES)):
            batch_op.create_check_constraint(batch_op.f(f"ck_duties_{name}"), f"{name} IN {values}")
        for name, table in (("jurisdiction_id", "jurisdictions"), ("document_id", "documents")):
            batch_op.create_foreign_key(batch_op.f(f"fk_duties_{name}_{table}"), table, [name], ["id"])
        batch_op.drop_index(batch_op.f("ix_duties_state"))
    for name, columns, condition in DUTY_INDEXES:
        where = sa.text(condition)
        op.create_index(name, "duties", list(columns), sqlite_where=where, postgresql_where=where)
    with op.batch_alter_table("cases", **keep) as batch_op:  # type: ignore[arg-type]
        batch_op.alter_column("phase", existing_type=sa.String(20), nullable=False)
        batch_op.alter_column("next_at", existing_type=INSTANT, nullable=False)
        batch_op.alter_column("left_fen", existing_type=SUM, nullable=False)
        batch_op.create_check_constraint(batch_op.f("ck_cases_phase"), f"phase IN {PHASES}")
    for name, columns in CASE_INDEXES:
        op.create_index(name, "cases", list(columns))
    op.create_index("ix_audit_entries_place_verb", "audit_entries", ["jurisdiction_id", "verb", "id"])
    intake = sa.text(INTAKE)
    op.create_index(
        "ix_case_records_intake", "case_records", ["unit_id", "case_id"], sqlite_where=intake, postgresql_where=intake
    )
    is_open = sa.text(CASE_OPEN)
    op.create_index("ix_cases_lit", "cases", list(CASE_LIT), sqlite_where=is_open, postgresql_where=is_open)


def _make_tallies() -> None:
    op.create_table(
        "duty_tallies",
        sa.Column("jurisdiction_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("role", _choice("role", ROLES), nullable=False),
        sa.Column("state", _choice("state", STATES), nullable=False),
        sa.Column("phase", _choice("phase", PHASES), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("number", *SUMS)),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_duty_tallies_jurisdiction_id_jurisdictions")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_duty_tallies_document_id_documents")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_duty_tallies_unit_id_units")),
        sa.PrimaryKeyConstraint(
            "jurisdiction_id", "document_id", "unit_id", "role", "state", "phase", name=op.f("pk_duty_tallies")
        ),
    )
    op.create_index(op.f("ix_duty_tallies_document_id"), "duty_tallies", ["document_id"])
    op.create_index(op.f("ix_duty_tallies_unit_id"), "duty_tallies", ["unit_id"])
    d = DUTIES.c
    keys = (d.jurisdiction_id, d.document_id, d.unit_id, d.role, d.state, d.phase)
    sums = [sa.func.sum(d[name]) for name in SUMS]
    counted = sa.select(*keys, sa.func.count(), *sums).group_by(*keys)
    op.execute(TALLIES.insert().from_select([*(k.name for k in keys), "number", *SUMS], counted))


def _make_case_tallies() -> None:
    op.create_table(
        "case_tallies",
        sa.Column("jurisdiction_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("type_version_id", sa.Integer(), nullable=False),
        sa.Column("phase", _choice("phase", PHASES), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in CASE_SUMS),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_case_tallies_jurisdiction_id_jurisdictions")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_case_tallies_unit_id_units")),
        sa.ForeignKeyConstraint(
            ["type_version_id"],
            ["case_type_versions.id"],
            name=op.f("fk_case_tallies_type_version_id_case_type_versions"),
        ),
        sa.PrimaryKeyConstraint("jurisdiction_id", "unit_id", "type_version_id", "phase", name=op.f("pk_case_tallies")),
    )
    for name in ("unit_id", "type_version_id"):
        op.create_index(op.f(f"ix_case_tallies_{name}"), "case_tallies", [name])
    c = CASES.c

    def added(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(column), 0)

    keys, known = (c.jurisdiction_id, c.unit_id, c.type_version_id, c.phase), c.owed_fen.is_not(None)
    sums = (added(c.owed_fen), added(sa.case((known, c.refunded_fen))), added(sa.case((~known, c.refunded_fen))))
    counted = sa.select(*keys, sa.func.count(), *sums).group_by(*keys)
    op.execute(CASE_TALLIES.insert().from_select([*(k.name for k in keys), "number", *CASE_SUMS], counted))


def _make_boards() -> None:
    for name, (keys, numbers) in BOARDS.items():
        places = {key: f"{key.removesuffix('_id')}s" for key in keys if key != "day"}
        op.create_table(
            name,
            *(sa.Column(key, DAY if key == "day" else NUMBER, nullable=False) for key in keys),
            *(sa.Column(number, NUMBER, nullable=False) for number in numbers),
            *(
                sa.ForeignKeyConstraint([key], [f"{table}.id"], name=op.f(f"fk_{name}_{key}_{table}"))
                for key, table in places.items()
            ),
            sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{name}")),
        )
        op.create_index(op.f(f"ix_{name}_{keys[-1]}"), name, [keys[-1]])
    _fill_boards()
    _fill_days()


def _add(name: str, counted: dict[tuple[Any, ...], Counter[str]]) -> None:
    keys, numbers = BOARDS[name]
    table = _table(name, **{key: DAY if key == "day" else NUMBER for key in keys}, **dict.fromkeys(numbers, NUMBER))
    rows = [dict(zip(keys, key, strict=True)) | {n: counted[key][n] for n in numbers} for key in sorted(counted)]
    if rows:
        op.get_bind().execute(table.insert(), rows)


def _live(columns: Iterable[Any], *more: Any) -> list[Any]:
    """Return rows of the duties that are not revoked, grouped by the columns."""
    of = list(columns)
    return list(op.get_bind().execute(sa.select(*of, *more).where(DUTIES.c.state != "revoked").group_by(*of)))


def _fill_boards() -> None:
    d, documents, units = DUTIES.c, dict[tuple[Any, ...], Counter[str]](), dict[tuple[Any, ...], Counter[str]]()
    at = {state: name for name, states in CLASSES.items() for state in states}
    sums = [sa.func.sum(d[name]) for name in SUMS]
    of = (d.jurisdiction_id, d.document_id, d.unit_id, d.state, d.phase)
    for place, document, unit, state, phase, number, *decided in _live(of, sa.func.count(), *sums):
        counted = documents.setdefault((place, document), Counter())
        counted.update({f"in_{phase}": number, at[state]: number})
        counted.update(dict(zip(SUMS, decided, strict=True)))
        units.setdefault((place, unit), Counter())[f"in_{phase}"] += number
    _add("document_tallies", documents)
    _add("unit_tallies", units)


def _fill_days() -> None:
    d, documents, units = DUTIES.c, dict[tuple[Any, ...], Counter[str]](), dict[tuple[Any, ...], Counter[str]]()
    for place, document, unit, at, number in _live(
        (d.jurisdiction_id, d.document_id, d.unit_id, d.next_at), sa.func.count()
    ):
        if at < WATCHED:
            documents.setdefault((place, _day_of(at), document), Counter())["duties"] += number
            units.setdefault((place, _day_of(at), unit), Counter())["duties"] += number
    for place, document, written, number in _live((d.jurisdiction_id, d.document_id, d.open_days), sa.func.count()):
        for part in written.split(";") if written else ():
            day, due, running = part.split(" ")
            counted = documents.setdefault((place, date.fromisoformat(day), document), Counter())
            counted.update({"due": number * int(due), "running": number * int(running)})
    _add("document_days", documents)
    _add("unit_days", units)


def downgrade() -> None:
    op.drop_index("ix_audit_entries_place_verb", "audit_entries")
    op.drop_index("ix_case_records_intake", "case_records")
    for name in ("case_tallies", "duty_tallies", *BOARDS):
        op.drop_table(name)
    for name in ("ix_cases_lit", *(name for name, _ in CASE_INDEXES)):
        op.drop_index(name, "cases")
    keep = {"schema": None, "reflect_kwargs": {"resolve_fks": False}}
    with op.batch_alter_table("cases", **keep) as batch_op:  # type: ignore[arg-type]
        batch_op.drop_constraint(batch_op.f("ck_cases_phase"), type_="check")
        for name in (
            "phase", "next_at", "own_at", "watch_at", "earliest_on", "left_fen", "tallied_owed_fen",
            "tallied_refunded_fen",
        ):  # fmt: skip
            batch_op.drop_column(name)
    for name, _, _ in DUTY_INDEXES:
        op.drop_index(name, "duties")
    with op.batch_alter_table("duties", **keep) as batch_op:  # type: ignore[arg-type]
        batch_op.create_index(batch_op.f("ix_duties_state"), ["state"])
        for name, table in (("jurisdiction_id", "jurisdictions"), ("document_id", "documents")):
            batch_op.drop_constraint(batch_op.f(f"fk_duties_{name}_{table}"), type_="foreignkey")
        for name in ("phase", "tallied_role", "tallied_state"):
            batch_op.drop_constraint(batch_op.f(f"ck_duties_{name}"), type_="check")
        for name in (
            "jurisdiction_id", "document_id", "section", "ordinal", "phase", "next_at", "watch_at", "earliest_on",
            *SUMS, "open_days", "tallied_role", "tallied_state",
        ):  # fmt: skip
            batch_op.drop_column(name)
    with op.batch_alter_table("milestones", **keep) as batch_op:  # type: ignore[arg-type]
        batch_op.drop_column("first_due_at")
