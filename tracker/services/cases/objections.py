"""Objecting to a referral (转办异议): until when a unit may say that a case is not its own."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.clock.calendar import WorkCalendar
from tracker.clock.resolution import resolve
from tracker.clock.rules import CountUnit, Kind, Rule, Sense, Suspension
from tracker.now import today
from tracker.store.models import Referral

# 信访工作条例 22: who holds that a case is not his says so within 5 workdays of receiving it.
OBJECT_WORKDAYS = 5
_RULE = Rule(kind=Kind.RELATIVE, sense=Sense.WITHIN, amount=OBJECT_WORKDAYS, unit=CountUnit.WORKDAY)


def object_until(referred_at: datetime, calendar: WorkCalendar, suspensions: Sequence[Suspension] = ()) -> date:
    """Return the last day to return a referral; the time a case stood still is not counted."""
    due = resolve(_RULE, event_at=referred_at, calendar=calendar, suspensions=suspensions).due_on
    return due or today(referred_at)


def live_referrals(session: Session, case_id: int) -> Sequence[Referral]:
    """Return the referrals of a case that were not returned."""
    query = select(Referral).where(Referral.case_id == case_id, Referral.returned_at.is_(None))
    return session.scalars(query.order_by(Referral.id)).all()
