"""未发出的邮件: sending again what was given up."""

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tracker.rules.permissions import PlaceAction, roles_for, whose
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act, permit
from tracker.store.core.actors import Actor
from tracker.store.core.portions import MOST_VALUES, portions
from tracker.store.models import Alert, AlertState, Membership, Message, Unit, User
from tracker.store.reminders.messages import visible_failed

TOLD_AGAIN = (AlertState.IN_MESSAGE, AlertState.DROPPED)


def send_again(act: Act, message_ids: Sequence[int]) -> int:
    """Let what failed mails told of wait again and their addresses be tried again; returns how many were still open.

    The next pass writes fresh mails of what is still true.  A mail sent again before is passed over.
    """
    wanted = list(dict.fromkeys(message_ids))
    permitted: set[int] = set()
    for some in portions(wanted, MOST_VALUES):
        own = visible_failed(act.actor, *roles_for(PlaceAction.RESEND_MAILS)).with_only_columns(Message.id)
        permitted.update(act.session.scalars(own.where(Message.id.in_(some))))
    permit(permitted == set(wanted), whose(PlaceAction.RESEND_MAILS))
    count = 0
    for some in portions(wanted, MOST_VALUES):
        again = act.session.scalars(
            update(Message)
            .where(Message.id.in_(some), Message.settled_at.is_(None))
            .values(settled_at=act.now)
            .returning(Message.id)
            .execution_options(synchronize_session=False)
        ).all()
        mails = act.session.scalars(select(Message).where(Message.id.in_(again)).order_by(Message.id)).all()
        for holder, ids in (
            (User, [m.user_id for m in mails]),
            (Unit, [m.unit_id for m in mails if m.user_id is None]),
        ):
            act.session.execute(
                update(holder)
                .where(holder.id.in_([i for i in ids if i is not None]))
                .values(refused_address=None)
                .execution_options(synchronize_session=False)
            )
        act.session.execute(
            update(Alert)
            .where(Alert.message_id.in_(again), Alert.state.in_(TOLD_AGAIN))
            .values(state=AlertState.PENDING)
            .execution_options(synchronize_session=False)
        )
        places = _places(act.session, act.actor, mails)
        for m in mails:
            after = {"to": m.to_address, "subject": m.subject, "message_id": m.message_id}
            act.record(
                Verb.MESSAGE_RESEND,
                Subject.MESSAGE,
                m.id,
                unit_id=m.unit_id,
                after=after,
                jurisdiction_id=places.get(m.id),
                note=m.subject,
            )
        count += len(mails)
    return count


def _places(session: Session, actor: Actor, mails: Sequence[Message]) -> dict[int, int]:
    """Return, by mail, the place of its reader where the actor sends it again."""
    rows = session.execute(
        select(Message.id, func.min(Unit.jurisdiction_id))
        .outerjoin(Membership, Membership.user_id == Message.user_id)
        .join(Unit, Unit.id == func.coalesce(Membership.unit_id, Message.unit_id))
        .where(Message.id.in_([m.id for m in mails]))
        .where(Unit.jurisdiction_id.in_(actor.places(PlaceAction.RESEND_MAILS)))
        .group_by(Message.id)
    )
    return {row[0]: row[1] for row in rows}
