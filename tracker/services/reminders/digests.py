"""The digest (提醒邮件): from the alerts of one reader to the groups and lines of one mail."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from tracker.adapters.mail.rendering import Digest
from tracker.clock.calendar import national
from tracker.now import shanghai
from tracker.rules.ladder import LATE_RUNGS, UNSIGNED_RUNGS, Level, Reader
from tracker.rules.lights import Light, Signal, is_hour, light_of
from tracker.services.reminders.items import ORDER, Group, Matter, day_of
from tracker.services.reminders.lines import DigestFacts, Scene, groups
from tracker.services.reminders.outcomes import is_outcome, outcome
from tracker.services.reminders.wording import lead, reason, subject
from tracker.store.models import Alert, Duty, MemberRole, Milestone, Referral

_HOUR = timedelta(hours=1)
# What tells of a signature that is missing: the reminders, and not that something is new.
_LONG_UNSIGNED = (*UNSIGNED_RUNGS.values(), Level.WEEKLY)


def digest(alerts: Sequence[Alert], facts: DigestFacts, scene: Scene, message_id: str) -> Digest:
    """Return the one mail of a reader's alerts; all of them are to the same user or unit address."""
    mail = message_id.strip("<>")
    matters = _matters(alerts, facts, scene)
    units = list(dict.fromkeys(m.unit.name for m in matters if m.unit is not None))
    overseen = any(m.overseer is not None for m in matters)
    one_unit = len(units) == 1 and not overseen and all(m.unit is not None for m in matters)
    who = units[0] if one_unit and any(m.as_officer for m in matters) else "您"
    places = dict.fromkeys(m.place_id for m in matters if m.place_id is not None)
    sender = "、".join(facts.offices[place] for place in places)
    user = alerts[0].user
    one_unit = one_unit and not any(m.as_supervisor for m in matters)  # he is of no unit the mail names
    named = [*(units if one_unit else ()), *([user.name] if user else ())]
    return Digest(
        subject=subject(matters),
        greeting=" ".join(named),
        lead=lead(matters, who, scene.today),
        groups=tuple(groups(matters, facts, scene, mail, name_unit=len(units) > 1 or overseen)),
        sender=sender,
        reason=reason(matters, sender, to_person=user is not None),
        base_url=scene.base_url,
    )


def _matters(alerts: Sequence[Alert], facts: DigestFacts, scene: Scene) -> list[Matter]:
    """Return each thing once, most urgent first: a new duty whose own clock is told of is not told twice."""
    clocks: dict[int, Matter] = {}
    new: dict[int, Matter] = {}
    handed: dict[int, Matter] = {}
    others: list[Matter] = []
    # Told of for its date as well as for the change of it, a clock stands where its date puts it.
    reached = {a.milestone_id for a in alerts if a.level is not Level.CHANGED and not is_outcome(a)}
    for alert in alerts:
        if is_outcome(alert):
            continue
        if alert.milestone is not None:
            clocks[alert.milestone.id] = _clock(alert, alert.milestone, facts, scene, alert.milestone_id in reached)
        elif alert.referral is not None:
            matter = _referred(alert, alert.referral, facts, scene)
            # Handed over and not signed for since: said once, as it stands by now.
            if alert.referral.id not in handed or matter.group is not Group.REFERRED:
                handed[alert.referral.id] = matter
        elif alert.jurisdiction is not None:
            years = tuple(facts.missing.get(alert.jurisdiction.id, ()))
            signal = Signal(Light.WAIT, "请载入放假通知")
            others.append(Matter(Group.CALENDAR, signal, place=alert.jurisdiction, years=years))
        elif alert.duty is not None:
            matter = _assigned(alert, alert.duty, facts, scene)
            if alert.duty.id not in new or matter.group is not Group.NEW:
                new[alert.duty.id] = matter
    for matter in clocks.values():
        matter.unsigned = matter.milestone is not None and matter.milestone.duty_id in new
    told = {m.duty.id for m in clocks.values() if m.unsigned and m.duty is not None}
    fresh = (m for duty_id, m in new.items() if duty_id not in told)
    outcomes = _outcomes(alerts, list(clocks.values()), facts, scene)
    return sorted([*clocks.values(), *fresh, *handed.values(), *others, *outcomes], key=_urgency)


def _outcomes(alerts: Sequence[Alert], clocks: Sequence[Matter], facts: DigestFacts, scene: Scene) -> list[Matter]:
    """Return the outcomes; a case just registered whose own clock is told of is not told twice."""
    pressing: dict[int, list[Matter]] = {}
    for clock in clocks:
        if clock.case is not None:
            pressing.setdefault(clock.case.id, []).append(clock)
    found = []
    for alert, matter in ((alert, outcome(alert, facts, scene)) for alert in alerts if is_outcome(alert)):
        if matter is None:
            continue
        if matter.unit is not None and not matter.as_supervisor:
            matter.as_head = matter.as_head or _as_head(alert, matter.unit.id, facts)
        if matter.milestone is not None:
            matter.signal = _signal(matter.milestone, scene)
        theirs = pressing.get(matter.told_case.id, []) if matter.told_case and matter.group is Group.REGISTERED else []
        for clock in theirs:
            clock.registered = True
        if not theirs:
            found.append(matter)
    return found


def _clock(alert: Alert, milestone: Milestone, facts: DigestFacts, scene: Scene, reached: bool) -> Matter:
    """Return what is told of a clock: how it stands, and its date before a recalculation."""
    signal = _signal(milestone, scene)
    dates = facts.dates.get(milestone.id, ())
    counted_again = len(dates) > 1 and dates[-1].recalculation_id is not None
    overseer = _overseer(alert, milestone.unit_id, facts)
    as_head = overseer is None and _as_head(alert, milestone.unit_id, facts)
    group = _group(milestone, signal, scene.today) if reached else Group.CHANGED
    return Matter(
        Group.LATE_CHASED if group is Group.LATE and (as_head or overseer is not None) else group,
        signal,
        alert.duty,
        milestone,
        was=dates[0] if counted_again else None,
        as_head=as_head,
        overseer=overseer,
    )


def _assigned(alert: Alert, duty: Duty, facts: DigestFacts, scene: Scene) -> Matter:
    """Return what is told of a duty nobody has signed for: that it is new, or how long it has waited."""
    matter = Matter(Group.NEW, Signal(Light.WAIT, "请签收"), duty, facts.nearest.get(duty.id), unsigned=True)
    _stand(matter, alert, duty.unit_id, facts)
    return _waited(matter, alert, f"交办 {_workdays(duty.assigned_at, matter, scene)} 个工作日仍未签收")


def _referred(alert: Alert, referral: Referral, facts: DigestFacts, scene: Scene) -> Matter:
    """Return what is told of a case handed to a unit which has not signed."""
    matter = Matter(Group.REFERRED, Signal(Light.WAIT, "请签收"), referral=referral)
    _stand(matter, alert, referral.to_unit_id, facts)
    return _waited(matter, alert, f"转办 {_workdays(referral.at, matter, scene)} 个工作日仍未签收")


def _stand(matter: Matter, alert: Alert, unit_id: int, facts: DigestFacts) -> None:
    """Note as what the reader is told."""
    matter.overseer = _overseer(alert, unit_id, facts)
    matter.as_head = matter.overseer is None and _as_head(alert, unit_id, facts)


def _waited(matter: Matter, alert: Alert, words: str) -> Matter:
    """Say how long a signature has been waited for, where that is what the alert is about."""
    if alert.level in _LONG_UNSIGNED:
        matter.group = Group.UNSIGNED_CHASED if matter.chased else Group.UNSIGNED
        matter.signal = Signal(Light.WAIT, words)
    return matter


def _workdays(given_at: datetime, matter: Matter, scene: Scene) -> int:
    calendar = scene.calendars.of(matter.place_id) if matter.place_id is not None else national()
    return calendar.workdays_between(shanghai(given_at).date(), scene.today)


def _overseer(alert: Alert, unit_id: int, facts: DigestFacts) -> MemberRole | None:
    """Return the post for which somebody above the unit is told; none for the unit's own officer or head."""
    if alert.user_id is None:
        return None
    if alert.level is Level.LATE_10:
        as_what = MemberRole.LEADER
    elif alert.level in (LATE_RUNGS[Reader.SUPERVISOR], UNSIGNED_RUNGS[Reader.SUPERVISOR], Level.WEEKLY):
        as_what = MemberRole.SUPERVISOR
    else:
        return None
    own = {(unit_id, MemberRole.OFFICER), (unit_id, MemberRole.HEAD)} & facts.posts.get(alert.user_id, set())
    return None if own else as_what


def _as_head(alert: Alert, unit_id: int, facts: DigestFacts) -> bool:
    if alert.user_id is None:
        return False
    return (unit_id, MemberRole.OFFICER) not in facts.posts.get(alert.user_id, set())


def _urgency(matter: Matter) -> tuple[int, date, datetime, int, int, int]:
    task, m = matter.duty.task if matter.duty is not None else None, matter.milestone
    return (
        ORDER[matter.group],
        matter.due_day or date.max,
        (m.due_at if m is not None else None) or datetime.max.replace(tzinfo=UTC),
        task.document_id if task is not None else 0,
        task.ordinal if task is not None else 0,
        m.id if m is not None else matter.duty.id if matter.duty is not None else _case_id(matter),
    )


def _case_id(matter: Matter) -> int:
    return matter.told_case.id if matter.told_case is not None else 0


def _signal(milestone: Milestone, scene: Scene) -> Signal:
    """Return how a clock stands; an hour is named, as minutes left mean nothing once a mail has lain a while."""
    due_at = milestone.due_at
    said = light_of(
        state="in_progress",
        now=scene.now,
        calendar=scene.calendars.of(milestone.jurisdiction_id),
        due_at=due_at,
        due_on=milestone.due_on,
        earliest_on=milestone.earliest_on,
        watch=milestone.watch,
    )
    if due_at is None or not is_hour(due_at):
        return said
    if scene.now < due_at <= scene.now + _HOUR:
        return Signal(said.light, "1 小时内到期")
    if scene.now < due_at and day_of(milestone) == scene.today:
        return Signal(said.light, f"今日 {shanghai(due_at):%H:%M} 到期")
    if due_at <= scene.now < due_at + _HOUR:
        return Signal(said.light, said.light.label)
    return said


def _group(milestone: Milestone, signal: Signal, today: date) -> Group:
    """Group by how it stands when the mail is written, which may be later than when it was swept."""
    if signal.light in (Light.LATE, Light.WATCH):
        return Group.LATE
    if milestone.due_at is None:
        return Group.AVAILABLE
    return Group.TODAY if day_of(milestone) == today else Group.SOON
