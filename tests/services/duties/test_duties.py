"""The verbs of a duty, by everybody who might try them, and what each leaves behind."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.kit import registered
from tests.kit.world import NOW, World, duty
from tracker.clock.calendar import national
from tracker.now import SHANGHAI
from tracker.reading.plan import Role
from tracker.rules.lights import soon_limit
from tracker.rules.workflow import State
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.deadlines.periods import extend_recurring
from tracker.services.duties import progress, roster
from tracker.store.core.actors import SYSTEM, Actor
from tracker.store.duties.lights import LIGHTS, Moment
from tracker.store.duties.lists import DutyFilter, list_duties
from tracker.store.models import AuditEntry, Case, Duty, Milestone, MilestoneDate, Outcome, Report, ReportKind

CALENDAR = national()
EVERYBODY = (
    "lead", "support", "head", "county", "stranger", "supervisor", "supervisor2", "leader", "administrator", "auditor",
)  # fmt: skip
Verb = Callable[[Session, Actor, datetime, Duty], Any]


def at(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    """Return an instant of 2026 on the Shanghai clock."""
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def acknowledge(session: Session, who: Actor, now: datetime, it: Duty) -> None:
    progress.acknowledge(begin(session, who, now), it)


def report(session: Session, who: Actor, now: datetime, it: Duty) -> Report:
    return progress.report_progress(begin(session, who, now), it, percent=40, text="已建台账")


def submit(session: Session, who: Actor, now: datetime, it: Duty) -> Report:
    return progress.submit(begin(session, who, now), it, text="已全部清欠")


def complete(session: Session, who: Actor, now: datetime, it: Duty) -> None:
    progress.complete(begin(session, who, now), it, "同意")


def send_back(session: Session, who: Actor, now: datetime, it: Duty) -> None:
    progress.send_back(begin(session, who, now), it, "请补充清单")


def close(session: Session, who: Actor, now: datetime, it: Duty) -> None:
    progress.close(begin(session, who, now), it)


def revoke(session: Session, who: Actor, now: datetime, it: Duty) -> None:
    roster.revoke(begin(session, who, now), it, "职责已划转")


def restore(session: Session, who: Actor, now: datetime, it: Duty) -> None:
    roster.restore(begin(session, who, now), it, "划转取消")


def close_case(session: Session, who: Actor, now: datetime, case: Case) -> None:
    """Close a case of one step."""
    registered.close(begin(session, who, now), case, "转东县")


def bring_to(
    session: Session, world: World, it: Duty, state: State, officer: str = "lead", now: datetime = NOW
) -> Duty:
    """Take a fresh duty to a state, by the verbs that lead there."""
    boss, own = world.actor("supervisor"), world.actor(officer)
    ways: dict[State, tuple[tuple[Verb, Actor], ...]] = {
        State.ASSIGNED: (),
        State.ACKNOWLEDGED: ((acknowledge, own),),
        State.IN_PROGRESS: ((acknowledge, own), (report, own)),
        State.SUBMITTED: ((acknowledge, own), (submit, own)),
        State.COMPLETED: ((acknowledge, own), (submit, own), (complete, boss)),
        State.CLOSED: ((acknowledge, own), (submit, own), (complete, boss), (close, boss)),
        State.REVOKED: ((revoke, boss),),
    }
    for verb, who in ways[state]:
        verb(session, who, now, it)
        session.flush()
    assert it.state is state
    return it


def lamp(session: Session, world: World, it: Duty, now: datetime, who: str = "supervisor") -> str:
    """Return the one light under which a list has a duty at an instant."""
    session.flush()
    actor, moment = world.actor(who), Moment(now, soon_limit(now, CALENDAR))
    lists = {light: list_duties(session, actor, moment, DutyFilter(light=light), 1, 500) for light in LIGHTS}
    (found,) = (light.value for light, page in lists.items() if it.id in {row.id for row in page.rows})
    return found


def clocks_of(session: Session, it: Duty) -> list[Milestone]:
    session.flush()
    query = select(Milestone).where(Milestone.answering_duty_id == it.id).order_by(Milestone.occurrence, Milestone.id)
    return list(session.scalars(query))


def trail(session: Session, verb: str) -> list[AuditEntry]:
    session.flush()
    return list(session.scalars(select(AuditEntry).where(AuditEntry.verb == verb).order_by(AuditEntry.id)))


# --- Who may ---------------------------------------------------------------------------------------------------------

# One row a verb: the state it starts in, its unit's standing in the task, and who may.
MATRIX: list[tuple[str, Verb, State, str, set[str]]] = [
    ("lead signs", acknowledge, State.ASSIGNED, "gxj", {"lead"}),
    ("supporter signs", acknowledge, State.ASSIGNED, "czj", {"support"}),
    ("lead reports", report, State.ACKNOWLEDGED, "gxj", {"lead"}),
    ("supporter reports", report, State.ACKNOWLEDGED, "czj", {"support"}),
    ("lead submits", submit, State.ACKNOWLEDGED, "gxj", {"lead"}),
    ("lead submits after a report", submit, State.IN_PROGRESS, "gxj", {"lead"}),
    ("supporter submits", submit, State.ACKNOWLEDGED, "czj", set()),
    ("review agrees", complete, State.SUBMITTED, "gxj", {"supervisor", "supervisor2"}),
    ("review sends back", send_back, State.SUBMITTED, "gxj", {"supervisor", "supervisor2"}),
    ("closing", close, State.COMPLETED, "gxj", {"supervisor", "supervisor2"}),
    ("revoking", revoke, State.IN_PROGRESS, "gxj", {"supervisor", "supervisor2"}),
    ("revoking a supporter", revoke, State.ASSIGNED, "czj", {"supervisor", "supervisor2"}),
    ("restoring", restore, State.REVOKED, "gxj", {"supervisor", "supervisor2"}),
]


@pytest.mark.parametrize(("verb", "start", "unit", "able"), [row[1:] for row in MATRIX], ids=[row[0] for row in MATRIX])
def test_only_these_people_may(
    world: World, session: Session, verb: Verb, start: State, unit: str, able: set[str]
) -> None:
    it = duty(session, world, "一.1", unit)
    bring_to(session, world, it, start, {"gxj": "lead", "czj": "support"}[unit])
    before = session.scalar(select(func.count()).select_from(AuditEntry))
    for name in EVERYBODY:
        if name not in able:
            with pytest.raises(NotPermitted):
                verb(session, world.actor(name), NOW, it)
    session.flush()
    assert it.state is start
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == before
    for name in sorted(able):
        with session.begin_nested() as tried:
            verb(session, world.actor(name), NOW, it)
            session.flush()
            assert session.scalar(select(func.count()).select_from(AuditEntry)) > before
            tried.rollback()
        it = duty(session, world, "一.1", unit)


def test_nobody_reviews_what_he_submitted_himself(world: World, session: Session) -> None:
    it = duty(session, world, "一.2", "jfb")
    bring_to(session, world, it, State.SUBMITTED, officer="supervisor2")
    for verb in (complete, send_back):
        with pytest.raises(NotPermitted, match="本人"):
            verb(session, world.actor("supervisor2"), NOW, it)
    assert it.state is State.SUBMITTED
    complete(session, world.actor("supervisor"), NOW, it)
    assert it.state is State.COMPLETED


# --- What each leaves behind -----------------------------------------------------------------------------------------


def test_who_signs_becomes_the_officer_of_the_duty(world: World, session: Session) -> None:
    it = duty(session, world, "一.1", "gxj")
    acknowledge(session, world.actor("lead"), NOW, it)
    assert (it.state, it.officer_id, it.acknowledged_at) == (State.ACKNOWLEDGED, world.people["lead"].id, NOW)
    (entry,) = trail(session, "duty.acknowledge")
    assert (entry.actor_id, entry.unit_id) == (world.people["lead"].id, world.units["gxj"].id)
    assert (entry.duty_id, entry.document_id) == (it.id, world.document.id)
    assert (entry.jurisdiction_id, entry.at) == (world.jurisdiction.id, NOW)
    assert (entry.before, entry.after) == ({"state": "assigned"}, {"state": "acknowledged"})


def test_signing_all_signs_what_is_his_and_leaves_the_rest(world: World, session: Session) -> None:
    mine = [duty(session, world, key, "gxj") for key in ("一.1", "一.2")]
    others = duty(session, world, "一.1", "czj")
    assert progress.acknowledge_all(begin(session, world.actor("lead"), NOW), [*mine, others]) == 2
    assert [d.state for d in (*mine, others)] == [State.ACKNOWLEDGED, State.ACKNOWLEDGED, State.ASSIGNED]


def test_a_report_keeps_its_words_percent_and_files(world: World, session: Session) -> None:
    it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.ACKNOWLEDGED)
    paper = progress.NewFile("台账.pdf", "application/pdf", 12, "0" * 64)
    made = progress.report_progress(
        begin(session, world.actor("lead"), NOW), it, percent=40, text="  已建台账 ", files=[paper]
    )
    session.flush()
    assert (it.state, it.percent, it.reported_at) == (State.IN_PROGRESS, 40, NOW)
    assert (made.kind, made.text, made.percent, made.by_id) == (
        ReportKind.PROGRESS,
        "已建台账",
        40,
        world.people["lead"].id,
    )
    assert [(a.filename, a.size) for a in made.attachments] == [("台账.pdf", 12)]


@pytest.mark.parametrize(("percent", "text"), [(-1, "x"), (101, "x"), (50, ""), (50, " \n ")])
def test_a_report_without_words_or_with_an_impossible_percent_is_refused(
    world: World, session: Session, percent: int, text: str
) -> None:
    it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.ACKNOWLEDGED)
    with pytest.raises(Refused):
        progress.report_progress(begin(session, world.actor("lead"), NOW), it, percent=percent, text=text)
    assert it.state is State.ACKNOWLEDGED


def test_words_are_required_where_the_table_says_so(world: World, session: Session) -> None:
    it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.ACKNOWLEDGED)
    boss, own = world.actor("supervisor"), world.actor("lead")
    with pytest.raises(Refused, match="申请办结的说明"):
        progress.submit(begin(session, own, NOW), it, text="  ")
    with pytest.raises(Refused, match="撤销责任的说明"):
        roster.revoke(begin(session, boss, NOW), it, "")
    submit(session, own, NOW, it)
    with pytest.raises(Refused, match="退回的说明"):
        progress.send_back(begin(session, boss, NOW), it, " ")
    assert it.state is State.SUBMITTED
    progress.complete(begin(session, boss, NOW), it)  # agreeing needs none


def test_a_verb_out_of_turn_names_the_state_the_duty_is_in(world: World, session: Session) -> None:
    it = duty(session, world, "一.1", "gxj")
    with pytest.raises(Refused, match="未签收") as refusal:
        report(session, world.actor("lead"), NOW, it)
    assert not isinstance(refusal.value, NotPermitted)


# --- Forms posted twice, and old ones --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "who", "post"),
    [
        (State.ASSIGNED, "lead", lambda s, a, d, v: progress.acknowledge(begin(s, a, NOW), d, v)),
        (
            State.ACKNOWLEDGED,
            "lead",
            lambda s, a, d, v: progress.report_progress(begin(s, a, NOW), d, percent=1, text="同一份", version=v),
        ),
        (State.ACKNOWLEDGED, "lead", lambda s, a, d, v: progress.submit(begin(s, a, NOW), d, text="完成", version=v)),
        (State.SUBMITTED, "supervisor", lambda s, a, d, v: progress.complete(begin(s, a, NOW), d, version=v)),
        (State.SUBMITTED, "supervisor", lambda s, a, d, v: progress.send_back(begin(s, a, NOW), d, "补充", version=v)),
        (State.COMPLETED, "supervisor", lambda s, a, d, v: progress.close(begin(s, a, NOW), d, version=v)),
        (State.ASSIGNED, "supervisor", lambda s, a, d, v: roster.revoke(begin(s, a, NOW), d, "划转", version=v)),
        (State.REVOKED, "supervisor", lambda s, a, d, v: roster.restore(begin(s, a, NOW), d, "恢复", v)),
    ],
    ids=["acknowledge", "report", "submit", "complete", "send_back", "close", "revoke", "restore"],
)
def test_a_form_posted_twice_is_stale_the_second_time(
    world: World, session: Session, start: State, who: str, post: Callable[[Session, Actor, Duty, int], object]
) -> None:
    it = bring_to(session, world, duty(session, world, "一.1", "gxj"), start)
    shown = it.version
    post(session, world.actor(who), it, shown)
    session.commit()
    after, reports = it.state, session.scalar(select(func.count()).select_from(Report))
    it = duty(session, world, "一.1", "gxj")
    with pytest.raises(Stale):
        post(session, world.actor(who), it, shown)
    session.rollback()
    assert duty(session, world, "一.1", "gxj").state is after
    assert session.scalar(select(func.count()).select_from(Report)) == reports


def test_an_old_form_of_somebody_without_the_right_is_forbidden_not_stale(world: World, session: Session) -> None:
    it = duty(session, world, "一.1", "gxj")
    with pytest.raises(NotPermitted):
        progress.acknowledge(begin(session, world.actor("stranger"), NOW), it, version=it.version + 1)


# --- Dates -----------------------------------------------------------------------------------------------------------


def test_the_submissions_instant_counts_and_not_the_reviews(world: World, session: Session) -> None:
    it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.ACKNOWLEDGED)
    (due,) = clocks_of(session, it)
    assert (due.due_on, due.due_at) == (date(2026, 6, 30), at(7, 1, 0))
    last_minute = at(6, 30, 23, 59)
    submit(session, world.actor("lead"), last_minute, it)
    complete(session, world.actor("supervisor"), at(7, 3), it)
    assert due.met_at == last_minute < due.due_at
    assert it.completed_at == at(7, 3)
    (made,) = session.scalars(select(Report).where(Report.duty_id == it.id))
    assert (made.outcome, made.reviewed_at) == (Outcome.ACCEPTED, at(7, 3))
    assert made.reviewed_by_id == world.people["supervisor"].id


def test_overdue_is_read_from_the_clock_and_never_stored(world: World, session: Session) -> None:
    it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.ACKNOWLEDGED)
    session.commit()
    lights = [lamp(session, world, it, now) for now in (at(6, 1), at(6, 29), at(6, 30, 23, 59), at(7, 1, 0))]
    assert lights == ["fine", "soon", "soon", "late"]
    assert not session.dirty
    assert it.state is State.ACKNOWLEDGED
    assert not [state for state in State if "due" in state or "late" in state]


def test_under_review_it_is_not_overdue_and_a_return_restores_the_same_date(world: World, session: Session) -> None:
    it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.ACKNOWLEDGED)
    submit(session, world.actor("lead"), at(6, 29), it)
    assert lamp(session, world, it, at(7, 2)) == "fine"
    send_back(session, world.actor("supervisor"), at(7, 2), it)
    (due,) = clocks_of(session, it)
    assert lamp(session, world, it, at(7, 2)) == "late"
    assert (due.due_on, due.version, due.submitted_at, due.met_at) == (date(2026, 6, 30), 1, None, None)
    assert (
        session.scalar(select(func.count()).select_from(MilestoneDate).where(MilestoneDate.milestone_id == due.id)) == 1
    )
    assert (it.state, it.submitted_at) == (State.IN_PROGRESS, None)
    (made,) = session.scalars(select(Report).where(Report.duty_id == it.id))
    assert (made.outcome, made.review_note) == (Outcome.RETURNED, "请补充清单")
    # The next submission is met when it was made: late, since the first one was not accepted.
    submit(session, world.actor("lead"), at(7, 6), it)
    complete(session, world.actor("supervisor"), at(7, 7), it)
    assert due.met_at == at(7, 6)


# --- Tasks -----------------------------------------------------------------------------------------------------------


def test_supporting_duties_are_completed_with_the_task(world: World, session: Session) -> None:
    helper = bring_to(session, world, duty(session, world, "一.1", "czj"), State.IN_PROGRESS, officer="support")
    it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.COMPLETED)
    session.refresh(helper)
    assert (helper.state, helper.completed_at) == (State.COMPLETED, NOW)
    assert it.task.completed_at == NOW
    (entry,) = trail(session, "duty.completed_with_task")
    assert (entry.duty_id, entry.before, entry.after) == (
        helper.id,
        {"state": "in_progress"},
        {"state": "completed"},
    )


def test_without_a_lead_every_responsible_unit_has_to_be_done(world: World, session: Session) -> None:
    boss = world.actor("supervisor")
    first = bring_to(session, world, duty(session, world, "一.2", "gxj"), State.COMPLETED)
    task = first.task
    assert task.completed_at is None
    bring_to(session, world, duty(session, world, "一.2", "dxj"), State.COMPLETED, officer="county")
    bring_to(session, world, duty(session, world, "一.2", "jfb"), State.COMPLETED, officer="supervisor2")
    assert task.completed_at is None
    # Nobody answers for the west county: taken out, the rest is all there is.
    revoke(session, boss, at(3, 24), duty(session, world, "一.2", "xxj"))
    assert task.completed_at == at(3, 24)


def test_with_a_lead_the_other_responsible_units_do_not_hold_the_task_up(world: World, session: Session) -> None:
    it = duty(session, world, "一.1", "gxj")
    other = roster.add_unit(
        begin(session, world.actor("supervisor"), NOW), it.task, world.units["jyj"], Role.RESPONSIBLE, "增加"
    )
    bring_to(session, world, it, State.COMPLETED)
    assert it.task.completed_at == NOW
    assert other.state is State.ASSIGNED


def test_a_task_once_complete_keeps_its_instant(world: World, session: Session) -> None:
    boss, it = world.actor("supervisor"), duty(session, world, "一.1", "gxj")
    roster.add_unit(begin(session, boss, NOW), it.task, world.units["jyj"], Role.RESPONSIBLE, "增加")
    bring_to(session, world, it, State.COMPLETED)
    other = duty(session, world, "一.1", "jyj")
    bring_to(session, world, other, State.COMPLETED, officer="stranger", now=at(3, 30))
    assert (other.completed_at, it.task.completed_at) == (at(3, 30), NOW)
    # Nor does a unit that decides nothing open it again.
    roster.add_unit(begin(session, boss, at(3, 31)), it.task, world.units["zjj"], Role.RESPONSIBLE, "再增加")
    assert it.task.completed_at == NOW


def test_a_lead_revoked_leaves_the_task_to_the_others(world: World, session: Session) -> None:
    it = duty(session, world, "一.1", "gxj")
    revoke(session, world.actor("supervisor"), NOW, it)
    # Only a supporting unit is left: nobody decides, and nothing is finished by that.
    assert it.task.completed_at is None
    assert duty(session, world, "一.1", "czj").state is State.ASSIGNED


# --- Revoke, restore, add --------------------------------------------------------------------------------------------


def test_a_revoked_duty_has_no_clock_and_gets_its_date_back_when_restored(world: World, session: Session) -> None:
    boss = world.actor("supervisor")
    it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.IN_PROGRESS)
    (due,) = clocks_of(session, it)
    revoke(session, boss, at(4, 1), it)
    assert due.cancelled_at == at(4, 1)
    assert (due.due_on, due.version) == (date(2026, 6, 30), 1)
    restore(session, boss, at(4, 8), it)
    assert (due.cancelled_at, due.due_on, due.version) == (None, date(2026, 6, 30), 1)
    assert (it.state, it.assigned_at, it.officer_id, it.acknowledged_at) == (State.ASSIGNED, at(4, 8), None, None)
    assert lamp(session, world, it, at(7, 2)) == "late"
    entries = trail(session, "duty.revoke") + trail(session, "duty.restore")
    assert [e.note for e in entries] == ["职责已划转", "划转取消"]


def test_a_date_that_passed_while_it_was_revoked_is_the_date_it_still_has(world: World, session: Session) -> None:
    boss, it = world.actor("supervisor"), duty(session, world, "一.1", "gxj")
    revoke(session, boss, at(6, 1), it)
    restore(session, boss, at(7, 6), it)
    (due,) = clocks_of(session, it)
    assert (due.cancelled_at, due.due_on, due.version) == (None, date(2026, 6, 30), 1)
    assert lamp(session, world, it, at(7, 6)) == "late"


def test_revoked_under_review_and_restored_its_clock_runs_again(world: World, session: Session) -> None:
    it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.SUBMITTED)
    revoke(session, world.actor("supervisor"), at(4, 1), it)
    restore(session, world.actor("supervisor"), at(4, 2), it)
    assert lamp(session, world, it, at(7, 2)) == "late"
    # The submission that waited was answered by the revocation: none is left to review.
    waiting = select(func.count()).select_from(Report).where(Report.outcome.is_(None), Report.duty_id == it.id)
    assert session.scalar(waiting.where(Report.kind == ReportKind.SUBMISSION)) == 0


def test_periods_that_passed_while_it_was_revoked_are_not_owed(world: World, session: Session) -> None:
    boss = world.actor("supervisor")
    it = duty(session, world, "一.3", "czj")
    assert [m.due_on for m in clocks_of(session, it)] == [date(2026, 3, 25), date(2026, 4, 25)]
    revoke(session, boss, at(3, 24), it)
    restore(session, boss, at(7, 6), it)
    running = [m.due_on for m in clocks_of(session, it) if m.cancelled_at is None]
    assert running == [date(2026, 7, 25), date(2026, 8, 25)]
    assert lamp(session, world, it, at(7, 6)) == "fine"


def test_a_period_already_owed_when_it_was_revoked_is_owed_again(world: World, session: Session) -> None:
    boss = world.actor("supervisor")
    it = duty(session, world, "一.3", "czj")
    revoke(session, boss, at(3, 30), it)  # the March report is five days late
    restore(session, boss, at(3, 31), it)
    assert [m.due_on for m in clocks_of(session, it) if m.cancelled_at is None] == [
        date(2026, 3, 25),
        date(2026, 4, 25),
        date(2026, 5, 25),
    ]
    assert lamp(session, world, it, at(3, 31)) == "late"


def test_an_added_unit_gets_the_date_its_peers_have(world: World, session: Session) -> None:
    it = duty(session, world, "一.1", "gxj")
    new = roster.add_unit(
        begin(session, world.actor("supervisor"), at(4, 1)), it.task, world.units["zjj"], Role.LEAD, "共同牵头"
    )
    (due,) = clocks_of(session, new)
    assert (new.state, new.role, new.assigned_at) == (State.ASSIGNED, Role.LEAD, at(4, 1))
    assert (due.due_on, due.version) == (date(2026, 6, 30), 1)
    (entry,) = trail(session, "duty.add")
    assert (entry.note, entry.after) == ("共同牵头", {"unit": "市住房城乡建设局", "role": "lead"})


def test_an_added_supporter_has_no_clock(world: World, session: Session) -> None:
    it = duty(session, world, "一.1", "gxj")
    new = roster.add_unit(
        begin(session, world.actor("supervisor"), NOW), it.task, world.units["jyj"], Role.SUPPORT, "请配合"
    )
    assert clocks_of(session, new) == []
    assert lamp(session, world, new, at(8, 1)) == "none"


def test_a_responsible_unit_beside_a_lead_is_not_bound_by_the_leads_date(world: World, session: Session) -> None:
    it = duty(session, world, "一.1", "gxj")
    new = roster.add_unit(
        begin(session, world.actor("supervisor"), NOW), it.task, world.units["jyj"], Role.RESPONSIBLE, "分担"
    )
    assert clocks_of(session, new) == []


def test_a_first_lead_is_bound_as_the_responsible_units_are(world: World, session: Session) -> None:
    it = duty(session, world, "一.3", "czj")
    new = roster.add_unit(
        begin(session, world.actor("supervisor"), NOW), it.task, world.units["jyj"], Role.LEAD, "牵头"
    )
    assert [m.due_on for m in clocks_of(session, new)] == [date(2026, 3, 25), date(2026, 4, 25)]


def test_a_unit_added_where_a_group_and_an_event_are_waits_for_the_event(world: World, session: Session) -> None:
    it = duty(session, world, "一.2", "gxj")
    new = roster.add_unit(
        begin(session, world.actor("supervisor"), NOW), it.task, world.units["jyj"], Role.RESPONSIBLE, "增加"
    )
    assert new.awaits_event
    assert lamp(session, world, new, NOW) == "wait"


def test_a_unit_added_where_a_collective_name_was_answered_joins_it(world: World, session: Session) -> None:
    it = duty(session, world, "一.5", "czj")
    new = roster.add_unit(
        begin(session, world.actor("supervisor"), NOW), it.task, world.units["jyj"], Role.RESPONSIBLE, "增加"
    )
    assert (new.state, clocks_of(session, new)) == (State.ASSIGNED, [])


def test_a_unit_added_late_starts_with_the_current_period(world: World, session: Session) -> None:
    it = duty(session, world, "一.3", "czj")
    new = roster.add_unit(
        begin(session, world.actor("supervisor"), at(7, 6)), it.task, world.units["jyj"], Role.RESPONSIBLE, "增加"
    )
    assert [m.due_on for m in clocks_of(session, new)] == [date(2026, 7, 25), date(2026, 8, 25)]
    # And the worker goes on from there: no period before it came is ever owed.
    session.flush()
    fresh = duty(session, world, "一.3", "jyj")
    extend_recurring(begin(session, SYSTEM, at(8, 3)), fresh, CALENDAR)
    assert [m.due_on for m in clocks_of(session, fresh)] == [
        date(2026, 7, 25),
        date(2026, 8, 25),
        date(2026, 9, 25),
    ]


def test_a_unit_added_after_the_date_is_not_overdue_by_that(world: World, session: Session) -> None:
    it = duty(session, world, "一.1", "gxj")
    new = roster.add_unit(
        begin(session, world.actor("supervisor"), at(7, 6)), it.task, world.units["jyj"], Role.LEAD, "增加"
    )
    assert lamp(session, world, new, at(7, 6)) == "none"


def test_a_unit_revoked_and_added_again_is_the_same_duty_in_its_new_role(world: World, session: Session) -> None:
    boss = world.actor("supervisor")
    it = duty(session, world, "一.1", "czj")
    revoke(session, boss, NOW, it)
    again = roster.add_unit(begin(session, boss, at(3, 24)), it.task, world.units["czj"], Role.LEAD, "改为牵头")
    assert again.id == it.id
    assert [m.due_on for m in clocks_of(session, again)] == [date(2026, 6, 30)]
    revoke(session, boss, at(3, 25), again)
    helper = roster.add_unit(begin(session, boss, at(3, 26)), it.task, world.units["czj"], Role.SUPPORT, "改回")
    assert [m for m in clocks_of(session, helper) if m.cancelled_at is None] == []
    revoke(session, boss, at(3, 27), helper)
    lead = roster.add_unit(begin(session, boss, at(3, 30)), it.task, world.units["czj"], Role.LEAD, "再牵头")
    assert [m.due_on for m in clocks_of(session, lead) if m.cancelled_at is None] == [date(2026, 6, 30)]


@pytest.mark.parametrize(
    ("who", "unit", "reason", "error"),
    [
        ("lead", "jyj", "增加", NotPermitted),
        ("leader", "jyj", "增加", NotPermitted),
        ("supervisor", "jyj", " ", Refused),
        ("supervisor", "czj", "再加一次", Refused),
    ],
)
def test_a_unit_is_not_added(
    world: World, session: Session, who: str, unit: str, reason: str, error: type[Exception]
) -> None:
    it = duty(session, world, "一.1", "gxj")
    with pytest.raises(error, match="督查员" if error is NotPermitted else "原因|已经承担"):
        roster.add_unit(begin(session, world.actor(who), NOW), it.task, world.units[unit], Role.RESPONSIBLE, reason)


def test_a_unit_out_of_use_is_not_added(world: World, session: Session) -> None:
    it = duty(session, world, "一.1", "gxj")
    world.units["jyj"].active = False
    with pytest.raises(Refused, match="在用"):
        roster.add_unit(
            begin(session, world.actor("supervisor"), NOW), it.task, world.units["jyj"], Role.RESPONSIBLE, "增加"
        )


def test_a_supporter_comes_too_late_for_a_completed_task(world: World, session: Session) -> None:
    """It would be completed with the task, which is done already: nothing could ever finish it."""
    boss = world.actor("supervisor")
    helper = duty(session, world, "一.1", "czj")
    revoke(session, boss, NOW, helper)
    it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.COMPLETED)
    with pytest.raises(Refused, match="任务已办结"):
        restore(session, boss, at(3, 24), helper)
    with pytest.raises(Refused, match="任务已办结"):
        roster.add_unit(begin(session, boss, at(3, 24)), it.task, world.units["jyj"], Role.SUPPORT, "配合")


def test_a_lead_added_to_a_completed_task_opens_it_again(world: World, session: Session) -> None:
    boss = world.actor("supervisor")
    it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.COMPLETED)
    roster.add_unit(begin(session, boss, at(3, 24)), it.task, world.units["jyj"], Role.LEAD, "增加牵头")
    assert it.task.completed_at is None
    session.flush()
    bring_to(session, world, duty(session, world, "一.1", "jyj"), State.COMPLETED, "stranger", at(3, 25))
    assert it.task.completed_at == at(3, 25)


# --- Recurring reports -----------------------------------------------------------------------------------------------


def signed_rhythm(session: Session, world: World) -> Duty:
    return bring_to(session, world, duty(session, world, "一.3", "czj"), State.ACKNOWLEDGED, officer="support")


def send(session: Session, world: World, it: Duty, milestone: Milestone, now: datetime) -> Report:
    made = progress.report_progress(
        begin(session, world.actor("support"), now),
        it,
        percent=10,
        text="本期进度已公布",
        milestone_id=milestone.id,
    )
    session.flush()
    return made


def test_a_report_meets_its_period_and_the_next_one_appears(world: World, session: Session) -> None:
    it = signed_rhythm(session, world)
    march, april = clocks_of(session, it)
    made = send(session, world, it, march, at(3, 25, 9))
    assert (march.met_at, made.milestone_id) == (at(3, 25, 9), march.id)
    send(session, world, it, april, at(4, 27, 9))  # the 25th has gone by: met, but late
    assert april.met_at == at(4, 27, 9) > april.due_at
    assert [m.due_on for m in clocks_of(session, it) if m.met_at is None] == [date(2026, 5, 25), date(2026, 6, 25)]


def test_a_period_not_begun_cannot_be_reported_on(world: World, session: Session) -> None:
    it = signed_rhythm(session, world)
    march, april = clocks_of(session, it)
    assert (march.opens_on, april.opens_on) == (date(2026, 3, 23), date(2026, 3, 26))
    with pytest.raises(Refused, match="尚未开始"):
        send(session, world, it, april, at(3, 25, 23, 59))
    send(session, world, it, april, at(3, 26, 0, 1))
    assert april.met_at is not None


def test_a_period_is_reported_on_once(world: World, session: Session) -> None:
    it = signed_rhythm(session, world)
    march, _ = clocks_of(session, it)
    send(session, world, it, march, at(3, 24))
    with pytest.raises(Refused, match="已经反馈过"):
        send(session, world, it, march, at(3, 25))


def test_another_duties_period_is_not_met_by_this_report(world: World, session: Session) -> None:
    it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.ACKNOWLEDGED)
    march, _ = clocks_of(session, duty(session, world, "一.3", "czj"))
    with pytest.raises(Refused):
        progress.report_progress(
            begin(session, world.actor("lead"), NOW), it, percent=1, text="x", milestone_id=march.id
        )
    (dated,) = clocks_of(session, it)
    with pytest.raises(Refused):  # a dated one is met by a submission alone
        progress.report_progress(
            begin(session, world.actor("lead"), NOW), it, percent=1, text="x", milestone_id=dated.id
        )


def test_a_report_that_names_no_period_meets_none(world: World, session: Session) -> None:
    it = signed_rhythm(session, world)
    progress.report_progress(begin(session, world.actor("support"), NOW), it, percent=1, text="随时反馈")
    assert [m.met_at for m in clocks_of(session, it)] == [None, None]


def test_only_the_current_and_the_next_period_exist(world: World, session: Session) -> None:
    """The 25th is current to its end; the day after it, another one is made."""
    it = duty(session, world, "一.3", "czj")
    assert extend_recurring(begin(session, SYSTEM, at(3, 25, 23, 59)), it, CALENDAR) == 0
    assert extend_recurring(begin(session, SYSTEM, at(3, 26, 0)), it, CALENDAR) == 1
    assert [m.due_on for m in clocks_of(session, it)][1:] == [date(2026, 4, 25), date(2026, 5, 25)]


def test_after_a_stop_of_the_worker_every_missed_period_is_owed_once(world: World, session: Session) -> None:
    it = duty(session, world, "一.3", "czj")
    made = extend_recurring(begin(session, SYSTEM, at(7, 6)), it, CALENDAR)
    assert made == 4
    assert [m.due_on.month for m in clocks_of(session, it) if m.due_on] == [3, 4, 5, 6, 7, 8]
    starts = [m.opens_on for m in clocks_of(session, it)]
    assert starts == [date(2026, 3, 23), *[date(2026, month, 26) for month in range(3, 8)]]
    assert extend_recurring(begin(session, SYSTEM, at(7, 6)), it, CALENDAR) == 0


def test_a_submission_on_a_periods_first_day_answers_for_that_period(world: World, session: Session) -> None:
    it = signed_rhythm(session, world)
    submit(session, world.actor("support"), at(3, 26, 0, 1), it)
    complete(session, world.actor("supervisor"), at(3, 30), it)
    march, april = clocks_of(session, it)
    assert march.met_at == april.met_at == at(3, 26, 0, 1)


def test_completing_meets_the_current_period_and_drops_the_next(world: World, session: Session) -> None:
    it = signed_rhythm(session, world)
    submit(session, world.actor("support"), at(3, 24), it)
    complete(session, world.actor("supervisor"), at(3, 30), it)
    march, april = clocks_of(session, it)
    assert (march.met_at, march.cancelled_at) == (at(3, 24), None)
    assert (april.met_at, april.cancelled_at) == (None, at(3, 30))


# --- Open cases ------------------------------------------------------------------------------------------------------


def open_case(session: Session, world: World, it: Duty, key: str = "k1") -> Case:
    session.flush()
    it = duty(session, world, it.task.key, "gxj")
    made = registered.register(
        begin(session, world.actor("lead"), NOW),
        it,
        happened_at=NOW - timedelta(hours=1),
        reference="XS-1",
        form_key=key,
    )
    made.duty = it
    return made


def test_a_duty_is_not_submitted_before_its_cases_are_closed(world: World, session: Session) -> None:
    it = bring_to(session, world, duty(session, world, "一.2", "gxj"), State.ACKNOWLEDGED)
    case = open_case(session, world, it)
    with pytest.raises(Refused, match=case.number):
        submit(session, world.actor("lead"), NOW, it)
    assert it.state is State.ACKNOWLEDGED
    close_case(session, world.actor("lead"), NOW, case)
    submit(session, world.actor("lead"), NOW, it)
    assert it.state is State.SUBMITTED


def test_of_many_open_cases_three_are_named(world: World, session: Session) -> None:
    it = bring_to(session, world, duty(session, world, "一.2", "gxj"), State.ACKNOWLEDGED)
    for key in "abc":
        open_case(session, world, it, key)
    with pytest.raises(Refused, match="2026-001、2026-002、2026-003。"):
        submit(session, world.actor("lead"), NOW, it)
    open_case(session, world, it, "d")
    with pytest.raises(Refused, match="2026-001、2026-002、2026-003等。"):
        submit(session, world.actor("lead"), NOW, it)


def test_a_case_opened_under_review_keeps_the_duty_from_completion(world: World, session: Session) -> None:
    """Completed, its clock would go on and nobody could close it any more."""
    it = bring_to(session, world, duty(session, world, "一.2", "gxj"), State.SUBMITTED)
    case = open_case(session, world, it)
    with pytest.raises(Refused, match=case.number):
        complete(session, world.actor("supervisor"), NOW, it)
    send_back(session, world.actor("supervisor"), NOW, it)
    assert it.state is State.IN_PROGRESS


def test_revoking_stops_the_clocks_of_its_cases_and_restoring_starts_them(world: World, session: Session) -> None:
    it = bring_to(session, world, duty(session, world, "一.2", "gxj"), State.ACKNOWLEDGED)
    case = open_case(session, world, it)
    revoke(session, world.actor("supervisor"), NOW, it)
    (clock,) = clocks_of(session, it)
    assert clock.cancelled_at == NOW
    with pytest.raises(Refused):
        close_case(session, world.actor("lead"), NOW, case)
    restore(session, world.actor("supervisor"), at(3, 24), it)
    assert clock.cancelled_at is None
    close_case(session, world.actor("lead"), at(3, 24), case)
    assert clock.met_at == at(3, 24)
