"""Sending the mails: each is claimed with a lease before it is sent, and its fate recorded after."""

import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import exists, update
from sqlalchemy.orm import Session

from tracker.adapters.mail.sending import (
    Barred,
    Mail,
    MailError,
    NoAddress,
    Permanent,
    Sender,
    Temporary,
    Unavailable,
    Unknown,
    Unwritable,
)
from tracker.now import today
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import begin
from tracker.services.deadlines.upkeep import extend_duties, extend_steps
from tracker.services.reminders.composing import compose_some, recompose
from tracker.services.reminders.sweep import sweep
from tracker.store.calendars.versions import read_calendars
from tracker.store.core.actors import SYSTEM
from tracker.store.core.engine import Database
from tracker.store.core.portions import portions
from tracker.store.deadlines.rhythms import rhythms_running_out, steps_running_out
from tracker.store.models import Alert, AlertState, Message, MessageState, Unit, User
from tracker.store.reminders.messages import (
    Addressed,
    addressed,
    open_offices,
    others_put_off,
    same_reader,
    sendable,
    waiting_messages,
)

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)
# So many mails share a claim and a connection: few enough to be sent well within the lease.
BATCH = 20
HOLDERS_AT_ONCE = 50
# A mail that has waited so long is looked at again before it is sent.
STALE = timedelta(minutes=10)
# Waits after each failed attempt; a server that is down over a weekend loses nothing.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440, 1440))
MOST_ATTEMPTS = len(WAITS) + 1
# So many recipients refused one after the other are the mail server's trouble, not theirs.
IN_A_ROW = 3
# A mailbox called unknown in so many attempts, over more than an hour, is believed to be.
BELIEVED_AFTER = 5
NO_ADDRESS = "收件人已停用，没有邮箱，或者邮箱先前已被拒收"
CRASHED = "多次发送都中途停止，请查看运行日志"


class MailSettings(Protocol):
    """What mails take from the settings."""

    @property
    def mail_from(self) -> str: ...

    @property
    def base_url(self) -> str: ...


@dataclass(slots=True)
class PassReport:
    """What one pass of the worker did."""

    periods: int = 0
    alerts: int = 0
    messages: int = 0
    sent: int = 0
    put_off: int = 0
    failed: int = 0


def run_pass(
    database: Database,
    now: datetime,
    settings: MailSettings,
    sender: Sender,
    worker_name: str,
    stopping: Callable[[], bool] = lambda: False,
) -> PassReport:
    """Do one pass: roll periods forward, sweep, write the mails, send them; each step is a transaction of its own.

    The one place that commits besides a request: a claim must be seen by others before its mail is sent.
    `stopping` is asked between mails, so that a pass ends soon when the worker does.
    """
    report = PassReport()
    with database.read() as session:
        work = (
            (extend_duties, rhythms_running_out(session, today(now))),
            (extend_steps, steps_running_out(session, today(now))),
        )
    for extend, holders in work:
        for some in portions(holders, HOLDERS_AT_ONCE):
            with database.write.begin() as session:
                report.periods += extend(begin(session, SYSTEM, now), some)
    with database.write.begin() as session:
        report.alerts = sweep(session, now)
    composed = True
    while composed:
        with database.write.begin() as session:
            done = compose_some(session, now, settings.mail_from, settings.base_url)
        report.messages += done.messages
        composed = done.readers > 0
    delivery = _Delivery(database, now, settings.base_url, sender, _name(worker_name), stopping, report)
    try:
        while delivery.next_batch():
            pass
        delivery.settle_doubts()
    finally:
        sender.close()
    return report


def _name(worker: str) -> str:
    """Return a name no other pass has: a claim is known by it."""
    return f"{worker[:60]}/{secrets.token_hex(6)}"


@dataclass
class _Delivery:
    """The sending part of one pass."""

    database: Database
    now: datetime
    base_url: str
    sender: Sender
    worker: str
    stopping: Callable[[], bool]
    report: PassReport
    started: float = field(default_factory=time.monotonic)
    # Recipients refused since a mail was last taken: theirs or the server's trouble, what follows will show.
    doubted: list[tuple[Addressed, Permanent]] = field(default_factory=list)

    def moment(self) -> datetime:
        """Return the pass's instant moved on by the time it has taken: leases run while mails are sent."""
        return self.now + timedelta(seconds=time.monotonic() - self.started)

    def next_batch(self) -> bool:
        """Claim and send a batch; False when nothing waits, no server answers or the worker is to stop."""
        if self.stopping():
            return False
        claimed_at = self.moment()
        with self.database.write.begin() as session:
            batch = claim(session, claimed_at, self.worker)
            again = [i.message.id for i in batch if i.message.attempts > 1 or i.message.created_at < claimed_at - STALE]
            over = recompose(session, self.moment(), self.base_url, again) if again else set()
        for place, item in enumerate(batch):
            if self.stopping():
                self._give_back(batch[place:], self.moment())
                return False
            if item.message.id in over or not self._still_mine(item, claimed_at):
                continue
            error = self._hand_over(item)
            if isinstance(error, Permanent) and self._doubtful(error):
                self.doubted.append((item, error))
                if len(self.doubted) < IN_A_ROW:
                    continue
                self._settle(lambda item, error: False)
                self._give_back(batch[place + 1 :], self.moment() + WAITS[0])
                return False
            if error is None:
                self._settle(lambda item, error: True)
            self._record(item, error)
            if isinstance(error, Unavailable):
                # One mail finds out whether the server is back; for the others it counts as no attempt.
                self._give_back(batch[place + 1 :], self.moment() + WAITS[0])
                return False
        return bool(batch)

    def _doubtful(self, error: Permanent) -> bool:
        """Whether a refusal may be the server's own trouble; an unknown mailbox is not, once a mail was taken."""
        return not isinstance(error, NoAddress) and not (isinstance(error, Unknown) and self.report.sent)

    def settle_doubts(self) -> None:
        """End the pass: a few refusals at its end are believed, unless nothing was taken and others wait as well."""
        if not self.doubted:
            return
        with self.database.read() as session:
            others = others_put_off(session, [item.message.id for item, _ in self.doubted])

        def believed(item: Addressed, error: Permanent) -> bool:
            if self.report.sent:
                return True
            patient = isinstance(error, Unknown) and item.message.attempts >= BELIEVED_AFTER
            return not isinstance(error, Barred) and (patient or not others)

        self._settle(believed)

    def _settle(self, believed: Callable[[Addressed, Permanent], bool]) -> None:
        """Record the doubted refusals, as the server's trouble where they are not believed."""
        doubted, self.doubted = self.doubted, []
        for item, error in doubted:
            last = item.message.attempts >= MOST_ATTEMPTS and not isinstance(error, Barred)
            self._record(item, error if last or believed(item, error) else Temporary(str(error)))

    def _hand_over(self, item: Addressed) -> MailError | None:
        """Try to send one mail; returns why it was not taken."""
        if item.address is None:
            return NoAddress(NO_ADDRESS)
        m = item.message
        try:
            self.sender.send(Mail(m.message_id, item.name, item.address, m.subject, m.text, m.html, self.moment()))
        except MailError as error:
            log.warning("mail %s not sent: %s", m.message_id, error)
            return error
        return None

    def _record(self, item: Addressed, error: MailError | None) -> None:
        with self.database.write.begin() as session:
            if error is None:
                record_sent(session, self.moment(), item)
                self.report.sent += 1
            elif session.get_one(Message, item.message.id).claimed_by != self.worker:
                pass  # another worker took it over while it was doubted: what becomes of it is for that one to say
            elif record_failed(session, self.moment(), item, error) is MessageState.FAILED:
                self.report.failed += 1
            else:
                self.report.put_off += 1

    def _still_mine(self, item: Addressed, claimed_at: datetime) -> bool:
        """Renew a lease that has half run out; False where another worker took the mail over meanwhile."""
        if self.moment() - claimed_at < LEASE / 2:
            return True
        with self.database.write.begin() as session:
            kept = session.scalars(
                update(Message)
                .where(Message.id == item.message.id, Message.claimed_by == self.worker)
                .where(Message.state == MessageState.CLAIMED)
                .values(lease_until=self.moment() + LEASE)
                .returning(Message.id)
            ).all()
        return bool(kept)

    def _give_back(self, batch: Sequence[Addressed], at: datetime) -> None:
        """Let mails claimed but not tried wait until `at`."""
        with self.database.write.begin() as session:
            session.execute(
                update(Message)
                .where(Message.id.in_([item.message.id for item in batch]), Message.claimed_by == self.worker)
                .where(Message.state == MessageState.CLAIMED)
                .values(state=MessageState.PENDING, claimed_by=None, lease_until=None, next_try_at=at)
                .values(attempts=Message.attempts - 1)
            )


def claim(session: Session, now: datetime, worker: str, limit: int = BATCH) -> list[Addressed]:
    """Claim mails whose time has come, also those whose lease ran out; commit before sending them."""
    offices = open_offices(read_calendars(session), now)
    ids = waiting_messages(session, now, limit, offices)
    claimed = session.scalars(
        update(Message)
        .where(Message.id.in_(ids), sendable(now, offices))
        .values(
            state=MessageState.CLAIMED,
            claimed_by=worker,
            lease_until=now + LEASE,
            attempts=Message.attempts + 1,
        )
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).all()
    found = addressed(session, claimed)
    for item in found:
        if item.message.attempts > MOST_ATTEMPTS:  # whoever claimed it never came to record anything
            _give_up(session, now, item, CRASHED)
    return [item for item in found if item.message.state is MessageState.CLAIMED]


def record_sent(session: Session, now: datetime, item: Addressed) -> None:
    """Record that a mail was taken, whoever holds its claim by now."""
    m, to = item.message, item.address or item.message.to_address
    session.execute(
        update(Message)
        .where(Message.id == m.id)
        .values(state=MessageState.SENT, sent_at=now, to_address=to, last_error=None, claimed_by=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    # What failed before told of things that this mail tells of, or that are over: it stands open no more.
    untold = exists().where(Alert.message_id == Message.id, Alert.state == AlertState.IN_MESSAGE)
    session.execute(
        update(Message)
        .where(Message.state == MessageState.FAILED, Message.settled_at.is_(None), same_reader(m), ~untold)
        .values(settled_at=now)
        .execution_options(synchronize_session=False)
    )
    _trail(session, now, item, Verb.MESSAGE_SENT, to, f"{item.name}：{m.subject}")


def record_failed(session: Session, now: datetime, item: Addressed, error: MailError) -> MessageState:
    """Put a mail off, or give it up where the refusal is final or the attempts are used up; returns its state.

    What a mail given up tells of is told anew: to others where its reader cannot be reached, else in a fresh mail.
    """
    message = session.get_one(Message, item.message.id)
    if isinstance(error, Permanent | Unwritable) or message.attempts >= MOST_ATTEMPTS:
        _give_up(session, now, replace(item, message=message), str(error))
        if isinstance(error, Permanent):
            _mark(session, item)
            _let_go(session, message, AlertState.DROPPED)
        elif not isinstance(error, Unwritable):
            _let_go(session, message, AlertState.PENDING)
        return message.state
    message.state, message.last_error = MessageState.PENDING, str(error)[:500]
    message.claimed_by, message.lease_until = None, None
    message.next_try_at = now + WAITS[message.attempts - 1]
    return message.state


def _mark(session: Session, item: Addressed) -> None:
    """Note at the reader that his address takes no mail: it is not tried again until it is corrected."""
    if item.address is None:
        return
    m = item.message
    holder = (
        update(User).where(User.id == m.user_id) if m.user_id is not None else update(Unit).where(Unit.id == m.unit_id)
    )
    # Past the unit's version: what people edit in its form is another thing.
    session.execute(holder.values(refused_address=item.address).execution_options(synchronize_session=False))


def _let_go(session: Session, message: Message, state: AlertState) -> None:
    """Leave the alerts of a failed mail to the next sweep; it finds who stands in for a reader not to be reached."""
    session.execute(
        update(Alert)
        .where(Alert.message_id == message.id, Alert.state == AlertState.IN_MESSAGE)
        .values(state=state)
        .execution_options(synchronize_session=False)
    )


def _give_up(session: Session, now: datetime, item: Addressed, why: str) -> None:
    message = item.message
    message.state, message.last_error, message.failed_at = MessageState.FAILED, why[:500], now
    message.to_address = item.address or message.to_address
    message.claimed_by, message.lease_until = None, None
    _trail(session, now, item, Verb.MESSAGE_FAILED, message.to_address, f"{item.name}：{message.subject}（{why}）")


def _trail(session: Session, now: datetime, item: Addressed, verb: Verb, to: str, note: str) -> None:
    m = item.message
    begin(session, SYSTEM, now).record(
        verb,
        Subject.MESSAGE,
        m.id,
        unit_id=m.unit_id,
        jurisdiction_id=item.jurisdiction_id,
        after={"to": to, "subject": m.subject, "message_id": m.message_id},
        note=note,
    )
