"""Each correction and answer of the supervisor who confirms a reading, and what it leaves open."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.kit.world import NOW, TEXT, World, duty, plan
from tests.services.duties.test_duties import at, lamp
from tracker.clock.calendar import national
from tracker.clock.rules import CountUnit, Kind, Sense
from tracker.reading.plan import NameKind, Role
from tracker.rules.workflow import State
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.documents import answers, confirmation, facts, intake, publication
from tracker.services.documents.corrections import ItemInput, MeasureInput, NameInput, RuleInput
from tracker.services.registry import units
from tracker.store.documents.drafts import Ask, find_measure, questions, working_edition
from tracker.store.models import (
    Alias,
    AuditEntry,
    DeadlineRule,
    Document,
    DocumentState,
    Duty,
    Edition,
    Jurisdiction,
    Measure,
    Milestone,
    MilestoneDate,
    PastAnswer,
    PlanAnswer,
    RuleBinding,
    Task,
    Unit,
)
from tracker.store.registry.names import known_names

CALENDAR = national()
TODAY = date(2026, 3, 23)


def edition_of(session: Session, world: World, document: Document | None = None) -> Edition:
    """Return the edition under confirmation, read back as a page would."""
    session.flush()
    session.expire_all()
    return working_edition(session, (document or world.document).id)


def measure_of(session: Session, world: World, key: str, document: Document | None = None) -> Measure:
    """Return one measure as its form loads it."""
    edition = edition_of(session, world, document)
    wanted = next(m.id for m in edition.measures if m.key == key)
    found = find_measure(session, world.actor("supervisor"), wanted)
    assert found is not None
    return found


def as_shown(measure: Measure) -> MeasureInput:
    """Return the form of a measure as it is shown, before anybody types into it."""
    return MeasureInput(measure.title, measure.is_task, tuple(_item(i) for i in measure.items))


def _item(item: Any) -> ItemInput:
    places = {a.id: n for n, a in enumerate(item.assignments)}
    return ItemInput(
        item.id,
        tuple(
            NameInput(a.role, a.id, a.unit_id, a.group_id, tuple(c.unit_id for c in a.chosen), a.left_out)
            for a in item.assignments
        ),
        tuple(
            RuleInput(
                r.kind,
                r.sense,
                r.id,
                r.amount,
                r.unit,
                r.due_on,
                r.rrule,
                r.direction,
                r.trigger,
                r.act,
                r.party,
                r.day_off,
                r.past_answer,
                r.renewed_on,
                tuple(places[b.assignment_id] for b in r.bindings),
            )
            for r in item.rules
        ),
    )


def with_item(form: MeasureInput, **changes: Any) -> MeasureInput:
    """Return a form with its one item changed."""
    (item,) = form.items
    return replace(form, items=(replace(item, **changes),))


def correct(
    session: Session,
    world: World,
    key: str,
    change: Callable[[MeasureInput], MeasureInput] = lambda form: form,
    who: str = "supervisor",
    now: datetime = NOW,
    document: Document | None = None,
) -> Measure:
    """Send a measure's form as shown, changed by `change`; returns the measure read back."""
    measure = measure_of(session, world, key, document)
    confirmation.correct_measure(
        begin(session, world.actor(who), now), measure, change(as_shown(measure)), version=measure.version
    )
    return measure_of(session, world, key, document)


def asks(session: Session, world: World, on: date = TODAY, document: Document | None = None) -> list[tuple[Ask, str]]:
    """Return what is open apart from the confirming itself, with the measure asked about."""
    open_ones = questions(edition_of(session, world, document), on)
    return [(q.ask, q.measure.key if q.measure else "") for q in open_ones if q.ask is not Ask.UNCONFIRMED]


def names_of(measure: Measure) -> list[tuple[str, Role, int | None]]:
    return [(a.printed, a.role, a.unit_id) for a in measure.items[0].assignments]


def bound_of(rule: DeadlineRule, measure: Measure) -> list[str]:
    names = {a.id: a.printed for a in measure.items[0].assignments}
    return [names[b.assignment_id] for b in rule.bindings]


def another(session: Session, world: World, edit: Callable[[dict[str, Any]], None]) -> Document:
    """Take a second reading in and open it; `edit` changes the plan as read."""
    read = plan()
    edit(read)
    text = f"{TEXT}\n附{id(edit)}"
    new = intake.NewSource(
        jurisdiction_id=world.jurisdiction.id,
        filename="另一.txt",
        pasted=True,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        size=9,
        encoding="utf-8",
        text=text,
        plans=[read],
    )
    boss = world.actor("supervisor")
    source = intake.take_in(begin(session, boss, NOW), new)
    made = intake.choose_plan(begin(session, boss, NOW), source.plans[0], source, PlanAnswer.ANOTHER)
    assert made is not None
    return made


def publish(session: Session, world: World, now: datetime = NOW, document: Document | None = None) -> Edition:
    edition = edition_of(session, world, document)
    boss = world.actor("supervisor")
    answers.settle_collective(begin(session, boss, now), edition, "各有关部门", left_out=True)
    edition = edition_of(session, world, document)
    confirmation.confirm_clear(begin(session, boss, now), edition)
    session.flush()
    publication.publish(begin(session, boss, now), edition)
    session.flush()
    session.expire_all()
    return edition


# --- What is asked ---------------------------------------------------------------------------------------------------


def test_a_fresh_reading_asks_for_what_the_paper_leaves_open_and_nothing_else(draft: World, session: Session) -> None:
    assert asks(session, draft) == [(Ask.COLLECTIVE, "一.5")]
    unconfirmed = [q for q in questions(edition_of(session, draft), TODAY) if q.ask is Ask.UNCONFIRMED]
    assert len(unconfirmed) == 6


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda p: p.update(issued_on=None), (Ask.ISSUE_DATE, "")),
        (lambda p: p.update(expires_on="2026-03-22"), (Ask.EXPIRED, "")),
        (lambda p: p["measures"][0]["items"][0]["assignments"][0].update(unit="市工业局"), (Ask.UNKNOWN_UNIT, "一.1")),
        (lambda p: p["measures"][0]["items"][0].update(assignments=[], deadlines=[]), (Ask.NO_UNIT, "一.1")),
        (lambda p: p["measures"][0]["items"][0].update(assignments=[]), (Ask.NO_UNIT, "一.1")),
        (lambda p: p["measures"][0]["items"][0]["deadlines"][0].update(date="2026-03-22"), (Ask.PAST_DATE, "一.1")),
        (lambda p: p["measures"][0]["items"][0]["deadlines"][0].update(date=None), (Ask.NO_DATE, "一.1")),
        (lambda p: p["measures"][2]["items"][0]["deadlines"][0].update(rrule="FREQ=NEVER"), (Ask.NO_DATE, "一.3")),
        (
            lambda p: [a.update(role="support") for a in p["measures"][0]["items"][0]["assignments"]],
            (Ask.NO_UNIT, "一.1"),
        ),
    ],
    ids=["issue date", "out of force", "unknown name", "no names", "nobody to bind", "past", "no date", "no rhythm",
         "supporters alone"],
)  # fmt: skip
def test_what_cannot_be_settled_without_a_person_is_asked(
    draft: World, session: Session, edit: Callable[[dict[str, Any]], None], expected: tuple[Ask, str]
) -> None:
    document = another(session, draft, edit)
    assert expected in asks(session, draft, document=document)


def test_a_date_is_past_when_its_day_is_over(draft: World, session: Session) -> None:
    assert (Ask.PAST_DATE, "一.1") not in asks(session, draft, date(2026, 6, 30))
    assert (Ask.PAST_DATE, "一.1") in asks(session, draft, date(2026, 7, 1))


@pytest.mark.parametrize("expires", ["2026-03-23", "2027-12-31", None])
def test_a_document_in_force_through_today_is_not_asked_about(
    draft: World, session: Session, expires: str | None
) -> None:
    document = another(session, draft, lambda p: p.update(expires_on=expires))
    assert (Ask.EXPIRED, "") not in asks(session, draft, document=document)


@pytest.mark.parametrize(
    ("trigger", "effective", "issued", "past"),
    [
        ("印发", None, "2026-01-05", True),
        ("印发", None, "2026-03-20", False),
        ("本措施印发之日", None, "2026-01-05", True),
        ("施行", "2026-03-20", "2026-01-05", False),
        ("施行", None, "2026-01-05", True),
        ("项目实施", None, "2026-01-05", False),
        ("中标公告发布", None, "2026-01-05", False),
    ],
)
def test_a_period_from_the_documents_own_day_is_counted_from_that_day_and_no_other(
    draft: World, session: Session, trigger: str, effective: str | None, issued: str, past: bool
) -> None:
    """印发 is its issue, 施行 its entry into force; 项目实施 is somebody else's event and waits to be registered."""

    def edit(read: dict[str, Any]) -> None:
        read.update(issued_on=issued, effective_on=effective)
        read["measures"][1]["items"][0]["deadlines"][0].update(trigger=trigger, amount=10, unit="day")

    document = another(session, draft, edit)
    assert ((Ask.PAST_DATE, "一.2") in asks(session, draft, document=document)) is past


# --- Measure by measure ----------------------------------------------------------------------------------------------


def test_a_form_sent_as_shown_changes_nothing_but_confirms(draft: World, session: Session) -> None:
    before = as_shown(measure_of(session, draft, "一.2"))
    measure = correct(session, draft, "一.2")
    assert as_shown(measure) == before
    assert (measure.confirmed_by_id, measure.confirmed_at) == (draft.people["supervisor"].id, NOW)
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.verb == "measure.confirm"))
    assert entry.before == entry.after
    assert (entry.document_id, entry.unit_id) == (draft.document.id, draft.units["jfb"].id)


def test_the_trail_keeps_what_was_and_what_became_of_a_measure(draft: World, session: Session) -> None:
    correct(session, draft, "一.1", lambda form: replace(form, title="清欠台账"))
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.verb == "measure.confirm"))
    assert entry.before is not None
    assert entry.after is not None
    assert entry.before["title"].startswith("建立清欠台账")
    assert entry.after["title"] == "清欠台账"
    assert entry.after["items"][0]["names"][0][:2] == ["市工信局", "lead"]
    # Whom a time limit binds was confirmed as well: it must be read from the trail.
    assert entry.after["items"][0]["rules"][0][-1] == [entry.after["items"][0]["names"][0][0]]


@pytest.mark.parametrize("title", ["", "  "])
def test_a_measure_keeps_a_title(draft: World, session: Session, title: str) -> None:
    with pytest.raises(Refused, match="标题"):
        correct(session, draft, "一.1", lambda form: replace(form, title=title))


def test_a_measure_that_is_no_task_is_confirmed_without_answers(draft: World, session: Session) -> None:
    measure = correct(session, draft, "一.5", lambda form: replace(form, is_task=False))
    assert (measure.is_task, measure.confirmed_at) == (False, NOW)
    assert asks(session, draft) == []


def test_a_removed_name_takes_its_bindings_along(draft: World, session: Session) -> None:
    def without_second(form: MeasureInput) -> MeasureInput:
        (item,) = form.items
        (rule,) = item.rules
        names = (item.names[0], item.names[2])
        return with_item(form, names=names, rules=(replace(rule, bound=(0, 1)),))

    measure = correct(session, draft, "一.2", without_second)
    assert [n for n, *_ in names_of(measure)] == ["市减负办", "各县区政府"]
    (rule,) = measure.items[0].rules
    assert sorted(bound_of(rule, measure)) == ["各县区政府", "市减负办"]
    left = session.scalar(select(func.count()).select_from(RuleBinding).where(RuleBinding.rule_id == rule.id))
    assert left == 2


def test_the_last_bound_name_removed_leaves_the_limit_unbound_and_is_asked(draft: World, session: Session) -> None:
    def without_lead(form: MeasureInput) -> MeasureInput:
        (item,) = form.items
        (rule,) = item.rules
        return with_item(form, names=(replace(item.names[1], role=Role.RESPONSIBLE),), rules=(replace(rule, bound=()),))

    with pytest.raises(Refused, match="未指明约束哪个单位"):
        correct(session, draft, "一.1", without_lead)


def test_a_unit_and_a_group_are_added_and_bound(draft: World, session: Session) -> None:
    group_id = measure_of(session, draft, "一.2").items[0].assignments[2].group_id

    def with_more(form: MeasureInput) -> MeasureInput:
        (item,) = form.items
        (rule,) = item.rules
        more = (
            NameInput(Role.RESPONSIBLE, unit_id=draft.units["jyj"].id),
            NameInput(Role.SUPPORT, group_id=group_id),
        )
        return with_item(form, names=(*item.names, *more), rules=(replace(rule, bound=(0, 2, 3)),))

    measure = correct(session, draft, "一.1", with_more)
    assert [(n, r) for n, r, _ in names_of(measure)] == [
        ("市工信局", Role.LEAD),
        ("市财政局", Role.SUPPORT),
        ("市教育局", Role.RESPONSIBLE),
        ("各县区政府", Role.SUPPORT),
    ]
    added = measure.items[0].assignments[2]
    assert (added.start, added.kind, added.found_by) == (None, NameKind.UNIT, None)
    # A supporting name is never bound, whatever the form says.
    assert bound_of(measure.items[0].rules[0], measure) == ["市工信局", "市教育局"]


def test_a_role_is_corrected_and_a_lead_made_supporter_is_unbound(draft: World, session: Session) -> None:
    def swapped(form: MeasureInput) -> MeasureInput:
        (item,) = form.items
        (rule,) = item.rules
        first, second = item.names
        names = (replace(first, role=Role.SUPPORT), replace(second, role=Role.LEAD))
        return with_item(form, names=names, rules=(replace(rule, bound=(0, 1)),))

    measure = correct(session, draft, "一.1", swapped)
    assert [r for _, r, _ in names_of(measure)] == [Role.SUPPORT, Role.LEAD]
    assert bound_of(measure.items[0].rules[0], measure) == ["市财政局"]


def test_a_time_limit_is_corrected_removed_and_added(draft: World, session: Session) -> None:
    def changed(form: MeasureInput) -> MeasureInput:
        (item,) = form.items
        (rule,) = item.rules
        moved = replace(rule, due_on=date(2026, 9, 30))
        monthly = RuleInput(Kind.RECURRING, Sense.WITHIN, rrule="FREQ=MONTHLY", act="反馈进展", bound=(0,))
        return with_item(form, rules=(moved, monthly))

    measure = correct(session, draft, "一.1", changed)
    first, second = measure.items[0].rules
    assert (first.due_on, first.quote, first.set_by_id) == (date(2026, 9, 30), "2026年6月底前", None)
    assert (second.kind, second.rrule, second.quote) == (Kind.RECURRING, "FREQ=MONTHLY", None)
    assert second.set_by_id == draft.people["supervisor"].id  # 督查员设定
    measure = correct(session, draft, "一.1", lambda form: with_item(form, rules=form.items[0].rules[1:]))
    assert [r.kind for r in measure.items[0].rules] == [Kind.RECURRING]


@pytest.mark.parametrize(
    "rule",
    [
        RuleInput(Kind.RELATIVE, Sense.WITHIN, bound=(0,)),
        RuleInput(Kind.RELATIVE, Sense.WITHIN, amount=3, bound=(0,)),
        RuleInput(Kind.RELATIVE, Sense.WITHIN, amount=-3, unit=CountUnit.DAY, bound=(0,)),
        RuleInput(Kind.RELATIVE, Sense.WITHIN, amount=10**6, unit=CountUnit.YEAR, bound=(0,)),
        RuleInput(Kind.RECURRING, Sense.WITHIN, bound=(0,)),
        RuleInput(Kind.RECURRING, Sense.WITHIN, rrule="每月", bound=(0,)),
        RuleInput(Kind.ABSOLUTE, Sense.WITHIN, bound=(0,)),
        RuleInput(Kind.ABSOLUTE, Sense.WITHIN, due_on=date.max, bound=(0,)),
    ],
    ids=["no amount", "no unit", "negative", "beyond reckoning", "no rhythm", "no RRULE", "no date", "the last day"],
)
def test_a_time_limit_that_cannot_be_counted_is_refused(draft: World, session: Session, rule: RuleInput) -> None:
    with pytest.raises(Refused):
        correct(session, draft, "一.1", lambda form: with_item(form, rules=(rule,)))


def test_the_same_day_is_a_period_of_none(draft: World, session: Session) -> None:
    same_day = RuleInput(Kind.RELATIVE, Sense.WITHIN, amount=0, unit=CountUnit.DAY, trigger="受理", bound=(0,))
    measure = correct(session, draft, "一.1", lambda form: with_item(form, rules=(same_day,)))
    assert measure.items[0].rules[0].amount == 0


def fifth(draft: World, session: Session, **changes: Any) -> DeadlineRule:
    """Return the complaint's time limit, confirmed as days in some number."""
    measure = correct(
        session,
        draft,
        "一.2",
        lambda form: with_item(form, rules=(replace(form.items[0].rules[0], unit=CountUnit.DAY, **changes),)),
    )
    return measure.items[0].rules[0]


def test_a_printed_day_is_made_a_workday_by_an_article_and_back(draft: World, session: Session) -> None:
    """行政许可法 82 says it of every period, 行政处罚法 85 of some."""
    rule = fifth(draft, session, amount=20, counts_as="行政许可法第八十二条")
    assert (rule.counts_as_workday, rule.article) == (True, "行政许可法第八十二条")
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.verb == "measure.confirm"))
    assert entry.after is not None
    assert "行政许可法第八十二条" in entry.after["items"][0]["rules"][0]
    rule = fifth(draft, session, amount=7, counts_as="行政处罚法第八十五条")
    assert (rule.counts_as_workday, rule.article) == (True, "行政处罚法第八十五条")
    rule = fifth(draft, session, amount=7)
    assert (rule.counts_as_workday, rule.article) == (False, None)


@pytest.mark.parametrize(
    ("amount", "article", "said"),
    [
        (15, "行政处罚法第八十五条", "行政处罚法第八十五条只说二日、三日、五日、七日按工作日计，15日请按自然日计算"),
        (60, "行政复议法第八十八条", "60日请按自然日计算"),
        (0, "行政许可法第八十二条", "0日请按自然日计算"),
        (5, "某某办法第一条", "请从列表中选择日的算法"),
    ],
)
def test_an_article_is_not_stretched_to_days_it_does_not_name(
    draft: World, session: Session, amount: int, article: str, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        fifth(draft, session, amount=amount, counts_as=article)


def test_an_article_read_from_the_document_survives_and_can_be_dropped(draft: World, session: Session) -> None:
    read = measure_of(session, draft, "一.2").items[0].rules[0]
    read.unit, read.counts_as_workday, read.article = CountUnit.DAY, True, "本办法第三十条"
    session.flush()
    rule = fifth(draft, session, amount=9, counts_as="本办法第三十条")
    assert (rule.counts_as_workday, rule.article, rule.amount) == (True, "本办法第三十条", 9)
    measure = correct(
        session,
        draft,
        "一.2",
        lambda form: with_item(
            form, rules=(replace(form.items[0].rules[0], unit=CountUnit.WEEK, counts_as="本办法第三十条"),)
        ),
    )
    rule = measure.items[0].rules[0]
    assert (rule.counts_as_workday, rule.article) == (False, None)  # weeks have no printed 日


def test_units_of_another_place_and_of_none_are_refused(draft: World, session: Session) -> None:
    place = Jurisdiction(code="990200", name="另一市", level="city")
    session.add(place)
    session.flush()
    theirs = Unit(jurisdiction_id=place.id, name="另一市财政局")
    session.add(theirs)
    session.flush()
    for wrong in (
        NameInput(Role.RESPONSIBLE, unit_id=theirs.id),
        NameInput(Role.RESPONSIBLE, unit_id=10_000),
        NameInput(Role.RESPONSIBLE, group_id=10_000),
        NameInput(Role.RESPONSIBLE, chosen=(theirs.id,)),
        NameInput(Role.RESPONSIBLE),
    ):
        with pytest.raises(Refused):
            correct(session, draft, "一.1", lambda form, w=wrong: with_item(form, names=(*form.items[0].names, w)))
        session.rollback()
    with pytest.raises(Refused):
        answers.settle_collective(
            begin(session, draft.actor("supervisor"), NOW), edition_of(session, draft), "各有关部门", unit_ids=[10_000]
        )


def test_a_collective_name_is_answered_in_its_measure(draft: World, session: Session) -> None:
    chosen = (draft.units["jyj"].id, draft.units["czj"].id, draft.units["jyj"].id)
    measure = correct(
        session,
        draft,
        "一.5",
        lambda form: with_item(form, names=(replace(form.items[0].names[0], chosen=chosen),)),
    )
    assert {c.unit_id for c in measure.items[0].assignments[0].chosen} == set(chosen)
    assert asks(session, draft) == []
    # And answered again, otherwise.
    measure = correct(
        session,
        draft,
        "一.5",
        lambda form: with_item(form, names=(replace(form.items[0].names[0], chosen=(), left_out=True),)),
    )
    assert measure.items[0].assignments[0].chosen == []
    assert measure.items[0].assignments[0].left_out


def test_a_measure_with_an_open_question_is_not_confirmed(draft: World, session: Session) -> None:
    with pytest.raises(Refused, match="各有关部门"):
        correct(session, draft, "一.5")
    session.rollback()
    assert measure_of(session, draft, "一.5").confirmed_at is None


# --- Who, when, and old forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["lead", "head", "leader", "administrator", "auditor", "stranger"])
def test_only_the_supervisor_confirms(draft: World, session: Session, who: str) -> None:
    actor, edition = draft.actor(who), edition_of(session, draft)
    measure = measure_of(session, draft, "一.1")
    tries: list[Callable[[], object]] = [
        lambda: confirmation.correct_measure(begin(session, actor, NOW), measure, as_shown(measure)),
        lambda: confirmation.confirm_clear(begin(session, actor, NOW), edition),
        lambda: answers.settle_name(begin(session, actor, NOW), edition, "市工信局", create=True),
        lambda: answers.settle_collective(begin(session, actor, NOW), edition, "各有关部门", left_out=True),
        lambda: answers.learn_from_registry(begin(session, actor, NOW), edition),
        lambda: answers.date_undated(begin(session, actor, NOW), edition, due_on=date(2026, 12, 31), rrule=None),
        lambda: answers.answer_past(begin(session, actor, NOW), edition, PastAnswer.DONE),
        lambda: set_facts(session, draft, who=who),
        lambda: publication.publish(begin(session, actor, NOW), edition),
    ]
    for attempt in tries:
        with pytest.raises(NotPermitted):
            attempt()


def test_after_publication_nothing_of_the_reading_is_changed_any_more(world: World, session: Session) -> None:
    with pytest.raises(Refused, match="已发布"):
        correct(session, world, "一.1", lambda form: replace(form, title="改"))
    edition, boss = edition_of(session, world), world.actor("supervisor")
    for attempt in (
        lambda: confirmation.confirm_clear(begin(session, boss, NOW), edition),
        lambda: answers.settle_collective(begin(session, boss, NOW), edition, "各有关部门", left_out=True),
        lambda: answers.date_undated(begin(session, boss, NOW), edition, due_on=date(2026, 12, 31), rrule=None),
        lambda: set_facts(session, world),
    ):
        with pytest.raises(Refused, match="已发布"):
            attempt()


def test_an_old_form_is_stale(draft: World, session: Session) -> None:
    measure = measure_of(session, draft, "一.1")
    shown, form = measure.version, as_shown(measure)
    correct(session, draft, "一.1", lambda f: replace(f, title="第一位督查员改的"))
    measure = measure_of(session, draft, "一.1")
    with pytest.raises(Stale):
        confirmation.correct_measure(begin(session, draft.actor("supervisor2"), NOW), measure, form, version=shown)


@pytest.mark.parametrize("key", ["一.5"])
def test_a_form_opened_before_an_answer_for_the_whole_document_does_not_undo_it(
    draft: World, session: Session, key: str
) -> None:
    """The old form lists neither the units chosen for the collective name nor the date set for undated measures."""
    boss = draft.actor("supervisor")
    given: list[Callable[[Edition], object]] = [
        lambda e: answers.settle_collective(begin(session, boss, NOW), e, "各有关部门", left_out=True),
        lambda e: answers.date_undated(begin(session, boss, NOW), e, due_on=date(2026, 12, 31), rrule=None),
    ]
    for answer in given:
        shown = measure_of(session, draft, key).version
        answer(edition_of(session, draft))
        measure = measure_of(session, draft, key)
        with pytest.raises(Stale):
            confirmation.correct_measure(begin(session, boss, NOW), measure, as_shown(measure), version=shown)


# --- For the whole document ------------------------------------------------------------------------------------------


def two_unknown(read: dict[str, Any]) -> None:
    """Print one unknown name in two measures, once with a blank in it."""
    read["measures"][0]["items"][0]["assignments"][0]["unit"] = "市工业局"
    read["measures"][3]["items"][0]["assignments"][0]["unit"] = "市 工业局"


def test_a_name_is_settled_wherever_it_stands_and_remembered(draft: World, session: Session) -> None:
    document = another(session, draft, two_unknown)
    boss, unit = draft.actor("supervisor"), draft.units["gxj"]
    edition = edition_of(session, draft, document)
    times = answers.settle_name(begin(session, boss, NOW), edition, "市工业局", unit=unit, remember=True)
    assert times == 2
    assert [a for a in asks(session, draft, document=document) if a[0] is Ask.UNKNOWN_UNIT] == []
    assert known_names(session, draft.jurisdiction.id).resolve("市工业局") == (unit.id, None)
    # The next document that prints it is understood at once.
    third = another(session, draft, lambda p: (two_unknown(p), p.update(doc_no="三")))
    assert [a for a in asks(session, draft, document=third) if a[0] is Ask.UNKNOWN_UNIT] == []


def in_its_measure(session: Session, world: World, document: Document, **answer: Any) -> Measure:
    """Answer the unknown name in the form of the first measure that prints it."""
    return correct(
        session,
        world,
        "一.1",
        lambda form: with_item(form, names=(replace(form.items[0].names[0], **answer), *form.items[0].names[1:])),
        document=document,
    )


def test_an_unknown_name_answered_in_one_measure_is_answered_in_all(draft: World, session: Session) -> None:
    document, unit = another(session, draft, two_unknown), draft.units["jyj"]
    in_its_measure(session, draft, document, unit_id=unit.id, remember=True)
    assert [a for a in asks(session, draft, document=document) if a[0] is Ask.UNKNOWN_UNIT] == []
    assert known_names(session, draft.jurisdiction.id).resolve("市工业局") == (unit.id, None)
    assert measure_of(session, draft, "一.4", document).items[0].assignments[0].unit_id == unit.id


def test_an_unknown_name_may_turn_out_to_mean_a_group(draft: World, session: Session) -> None:
    document = another(session, draft, two_unknown)
    group_id = measure_of(session, draft, "一.2").items[0].assignments[2].group_id
    measure = in_its_measure(session, draft, document, group_id=group_id, remember=True)
    name = measure.items[0].assignments[0]
    assert (name.kind, name.group_id, name.unit_id) == (NameKind.GROUP, group_id, None)
    assert known_names(session, draft.jurisdiction.id).resolve("市工业局") == (None, group_id)


def test_an_unknown_name_becomes_a_unit_from_within_its_measure_once(draft: World, session: Session) -> None:
    def thrice(read: dict[str, Any]) -> None:
        two_unknown(read)
        read["measures"][0]["items"][0]["assignments"][1]["unit"] = "市工业 局"

    document = another(session, draft, thrice)
    correct(
        session,
        draft,
        "一.1",
        lambda form: with_item(form, names=tuple(replace(n, create=True) for n in form.items[0].names)),
        document=document,
    )
    made = session.scalars(select(Unit).where(Unit.name == "市工业局")).one()
    assert {a.unit_id for a in measure_of(session, draft, "一.1", document).items[0].assignments} == {made.id}
    assert measure_of(session, draft, "一.4", document).items[0].assignments[0].unit_id == made.id


def test_a_measures_form_teaches_no_name_unless_it_says_so(draft: World, session: Session) -> None:
    document, unit = another(session, draft, two_unknown), draft.units["jyj"]
    in_its_measure(session, draft, document, unit_id=unit.id)
    assert [a for a in asks(session, draft, document=document) if a[0] is Ask.UNKNOWN_UNIT] == []
    assert measure_of(session, draft, "一.4", document).items[0].assignments[0].unit_id == unit.id
    assert known_names(session, draft.jurisdiction.id).resolve("市工业局") == (None, None)


def test_a_name_can_be_settled_without_being_remembered(draft: World, session: Session) -> None:
    document = another(session, draft, two_unknown)
    answers.settle_name(
        begin(session, draft.actor("supervisor"), NOW),
        edition_of(session, draft, document),
        "市工业局",
        unit=draft.units["gxj"],
    )
    assert known_names(session, draft.jurisdiction.id).resolve("市工业局") == (None, None)


def test_an_unknown_name_can_become_a_new_unit(draft: World, session: Session) -> None:
    document = another(session, draft, two_unknown)
    edition = edition_of(session, draft, document)
    assert answers.settle_name(begin(session, draft.actor("supervisor"), NOW), edition, "市工业局", create=True) == 2
    made = session.scalars(select(Unit).where(Unit.name == "市工业局")).one()
    assert {a.unit_id for m in edition.measures for i in m.items for a in i.assignments if "工业局" in a.printed} == {
        made.id
    }
    with pytest.raises(Refused, match="已经确认过"):
        answers.settle_name(begin(session, draft.actor("supervisor"), NOW), edition, "市工业局", create=True)
    assert session.scalar(select(func.count()).select_from(Unit).where(Unit.name == "市工业局")) == 1


def test_a_name_is_not_given_to_a_unit_of_another_place(draft: World, session: Session) -> None:
    document = another(session, draft, two_unknown)
    place = Jurisdiction(code="990200", name="另一市", level="city")
    session.add(place)
    session.flush()
    theirs = Unit(jurisdiction_id=place.id, name="另一市工业局")
    session.add(theirs)
    session.flush()
    edition = edition_of(session, draft, document)
    for unit in (theirs, None):
        with pytest.raises(Refused, match="本辖区"):
            answers.settle_name(begin(session, draft.actor("supervisor"), NOW), edition, "市工业局", unit=unit)


def test_the_registry_is_asked_again_for_names_it_has_learnt_since(draft: World, session: Session) -> None:
    document, boss = another(session, draft, two_unknown), draft.actor("supervisor")
    units.learn_alias(begin(session, boss, NOW), draft.units["gxj"], "市工业局")
    assert answers.learn_from_registry(begin(session, boss, NOW), edition_of(session, draft, document)) == 2
    learnt = measure_of(session, draft, "一.4", document).items[0].assignments[0]
    assert (learnt.kind, learnt.unit_id) == (NameKind.UNIT, draft.units["gxj"].id)
    assert answers.learn_from_registry(begin(session, boss, NOW), edition_of(session, draft, document)) == 0


def test_a_collective_name_is_answered_wherever_it_stands(draft: World, session: Session) -> None:
    def twice(read: dict[str, Any]) -> None:
        read["measures"][3]["items"][0]["assignments"].append(
            {**read["measures"][4]["items"][0]["assignments"][0], "role": "support"}
        )

    document, boss = another(session, draft, twice), draft.actor("supervisor")
    with pytest.raises(Refused, match="选择单位"):
        answers.settle_collective(begin(session, boss, NOW), edition_of(session, draft, document), "各有关部门")
    ids = [draft.units["jyj"].id, draft.units["czj"].id, draft.units["jyj"].id]
    edition = edition_of(session, draft, document)
    assert answers.settle_collective(begin(session, boss, NOW), edition, "各有关部门", unit_ids=ids) == 2
    assert [a for a in asks(session, draft, document=document) if a[0] is Ask.COLLECTIVE] == []


def test_clear_measures_are_confirmed_at_once_and_the_others_left(draft: World, session: Session) -> None:
    edition = edition_of(session, draft)
    assert confirmation.confirm_clear(begin(session, draft.actor("supervisor"), NOW), edition) == 5
    left = [m.key for m in edition_of(session, draft).measures if m.confirmed_at is None]
    assert left == ["一.5"]
    again = edition_of(session, draft)
    assert confirmation.confirm_clear(begin(session, draft.actor("supervisor2"), NOW), again) == 0
    assert {m.confirmed_by_id for m in again.measures} == {draft.people["supervisor"].id, None}


def test_what_was_read_with_little_confidence_is_not_confirmed_in_passing(draft: World, session: Session) -> None:
    def doubtful(read: dict[str, Any]) -> None:
        read["measures"][0]["items"][0]["assignments"][0]["confidence"] = 0.5
        read["measures"][2]["items"][0]["deadlines"][0]["confidence"] = 0.4

    document = another(session, draft, doubtful)
    confirmation.confirm_clear(begin(session, draft.actor("supervisor"), NOW), edition_of(session, draft, document))
    left = [m.key for m in edition_of(session, draft, document).measures if m.confirmed_at is None]
    assert left == ["一.1", "一.3", "一.5"]


# --- Undated measures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due_on", "rrule", "kind"),
    [(date(2026, 12, 31), None, Kind.ABSOLUTE), (None, "FREQ=MONTHLY", Kind.RECURRING)],
)
def test_all_undated_measures_get_a_date_or_a_rhythm_at_once(
    draft: World, session: Session, due_on: date | None, rrule: str | None, kind: Kind
) -> None:
    boss = draft.actor("supervisor")
    edition = edition_of(session, draft)
    assert [i.measure.key for i in answers.undated_items(edition)] == ["一.5"]
    assert answers.date_undated(begin(session, boss, NOW), edition, due_on=due_on, rrule=rrule) == 1
    measure = measure_of(session, draft, "一.5")
    (rule,) = measure.items[0].rules
    assert (rule.kind, rule.due_on, rule.rrule, rule.set_by_id) == (
        kind,
        due_on,
        rrule,
        draft.people["supervisor"].id,
    )
    assert bound_of(rule, measure) == ["各有关部门"]
    assert answers.date_undated(begin(session, boss, NOW), edition_of(session, draft), due_on=due_on, rrule=rrule) == 0


@pytest.mark.parametrize(
    ("due_on", "rrule"),
    [
        (None, None),
        (date(2026, 12, 31), "FREQ=MONTHLY"),
        (date(2026, 3, 22), None),
        (date.max, None),
        (None, "每月"),
        (None, "FREQ=MONTHLY;BYMONTHDAY=40"),
    ],
)
def test_neither_or_both_or_a_date_that_is_none_is_refused_for_undated_measures(
    draft: World, session: Session, due_on: date | None, rrule: str | None
) -> None:
    with pytest.raises(Refused):
        answers.date_undated(
            begin(session, draft.actor("supervisor"), NOW), edition_of(session, draft), due_on=due_on, rrule=rrule
        )


def test_left_undated_it_shows_no_time_limit_and_never_all_is_well(world: World, session: Session) -> None:
    assert lamp(session, world, duty(session, world, "一.5", "czj"), NOW) == "none"


# --- Dates already past ----------------------------------------------------------------------------------------------

LATER = at(7, 6)


def answered(session: Session, world: World, answer: PastAnswer, renewed_on: date | None = None) -> int:
    return answers.answer_past(
        begin(session, world.actor("supervisor"), LATER), edition_of(session, world), answer, renewed_on=renewed_on
    )


@pytest.mark.parametrize("answer", [PastAnswer.DONE, PastAnswer.UNTRACKED])
def test_a_past_date_that_is_done_or_not_followed_makes_no_clock(
    draft: World, session: Session, answer: PastAnswer
) -> None:
    assert (Ask.PAST_DATE, "一.1") in asks(session, draft, LATER.date())
    assert answered(session, draft, answer) == 1
    assert answered(session, draft, answer) == 0
    publish(session, draft, LATER)
    it = duty(session, draft, "一.1", "gxj")
    assert session.scalars(select(Milestone).where(Milestone.duty_id == it.id)).all() == []
    assert lamp(session, draft, it, LATER) == "none"


def test_a_past_date_still_to_be_met_gets_a_second_version_and_the_first_stays(draft: World, session: Session) -> None:
    for wrong in (None, date(2026, 7, 5)):
        with pytest.raises(Refused, match="新日期"):
            answered(session, draft, PastAnswer.OPEN, wrong)
    assert answered(session, draft, PastAnswer.OPEN, date(2026, 9, 30)) == 1
    publish(session, draft, LATER)
    it = duty(session, draft, "一.1", "gxj")
    due = session.scalars(select(Milestone).where(Milestone.duty_id == it.id)).one()
    assert (due.version, due.due_on, due.due_at) == (2, date(2026, 9, 30), at(10, 1, 0))
    first, second = session.scalars(
        select(MilestoneDate).where(MilestoneDate.milestone_id == due.id).order_by(MilestoneDate.version)
    )
    assert (first.version, first.due_on, first.due_at) == (1, date(2026, 6, 30), at(7, 1, 0))
    assert (second.version, second.due_on, second.by_id) == (2, date(2026, 9, 30), draft.people["supervisor"].id)
    assert "督查员" in second.why
    # Nothing becomes overdue merely by being published.
    assert lamp(session, draft, it, LATER) == "fine"


def test_a_past_date_is_answered_in_its_measure_and_forgotten_when_the_date_is_corrected(
    draft: World, session: Session
) -> None:
    def said(answer: PastAnswer | None, renewed: date | None = None, due: date | None = None) -> Measure:
        def change(form: MeasureInput) -> MeasureInput:
            (rule,) = form.items[0].rules
            new = replace(rule, past_answer=answer, renewed_on=renewed, due_on=due or rule.due_on)
            return with_item(form, rules=(new,))

        return correct(session, draft, "一.1", change, now=LATER)

    with pytest.raises(Refused, match="已过期"):
        said(None)
    session.rollback()
    with pytest.raises(Refused):
        said(PastAnswer.OPEN, date(2026, 7, 5))
    session.rollback()
    (rule,) = said(PastAnswer.OPEN, LATER.date()).items[0].rules
    assert rule.renewed_on == date(2026, 7, 6)
    (rule,) = said(PastAnswer.OPEN, date(2026, 7, 31)).items[0].rules
    assert (rule.past_answer, rule.renewed_on) == (PastAnswer.OPEN, date(2026, 7, 31))
    (rule,) = said(PastAnswer.DONE, date(2026, 7, 31)).items[0].rules
    assert (rule.past_answer, rule.renewed_on) == (PastAnswer.DONE, None)
    # It was misread: the date lies ahead, and no old answer silences it.
    (rule,) = said(PastAnswer.DONE, due=date(2026, 12, 31)).items[0].rules
    assert (rule.past_answer, rule.renewed_on, rule.due_on) == (None, None, date(2026, 12, 31))


def test_a_new_date_that_has_gone_by_before_publication_is_asked_about_again(draft: World, session: Session) -> None:
    answered(session, draft, PastAnswer.OPEN, date(2026, 7, 10))
    assert (Ask.PAST_DATE, "一.1") not in asks(session, draft, date(2026, 7, 10))
    assert (Ask.PAST_DATE, "一.1") in asks(session, draft, date(2026, 7, 11))
    with pytest.raises(Refused):
        publish(session, draft, at(7, 11))


# --- The document's own facts ----------------------------------------------------------------------------------------


def set_facts(
    session: Session, world: World, document: Document | None = None, who: str = "supervisor", **changes: Any
) -> Document:
    found = edition_of(session, world, document).document
    given: dict[str, Any] = {
        "title": found.title, "doc_no": found.doc_no, "issued_on": found.issued_on,
        "effective_on": found.effective_on, "expires_on": found.expires_on, **changes,
    }  # fmt: skip
    facts.set_facts(begin(session, world.actor(who), NOW), found, **given)
    session.flush()
    return found


def test_facts_are_corrected_and_the_trail_keeps_both(draft: World, session: Session) -> None:
    shown = edition_of(session, draft).document.version
    found = set_facts(session, draft, title=" 若干措施 ", doc_no=" ", issued_on=date(2026, 3, 1))
    assert (found.title, found.doc_no, found.issued_on) == ("若干措施", None, date(2026, 3, 1))
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.verb == "document.facts"))
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["issued_on"], entry.after["issued_on"]) == ("2026-03-02", "2026-03-01")
    with pytest.raises(Stale):
        set_facts(session, draft, version=shown)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": " "},
        {"issued_on": date(2026, 3, 24)},
        {"issued_on": date(1, 1, 1)},
        {"issued_on": date(2026, 3, 1), "expires_on": date(2026, 2, 28)},
    ],
)
def test_facts_that_cannot_be_are_refused(draft: World, session: Session, changes: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        set_facts(session, draft, **changes)


def test_today_is_neither_the_future_nor_the_past(draft: World, session: Session) -> None:
    found = set_facts(session, draft, issued_on=TODAY, expires_on=TODAY, expired_answer=PastAnswer.UNTRACKED)
    assert (found.issued_on, found.expires_on, found.expired_answer) == (TODAY, TODAY, None)
    assert answered(session, draft, PastAnswer.OPEN, LATER.date()) == 1


def out_of_force(session: Session, draft: World, answer: PastAnswer | None) -> Edition:
    set_facts(session, draft, expires_on=date(2026, 3, 20), expired_answer=answer)
    return publish(session, draft)


def test_a_document_out_of_force_is_published_only_with_an_answer(draft: World, session: Session) -> None:
    with pytest.raises(Refused, match="届满"):
        out_of_force(session, draft, None)


def test_out_of_force_and_done_its_duties_are_done_and_no_clock_runs(draft: World, session: Session) -> None:
    out_of_force(session, draft, PastAnswer.DONE)
    duties = session.scalars(select(Duty)).all()
    assert {d.state for d in duties} == {State.COMPLETED}
    assert len(duties) == 9
    assert session.scalar(select(func.count()).select_from(Milestone)) == 0
    assert session.scalars(select(Task.completed_at)).all() == [NOW] * 6


def test_out_of_force_and_not_followed_it_is_filed_away_without_tasks(draft: World, session: Session) -> None:
    edition = out_of_force(session, draft, PastAnswer.UNTRACKED)
    document = session.get_one(Document, edition.document_id)
    assert document.state is DocumentState.WITHDRAWN
    assert session.scalar(select(func.count()).select_from(Task)) == 0


def test_out_of_force_and_still_to_be_done_only_what_recurs_has_ended(draft: World, session: Session) -> None:
    set_facts(session, draft, expires_on=date(2026, 3, 20), expired_answer=PastAnswer.OPEN)
    answers.answer_past(
        begin(session, draft.actor("supervisor"), NOW), edition_of(session, draft), PastAnswer.UNTRACKED
    )
    publish(session, draft)
    kinds = session.scalars(select(DeadlineRule.kind).join(Milestone, Milestone.rule_id == DeadlineRule.id)).all()
    assert kinds == [Kind.ABSOLUTE]
    assert {d.state for d in session.scalars(select(Duty))} == {State.ASSIGNED}


def test_an_answer_for_a_document_out_of_force_falls_with_the_date_that_asked_for_it(
    draft: World, session: Session
) -> None:
    found = set_facts(session, draft, expires_on=date(2026, 3, 20), expired_answer=PastAnswer.UNTRACKED)
    assert found.expired_answer is PastAnswer.UNTRACKED
    found = set_facts(session, draft, expires_on=date(2027, 3, 20), expired_answer=PastAnswer.UNTRACKED)
    assert found.expired_answer is None


def test_the_issue_date_is_asked_for_and_given(draft: World, session: Session) -> None:
    document = another(session, draft, lambda p: p.update(issued_on=None))
    assert (Ask.ISSUE_DATE, "") in asks(session, draft, document=document)
    set_facts(session, draft, document, issued_on=date(2026, 3, 20))
    assert (Ask.ISSUE_DATE, "") not in asks(session, draft, document=document)


def test_every_alias_the_registry_keeps_stays_unique(draft: World, session: Session) -> None:
    """Settling names must not write one key twice: the next reading would resolve it by chance."""
    document = another(session, draft, two_unknown)
    answers.settle_name(
        begin(session, draft.actor("supervisor"), NOW),
        edition_of(session, draft, document),
        "市 工业局",
        unit=draft.units["gxj"],
    )
    keys = session.scalars(select(Alias.key)).all()
    assert len(keys) == len(set(keys))
