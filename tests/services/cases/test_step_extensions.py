"""More time for a step, by the one rule that duties follow: late or not, and never beyond what the law leaves."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.world import World
from tests.services.cases.test_ledger import HANDED, HANDLER, accepted, clock_of, load, open_one, referred, step, types
from tests.services.duties.test_duties import at
from tracker.services.cases import extensions
from tracker.services.core.act import begin
from tracker.services.core.errors import Refused
from tracker.services.deadlines.extensions import Wish
from tracker.store.models import Case, Extension, MilestoneDate

__all__ = ["types"]


def decide(session: Session, world: World, case: Case, asked: Extension, day: int, month: int = 4) -> Case:
    case, boss = load(session, world, case), begin(session, world.actor("supervisor"), at(month, day))
    extensions.decide_extension(boss, case, session.get_one(Extension, asked.id), True, "同意")
    return load(session, world, case)


def test_what_is_late_is_put_off_and_stays_counted_as_missed(
    world: World, session: Session, types: dict[str, int]
) -> None:
    """Thirty days end on Wednesday 22 April; asked on the 24th, granted on Monday the 27th: three workdays late."""
    case = referred(session, world, types)
    unit = begin(session, world.actor(HANDED), at(4, 24))
    with pytest.raises(Refused, match="也已经过去"):
        extensions.ask_extension(unit, case, step(case, "处理"), Wish(31), "案情复杂")
    asked = extensions.ask_extension(unit, case, step(case, "处理"), Wish(60), "案情复杂")
    assert clock_of(session, case, "处理").missed_at is None
    case = decide(session, world, case, asked, 27)
    for name in ("处理", "答复投诉人"):
        clock = clock_of(session, case, name)
        assert (clock.due_on, clock.missed_at) == (date(2026, 5, 22), at(4, 23, hour=0))
        why = session.scalars(select(MilestoneDate.why).where(MilestoneDate.milestone_id == clock.id)).all()
        assert why[-1].startswith("逾期3个工作日后经批准延长期限")


def test_a_promise_below_the_law_is_put_off_to_a_day_and_no_further_than_the_law(
    world: World, session: Session, types: dict[str, int]
) -> None:
    """Accepted on Monday 23 March: promised by the 26th, ten workdays of the regulation end on 7 April."""
    case = accepted(session, world, types)
    unit = begin(session, world.actor(HANDLER), at(3, 24))
    for wish, why in ((Wish(5), "最长 0"), (Wish(until=date(2026, 3, 26)), "晚于现在"), (Wish(), "晚于现在")):
        with pytest.raises(Refused, match=why):
            extensions.ask_extension(unit, case, step(case, "转办"), wish, "案情复杂")
    with pytest.raises(Refused, match="最长只能延至2026年4月7日"):
        extensions.ask_extension(unit, case, step(case, "转办"), Wish(until=date(2026, 4, 8)), "案情复杂")
    asked = extensions.ask_extension(unit, case, step(case, "转办"), Wish(until=date(2026, 4, 7)), "案情复杂")
    case = decide(session, world, case, asked, 25, month=3)
    clock = clock_of(session, case, "转办")
    assert (clock.due_on, clock.fixed_on, clock.missed_at) == (date(2026, 4, 7), date(2026, 4, 7), None)


@pytest.mark.parametrize(("code", "name"), [("refund", "核实"), ("order", "反馈进展"), ("order", "办结")])
def test_another_partys_time_a_period_and_a_limit_of_the_law_alone_are_not_put_off(
    world: World, session: Session, types: dict[str, int], code: str, name: str
) -> None:
    sort = {"办结": "特殊情况", "反馈进展": "转派工单"}.get(name)
    case = open_one(session, world, types[code], variant=sort)
    unit = begin(session, world.actor(HANDLER), at(3, 23))
    with pytest.raises(Refused, match="没有可以延长的依据"):
        extensions.ask_extension(unit, case, step(case, name), Wish(until=date(2026, 6, 1)), "案情复杂")
