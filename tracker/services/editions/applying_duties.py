"""What a new edition does to a task that goes on: its units, their roles, and their dates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.clock.calendar import WorkCalendar
from tracker.clock.rules import Kind
from tracker.reading.plan import Role
from tracker.rules.verbs import Subject, Verb
from tracker.rules.workflow import ENDED, State
from tracker.services.core.act import Act
from tracker.services.deadlines.milestones import cancel_for_duty, redate
from tracker.services.deadlines.periods import open_current
from tracker.services.deadlines.starting import start_clocks
from tracker.services.documents.publication import Share, binds, shares_of, title_of
from tracker.services.duties.progress import complete_task_if_done
from tracker.services.duties.roster import reopen, restore, revoke
from tracker.store.deadlines.coming import recurrence_ends
from tracker.store.deadlines.rules import counts_from_document, own_event_at
from tracker.store.editions.changes import RulePair
from tracker.store.models import Cancellation, DeadlineRule, Duty, Item, Milestone, PastAnswer, Task

CANCELLED = "新版本取消本措施"
REMOVED = "新版本不再由该单位承担"


@dataclass(frozen=True, slots=True)
class Amendment:
    """A new edition that takes effect: in which act, by which calendar, and why dates change."""

    act: Act
    calendar: WorkCalendar
    members: dict[int, list[int]]
    why: str
    validity_moved: bool = False


@dataclass(slots=True)
class Changed:
    """What changed in one task."""

    added: int = 0
    revoked: int = 0
    roles: int = 0
    dates: int = 0
    lines: dict[int, list[str]] = field(default_factory=dict)  # by duty, for its history

    @property
    def any(self) -> bool:
        return bool(self.added or self.revoked or self.roles or self.dates)


def cancel_task(change: Amendment, task: Task) -> int:
    """End what still runs of a measure the new edition has no more; what is completed stays."""
    live = [d for d in task.duties if d.state not in ENDED]
    for duty in live:
        revoke(change.act, duty, CANCELLED)
    return len(live)


def amend_task(
    change: Amendment,
    task: Task,
    old: Item,
    new: Item,
    pairs: Sequence[tuple[RulePair, bool]],
) -> Changed:
    """Let a task go on under its new item: its identity, reports and cases stay, its units and dates follow the text.

    Only what differs between the two items is touched: units a supervisor added or revoked stay so.
    """
    was, will = shares_of(old, change.members), shares_of(new, change.members)
    done = Changed()
    held = {d.id: {r.id for r in old.rules if binds(r, d, old, change.members)} for d in task.duties}
    task.item, task.title = new, title_of(new)
    change.act.session.flush()
    clocks = _clocks(change.act.session, task)
    for duty in task.duties:
        if duty.unit_id in will or duty.unit_id not in was:
            _change_role(change, duty, was.get(duty.unit_id), will.get(duty.unit_id), done)
            _change_dates(change, duty, new, pairs, held[duty.id], clocks.get(duty.id, []), done)
    _leave_behind(new, clocks)
    for unit_id in [u for u in will if u not in was]:
        _add(change, task, new, unit_id, will[unit_id], done)
    for duty in [d for d in task.duties if d.unit_id in was and d.unit_id not in will and d.state not in ENDED]:
        _take_own_dates(change, clocks.get(duty.id, []))
        revoke(change.act, duty, REMOVED)
        done.revoked += 1
    if done.any:
        reopen(change.act.session, task)
        complete_task_if_done(change.act, task)
    return done


def _leave_behind(new: Item, clocks: Mapping[int, Sequence[Milestone]]) -> None:
    """Let what was taken from a duty stay with the old text where the new one has no such limit: nobody regains it."""
    for milestone in chain.from_iterable(clocks.values()):
        taken = milestone.cancelled_because is not None and milestone.cancelled_because.regained
        if taken and milestone.rule.item_id != new.id:
            milestone.cancelled_because = Cancellation.EDITION


def _take_own_dates(change: Amendment, mine: Sequence[Milestone]) -> None:
    """Take a removed unit's own dates, which are the old text's; those of its cases go with its revocation."""
    for milestone in mine:
        if milestone.met_at is None and milestone.cancelled_at is None:
            milestone.cancel(change.act.now, Cancellation.EDITION)


def _clocks(session: Session, task: Task) -> dict[int, list[Milestone]]:
    """Return the milestones the task's duties hold themselves, by duty; those of cases are left alone."""
    rows = session.scalars(
        select(Milestone)
        .where(Milestone.duty_id.in_([d.id for d in task.duties]))
        .options(joinedload(Milestone.rule))
        .order_by(Milestone.id)
    )
    found: dict[int, list[Milestone]] = {}
    for row in rows:
        found.setdefault(row.duty_id or 0, []).append(row)
    return found


# --- units -----------------------------------------------------------------------------------------------------------


def _change_role(change: Amendment, duty: Duty, was: Share | None, will: Share | None, done: Changed) -> None:
    if was is None or will is None:
        return
    if duty.via_group_id == was.via_group_id and duty.via_group_id != will.via_group_id:
        duty.via_group_id = will.via_group_id
    if was.role is will.role or duty.role is not was.role or duty.state in ENDED:
        return
    before, duty.role = duty.role, will.role
    if duty.supporting:
        cancel_for_duty(change.act, duty, Cancellation.SUPPORTING)
    done.roles += 1
    change.act.record(
        Verb.DUTY_ROLE,
        Subject.DUTY,
        duty.id,
        duty=duty,
        document=duty.task.document,
        before={"role": before},
        after={"role": duty.role},
        note=change.why,
    )


def _add(change: Amendment, task: Task, item: Item, unit_id: int, share: Share, done: Changed) -> None:
    """Give a unit the new edition names its share; one that has it already, or had it once, takes it up again."""
    if share.role is Role.SUPPORT and task.completed_at is not None:
        return  # a supporting share ends with its task
    duty = next((d for d in task.duties if d.unit_id == unit_id), None)
    if duty is not None and duty.state is not State.REVOKED:
        _take_role(change, duty, item, share, done)
        return
    if duty is not None:
        duty.role, duty.via_group_id = share.role, share.via_group_id
        restore(change.act, duty, change.why)
    else:
        duty = Duty.of_task(task, unit_id, share.role, change.act.now, share.via_group_id)
        change.act.session.add(duty)
        change.act.session.flush()  # milestones need its id
        change.act.record(
            Verb.DUTY_ADD,
            Subject.DUTY,
            duty.id,
            duty=duty,
            document=task.document,
            after={"role": share.role},
            note=change.why,
        )
    _start_missing(change, duty, item)
    done.added += 1


def _take_role(change: Amendment, duty: Duty, item: Item, share: Share, done: Changed) -> None:
    """Let a unit that a supervisor had added before stand in the new text's role."""
    if duty.state in ENDED or duty.role is share.role:
        return
    _change_role(change, duty, Share(duty.role, duty.via_group_id), share, done)
    _start_missing(change, duty, item)


def _start_missing(change: Amendment, duty: Duty, item: Item) -> None:
    """Start the clocks of the rules that bind a duty, where it has not had them."""
    change.act.session.flush()
    had = set(change.act.session.scalars(select(Milestone.rule_id).where(Milestone.duty_id == duty.id)))
    bound = [r for r in item.rules if r.id not in had and binds(r, duty, item, change.members)]
    start_clocks(change.act, duty, item, bound, change.calendar)


# --- dates -----------------------------------------------------------------------------------------------------------


def _change_dates(  # noqa: PLR0913 - what was and what will be, of one duty
    change: Amendment,
    duty: Duty,
    item: Item,
    pairs: Sequence[tuple[RulePair, bool]],
    held: set[int],
    clocks: Sequence[Milestone],
    done: Changed,
) -> None:
    """Let a duty's clocks follow the new text; an ended one's go on unchanged under the same limits."""
    running = duty.state not in ENDED
    told: list[str] = []
    for (before, after), same in pairs:
        has = before is not None and before.id in held
        wants = after is not None and binds(after, duty, item, change.members)
        mine = [m for m in clocks if before is not None and m.rule_id == before.id]
        if has and wants and same and after is not None:
            _go_on(change, duty, item, after, mine, running)
        elif not running:
            _redate_ended(change, duty, before, after, mine, has and wants)
        elif has and wants and before is not None and after is not None:
            told.append(f"{_words(before)} → {_words(after)}")
            _replace(change, duty, item, before, after, mine)
        elif has and before is not None:
            told.append(f"取消 {_words(before)}")
            _drop(change, before, mine)
        elif wants and after is not None:
            told.append(f"增加 {_words(after)}")
            _start(change, duty, item, after)
    if not running:
        return
    duty.awaits_event = any(
        r.kind is Kind.RELATIVE and not counts_from_document(r) and not _answered(r)
        for r in item.rules
        if binds(r, duty, item, change.members)
    )
    if told:
        done.dates += len(told)
        change.act.record(
            Verb.DUTY_DATES,
            Subject.DUTY,
            duty.id,
            duty=duty,
            document=duty.task.document,
            after={"limits": told},
            note=f"{change.why}：{'；'.join(told)}",
        )


def _words(rule: DeadlineRule) -> str:
    return f"“{rule.quote}”" if rule.quote else "督查员设定的时限"


def _answered(rule: DeadlineRule) -> bool:
    return rule.past_answer in (PastAnswer.DONE, PastAnswer.UNTRACKED)


def _dated(rule: DeadlineRule) -> bool:
    return rule.kind is Kind.ABSOLUTE or counts_from_document(rule)


def _go_on(
    change: Amendment,
    duty: Duty,
    item: Item,
    rule: DeadlineRule,
    mine: Sequence[Milestone],
    running: bool,
) -> None:
    """The same limit: its milestones belong to the new text from now on, their dates stay."""
    for milestone in mine:
        milestone.rule = rule
    if mine and running and change.validity_moved and rule.kind is Kind.RECURRING:
        change.act.session.flush()  # what it has decides what is missing
        open_current(change.act, duty, item, rule, change.calendar)


def _replace(
    change: Amendment,
    duty: Duty,
    item: Item,
    before: DeadlineRule,
    after: DeadlineRule,
    mine: Sequence[Milestone],
) -> None:
    """Another date or rhythm in the place of one: a date is appended, begun periods are owed as they were."""
    if _dated(before) and _dated(after) and mine and not _answered(after):
        for milestone in mine:
            milestone.rule = after
            if milestone.met_at is None and milestone.cancelled_at is None:
                _redate(change, duty, milestone, after)
        return
    _drop(change, before, mine)
    begun = [m.due_on for m in mine if m.due_on and m.met_at is None and m.cancelled_at is None]
    met = [m.due_on for m in mine if m.due_on and m.met_at is not None]
    if after.kind is Kind.RECURRING and before.kind is Kind.RECURRING:
        open_current(change.act, duty, item, after, change.calendar, after=max([*begun, *met], default=None))
    else:
        _start(change, duty, item, after)


def _start(change: Amendment, duty: Duty, item: Item, rule: DeadlineRule) -> None:
    start_clocks(change.act, duty, item, [rule], change.calendar)
    if duty.state is State.SUBMITTED:  # under review: what comes in now is so too
        change.act.session.flush()
        for milestone in change.act.session.scalars(
            select(Milestone).where(Milestone.duty_id == duty.id, Milestone.rule_id == rule.id)
        ):
            milestone.submitted_at = duty.submitted_at


def _redate(change: Amendment, duty: Duty, milestone: Milestone, rule: DeadlineRule) -> None:
    event_at = own_event_at(duty.task.document, rule) if counts_from_document(rule) else None
    redate(change.act, milestone, change.calendar, change.why, event_at=event_at)


def _redate_ended(
    change: Amendment,
    duty: Duty,
    before: DeadlineRule | None,
    after: DeadlineRule | None,
    mine: Sequence[Milestone],
    bound: bool,
) -> None:
    """Give a revoked duty's date the new day, so that it starts again with it; a completed one's stays."""
    if duty.state is not State.REVOKED or not bound or before is None or after is None:
        return
    if _dated(before) and _dated(after) and not _answered(after):
        for milestone in mine:
            milestone.rule = after
            if milestone.met_at is None:
                _redate(change, duty, milestone, after)


def _drop(change: Amendment, rule: DeadlineRule, mine: Sequence[Milestone]) -> None:
    """Take a limit's open dates out of every count; a period that has begun is still owed."""
    day = change.act.today
    for milestone in mine:
        begun = rule.kind is Kind.RECURRING and (milestone.opens_on is None or milestone.opens_on <= day)
        if milestone.met_at is None and milestone.cancelled_at is None and not begun:
            milestone.cancel(change.act.now, Cancellation.EDITION)


def cancel_lapsed(change: Amendment, task: Task) -> None:
    """Take the periods out that fall after the document's new end."""
    ends = recurrence_ends(task.document, task.item)
    if ends is None:
        return
    for rows in _clocks(change.act.session, task).values():
        for milestone in rows:
            recurring = milestone.rule.kind is Kind.RECURRING and milestone.due_on is not None
            running = milestone.met_at is None and milestone.cancelled_at is None
            if recurring and running and milestone.due_on is not None and milestone.due_on > ends:
                milestone.cancel(change.act.now, Cancellation.EDITION)
