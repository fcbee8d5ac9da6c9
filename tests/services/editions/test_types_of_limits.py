"""A new edition's limits keep the case types of the same limits before, and get one where they say another."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit import amended
from tests.kit.amended import SECOND, Place
from tests.kit.world import NOW, World
from tests.services.editions.test_amendment import amend, at
from tracker.clock.rules import CountUnit
from tracker.services.case_types.limits import take, waiting_rules
from tracker.services.case_types.steps import LimitInput, StepInput, TypeInput
from tracker.services.case_types.versions import create_type
from tracker.services.core.act import begin
from tracker.store.case_types.versions import find_rule, find_type_version
from tracker.store.editions.changes import tasks_of
from tracker.store.models import CaseType, DeadlineRule, StepKind

FIVE_DAYS = SECOND.replace("3个工作日内答复", "5个工作日内答复")
OTHER_WORDS = SECOND.replace("2.对企业诉求，自正式受理", "2.对企业和群众诉求，一律自正式受理")


@pytest.fixture
def place(world: World, session: Session) -> Place:
    return Place(world, amended.publish_first(session, world).id)


def type_of(session: Session, place: Place) -> CaseType:
    """Return the type of the one limit of the amended document that waits for an event."""
    session.flush()
    session.expire_all()
    task = next(t for t in tasks_of(session, place.document_id) if waiting_rules(t.item))
    (rule,) = waiting_rules(task.item)
    return session.get_one(CaseType, rule.case_type_id)


def limits_of(session: Session, place: Place, kind: CaseType) -> list[int | None]:
    version = find_type_version(session, place.world.actor("supervisor"), kind.id)
    assert version is not None
    return [s.rule.amount for s in version.steps if s.rule]


@pytest.mark.parametrize("text", [SECOND, OTHER_WORDS], ids=["the same words", "other words, the same limit"])
def test_the_same_limit_keeps_its_type(session: Session, place: Place, text: str) -> None:
    before = type_of(session, place).id
    amend(session, place, text, now=at(3, 24))
    kept = type_of(session, place)
    assert (kept.id, kept.active) == (before, True)


def test_another_limit_gets_a_type_and_the_one_before_goes_out_of_use(session: Session, place: Place) -> None:
    before = type_of(session, place).id
    amend(session, place, FIVE_DAYS, now=at(3, 24))
    after = type_of(session, place)
    assert after.id != before
    assert (after.active, limits_of(session, place, after)) == (True, [5])
    assert session.get_one(CaseType, before).active is False


def test_a_type_that_was_taken_goes_on_being_taken(session: Session, place: Place) -> None:
    boss = begin(session, place.world.actor("supervisor"), NOW)
    answer = StepInput("answer", "答复", StepKind.ANSWER, limit=LimitInput(amount=3, unit=CountUnit.WORKDAY))
    made = create_type(boss, place.world.jurisdiction.id, TypeInput("诉求", "正式受理", (answer,), ""))
    own = type_of(session, place)
    found = select(DeadlineRule.id).where(DeadlineRule.case_type_id == own.id)
    of = find_type_version(session, place.world.actor("supervisor"), made.id)
    rule = find_rule(session, place.world.actor("supervisor"), session.scalars(found).one())
    assert rule is not None
    assert of is not None
    take(boss, rule, of)
    amend(session, place, SECOND, now=at(3, 24))
    assert type_of(session, place).id == made.id
    assert session.get_one(CaseType, own.id).active is False


def test_a_measure_that_is_gone_leaves_no_type_in_use(session: Session, place: Place) -> None:
    own = type_of(session, place).id
    gone = "2.对企业诉求，自正式受理之日起3个工作日内答复。（责任单位：市减负办、市工信局，各县区政府）\n\n"
    assert gone in SECOND
    without = SECOND.replace(gone, "")
    for number in range(3, 8):  # what is left is numbered anew: a gap would be asked
        without = without.replace(f"\n{number}.", f"\n{number - 1}.")
    amend(session, place, without, now=at(3, 24))
    assert session.get_one(CaseType, own).active is False
