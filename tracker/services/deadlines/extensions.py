"""Extensions (延期), of duties and of steps alike: more time is asked for with a reason and granted by another.

A wish is a later day, or a new total in the limit's own unit where clause or statute name the longest; either way no
more than they allow.  A limit that a statute sets without a longer one cannot be put off, one promised below it only to
the statute's end.  What is late may be put off as well: it runs late until then, and stays counted as missed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.clock.calendar import WorkCalendar
from tracker.clock.describing import describe_rule
from tracker.clock.resolution import resolve
from tracker.clock.rules import Kind, Resolved
from tracker.clock.wording import month_day, unstopped
from tracker.now import today
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.services.core.texts import words
from tracker.services.deadlines.milestones import append_date, count_again, renew
from tracker.store.deadlines.pauses import suspensions_of
from tracker.store.models import DeadlineRule, Extension, ExtensionState, Milestone

LONGEST = 500
MOST_YEARS = 10  # ahead: later is a slip of the pen


@dataclass(frozen=True, slots=True)
class Wish:
    """How much more time is asked for: a new total in the limit's own unit, or a later day."""

    amount: int | None = None
    until: date | None = None


def pending_extension(session: Session, milestone_id: int) -> Extension | None:
    """Return the request that waits to be decided."""
    query = select(Extension).where(Extension.milestone_id == milestone_id, Extension.state == ExtensionState.PENDING)
    return session.scalars(query).one_or_none()


def by_total(rule: DeadlineRule) -> bool:
    """Whether more time is asked for as a new total, up to the longest that clause or statute name."""
    return rule.extend_amount is not None and rule.unit is not None and rule.extend_unit in (None, rule.unit)


def _longest(rule: DeadlineRule) -> int:
    return rule.extend_amount or 0


def extendable(milestone: Milestone, statute: DeadlineRule | None = None) -> bool:
    """Whether more time may be asked for, late or not: an open end of one's own, no period, not under review.

    `statute` is the limit of the law beside the milestone's own; the milestone's rule must be loaded.
    """
    rule = milestone.rule
    if milestone.met_at or milestone.cancelled_at or milestone.submitted_at or milestone.due_at is None:
        return False
    if milestone.watch or rule.kind is Kind.RECURRING:
        return False
    if by_total(rule):
        return milestone.fixed_on is not None or (milestone.granted_amount or rule.amount or 0) < _longest(rule)
    of_statute = rule.article is not None and not rule.counts_as_workday and rule.item_id is None
    return milestone.due_on is not None and (statute is not None or not of_statute)


def ask(
    act: Act,
    together: Sequence[Milestone],
    wish: Wish,
    reason: str,
    calendar: WorkCalendar,
    statute: DeadlineRule | None = None,
) -> Extension:
    """申请延期 of the first of some dates that run by one limit; nothing moves until it is granted."""
    milestone = together[0]
    if any(pending_extension(act.session, m.id) is not None for m in together):
        raise Refused("已有一份延期申请等待审批。")
    if not extendable(milestone, statute):
        raise Refused("这个时限不能申请延期：已经办结，是定期反馈或对方的期限，或者没有可以延长的依据。")
    _check(act, milestone, wish, calendar, statute)
    made = Extension(
        milestone_id=milestone.id,
        amount=wish.amount,
        wanted_on=wish.until,
        reason=words(reason, "请写明延期的原因，以及为什么不能按期完成。", LONGEST, "reason"),
        state=ExtensionState.PENDING,
        by_id=act.actor.user_id or 0,
        at=act.now,
    )
    act.session.add(made)
    return made


def _check(act: Act, milestone: Milestone, wish: Wish, calendar: WorkCalendar, statute: DeadlineRule | None) -> None:
    if wish.amount is not None:
        _check_total(milestone, wish.amount)
        _refuse_over(_with_total(act, milestone, wish.amount, calendar), act.now)
        return
    if wish.until is None or milestone.due_on is None or wish.until <= milestone.due_on:
        raise Refused("延期后的日期要晚于现在的期限。", "wanted_on")
    if wish.until < today(act.now):
        raise Refused("延期后的日期不能早于今天。", "wanted_on")
    if wish.until.year > today(act.now).year + MOST_YEARS:
        raise Refused("请核对年份。", "wanted_on")
    outer = _latest(act, milestone, statute, calendar)
    if outer is not None and wish.until > outer:
        raise Refused(f"这个时限最长只能延至{month_day(outer)}。", "wanted_on")


def _check_total(milestone: Milestone, amount: int) -> None:
    rule = milestone.rule
    present, longest = milestone.granted_amount or rule.amount or 0, _longest(rule)
    if not present < amount <= longest:
        unit = describe_rule(rule.as_rule()).removeprefix(str(rule.amount)).removesuffix("内")
        raise Refused(f"延长后的总期限应多于现在的 {present}{unit}，最长 {longest}{unit}。", "amount")


def _with_total(act: Act, milestone: Milestone, amount: int, calendar: WorkCalendar) -> Resolved:
    held = suspensions_of(act.session, [milestone.id]).get(milestone.id, ())
    return count_again(milestone, calendar, held, granted=amount)


def _refuse_over(resolved: Resolved, now: datetime) -> None:
    if resolved.due_at is not None and resolved.due_at <= now:
        raise Refused("延长后的期限也已经过去，不能这样延期。", "amount")


def _latest(act: Act, milestone: Milestone, statute: DeadlineRule | None, calendar: WorkCalendar) -> date | None:
    """Return the last day to which a date can be put off; None where nothing bounds it."""
    if milestone.event_at is None:
        return None
    if by_total(milestone.rule):
        return _with_total(act, milestone, _longest(milestone.rule), calendar).due_on
    if statute is None:
        return None
    held = suspensions_of(act.session, [milestone.id]).get(milestone.id, ())
    return resolve(statute.as_rule(), event_at=milestone.event_at, calendar=calendar, suspensions=held).due_on


def decide(
    act: Act,
    extension: Extension,
    together: Sequence[Milestone],
    grant: bool,
    note: str,
    calendar: WorkCalendar,
) -> str:
    """审批延期; returns what was said.  Granted, all dates of the limit move.  Who may is asked before."""
    milestone = together[0]
    if extension.state is not ExtensionState.PENDING:
        raise Refused("这份延期申请已经审批。")
    if milestone.met_at is not None or milestone.cancelled_at is not None:
        raise Refused("这个时限已经办结，不需要再审批延期。")
    if grant and extension.amount is not None and extension.amount <= (milestone.granted_amount or 0):
        raise Refused("已经批准了同样长或更长的期限，不需要再批准这一份。")
    said = note.strip()
    if not grant and not said:
        raise Refused("请写明不批准的原因。", "note")
    if grant:
        _grant(act, extension, together, calendar)
    extension.state = ExtensionState.GRANTED if grant else ExtensionState.REFUSED
    extension.decided_by_id, extension.decided_at, extension.note = act.actor.user_id, act.now, said[:LONGEST] or None
    return said


def _grant(act: Act, extension: Extension, together: Sequence[Milestone], calendar: WorkCalendar) -> None:
    wanted = extension.wanted_on
    if wanted is not None and wanted < today(act.now):
        raise Refused("申请的日期已经过去，不能再批准；请退回，由单位重新申请。")
    held = suspensions_of(act.session, [m.id for m in together])
    for each in together:
        late = _miss(each, act.now, calendar)
        if wanted is not None:
            renew(act, each, wanted, calendar, f"{late}经批准延期：{unstopped(extension.reason)}"[:180])
            continue
        each.granted_amount, each.fixed_on = extension.amount, None
        resolved = count_again(each, calendar, held.get(each.id, ()))
        _refuse_over(resolved, act.now)
        cited = f"（{each.rule.article}）" if each.rule.article else ""
        append_date(act, each, resolved, calendar, f"{late}经批准延长期限{cited}：{unstopped(extension.reason)}"[:200])


def _miss(milestone: Milestone, now: datetime, calendar: WorkCalendar) -> str:
    """Keep that a date was missed before it is put off, and say by how much; empty where it was not."""
    if milestone.due_at is None or milestone.due_at > now or milestone.paused_at is not None:
        return ""
    milestone.missed_at = milestone.missed_at or milestone.due_at
    if milestone.due_on is None:
        return "逾期后"
    days = calendar.workdays_between(milestone.due_on, today(now))
    return f"逾期{days}个工作日后" if days else "逾期不足1个工作日后"
