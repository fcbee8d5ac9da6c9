"""Who sees what: every list starts from these queries, and a stranger's row is not there."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit import registered
from tests.kit.world import NOW, World, duty, plan
from tracker.clock.calendar import national
from tracker.reading.plan import Role
from tracker.rules.lights import soon_limit
from tracker.rules.workflow import Action, State
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted
from tracker.services.documents import intake
from tracker.services.duties import progress, roster
from tracker.services.people import accounts
from tracker.store.cases.page import find_case
from tracker.store.core.actors import SYSTEM, Actor, Post, actor_of
from tracker.store.core.visible import (
    documents_seen,
    seen_by,
    visible_audit,
    visible_cases,
    visible_documents,
    visible_duties,
    visible_sources,
    visible_units,
)
from tracker.store.documents.drafts import find_document, find_measure, find_supervised
from tracker.store.documents.lists import list_documents
from tracker.store.duties.duty import find_attachment, find_duty
from tracker.store.duties.lights import LIVE, Moment, light
from tracker.store.models import (
    Attachment,
    AuditEntry,
    Case,
    Document,
    DocumentState,
    Duty,
    Jurisdiction,
    Measure,
    MemberRole,
    PlanAnswer,
    Task,
    Unit,
)

CALENDAR = national()
ALL = {
    "一.1/gxj", "一.1/czj", "一.2/jfb", "一.2/gxj", "一.2/dxj", "一.2/xxj",
    "一.3/czj", "一.4/zjj", "一.5/czj", "一.6/zjj",
}  # fmt: skip
SEEN: dict[str, set[str]] = {
    # Its own, and what its co-units do in the task it leads.
    "lead": {"一.1/gxj", "一.1/czj", "一.2/gxj"},
    "head": {"一.1/gxj", "一.1/czj", "一.2/gxj"},
    # A supporting or merely responsible unit does not see what the others report.
    "support": {"一.1/czj", "一.3/czj", "一.5/czj"},
    "county": {"一.2/dxj"},
    "stranger": set(),
    "supervisor": ALL,
    "supervisor2": ALL,
    "leader": ALL,
    "administrator": set(),
    "security": set(),
    "auditor": set(),
}


def everything(session: Session, world: World) -> dict[str, int]:
    """Return the id of every duty, by task and unit."""
    codes = {unit.id: code for code, unit in world.units.items()}
    rows = session.execute(select(Task.key, Duty.unit_id, Duty.id).join(Duty, Duty.task_id == Task.id))
    return {f"{key}/{codes[unit_id]}": duty_id for key, unit_id, duty_id in rows}


def names(session: Session, world: World, actor: Actor) -> set[str]:
    """Return the duties an actor sees, as task and unit."""
    codes = {unit.id: code for code, unit in world.units.items()}
    query = visible_duties(actor).with_only_columns(Task.key, Duty.unit_id)
    rows = [f"{key}/{codes[unit_id]}" for key, unit_id in session.execute(query)]
    assert len(rows) == len(set(rows)), "a duty is listed twice"
    return set(rows)


def elsewhere(session: Session, role: MemberRole) -> Actor:
    """Return somebody who holds this role in another place."""
    place = session.scalars(select(Jurisdiction).where(Jurisdiction.code == "990200")).first()
    if place is None:
        place = Jurisdiction(code="990200", name="另一市", level="city")
        session.add(place)
        session.flush()
    unit = Unit(jurisdiction_id=place.id, name=f"另一市{role}局")
    session.add(unit)
    session.flush()
    return Actor(1, "外地人", (Post(unit.id, unit.name, place.id, role),))


# --- Duties ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", list(SEEN))
def test_duties_are_seen_by_these_and_found_by_nobody_else(world: World, session: Session, who: str) -> None:
    actor = world.actor(who)
    assert names(session, world, actor) == SEEN[who]
    found = {key for key, duty_id in everything(session, world).items() if find_duty(session, actor, duty_id)}
    assert found == SEEN[who]


def test_a_lead_sees_its_co_units_duties_and_can_do_nothing_to_them(world: World, session: Session) -> None:
    lead = world.actor("lead")
    theirs = find_duty(session, lead, duty(session, world, "一.1", "czj").id)
    assert theirs is not None
    assert not any(progress.may(lead, theirs, action) for action in Action)
    for action in Action:
        with pytest.raises(NotPermitted):
            progress.step_for(lead, theirs, action)


def test_a_revoked_lead_no_longer_sees_its_co_units(world: World, session: Session) -> None:
    it = duty(session, world, "一.1", "gxj")
    roster.revoke(begin(session, world.actor("supervisor"), NOW), it, "划转")
    session.flush()
    assert names(session, world, world.actor("lead")) == {"一.2/gxj"}
    assert names(session, world, world.actor("supervisor")) == ALL
    assert find_duty(session, world.actor("lead"), it.id) is None


def test_who_holds_two_posts_sees_what_either_sees(world: World, session: Session) -> None:
    user = accounts.add_user(
        begin(session, SYSTEM, NOW),
        login="both",
        name="两处任职",
        password_hash="x",
        posts=[(world.units["gxj"].id, MemberRole.HEAD), (world.units["dxj"].id, MemberRole.OFFICER)],
    )
    session.flush()
    assert names(session, world, actor_of(session, user)) == SEEN["lead"] | SEEN["county"]


@pytest.mark.parametrize("role", list(MemberRole))
def test_nobody_of_another_place_sees_anything_here(world: World, session: Session, role: MemberRole) -> None:
    actor = elsewhere(session, role)
    for query in (
        visible_duties(actor),
        visible_documents(actor),
        visible_sources(actor),
        visible_cases(actor),
        visible_audit(actor).where(AuditEntry.jurisdiction_id == world.jurisdiction.id),
        visible_units(actor).where(Unit.jurisdiction_id == world.jurisdiction.id),
    ):
        assert session.scalars(query).all() == []


def test_who_holds_no_post_sees_nothing(world: World, session: Session) -> None:
    for actor in (SYSTEM, Actor(world.people["lead"].id, "调离")):
        for query in (
            visible_duties(actor),
            visible_documents(actor),
            visible_sources(actor),
            visible_cases(actor),
            visible_audit(actor),
            visible_units(actor),
        ):
            assert session.scalars(query).all() == []


# --- Documents -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", list(SEEN))
def test_a_published_document_is_seen_whole_by_whoever_has_a_duty_in_it(
    world: World, session: Session, who: str
) -> None:
    seen = session.scalars(visible_documents(world.actor(who))).all()
    assert [d.id for d in seen] == ([world.document.id] if SEEN[who] else [])


def test_a_draft_and_a_withdrawn_document_are_the_supervisors_alone(world: World, session: Session) -> None:
    document = session.get_one(Document, world.document.id)
    for state in (DocumentState.DRAFT, DocumentState.WITHDRAWN):
        document.state = state
        session.flush()
        for who in SEEN:
            seen = find_document(session, world.actor(who), document.id) is not None
            assert seen is (who in {"supervisor", "supervisor2"}), (state, who)


def test_a_unit_whose_only_duty_was_revoked_sees_the_document_no_more(world: World, session: Session) -> None:
    roster.revoke(begin(session, world.actor("supervisor"), NOW), duty(session, world, "一.2", "dxj"), "划转")
    session.flush()
    assert session.scalars(visible_documents(world.actor("county"))).all() == []


def test_a_reading_is_found_for_confirmation_by_its_supervisors_alone(world: World, session: Session) -> None:
    measure = session.scalars(select(Measure)).first()
    assert measure is not None
    for who in SEEN:
        supervises = who in {"supervisor", "supervisor2"}
        assert (find_supervised(session, world.actor(who), world.document.id) is not None) is supervises
        assert (find_measure(session, world.actor(who), measure.id) is not None) is supervises
        assert bool(session.scalars(visible_sources(world.actor(who))).all()) is supervises


def test_documents_of_two_places_stay_apart(world: World, session: Session) -> None:
    there = elsewhere(session, MemberRole.SUPERVISOR)
    there = Actor(world.people["supervisor"].id, "外地督查员", there.posts)
    place = there.posts[0].jurisdiction_id
    new = intake.NewSource(place, "外地.txt", False, "f" * 64, 9, "utf-8", "外地的文件", [plan()])
    source = intake.take_in(begin(session, there, NOW), new)
    made = intake.choose_plan(begin(session, there, NOW), source.plans[0], source, PlanAnswer.ANOTHER)
    assert made is not None
    session.flush()
    assert [d.id for d in session.scalars(visible_documents(there))] == [made.id]
    assert [d.id for d in session.scalars(visible_documents(world.actor("supervisor")))] == [world.document.id]
    assert find_document(session, world.actor("supervisor"), made.id) is None


# --- Cases, evidence, the trail, the registry ------------------------------------------------------------------------


def register(session: Session, world: World, who: str, unit: str) -> Case:
    it = duty(session, world, "一.2", unit)
    made = registered.register(
        begin(session, world.actor(who), NOW),
        it,
        happened_at=NOW - timedelta(days=1),
        reference="XS-1",
        form_key=f"{who}{unit}",
    )
    session.flush()
    return made


def test_a_case_is_seen_by_its_handler_by_who_registered_it_and_by_those_above(world: World, session: Session) -> None:
    theirs = register(session, world, "lead", "dxj")  # registered by one unit, handled by another
    own = register(session, world, "county", "dxj")
    seen = {who: {c.id for c in session.scalars(visible_cases(world.actor(who)))} for who in SEEN}
    both = {theirs.id, own.id}
    assert seen == {
        "lead": {theirs.id},
        "head": set(),  # registered by its officer for another unit: the case alone is the officer's to follow
        "support": set(),
        "county": both,
        "stranger": set(),
        "supervisor": both,
        "supervisor2": both,
        "leader": both,
        "administrator": set(),
        "security": set(),
        "auditor": set(),
    }
    assert find_case(session, world.actor("stranger"), own.id) is None
    assert find_case(session, world.actor("support"), own.id) is None


def test_evidence_is_fetched_by_whoever_sees_its_duty(world: World, session: Session) -> None:
    it = duty(session, world, "一.1", "gxj")
    progress.acknowledge(begin(session, world.actor("lead"), NOW), it)
    paper = progress.NewFile("台账.pdf", "application/pdf", 3, "0" * 64)
    progress.report_progress(begin(session, world.actor("lead"), NOW), it, percent=1, text="见附件", files=[paper])
    session.flush()
    file_id = session.scalars(select(Attachment.id)).one()
    seeing = {who for who in SEEN if find_attachment(session, world.actor(who), file_id) is not None}
    assert seeing == {"lead", "head", "supervisor", "supervisor2", "leader"}


def test_a_lead_fetches_the_evidence_of_its_supporters(world: World, session: Session) -> None:
    it = duty(session, world, "一.1", "czj")
    assert it.role is Role.SUPPORT
    progress.acknowledge(begin(session, world.actor("support"), NOW), it)
    paper = progress.NewFile("拨款.pdf", "application/pdf", 3, "0" * 64)
    progress.report_progress(begin(session, world.actor("support"), NOW), it, percent=1, text="见附件", files=[paper])
    session.flush()
    file_id = session.scalars(select(Attachment.id)).one()
    seeing = {who for who in SEEN if find_attachment(session, world.actor(who), file_id) is not None}
    assert seeing == {"support", "lead", "head", "supervisor", "supervisor2", "leader"}


def test_the_trail_is_the_auditors_alone(world: World, session: Session) -> None:
    reading = {who for who in SEEN if session.scalars(visible_audit(world.actor(who))).first() is not None}
    assert reading == {"auditor"}
    session.add(AuditEntry(at=NOW, verb="user.password", subject="user", subject_id=1))  # of no place
    session.flush()
    verbs = {e.verb for e in session.scalars(visible_audit(world.actor("auditor")))}
    assert {"user.password", "document.publish"} <= verbs


def test_the_registry_is_seen_by_those_who_oversee_or_keep_it(world: World, session: Session) -> None:
    seeing = {who for who in SEEN if session.scalars(visible_units(world.actor(who))).first() is not None}
    assert seeing == {"supervisor", "supervisor2", "leader", "administrator"}


def test_one_duty_is_found_by_whoever_sees_it_in_a_list(world: World, session: Session) -> None:
    """`find_duty` asks by the key alone and decides afterwards: it must decide as the statement of every list does."""
    revoked = select(Duty).where(Duty.role == Role.LEAD)
    for gone in (*session.scalars(revoked.limit(1)), *session.scalars(select(Duty).order_by(Duty.id.desc()).limit(1))):
        for state in (gone.state, State.REVOKED):
            gone.state = state
            session.flush()
            for name, actor in world.actors.items():
                listed = set(session.scalars(visible_duties(actor).with_only_columns(Duty.id)))
                keys = session.scalars(select(Duty.id)).all()
                assert {key for key in keys if find_duty(session, actor, key)} == listed, (name, state)


def test_the_statements_built_once_see_the_same_documents(world: World, session: Session) -> None:
    for state in DocumentState:
        session.add(Document(jurisdiction_id=world.jurisdiction.id, title=state.label, state=state, created_at=NOW))
    session.flush()
    unit = world.units["gxj"]
    both = Actor(1, "两职", (*world.actor("lead").posts, Post(unit.id, unit.name, 999, MemberRole.LEADER)))
    lead, support = world.actor("lead").posts, world.actor("support").posts
    actors = [*world.actors.values(), both, Actor(1, "两处", (*lead, *support)), Actor(1, "无职")]
    registered.register(begin(session, world.actor("lead"), NOW), duty(session, world, "一.2", "gxj"), happened_at=NOW)
    roster.revoke(begin(session, world.actor("supervisor"), NOW), duty(session, world, "一.2", "dxj"), "划转")
    for actor in actors:
        asked = seen_by(actor)
        chosen = session.scalars(select(Document.id).where(documents_seen("own" in asked)), asked)
        expected = {document.id for document in session.scalars(visible_documents(actor))}
        assert set(chosen) == expected
        for now in (NOW, NOW + timedelta(days=1), NOW + timedelta(days=40), NOW + timedelta(days=300)):
            own_end = {world.jurisdiction.id: soon_limit(now + timedelta(days=5), CALENDAR)}
            for moment in (Moment(now, soon_limit(now, CALENDAR)), Moment(now, soon_limit(now, CALENDAR), own_end)):
                page = list_documents(session, actor, moment)
                assert {row.id for row in page.rows} == expected
                assert page.total == len(expected)
                for row in page.rows:
                    seen = visible_duties(actor).where(Duty.document_id == row.id, LIVE)
                    lamps = session.scalars(seen.with_only_columns(light(moment)))
                    assert dict(row.lights) == dict(Counter(lamps))
