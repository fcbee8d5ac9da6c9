"""Accounts: who may log in, and as what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from tracker.rules.permissions import PlaceAction
from tracker.rules.roles import APART
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act, begin
from tracker.services.core.errors import Refused
from tracker.services.people.sessions import end_all
from tracker.store.core.actors import Actor
from tracker.store.models import LoginThrottle, MemberRole, Membership, Unit, User

MIN_PASSWORD = 10
# How many failures cost nothing: of an account from one address, of an account from all, of all accounts from one.
FREE_FAILURES = {"pair": 4, "login": 20, "address": 30}
FORGET_AFTER = timedelta(hours=1)
LONGEST_WAIT = timedelta(minutes=15)

# Checked when no such user exists, so that the answer takes as long either way.
_NOBODY = generate_password_hash("nobody has this password")


@dataclass(frozen=True, slots=True)
class ThrottleKeys:
    """What a failed log-in counts against.

    Only the keys of the one account refuse before a password is looked at.  A whole city may come from one address:
    what others typed wrong there refuses nobody whose password is right.
    """

    pair: str
    account: str
    address: str

    @property
    def refusing(self) -> tuple[str, str]:
        return (self.pair, self.account)


def throttle_keys(login: str, address: str | None) -> ThrottleKeys:
    """Return the keys of a log-in name as typed and an address, cut to what their column holds."""
    name, place = login.strip().lower()[:80], _network(address)[:32]
    return ThrottleKeys(f"pair:{place} {name}", f"login:{name}", f"address:{place}")


def _network(address: str | None) -> str:
    """Return an address; of IPv6 its /64, for a machine picks any of those at will."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return address or ""
    return str(IPv6Address(int(found) >> 64 << 64)) if isinstance(found, IPv6Address) else str(found)


def hash_password(password: str) -> str:
    """Hash a password (slow on purpose: before a transaction begins); refuses a weak one."""
    refuse_weak(password)
    return generate_password_hash(password)


def refuse_weak(password: str) -> None:
    """Refuse a password that is short, of one kind of character, or all digits."""
    kinds = sum(
        any(test(c) for c in password) for test in (str.isdigit, str.islower, str.isupper, lambda c: not c.isalnum())
    )
    if len(password) < MIN_PASSWORD or kinds < 2:
        raise Refused(f"密码至少 {MIN_PASSWORD} 位，并且至少包含数字、小写字母、大写字母、符号中的两类。")


def password_matches(user: User | None, password: str) -> bool:
    """Whether the password is the user's; takes as long where there is no such user."""
    matches = check_password_hash(user.password_hash if user else _NOBODY, password)
    return matches and user is not None and user.active


def add_user(  # noqa: PLR0913 - an account's parts, each named
    act: Act,
    *,
    login: str,
    name: str,
    password_hash: str,
    email: str | None = None,
    phone: str | None = None,
    posts: Iterable[tuple[int, MemberRole]] = (),
    demo: bool = False,
) -> User:
    """Create an account with its posts; refuses a log-in name in use, and one person who would be two of 三员."""
    posts = list(posts)
    login = login.strip().lower()
    if not login or any(c.isspace() for c in login):
        raise Refused("登录名不能为空，也不能含空格。")
    if act.session.scalar(select(User.id).where(User.login == login)) is not None:
        raise Refused(f"登录名“{login}”已被使用，请换一个。")
    if len({role for _, role in posts} & APART) > 1:
        raise Refused("系统管理员、安全管理员、审计员相互制约，不能由同一人兼任。")
    _require_keeper(act, [unit_id for unit_id, _ in posts])
    user = User(
        login=login, name=name, email=email, phone=phone, password_hash=password_hash, created_at=act.now, demo=demo
    )
    act.session.add(user)
    act.session.flush()  # the memberships need its id
    rows = [Membership(user_id=user.id, unit_id=unit_id, role=role) for unit_id, role in posts]
    act.session.add_all(rows)
    jurisdiction = act.session.scalar(select(Unit.jurisdiction_id).where(Unit.id == rows[0].unit_id)) if rows else None
    after = {"login": login, "name": name, "posts": [[m.unit_id, m.role] for m in rows]}
    act.record(Verb.USER_CREATE, Subject.USER, user.id, jurisdiction_id=jurisdiction, after=after)
    return user


def _require_keeper(act: Act, unit_ids: Sequence[int]) -> None:
    """Let through who keeps the accounts of every place one has a post in."""
    places = select(Unit.jurisdiction_id).where(Unit.id.in_(unit_ids)).distinct()
    found: list[int | None] = [*act.session.scalars(places)]
    for place in found or [None]:
        act.require(PlaceAction.KEEP_ACCOUNTS, place)


def _units_of(session: Session, user: User) -> Sequence[int]:
    return session.scalars(select(Membership.unit_id).where(Membership.user_id == user.id)).all()


def disable_user(act: Act, user: User) -> None:
    """End an account: its sessions end, its name stays in the histories."""
    _require_keeper(act, _units_of(act.session, user))
    if not user.active:
        raise Refused(f"账号“{user.login}”已经停用。")
    user.active = False
    end_all(act.session, act.now, user)
    act.record(Verb.USER_DISABLE, Subject.USER, user.id, before={"active": True}, after={"active": False})


def set_password(act: Act, user: User, password_hash: str) -> None:
    """Give an account a new password, as its owner or who keeps it; every older session ends."""
    if act.actor.user_id != user.id:
        _require_keeper(act, _units_of(act.session, user))
    user.password_hash = password_hash
    end_all(act.session, act.now, user)
    act.record(Verb.USER_PASSWORD, Subject.USER, user.id)


def record_login(session: Session, now: datetime, user: User, actor: Actor, keys: ThrottleKeys) -> None:
    """Note a successful log-in, and forget the failures of this account and of its address."""
    user.last_login_at = now
    # In the order in which failures are counted, so that the two never wait for each other.
    forgotten = select(LoginThrottle).where(LoginThrottle.key.in_([*keys.refusing, keys.address]))
    for row in session.scalars(forgotten.order_by(LoginThrottle.key).with_for_update()):
        session.delete(row)
    begin(session, actor, now).record(Verb.USER_LOGIN, Subject.USER, user.id)


def wait_for_login(session: Session, now: datetime, keys: Iterable[str]) -> timedelta:
    """Return how long these keys must still wait; zero when they need not."""
    rows = session.scalars(select(LoginThrottle).where(LoginThrottle.key.in_(list(keys))))
    waits = [row.blocked_until - now for row in rows if row.blocked_until]
    return max([timedelta(0), *waits])


def record_failed_login(session: Session, now: datetime, keys: Iterable[str]) -> None:
    """Count a failure against each key: after a few, each further one doubles the wait."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    for key in sorted(keys):  # one order for all, so that two log-ins never wait for each other
        first = insert(LoginThrottle).values(key=key, failures=0, last_failed_at=now)
        session.execute(first.on_conflict_do_nothing())
        row = session.scalars(select(LoginThrottle).where(LoginThrottle.key == key).with_for_update()).one()
        row.failures = 1 if now - row.last_failed_at > FORGET_AFTER else row.failures + 1
        row.last_failed_at = now
        over = row.failures - FREE_FAILURES[key.partition(":")[0]]
        row.blocked_until = now + min(timedelta(seconds=2 ** min(over, 10)), LONGEST_WAIT) if over > 0 else None
