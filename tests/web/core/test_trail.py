"""审计: the trail in Chinese words, as an auditor reads it."""

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.kit.pages import read, words
from tests.kit.world import NOW, World
from tracker.rules.workflow import State
from tracker.services.core.act import begin
from tracker.store.core.actors import SYSTEM
from tracker.store.core.engine import Database

ClientFor = Callable[[str], FlaskClient]


def entered(database: Database, world: World, **values: object) -> None:
    with database.write() as session:
        begin(session, SYSTEM, NOW).record(
            "duty.submit",
            "duty",
            1,
            jurisdiction_id=world.jurisdiction.id,
            before={"state": State.IN_PROGRESS},
            after=values,
        )
        session.commit()


def test_what_changed_is_read_in_chinese(database: Database, world: World, client_for: ClientFor) -> None:
    entered(
        database,
        world,
        state=State.SUBMITTED,
        unit="市人社局",
        files=2,
        part=None,
        left_out=False,
        limits=["一", "二"],
        role="lead",
        sub={"name": "<b>甲</b>"},
    )
    page = read(client_for("auditor"), "/audit/")
    assert "\\u" not in page
    said = words(page)
    assert "前：状态：办理中" in said
    assert "状态：待审核；单位：市人社局；附件：2；不列入：否；时限：一、二；角色：牵头单位" in said
    assert "sub：（名称：&lt;b&gt;甲&lt;/b&gt;）" in said
    assert "part" not in said  # nothing there


def test_a_rhythm_is_read_in_words(database: Database, world: World, client_for: ClientFor) -> None:
    rhythm = "FREQ=MONTHLY;BYMONTHDAY=25"
    entered(database, world, rrule=rhythm, rules=[["每月", rhythm], ["每月", "FREQ=?"]], name=rhythm)
    said = words(read(client_for("auditor"), "/audit/"))
    assert f"周期：每月25日；时限：〔每月、每月25日〕、〔每月、FREQ=?〕；名称：{rhythm}" in said


def test_text_like_a_states_name_stays_what_was_written(
    database: Database, world: World, client_for: ClientFor
) -> None:
    entered(database, world, name="lead", file="completed")
    assert "名称：lead；文件：completed" in words(read(client_for("auditor"), "/audit/"))
