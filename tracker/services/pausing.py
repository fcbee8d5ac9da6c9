"""Pause and resume (暂停、恢复计时): intervals kept as rows, from which dates are counted again."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.clock.calendar import WorkCalendar
from tracker.clock.rules import Kind
from tracker.clock.wording import unstopped
from tracker.services.case_acts import check_may, words, write
from tracker.services.case_steps import runs
from tracker.services.duties import step_for, take
from tracker.services.errors import Refused
from tracker.services.milestones import append_date, count_again, open_milestones
from tracker.services.objections import live_referrals, object_until
from tracker.services.periods import catch_up, open_step_periods
from tracker.store.actors import Actor
from tracker.store.models import Case, CaseStep, Duty, Milestone, Pause, StepKind
from tracker.store.pauses import suspensions_of, suspensions_of_case
from tracker.workflow import Action, CaseAction

LONGEST = 500
# What the law leaves out of a period; others may be written in.
AUTHORITIES = (
    "行政许可法 45（听证、招标、拍卖、检验、检测、检疫、鉴定和专家评审）",
    "政府信息公开条例 33（征求第三方和其他机关意见）",
)


def pause_case(
    session: Session,
    actor: Actor,
    now: datetime,
    case: Case,
    *,
    reason: str,
    authority: str,
    version: int | None = None,
) -> Pause:
    """暂停 a case: none of its counted clocks runs from now on; one that is late already cannot be stopped."""
    check_may(session, actor, case, CaseAction.PAUSE, version)
    clocks = _clocks_of(session, case)
    if not clocks:
        raise Refused("没有正在计时的步骤，不需要暂停。")
    made = _begin(session, actor, now, clocks, reason, authority, case_id=case.id)
    case.paused_at = now
    write(
        session, actor, now, case, "case.pause",
        after={"authority": made.authority}, note=f"{case.number} {made.reason}（{made.authority}）",
    )  # fmt: skip
    return made


def resume_case(
    session: Session, actor: Actor, now: datetime, case: Case, calendar: WorkCalendar, version: int | None = None
) -> Pause:
    """恢复 a case: the pause ends now and every clock gets the date it has without that time."""
    check_may(session, actor, case, CaseAction.RESUME, version)
    ended = _end(session, actor, now, Pause.case_id == case.id)
    case.paused_at = None
    _count_again(session, actor, now, _clocks_of(session, case), calendar, ended)
    session.flush()  # the periods that fell away decide which are missing
    for step in case.steps:
        if step.kind is StepKind.PROGRESS and runs(step) and step.rule is not None:
            open_step_periods(session, step, step.rule, calendar, now, actor.user_id)
    stood_still = suspensions_of_case(session, case.id)
    for referral in live_referrals(session, case.id):
        referral.object_until = object_until(referral.at, calendar, stood_still)
    write(session, actor, now, case, "case.resume", note=f"{case.number} 恢复计时（{ended.reason}）")
    return ended


def pause_duty(
    session: Session,
    actor: Actor,
    now: datetime,
    duty: Duty,
    *,
    reason: str,
    authority: str,
    version: int | None = None,
) -> Pause:
    """暂停 a duty (supervisors): neither due nor overdue meanwhile; a date written as such does not move."""
    step_for(actor, duty, Action.PAUSE, version)
    if duty.paused_at is not None:
        raise Refused("这项责任已经暂停。")
    clocks = [m for m in open_milestones(session, duty) if m.submitted_at is None]
    if not clocks:
        raise Refused("这项责任没有正在计时的时限，不需要暂停。")
    made = _begin(session, actor, now, clocks, reason, authority, duty_id=duty.id)
    take(session, actor, now, duty, Action.PAUSE, version, f"{made.reason}（{made.authority}）")
    duty.paused_at = now
    return made


def resume_duty(
    session: Session, actor: Actor, now: datetime, duty: Duty, calendar: WorkCalendar, version: int | None = None
) -> Pause:
    """恢复 a duty: counted dates are counted again; periods that ended meanwhile are not asked for afterwards."""
    step_for(actor, duty, Action.RESUME, version)
    if duty.paused_at is None:
        raise Refused("这项责任没有暂停。")
    ended = _end(session, actor, now, Pause.duty_id == duty.id)
    take(session, actor, now, duty, Action.RESUME, version, f"恢复计时（{ended.reason}）")
    duty.paused_at = None
    _count_again(session, actor, now, open_milestones(session, duty), calendar, ended)
    session.flush()  # the periods that fell away decide which are missing
    catch_up(session, duty, calendar, now)
    return ended


def _clocks_of(session: Session, case: Case) -> Sequence[Milestone]:
    """Return the open clocks of a case's steps."""
    return session.scalars(
        select(Milestone)
        .join(CaseStep, Milestone.case_step_id == CaseStep.id)
        .where(CaseStep.case_id == case.id, Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
        .options(joinedload(Milestone.rule))
        .order_by(Milestone.id)
    ).all()


def _begin(
    session: Session,
    actor: Actor,
    now: datetime,
    clocks: Iterable[Milestone],
    reason: str,
    authority: str,
    *,
    case_id: int | None = None,
    duty_id: int | None = None,
) -> Pause:
    why = words(reason, "请写明暂停的原因，例如正在听证、征求第三方意见。", LONGEST)
    by = words(authority, "请写明暂停的依据，例如行政许可法第四十五条。", 200)
    for milestone in clocks:
        if not milestone.watch and milestone.due_at is not None and milestone.due_at <= now:
            raise Refused("已有时限逾期，不能再暂停；需要更多时间的，请申请延期。")
        milestone.paused_at = now
    made = Pause(
        case_id=case_id, duty_id=duty_id, from_at=now, reason=why, authority=by, by_id=actor.user_id or 0, at=now
    )
    session.add(made)
    session.flush()
    return made


def _end(session: Session, actor: Actor, now: datetime, holder: object) -> Pause:
    found = session.scalars(select(Pause).where(holder, Pause.until_at.is_(None))).one_or_none()  # type: ignore[arg-type]
    if found is None:
        raise Refused("现在没有暂停，不需要恢复。")
    found.until_at, found.ended_at, found.ended_by_id = now, now, actor.user_id
    session.flush()  # the dates are counted again from what is stored
    return found


def _count_again(
    session: Session,
    actor: Actor,
    now: datetime,
    clocks: Sequence[Milestone],
    calendar: WorkCalendar,
    ended: Pause,
) -> None:
    held = suspensions_of(session, [m.id for m in clocks])
    for milestone in clocks:
        began, milestone.paused_at = milestone.paused_at, None
        if milestone.rule.kind is Kind.RECURRING:
            if began is not None and milestone.due_at is not None and began < milestone.due_at <= now:
                milestone.cancelled_at = now  # nobody could report on it
            continue
        if milestone.rule.kind is not Kind.RELATIVE or milestone.fixed_on is not None:
            continue  # a date written as such does not move
        resolved = count_again(milestone, calendar, held.get(milestone.id, ()))
        now_stands = (milestone.due_at, milestone.earliest_on, milestone.provisional)
        if (resolved.due_at, resolved.earliest_on, resolved.provisional) != now_stands:
            append_date(
                session,
                milestone,
                resolved,
                calendar,
                now,
                actor.user_id,
                f"恢复计时：{unstopped(ended.reason)}（{unstopped(ended.authority)}）"[:200],
            )
