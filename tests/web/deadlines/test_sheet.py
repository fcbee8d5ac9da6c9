"""计算单: one date with its clause, day by day, everything that happened to it, and nobody's personal data."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.pages import read, words
from tests.kit.recounted import CHANGED, clock_of, pause, register
from tests.kit.statements import counted
from tests.kit.world import NOW, World, duty
from tracker.clock.rules import CountUnit, Kind, Sense
from tracker.rules.lights import Light, Signal
from tracker.services.core.act import begin
from tracker.services.deadlines.recalculation import apply, preview_calendar
from tracker.store.core.engine import Database
from tracker.store.duties.duty import DatedMilestone
from tracker.store.models import (
    CalendarDay,
    CalendarState,
    CalendarVersion,
    Cancellation,
    Case,
    CaseStep,
    Complainant,
    DayKind,
    DeadlineRule,
    Extension,
    ExtensionState,
    Milestone,
    MilestoneDate,
    RecalculationKind,
)
from tracker.web.deadlines.clocks import view

ClientFor = Callable[[str], FlaskClient]
DAY = timedelta(days=1)


@pytest.fixture
def committed(database: Database, world: World) -> Callable[..., int]:
    """Do something in a transaction of its own; returns the id of the date it gives back."""

    def run(act: Callable[[Session], Milestone]) -> int:
        with database.write() as session:
            found = act(session)
            session.commit()
            return found.id

    return run


@pytest.fixture
def of_case(committed: Callable[..., int], world: World) -> int:
    """The date of a case of the leading unit: 3 workdays from 23 March."""
    return committed(lambda session: clock_of(session, register(session, world)))


@pytest.fixture
def of_duty(committed: Callable[..., int], world: World) -> int:
    """The leading unit's written date: 30 June."""

    def find(session: Session) -> Milestone:
        held = duty(session, world, "一.1", "gxj")
        return session.scalars(select(Milestone).where(Milestone.duty_id == held.id)).one()

    return committed(find)


def lines(page: str) -> list[str]:
    """Return the day-by-day lines of a sheet."""
    table = re.search(r'<ol class="daylines[^"]*">(.*?)</ol>', page, re.S)
    assert table, "no day-by-day lines"
    return [words(item).strip() for item in re.findall(r"<li[^>]*>(.*?)</li>", table[1], re.S)]


def test_a_sheet_says_clause_document_event_rule_and_every_day(client_for: ClientFor, of_case: int) -> None:
    page = read(client_for("lead"), f"/milestones/{of_case}")
    said = words(page)
    assert '<mark class="deadline">自正式受理之日起3个工作日内</mark>' in page
    assert "对投诉线索，" in said
    assert "某市减轻企业负担若干措施（某政发〔2026〕5号）" in said
    assert "办件 2026-001 · 转办" in said
    assert "正式受理，2026年3月23日 周一 10:00" in said
    assert "正式受理3个工作日内" in said
    assert "全国放假安排（至2026年）" in said
    assert "依据条文 民法典 201、民法典 203" in said
    assert "2026年3月26日 周四 24:00" in said
    assert [line.split(" ")[0] for line in lines(page)] == ["3月23日", "3月24日", "3月25日", "3月26日"]
    assert "首次时限 supervisor同志，2026年3月23日 周一 10:00" in said


def test_the_lines_end_on_the_date_that_stands(client_for: ClientFor, of_case: int, of_duty: int) -> None:
    for milestone_id, last in ((of_case, "3月26日"), (of_duty, "6月30日")):
        page = read(client_for("lead"), f"/milestones/{milestone_id}")
        assert lines(page)[-1].startswith(last)


def test_a_period_without_days_to_count_keeps_its_own_reasons(
    client_for: ClientFor, committed: Callable[..., int], world: World
) -> None:
    def find(session: Session) -> Milestone:
        held = duty(session, world, "一.3", "czj")
        return session.scalars(select(Milestone).where(Milestone.duty_id == held.id, Milestone.occurrence == 0)).one()

    page = read(client_for("support"), f"/milestones/{committed(find)}")
    assert "为什么是这一天" in page
    assert "每月25日" in words(page)
    assert "daylines" not in page


def test_everything_that_happened_stands_on_it(
    client_for: ClientFor, committed: Callable[..., int], world: World, of_case: int
) -> None:
    boss = world.people["supervisor"].id

    def happen(session: Session) -> Milestone:
        milestone = session.get_one(Milestone, of_case)
        step = session.get_one(CaseStep, milestone.case_step_id)
        pause(session, world, NOW + DAY, NOW + 2 * DAY, case_id=step.case_id)
        session.add(
            Extension(
                milestone_id=milestone.id,
                amount=5,
                reason="案情复杂",
                state=ExtensionState.GRANTED,
                by_id=boss,
                at=NOW,
                decided_by_id=boss,
                decided_at=NOW,
                note="同意",
            )
        )
        milestone.granted_amount = 5
        session.add(
            CalendarVersion(
                jurisdiction_id=world.jurisdiction.id,
                number=1,
                state=CalendarState.CURRENT,
                why="市庆放假",
                digest="d",
                created_at=NOW,
                days=[CalendarDay(on=date(2026, 3, 26), kind=DayKind.OFF, name="市庆")],
            )
        )
        session.flush()
        # 24, 27, 30, 31 March and 1 April: the 25th stood still, the 26th became a day off.
        apply(
            begin(session, world.actor("supervisor"), NOW),
            kind=RecalculationKind.CALENDAR,
            jurisdiction_id=world.jurisdiction.id,
            subject_id=1,
            why="市庆放假",
            calendar=CHANGED,
            shifts=preview_calendar(session, world.jurisdiction.id, CHANGED),
        )
        assert milestone.due_on == date(2026, 4, 1)
        return milestone

    committed(happen)
    page = read(client_for("lead"), f"/milestones/{of_case}")
    said = re.sub(r"\s+", " ", words(page))
    assert "本地日历第1版（放假安排至2026年）" in said
    assert "听证 行政许可法 45" in said
    assert "共 5 个工作日" in said
    assert "案情复杂 已批准" in said
    assert "首次时限 2026年3月26日 周四 24:00" in said
    assert "2026年3月26日改为放假（市庆放假） supervisor同志，2026年3月23日 周一 10:00" in said
    days = lines(page)
    assert any(line.startswith("3月26日") and "市庆" in line for line in days)
    assert any(line.startswith("3月25日") and "暂停" in line for line in days)
    assert days[-1].startswith("4月1日")


def test_a_date_the_lines_do_not_come_to_keeps_its_own_reasons(
    client_for: ClientFor, committed: Callable[..., int], of_case: int
) -> None:
    def bend(session: Session) -> Milestone:
        milestone = session.get_one(Milestone, of_case)
        milestone.calendar_version, milestone.due_on = "unknown", date(2026, 3, 30)
        return milestone

    committed(bend)
    page = read(client_for("lead"), f"/milestones/{of_case}")
    assert "daylines" not in page
    assert "为什么是这一天" in page


def test_a_paused_date_says_so(
    client_for: ClientFor, committed: Callable[..., int], world: World, of_case: int
) -> None:
    def stop(session: Session) -> Milestone:
        milestone = session.get_one(Milestone, of_case)
        milestone.paused_at = NOW
        step = session.get_one(CaseStep, milestone.case_step_id)
        pause(session, world, NOW, case_id=step.case_id)
        return milestone

    committed(stop)
    said = words(read(client_for("lead"), f"/milestones/{of_case}"))
    assert "正在暂停" in said
    assert "尚未恢复" in said


@pytest.mark.parametrize(
    ("because", "said"),
    [
        (Cancellation.REVOKED, "责任已撤销"),
        (Cancellation.SUPPORTING, "改为配合单位"),
        (Cancellation.COMPLETED, "已办结，不再要求"),
        (Cancellation.PAUSED, "暂停期间不要求"),
        (Cancellation.EDITION, "新版本不再要求"),
        (Cancellation.RETURNED, "转办已退回"),
        (Cancellation.CASE_ENDED, "办件已办结"),
    ],
)
def test_a_date_that_fell_away_says_why_in_the_place_of_its_light(
    database: Database, client_for: ClientFor, of_duty: int, because: Cancellation, said: str
) -> None:
    with database.write() as session:
        session.get_one(Milestone, of_duty).cancel(NOW, because)
        session.commit()
    page = read(client_for("lead"), f"/milestones/{of_duty}")
    assert re.search(r'<span class="more">(.*?)</span>', page, re.S)[1].strip() == said


def test_a_clock_that_fell_away_says_so_on_its_holder_s_page(app: Flask) -> None:
    milestone = Milestone(rule=DeadlineRule(act="反馈进展"), due_on=NOW.date())
    milestone.cancel(NOW, Cancellation.EDITION)
    on = MilestoneDate(version=1, explanation=[], why="")
    with app.test_request_context():
        assert view(DatedMilestone(milestone, on, on)).light == Signal(Light.NONE, "新版本不再要求")


def test_the_local_promise_and_the_statute_stand_side_by_side(
    client_for: ClientFor, committed: Callable[..., int], of_case: int
) -> None:
    def limit(session: Session) -> Milestone:
        milestone = session.get_one(Milestone, of_case)
        rule = DeadlineRule(
            ordinal=1,
            kind=Kind.RELATIVE,
            sense=Sense.WITHIN,
            amount=10,
            unit=CountUnit.WORKDAY,
            article="保障中小企业款项支付条例 25",
        )
        session.add(rule)
        session.flush()
        session.get_one(CaseStep, milestone.case_step_id).statute_rule_id = rule.id
        return milestone

    committed(limit)
    said = words(read(client_for("lead"), f"/milestones/{of_case}"))
    assert "10个工作日内（保障中小企业款项支付条例 25）：2026年4月7日 周二 24:00" in said


# --- Who sees it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("lead", True), ("head", True), ("supervisor", True), ("supervisor2", True), ("leader", True),
        ("support", False), ("county", False), ("stranger", False), ("administrator", False), ("auditor", False),
    ],
)  # fmt: skip
def test_a_duty_s_date_is_seen_by_who_sees_the_duty(client_for: ClientFor, of_duty: int, who: str, sees: bool) -> None:
    read(client_for(who), f"/milestones/{of_duty}", 200 if sees else 404)


def test_a_case_s_date_is_seen_by_who_sees_the_case(
    client_for: ClientFor, committed: Callable[..., int], world: World
) -> None:
    theirs = committed(lambda session: clock_of(session, register(session, world, unit="dxj")))
    for who in ("county", "supervisor", "leader"):
        read(client_for(who), f"/milestones/{theirs}")
    for who in ("lead", "head", "support", "stranger", "administrator"):
        read(client_for(who), f"/milestones/{theirs}", 404)
    assert client_for("supervisor").get("/milestones/999").status_code == 404


def test_no_personal_data_stands_on_it(
    client_for: ClientFor, committed: Callable[..., int], world: World, of_case: int
) -> None:
    def complain(session: Session) -> Milestone:
        milestone = session.get_one(Milestone, of_case)
        case = session.get_one(Case, session.get_one(CaseStep, milestone.case_step_id).case_id)
        case.firm, case.content, case.accused = "某某商贸公司", "拖欠货款", "某某局"
        session.add(Complainant(case_id=case.id, name="张三", phone="13800000000", address="某街1号"))
        return milestone

    committed(complain)
    for who in ("lead", "supervisor"):
        page = read(client_for(who), f"/milestones/{of_case}")
        for private in ("张三", "13800000000", "某街1号", "某某商贸公司", "拖欠货款", "某某局"):
            assert private not in page


def test_the_sheet_asks_a_fixed_number_of_questions(
    client_for: ClientFor, database: Database, of_case: int, of_duty: int
) -> None:
    client = client_for("supervisor")
    for milestone_id in (of_case, of_duty):
        with counted(database) as sent:
            read(client, f"/milestones/{milestone_id}")
        assert len(sent) <= 15  # two for what a reader of a case may read of it, one for pauses that wait to be decided


# --- Links to it -----------------------------------------------------------------------------------------------------


def test_the_duty_s_and_the_case_s_page_lead_to_it(
    client_for: ClientFor, database: Database, of_duty: int, of_case: int
) -> None:
    client = client_for("lead")
    with database.read() as session:
        held = session.get_one(Milestone, of_duty).duty_id
        step = session.get_one(CaseStep, session.get_one(Milestone, of_case).case_step_id)
    assert f'<a href="/milestones/{of_duty}">打印计算单</a>' in read(client, f"/duties/{held}")
    assert f'<a href="/milestones/{of_case}">' in read(client, f"/cases/{step.case_id}")
