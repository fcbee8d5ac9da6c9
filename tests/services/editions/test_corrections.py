"""A corrected issue date or event moves the open dates counted from it, and nothing else."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit import registered
from tests.kit.orders import clocks, every_3_days, order
from tests.kit.recounted import clock_of, opened, pause, register
from tests.kit.world import NOW, World, duty
from tracker.clock.calendar import national
from tracker.clock.rules import CountUnit, Kind, Sense
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.deadlines import milestones
from tracker.services.deadlines.recalculation import fingerprint, preview_calendar, preview_event, preview_issue_date
from tracker.services.editions import corrections
from tracker.store.core.actors import SYSTEM
from tracker.store.deadlines.rules import own_event_at
from tracker.store.models import (
    AuditEntry,
    Case,
    CaseStep,
    DeadlineRule,
    Document,
    DocumentState,
    Milestone,
    MilestoneDate,
    Recalculation,
    RecalculationKind,
    Starts,
    StepKind,
)

CALENDAR = national()
DAY = timedelta(days=1)
FIRST_OF_MARCH = date(2026, 3, 1)


def document_of(session: Session, world: World) -> Document:
    return session.get_one(Document, world.document.id)


def counted_from(session: Session, world: World, trigger: str, amount: int = 30) -> Milestone:
    """Give the leading unit a date so many days after the document's own event."""
    it = duty(session, world, "一.1", "gxj")
    rule = DeadlineRule(
        item_id=it.task.item_id,
        ordinal=9,
        kind=Kind.RELATIVE,
        sense=Sense.WITHIN,
        trigger=trigger,
        amount=amount,
        unit=CountUnit.DAY,
        act="报送方案",
        quote=f"自{trigger}之日起{amount}日内",
    )
    session.add(rule)
    session.flush()
    at = own_event_at(document_of(session, world), rule)
    made = milestones.open_dated(begin(session, SYSTEM, NOW), it, rule, CALENDAR, event_at=at)
    session.flush()
    return made


def correct(session: Session, world: World, who: str = "supervisor", on: date = FIRST_OF_MARCH) -> Recalculation:
    document = document_of(session, world)
    name = fingerprint(preview_issue_date(session, document, on, CALENDAR))
    job = corrections.correct_issue_date(begin(session, world.actor(who), NOW), document, on, "落款看错", name)
    session.flush()
    return job


def correct_case(
    session: Session, world: World, case: Case, at: datetime, accepted: datetime | None = None, who: str = "lead"
) -> Recalculation:
    name = fingerprint(preview_event(session, case, at, accepted, CALENDAR))
    job = corrections.correct_event(begin(session, world.actor(who), NOW), case, at, accepted, "登记时看错", name)
    session.flush()
    return job


# --- The issue date --------------------------------------------------------------------------------------------------


def test_only_dates_counted_from_the_issue_follow_it(world: World, session: Session) -> None:
    document_of(session, world).effective_on = date(2026, 3, 10)
    issued = counted_from(session, world, "本措施印发")  # 2 March and 30 days: 1 April
    in_force = counted_from(session, world, "本措施施行")
    case = opened(session, world)
    job = correct(session, world)
    assert (issued.due_on, issued.version, issued.event_at) == (
        date(2026, 3, 31),
        2,
        datetime(2026, 3, 1, 4, tzinfo=UTC),
    )
    assert (in_force.version, case.version) == (1, 1)
    assert document_of(session, world).issued_on == FIRST_OF_MARCH
    assert (job.kind, job.subject_id, job.changed) == (RecalculationKind.ISSUE_DATE, world.document.id, 1)
    second = session.scalars(
        select(MilestoneDate).where(MilestoneDate.milestone_id == issued.id, MilestoneDate.version == 2)
    ).one()
    assert second.why == "印发日期由2026年3月2日更正为2026年3月1日（落款看错）"
    verbs = session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id.desc()).limit(2)).all()
    assert sorted(verbs) == ["dates.recount", "document.issue_date"]


def test_in_force_follows_the_issue_where_no_other_day_is_said(world: World, session: Session) -> None:
    assert document_of(session, world).effective_on is None
    in_force = counted_from(session, world, "本措施施行")
    correct(session, world)
    assert in_force.due_on == date(2026, 3, 31)


def test_a_date_met_or_set_by_a_person_stays(world: World, session: Session) -> None:
    met, fixed = counted_from(session, world, "印发"), counted_from(session, world, "印发", 40)
    met.met_at = NOW
    fixed.fixed_on = fixed.due_on = date(2026, 5, 8)
    session.flush()
    job = correct(session, world)
    assert (met.due_on, met.event_at) == (date(2026, 4, 1), datetime(2026, 3, 2, 4, tzinfo=UTC))
    assert (fixed.due_on, fixed.version) == (date(2026, 5, 8), 1)
    assert fixed.event_at == datetime(2026, 3, 1, 4, tzinfo=UTC)
    assert job.changed == 0


def test_the_reason_of_a_day_that_stays_is_told_anew_and_to_nobody(world: World, session: Session) -> None:
    # 33 days after 2 March is Saturday, 4 April (清明): 7 April; after 1 March it is the 3rd; after the 3rd, the 5th.
    milestone = counted_from(session, world, "印发", 33)
    assert milestone.due_on == date(2026, 4, 7)
    shifts = preview_issue_date(session, document_of(session, world), date(2026, 3, 3), CALENDAR)
    assert [s.moved for s in shifts] == [False]
    assert correct(session, world, on=date(2026, 3, 3)).changed == 0
    rows = session.scalars(
        select(MilestoneDate).where(MilestoneDate.milestone_id == milestone.id).order_by(MilestoneDate.version)
    ).all()
    assert [(r.due_on, r.recalculation_id) for r in rows] == [(date(2026, 4, 7), None)] * 2
    assert "3月3日" in str(rows[1].explanation[1]["text"])
    assert not session.scalars(select(AuditEntry).where(AuditEntry.verb == "dates.recount")).all()


@pytest.mark.parametrize("who", ["lead", "support", "head", "county", "stranger", "leader", "administrator", "auditor"])
def test_only_a_supervisor_corrects_an_issue_date(world: World, session: Session, who: str) -> None:
    with pytest.raises(NotPermitted):
        correct(session, world, who)
    assert document_of(session, world).issued_on == date(2026, 3, 2)


def test_a_draft_is_corrected_on_its_own_page(world: World, session: Session) -> None:
    document_of(session, world).state = DocumentState.DRAFT
    with pytest.raises(Refused, match="现在是“待核对”，不能更正印发日期"):
        correct(session, world)


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 3, 2), "相同"),
        (date(2026, 3, 24), "晚于今天"),
        (date(1926, 3, 1), "年份"),
        (date(2026, 3, 20), "有效期"),
    ],
)
def test_an_issue_date_that_cannot_be_is_refused(world: World, session: Session, on: date, words: str) -> None:
    document_of(session, world).expires_on = date(2026, 3, 10)
    with pytest.raises(Refused, match=words):
        correct(session, world, on=on)


@pytest.mark.parametrize("why", ["", "  ", "长" * 101])
def test_a_correction_has_its_reason(world: World, session: Session, why: str) -> None:
    document = document_of(session, world)
    with pytest.raises(Refused, match="原因"):
        corrections.correct_issue_date(
            begin(session, world.actor("supervisor"), NOW), document, FIRST_OF_MARCH, why, fingerprint([])
        )


def test_another_preview_or_another_version_applies_nothing(world: World, session: Session) -> None:
    milestone, boss, document = counted_from(session, world, "印发"), world.actor("supervisor"), world.document
    document = document_of(session, world)
    with pytest.raises(Stale):
        corrections.correct_issue_date(begin(session, boss, NOW), document, FIRST_OF_MARCH, "看错", fingerprint([]))
    name = fingerprint(preview_issue_date(session, document, FIRST_OF_MARCH, CALENDAR))
    with pytest.raises(Stale):
        corrections.correct_issue_date(
            begin(session, boss, NOW), document, FIRST_OF_MARCH, "看错", name, document.version - 1
        )
    assert (document.issued_on, milestone.version) == (date(2026, 3, 2), 1)


# --- A case's event --------------------------------------------------------------------------------------------------


def test_a_corrected_event_moves_its_own_case_alone(world: World, session: Session) -> None:
    case, other = register(session, world), register(session, world)
    job = correct_case(session, world, case, NOW - 3 * DAY)  # Friday, 20 March: 25 March
    clock = clock_of(session, case)
    assert (clock.due_on, clock.version, clock.event_at) == (date(2026, 3, 25), 2, NOW - 3 * DAY)
    assert clock_of(session, other).version == 1
    assert (case.happened_at, case.happened_on) == (NOW - 3 * DAY, date(2026, 3, 20))
    assert session.get_one(CaseStep, clock.case_step_id).started_at == NOW - 3 * DAY
    assert (job.kind, job.subject_id, job.changed) == (RecalculationKind.EVENT, case.id, 1)
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.subject == "case", AuditEntry.subject_id == case.id).order_by(AuditEntry.id)
    ).all()
    assert [e.verb for e in entries] == ["case.open", "case.event", "dates.recount"]
    assert entries[2].note == (
        "办件 2026-001 转办：2026年3月26日 周四 → 2026年3月25日 周三"
        "（正式受理时间由2026年3月23日 10:00更正为2026年3月20日 10:00）；登记时看错"
    )


def test_a_step_that_starts_with_acceptance_follows_that(world: World, session: Session) -> None:
    case = register(session, world)
    step = session.get_one(CaseStep, clock_of(session, case).case_step_id)
    step.starts, case.accepted_at = Starts.ACCEPTED, NOW
    session.flush()
    earlier = NOW - 3 * DAY
    assert preview_event(session, case, earlier, NOW, CALENDAR) == []
    correct_case(session, world, case, earlier, earlier + timedelta(hours=1))
    assert clock_of(session, case).due_on == date(2026, 3, 25)
    assert (case.accepted_at, step.started_at) == (earlier + timedelta(hours=1),) * 2


def test_an_hour_clock_moves_by_the_minute(world: World, session: Session) -> None:
    rule = registered.counted_by(begin(session, world.actor("supervisor"), NOW), duty(session, world, "一.2", "gxj"))
    rule.amount, rule.unit = 2, CountUnit.HOUR
    session.flush()
    case = register(session, world)
    assert clock_of(session, case).due_at == NOW + timedelta(hours=2)
    correct_case(session, world, case, NOW - timedelta(minutes=17))
    assert clock_of(session, case).due_at == NOW + timedelta(minutes=103)


def test_a_pause_survives_and_a_paused_date_waits_for_its_end(world: World, session: Session) -> None:
    over, lasting = register(session, world), register(session, world)
    pause(session, world, NOW + DAY, NOW + 2 * DAY, case_id=over.id)  # the 25th is left out
    clock_of(session, lasting).paused_at = NOW
    session.flush()
    correct_case(session, world, over, NOW - 3 * DAY)  # 23, 24, 26
    assert clock_of(session, over).due_on == date(2026, 3, 26)
    correct_case(session, world, lasting, NOW - 3 * DAY)
    clock = clock_of(session, lasting)
    assert (clock.due_on, clock.version, clock.event_at) == (date(2026, 3, 26), 1, NOW - 3 * DAY)


def test_a_step_already_done_keeps_its_clock(world: World, session: Session) -> None:
    case = register(session, world)
    clock = clock_of(session, case)
    step = session.get_one(CaseStep, clock.case_step_id)
    clock.met_at = step.done_at = NOW
    session.flush()
    correct_case(session, world, case, NOW - DAY)
    assert (clock.due_on, clock.event_at, step.started_at) == (date(2026, 3, 26), NOW, NOW)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("lead", True), ("supervisor", True), ("supervisor2", True), ("head", False), ("support", False),
        ("county", False), ("stranger", False), ("leader", False), ("administrator", False), ("auditor", False),
    ],
)  # fmt: skip
def test_the_handling_units_officers_and_supervisors_correct_an_event(
    world: World, session: Session, who: str, may: bool
) -> None:
    case = register(session, world)
    assert corrections.may_correct_event(world.actor(who), case) is may
    if may:
        assert correct_case(session, world, case, NOW - 3 * DAY, who=who).changed == 1
        return
    with pytest.raises(NotPermitted):
        correct_case(session, world, case, NOW - 3 * DAY, who=who)
    assert case.happened_at == NOW


@pytest.mark.parametrize(
    ("happened", "accepted", "words"),
    [
        (NOW, NOW, "相同"),
        (NOW + timedelta(minutes=1), NOW, "晚于现在"),
        (NOW - DAY, NOW + timedelta(minutes=1), "晚于现在"),
        (NOW - DAY, NOW - 2 * DAY, "早于发生时间"),
        (NOW - DAY, None, "这一步登记"),
        (NOW - 40_000 * DAY, NOW, "年份"),
    ],
)
def test_instants_that_cannot_be_are_refused(
    world: World, session: Session, happened: datetime, accepted: datetime | None, words: str
) -> None:
    case = register(session, world)
    case.accepted_at = NOW
    with pytest.raises(Refused, match=words):
        correct_case(session, world, case, happened, accepted)


def test_a_closed_case_is_corrected_no_more(world: World, session: Session) -> None:
    case = register(session, world)
    case.closed_at = NOW
    with pytest.raises(Refused, match="已经办结"):
        correct_case(session, world, case, NOW - DAY)


def test_the_periods_of_a_case_outside_any_document_follow_its_event(world: World, session: Session) -> None:
    step = order(session, world, NOW, every_3_days(), kind=StepKind.PROGRESS, name="反馈进展")
    # Three days after 23 March, and three more, which end on a Sunday.
    assert [m.due_on for m in clocks(session, step)] == [date(2026, 3, 26), date(2026, 3, 27)]
    assert preview_calendar(session, world.jurisdiction.id, CALENDAR) == []
    case = session.get_one(Case, step.case_id)
    job = correct_case(session, world, case, NOW - DAY, case.accepted_at)
    assert [m.due_on for m in clocks(session, step)] == [date(2026, 3, 25), date(2026, 3, 27)]
    assert job.changed == 1
    assert step.started_at == NOW - DAY
    notes = session.scalars(select(AuditEntry).where(AuditEntry.verb == "dates.recount")).all()
    assert [(n.subject, n.subject_id, n.duty_id, n.document_id) for n in notes] == [("case", case.id, None, None)]
