"""The sweep (提醒): what is due to be said to whom is written once, however many workers sweep."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.clock.calendar import national
from tracker.now import today
from tracker.rules.ladder import LadderBounds, Level, alert_key, bounds, fragment, levels_due, unsigned_level
from tracker.store.calendars.versions import Calendars, missing_years, read_calendars
from tracker.store.core.portions import MOST_VALUES, portions
from tracker.store.models import Alert, AlertState
from tracker.store.reminders.clocks import changed_untold, clocks_reached
from tracker.store.reminders.conditions import still_true
from tracker.store.reminders.due import Due, Places, administrators
from tracker.store.reminders.unsigned import (
    duties_unsigned_long,
    referrals_unsigned_long,
    referrals_untold,
    unsigned_untold,
)
from tracker.store.reminders.untold_outcomes import outcomes_untold

# Fourteen columns a row: well under what one statement may carry.
ROWS_AT_ONCE = 500
# A date counted again is told within so many days; whoever takes a unit over later reads it on the page.
CHANGED_FOR = timedelta(days=30)
# So is an outcome; what waits for somebody is told however long it has waited.
OUTCOMES_FOR = timedelta(days=30)
# Between two mails that ask a supervisor to review: what is handed in meanwhile is told in the next one.
REVIEWS_EVERY = timedelta(hours=2)
_MAY_COME_BACK = (AlertState.DROPPED, AlertState.UNREACHABLE)


def sweep(session: Session, now: datetime) -> int:
    """Write an alert for everything that has become due to be said; returns how many are new.

    Chosen by state: what a stopped worker missed is said when it runs again, and only its present level.
    """
    _settle_unreachable(session)
    calendars = read_calendars(session)
    rows = [_row(due, Level.ASSIGNED, now) for due in unsigned_untold(session)]
    rows += [_row(due, Level.REFERRED, now) for due in referrals_untold(session)]
    rows += [_row(due, Level.CHANGED, now) for due in changed_untold(session, now - CHANGED_FOR)]
    untold = outcomes_untold(session, now - OUTCOMES_FOR, now - REVIEWS_EVERY)
    rows += [_row(due, level, now) for level, due in untold]
    rows += _calendars_wanting(session, calendars, now)
    for limits, places in _by_limits(calendars, now):
        # The bounds say all of the calendar that the ladder asks.
        for due in clocks_reached(session, limits, places):
            levels = levels_due(
                now=now,
                calendar=national(),
                due_at=due.due_at,
                earliest_on=due.earliest_on,
                limits=limits,
                reader=due.reader,
            )
            rows += [_row(due, level, now, limits) for level in levels]
        for due in (*duties_unsigned_long(session, limits, places), *referrals_unsigned_long(session, limits, places)):
            level = unsigned_level(due.given_at, limits, due.reader, headed=due.headed) if due.given_at else None
            rows += [_row(due, level, now, limits)] if level is not None else []
    return _write(session, rows)


def _by_limits(calendars: Calendars, now: datetime) -> list[tuple[LadderBounds, Places]]:
    """Return the ladder's bounds with the places they hold for: one question for all that stand alike today."""
    common = bounds(now, national())
    apart: dict[LadderBounds, list[int]] = {}
    for place, calendar in sorted(calendars.own.items(), key=lambda item: item[0]):
        apart.setdefault(bounds(now, calendar), []).append(place)
    apart.pop(common, None)
    elsewhere = tuple(place for places in apart.values() for place in places)
    return [(common, Places(elsewhere)), *((at, Places(tuple(ids), others=False)) for at, ids in apart.items())]


def _row(due: Due, level: Level, now: datetime, limits: LadderBounds | None = None) -> dict[str, Any]:
    """Return the alert of one thing for one recipient; what is said weekly needs the `limits` that name the week."""
    recipient = f"unit{due.unit_id}" if due.user_id is None else f"u{due.user_id}"
    return {
        "key": _key(due, fragment(level, limits) if limits else level, recipient),
        "level": level,
        "duty_id": due.duty_id,
        "milestone_id": due.milestone_id,
        "milestone_version": due.version,
        "referral_id": due.referral_id,
        "jurisdiction_id": None,
        "report_id": due.report_id,
        "extension_id": due.extension_id,
        "case_id": due.case_id,
        "user_id": due.user_id,
        "unit_id": due.unit_id if due.user_id is None else None,
        "state": AlertState.PENDING if due.reachable else AlertState.UNREACHABLE,
        # Whether a duty was told since it was assigned is read from this, so it is never before that.
        "created_at": max(now, due.assigned_at) if due.assigned_at is not None else now,
    }


def _key(due: Due, level: str, recipient: str) -> str:
    """Return the key of one thing; a duty given anew after a revocation is told anew."""
    for holder, row_id in (
        ("referral", due.referral_id),
        ("report", due.report_id),
        ("extension", due.extension_id),
        ("case", due.case_id),
    ):
        if row_id is not None:
            return alert_key(f"{holder}{row_id}", level, recipient)
    if due.milestone_id is not None:
        return alert_key(f"ms{due.milestone_id}", level, recipient, version=due.version)
    return alert_key(f"duty{due.duty_id}", level, recipient, version=due.rounds + 1 if due.rounds else None)


def _calendars_wanting(session: Session, calendars: Calendars, now: datetime) -> list[dict[str, Any]]:
    """Return what administrators are told once a month while a year's holiday notice is missing."""
    people, day = administrators(session), today(now)
    missing = missing_years(calendars, {place for _, place in people}, day)
    return [
        {
            "key": alert_key(f"calendar{missing[place][-1]}-{day:%Y-%m}p{place}", Level.CALENDAR, f"u{user_id}"),
            "level": Level.CALENDAR,
            "duty_id": None,
            "milestone_id": None,
            "milestone_version": None,
            "referral_id": None,
            "jurisdiction_id": place,
            "report_id": None,
            "extension_id": None,
            "case_id": None,
            "user_id": user_id,
            "unit_id": None,
            "state": AlertState.PENDING,
            "created_at": now,
        }
        for user_id, place in people
        if place in missing
    ]


def _write(session: Session, rows: Iterable[dict[str, Any]]) -> int:
    """Insert the rows whose key is new, and bring back those that were dropped and are true again.

    Nearly all were written before, and a conflict costs: on PostgreSQL each uses up a number of the table's sequence.
    """
    wanted = {row["key"]: row for row in rows}
    # Always in the same order: two workers that wait for each other's keys must not wait in a circle.
    ordered = [wanted[key] for key in sorted(wanted)]
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    count = 0
    for some in portions(ordered, ROWS_AT_ONCE):
        keys = [row["key"] for row in some]
        written = session.execute(select(Alert.key, Alert.state).where(Alert.key.in_(keys)))
        known = {key: state for key, state in written}
        unknown = [row for row in some if row["key"] not in known]
        fresh = insert(Alert).on_conflict_do_nothing(index_elements=["key"]).returning(Alert.key)
        # Rows keep their empty columns: else each run of rows with the same ones filled is a statement of its own.
        new = set(session.scalars(fresh, unknown, execution_options={"render_nulls": True})) if unknown else set()
        count += len(new)
        count += _bring_back(session, [row for row in some if known.get(row["key"]) in _MAY_COME_BACK])
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
    for ids in portions(stuck, MOST_VALUES):
        standing = set(still_true(session, ids))
        over = [alert_id for alert_id in ids if alert_id not in standing]
        if over:
            still = and_(Alert.id.in_(over), Alert.state == AlertState.UNREACHABLE)
            session.execute(update(Alert).where(still).values(state=AlertState.DROPPED))
