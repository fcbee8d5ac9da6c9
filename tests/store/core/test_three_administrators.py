"""Three administrators in place of one: whom the migration takes for what, on both databases and both ways."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.kit.world import World
from tracker.rules.roles import MemberRole
from tracker.store.core.engine import Database
from tracker.store.core.schema import differences, downgrade, upgrade
from tracker.store.models import Membership, User


def roles(database: Database) -> dict[str, list[str]]:
    with database.read() as session:
        rows = session.execute(
            select(User.login, Membership.role)
            .join(Membership, Membership.user_id == User.id, isouter=True)
            .order_by(User.id, Membership.id)
        )
        found: dict[str, list[str]] = {}
        for login, role in rows:
            found.setdefault(login, []).extend([role] if role else [])
    return found


def test_todays_administrator_is_the_system_administrator_and_nobody_gains_by_going_back(
    database: Database, world: World
) -> None:
    before = roles(database)
    downgrade(database.engine, "0009")
    try:
        # The older program knows no 安全管理员: nobody is one, and nobody has become anything else instead.
        assert roles(database) == {**before, "security": []}
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []
    assert roles(database) == {**before, "security": []}
    assert before["administrator"] == [MemberRole.ADMINISTRATOR]
    assert MemberRole.ADMINISTRATOR.label == "系统管理员"


def test_a_role_the_older_program_does_not_know_is_refused_by_its_table(database: Database, world: World) -> None:
    insert = text("INSERT INTO memberships (user_id, unit_id, role) VALUES (:user, :unit, 'security')")
    values = {"user": world.people["lead"].id, "unit": world.units["jfb"].id}
    downgrade(database.engine, "0009")
    try:
        with database.engine.connect() as connection, pytest.raises(IntegrityError):
            connection.execute(insert, values)
    finally:
        upgrade(database.engine)
    with database.engine.begin() as connection:
        connection.execute(insert, values)
    assert MemberRole.SECURITY in roles(database)["lead"]
