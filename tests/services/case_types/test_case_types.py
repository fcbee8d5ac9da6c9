"""Case types: checked in plain words, versioned, shipped for every place."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

import config
from tests.kit.world import NOW, World
from tests.services.case_types.test_limits import rule_at
from tests.web.conftest import settle_foreigner
from tracker.clock.calendar import national
from tracker.clock.rules import CountUnit, Sense
from tracker.now import SHANGHAI
from tracker.services.case_types import limits
from tracker.services.case_types.seeds import seed_case_types, shipped
from tracker.services.case_types.steps import LimitInput, StepInput, TypeInput, input_of, limit_words, rows_of
from tracker.services.case_types.trial import Tried, try_out
from tracker.services.case_types.versions import (
    create_type,
    restore_type,
    retire_type,
    revise_type,
)
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.demo.seeding import read_seeds, seed_registry
from tracker.store.case_types.versions import (
    TypeRow,
    find_rule,
    find_type_version,
    list_types,
    steps_for,
    usable_types,
    variants_of,
    versions_of,
)
from tracker.store.core.actors import SYSTEM, Actor
from tracker.store.core.engine import Database
from tracker.store.models import (
    AuditEntry,
    Bound,
    Case,
    CaseStep,
    CaseType,
    CaseTypeStep,
    CaseTypeVersion,
    DeadlineRule,
    Jurisdiction,
    Party,
    Starts,
    StepKind,
)

ROOT = config.ROOT
SHIPPED = {seed["code"]: seed for seed in read_seeds(ROOT / "seeds" / "case-types")}
THREE = LimitInput(amount=3, unit=CountUnit.WORKDAY, article="某政发〔2026〕5号 一.2")
THIRTY = LimitInput(amount=30, unit=CountUnit.DAY, extend_amount=90, extend_unit=CountUnit.DAY)
TEN = LimitInput(amount=10, unit=CountUnit.WORKDAY, article="保障中小企业款项支付条例 25")

ACCEPT = StepInput("accept", "受理", StepKind.ACCEPT)
REFER = StepInput("refer", "转办", StepKind.REFER, Starts.ACCEPTED, limit=THREE, statute=TEN)
HANDLE = StepInput("handle", "处理", StepKind.HANDLE, Starts.AFTER, "refer", Bound.REFERRED, limit=THIRTY)
LETTER = StepInput("letter", "督办书", StepKind.LETTER, Starts.LATE, "handle", optional=True)
COMPLAINT = TypeInput("账款投诉", "收到投诉", (ACCEPT, REFER, HANDLE, LETTER), "按条例")


def create(session: Session, world: World, who: str = "supervisor", given: TypeInput = COMPLAINT) -> CaseType:
    made = create_type(begin(session, world.actor(who), NOW), world.jurisdiction.id, given)
    session.flush()
    return made


def newest(session: Session, world: World, made: CaseType, who: str = "supervisor") -> CaseTypeVersion:
    session.flush()
    session.expire_all()
    found = find_type_version(session, world.actor(who), made.id)
    assert found is not None
    return found


def usable(session: Session, who: Actor) -> list[CaseTypeVersion]:
    """Return what an actor may choose from, of types of no document."""
    return [v for v in usable_types(session, who) if v.type.document_id is None]


def listed(session: Session, who: Actor) -> list[TypeRow]:
    return [row for row in list_types(session, who) if row.type.document_id is None]


def verbs(session: Session) -> list[str]:
    """Return what was done to types of no document."""
    of_none = select(AuditEntry.verb).where(AuditEntry.subject == "case_type", AuditEntry.document_id.is_(None))
    query = of_none.order_by(AuditEntry.id)
    return list(session.scalars(query))


# --- Making -----------------------------------------------------------------------------------------------------------


def test_a_type_is_made_with_its_steps_limits_and_the_statutes(world: World, session: Session) -> None:
    version = newest(session, world, create(session, world))
    assert (version.number, version.event, version.note) == (1, "收到投诉", "按条例")
    accept, refer, handle, letter = version.steps
    assert (accept.rule, accept.starts) == (None, Starts.EVENT)
    assert refer.rule is not None
    assert refer.statute_rule is not None
    assert (refer.rule.amount, refer.rule.unit, refer.rule.trigger, refer.rule.item_id) == (
        3,
        CountUnit.WORKDAY,
        "正式受理",
        None,
    )
    assert (refer.statute_rule.amount, refer.statute_rule.article) == (10, "保障中小企业款项支付条例 25")
    assert handle.rule is not None
    assert (handle.rule.extend_amount, handle.rule.trigger, handle.after_key) == (90, "转办", "refer")
    assert limit_words(handle.rule) == "30日内，经批准可延长至90日"
    assert (letter.rule, letter.optional, letter.starts) == (None, True, Starts.LATE)
    assert verbs(session) == ["case_type.create"]


@pytest.mark.parametrize("who", ["lead", "support", "head", "county", "stranger", "leader", "administrator", "auditor"])
def test_only_a_supervisor_of_the_place_keeps_its_types(world: World, session: Session, who: str) -> None:
    made = create(session, world)
    version = newest(session, world, made)
    with pytest.raises(NotPermitted):
        create(session, world, who)
    with pytest.raises(NotPermitted):
        revise_type(begin(session, world.actor(who), NOW), version, replace(COMPLAINT, name="改", note="改"))
    with pytest.raises(NotPermitted):
        retire_type(begin(session, world.actor(who), NOW), version.type)
    with pytest.raises(NotPermitted):
        restore_type(begin(session, world.actor(who), NOW), version.type)
    with pytest.raises(NotPermitted):
        limits.make_from_rule(begin(session, world.actor(who), NOW), rule_at(session, world, "正式受理"))
    with pytest.raises(NotPermitted):
        limits.take(begin(session, world.actor(who), NOW), rule_at(session, world, "正式受理"), version)
    assert verbs(session) == ["case_type.create"]


def test_a_supervisor_of_another_place_neither_sees_nor_changes_them(world: World, database: Database) -> None:
    settle_foreigner(database, world)
    with database.write() as session:
        made = create(session, world)
        version = newest(session, world, made)
        assert find_type_version(session, world.actor("foreigner"), made.id) is None
        assert listed(session, world.actor("foreigner")) == []
        assert usable(session, world.actor("foreigner")) == []
        assert find_rule(session, world.actor("foreigner"), rule_at(session, world, "正式受理").id) is None
        for act in (
            lambda who: create_type(begin(session, who, NOW), world.jurisdiction.id, COMPLAINT),
            lambda who: revise_type(begin(session, who, NOW), version, replace(COMPLAINT, name="改", note="改")),
            lambda who: retire_type(begin(session, who, NOW), version.type),
            lambda who: limits.make_from_rule(begin(session, who, NOW), rule_at(session, world, "正式受理")),
        ):
            with pytest.raises(NotPermitted):
                act(world.actor("foreigner"))


def step(key: str, kind: StepKind = StepKind.HANDLE, **more: Any) -> StepInput:
    return StepInput(key, more.pop("name", key), kind, **more)


def within(amount: int | None, unit: CountUnit | None = CountUnit.DAY, **more: Any) -> LimitInput:
    return LimitInput(amount=amount, unit=unit, **more)


AFTER, LATE = Starts.AFTER, Starts.LATE
EVERY_THREE = LimitInput(rrule="FREQ=DAILY;INTERVAL=3")
WAIT = within(30, sense=Sense.NOT_BEFORE)

WRONG: list[tuple[tuple[StepInput, ...], str]] = [
    ((), "至少写一个步骤"),
    ((step("a"), step("a")), "代号重复"),
    ((step("A"),), "小写字母"),
    ((step("a", name=" "),), "每个步骤的名称"),
    ((step("a", name="很" * 61),), "太长"),
    ((step("a", variant="类" * 41),), "适用情形请不超过"),
    ((step("a", starts=AFTER),), "写明在哪一步之后"),
    ((step("a", limit=within(1)), step("b", starts=LATE)), "写明在哪一步之后"),
    ((step("a", starts=AFTER, after_key="x"),), "不在这个类型里"),
    ((step("a", starts=AFTER, after_key="a"),), "不在这个类型里"),
    ((step("a", starts=AFTER, after_key="b"), step("b", starts=AFTER, after_key="a")), "绕了一圈"),
    ((step("a", variant="甲"), step("b", starts=AFTER, after_key="a")), "同样的适用情形"),
    ((step("a"), step("b", starts=LATE, after_key="a")), "没有时限，不会逾期"),
    ((step("a", bound=Bound.REFERRED),), "前面要先有一步转办"),
    ((step("a", bound=Bound.REFERRED), step("b", StepKind.REFER)), "前面要先有一步转办"),
    ((step("a", StepKind.REFER, variant="甲"), step("b", bound=Bound.REFERRED)), "前面要先有一步转办"),
    ((step("a", StepKind.PROGRESS),), "请写明周期"),
    ((step("a", StepKind.PROGRESS, limit=within(3)),), "请写明周期"),
    ((step("a", StepKind.PROGRESS, limit=LimitInput(rrule="FREQ=HOURLY")),), "无法计算"),
    ((step("a", limit=EVERY_THREE),), "只有“反馈进展”可以按周期"),
    ((step("a", limit=WAIT),), "期满后方可"),
    ((step("p", StepKind.PUBLICISE), step("c", StepKind.CLAIM, starts=AFTER, after_key="p")), "公示满多少日"),
    (
        (step("p", StepKind.PUBLICISE), step("c", StepKind.CLAIM, starts=AFTER, after_key="p", limit=within(30))),
        "公示满多少日",
    ),
    ((step("a", limit=within(None)),), "时限的数量和单位"),
    ((step("a", limit=within(3, None)),), "时限的数量和单位"),
    ((step("a", limit=within(-1)),), "无法计算"),
    ((step("a", limit=within(999_999)),), "无法计算"),
    ((step("a", limit=within(3, article="条" * 201)),), "依据请不超过"),
    ((step("a", statute=within(None)),), "法定时限的数量和单位"),
    ((step("a", statute=within(999_999)),), "无法计算"),
    ((step("a", limit=within(30), statute=within(20)),), "不能长于法定时限"),
    ((step("a", StepKind.CLAIM, limit=WAIT, statute=within(20)),), "法定时限只能写成"),
    ((step("a", limit=within(30, extend_amount=20, extend_unit=CountUnit.DAY)),), "不能短于原来的时限"),
    ((step("a", limit=within(15, extend_amount=30, extend_unit=CountUnit.WORKDAY)),), "却写成30个工作日内，两者的单位"),
    ((step("a", limit=within(30, extend_amount=3, extend_unit=CountUnit.MONTH)),), "却写成3个月内，两者的单位"),
    ((step("a", limit=within(5), statute=within(9, extend_amount=2, extend_unit=CountUnit.MONTH)),), "两者的单位"),
    ((step("a", limit=within(30, extend_amount=20)),), "可延至的数量和单位"),
    ((step("a", limit=within(30, extend_amount=999_999, extend_unit=CountUnit.DAY)),), "无法计算"),
    (
        (step("a", StepKind.CLAIM, limit=replace(WAIT, extend_amount=60, extend_unit=CountUnit.DAY)),),
        "没有截止日期，不能延期",
    ),
    (tuple(step(f"s{n}") for n in range(41)), "请不超过 40 个"),
    # Acceptance: nobody could do what waits for it.
    ((step("a", starts=Starts.ACCEPTED),), "请先加一步“受理”"),
    ((step("r", StepKind.ACCEPT, variant="甲"), step("a", starts=Starts.ACCEPTED, variant="乙")), "请先加一步“受理”"),
    (
        (step("r", StepKind.ACCEPT, variant="甲"), step("b", variant="乙"), step("a", starts=Starts.ACCEPTED)),
        "请先加一步“受理”",
    ),
    ((step("r", StepKind.ACCEPT, starts=Starts.ACCEPTED),), "绕了一圈"),
    (
        (step("r", StepKind.ACCEPT, starts=AFTER, after_key="a"), step("a", starts=Starts.ACCEPTED)),
        "绕了一圈",
    ),
    # What may never come to its turn cannot be asked for, nor what waits for it.
    (
        (step("a", limit=within(9)), step("b", StepKind.LETTER, starts=LATE, after_key="a")),
        "只在另一步逾期时才办，请勾选“可以不办”",
    ),
    ((step("a"), step("v", StepKind.VISIT, starts=AFTER, after_key="a")), "在办结以后进行，请勾选“可以不办”"),
    ((step("a", optional=True), step("b", starts=AFTER, after_key="a")), "“a”可以不办"),
    ((step("r", StepKind.ACCEPT, optional=True), step("b", starts=Starts.ACCEPTED)), "“r”可以不办"),
    (
        (
            step("a", limit=within(9)),
            step("b", StepKind.LETTER, starts=LATE, after_key="a", optional=True),
            step("c", StepKind.ANSWER, starts=AFTER, after_key="b"),
        ),
        "“b”可以不办。请改接别的步骤",
    ),
    (
        (step("v", StepKind.VISIT, optional=True), step("c", StepKind.ANSWER, starts=AFTER, after_key="v")),
        "“v”可以不办",
    ),
    (
        (step("p", StepKind.PROGRESS, limit=EVERY_THREE), step("c", starts=AFTER, after_key="p")),
        "“p”要一直反馈到本件办结",
    ),
    # What has no end cannot be late.
    (
        (step("a", limit=within(9)), step("b", starts=LATE, after_key="a", optional=True, limit=within(2))),
        "督办书这样的步骤没有期限",
    ),
    (
        (step("a", limit=within(9)), step("b", starts=LATE, after_key="a", optional=True, statute=within(2))),
        "督办书这样的步骤没有期限",
    ),
    ((step("v", StepKind.VISIT, optional=True, limit=within(2)),), "回访没有期限"),
    (
        (step("a", StepKind.CLAIM, limit=WAIT), step("b", starts=LATE, after_key="a", optional=True)),
        "没有时限，不会逾期",
    ),
    (
        (
            step("a", limit=within(9)),
            step("b", starts=LATE, after_key="a", optional=True),
            step("c", starts=LATE, after_key="b", optional=True),
        ),
        "没有时限，不会逾期",
    ),
    # Whom a case is referred to is known once it is referred.
    ((step("r", StepKind.REFER), step("a", bound=Bound.REFERRED)), "接在转办之后"),
    # A waiting period counts from something; a sort's steps follow their own sort's or everybody's.
    ((step("c", StepKind.CLAIM, starts=AFTER, limit=WAIT),), "写明在哪一步之后"),
    ((step("a", variant="甲"), step("a", variant="乙")), "代号重复"),
    ((step("a", variant="甲"), step("b", starts=AFTER, after_key="a", variant="乙")), "同样的适用情形"),
]

RIGHT: list[tuple[StepInput, ...]] = [
    (step("r", StepKind.ACCEPT), step("a", starts=AFTER, after_key="r"), step("b", starts=Starts.ACCEPTED)),
    (
        step("r", StepKind.ACCEPT, variant="甲"),
        step("s", StepKind.ACCEPT, variant="乙"),
        step("a", starts=Starts.ACCEPTED),
    ),
    (step("a", optional=True), step("b", starts=AFTER, after_key="a", optional=True)),
    (step("a", variant=" 甲"), step("b", starts=AFTER, after_key="a", variant="甲 ")),
    (step("r", StepKind.REFER), step("a", starts=AFTER, after_key="r"),
     step("b", starts=AFTER, after_key="a", bound=Bound.REFERRED)),
    (step("c", StepKind.CLAIM, limit=WAIT),),
    (step("a", limit=within(30, extend_amount=90, extend_unit=CountUnit.DAY)),),
]  # fmt: skip


@pytest.mark.parametrize("steps", RIGHT)
def test_what_can_be_run_is_taken(world: World, session: Session, steps: tuple[StepInput, ...]) -> None:
    made = newest(session, world, create(session, world, given=TypeInput("类型", "事件", steps)))
    assert [s.key for s in made.steps] == [s.key for s in steps]


def test_everything_that_is_wrong_is_said_at_once_beside_its_step(world: World, session: Session) -> None:
    steps = (step("a", limit=EVERY_THREE), step("b"), step("v", StepKind.VISIT, limit=within(2)))
    with pytest.raises(Refused) as refused:
        create(session, world, given=TypeInput("类型", "事件", steps))
    assert [fault.field for fault in refused.value.faults] == ["steps-0", "steps-2"]
    assert "只有“反馈进展”可以按周期" in str(refused.value)
    assert "回访没有期限" in str(refused.value)


def test_a_statutes_limit_alone_is_the_limit(world: World, session: Session) -> None:
    version = newest(session, world, create(session, world, given=TypeInput("类型", "事件", (step("a", statute=TEN),))))
    (made,) = version.steps
    assert made.rule is not None
    assert (made.rule.amount, made.rule.unit, made.rule.article) == (10, CountUnit.WORKDAY, TEN.article)
    assert made.statute_rule is None
    with pytest.raises(Refused, match="没有改动"):
        revise_type(
            begin(session, world.actor("supervisor"), NOW),
            version,
            TypeInput("类型", "事件", (step("a", statute=TEN),), "同样的期限"),
        )


def test_a_version_stored_before_a_rule_was_added_stays_in_use(world: World, session: Session) -> None:
    made = create(session, world)
    version = newest(session, world, made)
    version.steps[3].optional = False  # a letter that is asked for, as it could once be written
    session.flush()
    assert [v.type_id for v in usable(session, world.actor("lead"))] == [made.id]
    assert newest(session, world, made).steps[3].optional is False
    renamed = replace(input_of(version, "改名"), note="改名")
    with pytest.raises(Refused, match="请勾选“可以不办”"):
        revise_type(begin(session, world.actor("supervisor"), NOW), version, renamed)


@pytest.mark.parametrize(("steps", "words"), WRONG)
def test_what_cannot_be_run_is_refused_in_plain_words(
    world: World, session: Session, steps: tuple[StepInput, ...], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        create(session, world, given=TypeInput("类型", "事件", steps))
    assert session.scalar(select(func.count()).select_from(CaseType).where(CaseType.document_id.is_(None))) == 0


@pytest.mark.parametrize("wrong", [{"name": " "}, {"name": "长" * 61}, {"event": ""}, {"note": "长" * 501}])
def test_a_type_needs_a_short_name_and_an_event(world: World, session: Session, wrong: dict[str, str]) -> None:
    with pytest.raises(Refused):
        create(session, world, given=replace(COMPLAINT, **wrong))


def test_another_partys_step_is_a_watch_clock(world: World, session: Session) -> None:
    steps = (step("verify", StepKind.VERIFY, bound=Bound.OTHER, limit=within(14), statute=within(14)),)
    (made,) = newest(session, world, create(session, world, given=TypeInput("质保金", "接到返还申请", steps))).steps
    assert made.rule is not None
    assert made.statute_rule is not None
    assert (made.rule.party, made.statute_rule.party) == (Party.OTHER, Party.OTHER)


# --- Revising ---------------------------------------------------------------------------------------------------------


def open_case(session: Session, world: World, version: CaseTypeVersion) -> Case:
    """Open a case from a version, as its rows would stand."""
    case = Case(
        jurisdiction_id=world.jurisdiction.id,
        number="2026-001",
        type_version_id=version.id,
        unit_id=world.units["jfb"].id,
        event=version.event,
        happened_at=NOW,
        happened_on=date(2026, 3, 23),
        reference="XS-1",
        form_key="one",
        opened_by_id=world.people["supervisor"].id,
        opened_at=NOW,
    )
    session.add(case)
    session.flush()
    session.add_all(
        CaseStep(
            case_id=case.id,
            ordinal=s.ordinal,
            key=s.key,
            name=s.name,
            kind=s.kind,
            starts=s.starts,
            after_key=s.after_key,
            bound=s.bound,
            rule_id=s.rule_id,
            statute_rule_id=s.statute_rule_id,
        )
        for s in version.steps
    )
    session.flush()
    return case


def test_a_running_case_keeps_the_version_it_was_opened_from(world: World, session: Session) -> None:
    made = create(session, world)
    first = newest(session, world, made)
    case = open_case(session, world, first)
    shorter = replace(REFER, limit=within(1, CountUnit.WORKDAY))
    revised = replace(COMPLAINT, steps=(ACCEPT, shorter, HANDLE), note="市里改为 1 个工作日")
    second = revise_type(begin(session, world.actor("supervisor"), NOW), first, revised)
    assert (second.number, second.id != first.id) == (2, True)
    session.expire_all()
    kept = session.get_one(Case, case.id)
    assert kept.type_version_id == first.id
    steps = session.scalars(select(CaseStep).where(CaseStep.case_id == case.id).order_by(CaseStep.ordinal)).all()
    assert [s.key for s in steps] == ["accept", "refer", "handle", "letter"]
    assert session.get_one(DeadlineRule, steps[1].rule_id or 0).amount == 3
    now_used = newest(session, world, made)
    assert [s.key for s in now_used.steps] == ["accept", "refer", "handle"]
    assert now_used.steps[1].rule is not None
    assert now_used.steps[1].rule.amount == 1
    told = [(row.version.number, row.by, row.cases) for row in versions_of(session, made.id)]
    assert told == [(2, "supervisor同志", 0), (1, "supervisor同志", 1)]
    assert [row.running for row in listed(session, world.actor("supervisor"))] == [1]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "case_type.revise")).one()
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["number"], entry.after["number"], "市里改为" in (entry.note or "")) == (1, 2, True)


def test_an_old_form_and_an_empty_change_are_refused(world: World, session: Session) -> None:
    made = create(session, world)
    first, boss = newest(session, world, made), world.actor("supervisor")
    with pytest.raises(Refused, match="为什么修改"):
        revise_type(begin(session, boss, NOW), first, replace(COMPLAINT, name="改名", note=" "))
    with pytest.raises(Refused, match="没有改动"):
        revise_type(begin(session, boss, NOW), first, replace(COMPLAINT, note="没有改"))
    shown = first.type.version
    revise_type(begin(session, boss, NOW), first, replace(COMPLAINT, name="改名", note="改名"), shown)
    second = newest(session, world, made)
    assert (second.type.name, second.number) == ("改名", 2)
    with pytest.raises(Stale):
        revise_type(begin(session, boss, NOW), second, replace(COMPLAINT, name="再改", note="再改"), shown)
    with pytest.raises(Stale):
        retire_type(begin(session, boss, NOW), second.type, shown)


def test_a_retired_type_opens_no_cases_until_it_is_restored(world: World, session: Session) -> None:
    made, boss = create(session, world), world.actor("supervisor2")
    assert [v.type_id for v in usable(session, world.actor("lead"))] == [made.id]
    retire_type(begin(session, boss, NOW), newest(session, world, made).type)
    with pytest.raises(Refused, match="停用"):
        retire_type(begin(session, boss, NOW), newest(session, world, made).type)
    assert usable(session, world.actor("lead")) == []
    assert [row.type.active for row in listed(session, world.actor("lead"))] == [False]
    restore_type(begin(session, boss, NOW), newest(session, world, made).type)
    session.flush()
    assert [v.type_id for v in usable(session, world.actor("supervisor"))] == [made.id]
    assert verbs(session) == ["case_type.create", "case_type.retire", "case_type.restore"]


def test_who_may_choose_a_type_and_who_only_reads(world: World, session: Session) -> None:
    made = create(session, world)
    for who in ("lead", "support", "county", "stranger", "supervisor", "supervisor2"):
        (found,) = usable(session, world.actor(who))
        assert [s.rule.amount for s in found.steps if s.rule] == [3, 30]
    for who in ("head", "leader"):
        assert usable(session, world.actor(who)) == []
        assert find_type_version(session, world.actor(who), made.id) is not None
    for who in ("administrator", "auditor"):
        assert find_type_version(session, world.actor(who), made.id) is None


def test_two_who_revise_at_once_do_not_overwrite_each_other(world: World, database: Database) -> None:
    with database.write() as session:
        type_id = create(session, world).id
        session.commit()
    ready = Barrier(2)

    def revise(who: str) -> str:
        with database.read() as session:  # what the form was drawn from
            shown = newest(session, world, session.get_one(CaseType, type_id)).type.version
        ready.wait(30)
        with database.write() as session:
            current = find_type_version(session, world.actor(who), type_id)
            assert current is not None
            try:
                revise_type(
                    begin(session, world.actor(who), NOW), current, replace(COMPLAINT, name=who, note="改"), shown
                )
                session.commit()
            except (Stale, StaleDataError):
                return "stale"
        return who

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(revise, ["supervisor", "supervisor2"]))
    assert "stale" in answers
    with database.read() as session:
        found = find_type_version(session, world.actor("supervisor"), type_id)
        assert found is not None
        assert (found.number, found.type.name) == (2, next(a for a in answers if a != "stale"))


# --- What is shipped --------------------------------------------------------------------------------------------------


def test_every_seeded_place_gets_the_shipped_types_once_and_keeps_what_people_changed(session: Session) -> None:
    places, types = read_seeds(ROOT / "seeds"), list(SHIPPED.values())
    seed_registry(session, NOW, places)
    assert seed_case_types(session, NOW, places, types) == len(places) * len(types)
    changed = session.scalars(select(CaseType).where(CaseType.code == "bid-bond").order_by(CaseType.id)).first()
    assert changed is not None
    changed.name, changed.active = "投标保证金", False
    session.flush()
    assert seed_case_types(session, NOW, places, types) == 0
    session.expire_all()
    assert (changed.name, changed.active) == ("投标保证金", False)
    versions = session.scalars(select(CaseTypeVersion)).all()
    assert {v.number for v in versions} == {1}
    assert (
        len(versions)
        == session.scalar(select(func.count()).select_from(CaseType).where(CaseType.document_id.is_(None)))
        == 24
    )
    by_place = session.execute(select(Jurisdiction.code, func.count()).join(CaseType).group_by(Jurisdiction.code)).all()
    assert {row[1] for row in by_place} == {6}
    assert verbs(session).count("case_type.create") == 24
    assert session.scalar(select(func.count()).where(CaseTypeVersion.created_by_id.is_not(SYSTEM.user_id))) == 0


def tried(code: str, place: str, at: datetime, variant: str | None = None) -> dict[str, Tried]:
    """Return the dates of a shipped type, each step done on its last day, by key."""
    rows = rows_of(shipped(SHIPPED[code], place), None)
    steps = [s for s in rows if s.variant in (None, variant)]
    return {t.step.key: t for t in try_out(steps, at, national())}


ANSHAN, FUKANG, JINING = "210300", "652302", "370800"
MORNING = (9, 0)

# type, place, event, variant, step, due day (its hour) or first day, by which article
DATES: list[tuple[str, str, tuple[int, ...], str | None, str, str]] = [
    # 鞍山 四.2: 3 workdays from Monday 9 February.
    ("payment-complaint", ANSHAN, (2026, 2, 9), None, "refer", "2026-02-12"),
    # 条例 25: 30 days from the referral on the 12th end on Saturday 14 March, so on Monday (民法典 203).
    ("payment-complaint", ANSHAN, (2026, 2, 9), None, "handle", "2026-03-16"),
    ("payment-complaint", ANSHAN, (2026, 2, 9), None, "answer", "2026-03-16"),
    # 条例 25 alone: 10 workdays, with the make-up Saturdays 14 and 28 February and without 15 to 23.
    ("payment-complaint", JINING, (2026, 2, 9), None, "refer", "2026-02-28"),
    ("payment-complaint", JINING, (2026, 2, 9), None, "handle", "2026-03-30"),
    # 招标投标法实施条例 57: the 5th day is 3 October, the first workday after the holiday 8 October.
    ("bid-bond", ANSHAN, (2026, 9, 28), None, "refund", "2026-10-08"),
    # 建质〔2017〕138号 11: the 14th day is 4 May, a holiday; 14 more days from 6 May.
    ("quality-bond", ANSHAN, (2026, 4, 20), None, "verify", "2026-05-06"),
    ("quality-bond", ANSHAN, (2026, 4, 20), None, "refund", "2026-05-20"),
    # 人社部发〔2021〕65号 22 and 鞍山 五.6: thirty full days from 3 March to 1 April; then 5 and 3 workdays past 清明.
    ("wage-bond", ANSHAN, (2026, 3, 2), None, "claim", "2026-04-02 起"),
    ("wage-bond", ANSHAN, (2026, 3, 2), None, "verify", "2026-04-10"),
    ("wage-bond", ANSHAN, (2026, 3, 2), None, "refund", "2026-04-15"),
    # 阜康 31: from Friday 13 February 16:30; 14 February is a make-up workday, 23 February the last of the holiday.
    ("hotline-order", FUKANG, (2026, 2, 13, 16, 30), "咨询类", "consult", "2026-02-14"),
    ("hotline-order", FUKANG, (2026, 2, 13, 16, 30), "求助投诉类", "complaint", "2026-02-24"),
    ("hotline-order", FUKANG, (2026, 2, 13, 16, 30), "紧急情况", "emergency", "2026-02-14"),
    ("hotline-order", FUKANG, (2026, 3, 23, 16, 30), "转派工单", "progress", "2026-03-26"),
    ("hotline-order", FUKANG, (2026, 2, 13, 16, 30), "一般性涉疫诉求", "epidemic", "2026-02-14 16:30"),
    ("hotline-order", FUKANG, (2026, 2, 13, 16, 30), "特别紧急诉求", "epidemic_urgent", "2026-02-13 22:30"),
    ("hotline-order", FUKANG, (2026, 2, 13, 16, 30), "特殊情况", "epidemic_special", "2026-02-13 18:30"),
    # 鞍山市政策措施汇编 一.20: 6 workdays past the May holiday, with its make-up Saturday 9 May.
    ("credit-repair", ANSHAN, (2026, 4, 30), None, "verify", "2026-05-12"),
]


@pytest.mark.parametrize(("code", "place", "at", "variant", "key", "expected"), DATES)
def test_a_shipped_type_gives_the_dates_its_article_gives(
    code: str, place: str, at: tuple[int, ...], variant: str | None, key: str, expected: str
) -> None:
    happened = datetime(*(at if len(at) > 3 else (*at, *MORNING)), tzinfo=SHANGHAI)  # type: ignore[misc,arg-type]
    found = tried(code, place, happened, variant)[key].resolved
    assert found is not None
    if found.earliest_on is not None:
        said = f"{found.earliest_on} 起"
    elif found.due_on is not None:
        said = str(found.due_on)
    else:
        assert found.due_at is not None
        said = f"{found.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    assert said == expected


def test_the_promise_stands_beside_the_law_and_the_longest_extension() -> None:
    found = tried("payment-complaint", ANSHAN, datetime(2026, 2, 9, 9, tzinfo=SHANGHAI))
    statute, longest = found["refer"].statute, found["handle"].longest
    assert statute is not None
    assert longest is not None
    assert (statute.due_on, longest.due_on) == (date(2026, 2, 28), date(2026, 5, 13))  # 条例 25: 10 workdays; 90 days
    assert tried("payment-complaint", JINING, datetime(2026, 2, 9, 9, tzinfo=SHANGHAI))["refer"].statute is None


def test_a_letter_is_offered_when_the_handling_is_late() -> None:
    found = tried("payment-complaint", ANSHAN, datetime(2026, 2, 9, 9, tzinfo=SHANGHAI))
    assert found["letter"].started_at == datetime(2026, 3, 17, tzinfo=SHANGHAI)
    assert found["letter"].resolved is None


def test_each_sort_of_hotline_order_has_its_own_steps() -> None:
    version = CaseTypeVersion(steps=rows_of(shipped(SHIPPED["hotline-order"], FUKANG), None))
    assert variants_of(version) == [
        "咨询类",
        "求助投诉类",
        "紧急情况",
        "转派工单",
        "一般性涉疫诉求",
        "特别紧急诉求",
        "特殊情况",
    ]
    assert [s.key for s in steps_for(version, "转派工单")] == ["progress", "finish", "visit"]
    assert [s.key for s in steps_for(version, None)] == ["visit"]


def test_another_places_promise_is_marked_as_a_model() -> None:
    def cited(place: str, code: str) -> set[str | None]:
        steps: list[CaseTypeStep] = rows_of(shipped(SHIPPED[code], place), None)
        return {s.rule.article for s in steps if s.rule is not None}

    assert cited(FUKANG, "hotline-order") == {"阜康市实施方案 31"}
    assert cited(ANSHAN, "hotline-order") == {"参照阜康市实施方案 31"}
    assert cited(ANSHAN, "credit-repair") == {"鞍山市政策措施汇编 一.20"}
    assert cited(FUKANG, "credit-repair") == {"参照鞍山市政策措施汇编 一.20"}
    assert cited(JINING, "bid-bond") == {"招标投标法实施条例 57"}
