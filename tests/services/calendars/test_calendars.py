"""A place's calendar: drafted without effect, put into force with every date it changes, by its keeper alone."""

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.kit.pages import engage
from tests.kit.world import NOW, PASSWORD_HASH, World, duty
from tracker.clock.calendar import NOTICED_YEARS, WorkCalendar, national
from tracker.clock.notices import Mark, Notice, NoticedDay
from tracker.clock.resolution import resolve
from tracker.services.calendars import versions
from tracker.services.calendars.notices import load_notice
from tracker.services.calendars.versions import NothingChanged
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.deadlines import calendar_changes, milestones
from tracker.services.deadlines.calendar_changes import PreviewChanged, load_and_apply
from tracker.services.deadlines.recalculation import preview_calendar
from tracker.services.deadlines.shifts import fingerprint
from tracker.services.demo.seeding import seed_registry
from tracker.services.people import accounts
from tracker.services.registry import units
from tracker.store.calendars.content import Content, DayRun, differences
from tracker.store.calendars.versions import build, calendar_of, counts_behind, list_versions, version_in
from tracker.store.core.actors import SYSTEM, Actor, actor_of
from tracker.store.core.engine import Database
from tracker.store.models import (
    AuditEntry,
    CalendarState,
    CalendarVersion,
    DeadlineRule,
    Jurisdiction,
    MemberRole,
    Milestone,
    MilestoneDate,
    Recalculation,
)

OFF, WORK = NoticedDay(Mark.OFF), NoticedDay(Mark.WORK)
# Three workdays from Tuesday 24 March 2026 end on Friday the 27th, by the national table.
TUESDAY = datetime(2026, 3, 24, 2, 0, tzinfo=UTC)
THURSDAY, FRIDAY, MONDAY = date(2026, 3, 26), date(2026, 3, 27), date(2026, 3, 30)
NOTICE_2027 = {date(2027, 2, n): NoticedDay(Mark.OFF, "春节") for n in range(5, 13)}
NOTICE_2027 |= {date(2027, 1, 31): WORK, date(2027, 2, 20): WORK}


def counted(session: Session, world: World, event_at: datetime, calendar: WorkCalendar | None = None) -> Milestone:
    """Open a date of three workdays from an event (一.2: 自正式受理之日起3个工作日内)."""
    calendar = calendar or national()
    rule = session.scalars(
        select(DeadlineRule).where(DeadlineRule.trigger == "正式受理", DeadlineRule.item_id.is_not(None))
    ).one()
    holder = milestones.Holder.of_duty(duty(session, world, "一.2", "jfb"))
    resolved = resolve(rule.as_rule(), event_at=event_at, calendar=calendar, event_name="正式受理")
    return milestones.add(begin(session, SYSTEM, NOW), rule, resolved, calendar, holder, event_at=event_at)


def other_administrator(database: Database, world: World) -> Actor:
    """Found another place; return its administrator."""
    with database.write() as session:
        place = Jurisdiction(code="990300", name="又一市", level="city", parent="某省")
        session.add(place)
        session.flush()
        unit = units.create_unit(begin(session, SYSTEM, NOW), jurisdiction_id=place.id, name="又一市减负办")
        person = accounts.add_user(
            begin(session, SYSTEM, NOW),
            login="other",
            name="外地管理员",
            password_hash=PASSWORD_HASH,
            posts=[(unit.id, MemberRole.ADMINISTRATOR)],
        )
        session.flush()
        world.units["other"], world.people["other"] = unit, person
        world.actors["other"] = actor_of(session, person)
        session.commit()
    return world.actors["other"]


@pytest.fixture
def boss(world: World) -> Actor:
    return world.actor("administrator")


@pytest.fixture
def here(world: World) -> int:
    return world.jurisdiction.id


def close_thursday(session: Session, boss: Actor, here: int) -> CalendarVersion:
    said = NoticedDay(Mark.OFF, "全市停电检修")
    return versions.set_day(begin(session, boss, NOW), here, THURSDAY, said)


def test_a_draft_changes_nothing_by_itself(session: Session, world: World, boss: Actor, here: int) -> None:
    milestone = counted(session, world, TUESDAY)
    draft = close_thursday(session, boss, here)
    assert (draft.number, draft.state, draft.created_by_id) == (1, CalendarState.DRAFT, boss.user_id)
    assert draft.why == "2026年3月26日放假"
    assert calendar_of(session, here) is national()
    assert (milestone.due_on, milestone.version) == (FRIDAY, 1)
    (shift,) = preview_calendar(session, here, build(draft))
    assert (shift.before.due_on, shift.resolved.due_on) == (FRIDAY, MONDAY)


def test_putting_a_draft_into_force_dates_what_it_changes_and_keeps_the_first_date(
    session: Session, world: World, boss: Actor, here: int
) -> None:
    milestone = counted(session, world, TUESDAY)
    draft = close_thursday(session, boss, here)
    seen = fingerprint(preview_calendar(session, here, build(draft)))
    job = calendar_changes.apply_version(begin(session, boss, NOW), draft, version=draft.version, seen=seen)
    session.flush()
    assert (job.changed, job.subject_id, job.why) == (1, draft.id, "2026年3月26日放假")
    assert (milestone.due_on, milestone.version, milestone.calendar_version) == (MONDAY, 2, "cn-2026+v1")
    rows = session.scalars(
        select(MilestoneDate).where(MilestoneDate.milestone_id == milestone.id).order_by(MilestoneDate.version)
    ).all()
    assert [(row.due_on, row.recalculation_id) for row in rows] == [(FRIDAY, None), (MONDAY, job.id)]
    assert (draft.state, draft.applied_at, draft.applied_by_id) == (CalendarState.CURRENT, NOW, boss.user_id)
    assert not calendar_of(session, here).is_workday(THURSDAY)


def test_a_notice_makes_a_provisional_year_firm(session: Session, world: World, boss: Actor, here: int) -> None:
    # law.md: three workdays from 4 February 2027 end on 15 February by the law alone.
    milestone = counted(session, world, datetime(2027, 2, 4, 2, 0, tzinfo=UTC))
    assert (milestone.due_on, milestone.provisional) == (date(2027, 2, 15), True)
    notice = Notice(NOTICE_2027, {2027: "国办发明电〔2026〕7号"})
    draft = load_notice(begin(session, boss, NOW), here, notice)
    assert draft.why == "载入2027年放假通知"
    calendar_changes.apply_version(begin(session, boss, NOW), draft)
    assert (milestone.due_on, milestone.provisional) == (date(2027, 2, 17), False)
    assert milestone.calendar_version == "cn-2027+v1"
    assert calendar_of(session, here).last_noticed_year == 2027
    entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "calendar.draft")).one()
    assert entry.after is not None
    assert entry.after["2027"] == "国办发明电〔2026〕7号"


def test_a_new_version_starts_from_the_one_in_force_and_supersedes_it(session: Session, boss: Actor, here: int) -> None:
    calendar_changes.apply_version(begin(session, boss, NOW), close_thursday(session, boss, here))
    second = versions.set_day(begin(session, boss, NOW), here, FRIDAY, OFF)
    assert (second.number, [day.on for day in second.days]) == (2, [THURSDAY, FRIDAY])
    calendar_changes.apply_version(begin(session, boss, NOW), second)
    session.flush()
    lines = list_versions(session, here)
    assert [(x.version.number, x.version.state) for x in lines] == [
        (2, CalendarState.CURRENT),
        (1, CalendarState.SUPERSEDED),
    ]
    assert lines[0].created_by == lines[0].applied_by == "administrator同志"


def test_a_place_has_one_draft_and_what_is_added_goes_into_it(session: Session, boss: Actor, here: int) -> None:
    first = close_thursday(session, boss, here)
    again = versions.set_day(
        begin(session, boss, NOW), here, FRIDAY, NoticedDay(Mark.ADDED, "本地节"), version=first.version
    )
    assert again is first
    assert [(day.on, day.name) for day in again.days] == [(THURSDAY, "全市停电检修"), (FRIDAY, "本地节")]
    assert again.why == "2026年3月26日放假；2026年3月27日本地节放假"
    renamed = versions.set_day(
        begin(session, boss, NOW), here, FRIDAY, NoticedDay(Mark.OFF, "停课"), version=again.version
    )
    assert [day.name for day in renamed.days] == ["全市停电检修", "停课"]


def test_a_notice_leaves_the_local_festivals_their_names_and_may_make_them_workdays(
    session: Session, boss: Actor, here: int
) -> None:
    notice = Notice({THURSDAY: NoticedDay(Mark.OFF, "国庆节"), FRIDAY: WORK}, {})
    for on in (THURSDAY, FRIDAY):
        versions.set_day(begin(session, boss, NOW), here, on, NoticedDay(Mark.ADDED, "本地节"))
    draft = load_notice(begin(session, boss, NOW), here, notice)
    # Friday is worked by the national table itself: nothing needs to be said of it.
    assert [(day.on, day.name) for day in draft.days] == [(THURSDAY, "本地节")]
    assert draft.why.endswith("载入2天的安排")


def test_a_notice_loaded_at_once_says_what_it_changed_and_loading_it_again_is_no_change(
    session: Session, world: World, boss: Actor, here: int
) -> None:
    milestone = counted(session, world, TUESDAY)
    notice = Notice({THURSDAY: NoticedDay(Mark.OFF, "停电检修")}, {})
    loaded = load_and_apply(begin(session, SYSTEM, NOW), here, notice, why="市政府办通知")
    assert [run.words for run in loaded.runs] == ["2026年3月26日 周四 工作日 → 停电检修放假"]
    assert (loaded.dates, milestone.due_on) == (1, MONDAY)
    with pytest.raises(NothingChanged):
        load_and_apply(begin(session, SYSTEM, NOW), here, notice)
    versions.set_day(begin(session, boss, NOW), here, FRIDAY, OFF)
    with pytest.raises(Refused, match="有一份待生效的草稿（2026年3月27日放假）"):
        load_and_apply(begin(session, SYSTEM, NOW), here, Notice({MONDAY: OFF}, {}))


def test_two_administrators_at_once_work_on_one_draft(database: Database, world: World, boss: Actor, here: int) -> None:
    began = threading.Event()

    def second() -> None:
        with database.write() as session:
            began.set()
            versions.set_day(begin(session, boss, NOW), here, FRIDAY, OFF)
            session.commit()

    with database.write() as session:
        close_thursday(session, boss, here)
        other = threading.Thread(target=second)
        other.start()
        assert began.wait(5)
        session.commit()
    other.join(20)
    with database.read() as session:
        draft = version_in(session, here, CalendarState.DRAFT)
        assert draft is not None
        assert [day.on for day in draft.days] == [THURSDAY, FRIDAY]
        assert len(list_versions(session, here)) == 1


def test_a_form_shown_before_the_draft_changed_is_stale(session: Session, boss: Actor, here: int) -> None:
    draft = close_thursday(session, boss, here)
    for shown in (0, draft.version - 1):
        with pytest.raises(Stale):
            versions.set_day(begin(session, boss, NOW), here, FRIDAY, OFF, version=shown)
    with pytest.raises(Stale):
        calendar_changes.apply_version(begin(session, boss, NOW), draft, version=draft.version + 1)
    with pytest.raises(Stale):
        versions.discard(begin(session, boss, NOW), draft, version=draft.version + 1)
    assert draft.state is CalendarState.DRAFT


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (date(2026, 2, 17), NoticedDay(Mark.OFF, "春节")),  # off by the notice already
        (date(2026, 2, 14), WORK),  # a make-up workday already
        (date(2026, 3, 28), OFF),  # a Saturday
        (THURSDAY, WORK),
    ],
)
def test_what_the_national_table_says_already_is_no_change(
    session: Session, boss: Actor, here: int, on: date, said: NoticedDay
) -> None:
    with pytest.raises(NothingChanged, match="没有变化"):
        versions.set_day(begin(session, boss, NOW), here, on, said)
    assert session.scalar(select(func.count()).select_from(CalendarVersion)) == 0


def test_a_day_taken_back_is_the_national_tables_again(session: Session, boss: Actor, here: int) -> None:
    calendar_changes.apply_version(begin(session, boss, NOW), close_thursday(session, boss, here))
    draft = versions.clear_day(begin(session, boss, NOW), here, THURSDAY)
    assert draft.days == []
    assert draft.why == "2026年3月26日恢复国家安排"
    calendar_changes.apply_version(begin(session, boss, NOW), draft)
    assert calendar_of(session, here).is_workday(THURSDAY)
    with pytest.raises(NothingChanged):
        versions.clear_day(begin(session, boss, NOW), here, THURSDAY)


def test_nothing_is_applied_when_the_dates_changed_after_the_preview(
    session: Session, world: World, boss: Actor, here: int
) -> None:
    draft = close_thursday(session, boss, here)
    seen = fingerprint(preview_calendar(session, here, build(draft)))
    milestone = counted(session, world, TUESDAY)
    with pytest.raises(PreviewChanged, match="还没有生效"):
        calendar_changes.apply_version(begin(session, boss, NOW), draft, seen=seen)
    assert draft.state is CalendarState.DRAFT
    assert (milestone.due_on, milestone.version) == (FRIDAY, 1)
    assert session.scalar(select(func.count()).select_from(Recalculation)) == 0


def test_a_discarded_draft_stays_in_the_list_and_can_do_nothing_more(session: Session, boss: Actor, here: int) -> None:
    draft = close_thursday(session, boss, here)
    versions.discard(begin(session, boss, NOW), draft, version=draft.version)
    session.flush()
    assert version_in(session, here, CalendarState.DRAFT) is None
    for verb in (versions.discard, calendar_changes.apply_version):
        with pytest.raises(Refused, match="已不是草稿"):
            verb(begin(session, boss, NOW), draft)
    assert close_thursday(session, boss, here).number == 2


def test_a_draft_that_came_back_to_the_calendar_in_force_is_not_applied(
    session: Session, boss: Actor, here: int
) -> None:
    close_thursday(session, boss, here)
    draft = versions.clear_day(begin(session, boss, NOW), here, THURSDAY)
    with pytest.raises(Refused, match="请放弃"):
        calendar_changes.apply_version(begin(session, boss, NOW), draft)


@pytest.mark.parametrize(
    ("on", "said", "words"),
    [
        (date(2003, 12, 31), OFF, "超出范围"),
        (date(2032, 1, 2), OFF, "2031 年"),
        (THURSDAY, NoticedDay(Mark.ADDED, " "), "请填写本地假日的名称"),
    ],
)
def test_a_day_that_cannot_be_meant_is_refused(
    session: Session, boss: Actor, here: int, on: date, said: NoticedDay, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        versions.set_day(begin(session, boss, NOW), here, on, said)


@pytest.mark.parametrize("login", ["supervisor", "leader", "lead", "head", "support", "stranger", "auditor", "other"])
def test_only_the_places_administrator_keeps_its_calendar(
    database: Database, world: World, boss: Actor, here: int, login: str
) -> None:
    other_administrator(database, world)
    engage(database, world, "elsewhere", ("other", MemberRole.SUPERVISOR))
    with database.write() as session:
        draft = close_thursday(session, boss, here)
        actor = world.actor(login)
        acts = [
            lambda: versions.draft_version(begin(session, actor, NOW), here, days={FRIDAY: OFF}, why="x"),
            lambda: load_notice(begin(session, actor, NOW), here, Notice({FRIDAY: OFF}, {})),
            lambda: load_and_apply(begin(session, actor, NOW), here, Notice({FRIDAY: OFF}, {})),
            lambda: versions.set_day(begin(session, actor, NOW), here, FRIDAY, OFF),
            lambda: versions.clear_day(begin(session, actor, NOW), here, THURSDAY),
            lambda: calendar_changes.apply_version(begin(session, actor, NOW), draft),
            lambda: versions.discard(begin(session, actor, NOW), draft),
            lambda: calendar_changes.recount_current(begin(session, actor, NOW), here),
        ]
        for act in acts:
            with pytest.raises(NotPermitted):
                act()
        assert draft.state is CalendarState.DRAFT
        assert [day.on for day in draft.days] == [THURSDAY]


def test_another_places_dates_and_calendar_stay(database: Database, world: World, boss: Actor, here: int) -> None:
    other = other_administrator(database, world)
    there = other.posts[0].jurisdiction_id
    with database.write() as session:
        milestone = counted(session, world, TUESDAY)
        draft = versions.set_day(begin(session, other, NOW), there, THURSDAY, OFF)
        assert calendar_changes.apply_version(begin(session, other, NOW), draft).changed == 0
        assert milestone.due_on == FRIDAY
        assert calendar_of(session, here).is_workday(THURSDAY)
        assert not calendar_of(session, there).is_workday(THURSDAY)


def test_dates_counted_before_the_installed_table_grew_are_offered_and_counted_again(
    session: Session, world: World, boss: Actor, here: int
) -> None:
    before = WorkCalendar(noticed_years=NOTICED_YEARS - {2026})
    # By the law alone 14 February 2026 is a Saturday; the notice makes it a workday.
    milestone = counted(session, world, datetime(2026, 2, 11, 2, 0, tzinfo=UTC), before)
    assert (milestone.due_on, milestone.provisional, milestone.calendar_version) == (date(2026, 2, 20), True, "cn-2025")
    session.flush()
    assert counts_behind(session, here, calendar_of(session, here))
    seen = fingerprint(preview_calendar(session, here, calendar_of(session, here)))
    job = calendar_changes.recount_current(begin(session, boss, NOW), here, seen=seen)
    session.flush()
    assert (milestone.due_on, milestone.provisional) == (date(2026, 2, 14), False)
    assert (job.changed, job.subject_id) == (1, 0)
    assert not counts_behind(session, here, calendar_of(session, here))
    with pytest.raises(PreviewChanged):
        calendar_changes.recount_current(begin(session, boss, NOW), here, seen=seen)
    with pytest.raises(Refused, match="没有需要重新计算"):
        calendar_changes.recount_current(begin(session, boss, NOW), here)


def test_a_date_in_a_year_still_without_notice_is_not_behind(session: Session, world: World, here: int) -> None:
    counted(session, world, datetime(2027, 2, 4, 2, 0, tzinfo=UTC))
    session.flush()
    assert not counts_behind(session, here, calendar_of(session, here))


def test_equal_contents_have_one_digest_and_the_order_of_days_is_nothing() -> None:
    days = {THURSDAY: OFF, FRIDAY: NoticedDay(Mark.ADDED, "节")}
    one, other = Content(days, {2027: None}), Content(dict(reversed(days.items())), {2027: None})
    assert one.digest() == other.digest()
    assert len({one.digest(), Content(days).digest(), Content({THURSDAY: OFF}).digest()}) == 3


def test_neighbouring_days_that_change_alike_are_one_line() -> None:
    after = Content(NOTICE_2027, {2027: None})
    new = WorkCalendar(
        overrides={},
        additions={d: "春节" for d, s in NOTICE_2027.items() if s.mark is Mark.OFF},
        noticed_years=NOTICED_YEARS | {2027},
    )
    runs = differences(national(), new, Content(), after)
    assert DayRun(date(2027, 2, 11), date(2027, 2, 12), "工作日", "春节放假") in runs
    assert all(run.before != run.after for run in runs)


FESTIVAL = [date(2025, 6, 6), date(2025, 6, 9)]


def seed_place(days: list[date]) -> dict[str, Any]:
    about = {"code": "990100", "name": "某市", "level": "city", "parent": "某省"}
    return {"jurisdiction": about, "calendar": [{"name": "古尔邦节", "on": days, "source": "自治区通知"}]}


def test_local_festivals_are_seeded_into_force_once(session: Session, world: World, here: int) -> None:
    assert seed_registry(session, NOW, [seed_place(FESTIVAL)]).days == 2
    in_force = calendar_of(session, here)
    assert in_force.describe(FESTIVAL[1]).label == "古尔邦节放假"
    assert seed_registry(session, NOW, [seed_place(FESTIVAL)]).days == 0
    later = date(2023, 6, 28)
    assert seed_registry(session, NOW, [seed_place([*FESTIVAL, later])]).days == 1
    assert [day.on for day in current(session, here).days] == [later, *FESTIVAL]


def test_what_people_said_of_a_seeded_day_stays(session: Session, boss: Actor, here: int) -> None:
    seed_registry(session, NOW, [seed_place(FESTIVAL)])
    versions.clear_day(begin(session, boss, NOW), here, FESTIVAL[0])
    # While a draft waits, seeding leaves the calendar alone.
    assert seed_registry(session, NOW, [seed_place([*FESTIVAL, THURSDAY])]).days == 0
    draft = version_in(session, here, CalendarState.DRAFT)
    assert draft is not None
    calendar_changes.apply_version(begin(session, boss, NOW), draft)
    assert seed_registry(session, NOW, [seed_place([*FESTIVAL, THURSDAY])]).days == 1
    assert [day.on for day in current(session, here).days] == [FESTIVAL[1], THURSDAY]


def current(session: Session, here: int) -> CalendarVersion:
    found = version_in(session, here, CalendarState.CURRENT)
    assert found is not None
    return found
