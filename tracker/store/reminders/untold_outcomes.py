"""Outcomes nobody has told yet (结果): who has still to hear of them, asked every minute."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from tracker.rules.ladder import Level
from tracker.store.core.base import UtcDateTime
from tracker.store.models import Alert, AlertState, Membership
from tracker.store.reminders.due import SAID, Due, address, dues, person
from tracker.store.reminders.outcomes import TELLINGS, Telling
from tracker.store.reminders.recipients import address_told

# Made once, as in recipients: an alias and its columns cost more than the query it is for.
_lately = aliased(Alert)


def outcomes_untold(session: Session, since: datetime, quiet: datetime) -> Iterator[tuple[Level, Due]]:
    """Yield who has still to be told of an outcome: of what came about after `since`, and of all that waits.

    Who was told after `quiet` of a submission to review is told of further ones later, all in one mail.
    """
    for telling in TELLINGS:
        for due in _told_of(session, telling, since, quiet):
            yield telling.level, due


def _told_of(session: Session, telling: Telling, since: datetime, quiet: datetime) -> Iterator[Due]:
    for query in _outcome_queries(telling.level):
        yield from dues(session, query, since=since, quiet=quiet)


@cache
def _outcome_queries(level: Level) -> tuple[Select[Any], ...]:
    """Return whom one sort of outcome has still to be told, people and then addresses; built once, asked every minute.

    Parameters: `since` and `quiet`, as in `outcomes_untold`.
    """
    telling = next(t for t in TELLINGS if t.level is level)
    said = SAID
    saying = and_(getattr(said, telling.alert.key) == telling.thing.id, said.level == level)
    told = exists().where(saying, said.user_id == Membership.user_id, said.state != AlertState.DROPPED)
    since = bindparam("since", type_=UtcDateTime)
    recent = telling.true if telling.since is None else and_(telling.true, telling.since >= since)
    names = (telling.thing.id.label(telling.alert.key), *telling.ids)
    people = (
        telling.join(select(*person(), *names).select_from(telling.thing))
        .join(Membership, telling.posts)
        .where(recent, telling.told_to(Membership.user_id), ~told)
        .order_by(telling.thing.id)
    )
    if level is Level.SUBMITTED:
        # Asked once and not for each submission, and found by its index: every such alert names a report.
        people = people.where(
            Membership.user_id.not_in(
                select(_lately.user_id).where(
                    _lately.report_id > 0,
                    _lately.level == Level.SUBMITTED,
                    _lately.user_id.is_not(None),
                    _lately.created_at > bindparam("quiet", type_=UtcDateTime),
                    _lately.state != AlertState.DROPPED,
                )
            )
        )
    if telling.unit is None:
        return (people,)
    at_address = exists().where(saying, said.user_id.is_(None), address_told(said))
    units = (
        telling.join(select(*address(), *names).select_from(telling.thing))
        .where(recent, telling.told_at_address(), ~at_address)
        .order_by(telling.thing.id)
    )
    return people, units
