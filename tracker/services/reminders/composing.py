"""From alerts to mails: all that waits for one reader becomes one mail, looked at again as it is written."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from sqlalchemy.orm import Session

from tracker.adapters.mail.rendering import Rendered, render
from tracker.rules.ladder import Level
from tracker.services.reminders.digests import digest
from tracker.services.reminders.lines import DigestFacts, Scene
from tracker.store.calendars.versions import missing_years, read_calendars
from tracker.store.cases.export import complainants_of
from tracker.store.core.portions import MOST_VALUES, portions
from tracker.store.duties.lists import nearest_milestones
from tracker.store.models import Alert, AlertState, Message, MessageState, Milestone
from tracker.store.reminders.conditions import still_true
from tracker.store.reminders.messages import (
    Recipient,
    alerts_in,
    complainants_behind,
    current_dates,
    lock_pending,
    open_offices,
    pending_recipients,
    posts_of,
    supervising_offices,
    untried,
)

# So many readers' mails are put together from one set of queries.
READERS_AT_ONCE = 25
NOT_NEEDED = "不再需要发送：所提事项已经办理或变更"


@dataclass(frozen=True, slots=True)
class Composed:
    """How many readers' alerts were looked at, and how many mails they became."""

    readers: int
    messages: int


def compose_some(
    session: Session, now: datetime, mail_from: str, base_url: str, limit: int = READERS_AT_ONCE
) -> Composed:
    """Make the mails of some readers: few enough that nobody waits long for the transaction to end."""
    calendars = read_calendars(session)
    offices = open_offices(calendars, now)
    recipients = pending_recipients(session, limit, offices)
    if not recipients:
        return Composed(0, 0)
    # A mail that waits for a server that is down takes up what has become due since: one mail, not one a day.
    waiting = untried(session, recipients)
    alerts = lock_pending(session, recipients, offices) + alerts_in(session, [m.id for m in waiting.values()])
    scene = Scene(now, calendars, base_url)
    mails = _written(session, _true_ones(session, alerts, scene), scene, waiting, mail_from)
    session.add_all(message for message, _ in mails)
    session.flush()  # the alerts need their mails' ids
    for message, theirs in mails:
        for alert in theirs:
            alert.state, alert.message_id = AlertState.IN_MESSAGE, message.id
    for reader in waiting.keys() - {(m.user_id, m.unit_id) for m, _ in mails}:
        session.delete(waiting[reader])  # nothing of it is true any more, and nobody has seen it
    session.flush()  # the next readers are found by what still waits
    return Composed(len(recipients), sum(1 for message, _ in mails if message not in waiting.values()))


def _written(
    session: Session, alerts: Sequence[Alert], scene: Scene, waiting: Mapping[Recipient, Message], mail_from: str
) -> list[tuple[Message, list[Alert]]]:
    """Return each reader's mail, new or written anew, with what it tells of."""
    facts = _facts(session, alerts, scene)
    mails = []
    for reader, theirs in _by_reader(alerts).items():
        message = waiting.get(reader) or _new(theirs[0], scene.now, mail_from)
        _write(message, render(digest(theirs, facts, scene, message.message_id)))
        mails.append((message, theirs))
    return mails


def recompose(session: Session, now: datetime, base_url: str, ids: Sequence[int]) -> set[int]:
    """Write mails anew that could not be sent before; returns those that have nothing left to say and are given up."""
    scene = Scene(now, read_calendars(session), base_url)
    alerts = _true_ones(session, alerts_in(session, ids), scene)
    facts = _facts(session, alerts, scene)
    by_message: dict[int, list[Alert]] = {}
    for alert in alerts:
        by_message.setdefault(alert.message_id or 0, []).append(alert)
    given_up: set[int] = set()
    for message_id in ids:
        message = session.get_one(Message, message_id)
        theirs = by_message.get(message_id)
        if theirs:
            _write(message, render(digest(theirs, facts, scene, message.message_id)))
        else:
            message.state, message.last_error = MessageState.FAILED, NOT_NEEDED
            message.failed_at = message.settled_at = now
            message.claimed_by, message.lease_until = None, None
            given_up.add(message_id)
    return given_up


def _true_ones(session: Session, alerts: Sequence[Alert], scene: Scene) -> list[Alert]:
    """Return the alerts that still are true, of state and of reader alike; the others are dropped."""
    standing: set[int] = set()
    noticeless = _missing(alerts, scene).keys()
    for some in portions([a.id for a in alerts], MOST_VALUES):
        standing.update(still_true(session, some, noticeless))
    for alert in alerts:
        if alert.id not in standing:
            alert.state, alert.message_id = AlertState.DROPPED, None
    return [alert for alert in alerts if alert.id in standing]


def _facts(session: Session, alerts: Sequence[Alert], scene: Scene) -> DigestFacts:
    undated = (Level.ASSIGNED, Level.SENT_BACK)  # told with the first date of the duty
    told = [a.duty_id for a in alerts if a.milestone_id is None and (a.level in undated or a.report_id is None)]
    new = [duty_id for duty_id in told if duty_id is not None]
    nearest: dict[int, Milestone] = {}
    for some in portions(list(dict.fromkeys(new)), MOST_VALUES):
        nearest |= {duty_id: m for duty_id, m in nearest_milestones(session, some).items() if m.duty_id == duty_id}
    clocks = {a.milestone_id for a in alerts if a.milestone_id is not None} | {m.id for m in nearest.values()}
    return DigestFacts(
        dates=current_dates(session, sorted(clocks)),
        names=complainants_behind(session, sorted(clocks)),
        nearest=nearest,
        offices=supervising_offices(session),
        posts=posts_of(session, sorted({a.user_id for a in alerts if a.user_id is not None})),
        missing=_missing(alerts, scene),
        complainants=_complainants(session, alerts),
    )


def _complainants(session: Session, alerts: Sequence[Alert]) -> dict[int, str]:
    """Return, by case, the names of whom returned cases are from: what the reason of a return must not say."""
    returned = {a.referral.case_id for a in alerts if a.level is Level.RETURNED and a.referral is not None}
    found: dict[int, str] = {}
    for some in portions(sorted(returned), MOST_VALUES):
        found |= {case_id: person.name or "" for case_id, person in complainants_of(session, some).items()}
    return found


def _missing(alerts: Sequence[Alert], scene: Scene) -> dict[int, list[int]]:
    """Return, by place, the years of which an administrator is still to be told."""
    places = {a.jurisdiction_id for a in alerts if a.jurisdiction_id is not None}
    return missing_years(scene.calendars, places, scene.today)


def _by_reader(alerts: Sequence[Alert]) -> dict[Recipient, list[Alert]]:
    found: dict[Recipient, list[Alert]] = {}
    for alert in alerts:
        found.setdefault((alert.user_id, alert.unit_id), []).append(alert)
    return found


def _write(message: Message, written: Rendered) -> None:
    message.subject, message.text, message.html = written.subject, written.text, written.html


def _new(alert: Alert, now: datetime, mail_from: str) -> Message:
    """Return an empty mail to an alert's reader, under an identifier it keeps whatever becomes of it."""
    holder = alert.user or alert.unit
    domain = parseaddr(mail_from)[1].rpartition("@")[2] or "localhost"
    return Message(
        message_id=f"<{secrets.token_hex(16)}@{domain}>",
        user_id=alert.user_id,
        unit_id=alert.unit_id,
        to_address=(holder.email if holder else None) or "",
        next_try_at=now,
        created_at=now,
    )
