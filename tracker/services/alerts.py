"""The sweep (提醒): what is due to be said to whom is written once, however many workers sweep."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.clock.calendar import WorkCalendar
from tracker.ladder import Level, alert_key, bounds, levels_due
from tracker.store.models import Alert, AlertState
from tracker.store.reminders import Due, chunks, clocks_reached, still_true, unsigned_untold

# Ten columns a row: well under what one statement may carry.
ROWS_AT_ONCE = 500


def sweep(session: Session, now: datetime, calendar: WorkCalendar) -> int:
    """Write an alert for everything that has become due to be said; returns how many are new.

    Chosen by state: what a stopped worker missed is said when it runs again, and only its present level.
    """
    _settle_unreachable(session)
    limits = bounds(now, calendar)
    rows = [_row(due, Level.ASSIGNED, now) for due in unsigned_untold(session)]
    for due in clocks_reached(session, limits):
        levels = levels_due(now=now, calendar=calendar, due_at=due.due_at, earliest_on=due.earliest_on, limits=limits)
        rows += [_row(due, level, now) for level in levels]
    return _write(session, rows)


def _row(due: Due, level: Level, now: datetime) -> dict[str, Any]:
    """Return the alert of one thing for one recipient; a duty given anew after a revocation is told anew."""
    recipient = f"unit{due.unit_id}" if due.user_id is None else f"u{due.user_id}"
    if due.milestone_id is None:
        key = alert_key(f"duty{due.duty_id}", level, recipient, version=due.rounds + 1 if due.rounds else None)
    else:
        key = alert_key(f"ms{due.milestone_id}", level, recipient, version=due.version)
    return {
        "key": key,
        "level": level,
        "duty_id": due.duty_id,
        "milestone_id": due.milestone_id,
        "milestone_version": due.version,
        "user_id": due.user_id,
        "unit_id": due.unit_id if due.user_id is None else None,
        "state": AlertState.PENDING if due.reachable else AlertState.UNREACHABLE,
        # Whether a duty was told since it was assigned is read from this, so it is never before that.
        "created_at": max(now, due.assigned_at) if due.milestone_id is None else now,
    }


def _write(session: Session, rows: Iterable[dict[str, Any]]) -> int:
    """Insert the rows whose key is new, and bring back those that were dropped and are true again."""
    wanted = {row["key"]: row for row in rows}
    # Always in the same order: two workers that wait for each other's keys must not wait in a circle.
    ordered = [wanted[key] for key in sorted(wanted)]
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    count = 0
    for some in chunks(ordered, ROWS_AT_ONCE):
        fresh = insert(Alert).on_conflict_do_nothing(index_elements=["key"]).returning(Alert.key)
        new = set(session.scalars(fresh, list(some)))
        count += len(new)
        count += _bring_back(session, [row for row in some if row["key"] not in new])
    return count


def _bring_back(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Make alerts pending again that were dropped (under review, then sent back) or had reached nobody."""
    count = 0
    for state, passing in (
        (AlertState.PENDING, (AlertState.DROPPED, AlertState.UNREACHABLE)),
        (AlertState.UNREACHABLE, (AlertState.DROPPED,)),
    ):
        keys = [row["key"] for row in rows if row["state"] is state]
        if keys:
            again = update(Alert).where(Alert.key.in_(keys), Alert.state.in_(passing)).values(state=state)
            count += len(session.scalars(again.returning(Alert.id)).all())
    return count


def _settle_unreachable(session: Session) -> None:
    """Take back what could be told to nobody where it is over, or where an officer can be told by now."""
    stuck = session.scalars(select(Alert.id).where(Alert.state == AlertState.UNREACHABLE)).all()
    for ids in chunks(stuck):
        standing = set(session.scalars(still_true(ids)))
        over = [alert_id for alert_id in ids if alert_id not in standing]
        session.execute(
            update(Alert)
            .where(Alert.id.in_(over), Alert.state == AlertState.UNREACHABLE)
            .values(state=AlertState.DROPPED)
        )
