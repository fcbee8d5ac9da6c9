"""Accounts: weak passwords, what a log-in failure costs, and how an account ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.kit.world import NOW, PASSWORD, World
from tracker.services.core.act import begin
from tracker.services.core.errors import Refused
from tracker.services.people import accounts, sessions
from tracker.store.core.actors import SYSTEM, actor_of
from tracker.store.core.engine import Database
from tracker.store.models import AuditEntry, LoginThrottle, MemberRole, Membership, User
from tracker.store.people.sessions import find_session

LEAD = accounts.throttle_keys("lead", "10.0.0.7")
KEYS = [*LEAD.refusing, LEAD.address]


# --- Passwords -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password", ["", "Ab1", "Abcdefg12", "1234567890", "abcdefghij", "ABCDEFGHIJ", "减负办减负办减负办减"]
)
def test_a_weak_password_is_refused_before_it_is_hashed(password: str) -> None:
    with pytest.raises(Refused, match="密码至少 10 位"):
        accounts.hash_password(password)


@pytest.mark.parametrize("password", ["abcdefghi1", "ABCDEFGHIj", "1234567890-", "a b c d e f", PASSWORD])
def test_two_kinds_of_character_and_ten_of_them_are_enough(password: str) -> None:
    accounts.refuse_weak(password)


def test_a_hash_is_salted_and_matches_its_password_alone(world: World) -> None:
    user = world.people["lead"]
    first, second = accounts.hash_password("Abcdefghi1"), accounts.hash_password("Abcdefghi1")
    assert first != second
    assert "Abcdefghi1" not in first
    user.password_hash = first
    assert accounts.password_matches(user, "Abcdefghi1")
    assert not accounts.password_matches(user, "Abcdefghi2")
    assert not accounts.password_matches(user, "")


def test_nobody_has_any_password(world: World) -> None:
    assert not accounts.password_matches(None, "nobody has this password")
    assert not accounts.password_matches(None, "")


def test_a_disabled_account_has_none_either(world: World, session: Session) -> None:
    user = session.get_one(User, world.people["lead"].id)
    assert accounts.password_matches(user, PASSWORD)
    accounts.disable_user(begin(session, SYSTEM, NOW), user)
    assert not accounts.password_matches(user, PASSWORD)


# --- Slowing down ----------------------------------------------------------------------------------------------------


def fail(session: Session, times: int, start: datetime = NOW, keys: list[str] = KEYS) -> list[float]:
    """Fail to log in so often, each time as soon as that is allowed; returns the wait after each, in seconds."""
    waits: list[float] = []
    now = start
    for _ in range(times):
        accounts.record_failed_login(session, now, keys)
        session.flush()
        waits.append(accounts.wait_for_login(session, now, keys).total_seconds())
        now += timedelta(seconds=waits[-1])
    return waits


def test_the_wait_doubles_after_a_few_failures_up_to_a_quarter_of_an_hour(world: World, session: Session) -> None:
    assert fail(session, 15) == [0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_an_address_that_many_share_is_slowed_down_much_later_than_an_account(world: World, session: Session) -> None:
    assert fail(session, 32, keys=["address:10.0.0.7"]) == [0] * 30 + [2, 4]


def test_an_account_tried_from_many_addresses_waits_later_than_from_one(world: World, session: Session) -> None:
    waits = [fail(session, 4, keys=list(accounts.throttle_keys("lead", f"10.0.0.{n}").refusing)) for n in range(6)]
    assert waits == [[0] * 4] * 5 + [[2, 4, 8, 16]]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff::9", True),  # a machine chooses among 2^64 of these
        ("2001:db8:1:2::7", "2001:db8:1:3::7", False),
        ("10.0.0.7", "10.0.0.8", False),
        (None, "10.0.0.8", False),
    ],
)
def test_addresses_of_one_network_card_count_as_one(one: str | None, other: str, same: bool) -> None:
    assert (accounts.throttle_keys("lead", one).address == accounts.throttle_keys("lead", other).address) is same


def test_a_key_fits_its_column_whatever_is_typed_and_forwarded() -> None:
    keys = accounts.throttle_keys("名" * 500, "x" * 500)
    assert all(len(key) <= LoginThrottle.key.type.length for key in (*keys.refusing, keys.address))


def test_the_wait_runs_out_by_itself(world: World, session: Session) -> None:
    fail(session, 5)
    assert accounts.wait_for_login(session, NOW + timedelta(seconds=1), KEYS) == timedelta(seconds=1)
    assert accounts.wait_for_login(session, NOW + timedelta(seconds=2), KEYS) == timedelta(0)
    assert accounts.wait_for_login(session, NOW + timedelta(hours=5), KEYS) == timedelta(0)


def test_failures_are_forgotten_after_a_quiet_hour_and_not_before(world: World, session: Session) -> None:
    fail(session, 4)
    fail(session, 1, NOW + timedelta(minutes=60))
    assert accounts.wait_for_login(session, NOW + timedelta(minutes=60), KEYS) == timedelta(seconds=2)
    assert fail(session, 4, NOW + timedelta(minutes=122)) == [0, 0, 0, 0]


def test_the_longest_wait_counts(world: World, session: Session) -> None:
    fail(session, 32, keys=[LEAD.address])
    assert accounts.wait_for_login(session, NOW, KEYS) > timedelta(0)
    assert accounts.wait_for_login(session, NOW, LEAD.refusing) == timedelta(0)


def test_a_log_in_forgets_the_failures_of_account_and_address_and_is_noted(world: World, session: Session) -> None:
    fail(session, 32)
    other = accounts.throttle_keys("head", "10.0.0.7")
    fail(session, 5, keys=list(other.refusing))
    user = session.get_one(User, world.people["lead"].id)
    accounts.record_login(session, NOW, user, world.actor("lead"), LEAD)
    session.flush()
    assert accounts.wait_for_login(session, NOW, KEYS) == timedelta(0)
    # An account of one's own does not open the way to guess at another's.
    assert accounts.wait_for_login(session, NOW, other.refusing) == timedelta(seconds=2)
    assert user.last_login_at == NOW
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.verb == "user.login"))
    assert (entry.actor_id, entry.unit_id) == (user.id, world.units["gxj"].id)


def test_failures_at_the_same_moment_are_all_counted(world: World, database: Database) -> None:
    def one(n: int) -> None:
        with database.write() as session:
            accounts.record_failed_login(session, NOW, KEYS if n % 2 else KEYS[::-1])
            session.commit()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(18)))
    with database.read() as session:
        assert session.scalars(select(LoginThrottle.failures)).all() == [18, 18, 18]


# --- Accounts --------------------------------------------------------------------------------------------------------


def test_an_account_holds_several_posts(world: World, session: Session) -> None:
    posts = [(world.units["jfb"].id, MemberRole.SUPERVISOR), (world.units["gxj"].id, MemberRole.OFFICER)]
    user = accounts.add_user(
        begin(session, SYSTEM, NOW),
        login=" Wang.Fang ",
        name="王芳",
        password_hash="x",
        email="w@mou.example",
        posts=posts,
    )
    session.flush()
    assert (user.login, user.active, user.demo) == ("wang.fang", True, False)
    assert [(p.unit_id, p.role) for p in actor_of(session, user).posts] == posts
    (entry,) = session.scalars(
        select(AuditEntry).where(AuditEntry.verb == "user.create", AuditEntry.subject_id == user.id)
    )
    assert entry.jurisdiction_id == world.jurisdiction.id
    assert entry.after is not None
    assert entry.after["posts"] == [[unit, role.value] for unit, role in posts]
    assert "password" not in str(entry.after)


@pytest.mark.parametrize("login", ["", "  ", "wang fang", "lead", "LEAD ", " lead"])
def test_a_log_in_name_is_one_word_and_taken_once(world: World, session: Session, login: str) -> None:
    before = session.scalar(select(func.count()).select_from(User))
    with pytest.raises(Refused, match="登录名"):
        accounts.add_user(begin(session, SYSTEM, NOW), login=login, name="某人", password_hash="x")
    assert session.scalar(select(func.count()).select_from(User)) == before


def find(session: Session, token: str) -> int | None:
    session.flush()
    found = find_session(session, token, NOW, timedelta(minutes=30), timedelta(hours=10))
    return found.actor.user_id if found else None


def test_disabling_ends_every_session_and_keeps_the_name(world: World, session: Session) -> None:
    user = session.get_one(User, world.people["lead"].id)
    token = sessions.start(session, NOW, user, "10.0.0.7")
    assert find(session, token) == user.id
    accounts.disable_user(begin(session, world.actor("administrator"), NOW), user)
    session.flush()
    assert (user.active, find(session, token), user.name) == (False, None, "lead同志")
    assert session.scalar(select(func.count()).select_from(Membership).where(Membership.user_id == user.id)) == 1
    with pytest.raises(Refused, match="已经停用"):
        accounts.disable_user(begin(session, world.actor("administrator"), NOW), user)


def test_a_new_password_ends_every_older_session_and_leaves_no_trace_of_itself(world: World, session: Session) -> None:
    user = session.get_one(User, world.people["lead"].id)
    token = sessions.start(session, NOW, user, None)
    accounts.set_password(begin(session, world.actor("lead"), NOW), user, accounts.hash_password("Another-horse-8"))
    session.flush()
    assert find(session, token) is None
    assert accounts.password_matches(user, "Another-horse-8")
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.verb == "user.password"))
    assert (entry.before, entry.after, entry.note) == (None, None, None)


@pytest.mark.parametrize(
    ("roles", "refused"),
    [
        ([MemberRole.ADMINISTRATOR, MemberRole.AUDITOR], True),
        ([MemberRole.ADMINISTRATOR, MemberRole.SECURITY], True),
        ([MemberRole.SECURITY, MemberRole.AUDITOR], True),
        ([MemberRole.SECURITY], False),
        ([MemberRole.OFFICER, MemberRole.SUPERVISOR], False),
        ([MemberRole.OFFICER, MemberRole.ADMINISTRATOR], False),
    ],
    ids=lambda given: "-".join(given) if isinstance(given, list) else str(given),
)
def test_nobody_is_two_of_the_three_administrators(
    session: Session, world: World, roles: list[MemberRole], refused: bool
) -> None:
    def add() -> User:
        posts = [(world.units["jfb"].id, role) for role in roles]
        return accounts.add_user(
            begin(session, SYSTEM, NOW), login="one", name="某人", password_hash="x", posts=iter(posts)
        )

    if not refused:
        assert {p.role for p in actor_of(session, add()).posts} == set(roles)
        return
    with pytest.raises(Refused, match="不能由同一人兼任"):
        add()
