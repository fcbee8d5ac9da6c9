"""The pauses a date leaves out are those of its own duty or its own case."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.recounted import pause, register
from tests.kit.world import NOW, World, duty
from tracker.clock.rules import Suspension
from tracker.store.core.portions import portions
from tracker.store.deadlines.pauses import suspensions_of
from tracker.store.models import Milestone


def test_a_date_leaves_out_its_own_duty_s_and_its_own_case_s_pauses(world: World, session: Session) -> None:
    first = register(session, world)
    other = register(session, world, unit="dxj")
    held = duty(session, world, "一.1", "gxj")
    day = timedelta(days=1)
    pause(session, world, NOW + 3 * day, case_id=first.id)
    pause(session, world, NOW, NOW + day, case_id=first.id)
    pause(session, world, NOW, duty_id=held.id)
    ids = {
        name: session.scalars(select(Milestone.id).where(Milestone.case_step_id == case.steps[0].id)).one()
        for name, case in (("first", first), ("other", other))
    }
    own = session.scalars(select(Milestone.id).where(Milestone.duty_id == held.id)).one()
    found = suspensions_of(session, [*ids.values(), own])
    said = ("听证", "行政许可法 45")
    assert found == {
        ids["first"]: [Suspension(NOW, NOW + day, *said), Suspension(NOW + 3 * day, None, *said)],
        own: [Suspension(NOW, None, *said)],
    }


def test_a_long_list_is_asked_in_portions_and_loses_none() -> None:
    assert [list(p) for p in portions(range(7), 3)] == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(portions([], 3)) == []
