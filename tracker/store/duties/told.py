"""What one mail told of (邮件所提): lists narrowed to it, for its reader alone."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

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


def duty_was_told(actor: Actor, told: Told) -> ColumnElement[bool]:
    """Whether a mail to the actor, or to a unit of his, told of a duty."""
    return Duty.id.in_(_of_alerts(actor, told, Alert.duty_id))


def case_was_told(actor: Actor, told: Told) -> ColumnElement[bool]:
    """Whether it told of a case: by itself, by a hand-over of it or by one of its clocks."""
    handed = _of_alerts(actor, told, Referral.case_id).join(Referral, Alert.referral_id == Referral.id)
    clocks = _of_alerts(actor, told, CaseStep.case_id).join(Milestone, Alert.milestone_id == Milestone.id)
    clocks = clocks.join(CaseStep, Milestone.case_step_id == CaseStep.id)
    return or_(*(Case.id.in_(found) for found in (_of_alerts(actor, told, Alert.case_id), handed, clocks)))


def _of_alerts(actor: Actor, told: Told, column: Any) -> Select[Any]:
    query = (
        select(column)
        .select_from(Alert)
        .join(Message, Alert.message_id == Message.id)
        .where(Message.message_id == f"<{told.mail}>")
        .where(or_(Message.user_id == actor.user_id, Message.unit_id.in_(actor.units(*OWN))))
    )
    return query.where(Alert.level.in_(told.levels)) if told.levels else query
