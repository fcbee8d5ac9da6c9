"""A mail server's trouble loses nothing: what a relay refuses waits, whom it cannot reach is replaced."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import config
from tests.kit import world as w
from tests.kit.orders import limit, order
from tests.kit.smtp_server import Post, mail_server
from tests.kit.world import World
from tests.services.reminders.test_dispatch import Desk, a_pass, at, in_the_office
from tracker.adapters.mail.sending import Smtp, Temporary
from tracker.clock.rules import CountUnit
from tracker.rules.ladder import Level
from tracker.services.core.act import begin
from tracker.services.duties import progress
from tracker.services.people import accounts
from tracker.services.reminders.dispatch import MOST_ATTEMPTS, PassReport
from tracker.store.core.actors import SYSTEM
from tracker.store.core.engine import Database
from tracker.store.models import Alert, AlertState, MemberRole, Message, MessageState, Unit, User

UNKNOWN = "550 5.1.1 no such user"
COUNTY = "county@mou.example"


def passes(
    database: Database,
    settings: config.Settings,
    post: Post,
    moments: Iterable[datetime],
) -> list[PassReport]:
    return [a_pass(database, settings, now, Smtp(post.url, settings.mail_from)) for now in moments]


def minutes(*numbers: int) -> list[datetime]:
    return [w.NOW + timedelta(minutes=n) for n in numbers]


def a_head(database: Database, world: World, unit: str, email: str) -> None:
    with database.write() as session:
        accounts.add_user(
            begin(session, SYSTEM, w.NOW),
            login=f"{unit}head",
            name="负责同志",
            password_hash=w.PASSWORD_HASH,
            email=email,
            posts=[(world.units[unit].id, MemberRole.HEAD)],
        )
        session.commit()


def no_address(database: Database, world: World, unit: str) -> None:
    with database.write() as session:
        session.get_one(Unit, world.units[unit].id).email = None
        session.commit()


def readers(post: Post) -> list[str]:
    return sorted(address for envelope in post.envelopes for address in envelope.rcpt_tos)


def states(session: Session) -> dict[str, AlertState]:
    return {key: state for key, state in session.execute(select(Alert.key, Alert.state))}


# --- the relay's own trouble ------------------------------------------------------------------------------------------


def at_greeting(post: Post, answer: str | None) -> None:
    post.refuse_greeting = answer


def at_mail(post: Post, answer: str | None) -> None:
    post.refuse_mail = answer


def at_rcpt(post: Post, answer: str | None) -> None:
    post.refuse_everybody = answer


def at_data(post: Post, answer: str | None) -> None:
    post.refuse_data = answer


@pytest.mark.long
@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        (at_greeting, "554 5.3.2 not now"),
        (at_mail, "554 5.7.1 sender refused"),
        (at_rcpt, "554 5.7.1 Relay access denied"),
        (at_rcpt, "550 refused"),
        (at_rcpt, UNKNOWN),  # its directory is away: nobody is known to it
        (at_data, "554 5.7.1 message refused"),
    ],
)
def test_ten_minutes_of_refusals_lose_no_reminder(
    database: Database, settings: config.Settings, world: World, stage: Callable[[Post, str | None], None], answer: str
) -> None:
    with mail_server() as post:
        stage(post, answer)
        refused = passes(database, settings, post, minutes(*range(11)))
        assert [(r.sent, r.failed) for r in refused] == [(0, 0)] * 11
        stage(post, None)
        passes(database, settings, post, minutes(60, 61))
    with database.read() as session:
        wanted = session.scalar(select(func.count()).select_from(Message))
        assert set(session.scalars(select(Message.state))) == {MessageState.SENT}
        told = set(states(session).values())
    assert len(readers(post)) == len(set(readers(post))) == refused[0].messages == wanted
    assert COUNTY in readers(post)
    assert AlertState.PENDING not in told


def test_a_relay_that_refuses_from_the_third_mail_on_marks_nobody(
    database: Database, settings: config.Settings, world: World
) -> None:
    with mail_server() as post:
        sender = Smtp(post.url, settings.mail_from)

        class Quota:
            def send(self, mail: object) -> None:
                post.refuse_everybody = "550 5.4.5 quota exceeded" if len(post.taken) >= 2 else None
                sender.send(mail)  # type: ignore[arg-type]

            def close(self) -> None:
                sender.close()

        first = a_pass(database, settings, w.NOW, Quota())
        assert (first.sent, first.failed) == (2, 0)
        post.refuse_everybody = None
        passes(database, settings, post, minutes(5))
    assert len(readers(post)) == len(set(readers(post))) == first.messages


def test_one_reader_barred_while_others_are_served_is_refused(
    database: Database, settings: config.Settings, world: World
) -> None:
    with mail_server() as post:
        post.refuse[COUNTY] = "554 5.7.1 not to him"
        (first,) = passes(database, settings, post, minutes(0))
    assert first.failed == 1


def test_a_lone_mail_that_is_barred_waits(database: Database, settings: config.Settings, world: World) -> None:
    with mail_server() as post:
        passes(database, settings, post, minutes(0))
        with database.write() as session:
            w.duty(session, world, "一.2", "dxj").assigned_at = w.NOW + timedelta(minutes=3)
            session.commit()
        post.refuse[COUNTY] = "554 5.7.1 Relay access denied"
        (alone,) = passes(database, settings, post, minutes(4))
    assert (alone.put_off, alone.failed) == (1, 0)


# --- a reader who cannot be reached -----------------------------------------------------------------------------------


def test_a_dead_address_is_replaced_by_the_units_own_and_its_head(
    database: Database, settings: config.Settings, world: World
) -> None:
    a_head(database, world, "dxj", "dhead@mou.example")
    with mail_server() as post:
        post.refuse[COUNTY] = UNKNOWN
        first, second, third = passes(database, settings, post, minutes(0, 1, 2))
        assert (first.failed, second.sent, third) == (1, 2, PassReport())
        told = {m["To"].addresses[0].addr_spec: m for m in post.taken[-2:]}
        assert told.keys() == {"dong@mou.example", "dhead@mou.example"}
        for mail in told.values():
            assert "对投诉线索" in mail.get_body(("plain",)).get_content().replace("\r\n", "")  # type: ignore[union-attr]
        # What comes later goes to them at once: the dead address is not tried for each reminder.
        with database.write() as session:
            w.duty(session, world, "一.2", "dxj").assigned_at = w.NOW + timedelta(minutes=3)
            session.commit()
        passes(database, settings, post, minutes(4, 5))
        assert post.asked.count(COUNTY) == 1
        assert readers(post).count("dhead@mou.example") == readers(post).count("dong@mou.example") == 2
    with database.read() as session:
        failed = session.scalars(select(Message).where(Message.state == MessageState.FAILED)).one()
        assert "no such user" in (failed.last_error or "")


@pytest.mark.parametrize("only", ["unit", "head"])
def test_what_a_unit_has_is_told(database: Database, settings: config.Settings, world: World, only: str) -> None:
    if only == "head":
        a_head(database, world, "dxj", "dhead@mou.example")
        no_address(database, world, "dxj")
    with mail_server() as post:
        post.refuse[COUNTY] = UNKNOWN
        _, second = passes(database, settings, post, minutes(0, 1))
        assert second.sent == 1
        assert post.envelopes[-1].rcpt_tos == ["dong@mou.example" if only == "unit" else "dhead@mou.example"]
    with database.read() as session:
        units = session.scalars(select(Alert.unit_id).where(Alert.state == AlertState.UNREACHABLE)).all()
        assert world.units["dxj"].id not in units


@pytest.mark.parametrize("dead", [False, True])
def test_a_unit_with_nobody_left_stands_as_unreachable(
    database: Database, settings: config.Settings, world: World, dead: bool
) -> None:
    with mail_server() as post:
        post.refuse[COUNTY] = UNKNOWN
        if dead:
            post.refuse["dong@mou.example"] = UNKNOWN
        else:
            no_address(database, world, "dxj")
        passes(database, settings, post, minutes(0, 1, 2, 3))
    with database.read() as session:
        stuck = session.scalars(
            select(Alert).where(Alert.state == AlertState.UNREACHABLE, Alert.unit_id == world.units["dxj"].id)
        ).all()
        assert len(stuck) == 1
    assert post.asked.count(COUNTY) == 1
    assert post.asked.count("dong@mou.example") == int(dead)


def test_a_colleague_who_can_be_reached_does_not_hide_the_dead_address(
    database: Database, settings: config.Settings, world: World
) -> None:
    with database.write() as session:
        accounts.add_user(
            begin(session, SYSTEM, w.NOW),
            login="other",
            name="同事",
            password_hash=w.PASSWORD_HASH,
            email="other@mou.example",
            posts=[(world.units["dxj"].id, MemberRole.OFFICER)],
        )
        session.commit()
    with mail_server() as post:
        post.refuse[COUNTY] = UNKNOWN
        passes(database, settings, post, minutes(0, 1, 2))
    assert readers(post).count("other@mou.example") == readers(post).count("dong@mou.example") == 1


def test_another_units_officer_does_not_hide_the_dead_address(
    database: Database, settings: config.Settings, world: World
) -> None:
    a_head(database, world, "dxj", "dhead@mou.example")
    with database.write() as session:
        w.duty(session, world, "一.1", "gxj").officer_id = world.people["lead"].id
        order(session, world, w.NOW, limit(amount=2, unit=CountUnit.WORKDAY), unit="dxj")
        dead = session.get_one(User, world.people["county"].id)
        dead.refused_address = dead.email
        session.commit()
    a_pass(database, settings, w.NOW, Desk())
    with database.read() as session:
        head = session.scalars(select(User.id).where(User.login == "dxjhead")).one()
        for reader in (Alert.unit_id == world.units["dxj"].id, Alert.user_id == head):
            assert {Level.ASSIGNED, Level.BEFORE_3} <= set(session.scalars(select(Alert.level).where(reader)))


def test_a_head_who_stands_in_is_told_every_week_what_is_late(
    database: Database, settings: config.Settings, world: World
) -> None:
    with database.write() as session:
        dead = session.get_one(User, world.people["lead"].id)
        dead.refused_address = dead.email
        session.get_one(Unit, world.units["gxj"].id).email = None
        progress.acknowledge(begin(session, world.actor("lead"), w.NOW), w.duty(session, world, "一.1", "gxj"))
        late = w.duty(session, world, "一.1", "gxj").id
        session.commit()
    for day in (at(7, 1), at(7, 13), at(7, 14), at(7, 20)):
        a_pass(database, settings, day, Desk())
    with database.read() as session:
        told = session.scalars(
            select(Alert.level)
            .where(Alert.duty_id == late, Alert.user_id == world.people["head"].id)
            .order_by(Alert.created_at)
        ).all()
    assert told == [Level.LATE_1, Level.WEEKLY, Level.WEEKLY]


def test_what_a_duty_s_own_officer_hears_is_not_written_for_the_unit_again_and_again(
    database: Database, settings: config.Settings, world: World
) -> None:
    """His colleague's address was refused, which is no matter of his duty."""
    with database.write() as session:
        other = accounts.add_user(
            begin(session, SYSTEM, w.NOW),
            login="other",
            name="同事",
            password_hash=w.PASSWORD_HASH,
            email="other@mou.example",
            posts=[(world.units["dxj"].id, MemberRole.OFFICER)],
        )
        w.duty(session, world, "一.2", "dxj").officer_id = other.id
        dead = session.get_one(User, world.people["county"].id)
        dead.refused_address = dead.email
        session.commit()
    a_pass(database, settings, at(3, 25), Desk())
    assert a_pass(database, settings, at(3, 25), Desk()) == PassReport()
    with database.read() as session:
        assert not [key for key in states(session) if key.endswith(f"/unit{world.units['dxj'].id}")]


def test_a_corrected_address_is_told_and_its_stand_ins_no_more(
    database: Database, settings: config.Settings, world: World
) -> None:
    with mail_server() as post:
        post.refuse[COUNTY] = UNKNOWN
        passes(database, settings, post, minutes(0, 1))
        with database.write() as session:
            session.get_one(User, world.people["county"].id).email = "alive@mou.example"
            session.commit()
        passes(database, settings, post, minutes(2))
        assert post.envelopes[-1].rcpt_tos == ["alive@mou.example"]
        passes(database, settings, post, [at(3, 25), at(3, 26)])
        assert readers(post).count("dong@mou.example") == 1
    assert len(readers(post)) > 5


# --- attempts used up -------------------------------------------------------------------------------------------------


def test_what_was_tried_in_vain_waits_again_in_a_fresh_mail(
    database: Database, settings: config.Settings, world: World
) -> None:
    county = world.people["county"].id
    busy = Desk(lambda mail: Temporary("450 busy") if mail.to_address == COUNTY else None)

    def mails() -> list[Message]:  # later ones tell of what became due meanwhile
        with database.read() as session:
            own = select(Message).where(Message.user_id == county).order_by(Message.id)
            return list(session.scalars(own))

    now = w.NOW
    for _ in range(MOST_ATTEMPTS):
        a_pass(database, settings, now, busy)
        now = in_the_office(max(now, mails()[0].next_try_at) + timedelta(seconds=1))
    assert mails()[0].state is MessageState.FAILED
    told_anew = {m.id for m in mails()}
    a_pass(database, settings, now, busy)
    (fresh,) = [m for m in mails() if m.id not in told_anew]
    a_pass(database, settings, now + timedelta(seconds=1), busy)  # it has its own waits: not tried at once again
    assert len([m for m in busy.tried if m.message_id == fresh.message_id]) == 1
    well = Desk()
    a_pass(database, settings, in_the_office(now + timedelta(days=3)), well)
    assert fresh.message_id in {m.message_id for m in well.taken if m.to_address == COUNTY}
    with database.read() as session:
        assert {m.state for m in mails()[1:]} == {MessageState.SENT}
        assert AlertState.PENDING not in set(session.scalars(select(Alert.state).where(Alert.user_id == county)))
        assert mails()[0].settled_at is not None  # the reader has been told: nothing stands open
