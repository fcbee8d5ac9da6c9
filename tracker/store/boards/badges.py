"""The numbers in the top bar of every page, in one question: what waits for a decision, which mails did not go out."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, func, literal_column, or_, select
from sqlalchemy.orm import Session

from tracker.rules.permissions import PlaceAction
from tracker.store.core.actors import Actor
from tracker.store.models import (
    Case,
    CaseStep,
    Duty,
    Extension,
    MemberRole,
    Membership,
    Message,
    Milestone,
    PauseRequest,
    Unit,
)

_duties: Any = Duty.__table__
_extensions: Any = Extension.__table__
_milestones: Any = Milestone.__table__
_steps: Any = CaseStep.__table__
_cases: Any = Case.__table__
_requests: Any = PauseRequest.__table__
_messages: Any = Message.__table__
_memberships: Any = Membership.__table__
_units: Any = Unit.__table__


def _ids(name: str) -> Any:
    return bindparam(name, expanding=True)


# In the words of the partial indexes over what waits.
_SUBMITTED = _duties.c.state == literal_column("'submitted'")
_ASKED_FOR = _extensions.c.state == literal_column("'pending'")
_REQUESTED = _requests.c.state == literal_column("'pending'")
_GIVEN_UP = and_(_messages.c.state == literal_column("'failed'"), _messages.c.settled_at.is_(None))
# Who is of the unit complained of decides nothing in the complaint.
_UNCONCERNED = or_(_cases.c.accused_unit_id.is_(None), _cases.c.accused_unit_id.not_in(_ids("of_units")))

_of_mail_places = select(_units.c.id).where(_units.c.jurisdiction_id.in_(_ids("mail_places")))
_readers = select(_memberships.c.user_id).where(_memberships.c.unit_id.in_(_of_mail_places))
_reviews = (
    select(func.count()).select_from(_duties).where(_SUBMITTED, _duties.c.jurisdiction_id.in_(_ids("supervised")))
)
_times = (
    select(func.count())
    .select_from(_extensions)
    .join(_milestones, _extensions.c.milestone_id == _milestones.c.id)
    .outerjoin(_steps, _milestones.c.case_step_id == _steps.c.id)
    .outerjoin(_cases, _steps.c.case_id == _cases.c.id)
    .where(_ASKED_FOR, _extensions.c.by_id != bindparam("by_id"), _UNCONCERNED)
    .where(_milestones.c.met_at.is_(None), _milestones.c.cancelled_at.is_(None))
    .where(
        or_(
            _milestones.c.jurisdiction_id.in_(_ids("supervised")),
            and_(_milestones.c.case_step_id.is_not(None), _milestones.c.unit_id.in_(_ids("headed"))),
        )
    )
)
# From the few requests that wait to their cases: joined, SQLite would begin with all open cases of a place.
_pauses = (
    select(func.count())
    .select_from(_requests)
    .join(_cases, _requests.c.case_id == _cases.c.id)
    .where(_REQUESTED, _requests.c.by_id != bindparam("by_id"), _UNCONCERNED, _cases.c.closed_at.is_(None))
    # No index of the place: the few requests are to be read first, not the place's open cases.
    .where((_cases.c.jurisdiction_id + 0).in_(_ids("supervised")))
)
_mails = (
    select(func.count())
    .select_from(_messages)
    .where(_GIVEN_UP)
    .where(
        or_(
            _messages.c.user_id.in_(_readers),
            and_(_messages.c.user_id.is_(None), _messages.c.unit_id.in_(_of_mail_places)),
        )
    )
)
_BADGES = select(*(one.scalar_subquery() for one in (_reviews, _times, _pauses, _mails)))


@dataclass(frozen=True, slots=True)
class Badges:
    """How much waits for an actor to decide, and how many mails of his places were given up."""

    waiting: int
    failed: int


NONE = Badges(0, 0)


def read_badges(session: Session, actor: Actor) -> Badges:
    """Return an actor's numbers; who has none of either to see asks nothing."""
    mail_places = actor.places(PlaceAction.RESEND_MAILS)
    if not (mail_places or actor.may(PlaceAction.REVIEW)):
        return NONE
    asked = {
        "supervised": list(actor.jurisdictions(MemberRole.SUPERVISOR)),
        "headed": list(actor.units(MemberRole.HEAD)),
        "of_units": list({post.unit_id for post in actor.posts}),
        "mail_places": list(mail_places),
        "by_id": actor.user_id,
    }
    reviews, times, pauses, mails = session.execute(_BADGES, asked).one()
    return Badges(reviews + times + pauses, mails)
