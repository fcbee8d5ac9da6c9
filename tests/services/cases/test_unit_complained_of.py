"""The unit complained of: none of its people has a part in the complaint, whatever else they are (信访工作条例 30)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.kit.ledger_types import add_types
from tests.kit.world import NOW, World
from tests.services.cases.test_ledger import CALENDAR, accepted, load, refer, referred, step
from tracker.rules.workflow import CaseAction, CaseStanding
from tracker.services.cases import conclusion, pauses, referrals, steps
from tracker.services.cases import extensions as case_extensions
from tracker.services.cases.acts import StepFacts, referrals_of
from tracker.services.cases.checks import StepAct
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted
from tracker.services.deadlines import extensions, recalculation
from tracker.services.deadlines.extensions import Wish
from tracker.services.editions import corrections
from tracker.services.people import accounts
from tracker.store.cases.standing import may, standings_in
from tracker.store.core.actors import SYSTEM, Actor, actor_of
from tracker.store.models import Case, MemberRole, Satisfaction, Unit

DAY = timedelta(days=1)


@pytest.fixture
def types(world: World, session: Session) -> dict[str, int]:
    return add_types(session, world)


def engaged(session: Session, world: World, *posts: tuple[str, MemberRole]) -> Actor:
    """Give the place one more person, with posts by unit code."""
    held = [(world.units[code].id, role) for code, role in posts]
    login = "-".join(f"{code}{role.value}" for code, role in posts)
    person = accounts.add_user(begin(session, SYSTEM, NOW), login=login, name="某同志", password_hash="x", posts=held)
    session.flush()
    return actor_of(session, person)


def against(session: Session, world: World, types: dict[str, int]) -> Case:
    """A complaint about 市财政局 that was handed to 东县政府, in which that asks for more time."""
    case = referred(session, world, types, accused_unit_id=world.units["czj"].id)
    case_extensions.ask_extension(
        begin(session, world.actor("county"), NOW), case, step(case, "处理"), Wish(60), "案情复杂"
    )
    return load(session, world, case)


def corrected(session: Session, who: Actor, case: Case) -> None:
    then = NOW - DAY
    shifts = recalculation.preview_event(session, case, then, case.accepted_at, CALENDAR)
    named = recalculation.fingerprint(shifts)
    corrections.correct_event(begin(session, who, NOW), case, then, case.accepted_at, "看错", named)


def decided(session: Session, who: Actor, case: Case) -> None:
    milestone = case_extensions.running_clock(session, step(case, "处理"))
    assert milestone is not None
    asked = extensions.pending_extension(session, milestone.id)
    assert asked is not None
    case_extensions.decide_extension(begin(session, who, NOW), case, asked, True, "")


Verb = Callable[[Session, Actor, Case], Any]
VERBS: dict[str, Verb] = {
    "step": lambda s, who, c: steps.close_step(begin(s, who, NOW), c, step(c, "处理"), StepAct(StepFacts("不属实"))),
    "refer": lambda s, who, c: referrals.refer(
        begin(s, who, NOW), c, step(c, "转办"), s.query(Unit).filter_by(name="西县政府").one(), "请办"
    ),
    "pause": lambda s, who, c: pauses.pause_case(begin(s, who, NOW), c, reason="听证", authority="行政许可法 45"),
    "ask_pause": lambda s, who, c: pauses.ask_pause(begin(s, who, NOW), c, reason="听证", authority="行政许可法 45"),
    "decide": decided,
    "conclude": lambda s, who, c: conclusion.conclude(begin(s, who, NOW), c, "不属实"),
    "visit": lambda s, who, c: conclusion.visit(begin(s, who, NOW), c, Satisfaction.CONTENT, "满意"),
    "note": lambda s, who, c: conclusion.add_note(begin(s, who, NOW), c, StepFacts("不属实")),
    "event": corrected,
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_supervisor_who_is_of_the_unit_complained_of_may_do_nothing_in_the_complaint(
    world: World, session: Session, types: dict[str, int], verb: str
) -> None:
    case = against(session, world, types)
    both = engaged(session, world, ("czj", MemberRole.OFFICER), ("jfb", MemberRole.SUPERVISOR))
    with pytest.raises(NotPermitted):
        VERBS[verb](session, both, case)


@pytest.mark.parametrize("own", list(MemberRole))
def test_in_whatever_role_he_is_of_it(world: World, session: Session, types: dict[str, int], own: MemberRole) -> None:
    case = against(session, world, types)
    both = engaged(session, world, ("czj", own), ("jfb", MemberRole.SUPERVISOR), ("jfb", MemberRole.OFFICER))
    assert standings_in(both, case, ()) == {CaseStanding.READER}
    with pytest.raises(NotPermitted, match="您所在的单位是被投诉单位"):
        VERBS["conclude"](session, both, case)


def test_the_officer_of_the_handling_unit_who_is_of_it_as_well_is_a_stranger(
    world: World, session: Session, types: dict[str, int]
) -> None:
    case = against(session, world, types)
    both = engaged(session, world, ("czj", MemberRole.OFFICER), ("jfb", MemberRole.OFFICER))
    assert standings_in(both, case, ()) == {CaseStanding.STRANGER}


def test_the_others_go_on_as_before(world: World, session: Session, types: dict[str, int]) -> None:
    case = accepted(session, world, types, accused_unit_id=world.units["czj"].id)
    case = refer(session, world, case)
    found = {
        who: standings_in(world.actor(who), case, referrals_of(session, case.id))
        for who in (
            "supervisor",
            "supervisor2",
            "county",
            "leader",
            "stranger",
            "auditor",
            "support",
        )
    }
    assert found == {
        "supervisor": {CaseStanding.SUPERVISOR},
        "supervisor2": {CaseStanding.SUPERVISOR, CaseStanding.HANDLER},
        "county": {CaseStanding.REFERRED},
        "leader": {CaseStanding.READER},
        "stranger": {CaseStanding.STRANGER},
        "auditor": {CaseStanding.STRANGER},
        "support": {CaseStanding.STRANGER},
    }
    assert may(world.actor("county"), case, referrals_of(session, case.id), CaseAction.STEP)
