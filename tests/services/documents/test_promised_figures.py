"""What the page of publication promises is what publication makes: over the demonstration's documents and our own."""

import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import ROOT
from tests.kit import doubts_answered
from tests.kit.periods import roll_forward
from tests.kit.world import NOW, World, confirm_all, duty
from tests.services.documents.test_confirmation import another, edition_of, set_facts
from tests.services.documents.test_publication import named
from tests.services.duties.test_duties import at
from tracker.adapters.disk.store import FileStore
from tracker.clock.calendar import national
from tracker.clock.rules import Kind, Sense
from tracker.reading.plan import Role
from tracker.services.core.act import begin
from tracker.services.core.errors import Refused
from tracker.services.demo import seeding
from tracker.services.demo.sources import DOCUMENTS, read_demo_sources
from tracker.services.documents import answers, confirmation, facts, intake, publication
from tracker.services.documents.publication import Published, foresee, groups_of
from tracker.store.boards.dashboard import Scope, read_board
from tracker.store.calendars.versions import calendar_of
from tracker.store.core.actors import Actor, Post
from tracker.store.deadlines.coming import periods_within
from tracker.store.documents.drafts import Ask, questions, working_edition
from tracker.store.duties.lights import Moment
from tracker.store.models import (
    DeadlineRule,
    DoubtAnswer,
    Duty,
    Edition,
    GroupMember,
    Jurisdiction,
    MemberRole,
    Milestone,
    PastAnswer,
    Task,
    Unit,
    User,
)
from tracker.store.registry.units import members_of

CALENDAR = national()
EXPIRED = date(2026, 3, 20)


def promise(session: Session, edition: Edition, now: Any = NOW) -> Any:
    calendar = calendar_of(session, edition.document.jurisdiction_id)
    return foresee(edition, members_of(session, groups_of(edition)), calendar, now)


def rows_made(session: Session, document_id: int) -> Published:
    """Count what stands in the tables."""
    duties = select(Duty.id).join(Task, Duty.task_id == Task.id).where(Task.document_id == document_id)
    held = select(func.count()).select_from(Milestone).join(DeadlineRule, Milestone.rule_id == DeadlineRule.id)
    with_clock = select(Milestone.duty_id).where(Milestone.duty_id.is_not(None))
    idle = duties.where(Duty.completed_at.is_(None), Duty.awaits_event.is_(False), Duty.id.not_in(with_clock))

    def number(query: Any) -> int:
        return session.scalar(select(func.count()).select_from(query.subquery())) or 0

    def of_role(role: Role) -> int:
        return number(duties.where(Duty.role == role))

    mine = held.where(Milestone.duty_id.in_(duties))
    return Published(
        tasks=number(select(Task.id).where(Task.document_id == document_id)),
        duties=number(duties),
        dated=session.scalar(mine.where(DeadlineRule.kind != Kind.RECURRING)) or 0,
        periods=session.scalar(mine.where(DeadlineRule.kind == Kind.RECURRING)) or 0,
        waiting=number(duties.where(Duty.awaits_event)),
        undated=number(idle),
        **{role.value: of_role(role) for role in Role},
    )


def kept(session: Session, boss: Actor, edition: Edition, now: Any = NOW) -> Any:
    """Publish an edition and check that the promise is kept; returns it."""
    promised = promise(session, edition, now)
    made = publication.publish(begin(session, boss, now), edition, promised=promised.mark)
    session.flush()
    assert made == promised.figures == rows_made(session, edition.document_id)
    units = select(Duty.unit_id).join(Task, Duty.task_id == Task.id).where(Task.document_id == edition.document_id)
    assert promised.units == len(set(session.scalars(units)))
    supporting = units.where(Duty.role == Role.SUPPORT)
    assert promised.supporting == len(session.scalars(supporting).all())
    by_limit = dict(
        session.execute(
            select(Milestone.rule_id, func.count())
            .join(Duty, Milestone.duty_id == Duty.id)
            .join(Task, Duty.task_id == Task.id)
            .where(Task.document_id == edition.document_id)
            .group_by(Milestone.rule_id)
        ).all()
    )
    assert {f.start.rule.id: f.milestones for f in promised.limits if f.milestones} == by_limit, "limit by limit"
    assert sum(n for _, n in promised.idle) == promised.figures.undated
    return promised


# --- The demonstration's documents -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The five documents as read, pickled: each test takes in its own."""
    store = FileStore(tmp_path_factory.mktemp("files"))
    return pickle.dumps(read_demo_sources(store, Path(ROOT) / "seeds" / "documents"))


def answer_all(session: Session, boss: Actor, edition: Edition, way: int) -> None:
    """Answer every question, in one of several ways; measures that nobody could carry out are no tasks."""
    document = edition.document
    lapsed = PastAnswer.OPEN if way % 2 else PastAnswer.DONE
    facts.set_facts(
        begin(session, boss, NOW),
        document,
        title=document.title,
        doc_no=document.doc_no,
        issued_on=document.issued_on or date(2022, 4, 30),
        effective_on=document.effective_on,
        expires_on=document.expires_on,
        expired_answer=lapsed,
    )
    printed = {a.printed for m in edition.measures for i in m.items for a in i.assignments if not a.answered}
    for name in sorted(printed):
        kinds = {a.kind for m in edition.measures for i in m.items for a in i.assignments if a.printed == name}
        if kinds == {"unit"}:
            answers.settle_name(begin(session, boss, NOW), edition, name, create=True)
        else:
            answers.settle_collective(begin(session, boss, NOW), edition, name, left_out=True)
    session.flush()
    choice = (DoubtAnswer.BOTH, DoubtAnswer.FIRST, DoubtAnswer.SECOND)[way]
    doubts_answered.choose(session, boss, edition, NOW, choice)
    if way != 2:
        try:
            answers.date_undated(begin(session, boss, NOW), edition, due_on=None, rrule="FREQ=MONTHLY")
        except Refused:  # the document is out of force
            answers.date_undated(begin(session, boss, NOW), edition, due_on=date(2026, 9, 30), rrule=None)
    past = (PastAnswer.OPEN, PastAnswer.DONE, PastAnswer.UNTRACKED)[way]
    answers.answer_past(begin(session, boss, NOW), edition, past, renewed_on=date(2026, 8, 31))
    for question in questions(edition, NOW.date(), CALENDAR):
        if question.rule is not None and question.ask in (Ask.UNBOUND, Ask.NO_DATE):
            question.rule.item.rules.remove(question.rule)
        elif question.ask is Ask.NO_UNIT and question.measure is not None:
            question.measure.is_task = False
    session.flush()
    doubts_answered.look_at_all(session, boss, edition, NOW)


@pytest.mark.long
@pytest.mark.parametrize("number", range(len(DOCUMENTS)), ids=[name for _, name in DOCUMENTS])
def test_every_document_of_the_demonstration_makes_what_was_promised(
    session: Session, sources: bytes, number: int
) -> None:
    seeding.seed_registry(session, NOW, seeding.read_seeds(ROOT / "seeds"))
    session.flush()
    places = {j.name: j.id for j in session.scalars(select(Jurisdiction))}
    offices = session.scalars(select(Unit).where(Unit.supervises)).all()
    person = User(login="boss", name="督查", password_hash="x", created_at=NOW)
    session.add(person)
    session.flush()
    posts = tuple(Post(u.id, u.name, u.jurisdiction_id, MemberRole.SUPERVISOR) for u in offices)
    boss = Actor(person.id, "督查", posts)
    place, new = pickle.loads(sources)[number]  # noqa: S301 - our own, made a moment ago
    source = replace(new, jurisdiction_id=places[place])
    taken = intake.take_in(begin(session, boss, NOW), source)
    for way, plan in enumerate(taken.plans, number):
        document = intake.choose_plan(begin(session, boss, NOW), plan, taken, intake.PlanAnswer.ANOTHER)
        assert document is not None
        session.flush()
        edition = working_edition(session, document.id)
        answer_all(session, boss, edition, way % 3)
        assert kept(session, boss, edition).figures.duties


# --- Our own ---------------------------------------------------------------------------------------------------------


def from_issue(read: dict[str, Any]) -> None:
    read["measures"][1]["items"][0]["deadlines"][0].update(trigger="印发之日", amount=15, unit="workday")


def by_name_and_group(read: dict[str, Any]) -> None:
    read["measures"][0]["items"][0]["assignments"] += [named("各县区政府", "support"), named("东县政府", "lead")]
    read["measures"][2]["items"][0]["assignments"] += [named("市工信局", "support"), named("各县区政府", "each")]


def ends_soon(read: dict[str, Any]) -> None:
    read.update(expires_on="2026-04-20")


PRINTED = {"lead": 1, "responsible": 8, "support": 1}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda p: None, Published(tasks=6, duties=10, dated=1, periods=2, waiting=6, undated=2, **PRINTED)),
        # Nobody has an event to register: the document's own day is known.
        (from_issue, Published(tasks=6, duties=10, dated=5, periods=2, waiting=2, undated=2, **PRINTED)),
        (
            by_name_and_group,
            Published(
                tasks=6, duties=15, dated=2, periods=6, waiting=6, undated=4, lead=2, responsible=8, each=2, support=3
            ),
        ),
        (ends_soon, Published(tasks=6, duties=10, dated=1, periods=1, waiting=6, undated=2, **PRINTED)),
    ],
    ids=["as printed", "counted from its issue", "by name and group", "one period left"],
)
def test_the_promise_is_in_figures_of_what_will_stand_in_lists(
    draft: World, session: Session, edit: Callable[[dict[str, Any]], None], expected: Published
) -> None:
    draft.document = another(session, draft, edit)
    confirm_all(session, draft)
    assert kept(session, draft.actor("supervisor"), edition_of(session, draft)).figures == expected
    boss, moment = draft.actor("supervisor"), Moment(NOW, NOW)
    tally = read_board(session, boss, moment, Scope(document_id=draft.document.id))
    assert (tally.total, tally.lights["none"]) == (expected.duties, expected.undated)


@pytest.mark.parametrize("answer", [PastAnswer.DONE, PastAnswer.OPEN])
def test_of_a_document_out_of_force_the_promise_is_kept_too(draft: World, session: Session, answer: PastAnswer) -> None:
    set_facts(session, draft, expires_on=EXPIRED, expired_answer=answer)
    confirm_all(session, draft)
    boss, edition = draft.actor("supervisor"), edition_of(session, draft)
    answers.answer_past(begin(session, boss, NOW), edition, PastAnswer.UNTRACKED)
    confirmation.confirm_clear(begin(session, boss, NOW), edition)
    session.flush()
    figures = kept(session, boss, edition).figures
    assert figures.milestones == (0 if answer is PastAnswer.DONE else 1)


def test_what_changed_after_the_page_was_shown_is_shown_again_before_it_is_made(draft: World, session: Session) -> None:
    confirm_all(session, draft)
    boss, edition = draft.actor("supervisor"), edition_of(session, draft)
    shown = promise(session, edition)
    member = session.scalars(select(GroupMember).order_by(GroupMember.unit_id)).first()
    session.delete(member)
    session.flush()
    with pytest.raises(Refused, match="有变化"):
        publication.publish(begin(session, boss, NOW), edition, promised=shown.mark)
    assert session.scalar(select(func.count()).select_from(Task)) == 0
    fresh = promise(session, edition)
    assert fresh.figures.duties == shown.figures.duties - 1
    publication.publish(begin(session, boss, NOW), edition, promised=fresh.mark)


def test_a_month_that_ends_between_the_page_and_the_press_changes_what_is_promised(
    draft: World, session: Session
) -> None:
    confirm_all(session, draft)
    edition = edition_of(session, draft)
    marks = {day: promise(session, edition, at(*day)).mark for day in ((3, 23), (3, 25), (3, 26))}
    assert marks[3, 23] == marks[3, 25] != marks[3, 26]  # 每月25日


@pytest.mark.parametrize("expires_on", [date(2026, 3, 25), date(2026, 4, 24), date(2026, 4, 25), date(2026, 12, 31)])
def test_a_rhythm_comes_to_as_many_periods_as_were_counted(draft: World, session: Session, expires_on: date) -> None:
    set_facts(session, draft, expires_on=expires_on)
    confirm_all(session, draft)
    edition = edition_of(session, draft)
    (item,) = next(m for m in edition.measures if m.key == "一.3").items
    rule = item.rules[0]
    counted = periods_within(rule, item, edition.facts, published_on=NOW.date(), calendar=CALENDAR)
    publication.publish(begin(session, draft.actor("supervisor"), NOW), edition)
    for weeks in range(60):
        session.flush()
        roll_forward(session, NOW + timedelta(weeks=weeks))
    assert session.scalar(select(func.count()).select_from(Milestone).where(Milestone.rule_id == rule.id)) == counted


# --- Rhythms without a period ----------------------------------------------------------------------------------------


def over(session: Session, draft: World) -> list[tuple[str, str]]:
    return [
        (q.measure.key, q.words)
        for q in questions(edition_of(session, draft), NOW.date(), CALENDAR)
        if q.ask is Ask.NO_PERIOD and q.measure is not None
    ]


def out_of_force(session: Session, draft: World, expires_on: date = EXPIRED) -> Edition:
    set_facts(session, draft, expires_on=expires_on, expired_answer=PastAnswer.OPEN)
    return edition_of(session, draft)


def test_a_rhythm_that_would_make_no_period_is_named_and_stops_publication(draft: World, session: Session) -> None:
    confirm_all(session, draft)
    edition = out_of_force(session, draft)
    with pytest.raises(Refused, match=r"一\.3 “每月25日”在有效期（至2026年03月20日）内没有一期可办"):
        publication.publish(begin(session, draft.actor("supervisor"), NOW), edition)
    assert session.scalar(select(func.count()).select_from(Task)) == 0


def test_a_validity_that_ends_before_the_next_day_of_the_rhythm_stops_it_too(draft: World, session: Session) -> None:
    set_facts(session, draft, expires_on=date(2026, 3, 24))
    assert [key for key, _ in over(session, draft)] == ["一.3"]
    set_facts(session, draft, expires_on=date(2026, 3, 25))
    assert over(session, draft) == []


def test_a_rhythm_whose_own_end_has_passed_is_named_and_publishing_does_not_break(
    draft: World, session: Session
) -> None:
    def ended(read: dict[str, Any]) -> None:
        read["measures"][2]["items"][0]["deadlines"][0].update(rrule="FREQ=MONTHLY;BYMONTHDAY=25;UNTIL=20251231")

    draft.document = another(session, draft, ended)
    confirm_all(session, draft)
    assert [key for key, _ in over(session, draft)] == ["一.3"]
    with pytest.raises(Refused, match=r"一\.3"):
        publication.publish(begin(session, draft.actor("supervisor"), NOW), edition_of(session, draft))


def test_a_validity_of_the_items_own_stops_its_rhythm_alone(draft: World, session: Session) -> None:
    def ended(read: dict[str, Any]) -> None:
        deadlines = read["measures"][2]["items"][0]["deadlines"]
        deadlines.append({**deadlines[0], "kind": "validity", "sense": "span", "rrule": None, "date": "2026-01-31"})

    draft.document = another(session, draft, ended)
    assert [key for key, _ in over(session, draft)] == ["一.3"]


@pytest.mark.parametrize("answer", [None, PastAnswer.DONE, PastAnswer.UNTRACKED])
def test_nothing_is_asked_of_rhythms_before_or_beside_the_answer_for_the_document(
    draft: World, session: Session, answer: PastAnswer | None
) -> None:
    set_facts(session, draft, expires_on=EXPIRED, expired_answer=answer)
    assert over(session, draft) == []


@pytest.mark.parametrize("answer", [PastAnswer.DONE, PastAnswer.UNTRACKED])
def test_a_rhythm_answered_as_done_or_not_followed_no_longer_waits(
    draft: World, session: Session, answer: PastAnswer
) -> None:
    confirm_all(session, draft)
    edition = out_of_force(session, draft)
    assert answers.answer_past(begin(session, draft.actor("supervisor"), NOW), edition, answer) == 1
    assert over(session, draft) == []
    confirmation.confirm_clear(begin(session, draft.actor("supervisor"), NOW), edition)
    assert kept(session, draft.actor("supervisor"), edition).figures.periods == 0


def test_a_rhythm_still_to_be_done_gets_a_day_in_its_place_for_those_it_bound(draft: World, session: Session) -> None:
    confirm_all(session, draft)
    edition, boss = out_of_force(session, draft), draft.actor("supervisor")
    answers.answer_past(begin(session, boss, NOW), edition, PastAnswer.OPEN, renewed_on=date(2026, 9, 30))
    session.flush()
    kept(session, boss, edition_of(session, draft))
    (clock,) = session.scalars(select(Milestone).where(Milestone.duty_id == duty(session, draft, "一.3", "czj").id))
    assert clock.due_on == date(2026, 9, 30)
    rule = session.get_one(DeadlineRule, clock.rule_id)
    assert (rule.kind, rule.set_by_id, rule.sense) == (Kind.ABSOLUTE, boss.user_id, Sense.WITHIN)


def test_a_longer_validity_answers_for_the_rhythms(draft: World, session: Session) -> None:
    confirm_all(session, draft)
    out_of_force(session, draft)
    set_facts(session, draft, expires_on=date(2027, 3, 20))
    assert over(session, draft) == []
    assert kept(session, draft.actor("supervisor"), edition_of(session, draft)).figures.periods == 2


@pytest.mark.parametrize("answer", [PastAnswer.DONE, PastAnswer.UNTRACKED])
@pytest.mark.parametrize("expires_on", [date(2027, 3, 20), None])
def test_a_rhythm_left_out_under_a_shorter_validity_runs_again_and_is_looked_at_again(
    draft: World, session: Session, answer: PastAnswer, expires_on: date | None
) -> None:
    confirm_all(session, draft)
    edition, boss = out_of_force(session, draft), draft.actor("supervisor")
    answers.answer_past(begin(session, boss, NOW), edition, answer)
    set_facts(session, draft, expires_on=date(2026, 3, 19), expired_answer=PastAnswer.OPEN)
    confirmation.confirm_clear(begin(session, boss, NOW), edition_of(session, draft))
    assert promise(session, edition_of(session, draft)).figures.periods == 0  # no later: the answer stands
    set_facts(session, draft, expires_on=expires_on)
    asked = questions(edition_of(session, draft), NOW.date(), CALENDAR)
    assert [(q.ask, q.measure.key) for q in asked if q.measure] == [(Ask.UNCONFIRMED, "一.3")]
    confirmation.confirm_clear(begin(session, boss, NOW), edition_of(session, draft))
    assert kept(session, boss, edition_of(session, draft)).figures.periods == 2


def test_no_rhythm_is_set_for_undated_measures_where_it_could_not_run(draft: World, session: Session) -> None:
    edition, boss = out_of_force(session, draft), draft.actor("supervisor")
    with pytest.raises(Refused, match="没有一期可办"):
        answers.date_undated(begin(session, boss, NOW), edition, due_on=None, rrule="FREQ=MONTHLY")
    assert answers.date_undated(begin(session, boss, NOW), edition, due_on=date(2026, 9, 30), rrule=None) == 1
