"""Publication turns a confirmed reading into tasks, duties and clocks, all at once or not at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.kit.batches import departments, to_publish
from tests.kit.statements import counted
from tests.kit.world import NOW, TEXT, World, confirm_all, duty
from tests.services.documents.test_confirmation import another, edition_of, publish
from tests.services.duties.test_duties import at, clocks_of
from tracker.clock.calendar import national
from tracker.reading.plan import Role
from tracker.rules.workflow import State
from tracker.services.case_types.limits import waiting_rules
from tracker.services.core.act import begin
from tracker.services.core.errors import Refused, Stale
from tracker.services.deadlines import starting
from tracker.services.deadlines.periods import extend_recurring
from tracker.services.documents import answers, confirmation, publication
from tracker.services.duties import roster
from tracker.services.registry import units
from tracker.store.core.actors import SYSTEM
from tracker.store.core.engine import Database
from tracker.store.models import (
    AuditEntry,
    Document,
    DocumentState,
    Duty,
    EditionState,
    GroupMember,
    Item,
    Measure,
    Milestone,
    MilestoneDate,
    Task,
    UnitGroup,
    UnitKind,
)

CALENDAR = national()


def shares(session: Session, world: World, key: str, document: Document | None = None) -> dict[str, tuple[Role, bool]]:
    """Return what each unit got of a measure's task: its role, and whether through a group."""
    codes = {unit.id: code for code, unit in world.units.items()}
    rows = session.execute(
        select(Duty.unit_id, Duty.role, Duty.via_group_id)
        .join(Task, Duty.task_id == Task.id)
        .where(Task.key == key, Task.document_id == (document or world.document).id)
    )
    return {codes[unit_id]: (role, group is not None) for unit_id, role, group in rows}


def named(unit: str, role: str) -> dict[str, Any]:
    begin = TEXT.index("（牵头单位")
    return {"unit": unit, "role": role, "span": [begin, begin + 1], "confidence": 0.9, "found_by": "list"}


# --- What it makes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "second"),
    [
        ("市教育局负责考点", "市气象局每日提供预报"),  # no title printed: the first clause is the first item's alone
        ("服务保障", "服务保障"),
    ],
)
def test_the_tasks_of_one_paragraph_are_called_by_what_each_has_to_do(title: str, second: str) -> None:
    text = "市教育局负责考点；市气象局每日提供预报。"
    items = [Item(ordinal=1, text="市教育局负责考点；"), Item(ordinal=2, text="市气象局每日提供预报。")]
    Measure(key="一#1", title=title, text=text, items=items)
    assert [publication.title_of(i) for i in items] == [title, second]


def test_each_measure_becomes_a_task_and_each_unit_a_duty(world: World, session: Session) -> None:
    tasks = session.scalars(select(Task).order_by(Task.ordinal)).all()
    assert [t.key for t in tasks] == ["一.1", "一.2", "一.3", "一.4", "一.5", "一.6"]
    assert shares(session, world, "一.1") == {"gxj": (Role.LEAD, False), "czj": (Role.SUPPORT, False)}
    assert shares(session, world, "一.2") == {
        "jfb": (Role.RESPONSIBLE, False),
        "gxj": (Role.RESPONSIBLE, False),
        "dxj": (Role.RESPONSIBLE, True),
        "xxj": (Role.RESPONSIBLE, True),
    }
    assert shares(session, world, "一.5") == {"czj": (Role.RESPONSIBLE, False)}
    assert {d.state for d in session.scalars(select(Duty))} == {State.ASSIGNED}
    document = session.get_one(Document, world.document.id)
    assert (document.state, document.published_at, document.published_by_id) == (
        DocumentState.PUBLISHED,
        NOW,
        world.people["supervisor"].id,
    )
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.verb == "document.publish"))
    assert entry.after == {"tasks": 6, "duties": 10, "milestones": 3}


def test_clocks_are_made_for_those_bound_and_events_are_waited_for(world: World, session: Session) -> None:
    lead, helper = duty(session, world, "一.1", "gxj"), duty(session, world, "一.1", "czj")
    (due,) = clocks_of(session, lead)
    assert (due.due_on, due.due_at, due.version, due.duty_id) == (date(2026, 6, 30), at(7, 1, 0), 1, lead.id)
    assert clocks_of(session, helper) == []
    march, april = clocks_of(session, duty(session, world, "一.3", "czj"))
    assert [(m.due_on, m.label) for m in (march, april)] == [
        (date(2026, 3, 25), "2026年3月"),
        (date(2026, 4, 25), "2026年4月"),
    ]
    waiting = session.execute(
        select(Task.key, func.count()).join(Duty, Duty.task_id == Task.id).where(Duty.awaits_event).group_by(Task.key)
    )
    assert {key: number for key, number in waiting} == {"一.2": 4, "一.4": 1, "一.6": 1}


def test_every_first_date_keeps_its_reasons(world: World, session: Session) -> None:
    rows = session.scalars(select(MilestoneDate)).all()
    assert len(rows) == 3
    for row in rows:
        assert (row.version, row.why) == (1, "首次时限")
        assert "24:00 截止" in row.explanation[-1]["text"]
        assert row.calendar_version == CALENDAR.version


def test_a_measure_that_is_no_task_makes_none(draft: World, session: Session) -> None:
    edition = edition_of(session, draft)
    for measure in edition.measures[1:]:
        measure.is_task = False
    session.flush()
    publish(session, draft)
    assert session.scalars(select(Task.key)).all() == ["一.1"]


def test_nothing_but_measures_that_are_no_tasks_is_refused(draft: World, session: Session) -> None:
    edition = edition_of(session, draft)
    for measure in edition.measures:
        measure.is_task = False
    session.flush()
    with pytest.raises(Refused, match="不作为任务"):
        publish(session, draft)


def test_two_measures_numbered_alike_are_two_tasks(draft: World, session: Session) -> None:
    document = another(session, draft, lambda p: p["measures"][1].update(key="一.1"))
    publish(session, draft, document=document)
    keys = session.scalars(select(Task.key).where(Task.document_id == document.id).order_by(Task.ordinal)).all()
    assert keys[:3] == ["一.1", "一.1#2", "一.3"]


# --- Who gets what ---------------------------------------------------------------------------------------------------


def test_a_group_is_expanded_once_and_later_members_do_not_slip_in(world: World, session: Session) -> None:
    group = session.scalars(select(UnitGroup)).one()
    new = units.create_unit(
        begin(session, world.actor("supervisor"), NOW),
        jurisdiction_id=world.jurisdiction.id,
        name="南县政府",
        kind=UnitKind.COUNTY,
    )
    session.add(GroupMember(group_id=group.id, unit_id=new.id))
    session.commit()
    assert {d.via_group_id for d in session.scalars(select(Duty).where(Duty.via_group_id.is_not(None)))} == {group.id}
    assert session.scalar(select(func.count()).select_from(Duty).where(Duty.unit_id == new.id)) == 0
    assert set(shares(session, world, "一.2")) == {"jfb", "gxj", "dxj", "xxj"}


def test_a_member_out_of_use_gets_no_duty_through_its_group(draft: World, session: Session) -> None:
    session.merge(draft.units["xxj"]).active = False
    session.flush()
    publish(session, draft)
    assert set(shares(session, draft, "一.2")) == {"jfb", "gxj", "dxj"}


def test_a_group_without_members_is_refused_by_name(draft: World, session: Session) -> None:
    session.execute(delete(GroupMember))
    with pytest.raises(Refused, match="各县区政府"):
        publish(session, draft)


def test_a_unit_printed_twice_keeps_the_strongest_role(draft: World, session: Session) -> None:
    def edit(read: dict[str, Any]) -> None:
        read["measures"][0]["items"][0]["assignments"] += [
            named("市财政局", "lead"),  # also printed as supporting
            named("各县区政府", "support"),
            named("东县政府", "responsible"),  # also through the group
        ]
        read["measures"][1]["items"][0]["assignments"] += [named("西县政府", "support")]

    document = another(session, draft, edit)
    publish(session, draft, document=document)
    assert shares(session, draft, "一.1", document) == {
        "gxj": (Role.LEAD, False),
        "czj": (Role.LEAD, False),
        "dxj": (Role.RESPONSIBLE, False),
        "xxj": (Role.SUPPORT, True),
    }
    assert shares(session, draft, "一.2", document)["xxj"] == (Role.RESPONSIBLE, True)


@pytest.mark.parametrize(
    ("roles", "bound", "holders"),
    [
        (("lead", "responsible", "support"), None, {"gxj"}),
        (("lead", "lead", "responsible"), None, {"gxj", "czj"}),
        (("responsible", "responsible", "support"), None, {"gxj", "czj"}),
        (("each", "each", "each"), None, {"gxj", "czj", "zjj"}),
        (("lead", "responsible", "support"), ["市财政局"], {"czj"}),
        (("lead", "responsible", "support"), ["财政局"], {"czj"}),
        (("lead", "responsible", "support"), ["市住建局"], {"gxj"}),
        (("lead", "responsible", "support"), ["不在名单的局"], {"gxj"}),
    ],
)
def test_whom_a_limit_binds_is_proposed_the_named_else_the_leads_else_all_but_never_a_supporter(
    draft: World, session: Session, roles: tuple[str, ...], bound: list[str] | None, holders: set[str]
) -> None:
    def edit(read: dict[str, Any]) -> None:
        (item,) = read["measures"][0]["items"]
        names = ("市工信局", "市财政局", "市住建局")
        item["assignments"] = [named(n, r) for n, r in zip(names, roles, strict=True)]
        item["deadlines"][0]["bound"] = bound

    document = another(session, draft, edit)
    publish(session, draft, document=document)
    codes = {unit.id: code for code, unit in draft.units.items()}
    rows = session.execute(
        select(Duty.unit_id)
        .join(Milestone, Milestone.duty_id == Duty.id)
        .join(Task, Duty.task_id == Task.id)
        .where(Task.document_id == document.id, Task.key == "一.1")
    )
    assert {codes[unit_id] for (unit_id,) in rows} == holders


def test_a_group_bound_by_a_date_gives_each_member_a_clock_of_its_own(draft: World, session: Session) -> None:
    def edit(read: dict[str, Any]) -> None:
        (item,) = read["measures"][1]["items"]
        item["deadlines"] = [{**read["measures"][0]["items"][0]["deadlines"][0]}]

    document = another(session, draft, edit)
    publish(session, draft, document=document)
    held = session.scalars(
        select(Milestone)
        .join(Duty, Milestone.duty_id == Duty.id)
        .join(Task, Duty.task_id == Task.id)
        .where(Task.document_id == document.id, Task.key == "一.2")
    ).all()
    assert len({m.duty_id for m in held}) == len(held) == 4


# --- Limits from the document's own day, and the end of what recurs --------------------------------------------------


def test_a_period_from_the_documents_issue_is_dated_at_once(draft: World, session: Session) -> None:
    def edit(read: dict[str, Any]) -> None:
        read["measures"][1]["items"][0]["deadlines"][0].update(trigger="本措施印发之日", amount=30, unit="day")

    document = another(session, draft, edit)
    publish(session, draft, document=document)
    dated = session.scalars(
        select(Milestone)
        .join(Duty, Milestone.duty_id == Duty.id)
        .join(Task, Duty.task_id == Task.id)
        .where(Task.document_id == document.id, Task.key == "一.2")
    ).all()
    # Issued on 2 March: the thirtieth day after it is 1 April.
    assert {m.due_on for m in dated} == {date(2026, 4, 1)}
    # There is no event for anybody to register.
    draft.document = document
    assert waiting_rules(duty(session, draft, "一.2", "gxj").task.item) == []
    assert not session.scalars(
        select(Duty.awaits_event).join(Task, Duty.task_id == Task.id).where(Task.key == "一.2", Duty.awaits_event)
    ).all()


def test_nothing_recurs_after_the_document_has_expired(draft: World, session: Session) -> None:
    document = another(session, draft, lambda p: p.update(expires_on="2026-04-20"))
    publish(session, draft, document=document)
    recurring = session.scalars(select(Milestone).where(Milestone.label.is_not(None))).all()
    assert [m.due_on for m in recurring] == [date(2026, 3, 25)]


def test_a_validity_without_its_day_ends_nothing(draft: World, session: Session) -> None:
    def edit(read: dict[str, Any]) -> None:
        deadlines = read["measures"][2]["items"][0]["deadlines"]
        deadlines.append({**deadlines[0], "kind": "validity", "sense": "span", "rrule": None, "date": None})

    document = another(session, draft, edit)
    publish(session, draft, document=document)
    recurring = session.scalars(select(Milestone).where(Milestone.label.is_not(None))).all()
    assert [m.due_on for m in recurring] == [date(2026, 3, 25), date(2026, 4, 25)]


def test_a_rhythm_that_names_one_unit_is_that_units_alone_whoever_comes_later(draft: World, session: Session) -> None:
    def edit(read: dict[str, Any]) -> None:
        (item,) = read["measures"][2]["items"]
        item["assignments"].append(named("市工信局", "responsible"))
        item["deadlines"][0]["bound"] = ["市财政局"]

    draft.document = another(session, draft, edit)
    publish(session, draft, document=draft.document)
    boss, other = draft.actor("supervisor"), duty(session, draft, "一.3", "gxj")
    assert clocks_of(session, other) == []
    new = roster.add_unit(begin(session, boss, NOW), other.task, draft.units["jyj"], Role.RESPONSIBLE, "增加")
    assert clocks_of(session, new) == []
    roster.revoke(begin(session, boss, NOW), other, "划转")
    roster.restore(begin(session, boss, NOW), other, "划转取消")
    assert clocks_of(session, other) == []
    assert extend_recurring(begin(session, SYSTEM, at(7, 6)), other, CALENDAR) == 0


# --- Refusals --------------------------------------------------------------------------------------------------------


def test_an_open_question_is_in_the_way_and_named(draft: World, session: Session) -> None:
    edition = edition_of(session, draft)
    confirmation.confirm_clear(begin(session, draft.actor("supervisor"), NOW), edition)
    with pytest.raises(Refused, match="各有关部门"):
        publication.publish(begin(session, draft.actor("supervisor"), NOW), edition)
    assert session.scalar(select(func.count()).select_from(Task)) == 0


def test_an_unconfirmed_measure_is_in_the_way(draft: World, session: Session) -> None:
    edition = edition_of(session, draft)
    answers.settle_collective(begin(session, draft.actor("supervisor"), NOW), edition, "各有关部门", left_out=True)
    with pytest.raises(Refused, match="尚未核对"):
        publication.publish(begin(session, draft.actor("supervisor"), NOW), edition)


def test_a_second_publication_is_refused(world: World, session: Session) -> None:
    edition = edition_of(session, world)
    assert edition.state is EditionState.CURRENT
    with pytest.raises(Refused, match="不能重复发布"):
        publication.publish(begin(session, world.actor("supervisor"), NOW), edition)
    assert session.scalar(select(func.count()).select_from(Task)) == 6


def test_an_old_page_does_not_publish(draft: World, session: Session) -> None:
    confirm_all(session, draft)
    edition = edition_of(session, draft)
    with pytest.raises(Stale):
        publication.publish(
            begin(session, draft.actor("supervisor"), NOW), edition, version=edition.document.version - 1
        )


# --- All or nothing --------------------------------------------------------------------------------------------------


def counts(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Task, Duty, Milestone, MilestoneDate, AuditEntry)
        }


def publish_and_commit(draft: World, database: Database, who: str = "supervisor") -> publication.Published:
    with database.write() as session:
        made = publication.publish(begin(session, draft.actor(who), NOW), edition_of(session, draft))
        session.commit()
    return made


@pytest.mark.parametrize("fails_at", [1, 5])
def test_a_failure_in_the_middle_leaves_nothing(
    draft: World, database: Database, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    with database.write() as session:
        confirm_all(session, draft)
        session.commit()
    before = counts(database)
    give, calls = starting.Starting.give, iter(range(1, 100))

    def failing(*args: Any, **more: Any) -> starting.Clocks:
        if next(calls) == fails_at:
            raise RuntimeError("the disk is full")
        return give(*args, **more)

    monkeypatch.setattr(starting.Starting, "give", failing)
    with pytest.raises(RuntimeError):
        publish_and_commit(draft, database)
    assert counts(database) == before
    with database.read() as session:
        assert session.get_one(Document, draft.document.id).state is DocumentState.DRAFT
    monkeypatch.undo()
    made = publish_and_commit(draft, database)
    assert (made.tasks, made.duties, made.milestones) == (6, 10, 3)


def test_twice_the_measures_take_hardly_more_statements(world: World, session: Session, database: Database) -> None:
    names, sent = departments(session, world, 3), dict[int, int]()
    for number in (10, 20):
        edition = to_publish(session, world, names, number, title=f"第{number}号措施")
        with counted(database) as statements:
            made = publication.publish(begin(session, world.actor("supervisor"), NOW), edition)
            session.flush()
        assert (made.duties, made.milestones) == (3 * number, 9 * number)
        sent[number] = len(statements)
    assert sent[20] <= sent[10] + 3
    assert sent[20] < 40


def test_each_date_published_is_the_milestones_own(world: World, session: Session) -> None:
    edition = to_publish(session, world, departments(session, world, 3), 4)
    publication.publish(begin(session, world.actor("supervisor"), NOW), edition)
    session.flush()
    rows = session.execute(
        select(Milestone, MilestoneDate)
        .join(Duty, Milestone.duty_id == Duty.id)
        .join(Task, Duty.task_id == Task.id)
        .outerjoin(MilestoneDate, MilestoneDate.milestone_id == Milestone.id)
        .where(Task.document_id == edition.document_id)
    ).all()
    assert len(rows) == len({milestone.id for milestone, _ in rows}) == 36
    for milestone, first in rows:
        assert (milestone.version, first.version) == (1, 1)
        assert (milestone.due_on, milestone.due_at) == (first.due_on, first.due_at)
    days = {date(2026, 12, 31), date(2026, 3, 25), date(2026, 4, 25)}
    assert {milestone.due_on for milestone, _ in rows} == days


def test_two_supervisors_who_publish_at_once_publish_once(draft: World, database: Database) -> None:
    with database.write() as session:
        confirm_all(session, draft)
        session.commit()

    def one(name: str) -> bool:
        try:
            publish_and_commit(draft, database, name)
        except (Refused, StaleDataError):
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(one, ["supervisor", "supervisor2"] * 2))
    assert sum(done) == 1
    assert {k: v for k, v in counts(database).items() if k != "audit_entries"} == {
        "tasks": 6,
        "duties": 10,
        "milestones": 3,
        "milestone_dates": 3,
    }
