"""The ledger's ready-made statements choose what visible_cases chooses, for every kind of actor and every filter."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tests.kit.world import NOW, World
from tests.services.duties.test_lights import CALENDAR
from tests.web.kit.test_statement_counts import fill
from tracker.rules.lights import Light, soon_limit
from tracker.rules.phases import Phase
from tracker.rules.workflow import State
from tracker.services.core.standing import examine
from tracker.store.cases import figures, lists, narrowing
from tracker.store.cases.figures import CASE_LIGHTS, Totals, choices, light_counts, totals_of
from tracker.store.cases.lists import ledger, list_cases
from tracker.store.cases.narrowing import CaseFilter, shape_of
from tracker.store.core.actors import Actor, Post
from tracker.store.core.visible import visible_cases
from tracker.store.duties.lights import Moment
from tracker.store.models import Case, CaseRecord, CaseStep, Duty, MemberRole, Milestone, RecordKind, Referral, Task

MOMENT = Moment(NOW, soon_limit(NOW, CALENDAR))
WHO = ("lead", "head", "support", "county", "stranger", "supervisor", "leader", "auditor", "both", "many")
FILTERS = (
    CaseFilter(),
    CaseFilter(sort="number"),
    CaseFilter(sort="happened", state="open"),
    CaseFilter(sort="owed"),
    CaseFilter(state="paused"),
    CaseFilter(state="closed"),
    *(CaseFilter(light=light.value) for light in CASE_LIGHTS),
    CaseFilter(words="R1"),
    CaseFilter(words="九.10002"),
    CaseFilter(words="第 1000"),
    CaseFilter(words="%"),
    CaseFilter(since=date(2026, 3, 10), until=date(2026, 4, 1)),
)


@pytest.fixture
def lived(world: World, session: Session) -> World:
    """Cases of several units: taken in for others, handed on and back, complained of, stopped, paused and closed."""
    fill(session, world, 60)
    units = {name: unit.id for name, unit in world.units.items()}
    cases = session.scalars(select(Case).options(joinedload(Case.duty)).order_by(Case.id)).all()
    for n, case in enumerate(cases):
        case.unit_id = units[("gxj", "gxj", "dxj", "zjj")[n % 4]]
        case.accused_unit_id = {3: units["gxj"], 5: units["jfb"], 6: units["dxj"]}.get(n % 8)
        case.owed_fen = None if n % 5 == 0 else n * 10**9
        case.refunded_fen = n * 100
        case.happened_at = NOW - timedelta(hours=n % 7)
        case.paused_at = NOW if n % 6 == 1 else None
        case.closed_at = NOW - timedelta(days=n) if n % 5 == 2 else None
        if n % 3 == 0:
            session.add(CaseRecord(case_id=case.id, kind=RecordKind.INTAKE, by_id=case.opened_by_id, at=NOW,
                                   unit_id=units["gxj" if n % 2 else "czj"]))  # fmt: skip
        if n % 4 == 1:
            session.add(Referral(case_id=case.id, step_id=case.id, to_unit_id=units["czj"], by_id=case.opened_by_id,
                                 at=NOW, object_until=NOW.date(), returned_at=NOW if n % 8 == 1 else None))  # fmt: skip
        if n % 7 == 4:
            session.get_one(Duty, case.duty_id).state = State.REVOKED
        if n % 9 == 0:  # nothing runs but a waiting period, over or not
            clock = session.scalars(select(Milestone).where(Milestone.case_step_id == case.id)).one()
            clock.due_at, clock.earliest_on = None, NOW.date() + timedelta(days=n % 2)
    session.flush()
    examine(session, mend=True)  # nothing but this test gives a case to another unit
    return world


def actor(world: World, who: str) -> Actor:
    if who in ("both", "many"):
        place, units = world.jurisdiction.id, list(world.units.values())
        posts = [Post(world.units["jfb"].id, "减负办", place, MemberRole.SUPERVISOR)] if who == "both" else []
        own = units[:2] if who == "both" else units
        roles = (MemberRole.OFFICER, MemberRole.HEAD)
        posts += [Post(unit.id, unit.name, place, role) for unit in own for role in roles]
        return Actor(world.people["lead"].id, "多处任职", tuple(posts))
    return world.actor(who)


def seen_by(session: Session, who: Actor) -> list[Case]:
    return list(session.scalars(visible_cases(who)))


def lamp_of(case: Case) -> Light:
    if case.phase in (Phase.DONE, Phase.PAUSED):
        return Light.DONE if case.phase is Phase.DONE else Light.HOLD
    if case.own_at and case.own_at <= NOW:
        return Light.LATE
    if case.watch_at and case.watch_at <= NOW:
        return Light.WATCH
    if case.next_at < MOMENT.soon_until:
        return Light.SOON
    if case.phase is Phase.WAITING:
        return Light.FINE if case.earliest_on and case.earliest_on <= MOMENT.today else Light.WAITING
    return Light.FINE if case.phase is Phase.DATED else Light.NONE


def holds(case: Case, task: Task | None, wanted: CaseFilter, posts: set[int]) -> bool:
    state = "closed" if case.closed_at else "paused" if case.paused_at else "open"
    concerned = case.accused_unit_id in posts
    said = [case.number, task.title if task else ""] + ([] if concerned else [case.reference, case.firm or ""])
    words = wanted.words
    return all(
        (
            wanted.state is None or state == wanted.state or (wanted.state == "open" and state == "paused"),
            wanted.light is None or lamp_of(case) == wanted.light,
            words is None or any(words in one for one in said) or (task is not None and task.key == words),
            wanted.unit_id in (None, case.unit_id),
            wanted.accused_unit_id is None or (case.accused_unit_id == wanted.accused_unit_id and not concerned),
            wanted.type_id is None or case.type_version.type_id == wanted.type_id,
            wanted.since is None or case.happened_on >= wanted.since,
            wanted.until is None or case.happened_on <= wanted.until,
        )
    )


def in_order(cases: list[Case], sort: str) -> list[int]:
    keys = {
        "number": lambda c: (-c.id,),
        "happened": lambda c: (-c.happened_at.timestamp(), -c.id),
        "owed": lambda c: (c.owed_fen is None, -(c.owed_fen or c.refunded_fen) + c.refunded_fen, -c.id),
        "due": lambda c: (c.next_at, c.id),
    }
    return [case.id for case in sorted(cases, key=keys[sort])]


def summed(cases: list[Case]) -> Totals:
    known = [case for case in cases if case.owed_fen is not None]
    refunded = sum(case.refunded_fen for case in known)
    beside = sum(case.refunded_fen for case in cases) - refunded
    return Totals(len(cases), sum(case.owed_fen or 0 for case in known), refunded, beside)


@pytest.mark.parametrize("who", WHO)
def test_every_list_is_what_the_actor_may_see_narrowed(lived: World, session: Session, who: str) -> None:
    it = actor(lived, who)
    posts, tasks = {post.unit_id for post in it.posts}, {t.id: t for t in session.scalars(select(Task))}
    seen = list(session.scalars(visible_cases(it).options(joinedload(Case.type_version))))
    units, types = {case.unit_id for case in seen}, {case.type_version.type_id for case in seen}
    accused = {case.accused_unit_id for case in seen if case.accused_unit_id}
    more = [
        *(CaseFilter(unit_id=key) for key in units),
        *(CaseFilter(type_id=key, state="open") for key in types),
        *(CaseFilter(accused_unit_id=key) for key in accused),
        CaseFilter(unit_id=lived.units["gxj"].id, light="late", words="R", sort="owed"),
    ]
    for wanted in (*FILTERS, *more):
        expected = [case for case in seen if holds(case, tasks.get(case.task_id or 0), wanted, posts)]
        page, sums = ledger(session, it, MOMENT, wanted, per_page=1_000)
        assert [row.id for row in page.rows] == in_order(expected, wanted.sort), wanted
        assert sums == summed(expected), wanted
        assert page.total == len(expected)
    assert bool(seen) is (who not in ("auditor", "stranger"))


@pytest.mark.parametrize("who", WHO)
def test_lights_and_choices_are_those_of_the_cases_seen(lived: World, session: Session, who: str) -> None:
    it = actor(lived, who)
    seen, posts = seen_by(session, it), {post.unit_id for post in it.posts}
    assert light_counts(session, it, MOMENT) == Counter(lamp_of(case) for case in seen if case.closed_at is None)
    known = choices(session, it)
    assert {key for key, _ in known.units} == {case.unit_id for case in seen}
    accused = {case.accused_unit_id for case in seen} - {None} - posts
    assert {key for key, _ in known.accused} == accused
    assert bool(known.types) is bool(seen)


@pytest.mark.parametrize("who", ["supervisor", "lead", "both"])
@pytest.mark.parametrize("sort", ["due", "number", "happened", "owed"])
def test_pages_follow_one_another_to_the_end(lived: World, session: Session, who: str, sort: str) -> None:
    """Pages nearer to the end are read from there: no case twice, none left out."""
    it, wanted, rows = actor(lived, who), CaseFilter(sort=sort), list[int]()
    whole = [row.id for row in list_cases(session, it, MOMENT, wanted, per_page=1_000).rows]
    pages = list_cases(session, it, MOMENT, wanted, per_page=4).pages
    for number in range(1, pages + 1):
        rows += [row.id for row in list_cases(session, it, MOMENT, wanted, number, 4).rows]
    assert rows == whole
    assert len(whole) > 8
    assert list_cases(session, it, MOMENT, wanted, 10**6, 4).number == pages


def test_what_no_tally_knows_is_counted_as_far_as_a_number(
    lived: World, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = lived.actor("supervisor")
    shape, bound = shape_of(boss, MOMENT, CaseFilter(words="R"))
    assert totals_of(session, shape, bound, up_to=3) == Totals(3, more=True)
    monkeypatch.setattr(lists, "COUNTED", 8)
    page = list_cases(session, boss, MOMENT, CaseFilter(words="R"), 2, per_page=4)
    assert (page.total, page.more, len(page.rows)) == (8, True, 4)
    # Farther on than was counted, all of them are; those about the reader's own unit are not found by their words.
    page = list_cases(session, boss, MOMENT, CaseFilter(words="R"), 3, per_page=4)
    assert (page.total, page.more, page.number) == (18, False, 3)


def test_a_place_with_its_own_calendar_has_its_own_end_of_soon(lived: World, session: Session) -> None:
    place = lived.jurisdiction.id
    own = replace(MOMENT, soon_by_place={place: NOW + timedelta(days=30)})
    for who in ("supervisor", "lead", "both"):
        it = actor(lived, who)
        for light in (Light.SOON, Light.FINE):
            rows = list_cases(session, it, own, CaseFilter(light=light.value, state="open")).rows
            assert len(rows) == light_counts(session, it, own).get(light, 0)
        number = light_counts(session, it, own)[Light.SOON]
        assert number > light_counts(session, it, MOMENT).get(Light.SOON, 0)
        far = Moment(NOW, NOW + timedelta(days=30))
        assert light_counts(session, it, far) == light_counts(session, it, own)


def test_who_holds_more_posts_than_ways_sees_the_same(
    lived: World, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = actor(lived, "both")
    before = ledger(session, it, MOMENT, CaseFilter())
    monkeypatch.setattr(narrowing, "MOST_WAYS", 0)
    assert "units" in narrowing.ways_of(it)[0]
    assert ledger(session, it, MOMENT, CaseFilter()) == before
    assert figures.light_counts(session, it, MOMENT)
    boss = lived.actor("supervisor")
    assert ledger(session, boss, MOMENT, CaseFilter())[1].count == 20


def test_the_date_of_a_line_is_that_of_the_cases_page(lived: World, session: Session) -> None:
    boss = lived.actor("supervisor")
    rows = list_cases(session, boss, MOMENT, CaseFilter(), per_page=1_000).rows
    clocks = lists.clocks_of_cases(session, [row.id for row in rows])
    steps = {step.id: step.name for step in session.scalars(select(CaseStep))}
    for row in rows:
        clock = clocks[row.id]
        assert row.clock is not None
        assert (row.clock.due_at, row.clock.earliest_on, row.clock.step) == (
            clock.due_at, clock.earliest_on, steps[clock.case_step_id or 0],
        )  # fmt: skip
