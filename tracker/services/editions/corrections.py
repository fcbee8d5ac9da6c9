"""更正: a document's issue date or a case's event was written down wrongly; the dates counted from it follow."""

from collections.abc import Iterator
from datetime import date, datetime

from tracker.now import EARLIEST, today
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.rules.workflow import CaseAction
from tracker.services.core.act import Act, permit
from tracker.services.core.errors import Fault, Refused, Stale, check_version, refuse
from tracker.services.core.masking import without_private
from tracker.services.deadlines.recalculation import CHANGED, apply, fingerprint, preview_event, preview_issue_date
from tracker.store.cases.standing import may
from tracker.store.core.actors import Actor
from tracker.store.core.stages import stage_of_document
from tracker.store.deadlines.recalculation import steps_that_follow
from tracker.store.models import (
    Case,
    Document,
    Recalculation,
    RecalculationKind,
    Starts,
)

LONGEST_REASON = 100


def may_correct_event(actor: Actor, case: Case) -> bool:
    """Whether the actor may correct a case's instants: an officer of the unit that handles it, or a supervisor; never
    who is of the unit complained of.
    """
    return may(actor, case, (), CaseAction.CORRECT)


def check_may_correct_event(actor: Actor, case: Case) -> None:
    """Let through who may correct a case's instants."""
    permit(may_correct_event(actor, case), "只有办理单位的承办人或督查员可以更正发生时间和受理时间。")


def check_issue_date(document: Document, issued_on: date, now: datetime) -> None:
    """Refuse an issue date that cannot be, or is no correction."""
    if issued_on == document.issued_on:
        raise Refused("填写的日期与现在的印发日期相同，没有需要更正的。")
    if issued_on < EARLIEST:
        raise Refused("请核对年份。", "issued_on")
    if issued_on > today(now):
        raise Refused("印发日期不能晚于今天。", "issued_on")
    if document.expires_on is not None and document.expires_on < issued_on:
        raise Refused("有效期不能早于印发日期，请核对。", "issued_on")


def check_event(case: Case, happened_at: datetime, accepted_at: datetime | None, now: datetime) -> None:
    """Refuse instants that cannot be, or are no correction."""
    if (happened_at, accepted_at) == (case.happened_at, case.accepted_at):
        raise Refused("填写的时间与现在的相同，没有需要更正的。")
    refuse(_event_faults(case, happened_at, accepted_at, now))


def _event_faults(case: Case, happened_at: datetime, accepted_at: datetime | None, now: datetime) -> Iterator[Fault]:
    if today(happened_at) < EARLIEST:
        yield Fault("请核对年份。", "happened_on")
    if happened_at > now:
        yield Fault("发生时间和受理时间不能晚于现在。", "happened_on")
    if (accepted_at is None) != (case.accepted_at is None):
        yield Fault("受理用“受理”这一步登记，这里只更正已经登记的受理时间。", "accepted_on")
    elif accepted_at is not None and accepted_at > now:
        yield Fault("发生时间和受理时间不能晚于现在。", "accepted_on")
    elif accepted_at is not None and accepted_at < happened_at:
        yield Fault("受理时间不能早于发生时间。", "accepted_on")


def correct_issue_date(
    act: Act,
    document: Document,
    issued_on: date,
    why: str,
    previewed: str,
    version: int | None = None,
) -> Recalculation:
    """更正印发日期: the document's date and every open date counted from it, as the preview named `previewed` said."""
    calendar = act.calendar(document.jurisdiction_id)
    act.require(PlaceAction.CORRECT_ISSUE_DATE, document.jurisdiction_id, stage_of_document(document))
    check_version(document.version, version)
    check_issue_date(document, issued_on, act.now)
    why = _reason(why)
    shifts = preview_issue_date(act.session, document, issued_on, calendar)
    if fingerprint(shifts) != previewed:
        raise Stale(CHANGED)
    was, document.issued_on = document.issued_on, issued_on
    act.record(
        Verb.DOCUMENT_ISSUE_DATE,
        Subject.DOCUMENT,
        document.id,
        document=document,
        before={"issued_on": was},
        after={"issued_on": issued_on},
        note=why,
    )
    return apply(
        act,
        kind=RecalculationKind.ISSUE_DATE,
        jurisdiction_id=document.jurisdiction_id,
        subject_id=document.id,
        why=why,
        calendar=calendar,
        shifts=shifts,
    )


def correct_event(  # noqa: PLR0913 - a form's fields, in its order
    act: Act,
    case: Case,
    happened_at: datetime,
    accepted_at: datetime | None,
    why: str,
    previewed: str,
    version: int | None = None,
) -> Recalculation:
    """更正发生/受理时间: a case's instants and every open date that starts with them, as the preview said.

    A step already done keeps the clock it was met by.
    """
    calendar = act.calendar(case.jurisdiction_id)
    if case.closed_at is not None:
        raise Refused("办件已经办结，不能再更正时间。")
    check_may_correct_event(act.actor, case)
    check_version(case.version, version)
    check_event(case, happened_at, accepted_at, act.now)
    why = without_private(act.session, case, _reason(why))  # it goes into the trail, and to all whose dates it moves
    shifts = preview_event(act.session, case, happened_at, accepted_at, calendar)
    if fingerprint(shifts) != previewed:
        raise Stale(CHANGED)
    before = {"happened_at": case.happened_at, "accepted_at": case.accepted_at}
    case.happened_at, case.happened_on, case.accepted_at = happened_at, today(happened_at), accepted_at
    for step in steps_that_follow(act.session, case.id):
        step.started_at = happened_at if step.starts is Starts.EVENT else accepted_at
    act.record(
        Verb.CASE_EVENT,
        Subject.CASE,
        case.id,
        unit_id=act.actor.post_for(case.unit_id, case.jurisdiction_id),
        jurisdiction_id=case.jurisdiction_id,
        before=before,
        after={"happened_at": happened_at, "accepted_at": accepted_at},
        note=f"{case.number} {why}",
    )
    return apply(
        act,
        kind=RecalculationKind.EVENT,
        jurisdiction_id=case.jurisdiction_id,
        subject_id=case.id,
        why=why,
        calendar=calendar,
        shifts=shifts,
    )


def _reason(why: str) -> str:
    words = why.strip()
    if not words:
        raise Refused("请写明更正的原因，例如：落款日期看错。", "why")
    if len(words) > LONGEST_REASON:
        raise Refused(f"原因请不超过 {LONGEST_REASON} 个字。", "why")
    return words
