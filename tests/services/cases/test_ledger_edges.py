"""Where the ledger's paths cross: a type of a document, two referrals, a pause before the start, a duty that ends."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.ledger_types import add_type, limit, load_version, step
from tests.kit.world import NOW, World, duty
from tests.services.cases.test_ledger import (
    CALENDAR,
    HANDED,
    HANDLER,
    act,
    clock_of,
    load,
    open_one,
    refer,
    referred,
    types,
)
from tests.services.cases.test_ledger import step as step_of
from tests.services.duties.test_duties import at
from tracker.clock.rules import CountUnit
from tracker.services.case_types.limits import waiting_rules
from tracker.services.cases import conclusion, extensions, pauses, referrals
from tracker.services.core.act import begin
from tracker.services.core.errors import Refused
from tracker.services.deadlines import recalculation
from tracker.services.deadlines.extensions import Wish
from tracker.services.deadlines.shifts import fingerprint
from tracker.services.duties import progress, roster
from tracker.services.editions import corrections
from tracker.store.models import (
    Bound,
    Case,
    CaseType,
    CaseTypeVersion,
    Extension,
    Milestone,
    Referral,
    Satisfaction,
    Starts,
    StepKind,
)
from tracker.store.reminders.conditions import to_sign

__all__ = ["types"]  # the fixture
WHY = {"reason": "听证", "authority": "行政许可法 45"}


def ledger_of_document(session: Session, world: World) -> int:
    """Return the version of the type that publication made of 一.2's time limit."""
    (rule,) = waiting_rules(duty(session, world, "一.2", "gxj").task.item)
    return session.scalars(select(CaseTypeVersion.id).where(CaseTypeVersion.type_id == rule.case_type_id)).one()


@pytest.mark.parametrize(("who", "unit", "in_figures"), [("lead", "gxj", True), ("support", "czj", False)])
def test_a_case_of_a_documents_type_stands_under_its_task_and_in_its_units_duty(
    world: World, session: Session, who: str, unit: str, in_figures: bool
) -> None:
    version_id = ledger_of_document(session, world)
    case = open_one(session, world, version_id, who, unit)
    assert case.task is not None
    assert case.task.key == "一.2"
    assert (case.duty is not None) is in_figures
    (clock,) = session.scalars(select(Milestone).where(Milestone.case_step_id.is_not(None)))
    assert (clock.answering_duty_id is not None) is in_figures
    assert session.get_one(CaseType, load_version(session, version_id).type_id).measure_key == "一.2"


# --- Two referrals ---------------------------------------------------------------------------------------------------


def two_referrals(session: Session, world: World) -> int:
    handed = {"bound": Bound.REFERRED}
    return add_type(
        session,
        world,
        "two",
        "两次转办",
        "收到投诉",
        [
            step("first", "转甲", StepKind.REFER, Starts.EVENT),
            step(
                "a",
                "甲办理",
                StepKind.HANDLE,
                Starts.AFTER,
                after_key="first",
                rule=limit(10, CountUnit.DAY, "转办"),
                **handed,
            ),
            step("second", "转乙", StepKind.REFER, Starts.EVENT),
            step(
                "b",
                "乙办理",
                StepKind.HANDLE,
                Starts.AFTER,
                after_key="second",
                rule=limit(10, CountUnit.DAY, "转办"),
                **handed,
            ),
            step("watch", "跟踪", StepKind.HANDLE, Starts.EVENT, rule=limit(30, CountUnit.DAY, "收到"), **handed),
        ],
    )


def test_a_return_leaves_the_other_units_work_alone(world: World, session: Session) -> None:
    case = open_one(session, world, two_referrals(session, world))
    case = refer(session, world, case, "dxj", name="转甲")
    case = refer(session, world, case, "xxj", name="转乙")
    referrals.send_back(begin(session, world.actor(HANDED), NOW), case, "不属本县")
    case = load(session, world, case)
    other = clock_of(session, case, "乙办理")
    assert (other.cancelled_at, other.unit_id) == (None, world.units["xxj"].id)
    assert step_of(case, "甲办理").started_at is None


def test_what_did_not_begin_with_the_referral_goes_on_at_the_handling_unit_and_with_the_next_referral(
    world: World, session: Session
) -> None:
    case = open_one(session, world, two_referrals(session, world))
    due = clock_of(session, case, "跟踪").due_on
    for to, name in (("dxj", "转甲"), (None, ""), ("xxj", "再次转甲")):
        if to is None:
            referrals.send_back(begin(session, world.actor(HANDED), NOW), case, "不属本县")
            case = load(session, world, case)
        else:
            case = refer(session, world, case, to, name=name)
        clock = clock_of(session, case, "跟踪")
        assert (clock.unit_id, clock.due_on) == (world.units[to or "jfb"].id, due)


def test_whoever_has_done_part_of_it_returns_it_no_more(world: World, session: Session, types: dict[str, int]) -> None:
    case = act(session, world, referred(session, world, types), "处理", "责令付款", HANDED, at(3, 24))
    with pytest.raises(Refused, match="已经办理了“处理”，不能再退回"):
        referrals.send_back(begin(session, world.actor(HANDED), at(3, 25)), case, "不属本县")


def test_the_days_to_object_stand_still_with_the_case(world: World, session: Session, types: dict[str, int]) -> None:
    case = referred(session, world, types)
    pauses.pause_case(begin(session, world.actor("supervisor"), at(3, 24)), case, **WHY)
    case = load(session, world, case)
    pauses.resume_case(begin(session, world.actor(HANDLER), at(4, 10)), case)
    case = load(session, world, case)
    # One of five workdays was gone: the 11th and 12th are a weekend, 13 to 16 April are the other four.
    with pytest.raises(Refused, match="2026年4月16日"):
        referrals.send_back(begin(session, world.actor(HANDED), at(4, 17)), case, "不属本县")
    referrals.send_back(begin(session, world.actor(HANDED), at(4, 16)), case, "不属本县")


# --- Dates -----------------------------------------------------------------------------------------------------------


def test_a_smaller_extension_never_takes_back_a_larger_one(
    world: World, session: Session, types: dict[str, int]
) -> None:
    case, handed = referred(session, world, types), world.actor(HANDED)
    asked = extensions.ask_extension(begin(session, handed, at(4, 1)), case, step_of(case, "处理"), Wish(60), "复杂")
    with pytest.raises(Refused, match="等待审批"):  # one period, one request
        extensions.ask_extension(begin(session, handed, at(4, 1)), case, step_of(case, "答复投诉人"), Wish(90), "复杂")
    clock_of(session, case, "处理").granted_amount = 90
    case = load(session, world, case)
    with pytest.raises(Refused, match="同样长或更长"):
        extensions.decide_extension(
            begin(session, world.actor("supervisor"), at(4, 2)), case, session.get_one(Extension, asked.id), True, ""
        )


def after_acceptance(session: Session, world: World) -> int:
    return add_type(
        session,
        world,
        "acc",
        "受理之后",
        "收到申请",
        [
            step("accept", "受理", StepKind.ACCEPT, Starts.EVENT, rule=limit(5, CountUnit.WORKDAY, "收到")),
            step("by_name", "审核", StepKind.HANDLE, Starts.ACCEPTED, rule=limit(5, CountUnit.WORKDAY, "受理")),
            step(
                "after",
                "办理",
                StepKind.HANDLE,
                Starts.AFTER,
                after_key="accept",
                rule=limit(5, CountUnit.WORKDAY, "受理"),
            ),
        ],
    )


def test_what_follows_the_step_of_acceptance_is_corrected_with_it(world: World, session: Session) -> None:
    case = open_one(session, world, after_acceptance(session, world), now=at(3, 20), accepted_at=at(3, 20))
    boss = world.actor("supervisor")
    moved = at(3, 20), at(3, 23)
    shown = fingerprint(recalculation.preview_event(session, case, *moved, CALENDAR))
    corrections.correct_event(begin(session, boss, at(3, 25)), case, *moved, "登记有误", shown)
    case = load(session, world, case)
    assert [clock_of(session, case, name).due_on for name in ("审核", "办理")] == [date(2026, 3, 30)] * 2
    assert {step_of(case, name).started_at for name in ("审核", "办理")} == {at(3, 23)}


def test_an_acceptance_written_down_late_was_in_time(world: World, session: Session) -> None:
    case = open_one(
        session, world, after_acceptance(session, world), now=at(3, 20), happened_at=at(2, 24), accepted_at=at(2, 25)
    )
    clock = clock_of(session, case, "受理")
    assert (clock.met_at, clock.due_on) == (at(2, 25), date(2026, 3, 2))  # 28 February is worked


def test_a_refund_is_dated_by_the_day_the_money_came(world: World, session: Session) -> None:
    version_id = add_type(
        session,
        world,
        "own",
        "退还",
        "签订合同",
        [
            step("refund", "返还", StepKind.REFUND, Starts.EVENT, rule=limit(5, CountUnit.DAY, "签订合同")),
        ],
    )
    case = open_one(session, world, version_id, now=at(3, 2), owed_fen=100)
    case = act(session, world, case, "返还", now=at(3, 20), amount_fen=100, from_on=date(2026, 3, 5))
    assert clock_of(session, case, "返还").met_at == at(3, 5, 12)
    assert step_of(case, "返还").done_at == at(3, 20)  # and written down when it was


def test_a_clock_that_began_before_an_ended_pause_leaves_it_out(
    world: World, session: Session, types: dict[str, int]
) -> None:
    case = open_one(session, world, types["refund"], now=at(3, 2))
    pauses.pause_case(begin(session, world.actor("supervisor"), at(3, 9)), case, **WHY)
    case = load(session, world, case)
    pauses.resume_case(begin(session, world.actor(HANDLER), at(3, 16)), case)
    case = load(session, world, case)
    case = act(session, world, case, "核实", now=at(3, 18), done_at=at(3, 6, 12))
    assert clock_of(session, case, "返还").due_on == date(2026, 3, 27)  # 14 days from the 6th, seven left out


# --- A duty that ends ------------------------------------------------------------------------------------------------


def put_under(session: Session, world: World, case: Case) -> Case:
    """Let a case stand under 一.2, handled by 市工信局's duty there."""
    it = duty(session, world, "一.2", "gxj")
    case.task_id, case.duty_id = it.task_id, it.id
    return load(session, world, case)


def clocks(session: Session, step_ids: list[int]) -> list[Any]:
    query = select(Milestone).where(Milestone.case_step_id.in_(step_ids)).order_by(Milestone.id)
    return [(m.cancelled_at, m.met_at) for m in session.scalars(query)]


def test_a_revoked_duty_takes_its_referred_cases_with_it_and_gives_back_only_what_it_took(
    world: World, session: Session, types: dict[str, int]
) -> None:
    case = referred(session, world, types)
    case, boss = put_under(session, world, case), world.actor("supervisor")
    ended = put_under(session, world, open_one(session, world, types["order"], variant="转派工单", form_key="ended"))
    ended = act(session, world, ended, "答复", now=at(3, 24))
    conclusion.conclude(begin(session, world.actor(HANDLER), at(3, 24)), ended, "已答复")
    session.flush()
    of_ended = [s.id for s in ended.steps]
    of_case = [s.id for s in load(session, world, case).steps]
    fell_away = clocks(session, of_ended)
    roster.revoke(begin(session, boss, at(3, 25)), duty(session, world, "一.2", "gxj"), "职责划转")
    session.flush()
    assert all(cancelled or met for cancelled, met in clocks(session, of_case))
    roster.restore(begin(session, boss, at(3, 26)), duty(session, world, "一.2", "gxj"), "划转取消")
    session.flush()
    assert sum(1 for cancelled, met in clocks(session, of_case) if not cancelled and not met) == 2
    assert clocks(session, of_ended) == fell_away


def test_nobody_is_asked_to_sign_for_a_case_of_a_revoked_duty(
    world: World, session: Session, types: dict[str, int]
) -> None:
    put_under(session, world, referred(session, world, types))
    waiting = select(Referral.id).join(Case, Referral.case_id == Case.id).where(to_sign())
    assert len(session.scalars(waiting).all()) == 1
    roster.revoke(begin(session, world.actor("supervisor"), at(3, 25)), duty(session, world, "一.2", "gxj"), "职责划转")
    session.flush()
    assert session.scalars(waiting).all() == []


def test_a_return_visit_is_made_after_the_duty_is_done(world: World, session: Session, types: dict[str, int]) -> None:
    case = referred(session, world, types)
    case = act(session, world, case, "处理", who=HANDED)
    case = act(session, world, case, "答复投诉人", who=HANDED)
    conclusion.conclude(begin(session, world.actor(HANDLER), NOW), case, "办结")
    put_under(session, world, case)
    it = duty(session, world, "一.2", "gxj")
    own, boss = world.actor("lead"), world.actor("supervisor")
    progress.acknowledge(begin(session, own, NOW), it)
    progress.submit(begin(session, own, NOW), it, text="已办")
    progress.complete(begin(session, boss, NOW), it)
    case = load(session, world, case)
    conclusion.visit(begin(session, world.actor(HANDLER), at(4, 1)), case, Satisfaction.CONTENT, "满意")
    assert case.satisfaction is Satisfaction.CONTENT


# --- Facts that cannot be --------------------------------------------------------------------------------------------


def test_a_publicity_lasts_as_long_as_what_it_opens_asks_for(
    world: World, session: Session, types: dict[str, int]
) -> None:
    """鞍山 五.6: 公示30日后可以申请返还."""
    case = open_one(session, world, types["wage"], now=at(3, 10))
    short = {"from_on": date(2026, 3, 12), "until_on": date(2026, 4, 10), "place": "告示牌"}
    with pytest.raises(Refused, match="至少公示到2026年4月11日"):
        act(session, world, case, "公示", **short)


def test_no_money_comes_back_before_the_event(world: World, session: Session, types: dict[str, int]) -> None:
    case = open_one(session, world, types["refund"], now=at(3, 2), owed_fen=100)
    case = act(session, world, case, "核实", now=at(3, 10), done_at=at(3, 9, 12))
    with pytest.raises(Refused, match="不能早于接到返还申请"):
        act(session, world, case, "返还", now=at(3, 20), amount_fen=100, from_on=date(2026, 3, 1))


def test_a_step_behind_the_handlers_own_goes_to_the_unit_that_has_the_case(world: World, session: Session) -> None:
    version_id = add_type(
        session,
        world,
        "chain",
        "先转后审",
        "收到",
        [
            step("refer", "转办", StepKind.REFER, Starts.EVENT),
            step("check", "初核", StepKind.HANDLE, Starts.AFTER, after_key="refer"),
            step("do", "办理", StepKind.HANDLE, Starts.AFTER, after_key="check", bound=Bound.REFERRED),
        ],
    )
    case = refer(session, world, open_one(session, world, version_id))
    case = act(session, world, case, "初核")
    assert step_of(case, "办理").unit_id == world.units["dxj"].id
