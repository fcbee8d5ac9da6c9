"""审计: the trail in Chinese words, as an auditor reads it."""

import re
from collections.abc import Callable

from flask.testing import FlaskClient

from tests.kit.pages import read, words
from tests.kit.world import NOW, World
from tracker.rules.verbs import Subject, Verb
from tracker.rules.workflow import State
from tracker.services.core.act import begin
from tracker.store.core.actors import SYSTEM
from tracker.store.core.engine import Database
from tracker.store.models import AuditEntry
from tracker.web.core.trail_words import CODED

ClientFor = Callable[[str], FlaskClient]


def entered(database: Database, world: World, **values: object) -> None:
    with database.write() as session:
        begin(session, SYSTEM, NOW).record(
            Verb.DUTY_SUBMIT,
            Subject.DUTY,
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


def test_a_verb_or_subject_the_program_no_longer_knows_is_still_shown(
    database: Database, world: World, client_for: ClientFor
) -> None:
    with database.write() as session:
        place = world.jurisdiction.id
        session.add(AuditEntry(at=NOW, verb="duty.hand_over", subject="errand", subject_id=7, jurisdiction_id=place))
        session.commit()
    said = words(read(client_for("auditor"), "/audit/"))
    assert "duty.hand_over" in said
    assert "errand 7" in said


def test_the_trail_is_narrowed_to_one_of_the_verbs(world: World, client_for: ClientFor) -> None:
    offered = re.findall(r'<option value="([a-z_.]*)"', read(client_for("auditor"), "/audit/"))
    assert offered == ["", *Verb]


def test_a_coded_fact_has_one_word_for_each_of_its_spellings() -> None:
    for name, kinds in CODED.items():
        spellings = [member.value for kind in kinds for member in kind]
        assert len(spellings) == len(set(spellings)), name


def test_far_from_its_start_the_trail_is_turned_by_its_entries(
    database: Database, world: World, client_for: ClientFor
) -> None:
    """A thousand entries are counted; the pages behind them follow one another, and the oldest is one step away."""
    with database.write() as session:
        for n in range(1_100):
            note = f"第{n}号"
            session.add(AuditEntry(at=NOW, verb=Verb.DUTY_SUBMIT, subject=Subject.DUTY, subject_id=n, note=note))
        session.commit()
    client = client_for("auditor")
    first = read(client, "/audit/")
    assert "第 1–50 项，共 1000 项以上" in words(first)
    assert "第1099号" in first
    turned = read(client, "/audit/?page=20")
    (onward,) = re.findall(r'href="([^"]*)" rel="next"', turned)
    assert "before=" in onward
    behind = read(client, onward)
    assert "本页 50 项" in words(behind)
    (back,) = re.findall(r'href="([^"]*)" rel="prev"', behind)
    assert words(read(client, back)).count("号") >= 50
    oldest = read(client, "/audit/?after=0")
    assert 'rel="next"' not in oldest
    assert "第1099号" not in oldest
    assert words(read(client, "/audit/?page=4000")) == words(oldest)
