"""The light of a duty: SQL that counts and the ladder that speaks say the same, and both partitions add up."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import count, product

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.kit import registered
from tests.kit.world import NOW, World, duty
from tests.services.duties.test_duties import at, bring_to
from tracker.clock.calendar import national
from tracker.clock.resolution import day_end
from tracker.now import SHANGHAI
from tracker.reading.plan import Role
from tracker.rules.lights import Light, light_of, soon_limit
from tracker.rules.workflow import ENDED, PARTITION, State
from tracker.services.core.act import begin
from tracker.store.boards.dashboard import Scope, read_board, read_units
from tracker.store.duties.lights import LIGHTS, NARROWING, light
from tracker.store.duties.lists import DutyFilter, Moment, list_duties
from tracker.store.models import Cancellation, DeadlineRule, Duty, Milestone, Task

CALENDAR = national()
# Instants of 2026 that a boundary could be wrong at: plain days, midnights, before and inside the long holidays.
INSTANTS = (
    NOW, at(3, 27, 0), at(3, 27, 23, 59), at(3, 29, 12), at(2, 13, 9), at(2, 14, 9), at(2, 20, 9), at(2, 23, 23, 59),
    at(4, 3, 17), at(9, 30, 8), at(10, 3, 8), at(10, 8, 0), at(12, 31, 23, 59),
)  # fmt: skip
# What the partition calls each light of the ladder.
CLASS = {
    Light.LATE: "late", Light.SOON: "soon", Light.FINE: "fine", Light.WAIT: "wait", Light.WAITING: "wait",
    Light.HOLD: "hold", Light.NONE: "none", Light.DONE: "done",
}  # fmt: skip


NUMBERS = count(1000)


def make(session: Session, world: World, state: State = State.IN_PROGRESS, awaits: bool = False) -> Duty:
    """Write a duty of its own task, without any clock."""
    number, item_id = next(NUMBERS), session.scalars(select(Task.item_id).limit(1)).one()
    task = Task(
        document_id=world.document.id, item_id=item_id, key=f"x{number}", ordinal=number, title="x", created_at=NOW
    )
    task.document = session.merge(world.document, load=False)
    made = Duty.of_task(task, world.units["gxj"].id, Role.LEAD, NOW)
    made.state, made.awaits_event = state, awaits
    session.add(made)
    session.flush()
    return made


def give(
    session: Session,
    it: Duty,
    due_on: date | None = None,
    due_at: datetime | None = None,
    earliest_on: date | None = None,
    submitted: bool = False,
    watch: bool = False,
    met: bool = False,
    cancelled: bool = False,
) -> None:
    """Give a duty an open clock of these dates."""
    rule_id = session.scalars(select(DeadlineRule.id).order_by(DeadlineRule.id).limit(1)).one()
    session.add(
        Milestone(
            duty_id=it.id,
            answering_duty_id=it.id,
            unit_id=it.unit_id,
            jurisdiction_id=1,
            rule_id=rule_id,
            occurrence=next(NUMBERS),
            due_on=due_on,
            due_at=day_end(due_on) if due_on else due_at,
            earliest_on=earliest_on,
            calendar_version="x",
            watch=watch,
            submitted_at=NOW if submitted else None,
            met_at=NOW if met else None,
            cancelled_at=NOW if cancelled else None,
            cancelled_because=Cancellation.EDITION if cancelled else None,
        )
    )
    session.flush()


def lights(session: Session, now: datetime) -> dict[int, str]:
    """Return the light of every duty at an instant, as lists and counts ask for it."""
    lamp = light(Moment(now, soon_limit(now, CALENDAR)))
    return {row[0]: row[1] for row in session.execute(select(Duty.id, lamp))}


def test_the_query_and_the_ladder_agree_on_every_due_day_at_every_instant(world: World, session: Session) -> None:
    days = sorted({instant.astimezone(SHANGHAI).date() + timedelta(n) for instant in INSTANTS for n in range(-4, 13)})
    made = {}
    for day in days:
        made[day] = make(session, world).id
        give(session, session.get_one(Duty, made[day]), due_on=day)
    seen: Counter[str] = Counter()
    for now in INSTANTS:
        found = lights(session, now)
        for day, key in made.items():
            said = light_of(state="in_progress", now=now, calendar=CALENDAR, due_at=day_end(day), due_on=day)
            assert found[key] == CLASS[said.light], f"{now:%m-%d %H:%M} due {day}: {said.words}"
            seen[found[key]] += 1
    assert set(seen) == {"late", "soon", "fine"}


def test_they_agree_on_deadlines_by_the_hour(world: World, session: Session) -> None:
    made = {}
    for day, hour in product(range(20, 31), (0, 10, 12, 23)):
        due_at = datetime.combine(date(2026, 3, day), time(hour), SHANGHAI)
        it = make(session, world)
        give(session, it, due_at=due_at)
        made[due_at] = it.id
    for now in (NOW, at(3, 23, 10, 1), at(3, 27, 0), at(3, 27, 9, 59)):
        found = lights(session, now)
        for due_at, key in made.items():
            said = light_of(state="in_progress", now=now, calendar=CALENDAR, due_at=due_at)
            assert found[key] == CLASS[said.light], f"{now} due {due_at}: {said.words}"


@pytest.mark.parametrize("awaits", [False, True], ids=["", "awaits an event"])
def test_they_agree_in_every_state_with_every_sort_of_clock(world: World, session: Session, awaits: bool) -> None:
    dates = (None, date(2026, 3, 20), date(2026, 3, 25), date(2026, 6, 30))
    waits = (None, date(2026, 3, 20), NOW.date(), date(2026, 3, 24))
    made = {}
    for state, due, earliest in product(set(State) - {State.REVOKED}, dates, waits):
        it = make(session, world, state, awaits)
        review = state is State.SUBMITTED
        if due or earliest:
            give(session, it, due_on=due, earliest_on=earliest if due is None else None, submitted=review)
        made[it.id] = (state, due, earliest, review)
    found = lights(session, NOW)
    for key, (state, due, earliest, review) in made.items():
        said = light_of(
            state=state,
            now=NOW,
            calendar=CALENDAR,
            due_on=due,
            earliest_on=earliest,
            untriggered=awaits,
            submitted=review,
        )
        if said.light is Light.REVIEW:
            # 待审核 is a state, not a light: under review a date is neither overdue nor soon.
            expected = "fine" if due or earliest else "wait" if awaits else "none"
        else:
            expected = CLASS[said.light]
        assert found[key] == expected, (state, due, earliest)


def test_of_several_clocks_the_nearest_running_one_counts(world: World, session: Session) -> None:
    late, soon, far = date(2026, 3, 20), date(2026, 3, 25), date(2026, 6, 30)
    situations: list[tuple[str, list[dict[str, object]]]] = [
        ("late", [{"due_on": far}, {"due_on": late}]),
        ("soon", [{"due_on": far}, {"due_on": soon}]),
        ("fine", [{"due_on": far}, {"due_on": late, "met": True}]),
        ("fine", [{"due_on": far}, {"due_on": late, "cancelled": True}]),
        ("fine", [{"due_on": far}, {"due_on": late, "submitted": True}]),
        ("none", [{"due_on": late, "met": True}]),
        ("none", [{"due_on": late, "cancelled": True}]),
        ("late", [{"due_on": late}, {"earliest_on": far}]),
        ("wait", [{"earliest_on": far}, {"due_on": late, "met": True}]),
        ("fine", [{"due_on": late, "watch": True}]),
        ("fine", [{"due_on": soon, "watch": True}]),
        ("soon", [{"due_on": late, "watch": True}, {"due_on": soon}]),
        ("late", [{"due_on": far, "watch": True}, {"due_on": late}]),
    ]
    made = []
    for _, clocks in situations:
        it = make(session, world)
        for given in clocks:
            give(session, it, **given)  # type: ignore[arg-type]
        made.append(it.id)
    found = lights(session, NOW)
    assert [found[key] for key in made] == [expected for expected, _ in situations]


def test_both_partitions_add_up_to_the_total_and_each_class_lists_its_rows(world: World, session: Session) -> None:
    dates = (None, date(2026, 3, 20), date(2026, 3, 25), date(2026, 6, 30))
    for state, due, awaits in product(State, dates, (False, True)):
        it = make(session, world, state, awaits)
        if due and state not in ENDED:
            give(session, it, due_on=due, submitted=state is State.SUBMITTED)
    boss, moment = world.actor("supervisor"), Moment(NOW, soon_limit(NOW, CALENDAR))
    found = read_board(session, boss, moment, Scope(document_id=world.document.id))
    live = session.scalar(select(func.count()).select_from(Duty).where(Duty.state != State.REVOKED))
    assert sum(found.lights.values()) == sum(found.states.values()) == found.total == live
    for name, number in found.lights.items():
        assert list_duties(session, boss, moment, DutyFilter(light=name)).total == number, name
    for name, number in found.states.items():
        assert list_duties(session, boss, moment, DutyFilter(state=name)).total == number, name
    assert list_duties(session, boss, moment, DutyFilter()).total == live
    revoked = list_duties(session, boss, moment, DutyFilter(state="revoked"))
    assert revoked.total == session.scalar(select(func.count()).select_from(Duty).where(Duty.state == State.REVOKED))
    # Nothing here is paused yet; every other class was met.
    assert {name for name, number in found.lights.items() if not number} == {"hold"}
    assert set(found.states) == set(PARTITION)


def test_groups_by_document_and_by_unit_add_up_to_the_same(world: World, session: Session) -> None:
    bring_to(session, world, duty(session, world, "一.1", "gxj"), State.COMPLETED)
    bring_to(session, world, duty(session, world, "一.3", "czj"), State.SUBMITTED, officer="support")
    boss, moment = world.actor("supervisor"), Moment(at(7, 2), soon_limit(at(7, 2), CALENDAR))
    board = read_board(session, boss, moment, Scope())
    assert board.units == read_units(session, boss, moment, Scope()).rows
    for groups in (board.documents, board.units):
        lights: Counter[str] = Counter()
        for group in groups:
            lights.update(group.lights)
        assert dict(lights) == board.lights


def test_another_partys_lateness_enters_no_figure_of_the_unit(world: World, session: Session) -> None:
    it = duty(session, world, "一.4", "zjj")
    registered.register(
        begin(session, world.actor("supervisor"), NOW),
        it,
        happened_at=at(3, 2),
        reference="ZB-1",
        form_key="w",
    )
    session.flush()
    later = at(6, 1)
    boss, moment = world.actor("supervisor"), Moment(later, soon_limit(later, CALENDAR))
    board = read_board(session, boss, moment, Scope())
    assert board.lights[Light.LATE] == 1  # reports nobody sent
    assert board.on_time.of == 2  # of March and April, no other's date


def test_every_class_can_be_asked_for() -> None:
    assert set(LIGHTS) == set(CLASS.values()) <= set(NARROWING)
