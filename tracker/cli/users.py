"""Accounts at a terminal (账号): made, ended, given a new password."""

import sys
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.base import CommandFault, main, one_transaction, pronounceable
from tracker.now import utc_now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tracker.store.models import User


@main.group()
def user() -> None:
    """Make and end accounts."""


@user.command("add")
@click.argument("login")
@click.option("--name", required=True)
@click.option("--email")
@click.option(
    "--post", "posts", multiple=True, required=True, metavar="PLACE/UNIT/ROLE", help="鞍山市/市减负办/supervisor"
)
def user_add(login: str, name: str, email: str | None, posts: tuple[str, ...]) -> None:
    """Create an account; its password is asked for, or printed once when the terminal is not one."""
    from tracker.services.core.act import begin
    from tracker.services.people import accounts
    from tracker.store.core.actors import SYSTEM

    password, shown = _new_password()
    hashed = _hashed(password)

    with one_transaction() as session:
        found = [_post(session, post) for post in posts]
        accounts.add_user(
            begin(session, SYSTEM, utc_now()), login=login, name=name, email=email, password_hash=hashed, posts=found
        )
    click.echo(f"已建立账号 {login}。" + (f"初始密码：{password}" if shown else ""))


def _post(session: "Session", text: str) -> tuple[int, Any]:
    from sqlalchemy import select

    from tracker.store.models import Jurisdiction, MemberRole
    from tracker.store.registry.names import known_names

    parts = text.split("/")
    if len(parts) != 3 or parts[2] not in list(MemberRole):
        raise CommandFault(f"看不懂“{text}”：请写成 辖区/单位/角色，角色为 {'、'.join(MemberRole)} 之一。")
    place = session.scalars(select(Jurisdiction).where(Jurisdiction.name == parts[0])).one_or_none()
    if place is None:
        raise CommandFault(f"没有辖区“{parts[0]}”，请先 tracker seed 或核对名称。")
    known = known_names(session, place.id)
    unit_id, _ = known.resolve(parts[1])
    if unit_id is None:
        near = "、".join(name for name, _ in known.nearest(parts[1]))
        raise CommandFault(f"{parts[0]}单位库中没有“{parts[1]}”。" + (f"相近的有：{near}。" if near else ""))
    return unit_id, MemberRole(parts[2])


def _new_password() -> tuple[str, bool]:
    """Ask for a password at a terminal; make one up (to be printed) otherwise."""
    if sys.stdin.isatty():
        return click.prompt("密码", hide_input=True, confirmation_prompt="再输入一次"), False
    return pronounceable(), True


def _hashed(password: str) -> str:
    from tracker.services.core.errors import Refused
    from tracker.services.people.accounts import hash_password

    try:
        return hash_password(password)
    except Refused as refusal:
        raise CommandFault(str(refusal)) from refusal


def _user(session: "Session", login: str) -> "User":
    from sqlalchemy import select

    from tracker.store.models import User

    found = session.scalars(select(User).where(User.login == login.strip().lower())).one_or_none()
    if found is None:
        raise CommandFault(f"没有账号“{login}”。")
    return found


@user.command("disable")
@click.argument("login")
def user_disable(login: str) -> None:
    """End an account: its sessions end at once."""
    from tracker.services.core.act import begin
    from tracker.services.people.accounts import disable_user
    from tracker.store.core.actors import SYSTEM

    with one_transaction() as session:
        disable_user(begin(session, SYSTEM, utc_now()), _user(session, login))
    click.echo(f"账号 {login} 已停用。")


@user.command("password")
@click.argument("login")
def user_password(login: str) -> None:
    """Give an account a new password: its sessions end at once."""
    from tracker.services.core.act import begin
    from tracker.services.people.accounts import set_password
    from tracker.store.core.actors import SYSTEM

    password, shown = _new_password()
    hashed = _hashed(password)
    with one_transaction() as session:
        set_password(begin(session, SYSTEM, utc_now()), _user(session, login), hashed)
    click.echo(f"账号 {login} 的密码已更换。" + (f"新密码：{password}" if shown else ""))
