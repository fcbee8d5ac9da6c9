"""Outcomes in a mail (结果的条目): what was handed in, decided, registered or returned, and the reason given."""

from dataclasses import replace
from datetime import datetime

from tracker.clock.describing import describe_rule
from tracker.clock.wording import month_day
from tracker.now import shanghai
from tracker.rules.ladder import Level
from tracker.rules.lights import Light, Signal
from tracker.services.core.masking import mask_text
from tracker.services.reminders.items import Group, Matter, cut, flat
from tracker.services.reminders.lines import DigestFacts, Scene
from tracker.store.models import Alert, Case, Extension, ExtensionState, MemberRole, Milestone, Referral, Report
from tracker.store.reminders.outcomes import OUTCOMES

LONGEST_REASON = 300


def is_outcome(alert: Alert) -> bool:
    """Whether an alert tells of what somebody did that its reader waits for."""
    return alert.level in OUTCOMES


def outcome(alert: Alert, facts: DigestFacts, scene: Scene) -> Matter | None:
    """Return what is told of an outcome; how its clock stands is for the caller to say."""
    if alert.report is not None:
        return _reviewed(alert, alert.report, facts, scene)
    if alert.extension is not None and alert.milestone is not None:
        return _extension(alert, alert.extension, alert.milestone, facts, scene)
    if alert.referral is not None:
        return _returned(alert, alert.referral, facts, scene)
    return _registered(alert, alert.case, scene) if alert.case is not None else None


def _reviewed(alert: Alert, report: Report, facts: DigestFacts, scene: Scene) -> Matter:
    if alert.level is Level.SUBMITTED:
        unit = alert.duty.unit.name if alert.duty is not None else ""
        signal = Signal(Light.REVIEW, f"{unit}{_day(report.at, scene)}提交，请审核")
        return Matter(Group.SUBMITTED, signal, alert.duty, as_supervisor=True)
    if alert.level is Level.ACCEPTED:
        signal = Signal(Light.DONE, f"{_day(report.reviewed_at, scene)}同意办结")
        return Matter(Group.ACCEPTED, signal, alert.duty, said=_said("审核意见", report.review_note))
    return Matter(
        Group.SENT_BACK,
        Signal(Light.FINE, ""),
        alert.duty,
        facts.nearest.get(alert.duty_id or 0),
        said=_said("退回原因", report.review_note),
    )


def _extension(alert: Alert, wish: Extension, milestone: Milestone, facts: DigestFacts, scene: Scene) -> Matter:
    """Return a request or its decision; of a case, without whom it is from."""
    name = facts.names.get(milestone.id)
    asked = alert.level is Level.EXTENSION_ASKED
    matter = Matter(Group.ASKED if asked else Group.DECIDED, Signal(Light.FINE, ""), alert.duty, milestone)
    if asked:
        matter.said = _said(f"申请{_wanted(wish, milestone, scene)}", wish.reason, name)
        held = facts.posts.get(alert.user_id or 0, set())
        matter.as_supervisor = any(role is MemberRole.SUPERVISOR for _, role in held)
        matter.as_head = not matter.as_supervisor
        return matter
    granted = wish.state is ExtensionState.GRANTED
    if granted:
        dates = facts.dates.get(milestone.id, ())
        matter.was = dates[0] if len(dates) > 1 else None
    matter.granted = granted
    matter.said = _said("审批意见" if granted else "不批准的原因", wish.note, name)
    return matter


def _wanted(wish: Extension, milestone: Milestone, scene: Scene) -> str:
    if wish.wanted_on is not None:
        return f"延至{month_day(wish.wanted_on, scene.today.year)}"
    total = replace(milestone.rule.as_rule(), amount=wish.amount)
    return f"将总期限延长至{describe_rule(total).removesuffix('内')}"


def _returned(alert: Alert, referral: Referral, facts: DigestFacts, scene: Scene) -> Matter:
    case = referral.case
    posts = {(case.unit_id, MemberRole.OFFICER), (case.unit_id, MemberRole.HEAD)}
    own = posts & facts.posts.get(alert.user_id or 0, set())
    return Matter(
        Group.RETURNED,
        Signal(Light.WAIT, f"{referral.to_unit.name}{_day(referral.returned_at, scene)}退回，请重新转办"),
        told_case=case,
        as_supervisor=alert.user_id is not None and not own,
        said=_said("退回理由", referral.return_reason, facts.complainants.get(case.id)),
    )


def _registered(alert: Alert, case: Case, scene: Scene) -> Matter:
    return Matter(Group.REGISTERED, Signal(Light.WAIT, f"{_day(case.opened_at, scene)}登记，请办理"), told_case=case)


def _said(title: str, reason: str | None, name: str | None = None) -> str:
    """Return the reason under its title, on one line, without what could tell whom a case is from."""
    said = mask_text(reason, name)
    return f"{title}：{cut(flat(said), LONGEST_REASON)}" if said.strip() else ""


def _day(at: datetime | None, scene: Scene) -> str:
    return month_day(shanghai(at).date(), scene.today.year) if at is not None else ""
