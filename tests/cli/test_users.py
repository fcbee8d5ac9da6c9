"""`tracker user`: accounts made, ended, given a new password."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from tests.cli.conftest import run
from tests.kit.world import PASSWORD
from tracker.cli import users
from tracker.store.core.engine import open_database
from tracker.store.models import Unit, User


def test_an_account_is_made_disabled_and_given_a_new_password(seeded: Path) -> None:
    made = run("user", "add", "Zhang", "--name", "张三", "--post", "鞍山市/市工信局/officer")
    assert "初始密码" in made.output
    assert run("user", "password", "zhang").exit_code == 0
    assert run("user", "disable", "zhang").exit_code == 0
    database = open_database(f"sqlite:///{seeded / 'tracker.db'}")
    with database.read() as session:
        user = session.scalars(select(User)).one()
        unit = session.scalars(select(Unit).where(Unit.name == "市工业和信息化局").limit(1)).one()
    database.engine.dispose()
    assert (user.login, user.active) == ("zhang", False)
    assert unit.id


@pytest.mark.parametrize(
    ("post", "said"),
    [
        ("鞍山市/市工信局", "看不懂"),
        ("某市/市工信局/officer", "没有辖区"),
        ("鞍山市/市工信局/king", "角色"),
        ("鞍山市/市工业信息局/officer", "相近的有"),
    ],
)
def test_an_account_needs_a_post_that_exists(seeded: Path, post: str, said: str) -> None:
    answer = run("user", "add", "li", "--name", "李四", "--post", post)
    assert answer.exit_code == 1
    assert said in answer.output


def test_nobody_disables_an_account_that_is_not_there(seeded: Path) -> None:
    answer = run("user", "disable", "wang")
    assert (answer.exit_code, answer.output) == (1, "没有账号“wang”。\n")


def test_a_person_at_the_terminal_types_the_password_twice(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    add = ("user", "add", "zhao", "--name", "赵六", "--post", "鞍山市/市工信局/officer")
    short = run(*add, typed="123\n123\n")
    assert short.exit_code == 1
    assert "密码" in short.output.splitlines()[-1]
    made = run(*add, typed=f"{PASSWORD}\nwrong\n{PASSWORD}\n{PASSWORD}\n")
    assert made.output.endswith("已建立账号 zhao。\n")
    assert PASSWORD not in made.output
