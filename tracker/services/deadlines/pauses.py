"""Pause and resume (暂停、恢复计时): intervals kept as rows, from which dates are counted again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from tracker.clock.calendar import WorkCalendar
from tracker.clock.rules import Kind
from tracker.clock.wording import unstopped
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.services.core.texts import words
from tracker.services.deadlines.milestones import append_date, count_again
from tracker.store.deadlines.pauses import suspensions_of
from tracker.store.models import (
    Cancellation,
    Milestone,
    Pause,
    PauseRequest,
)

LONGEST = 500
# What the law leaves out of a period; others may be written in.
AUTHORITIES = (
    "行政许可法 45（听证、招标、拍卖、检验、检测、检疫、鉴定和专家评审）",
    "政府信息公开条例 33（征求第三方和其他机关意见）",
)


def why_paused(made: Pause | PauseRequest) -> str:
    """Return the words of a pause in the trail: its reason and what it rests on."""
    return f"{made.reason}（{made.authority}）"


def reason_of(text: str) -> str:
    return words(text, "请写明暂停的原因，例如正在听证、征求第三方意见。", LONGEST, "reason")


def authority_of(text: str) -> str:
    return words(text, "请写明暂停的依据，例如行政许可法第四十五条。", 200, "authority")


def check_running(clocks: Sequence[Milestone], now: datetime) -> None:
    """Let through clocks that can be stopped: there are some, and none of one's own has run out."""
    if not clocks:
        raise Refused("没有正在计时的步骤，不需要暂停。")
    if any(not m.watch and m.due_at is not None and m.due_at <= now for m in clocks):
        raise Refused("已有时限逾期，不能再暂停；需要更多时间的，请申请延期。")


def begin_pause(
    act: Act,
    clocks: Sequence[Milestone],
    reason: str,
    authority: str,
    *,
    case_id: int | None = None,
    duty_id: int | None = None,
) -> Pause:
    why, by = reason_of(reason), authority_of(authority)
    check_running(clocks, act.now)
    for milestone in clocks:
        milestone.paused_at = act.now
    made = Pause(
        case_id=case_id,
        duty_id=duty_id,
        from_at=act.now,
        reason=why,
        authority=by,
        by_id=act.actor.user_id or 0,
        at=act.now,
    )
    act.session.add(made)
    act.session.flush()
    return made


def end_pause(act: Act, holder: object) -> Pause:
    found = act.session.scalars(select(Pause).where(holder, Pause.until_at.is_(None))).one_or_none()  # type: ignore[arg-type]
    if found is None:
        raise Refused("现在没有暂停，不需要恢复。")
    found.until_at, found.ended_at, found.ended_by_id = act.now, act.now, act.actor.user_id
    act.session.flush()  # the dates are counted again from what is stored
    return found


def count_clocks_again(
    act: Act,
    clocks: Sequence[Milestone],
    calendar: WorkCalendar,
    ended: Pause,
) -> None:
    held = suspensions_of(act.session, [m.id for m in clocks])
    for milestone in clocks:
        began, milestone.paused_at = milestone.paused_at, None
        if milestone.rule.kind is Kind.RECURRING:
            if began is not None and milestone.due_at is not None and began < milestone.due_at <= act.now:
                milestone.cancel(act.now, Cancellation.PAUSED)  # nobody could report on it
            continue
        if milestone.rule.kind is not Kind.RELATIVE or milestone.fixed_on is not None:
            continue  # a date written as such does not move
        resolved = count_again(milestone, calendar, held.get(milestone.id, ()))
        now_stands = (milestone.due_at, milestone.earliest_on, milestone.provisional)
        if (resolved.due_at, resolved.earliest_on, resolved.provisional) != now_stands:
            append_date(
                act,
                milestone,
                resolved,
                calendar,
                f"恢复计时：{unstopped(ended.reason)}（{unstopped(ended.authority)}）"[:200],
            )
