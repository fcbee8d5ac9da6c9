"""The standing of duties and cases, kept in the transaction that changes it, and added up once at its end.

Whatever flushes a duty, a case, a task or a milestone is noted; before the commit the standing of all that was noted
is asked of the milestones anew and written where it differs, and the tally takes up the difference.  Rows are locked
in the order of their keys, those of the tally last, so that acts at the same time wait and never deadlock.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, event, inspect, update
from sqlalchemy.orm import Session, UOWTransaction

from tracker.rules.phases import NOTHING_RUNS, left_of, position_of_case, position_of_duty
from tracker.services.core.case_tallies import CaseChanges, lacking_of_cases, sums_of_case
from tracker.services.core.tallies import SUMS, Changes, Counted, lacking
from tracker.store.core import standing as rows
from tracker.store.models import Case, Duty, Milestone, Task

NOTED = "standing"
PORTION = 500  # keys asked of at a time: databases bound the parameters of a statement

# What of a row decides the standing; another change of it is none of ours.
_OF_DUTY = ("role", "state", "paused_at", "awaits_event", "task_id", "unit_id")
_OF_CASE = ("closed_at", "paused_at", "owed_fen", "refunded_fen")
_OF_TASK = ("item_id", "ordinal", "document_id")
_PLACE = ("jurisdiction_id", "document_id", "section", "ordinal")
_CLOCKS = ("phase", "next_at", "watch_at", "earliest_on")
_KEPT = (*_PLACE, *_CLOCKS, *SUMS, "open_days", "tallied_role", "tallied_state")
_CASE_SUMS = ("left_fen", "tallied_owed_fen", "tallied_refunded_fen")
_CASE_KEPT = ("phase", "next_at", "own_at", "watch_at", "earliest_on", *_CASE_SUMS)


def _write(table: Any, kept: Iterable[str]) -> Any:
    return (
        update(table)
        .where(table.c.id == bindparam("of_id"))
        .values({name: bindparam(f"new_{name}", type_=table.c[name].type) for name in kept})
    )


_DUTIES: Any = Duty.__table__
_CASES: Any = Case.__table__
_WRITE_DUTY, _WRITE_CASE = _write(_DUTIES, _KEPT), _write(_CASES, _CASE_KEPT)


@dataclass(slots=True)
class Noted:
    """What a transaction has changed since its standing was last settled, by key."""

    duties: set[int] = field(default_factory=set)
    cases: set[int] = field(default_factory=set)
    steps: set[int] = field(default_factory=set)
    tasks: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.duties or self.cases or self.steps or self.tasks)


def _noted(session: Session) -> Noted:
    noted: Noted = session.info.setdefault(NOTED, Noted())
    return noted


def touch(session: Session, *, duties: Iterable[int] = (), cases: Iterable[int] = ()) -> None:
    """Note rows whose standing has to be asked anew, where what changed did not pass through the unit of work."""
    noted = _noted(session)
    noted.duties.update(duties)
    noted.cases.update(cases)


def _changed(row: Any, names: Iterable[str]) -> bool:
    state = inspect(row)
    return any(state.attrs[name].history.has_changes() for name in names)


def _before(row: Any, name: str) -> Sequence[Any]:
    return inspect(row).attrs[name].history.deleted or ()


def _note(session: Session, _context: UOWTransaction) -> None:
    """Note what a flush wrote; its changes are still known here."""
    noted, new = _noted(session), session.new
    for row in (*new, *session.dirty, *session.deleted):
        match row:
            case Milestone():
                noted.duties.update(i for i in (row.answering_duty_id, *_before(row, "answering_duty_id")) if i)
                if row.case_step_id is not None:
                    noted.steps.add(row.case_step_id)
            case Duty() if row in new or _changed(row, _OF_DUTY):
                noted.duties.add(row.id)
            case Case() if row in new or _changed(row, _OF_CASE):
                noted.cases.add(row.id)
            case Task() if row not in new and _changed(row, _OF_TASK):
                noted.tasks.add(row.id)


def _settle_before_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        settle(session)


def _forget(session: Session, previous: Any) -> None:
    if previous.parent is None:
        session.info.pop(NOTED, None)


event.listen(Session, "after_flush", _note)
event.listen(Session, "before_commit", _settle_before_commit)
event.listen(Session, "after_soft_rollback", _forget)


def settle(session: Session) -> None:
    """Write the standing of what has changed, and the tally: every commit does, others where a count is asked for."""
    session.flush()
    noted: Noted | None = session.info.pop(NOTED, None)
    if not noted:
        return
    cases, duties = noted.cases, noted.duties
    for steps in _portions(noted.steps):
        cases |= rows.cases_of_steps(session, steps)
    for tasks in _portions(noted.tasks):
        duties |= rows.duties_of_tasks(session, tasks)
    of_cases = CaseChanges()
    for ids in _portions(cases):
        _write_all(session, _WRITE_CASE, _cases_that_differ(session, ids, of_cases, lock=True))
    changes = Changes()
    for ids in _portions(duties):
        _write_all(session, _WRITE_DUTY, _duties_that_differ(session, ids, changes, lock=True))
    changes.write(session)
    of_cases.write(session)


def _portions(ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(sorted(ids))
    while portion := list(islice(rest, PORTION)):
        yield portion


def _write_all(session: Session, statement: Any, found: list[dict[str, Any]]) -> None:
    if found:
        session.connection().execute(statement, found)


def _duties_that_differ(session: Session, ids: Sequence[int], changes: Changes, *, lock: bool) -> list[dict[str, Any]]:
    """Return what has to be written of duties, with `changes` to the tally filled in."""
    found = rows.duties_standing(session, ids, lock=lock)
    running, decided = rows.running_of_duties(session, ids), rows.decided_of_duties(session, ids)
    days = rows.open_days_of_duties(session, ids)
    differing = []
    for row in found:
        clocks = running.get(row.id, NOTHING_RUNS)
        position = position_of_duty(
            row.state, paused=row.paused_at is not None, awaits_event=row.awaits_event, running=clocks
        )
        place = (row.in_jurisdiction, row.in_document, row.in_section, row.at_ordinal)
        dates = (position.phase, position.next_at, clocks.watch_at, clocks.earliest_on)
        sums = decided.get(row.id, (0, 0, 0))
        new = (*place, *dates, *sums, days.get(row.id, ""), row.role, row.state)
        was = tuple(getattr(row, name) for name in _KEPT)
        if new == was:
            continue
        differing.append({"of_id": row.id} | {f"new_{name}": value for name, value in zip(_KEPT, new, strict=True)})
        if row.tallied_state is not None:
            changes.add(_counted(row.unit_id, was), -1)
        changes.add(_counted(row.unit_id, new), 1)
    return differing


def _counted(unit_id: int, kept: tuple[Any, ...]) -> Counted:
    """Return what of a duty is added up, from what is kept in it."""
    it = dict(zip(_KEPT, kept, strict=True))
    return Counted(
        it["jurisdiction_id"],
        it["document_id"],
        unit_id,
        it["tallied_role"],
        it["tallied_state"],
        it["phase"],
        it["next_at"],
        it["open_days"],
        (it["decided"], it["met_by_first"], it["met_by_present"]),
    )


def _cases_that_differ(
    session: Session, ids: Sequence[int], changes: CaseChanges, *, lock: bool
) -> list[dict[str, Any]]:
    """Return what has to be written of cases, with `changes` to their tally filled in."""
    found, running = rows.cases_standing(session, ids, lock=lock), rows.running_of_cases(session, ids)
    differing = []
    for row in found:
        clocks = running.get(row.id, NOTHING_RUNS)
        position = position_of_case(closed_at=row.closed_at, paused=row.paused_at is not None, running=clocks)
        dates = (position.next_at, clocks.own_at, clocks.watch_at, clocks.earliest_on)
        left = left_of(row.owed_fen, row.refunded_fen)
        new = (position.phase, *dates, left, row.owed_fen, row.refunded_fen)
        if new == tuple(getattr(row, name) for name in _CASE_KEPT):
            continue
        differing.append({"of_id": row.id} | {f"new_{n}": v for n, v in zip(_CASE_KEPT, new, strict=True)})
        belongs = (row.jurisdiction_id, row.unit_id, row.type_version_id)
        if row.tallied_refunded_fen is not None:
            changes.add((*belongs, row.phase), -1, sums_of_case(row.tallied_owed_fen, row.tallied_refunded_fen))
        changes.add((*belongs, position.phase), 1, sums_of_case(row.owed_fen, row.refunded_fen))
    return differing


@dataclass(frozen=True, slots=True)
class Disagreements:
    """What `examine` found: keys of duties and cases that say another standing than their milestones, tally rows."""

    duties: list[int]
    cases: list[int]
    tallies: list[str]
    looked_at: int

    def __bool__(self) -> bool:
        return bool(self.duties or self.cases or self.tallies)


def examine(session: Session, *, mend: bool = False) -> Disagreements:
    """Compare every duty's and case's standing with its milestones, and the tallies with both; mend if asked.

    Mending writes in this transaction: the tallies are counted anew while nothing else may change them.
    """
    settle(session)
    looked_at, wrong = 0, {Duty: list[int](), Case: list[int]()}
    for table in (Duty, Case):
        last = 0
        while ids := rows.keys_after(session, table, last, PORTION):
            if table is Duty:
                found, statement = _duties_that_differ(session, ids, Changes(), lock=mend), _WRITE_DUTY
            else:
                found, statement = _cases_that_differ(session, ids, CaseChanges(), lock=mend), _WRITE_CASE
            last, looked_at = ids[-1], looked_at + len(ids)
            wrong[table] += [one["of_id"] for one in found]
            if mend:
                _write_all(session, statement, found)
    tallies = lacking(session)
    of_cases = lacking_of_cases(session)
    said = [*tallies.said(), *of_cases.said()]
    if mend:
        tallies.write(session)
        of_cases.write(session)
    return Disagreements(wrong[Duty], wrong[Case], said, looked_at)
