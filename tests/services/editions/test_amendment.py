"""A new edition of a published document: what is carried over, answered, applied; what is never touched."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.kit import amended, registered
from tests.kit.amended import FIRST, SECOND, Place, afresh, changes, clocks, confirm_rest, dates, open_second
from tests.kit.world import NOW, World
from tests.services.duties.test_duties import EVERYBODY, at
from tracker.reading.pairing import ChangeKind
from tracker.reading.plan import Role
from tracker.rules.workflow import State
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.documents import answers, confirmation, intake, publication
from tracker.services.documents.corrections import MeasureInput
from tracker.services.documents.facts import set_facts
from tracker.services.duties import progress, roster
from tracker.services.editions import applying, opening
from tracker.store.documents import drafts
from tracker.store.editions import changes as amendments
from tracker.store.editions.changes import current_of, draft_of, editions_of, open_questions
from tracker.store.models import (
    AuditEntry,
    Case,
    ChangeAnswer,
    Document,
    Duty,
    Edition,
    EditionChange,
    EditionState,
    Item,
    Measure,
    Milestone,
    PlanReading,
    Report,
    Source,
    Task,
)

LATER = at(4, 10)
TODAY = date(2026, 3, 23)


@pytest.fixture
def place(session: Session, world: World) -> Place:
    """The world with a second published document, the one that is amended."""
    return Place(world, amended.publish_first(session, world).id)


def duty(session: Session, place: Place, title: str, unit: str) -> Duty:
    return amended.duty(session, place.world, place.document_id, title, unit)


def opened(session: Session, place: Place, text: str = SECOND, now: datetime = LATER, **more: str) -> Edition:
    return open_second(session, place.world, place.document_id, text, now, **more)


def answer(session: Session, place: Place, now: datetime = LATER, **kept: bool) -> None:
    """Adopt every change but those of the measures whose words hold one of `kept`, and confirm the rest."""
    boss = place.world.actor("supervisor")
    for one in changes(session, place.document_id):
        measure = one.change.old or one.change.new
        assert measure is not None
        if any(word in measure.text for word in kept):
            opening.answer_change(begin(session, boss, now), one.change, ChangeAnswer.KEEP)
    opening.adopt_all(
        begin(session, boss, now), afresh(session, place.document_id), changes(session, place.document_id)
    )
    confirm_rest(session, place.world, place.document_id, now)


def apply(session: Session, place: Place, now: datetime = LATER, who: str = "supervisor") -> applying.Applied:
    done = applying.apply_edition(begin(session, place.world.actor(who), now), afresh(session, place.document_id))
    session.flush()
    session.expire_all()
    return done


def amend(session: Session, place: Place, text: str = SECOND, now: datetime = LATER, **kept: bool) -> applying.Applied:
    """Open a new edition, answer everything, and let it take effect."""
    opened(session, place, text, now)
    answer(session, place, now, **kept)
    return apply(session, place, now)


def kinds(session: Session, place: Place) -> dict[str, ChangeKind]:
    """Return the kinds of change by the first words of the measure."""
    return {(c.change.new or c.change.old).text[:4]: c.change.kind for c in changes(session, place.document_id)}  # type: ignore[union-attr]


def entries(session: Session, verb: str) -> list[AuditEntry]:
    return list(session.scalars(select(AuditEntry).where(AuditEntry.verb == verb).order_by(AuditEntry.id)))


# --- opening ---------------------------------------------------------------------------------------------------------


def test_a_new_edition_is_opened_beside_the_one_in_force(session: Session, place: Place) -> None:
    edition = opened(session, place)
    document = session.get_one(Document, place.document_id)
    assert (edition.number, edition.state, edition.doc_no) == (2, EditionState.DRAFT, "某政发〔2026〕20号")
    assert (document.state.value, document.doc_no) == ("published", "某政发〔2026〕7号")
    assert current_of(session, place.document_id).number == 1
    assert entries(session, "edition.open")[0].after == {"number": 2, "measures": 7, "doc_no": "某政发〔2026〕20号"}


def test_each_measure_is_told_apart_as_same_moved_reworded_new_or_gone(session: Session, place: Place) -> None:
    opened(session, place)
    assert kinds(session, place) == {
        "梳理政务": ChangeKind.REWORDED,
        "对企业诉": ChangeKind.SAME,
        "每季度末": ChangeKind.REWORDED,
        "开展窗口": ChangeKind.GONE,
        "推进水电": ChangeKind.MOVED,
        "建立企业": ChangeKind.NEW,
        "做好政策": ChangeKind.MOVED,
        "完善好差": ChangeKind.SAME,
    }


def test_units_and_deadlines_that_change_are_named(session: Session, place: Place) -> None:
    opened(session, place)
    by_words = {(c.change.new or c.change.old).text[:2]: c for c in changes(session, place.document_id)}  # type: ignore[union-attr]
    first = by_words["梳理"]
    assert [(u.name, u.before, u.after) for u in first.units] == [
        ("市财政局", "support", None),
        ("市教育局", None, "support"),
    ]
    assert [(x.before.due_on, x.after.due_on) for x in first.limits if x.before and x.after] == [
        (date(2026, 6, 30), date(2026, 8, 31))
    ]
    assert not by_words["对企"].asked
    assert (by_words["推进"].units, by_words["推进"].limits, by_words["推进"].asked) == ([], [], True)


def test_what_was_answered_once_is_not_asked_again(session: Session, place: Place) -> None:
    edition = opened(session, place)
    found = changes(session, place.document_id)
    asked = open_questions(edition, found, TODAY)
    assert {q.measure.text[:2] for q in asked if q.measure} == {"梳理", "每季", "建立"}
    assert {q.ask for q in asked} == {drafts.Ask.UNCONFIRMED}
    collective = next(m for m in edition.measures if m.text.startswith("做好"))
    assert [c.unit_id for c in collective.items[0].assignments[0].chosen] == [place.world.units["jyj"].id]
    assert collective.confirmed_at == NOW


def test_a_date_past_by_now_is_not_asked_about_where_it_already_runs(session: Session, place: Place) -> None:
    late = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
    edition = opened(session, place, now=late)
    found = changes(session, place.document_id)
    asked = [q for q in open_questions(edition, found, late.date()) if q.ask is drafts.Ask.PAST_DATE]
    assert sorted(q.measure.text[:2] for q in asked if q.measure) == ["建立", "梳理"]


def test_a_title_a_task_flag_and_a_date_set_by_the_supervisor_are_carried_over(session: Session, world: World) -> None:
    boss = world.actor("supervisor")
    source = amended.take_in(session, world, FIRST)
    document = intake.choose_plan(begin(session, boss, NOW), source.plans[0], source)
    assert document is not None
    edition = afresh(session, document.id)
    answers.settle_collective(begin(session, boss, NOW), edition, "各有关部门", unit_ids=[], left_out=True)
    answers.date_undated(begin(session, boss, NOW), edition, due_on=date(2026, 12, 31), rrule=None)
    edition = afresh(session, document.id)
    next(m for m in edition.measures if m.key == "4").title = "另起的标题"
    next(m for m in edition.measures if m.key == "5").is_task = False
    confirm_rest(session, world, document.id)
    publish(session, world, document.id)
    text = FIRST.replace("提升帮办代办能力", "提升帮办和代办能力").replace("差评件全部整改", "差评件按期全部整改")
    fresh = open_second(session, world, document.id, text, LATER)
    by_key = {m.key: m for m in fresh.measures}
    assert by_key["5"].is_task is False
    assert by_key["5"].items[0].assignments[0].left_out
    (rule,) = by_key["7"].items[0].rules
    assert (rule.due_on, rule.set_by_id, rule.carried) == (date(2026, 12, 31), world.people["supervisor"].id, True)
    assert {b.assignment_id for b in rule.bindings} == {by_key["7"].items[0].assignments[0].id}
    assert by_key["4"].title.startswith("开展窗口")  # its first clause is another now
    assert by_key["7"].confirmed_at is None


def publish(session: Session, world: World, document_id: int) -> None:
    publication.publish(begin(session, world.actor("supervisor"), NOW), afresh(session, document_id))


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_a_supervisor_opens_answers_applies_and_gives_up(session: Session, place: Place, who: str) -> None:
    world, actor = place.world, place.world.actor(who)
    if who.startswith("supervisor"):
        amend(session, place)
        return
    source = amended.take_in(session, world, SECOND)
    document = session.get_one(Document, place.document_id)
    with pytest.raises(NotPermitted):
        opening.choose_plan(begin(session, actor, LATER), source.plans[0], source, None, document)
    opening.choose_plan(begin(session, world.actor("supervisor"), LATER), source.plans[0], source, None, document)
    found = changes(session, place.document_id)
    edition = afresh(session, place.document_id)
    with pytest.raises(NotPermitted):
        opening.answer_change(begin(session, actor, LATER), found[0].change, ChangeAnswer.ADOPT)
    with pytest.raises(NotPermitted):
        opening.adopt_all(begin(session, actor, LATER), edition, found)
    with pytest.raises(NotPermitted):
        applying.apply_edition(begin(session, actor, LATER), edition)
    with pytest.raises(NotPermitted):
        opening.discard_edition(begin(session, actor, LATER), edition)


def test_the_same_upload_and_the_same_plan_make_one_edition(session: Session, place: Place) -> None:
    edition = opened(session, place)
    with pytest.raises(intake.AlreadyIn):
        amended.take_in(session, place.world, SECOND)
    plan = session.get_one(PlanReading, edition.plan_reading_id)
    source, document = session.get_one(Source, plan.source_id), session.get_one(Document, place.document_id)
    boss = place.world.actor("supervisor")
    session.refresh(plan, ["reading"])
    again = opening.open_edition(begin(session, boss, LATER), plan, source, document)
    assert again.id == edition.id
    third = amended.take_in(session, place.world, SECOND + "\n8.再加一条。（责任单位：市教育局）\n", LATER)
    with pytest.raises(Refused, match="正在核对"):
        opening.choose_plan(begin(session, boss, LATER), third.plans[0], third, None, document)


def test_a_draft_document_takes_no_new_edition(session: Session, world: World) -> None:
    source = amended.take_in(session, world, FIRST)
    document = intake.choose_plan(begin(session, world.actor("supervisor"), NOW), source.plans[0], source)
    assert document is not None
    other = amended.take_in(session, world, SECOND)
    with pytest.raises(Refused, match="还没有发布"):
        opening.choose_plan(begin(session, world.actor("supervisor"), NOW), other.plans[0], other, None, document)


def test_a_new_edition_given_up_leaves_no_rows_and_can_be_read_again(session: Session, place: Place) -> None:
    counted = [Edition, Measure, Item, EditionChange]
    before = [session.scalar(select(func.count()).select_from(m)) for m in counted]
    edition = opened(session, place)
    plan_id = edition.plan_reading_id
    opening.discard_edition(begin(session, place.world.actor("supervisor"), LATER), edition, edition.version)
    assert [session.scalar(select(func.count()).select_from(m)) for m in counted] == before
    assert session.get_one(PlanReading, plan_id).document_id is None
    assert draft_of(session, place.document_id) is None
    assert entries(session, "edition.discard")[0].before == {"number": 2, "doc_no": "某政发〔2026〕20号"}


# --- answering -------------------------------------------------------------------------------------------------------


def test_it_takes_effect_only_when_every_change_and_every_question_is_answered(session: Session, place: Place) -> None:
    opened(session, place)
    with pytest.raises(Refused, match="6 处变化没有答复"):
        apply(session, place)
    boss = place.world.actor("supervisor")
    found = changes(session, place.document_id)
    assert opening.adopt_all(begin(session, boss, LATER), afresh(session, place.document_id), found) == 6
    with pytest.raises(Refused, match="3 处需要您决定"):
        apply(session, place)
    assert current_of(session, place.document_id).number == 1


def test_an_answer_on_an_old_form_is_stale(session: Session, place: Place) -> None:
    opened(session, place)
    boss, change = place.world.actor("supervisor"), changes(session, place.document_id)[0].change
    version = change.version
    opening.answer_change(begin(session, boss, LATER), change, ChangeAnswer.KEEP, version)
    session.flush()
    with pytest.raises(Stale):
        opening.answer_change(begin(session, boss, LATER), change, ChangeAnswer.ADOPT, version)
    assert entries(session, "edition.change")[0].after == {"answer": "keep", "change": 1, "kind": "reworded"}


def test_it_is_applied_once(session: Session, place: Place) -> None:
    amend(session, place)
    with pytest.raises(Refused, match="已经生效"):
        applying.apply_edition(
            begin(session, place.world.actor("supervisor"), LATER), current_of(session, place.document_id)
        )
    edition = current_of(session, place.document_id)
    with pytest.raises(Refused, match="已经生效"):
        opening.discard_edition(begin(session, place.world.actor("supervisor"), LATER), edition)


# --- taking effect ---------------------------------------------------------------------------------------------------


def test_the_new_edition_is_in_force_and_the_old_one_is_kept_as_it_was(session: Session, place: Place) -> None:
    def rows() -> list[tuple[object, ...]]:
        query = select(Measure.id, Measure.key, Measure.text, Measure.title, Measure.confirmed_at, Item.id, Item.text)
        joined = query.join(Item).join(Edition).where(Edition.document_id == place.document_id, Edition.number == 1)
        return [tuple(row) for row in session.execute(joined.order_by(Item.id))]

    before = rows()
    done = amend(session, place)
    assert (done.tasks, done.duties, done.revoked) == (1, 3, 2)
    assert rows() == before
    second, first = editions_of(session, place.document_id)
    assert (second.state, second.applied_at) == (EditionState.CURRENT, LATER)
    assert (first.state, first.doc_no) == (EditionState.SUPERSEDED, "某政发〔2026〕7号")
    document = session.get_one(Document, place.document_id)
    assert (document.doc_no, document.issued_on) == ("某政发〔2026〕20号", date(2026, 3, 20))
    assert document.published_at == NOW
    assert entries(session, "edition.apply")[0].after == {
        "number": 2,
        "doc_no": "某政发〔2026〕20号",
        "tasks": 1,
        "amended": 2,
        "duties": 3,
        "revoked": 2,
        "dates": 2,
    }


def test_tasks_keep_their_identity_and_take_the_new_numbers(session: Session, place: Place) -> None:
    before = {t.title[:2]: t.id for t in session.scalars(select(Task).where(Task.document_id == place.document_id))}
    amend(session, place)
    rows = session.scalars(select(Task).where(Task.document_id == place.document_id).order_by(Task.ordinal)).all()
    assert [(t.title[:2], t.key) for t in rows] == [
        ("梳理", "1"),
        ("对企", "2"),
        ("每季", "3"),
        ("开展", "4（旧）"),
        ("推进", "4"),
        ("建立", "5"),
        ("做好", "6"),
        ("完善", "7"),
    ]
    now = {t.title[:2]: t.id for t in rows}
    assert now["每季"] == before["每月"]
    assert all(now[word] == before[word] for word in ("梳理", "对企", "开展", "推进", "做好", "完善"))


def test_a_changed_date_is_appended_and_the_first_one_stays(session: Session, place: Place) -> None:
    lead = duty(session, place, "梳理", "gxj")
    (clock,) = clocks(session, lead.id)
    amend(session, place)
    (after,) = clocks(session, lead.id)
    assert (after.id, after.due_on, after.version) == (clock.id, date(2026, 8, 31), 2)
    first, second = dates(session, after.id)
    assert (first.due_on, first.why) == (date(2026, 6, 30), "首次时限")
    assert (second.due_on, second.why) == (date(2026, 8, 31), "新版本（某政发〔2026〕20号）调整")
    assert second.explanation[0]["text"] == "新版本（某政发〔2026〕20号）调整"
    entry = entries(session, "duty.dates")[0]
    assert (entry.duty_id, entry.after) == (lead.id, {"limits": ["“2026年6月底前” → “2026年8月底前”"]})


def test_a_date_that_does_not_change_goes_on_with_its_report_and_its_officer(session: Session, place: Place) -> None:
    world = place.world
    it = duty(session, place, "对企", "gxj")
    progress.acknowledge(begin(session, world.actor("lead"), NOW), it)
    progress.report_progress(begin(session, world.actor("lead"), NOW), it, percent=30, text="已答复三件")
    moved = duty(session, place, "推进", "zjj")
    (clock,) = clocks(session, moved.id)
    amend(session, place)
    same = duty(session, place, "对企", "gxj")
    assert (same.id, same.state, same.percent) == (it.id, State.IN_PROGRESS, 30)
    assert session.scalar(select(func.count()).select_from(Report).where(Report.duty_id == it.id)) == 1
    (after,) = clocks(session, moved.id)
    assert (after.id, after.version, after.due_on) == (clock.id, 1, date(2026, 9, 30))
    assert after.rule_id in {r.id for r in duty(session, place, "推进", "zjj").task.item.rules}


def test_added_units_get_a_duty_and_removed_ones_are_revoked(session: Session, place: Place) -> None:
    amend(session, place)
    added, removed = duty(session, place, "梳理", "jyj"), duty(session, place, "梳理", "czj")
    assert (added.role, added.state, added.assigned_at) == (Role.SUPPORT, State.ASSIGNED, LATER)
    assert removed.state is State.REVOKED
    assert [e.note for e in entries(session, "duty.revoke")] == ["新版本不再由该单位承担", "新版本取消本措施"]


def test_a_new_measure_makes_a_task_with_duties_and_dates(session: Session, place: Place) -> None:
    amend(session, place)
    made = amended.task(session, place.document_id, "建立企业")
    assert {d.unit_id for d in made.duties} == {place.world.units["gxj"].id, place.world.units["jyj"].id}
    for each in made.duties:
        assert [c.due_on for c in clocks(session, each.id)] == [date(2026, 10, 31)]


def test_a_gone_measures_live_duty_is_revoked_and_a_completed_one_stays(session: Session, place: Place) -> None:
    world = place.world
    trained = duty(session, place, "开展", "jyj")
    amend(session, place)
    assert duty(session, place, "开展", "jyj").state is State.REVOKED
    assert [e.note for e in entries(session, "duty.revoke") if e.duty_id == trained.id] == ["新版本取消本措施"]
    assert world.units["jyj"].id == trained.unit_id


def test_a_completed_duty_of_a_gone_measure_stays_completed(session: Session, place: Place) -> None:
    world, it = place.world, duty(session, place, "开展", "jyj")
    progress.acknowledge(begin(session, world.actor("stranger"), NOW), it)
    progress.submit(begin(session, world.actor("stranger"), NOW), it, text="已办结")
    progress.complete(begin(session, world.actor("supervisor"), NOW), it, "同意")
    amend(session, place)
    assert duty(session, place, "开展", "jyj").state is State.COMPLETED


def test_a_changed_rhythm_lets_the_begun_period_be_owed_and_makes_the_new_ones(session: Session, place: Place) -> None:
    it = duty(session, place, "每月", "czj")
    begun, coming = clocks(session, it.id)
    assert (begun.due_on, coming.due_on) == (date(2026, 3, 25), date(2026, 4, 25))
    amend(session, place, now=at(3, 24))
    rows = {m.due_on: m for m in clocks(session, it.id)}
    assert rows[date(2026, 3, 25)].cancelled_at is None
    assert rows[date(2026, 4, 25)].cancelled_at == at(3, 24)
    assert [d for d, m in rows.items() if m.cancelled_at is None] == [
        date(2026, 3, 25),
        date(2026, 3, 31),
        date(2026, 6, 30),
    ]
    again = duty(session, place, "每季", "czj")
    progress.acknowledge(begin(session, place.world.actor("support"), at(3, 24)), again)
    progress.report_progress(
        begin(session, place.world.actor("support"), at(3, 24)),
        again,
        percent=10,
        text="已通报",
        milestone_id=rows[date(2026, 3, 25)].id,
    )
    assert rows[date(2026, 3, 25)].met_at == at(3, 24)


def test_an_unchanged_rhythm_rolls_on(session: Session, place: Place) -> None:
    it = duty(session, place, "每月", "czj")
    amend(session, place, SECOND.replace("每季度末", "每月25日"), now=at(3, 24))
    (first, second) = clocks(session, it.id)
    assert (first.cancelled_at, second.cancelled_at) == (None, None)
    again = duty(session, place, "每月", "czj")
    progress.acknowledge(begin(session, place.world.actor("support"), at(3, 24)), again)
    progress.report_progress(
        begin(session, place.world.actor("support"), at(3, 24)),
        again,
        percent=10,
        text="已通报",
        milestone_id=first.id,
    )
    rows = clocks(session, it.id)
    assert [m.due_on for m in rows] == [date(2026, 3, 25), date(2026, 4, 25)]
    assert len({m.rule_id for m in rows}) == 1


def test_running_cases_keep_their_dates_and_new_ones_count_by_the_new_text(session: Session, place: Place) -> None:
    world = place.world

    def register(key: str, now: datetime) -> Milestone:
        handler = amended.duty(session, world, place.document_id, "对企", "gxj")
        case = registered.register(
            begin(session, world.actor("supervisor"), now),
            handler,
            happened_at=now,
            reference=key,
            form_key=key,
        )
        session.flush()
        return session.scalars(select(Milestone).where(Milestone.case_step_id == case.steps[0].id)).one()

    running = register("一号", NOW)
    held = (running.id, running.due_on, running.rule_id)
    amend(session, place, SECOND.replace("3个工作日内答复", "5个工作日内答复"), now=at(3, 24))
    after = session.get_one(Milestone, held[0])
    assert (after.due_on, after.rule_id, after.cancelled_at) == (held[1], held[2], None)
    assert session.scalars(select(Case)).one().closed_at is None
    fresh = register("二号", at(3, 24))
    assert fresh.due_on == date(2026, 3, 31)


def test_a_changed_role_changes_the_duty_and_its_clocks(session: Session, place: Place) -> None:
    text = SECOND.replace("（牵头单位：市工信局，配合单位：市教育局）", "（牵头单位：市财政局，配合单位：市工信局）")
    text = text.replace("2026年8月底前", "2026年6月底前")
    amend(session, place, text)
    lead, support = duty(session, place, "梳理", "czj"), duty(session, place, "梳理", "gxj")
    assert (lead.role, support.role) == (Role.LEAD, Role.SUPPORT)
    assert [(m.due_on, m.cancelled_at) for m in clocks(session, lead.id)] == [(date(2026, 6, 30), None)]
    assert [(m.due_on, m.cancelled_at) for m in clocks(session, support.id)] == [(date(2026, 6, 30), LATER)]
    assert [e.after for e in entries(session, "duty.role")] == [{"role": "support"}, {"role": "lead"}]


def test_a_unit_the_supervisor_added_by_hand_keeps_its_duty_and_its_date(session: Session, place: Place) -> None:
    world = place.world
    wanted = amended.task(session, place.document_id, "推进")
    extra = roster.add_unit(
        begin(session, world.actor("supervisor"), NOW), wanted, world.units["czj"], Role.RESPONSIBLE, "共同负责"
    )
    session.flush()
    text = SECOND.replace("2026年9月底前实现一窗受理", "2026年11月底前全部实现一窗受理")
    amend(session, place, text)
    it = duty(session, place, "推进", "czj")
    assert (it.id, it.state) == (extra.id, State.ASSIGNED)
    assert [(m.due_on, m.version) for m in clocks(session, it.id)] == [(date(2026, 11, 30), 2)]


def test_a_change_not_adopted_leaves_its_measure_its_units_and_its_dates(session: Session, place: Place) -> None:
    lead = duty(session, place, "梳理", "gxj")
    done = amend(session, place, 梳理政务=True, 建立企业=True, 开展窗口=True)
    assert (done.tasks, done.revoked) == (0, 0)
    kept = duty(session, place, "梳理", "gxj")
    assert kept.id == lead.id
    assert [(m.due_on, m.version) for m in clocks(session, kept.id)] == [(date(2026, 6, 30), 1)]
    assert kept.task.item.measure.edition.number == 1
    assert duty(session, place, "梳理", "czj").state is State.ASSIGNED
    assert duty(session, place, "开展", "jyj").state is State.ASSIGNED
    rows = session.scalars(select(Task).where(Task.document_id == place.document_id).order_by(Task.ordinal)).all()
    assert [t.key for t in rows] == ["1", "2", "3", "4（旧）", "4", "6", "7"]


def test_what_was_not_adopted_is_compared_again_with_the_next_edition(session: Session, place: Place) -> None:
    amend(session, place, 梳理政务=True, 建立企业=True)
    third = SECOND.replace("某政发〔2026〕20号", "某政发〔2026〕30号")
    opened(session, place, third, at(5, 6))
    asked = {(c.change.new or c.change.old).text[:2]: c for c in changes(session, place.document_id) if c.asked}  # type: ignore[union-attr]
    assert set(asked) == {"梳理", "建立"}
    old = asked["梳理"].change.old
    assert old is not None
    assert old.edition.number == 1
    answer(session, place, at(5, 6))
    done = apply(session, place, at(5, 6))
    assert (done.tasks, done.amended) == (1, 1)
    assert [e.number for e in editions_of(session, place.document_id)] == [3, 2, 1]
    assert [m.due_on for m in clocks(session, duty(session, place, "梳理", "gxj").id)] == [date(2026, 8, 31)]


def test_an_earlier_end_takes_the_later_periods_away(session: Session, place: Place) -> None:
    it = duty(session, place, "每月", "czj")
    opened(session, place, SECOND.replace("每季度末", "每月25日"), at(3, 24), expires_on="2026-04-10")
    answer(session, place, at(3, 24))
    apply(session, place, at(3, 24))
    assert [(m.due_on, m.cancelled_at is None) for m in clocks(session, it.id)] == [
        (date(2026, 3, 25), True),
        (date(2026, 4, 25), False),
    ]
    assert session.get_one(Document, place.document_id).expires_on == date(2026, 4, 10)


def test_a_restored_duty_gets_no_date_of_a_superseded_text_back(session: Session, place: Place) -> None:
    world = place.world
    amend(session, place, now=at(3, 24))
    it = duty(session, place, "每季", "czj")
    roster.revoke(begin(session, world.actor("supervisor"), at(3, 25)), it, "试")
    roster.restore(begin(session, world.actor("supervisor"), at(3, 25)), duty(session, place, "每季", "czj"), "回")
    live = [m.due_on for m in clocks(session, it.id) if m.cancelled_at is None]
    assert date(2026, 4, 25) not in live
    assert date(2026, 3, 31) in live


def test_facts_of_the_new_edition_are_corrected_without_touching_the_document(session: Session, place: Place) -> None:
    edition = opened(session, place)
    set_facts(
        begin(session, place.world.actor("supervisor"), LATER),
        edition,
        title="新的标题",
        doc_no="某政发〔2026〕21号",
        issued_on=date(2026, 3, 21),
        effective_on=None,
        expires_on=None,
        version=edition.version,
    )
    document = session.get_one(Document, place.document_id)
    assert (edition.title, document.title) == ("新的标题", "某市优化政务服务若干措施")
    with pytest.raises(Refused, match="已发布"):
        set_facts(
            begin(session, place.world.actor("supervisor"), LATER),
            document,
            title="x",
            doc_no=None,
            issued_on=None,
            effective_on=None,
            expires_on=None,
        )


def test_nothing_of_the_text_that_was_published_can_be_confirmed_again(session: Session, place: Place) -> None:
    opened(session, place)
    first = session.scalars(
        select(Measure.id).join(Edition).where(Edition.document_id == place.document_id, Edition.number == 1)
    ).first()
    measure = drafts.find_measure(session, place.world.actor("supervisor"), first or 0)
    assert measure is not None
    wanted = MeasureInput("改", True)
    with pytest.raises(Refused, match="已发布"):
        confirmation.correct_measure(begin(session, place.world.actor("supervisor"), LATER), measure, wanted)


def test_a_limit_counted_from_the_documents_issue_is_a_change_where_the_day_is_another(
    session: Session, world: World
) -> None:
    text = FIRST.replace("2026年6月底前向社会公布", "自本措施印发之日起30个工作日内向社会公布")
    place = Place(world, amended.publish_first(session, world, text).id)
    opened(session, place, text.replace("7号", "8号"), now=NOW + timedelta(days=1))
    asked = [c for c in changes(session, place.document_id) if c.asked]
    assert [c.change.kind for c in asked] == [ChangeKind.SAME]
    answer(session, place)
    apply(session, place)
    (clock,) = clocks(session, duty(session, place, "梳理", "gxj").id)
    first, second = dates(session, clock.id)
    assert first.due_on is not None
    assert second.due_on is not None
    assert second.due_on > first.due_on


def test_an_end_of_the_measure_itself_takes_its_later_periods_away(session: Session, place: Place) -> None:
    it = duty(session, place, "每月", "czj")
    text = SECOND.replace("每季度末，通报窗口办件情况。", "每月25日，通报窗口办件情况，有效期至2026年4月10日。")
    amend(session, place, text, now=at(3, 24))
    assert [(m.due_on, m.cancelled_at is None) for m in clocks(session, it.id)] == [
        (date(2026, 3, 25), True),
        (date(2026, 4, 25), False),
    ]


def test_two_measures_that_change_places_exchange_their_numbers(session: Session, place: Place) -> None:
    lines = {n: next(x for x in FIRST.splitlines() if x.startswith(f"{n}.")) for n in (1, 2)}
    text = FIRST.replace(lines[1], "首项").replace(lines[2], "2." + lines[1][2:]).replace("首项", "1." + lines[2][2:])
    done = amend(session, place, text)
    assert (done.tasks, done.duties, done.revoked, done.dates) == (0, 0, 0, 0)
    rows = session.scalars(select(Task).where(Task.document_id == place.document_id).order_by(Task.ordinal)).all()
    assert [(t.key, t.title[:2]) for t in rows[:2]] == [("1", "对企"), ("2", "梳理")]


def test_a_measure_marked_as_no_task_any_more_ends_its_duties(session: Session, place: Place) -> None:
    edition = opened(session, place)
    next(m for m in edition.measures if m.text.startswith("完善")).is_task = False
    session.flush()
    assert next(c for c in changes(session, place.document_id) if c.task == (True, False) and c.change.new).asked
    answer(session, place)
    apply(session, place)
    assert duty(session, place, "完善", "czj").state is State.REVOKED


def test_of_several_responsibility_items_each_goes_its_own_way(session: Session, world: World) -> None:
    two = "7.完善好差评制度。（市财政局负责）差评件全部整改，2026年9月底前见效。（市教育局负责）"
    first = FIRST.replace("7.完善好差评制度，差评件全部整改。（责任单位：市财政局）", two)
    place = Place(world, amended.publish_first(session, world, first).id)
    before = {t.key: t.id for t in amended_tasks(session, place)}
    assert {"7-1", "7-2"} <= set(before)
    amend(session, place, first.replace("7号", "8号").replace("完善好差评制度。（市财政局负责）", ""))
    states = {t.id: [d.state for d in t.duties] for t in amended_tasks(session, place)}
    assert states[before["7-1"]] == [State.REVOKED]
    assert states[before["7-2"]] == [State.ASSIGNED]


def amended_tasks(session: Session, place: Place) -> list[Task]:
    session.flush()
    session.expire_all()
    return amendments.tasks_of(session, place.document_id)


def test_a_completed_task_opens_again_for_a_new_lead_and_not_for_a_supporting_unit(
    session: Session, place: Place
) -> None:
    world, it = place.world, duty(session, place, "梳理", "gxj")
    progress.acknowledge(begin(session, world.actor("lead"), NOW), it)
    progress.submit(begin(session, world.actor("lead"), NOW), it, text="已公布")
    progress.complete(begin(session, world.actor("supervisor"), NOW), it, "同意")
    (clock,) = clocks(session, it.id)
    amend(session, place)  # another supporting unit, another date
    task = amended.task(session, place.document_id, "梳理")
    assert task.completed_at == NOW
    assert {d.unit_id for d in task.duties} == {world.units["gxj"].id, world.units["czj"].id}
    (after,) = clocks(session, it.id)
    assert (after.due_on, after.version, after.met_at) == (clock.due_on, 1, NOW)
    third = SECOND.replace("20号", "30号").replace("牵头单位：市工信局", "牵头单位：市工信局、市减负办")
    opened(session, place, third, at(5, 6))
    answer(session, place, at(5, 6))
    apply(session, place, at(5, 6))
    task = amended.task(session, place.document_id, "梳理")
    assert task.completed_at is None
    assert duty(session, place, "梳理", "gxj").state is State.COMPLETED
    assert [m.due_on for m in clocks(session, duty(session, place, "梳理", "jfb").id)] == [date(2026, 8, 31)]


def test_a_date_that_changes_under_review_stays_under_review(session: Session, place: Place) -> None:
    world, it = place.world, duty(session, place, "梳理", "gxj")
    progress.acknowledge(begin(session, world.actor("lead"), NOW), it)
    progress.submit(begin(session, world.actor("lead"), NOW), it, text="已公布")
    amend(session, place)
    (clock,) = clocks(session, it.id)
    assert (clock.due_on, clock.submitted_at) == (date(2026, 8, 31), NOW)
    progress.send_back(begin(session, world.actor("supervisor"), LATER), duty(session, place, "梳理", "gxj"), "再改")
    assert [m.submitted_at for m in clocks(session, it.id)] == [None]
