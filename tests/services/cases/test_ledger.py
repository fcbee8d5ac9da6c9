"""The ledger's verbs: a case from intake to return visit, who may do what, and what each act does to its clocks."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.kit.ledger_types import add_types, load_version
from tests.kit.pages import engage
from tests.kit.world import NOW, World
from tests.services.duties.test_duties import at
from tracker.clock.calendar import national
from tracker.services.cases import conclusion, extensions, ledger, pauses, privacy, referrals, steps
from tracker.services.cases.acts import StepFacts
from tracker.services.cases.checks import StepAct
from tracker.services.cases.ledger import NewCase
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.deadlines.extensions import Wish
from tracker.store.cases.lists import list_cases, totals
from tracker.store.cases.narrowing import CaseFilter
from tracker.store.cases.page import dated_steps, find_case
from tracker.store.core.actors import Actor
from tracker.store.core.engine import Database
from tracker.store.duties.lights import Moment
from tracker.store.models import (
    AuditEntry,
    Case,
    CaseRecord,
    CaseStep,
    Complainant,
    Extension,
    MemberRole,
    Milestone,
    MilestoneDate,
    Referral,
    Satisfaction,
    Unit,
)

CALENDAR = national()
# 减负办's own officer handles, an officer of 东县 is handed the case, 市财政局 is complained of.
HANDLER, HANDED, ACCUSED = "supervisor2", "county", "support"


@pytest.fixture
def types(world: World, session: Session) -> dict[str, int]:
    return add_types(session, world)


def open_one(
    session: Session,
    world: World,
    version_id: int,
    who: str = HANDLER,
    unit: str = "jfb",
    now: datetime = NOW,
    **changes: Any,
) -> Case:
    given: dict[str, Any] = {
        "unit_id": world.units[unit].id, "happened_at": now, "reference": "XS-014", "form_key": f"f{version_id}",
        **changes,
    }  # fmt: skip
    made = ledger.open_case(begin(session, world.actor(who), now), load_version(session, version_id), NewCase(**given))
    return load(session, world, made)


def load(session: Session, world: World, case: Case, who: str = "supervisor") -> Case:
    session.flush()
    session.expire_all()
    found = find_case(session, world.actor(who), case.id)
    assert found is not None
    return found


def step(case: Case, name: str) -> CaseStep:
    return next(s for s in case.steps if s.name == name and s.cancelled_at is None)


def clock_of(session: Session, case: Case, name: str) -> Milestone:
    query = select(Milestone).where(Milestone.case_step_id == step(case, name).id).order_by(Milestone.id)
    return session.scalars(query).first()  # type: ignore[return-value]


def act(
    session: Session,
    world: World,
    case: Case,
    name: str,
    text: str = "已办",
    who: str = HANDLER,
    now: datetime = NOW,
    done_at: datetime | None = None,
    more: bool = False,
    **facts: Any,
) -> Case:
    done = StepAct(StepFacts(text, **facts), done_at, more)
    steps.close_step(begin(session, world.actor(who), now), case, step(case, name), done)
    return load(session, world, case)


def refer(
    session: Session,
    world: World,
    case: Case,
    to: str = "dxj",
    who: str = HANDLER,
    now: datetime = NOW,
    name: str = "转办",
) -> Case:
    unit = session.get_one(Unit, world.units[to].id)
    referrals.refer(begin(session, world.actor(who), now), case, step(case, name), unit, "请依法办理")
    return load(session, world, case)


def accepted(session: Session, world: World, types: dict[str, int], when: datetime = NOW, **more: Any) -> Case:
    return open_one(session, world, types["complaint"], now=when, accepted_at=when, **more)


def referred(session: Session, world: World, types: dict[str, int], when: datetime = NOW, **more: Any) -> Case:
    return refer(session, world, accepted(session, world, types, when, **more), now=when)


# --- Taking in -------------------------------------------------------------------------------------------------------


def test_a_case_is_numbered_and_its_steps_are_those_of_its_type(
    world: World, session: Session, types: dict[str, int]
) -> None:
    case = open_one(
        session, world, types["complaint"], owed_fen=1_234_50, firm="某某公司", name="张三丰", phone="13812345678"
    )
    assert (case.number, case.event, case.owed_fen, case.unit.name) == ("2026-001", "收到投诉", 123450, "市减负办")
    assert [s.name for s in case.steps] == ["受理", "转办", "处理", "答复投诉人", "发督办书", "回访"]
    assert [s.name for s in case.steps if s.started_at] == ["受理"]
    assert session.get_one(Complainant, case.id).phone == "13812345678"
    entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "case.open")).one()
    assert "张三丰" not in str([entry.note, entry.after])
    assert "1381" not in str([entry.note, entry.after])


@pytest.mark.parametrize("who", ["stranger", "head", "leader", "administrator", "auditor"])
def test_who_neither_works_there_nor_supervises_takes_nothing_in(
    world: World, session: Session, types: dict[str, int], who: str
) -> None:
    unit = "jfb" if who != "stranger" else "gxj"  # an officer takes in for his own unit only
    with pytest.raises((NotPermitted, Refused)):
        open_one(session, world, types["complaint"], who, unit)


def test_an_officer_takes_in_for_his_own_unit_and_a_supervisor_for_any(
    world: World, session: Session, types: dict[str, int]
) -> None:
    assert open_one(session, world, types["complaint"], "lead", "gxj").unit_id == world.units["gxj"].id
    assert (
        open_one(session, world, types["complaint"], "supervisor", "dxj", form_key="x").unit_id == world.units["dxj"].id
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"happened_at": NOW + timedelta(hours=1)}, "不能晚于现在"),
        ({"accepted_at": NOW - timedelta(days=1)}, "受理时间不能早于"),
        ({"reference": "  "}, "摘要"),
        ({"reference": "字" * 61}, "60"),
        ({"reference": "张三丰投诉", "name": "张三丰"}, "不要写姓名"),
        ({"reference": "13812345678 投诉"}, "不要写姓名"),
        ({"owed_fen": 0}, "大于 0"),
        ({"accused_unit_id": 1}, "被投诉单位，不能由它办理"),
    ],
)
def test_an_intake_that_cannot_be_right_is_refused_in_words(
    world: World, session: Session, types: dict[str, int], changes: dict[str, Any], words: str
) -> None:
    if "accused_unit_id" in changes:
        changes = {"accused_unit_id": world.units["jfb"].id}
    with pytest.raises(Refused, match=words):
        open_one(session, world, types["complaint"], **changes)


def test_a_sort_must_be_chosen_where_the_type_tells_them_apart(
    world: World, session: Session, types: dict[str, int]
) -> None:
    with pytest.raises(Refused, match="特殊情况、转派工单"):
        open_one(session, world, types["order"])
    case = open_one(session, world, types["order"], variant="特殊情况")
    assert [s.name for s in case.steps] == ["办结"]


def test_the_same_form_posted_twice_is_one_case(world: World, session: Session, types: dict[str, int]) -> None:
    first = open_one(session, world, types["complaint"])
    assert open_one(session, world, types["complaint"]).id == first.id
    assert open_one(session, world, types["complaint"], form_key="other").number == "2026-002"


# --- From acceptance to the answer -----------------------------------------------------------------------------------


def test_a_complaint_accepted_on_a_make_up_saturday_is_to_be_referred_after_the_festival(
    world: World, session: Session, types: dict[str, int]
) -> None:
    """鞍山 四.2 (3 workdays), beside 保障中小企业款项支付条例 25 (10 workdays), over the Spring Festival of 2026."""
    case = open_one(session, world, types["complaint"], now=at(2, 13))
    case = act(session, world, case, "受理", "材料齐全", now=at(2, 14, 11), done_at=at(2, 14, 10))
    assert case.accepted_at == at(2, 14, 10)
    clock = clock_of(session, case, "转办")
    assert (clock.due_on, clock.unit_id, clock.answering_duty_id) == (date(2026, 2, 26), world.units["jfb"].id, None)
    assert step(case, "转办").statute_rule is not None


def test_what_waits_for_another_step_cannot_be_done_before_it(
    world: World, session: Session, types: dict[str, int]
) -> None:
    case = open_one(session, world, types["complaint"])
    with pytest.raises(Refused, match="正式受理之后"):
        refer(session, world, case)
    with pytest.raises(Refused, match="“转办”办结之后"):
        act(session, world, case, "处理", who="supervisor")


def test_a_referral_meets_its_clock_and_starts_the_handling_at_the_other_unit(
    world: World, session: Session, types: dict[str, int]
) -> None:
    case = referred(session, world, types)
    assert clock_of(session, case, "转办").met_at == NOW
    clock = clock_of(session, case, "处理")
    assert (clock.unit_id, clock.due_on) == (world.units["dxj"].id, date(2026, 4, 22))
    handed = session.scalars(select(Referral)).one()
    assert (handed.to_unit_id, handed.object_until, handed.signed_at) == (
        world.units["dxj"].id,
        date(2026, 3, 30),
        None,
    )


def test_a_complaint_is_never_referred_to_the_unit_complained_of(
    world: World, session: Session, types: dict[str, int]
) -> None:
    case = accepted(session, world, types, accused_unit_id=world.units["dxj"].id)
    with pytest.raises(Refused, match="被投诉单位"):
        refer(session, world, case)


def test_the_unit_signs_handles_and_answers_and_the_case_is_concluded(
    world: World, session: Session, types: dict[str, int]
) -> None:
    case = referred(session, world, types)
    referrals.sign(begin(session, world.actor(HANDED), at(3, 24)), case)
    case = load(session, world, case)
    with pytest.raises(Refused, match="签收过"):
        referrals.sign(begin(session, world.actor(HANDED), at(3, 24)), case)
    with pytest.raises(Refused, match="还有步骤没有办结：处理、答复投诉人"):
        conclusion.conclude(begin(session, world.actor(HANDLER), at(3, 25)), case, "已付清")
    case = act(session, world, case, "处理", "责令付款", HANDED, at(4, 1))
    case = act(session, world, case, "答复投诉人", "书面答复", HANDED, at(4, 2))
    conclusion.conclude(begin(session, world.actor(HANDLER), at(4, 3)), case, "已付清")
    case = load(session, world, case)
    assert (case.closed_at, case.conclusion) == (at(4, 3), "已付清")
    conclusion.visit(begin(session, world.actor(HANDLER), at(4, 8)), case, Satisfaction.CONTENT, "电话回访")
    case = load(session, world, case)
    assert case.satisfaction is Satisfaction.CONTENT
    assert step(case, "回访").done_at == at(4, 8)
    assert not session.scalars(
        select(Milestone).where(Milestone.case_step_id.is_not(None), Milestone.met_at.is_(None))
    ).all()


def test_a_supervision_letter_is_offered_only_when_the_handling_is_late(
    world: World, session: Session, types: dict[str, int]
) -> None:
    case = referred(session, world, types)
    with pytest.raises(Refused, match="“处理”逾期之后"):
        act(session, world, case, "发督办书", "请五日内办结", now=at(4, 22, 23, 59))
    case = act(session, world, case, "发督办书", "请五日内办结", now=at(4, 23, 0))
    assert step(case, "发督办书").done_at == at(4, 23, 0)


# --- Not ours --------------------------------------------------------------------------------------------------------


def test_a_case_returned_as_not_ours_is_to_be_referred_anew_and_its_clocks_fall_away(
    world: World, session: Session, types: dict[str, int]
) -> None:
    """信访工作条例 22: an objection within 5 workdays of receipt."""
    case = referred(session, world, types)
    referrals.send_back(begin(session, world.actor(HANDED), at(3, 30, 18)), case, "属西县管辖")
    case = load(session, world, case)
    anew = clock_of(session, case, "再次转办")
    assert (anew.due_on, anew.unit_id) == (date(2026, 4, 2), world.units["jfb"].id)
    handed = select(Milestone).where(Milestone.unit_id == world.units["dxj"].id, Milestone.case_step_id.is_not(None))
    assert [m.cancelled_at for m in session.scalars(handed)] == [at(3, 30, 18)] * 2
    assert find_case(session, world.actor(HANDED), case.id) is None
    case = refer(session, world, case, "xxj", now=at(3, 31), name="再次转办")
    assert clock_of(session, case, "处理").unit_id == world.units["xxj"].id


def test_an_objection_after_five_workdays_is_too_late(world: World, session: Session, types: dict[str, int]) -> None:
    case = referred(session, world, types)
    with pytest.raises(Refused, match="2026年3月30日"):
        referrals.send_back(begin(session, world.actor(HANDED), at(3, 31)), case, "不属本县")


# --- Who may ---------------------------------------------------------------------------------------------------------

VERBS: dict[str, Callable[[Session, World, Case, Actor], Any]] = {
    "refer": lambda s, w, c, who: referrals.refer(
        begin(s, who, NOW), c, step(c, "转办"), s.get_one(Unit, w.units["dxj"].id), "请办"
    ),
    "accept": lambda s, w, c, who: steps.close_step(
        begin(s, who, NOW), c, step(c, "受理"), StepAct(StepFacts("受理"))
    ),
    "sign": lambda s, w, c, who: referrals.sign(begin(s, who, NOW), c),
    "return": lambda s, w, c, who: referrals.send_back(begin(s, who, NOW), c, "不属本单位"),
    "pause": lambda s, w, c, who: pauses.pause_case(begin(s, who, NOW), c, reason="听证", authority="行政许可法 45"),
    "ask_pause": lambda s, w, c, who: pauses.ask_pause(begin(s, who, NOW), c, reason="听证", authority="行政许可法 45"),
    "resume": lambda s, w, c, who: pauses.resume_case(begin(s, who, NOW), c),
    "extend": lambda s, w, c, who: extensions.ask_extension(begin(s, who, NOW), c, step(c, "处理"), Wish(60), "复杂"),
    "conclude": lambda s, w, c, who: conclusion.conclude(begin(s, who, NOW), c, "办结"),
    "visit": lambda s, w, c, who: conclusion.visit(begin(s, who, NOW), c, Satisfaction.FAIR, "回访"),
    "note": lambda s, w, c, who: conclusion.add_note(begin(s, who, NOW), c, StepFacts("补充")),
    "unmask": lambda s, w, c, who: privacy.unmask(begin(s, who, NOW), c),
}  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("who", ["lead", "support", "head", "stranger", "leader", "administrator", "auditor"])
def test_who_neither_handles_nor_supervises_can_do_nothing(
    world: World, session: Session, types: dict[str, int], who: str, verb: str
) -> None:
    case = accepted(session, world, types) if verb in ("refer", "accept") else referred(session, world, types)
    with pytest.raises(NotPermitted):
        VERBS[verb](session, world, case, world.actor(who))


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        (HANDLER, {"sign", "return", "pause"}),
        (HANDED, {"refer", "accept", "conclude", "visit", "pause"}),
        ("supervisor", {"sign", "return", "extend", "ask_pause"}),
    ],
)
def test_each_may_do_his_own_part_and_no_other(
    world: World, session: Session, types: dict[str, int], who: str, refused: set[str]
) -> None:
    case = referred(session, world, types)
    if who == HANDLER:  # also a supervisor in this world: his own part is tried by an officer alone below
        refused = refused - {"extend"}
    for verb in refused:
        with pytest.raises(NotPermitted):
            VERBS[verb](session, world, case, world.actor(who))


def test_an_old_form_is_stale(world: World, session: Session, types: dict[str, int]) -> None:
    case = referred(session, world, types)
    shown = case.version
    conclusion.add_note(begin(session, world.actor(HANDLER), NOW), case, StepFacts("补充"), shown)
    case = load(session, world, case)
    with pytest.raises(Stale):
        conclusion.add_note(begin(session, world.actor(HANDLER), at(3, 24)), case, StepFacts("再补充"), shown)


# --- Pauses and extensions -------------------------------------------------------------------------------------------


def test_a_pause_moves_the_date_by_the_days_it_took_and_the_first_date_stays(
    world: World, session: Session, types: dict[str, int]
) -> None:
    """行政许可法 45: hearings are not counted; the day the pause began still is, the day it ended is not."""
    case = referred(session, world, types)
    before = clock_of(session, case, "处理").due_on
    pauses.pause_case(
        begin(session, world.actor("supervisor"), at(4, 1)), case, reason="听证", authority="行政许可法 45"
    )
    case = load(session, world, case)
    assert clock_of(session, case, "处理").paused_at == at(4, 1)
    with pytest.raises(Refused, match="暂停"):
        act(session, world, case, "处理", who=HANDED, now=at(4, 2))
    pauses.resume_case(begin(session, world.actor(HANDLER), at(4, 11)), case)
    case = load(session, world, case)
    clock = clock_of(session, case, "处理")
    assert (before, clock.due_on, clock.paused_at, clock.version) == (date(2026, 4, 22), date(2026, 5, 6), None, 2)
    first, now = session.scalars(
        select(MilestoneDate).where(MilestoneDate.milestone_id == clock.id).order_by(MilestoneDate.version)
    )
    assert first.due_on == date(2026, 4, 22)
    assert "听证" in now.why
    assert "暂停" in str(now.explanation)


def test_a_late_clock_cannot_be_stopped(world: World, session: Session, types: dict[str, int]) -> None:
    case = referred(session, world, types)
    boss = world.actor("supervisor")
    with pytest.raises(Refused, match="已有时限逾期"):
        pauses.pause_case(begin(session, boss, at(4, 23)), case, reason="听证", authority="行政许可法 45")


def test_what_is_paused_on_its_last_day_ends_on_the_first_workday_after(
    world: World, session: Session, types: dict[str, int]
) -> None:
    case = referred(session, world, types)
    pauses.pause_case(
        begin(session, world.actor("supervisor"), at(4, 22)), case, reason="听证", authority="行政许可法 45"
    )
    case = load(session, world, case)
    pauses.resume_case(begin(session, world.actor(HANDED), at(4, 30)), case)
    assert clock_of(session, load(session, world, case), "处理").due_on == date(2026, 5, 6)  # 1 to 5 May are off


def test_an_extension_is_asked_for_by_one_and_granted_by_another_up_to_what_the_statute_allows(
    world: World, session: Session, types: dict[str, int], database: Database
) -> None:
    """保障中小企业款项支付条例 25: 30 days, 90 at most with the head's approval."""
    case = referred(session, world, types)
    handed = world.actor(HANDED)
    for amount in (30, 91, 0):
        with pytest.raises(Refused, match="最长 90日"):
            extensions.ask_extension(
                begin(session, handed, at(4, 1)), case, step(case, "处理"), Wish(amount), "案情复杂"
            )
    asked = extensions.ask_extension(begin(session, handed, at(4, 1)), case, step(case, "处理"), Wish(60), "案情复杂")
    case = load(session, world, case)
    with pytest.raises(Refused, match="等待审批"):
        extensions.ask_extension(begin(session, handed, at(4, 1)), case, step(case, "处理"), Wish(70), "案情复杂")
    with pytest.raises(NotPermitted):
        extensions.decide_extension(begin(session, handed, at(4, 2)), case, asked, True, "")
    assert clock_of(session, case, "处理").due_on == date(2026, 4, 22)
    extensions.decide_extension(
        begin(session, world.actor("supervisor"), at(4, 2)), case, session.get_one(Extension, asked.id), True, "同意"
    )
    case = load(session, world, case)
    for name in ("处理", "答复投诉人"):  # one period of the statute, two acts
        clock = clock_of(session, case, name)
        assert (clock.due_on, clock.granted_amount, clock.version) == (date(2026, 5, 22), 60, 2)


def test_a_refused_extension_needs_words_and_moves_nothing(
    world: World, session: Session, types: dict[str, int]
) -> None:
    case = referred(session, world, types)
    asked = extensions.ask_extension(
        begin(session, world.actor(HANDED), at(4, 1)), case, step(case, "处理"), Wish(60), "案情复杂"
    )
    case, boss = load(session, world, case), world.actor("supervisor")
    asked = session.get_one(Extension, asked.id)
    with pytest.raises(Refused, match="不批准的原因"):
        extensions.decide_extension(begin(session, boss, at(4, 2)), case, asked, False, " ")
    extensions.decide_extension(begin(session, boss, at(4, 2)), case, asked, False, "材料已经齐备")
    assert clock_of(session, load(session, world, case), "处理").due_on == date(2026, 4, 22)


# --- Other parties, publicity, progress ------------------------------------------------------------------------------


def test_another_partys_clock_is_met_by_the_day_it_acted_and_sums_add_up(
    world: World, session: Session, types: dict[str, int]
) -> None:
    """建质〔2017〕138号 11: 14 days to verify, 14 more to return."""
    case = open_one(session, world, types["refund"], now=at(3, 2), owed_fen=100_000_00)
    assert clock_of(session, case, "核实").watch
    case = act(session, world, case, "核实", now=at(3, 20), done_at=at(3, 10, 12))
    assert clock_of(session, case, "核实").met_at == at(3, 10, 12)
    assert clock_of(session, case, "返还").due_on == date(2026, 3, 24)
    with pytest.raises(Refused, match="金额和日期"):
        act(session, world, case, "返还", now=at(3, 20))
    case = act(
        session,
        world,
        case,
        "返还",
        "先还一部分",
        now=at(3, 20),
        more=True,
        amount_fen=40_000_00,
        from_on=date(2026, 3, 20),
    )
    assert (case.refunded_fen, step(case, "返还").done_at) == (40_000_00, None)
    with pytest.raises(Refused, match=r"60,000\.00"):
        act(session, world, case, "返还", now=at(3, 21), amount_fen=60_000_01, from_on=date(2026, 3, 21))
    case = act(session, world, case, "返还", now=at(3, 21), amount_fen=60_000_00, from_on=date(2026, 3, 21))
    assert case.refunded_fen == case.owed_fen
    open_one(session, world, types["refund"], now=at(3, 2), owed_fen=5_00, form_key="two")
    added = totals(session, world.actor("supervisor"), Moment(NOW, NOW), CaseFilter())
    assert (added.count, added.owed_fen, added.refunded_fen) == (2, 100_005_00, 100_000_00)


def test_a_claim_waits_thirty_days_from_the_day_the_publicity_began(
    world: World, session: Session, types: dict[str, int]
) -> None:
    """鞍山 五.6."""
    case = open_one(session, world, types["wage"], now=at(3, 10))
    with pytest.raises(Refused, match="开始日期、结束日期和地点"):
        act(session, world, case, "公示")
    days = {"from_on": date(2026, 3, 12), "until_on": date(2026, 4, 11), "place": "施工现场维权信息告示牌"}
    case = act(session, world, case, "公示", **days)
    clock = clock_of(session, case, "申请返还")
    assert (clock.earliest_on, clock.due_at) == (date(2026, 4, 12), None)
    with pytest.raises(Refused, match="2026年4月12日起"):
        act(session, world, case, "申请返还", now=at(4, 11, 23))
    assert step(act(session, world, case, "申请返还", now=at(4, 12, 9)), "申请返还").done_at


def test_progress_is_reported_every_three_days_until_the_case_is_done(
    world: World, session: Session, types: dict[str, int]
) -> None:
    """阜康 31: 转派工单每3天反馈一次办理情况直至办理完毕."""
    case = open_one(session, world, types["order"], variant="转派工单")
    periods = select(Milestone).where(Milestone.case_step_id == step(case, "反馈进展").id).order_by(Milestone.id)
    assert len(session.scalars(periods).all()) == 2
    steps.report_step(
        begin(session, world.actor(HANDLER), at(3, 25)), case, step(case, "反馈进展"), StepFacts("已联系")
    )
    case = load(session, world, case)
    found = session.scalars(periods).all()
    assert found[0].met_at == at(3, 25)
    assert [m.due_on for m in found if m.met_at is None] == [date(2026, 3, 27)]  # 27 to 29: its last workday
    case = act(session, world, case, "答复", now=at(3, 27))
    conclusion.conclude(begin(session, world.actor(HANDLER), at(3, 27)), case, "已答复")
    assert all(m.met_at or m.cancelled_at for m in session.scalars(periods))
    session.flush()
    told = step(case, "反馈进展").id  # no period runs any more: the last one stands for the step
    assert dated_steps(session, case.id)[told].milestone.occurrence == max(m.occurrence for m in found)


def test_progress_paused_past_its_periods_is_asked_for_again_when_the_case_resumes(
    world: World, session: Session, types: dict[str, int]
) -> None:
    case = open_one(session, world, types["order"], variant="转派工单")
    pauses.pause_case(
        begin(session, world.actor("supervisor"), at(3, 24)), case, reason="听证", authority="行政许可法 45"
    )
    case = load(session, world, case)
    pauses.resume_case(begin(session, world.actor(HANDLER), at(4, 20)), case)
    session.flush()
    held = select(Milestone).where(
        Milestone.case_step_id == step(case, "反馈进展").id, Milestone.cancelled_at.is_(None)
    )
    due = sorted(m.due_on for m in session.scalars(held) if m.due_on)
    assert len(due) == 2
    assert due[0] >= date(2026, 4, 20)


def test_two_hours_run_from_the_minute(world: World, session: Session, types: dict[str, int]) -> None:
    """阜康 31: 特殊情况2小时办结."""
    case = open_one(session, world, types["order"], variant="特殊情况", now=at(3, 23, 16, 40))
    clock = clock_of(session, case, "办结")
    assert (clock.due_on, clock.due_at) == (None, at(3, 23, 18, 40))


# --- Personal data ---------------------------------------------------------------------------------------------------


def test_whom_a_case_is_from_is_masked_until_a_handler_asks_and_the_asking_is_written_down(
    world: World, session: Session, types: dict[str, int]
) -> None:
    case = referred(
        session,
        world,
        types,
        name="张三丰",
        phone="13812345678",
        content="张三丰称被拖欠，电话13812345678。",
        firm="某公司",
    )
    for who in (HANDLER, HANDED, "leader"):
        shown = privacy.masked(session, world.actor(who), case)
        assert (shown.name, shown.phone, shown.content) == ("张**", "138****5678", "张**称被拖欠，电话****。")
    for who in (HANDLER, HANDED):
        assert privacy.unmask(begin(session, world.actor(who), NOW), case).name == "张三丰"
    session.flush()
    seen = session.scalars(select(AuditEntry).where(AuditEntry.verb == "case.unmask").order_by(AuditEntry.id)).all()
    assert {e.actor_id for e in seen} == {world.people[HANDLER].id, world.people[HANDED].id}  # written in one flush
    assert "张三丰" not in str([(e.note, e.after) for e in seen])


def test_the_unit_complained_of_sees_nothing_whatever_else_it_is(
    world: World, session: Session, types: dict[str, int], database: Database
) -> None:
    case = accepted(session, world, types, accused_unit_id=world.units["czj"].id, name="张三丰", firm="某公司")
    assert find_case(session, world.actor(ACCUSED), case.id) is None
    session.commit()
    engage(database, world, "both", ("czj", MemberRole.OFFICER), ("jfb", MemberRole.SUPERVISOR))
    both = world.actor("both")
    found = find_case(session, both, case.id)
    assert found is not None  # he oversees the place
    shown = privacy.masked(session, both, found)
    assert shown.hidden
    assert (shown.name, shown.firm) == (privacy.HIDDEN, privacy.HIDDEN)
    with pytest.raises(NotPermitted):
        privacy.unmask(begin(session, both, NOW), found)


@pytest.mark.parametrize(
    ("said", "shown"),
    [("张三", "张*"), ("欧阳修远", "欧***"), ("李", "*"), ("", ""), (None, "")],
)
def test_a_masked_name_keeps_its_first_character(said: str | None, shown: str) -> None:
    assert privacy.mask_name(said) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [("13812345678", "138****5678"), ("0412-5550101", "****0101"), ("12345", "****"), ("", ""), (None, "")],
)
def test_a_masked_telephone_keeps_its_ends(said: str | None, shown: str) -> None:
    assert privacy.mask_phone(said) == shown


def test_free_text_loses_numbers_that_could_be_a_persons_and_keeps_sums() -> None:
    said = "证件21030019800101123X，手机13900000000，欠款12万元，合同号20250012345。"
    assert privacy.mask_text(said, None) == "证件****，手机****，欠款12万元，合同号****。"


# --- Lists -----------------------------------------------------------------------------------------------------------


def test_who_sees_a_case_in_his_list(world: World, session: Session, types: dict[str, int]) -> None:
    case = referred(session, world, types)
    moment = Moment(NOW, NOW)
    seen = {
        who: [row.id for row in list_cases(session, world.actor(who), moment, CaseFilter()).rows] == [case.id]
        for who in world.actors
    }
    assert {who for who, sees in seen.items() if sees} == {"supervisor", "supervisor2", "county", "leader"}


def test_a_paused_case_is_neither_late_nor_soon(world: World, session: Session, types: dict[str, int]) -> None:
    case = referred(session, world, types)
    pauses.pause_case(
        begin(session, world.actor("supervisor"), at(4, 1)), case, reason="听证", authority="行政许可法 45"
    )
    session.flush()
    later, boss = Moment(at(5, 1), at(5, 6)), world.actor("supervisor")
    for light, count in (("hold", 1), ("late", 0), ("soon", 0)):
        assert list_cases(session, boss, later, CaseFilter(light=light)).total == count


def test_every_act_leaves_a_record_and_an_entry(world: World, session: Session, types: dict[str, int]) -> None:
    case = referred(session, world, types)
    case = act(session, world, case, "处理", "责令付款", HANDED, at(4, 1))
    kinds = session.scalars(select(CaseRecord.kind).where(CaseRecord.case_id == case.id).order_by(CaseRecord.id)).all()
    assert [str(k) for k in kinds] == ["intake", "step", "step"]
    verbs = session.scalars(select(AuditEntry.verb).where(AuditEntry.subject == "case").order_by(AuditEntry.id)).all()
    assert verbs == ["case.open", "case.refer", "case.step"]
    unit = select(AuditEntry.unit_id).where(AuditEntry.verb == "case.step")
    assert session.scalars(unit).one() == world.units["dxj"].id
    assert session.scalar(select(func.count()).select_from(Case)) == 1
