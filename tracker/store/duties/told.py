"""What one mail told of (邮件所提): lists narrowed to it, for its reader alone."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, or_, select

from tracker.rules.ladder import Level
from tracker.store.core.actors import Actor
from tracker.store.core.visible import OWN
from tracker.store.models import Alert, Case, CaseStep, Duty, Message, Milestone, Referral


@dataclass(frozen=True, slots=True)
class Told:
    """A mail by its Message-ID, without the angle brackets, and which of its alerts are meant; none named, all."""

    mail: str
    group: str = ""  # of the mail, by the word its address has for it
    levels: tuple[Level, ...] = ()

    def bound(self, actor: Actor) -> dict[str, Any]:
        """Return what the conditions below are bound to: a mail to the actor, or to a unit of his."""
        return {
            "told_mail": f"<{self.mail}>",
            "told_levels": list(self.levels or Level),
            "told_reader": actor.user_id,
            "told_units": sorted(actor.units(*OWN)),
        }


def duty_was_told() -> ColumnElement[bool]:
    """Whether a mail told of a duty."""
    return Duty.__table__.c.id.in_(_of_alerts(_ALERTS.c.duty_id))


def case_was_told() -> ColumnElement[bool]:
    """Whether it told of a case: by itself, by a hand-over of it or by one of its clocks."""
    handed = _of_alerts(_REFERRALS.c.case_id).join(_REFERRALS, _ALERTS.c.referral_id == _REFERRALS.c.id)
    clocks = _of_alerts(_STEPS.c.case_id).join(_MILESTONES, _ALERTS.c.milestone_id == _MILESTONES.c.id)
    clocks = clocks.join(_STEPS, _MILESTONES.c.case_step_id == _STEPS.c.id)
    return or_(*(Case.__table__.c.id.in_(found) for found in (_of_alerts(_ALERTS.c.case_id), handed, clocks)))


_ALERTS: Any = Alert.__table__
_MESSAGES: Any = Message.__table__
_REFERRALS: Any = Referral.__table__
_STEPS: Any = CaseStep.__table__
_MILESTONES: Any = Milestone.__table__


def _of_alerts(column: Any) -> Select[Any]:
    to_reader = _MESSAGES.c.user_id == bindparam("told_reader")
    to_unit = _MESSAGES.c.unit_id.in_(bindparam("told_units", expanding=True))
    return (
        select(column)
        .select_from(_ALERTS)
        .join(_MESSAGES, _ALERTS.c.message_id == _MESSAGES.c.id)
        .where(_MESSAGES.c.message_id == bindparam("told_mail"), or_(to_reader, to_unit))
        .where(_ALERTS.c.level.in_(bindparam("told_levels", expanding=True)))
    )
