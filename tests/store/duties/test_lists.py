"""A list of duties has the rows that visible_duties has, narrowed and in order, whoever asks and however it is cut."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from tests.kit.world import NOW, World
from tests.web.kit.test_statement_counts import fill
from tracker.clock.calendar import national
from tracker.reading.plan import Role
from tracker.rules.lights import Light, soon_limit
from tracker.rules.workflow import PARTITION, State, StateClass
from tracker.services.core.standing import settle
from tracker.store.boards.reviews import submitted
from tracker.store.core.actors import Actor, Post
from tracker.store.core.pages import MOST_COUNTED
from tracker.store.core.visible import OWN, visible_documents, visible_duties
from tracker.store.duties.choices import document_choices, unit_choices
from tracker.store.duties.lights import LIVE, NARROWING, Moment, is_lit
from tracker.store.duties.lists import DutyFilter, list_duties
from tracker.store.models import Document, DocumentState, Duty, Jurisdiction, MemberRole, Task, Unit

MOMENT = Moment(NOW, soon_limit(NOW, national()))
FIVE = 5
FIRST = 10_000  # of the filled ones


@pytest.fixture
def places(world: World, session: Session) -> int:
    """A second place, with a unit that has a share of a task here; some duties are revoked, some units lead more."""
    other = Jurisdiction(code="990200", name="另一市", level="city")
    session.add(other)
    session.flush()
    away = Unit(jurisdiction_id=other.id, name="另一市财政局")
    session.add(away)
    session.flush()
    fill(session, world, 120)
    for n, it in enumerate(session.scalars(select(Duty).where(Duty.id >= FIRST).order_by(Duty.id)).all()):
        if n % 11 == 0:
            it.state = State.REVOKED
        if it.state is State.SUBMITTED:
            it.submitted_at = NOW + timedelta(hours=n % 5)
        if n % 7 == 0 and it.unit_id == world.units["dxj"].id:
            it.role = Role.LEAD
    tasks = select(Task).where(Task.id >= FIRST).options(joinedload(Task.document)).order_by(Task.id).limit(9)
    for task in session.scalars(tasks).all():
        session.add(Duty.of_task(task, away.id, Role.RESPONSIBLE, NOW))
    session.flush()
    settle(session)
    return other.id


def actors(session: Session, world: World, other: int) -> dict[str, Actor]:
    """Everybody of the place, and people with posts of more than one sort or place."""
    away = session.scalars(select(Unit).where(Unit.jurisdiction_id == other)).one()

    def of(*posts: tuple[Unit, MemberRole]) -> Actor:
        return Actor(1, "某人", tuple(Post(u.id, u.name, u.jurisdiction_id, role) for u, role in posts))

    gxj, dxj, jfb = (world.units[code] for code in ("gxj", "dxj", "jfb"))
    return {
        **{name: world.actor(name) for name in ("supervisor", "leader", "lead", "head", "county", "stranger")},
        "of two units": of((gxj, MemberRole.OFFICER), (dxj, MemberRole.HEAD)),
        "of a unit, overseeing here": of((gxj, MemberRole.OFFICER), (jfb, MemberRole.SUPERVISOR)),
        "of a unit, overseeing elsewhere": of((gxj, MemberRole.OFFICER), (away, MemberRole.SUPERVISOR)),
        "overseeing two places": of((jfb, MemberRole.SUPERVISOR), (away, MemberRole.LEADER)),
        "nobody": Actor(1, "无岗位"),
    }


def expected(session: Session, actor: Actor, moment: Moment, wanted: DutyFilter) -> list[int]:
    """Return the duties of a list by the one rule of what is seen, asked as a whole."""
    query = visible_duties(actor).join(Unit, Duty.unit_id == Unit.id)
    query = query.where(Duty.state == State.REVOKED if wanted.state == State.REVOKED else LIVE)
    if wanted.state and wanted.state != State.REVOKED:
        query = query.where(Duty.state.in_(PARTITION[StateClass(wanted.state)]))
    if wanted.light:
        query = query.where(is_lit(Light(wanted.light), moment))
    if wanted.own_only:
        query = query.where(Duty.unit_id.in_(actor.units(*OWN)))
    for column, value in (
        (Duty.document_id, wanted.document_id),
        (Duty.unit_id, wanted.unit_id),
        (Duty.jurisdiction_id, wanted.jurisdiction_id),
        (Duty.role, wanted.role),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.words:
        query = query.where(or_(Task.title.contains(wanted.words, autoescape=True), Task.key == wanted.words))
    place = [Duty.document_id, Duty.ordinal, Duty.id]
    order: dict[str, list[Any]] = {
        "due": [Duty.next_at, *place],
        "key": place,
        "unit": [Unit.name, Duty.next_at, *place],
        "state": [Duty.state, Duty.next_at, *place],
    }
    return list(session.scalars(query.with_only_columns(Duty.id).order_by(*order[wanted.sort])))


def any_filter(luck: Random, world: World, other: int) -> DutyFilter:
    """Return what a list may be narrowed to, most of it to nothing or one thing."""

    def some(*values: Any) -> Any:
        return luck.choice((None, None, None, *values))

    units = [unit.id for unit in world.units.values()]
    return DutyFilter(
        light=some(*(lamp.value for lamp in NARROWING)),
        state=some(*(kind.value for kind in StateClass), State.REVOKED.value),
        document_id=some(world.document.id, 99),
        unit_id=some(*units),
        jurisdiction_id=some(world.jurisdiction.id, other),
        role=some(*Role),
        words=some("第 1", "九.10004", "100%", "_"),
        own_only=luck.random() < 0.3,
        sort=luck.choice(("due", "key", "unit", "state")),
    )


def test_a_list_has_the_rows_that_are_seen_however_it_is_narrowed_sorted_and_cut(
    world: World, session: Session, places: int
) -> None:
    luck = Random("lists")  # noqa: S311 - any lists, no secret
    own_calendar = Moment(
        NOW, MOMENT.soon_until, {world.jurisdiction.id: soon_limit(NOW, national()) + timedelta(days=9)}
    )
    seen: set[str] = set()
    for name, actor in actors(session, world, places).items():
        for turn in range(30):
            wanted = DutyFilter() if not turn else any_filter(luck, world, places)
            moment = luck.choice((MOMENT, own_calendar))
            ids = expected(session, actor, moment, wanted)
            page = list_duties(session, actor, moment, wanted, per_page=1_000)
            assert [row.id for row in page.rows] == ids, (name, wanted)
            assert (page.total, page.more) == (len(ids), False), (name, wanted)
            number = luck.choice((1, 2, 3, -1, 10_000))
            cut = list_duties(session, actor, moment, wanted, number, per_page=FIVE)
            assert [row.id for row in cut.rows] == ids[(cut.number - 1) * FIVE :][:FIVE], (name, wanted, number)
            if ids:
                seen.add(name)
    assert seen == set(actors(session, world, places)) - {"nobody", "stranger"}


def test_a_list_longer_than_one_counts_is_read_from_either_end(world: World, session: Session) -> None:
    fill(session, world, 600)
    settle(session)
    boss, wanted = world.actor("supervisor"), DutyFilter(words="第")
    ids = expected(session, boss, MOMENT, wanted)
    assert len(ids) > MOST_COUNTED
    pages = -(-len(ids) // 100)

    def rows(number: int) -> list[int]:
        page = list_duties(session, boss, MOMENT, wanted, number, per_page=100)
        assert (page.total, page.more) == (MOST_COUNTED, True)
        return [row.id for row in page.rows]

    assert [duty_id for number in range(1, pages + 1) for duty_id in rows(number)] == ids
    assert [duty_id for number in range(-pages, 0) for duty_id in rows(number)] == ids
    every = list_duties(session, boss, MOMENT, DutyFilter(), 10_000_000, per_page=100)
    whole = expected(session, boss, MOMENT, DutyFilter())
    assert (every.total, every.more, every.number) == (len(whole), False, every.pages)
    assert [row.id for row in every.rows] == whole[(every.pages - 1) * 100 :]
    # Behind its end there is its last page.
    for number in (pages + 1, 150, 10_000_000):
        assert list_duties(session, boss, MOMENT, wanted, number, per_page=100).number == -1
        assert rows(number) == ids[-100:]


@pytest.mark.parametrize("ask", [document_choices, unit_choices])
def test_the_choices_are_what_the_rows_can_be_of(
    world: World, session: Session, places: int, ask: Callable[[Session, Actor], list[tuple[int, str]]]
) -> None:
    for name, actor in actors(session, world, places).items():
        if ask is unit_choices:
            held = visible_duties(actor).with_only_columns(Duty.unit_id)
            query = select(Unit.id, Unit.name).where(Unit.id.in_(held)).order_by(Unit.name, Unit.id)
        else:
            published = visible_documents(actor).where(Document.state == DocumentState.PUBLISHED)
            query = published.with_only_columns(Document.id, Document.title).order_by(Document.id.desc())
        assert ask(session, actor) == [tuple(row) for row in session.execute(query)], name


def test_what_waits_for_review_is_what_was_submitted_the_longest_ago_first(
    world: World, session: Session, places: int
) -> None:
    for name, actor in actors(session, world, places).items():
        supervised = actor.jurisdictions(MemberRole.SUPERVISOR)
        query = visible_duties(actor).where(Duty.state == State.SUBMITTED, Duty.jurisdiction_id.in_(supervised))
        ids = list(session.scalars(query.with_only_columns(Duty.id).order_by(Duty.submitted_at, Duty.id)))
        pages = [submitted(session, actor, number, per_page=FIVE) for number in range(1, len(ids) // FIVE + 2)]
        assert [row.duty_id for page in pages for row in page.rows][: len(ids)] == ids, name
        assert {page.total for page in pages} == {len(ids)}, name
