"""Each time limit that waits for an event has one case type: made of it at publication, or taken by the supervisor."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.kit.world import NOW, World, confirm_all
from tracker.clock.rules import CountUnit, Kind, Sense
from tracker.services.case_types.limits import agreeing, guess_kind, make_from_rule, offers_for, take, waits_for_event
from tracker.services.case_types.steps import LimitInput, StepInput, TypeInput
from tracker.services.case_types.versions import create_type, retire_type
from tracker.services.core.act import begin
from tracker.services.core.errors import Refused
from tracker.services.documents import publication
from tracker.store.case_types.versions import find_rule, find_type_version
from tracker.store.core.engine import Database
from tracker.store.documents.drafts import working_edition
from tracker.store.models import (
    AuditEntry,
    Bound,
    CaseType,
    CaseTypeVersion,
    DeadlineRule,
    Document,
    DocumentState,
    Party,
    Starts,
    StepKind,
)


def rule_at(session: Session, world: World, trigger: str, who: str = "supervisor") -> DeadlineRule:
    """Return one of the document's time limits as the verb needs it."""
    wanted = select(DeadlineRule.id).where(DeadlineRule.trigger == trigger, DeadlineRule.item_id.is_not(None))
    found = find_rule(session, world.actor(who), session.scalars(wanted).one())
    assert found is not None
    return found


def newest(session: Session, world: World, made: CaseType) -> CaseTypeVersion:
    session.flush()
    session.expire_all()
    found = find_type_version(session, world.actor("supervisor"), made.id)
    assert found is not None
    return found


def verbs(session: Session) -> list[str]:
    query = select(AuditEntry.verb).where(AuditEntry.subject == "case_type").order_by(AuditEntry.id)
    return list(session.scalars(query))


# --- Made ------------------------------------------------------------------------------------------------------------


def test_a_time_limit_becomes_a_type_once(draft: World, session: Session) -> None:
    rule, boss = rule_at(session, draft, "正式受理"), draft.actor("supervisor")
    made = make_from_rule(begin(session, boss, NOW), rule)
    again = make_from_rule(begin(session, draft.actor("supervisor2"), NOW), rule)
    assert made.id == again.id
    assert (made.document_id, made.measure_key, made.jurisdiction_id) == (
        draft.document.id,
        "一.2",
        draft.jurisdiction.id,
    )
    version = newest(session, draft, made)
    assert (version.event, version.type.name) == ("正式受理", "转办（一.2）")
    (only,) = version.steps
    assert (only.kind, only.name, only.starts, only.bound) == (StepKind.REFER, "转办", Starts.EVENT, Bound.HANDLER)
    copy = only.rule
    assert copy is not None
    assert copy.id != rule.id
    assert (copy.item_id, copy.quote, copy.amount, copy.unit) == (
        None,
        "自正式受理之日起3个工作日内",
        3,
        CountUnit.WORKDAY,
    )
    assert (rule_at(session, draft, "正式受理").case_type_id, verbs(session)) == (made.id, ["case_type.from_rule"])


def test_an_extension_in_another_unit_than_the_limits_is_left_to_who_revises_the_type(
    draft: World, session: Session
) -> None:
    rule = rule_at(session, draft, "正式受理")
    rule.extend_amount, rule.extend_unit = 2, CountUnit.MONTH
    version = newest(session, draft, make_from_rule(begin(session, draft.actor("supervisor"), NOW), rule))
    (only,) = version.steps
    assert only.rule is not None
    assert (only.rule.amount, only.rule.extend_amount, only.rule.extend_unit) == (3, None, None)
    assert "“3个工作日内，经批准可延长至2个月”，延期与时限的单位不同，没有带入" in (version.note or "")


def test_pressed_by_two_at_once_it_is_made_once(draft: World, database: Database) -> None:
    def press(who: str) -> int:
        with database.write() as session:
            made = make_from_rule(begin(session, draft.actor(who), NOW), rule_at(session, draft, "正式受理"))
            session.commit()
            return made.id

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(press, ["supervisor", "supervisor2"] * 4))
    assert len(made) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(CaseTypeVersion)) == 1
        assert verbs(session) == ["case_type.from_rule"]


def test_another_partys_limit_and_a_waiting_period_keep_their_sense(draft: World, session: Session) -> None:
    boss = draft.actor("supervisor")
    watch = newest(
        session, draft, make_from_rule(begin(session, boss, NOW), rule_at(session, draft, "接到返还申请"))
    ).steps[0]
    assert watch.rule is not None
    assert (watch.kind, watch.bound, watch.rule.party) == (StepKind.VERIFY, Bound.OTHER, Party.OTHER)
    wait = newest(session, draft, make_from_rule(begin(session, boss, NOW), rule_at(session, draft, "公示"))).steps[0]
    assert wait.rule is not None
    assert (wait.kind, wait.rule.sense, wait.rule.amount) == (StepKind.CLAIM, Sense.NOT_BEFORE, 30)


def test_a_draft_has_its_type_made_at_once_and_a_filed_document_none(draft: World, session: Session) -> None:
    boss = draft.actor("supervisor")
    made = make_from_rule(begin(session, boss, NOW), rule_at(session, draft, "正式受理"))
    assert made.measure_key == "一.2"
    rule = rule_at(session, draft, "正式受理")
    rule.amount = 5  # corrected afterwards: still the same type, not a second one, and it follows
    assert make_from_rule(begin(session, boss, NOW), rule).id == made.id
    version = newest(session, draft, made)
    assert (version.number, [s.rule.amount for s in version.steps if s.rule]) == (2, [5])
    session.get_one(Document, draft.document.id).state = DocumentState.WITHDRAWN
    with pytest.raises(Refused, match="归档"):
        make_from_rule(begin(session, boss, NOW), rule_at(session, draft, "公示"))


def test_only_a_limit_that_waits_for_an_event_becomes_a_type(draft: World, session: Session) -> None:
    rule = rule_at(session, draft, "正式受理")
    rule.trigger = "文件印发"
    with pytest.raises(Refused, match="从某个事件起算"):
        make_from_rule(begin(session, draft.actor("supervisor"), NOW), rule)
    monthly = session.scalars(select(DeadlineRule.id).where(DeadlineRule.kind == Kind.RECURRING)).one()
    found = find_rule(session, draft.actor("supervisor"), monthly)
    assert found is not None
    with pytest.raises(Refused, match="从某个事件起算"):
        make_from_rule(begin(session, draft.actor("supervisor"), NOW), found)


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        ("转办处理", StepKind.REFER), ("核实", StepKind.VERIFY), ("初审和复审", StepKind.VERIFY),
        ("退还保证金", StepKind.REFUND), ("返还", StepKind.REFUND), ("公示名单", StepKind.PUBLICISE),
        ("书面答复", StepKind.ANSWER), ("办结", StepKind.HANDLE), (None, StepKind.HANDLE),
    ],
)  # fmt: skip
def test_the_act_says_what_kind_of_step_it_is(act: str | None, kind: StepKind) -> None:
    assert guess_kind(DeadlineRule(act=act, sense=Sense.WITHIN)) is kind


def test_a_limit_without_an_act_is_called_by_its_printed_words(draft: World, session: Session) -> None:
    rule = rule_at(session, draft, "正式受理")
    rule.act = None
    made = make_from_rule(begin(session, draft.actor("supervisor"), NOW), rule)
    assert made.name == "自正式受理之日起3个工作日内（一.2）"
    assert [step.name for step in newest(session, draft, made).steps] == ["办理"]


# --- At publication --------------------------------------------------------------------------------------------------


def test_publication_makes_a_type_of_one_step_of_every_limit_that_waits(world: World, session: Session) -> None:
    of_items = select(DeadlineRule).where(DeadlineRule.item_id.is_not(None))
    rules = session.scalars(of_items.order_by(DeadlineRule.id)).all()
    waiting = {r.trigger: r.case_type_id for r in rules if waits_for_event(r)}
    assert list(waiting) == ["正式受理", "接到返还申请", "公示"]
    assert {r.case_type_id for r in rules if not waits_for_event(r)} == {None}
    kinds = {t.id: t for t in session.scalars(select(CaseType))}
    assert sorted(kinds) == sorted(waiting.values())
    assert [kinds[key or 0].measure_key for key in waiting.values()] == ["一.2", "一.4", "一.6"]
    assert verbs(session) == ["case_type.from_rule"] * 3
    steps = [newest(session, world, kind).steps for kind in kinds.values()]
    assert [(s.kind, s.bound) for (s,) in steps] == [
        (StepKind.REFER, Bound.HANDLER), (StepKind.VERIFY, Bound.OTHER), (StepKind.CLAIM, Bound.HANDLER),
    ]  # fmt: skip


def test_a_type_made_in_the_draft_is_not_made_again_and_says_what_was_corrected_since(
    draft: World, session: Session
) -> None:
    boss = draft.actor("supervisor")
    made = make_from_rule(begin(session, boss, NOW), rule_at(session, draft, "正式受理"))
    rule_at(session, draft, "正式受理").amount = 5
    publish(session, draft)
    version = newest(session, draft, made)
    assert (rule_at(session, draft, "正式受理").case_type_id, version.number) == (made.id, 2)
    assert session.scalar(select(func.count()).select_from(CaseType)) == 3


def test_a_taken_type_that_went_out_of_use_gives_way_to_one_of_its_own(draft: World, session: Session) -> None:
    of, boss = complaint(session, draft), draft.actor("supervisor")
    take(begin(session, boss, NOW), rule_at(session, draft, "正式受理"), of)
    retire_type(begin(session, boss, NOW), of.type)
    publish(session, draft)
    own = session.get_one(CaseType, rule_at(session, draft, "正式受理").case_type_id)
    assert (own.document_id, own.active) == (draft.document.id, True)


def test_a_type_made_in_the_draft_of_a_limit_that_is_gone_is_not_in_use(draft: World, session: Session) -> None:
    made = make_from_rule(begin(session, draft.actor("supervisor"), NOW), rule_at(session, draft, "接到返还申请"))
    rule = rule_at(session, draft, "接到返还申请")
    rule.item.rules.remove(rule)
    publish(session, draft)
    assert session.get_one(CaseType, made.id).active is False


# --- Taken -----------------------------------------------------------------------------------------------------------

WORKDAYS = LimitInput(amount=3, unit=CountUnit.WORKDAY)
LAW = LimitInput(amount=10, unit=CountUnit.WORKDAY, article="保障中小企业款项支付条例 25")
ACCEPT = StepInput("accept", "受理", StepKind.ACCEPT)
REFER = StepInput("refer", "转办", StepKind.REFER, Starts.ACCEPTED, limit=WORKDAYS, statute=LAW)
COMPLAINT = TypeInput("拖欠账款投诉", "收到投诉", (ACCEPT, REFER), "按条例")


def complaint(session: Session, world: World, given: TypeInput = COMPLAINT) -> CaseTypeVersion:
    made = create_type(begin(session, world.actor("supervisor"), NOW), world.jurisdiction.id, given)
    return newest(session, world, made)


def publish(session: Session, world: World) -> None:
    session.flush()
    session.expire_all()
    confirm_all(session, world)
    edition = working_edition(session, world.document.id)
    publication.publish(begin(session, world.actor("supervisor"), NOW), edition)
    session.flush()
    session.expire_all()


def test_a_type_that_counts_the_same_event_by_the_same_limit_is_offered_with_the_law_beside_it(
    draft: World, session: Session
) -> None:
    of = complaint(session, draft)
    rules = [rule_at(session, draft, trigger) for trigger in ("正式受理", "接到返还申请")]
    offered = offers_for(session, rules, draft.jurisdiction.id)
    assert [(t.version.id, t.words) for t in offered[rules[0].id]] == [(of.id, "转办 3个工作日内，法定 10个工作日内")]
    assert offered[rules[1].id] == []


@pytest.mark.parametrize(
    ("event", "limit", "bound", "agrees"),
    [
        ("接到申请", LimitInput(amount=14, unit=CountUnit.DAY), Bound.OTHER, True),  # 接到返还申请 with words left out
        ("接到返还申请", LimitInput(amount=14, unit=CountUnit.DAY), Bound.OTHER, True),
        ("接到返还申请", LimitInput(amount=14, unit=CountUnit.DAY), Bound.HANDLER, False),  # another's clock
        ("接到返还申请", LimitInput(amount=14, unit=CountUnit.WORKDAY), Bound.OTHER, False),
        ("接到返还申请", LimitInput(amount=13, unit=CountUnit.DAY), Bound.OTHER, False),
        ("申请接到", LimitInput(amount=14, unit=CountUnit.DAY), Bound.OTHER, False),
        ("收到投诉", LimitInput(amount=14, unit=CountUnit.DAY), Bound.OTHER, False),
    ],
)
def test_event_limit_and_party_agree_or_it_is_another_type(
    draft: World, session: Session, event: str, limit: LimitInput, bound: Bound, agrees: bool
) -> None:
    given = TypeInput("返还", event, (StepInput("verify", "核实", StepKind.VERIFY, bound=bound, limit=limit),), "")
    of = complaint(session, draft, given)
    assert bool(agreeing(rule_at(session, draft, "接到返还申请"), [of])) is agrees


def test_a_limit_that_took_a_type_gets_none_of_its_own(draft: World, session: Session) -> None:
    of = complaint(session, draft)
    take(begin(session, draft.actor("supervisor"), NOW), rule_at(session, draft, "正式受理"), of)
    publish(session, draft)
    assert rule_at(session, draft, "正式受理").case_type_id == of.type_id
    keys = session.scalars(select(CaseType.measure_key).where(CaseType.document_id.is_not(None)).order_by(CaseType.id))
    assert keys.all() == ["一.4", "一.6"]
    assert verbs(session).count("case_type.take") == 1


def test_one_event_is_never_counted_by_two(world: World, session: Session) -> None:
    """Its own type goes out of use when another is taken, and comes back when that is left again."""
    of, boss = complaint(session, world), world.actor("supervisor")
    rule = rule_at(session, world, "正式受理")
    own = rule.case_type_id
    take(begin(session, boss, NOW), rule, of)
    session.flush()
    session.expire_all()
    assert session.get_one(CaseType, own).active is False
    assert (rule_at(session, world, "正式受理").case_type_id, session.get_one(CaseType, of.type_id).active) == (
        of.type_id,
        True,
    )
    assert make_from_rule(begin(session, boss, NOW), rule_at(session, world, "正式受理")).id == own
    assert session.get_one(CaseType, own).active is True
    assert verbs(session)[-3:] == ["case_type.take", "case_type.retire", "case_type.restore"]


def test_a_type_of_other_limits_or_out_of_use_is_not_taken(world: World, session: Session) -> None:
    boss = world.actor("supervisor")
    of = complaint(session, world)
    with pytest.raises(Refused, match="不能沿用"):
        take(begin(session, boss, NOW), rule_at(session, world, "公示"), of)
    retire_type(begin(session, boss, NOW), of.type)
    session.flush()
    of = newest(session, world, of.type)
    rule = rule_at(session, world, "正式受理")
    assert offers_for(session, [rule], world.jurisdiction.id) == {rule.id: []}
    with pytest.raises(Refused, match="在用"):
        take(begin(session, boss, NOW), rule_at(session, world, "正式受理"), of)
