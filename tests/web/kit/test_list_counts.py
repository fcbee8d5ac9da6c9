"""A list's number asks only for what can change it, and stays the number of its rows."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.statements import counted
from tests.kit.world import NOW, World
from tests.services.duties.test_lights import CALENDAR
from tests.web.kit.test_statement_counts import fill
from tracker.rules.lights import soon_limit
from tracker.rules.workflow import State
from tracker.services.core.standing import settle
from tracker.store.boards.badges import read_badges
from tracker.store.boards.dashboard import Scope, read_board
from tracker.store.boards.reviews import waiting_wishes
from tracker.store.cases.figures import CASE_LIGHTS
from tracker.store.cases.lists import list_cases, totals
from tracker.store.cases.narrowing import CaseFilter
from tracker.store.core.engine import Database
from tracker.store.duties.lights import NARROWING, Moment
from tracker.store.duties.lists import DutyFilter, list_duties
from tracker.store.models import Case, Duty, Extension, ExtensionState, Milestone

MOMENT = Moment(NOW, soon_limit(NOW, CALENDAR))
List = Callable[[Session, World, Any], Any]


def duties(session: Session, world: World, wanted: DutyFilter) -> Any:
    return list_duties(session, world.actor("supervisor"), MOMENT, wanted, per_page=1_000)


def cases(session: Session, world: World, wanted: CaseFilter) -> Any:
    return list_cases(session, world.actor("supervisor"), MOMENT, wanted, per_page=1_000)


def case_totals(session: Session, world: World, wanted: CaseFilter) -> Any:
    return totals(session, world.actor("supervisor"), MOMENT, wanted)


def numbers(sent: list[str]) -> list[str]:
    return [s for s in sent if s.lower().startswith("select count(*)")]


@pytest.mark.parametrize(
    ("ask", "wanted"),
    [
        (duties, DutyFilter(state="working", words="项")),
        (duties, DutyFilter(light="late")),
        (cases, CaseFilter(state="open", words="R")),
        (cases, CaseFilter(light="late")),
        (case_totals, CaseFilter(light="late")),
    ],
    ids=["duties", "late duties", "cases", "late cases", "sums of cases"],
)
def test_no_number_reads_a_milestone(
    world: World, session: Session, database: Database, ask: List, wanted: Any
) -> None:
    fill(session, world, 60)
    settle(session)
    with counted(database) as sent:
        ask(session, world, wanted)
    assert numbers(sent)
    assert not [number for number in numbers(sent) if "milestones" in number]


def test_every_number_is_that_of_its_rows(world: World, session: Session) -> None:
    fill(session, world, 60)
    for light in (None, *NARROWING):
        for state in (None, "working", "revoked"):
            page = duties(session, world, DutyFilter(light=light, state=state))
            assert page.total == len(page.rows), (light, state)
    board = read_board(session, world.actor("supervisor"), MOMENT, Scope())
    assert board.total == duties(session, world, DutyFilter()).total
    for light in (None, *CASE_LIGHTS):
        for state in (None, "open", "closed"):
            page = cases(session, world, CaseFilter(light=light, state=state))
            assert page.total == len(page.rows), (light, state)
            assert case_totals(session, world, CaseFilter(light=light, state=state)).count == page.total


# --- What waits for review -------------------------------------------------------------------------------------------


def ask_for_time(session: Session, world: World) -> None:
    """Ask for more time for every other date, the cases' included; some cases are about units of those who decide."""
    of_cases = session.scalars(select(Case).order_by(Case.id)).all()
    for case in of_cases[::4]:
        case.accused_unit_id = world.units["jfb" if case.id % 8 else "gxj"].id
    for milestone in session.scalars(select(Milestone).order_by(Milestone.id)).all()[::2]:
        session.add(
            Extension(
                milestone_id=milestone.id,
                state=ExtensionState.PENDING,
                by_id=world.people["lead"].id,
                at=NOW,
                reason="材料未齐",
                amount=5,
            )
        )
    session.flush()


@pytest.mark.parametrize("who", ["supervisor", "head", "lead", "stranger"])
def test_the_number_waiting_is_that_of_the_list_and_reads_no_list_of_all_steps(
    world: World, session: Session, database: Database, who: str
) -> None:
    fill(session, world, 60)
    ask_for_time(session, world)
    settle(session)
    actor = world.actor(who)
    listed = waiting_wishes(session, actor)
    with counted(database) as sent:
        number = read_badges(session, actor).waiting
    reviews = [d for d in session.scalars(select(Duty)) if d.state is State.SUBMITTED] if who == "supervisor" else []
    assert number == len(listed) + len(reviews)
    assert bool(listed) is (who in ("supervisor", "head"))
    assert len(sent) == (who in ("supervisor", "head"))
    assert not [statement for statement in sent if "IN (SELECT case_steps" in statement]
