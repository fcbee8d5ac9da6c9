"""Outcomes (结果): what is told of submissions, requests for more time and cases, to whom, and while it is true."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, exists, false, or_
from sqlalchemy.orm import aliased
from sqlalchemy.sql import ColumnElement

from tracker.rules.ladder import Level
from tracker.rules.workflow import ENDED, State
from tracker.store.models import (
    Alert,
    AlertState,
    Case,
    CaseRecord,
    CaseStep,
    Document,
    DocumentState,
    Duty,
    Extension,
    ExtensionState,
    MemberRole,
    Membership,
    Milestone,
    Outcome,
    Referral,
    Report,
    ReportKind,
    Task,
    Unit,
)
from tracker.store.reminders.recipients import answers, holds, holds_in_place, nobody, unconcerned

Join = Callable[[Select[Any]], Select[Any]]
Reader = Callable[[Any], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Telling:
    """One sort of outcome: the rows it is about, while it is true, who is told, and when it came about.

    `reader` takes a user's column and never lets through who did the act.  `posts` narrows memberships to those among
    whom readers are found.  `unit` is the unit whose address is told where it has no officer; none of supervisors.
    """

    level: Level
    thing: Any  # Report, Extension, Referral or Case
    alert: Any  # the alert's column that names it
    join: Join
    true: ColumnElement[bool]
    posts: ColumnElement[bool]
    reader: Reader
    unit: Any = None
    officer_id: Any = None  # who of the unit is told rather than his colleagues
    since: Any = None  # told for some weeks after this instant; none of what waits for somebody
    ids: tuple[Any, ...] = ()  # what else the alert names

    @property
    def accused(self) -> Any:
        """The unit complained of, which must not learn of the case; none of what is no case."""
        return None if self.thing is Report else Case.accused_unit_id

    def told_to(self, user_id: Any) -> ColumnElement[bool]:
        """Whether a person is to be told: a reader, and not of the unit complained of."""
        if self.accused is None:
            return self.reader(user_id)
        return and_(self.reader(user_id), unconcerned(user_id, self.accused))

    def told_at_address(self) -> ColumnElement[bool]:
        """Whether the address of the statement's Unit is to be told, for want of an officer."""
        if self.unit is None:
            return false()
        apart = self.accused.is_distinct_from(Unit.id) if self.accused is not None else None
        lacking = nobody(self.unit, self.officer_id)
        return lacking if apart is None else and_(lacking, apart)


def _with_duty(query: Select[Any]) -> Select[Any]:
    return (
        query.join(Duty, Report.duty_id == Duty.id)
        .join(Task, Duty.task_id == Task.id)
        .join(Document, Task.document_id == Document.id)
        .join(Unit, Duty.unit_id == Unit.id)
    )


def _with_clock(query: Select[Any]) -> Select[Any]:
    return (
        query.join(Milestone, Extension.milestone_id == Milestone.id)
        .join(Unit, Milestone.unit_id == Unit.id)
        .outerjoin(Duty, Milestone.answering_duty_id == Duty.id)
        .outerjoin(CaseStep, Milestone.case_step_id == CaseStep.id)
        .outerjoin(Case, CaseStep.case_id == Case.id)
    )


def _with_handler(query: Select[Any]) -> Select[Any]:
    return query.join(Unit, Case.unit_id == Unit.id).outerjoin(Duty, Case.duty_id == Duty.id)


def _with_case(query: Select[Any]) -> Select[Any]:
    return _with_handler(query.join(Case, Referral.case_id == Case.id))


def _officer(unit_id: Any) -> ColumnElement[bool]:
    # Its head stands in where an officer's address was refused: which of them is told, `answers` says.
    return and_(Membership.unit_id == unit_id, Membership.role.in_((MemberRole.OFFICER, MemberRole.HEAD)))


_office = aliased(Unit)


def _supervisor(jurisdiction_id: Any) -> ColumnElement[bool]:
    here = exists().where(_office.id == Membership.unit_id, _office.jurisdiction_id == jurisdiction_id)
    return and_(Membership.role == MemberRole.SUPERVISOR, here)


def _who_asked(user_id: Any, unit_id: Any, by_id: Any, officer_id: Any) -> ColumnElement[bool]:
    """Whether a user asked, or is the duty's officer; any officer where who asked cannot be reached."""
    own = and_(officer_id == user_id, holds(user_id, MemberRole.OFFICER, unit_id))
    return or_(answers(user_id, unit_id, by_id), own)


_later = aliased(Report)
_published = Document.state == DocumentState.PUBLISHED
_not_over = or_(Duty.id.is_(None), Duty.state.not_in(ENDED))
_running = and_(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None), Case.closed_at.is_(None), _not_over)
# Nobody of the unit has done anything in it since it was registered.
_untouched = ~exists().where(
    CaseRecord.case_id == Case.id, CaseRecord.unit_id == Case.unit_id, CaseRecord.at > Case.opened_at
)
_own_post = aliased(Membership)
_by_own_officer = exists().where(
    _own_post.user_id == Case.opened_by_id, _own_post.unit_id == Case.unit_id, _own_post.role == MemberRole.OFFICER
)
_anew = aliased(Referral)
_handed_on = exists().where(_anew.case_id == Referral.case_id, _anew.id > Referral.id, _anew.at >= Referral.returned_at)


def _reviewed(level: Level, outcome: Outcome, true: ColumnElement[bool]) -> Telling:
    return Telling(
        level=level,
        thing=Report,
        alert=Alert.report_id,
        join=_with_duty,
        true=and_(Report.outcome == outcome, _published, true),
        posts=_officer(Duty.unit_id),
        reader=lambda user: and_(
            _who_asked(user, Duty.unit_id, Report.by_id, Duty.officer_id), Report.reviewed_by_id.is_distinct_from(user)
        ),
        unit=Duty.unit_id,
        officer_id=Report.by_id,
        since=Report.reviewed_at,
        ids=(Report.duty_id.label("duty_id"),),
    )


TELLINGS = (
    Telling(
        level=Level.SUBMITTED,
        thing=Report,
        alert=Alert.report_id,
        join=_with_duty,
        true=and_(
            Report.kind == ReportKind.SUBMISSION, Report.outcome.is_(None), Duty.state == State.SUBMITTED, _published
        ),
        posts=_supervisor(Document.jurisdiction_id),
        reader=lambda user: and_(
            holds_in_place(user, MemberRole.SUPERVISOR, Document.jurisdiction_id), Report.by_id != user
        ),
        ids=(Report.duty_id.label("duty_id"),),
    ),
    _reviewed(
        Level.SENT_BACK,
        Outcome.RETURNED,
        and_(
            Duty.state.not_in((*ENDED, State.SUBMITTED)),
            ~exists().where(
                _later.duty_id == Report.duty_id, _later.kind == ReportKind.SUBMISSION, _later.id > Report.id
            ),
        ),
    ),
    _reviewed(Level.ACCEPTED, Outcome.ACCEPTED, Duty.state.in_((State.COMPLETED, State.CLOSED))),
    Telling(
        level=Level.EXTENSION_ASKED,
        thing=Extension,
        alert=Alert.extension_id,
        join=_with_clock,
        true=and_(Extension.state == ExtensionState.PENDING, _running),
        posts=or_(
            _supervisor(Milestone.jurisdiction_id),
            and_(
                Milestone.case_step_id.is_not(None),
                Membership.unit_id == Milestone.unit_id,
                Membership.role == MemberRole.HEAD,
            ),
        ),
        reader=lambda user: and_(
            or_(
                holds_in_place(user, MemberRole.SUPERVISOR, Milestone.jurisdiction_id),
                and_(Milestone.case_step_id.is_not(None), holds(user, MemberRole.HEAD, Milestone.unit_id)),
            ),
            Extension.by_id != user,
        ),
        ids=(Extension.milestone_id.label("milestone_id"), Milestone.answering_duty_id.label("duty_id")),
    ),
    Telling(
        level=Level.EXTENSION_DECIDED,
        thing=Extension,
        alert=Alert.extension_id,
        join=_with_clock,
        true=and_(Extension.state != ExtensionState.PENDING, _running),
        posts=_officer(Milestone.unit_id),
        reader=lambda user: and_(
            _who_asked(user, Milestone.unit_id, Extension.by_id, Duty.officer_id),
            Extension.decided_by_id.is_distinct_from(user),
        ),
        unit=Milestone.unit_id,
        officer_id=Extension.by_id,
        since=Extension.decided_at,
        ids=(Extension.milestone_id.label("milestone_id"), Milestone.answering_duty_id.label("duty_id")),
    ),
    Telling(
        level=Level.REGISTERED,
        thing=Case,
        alert=Alert.case_id,
        join=_with_handler,
        true=and_(Case.closed_at.is_(None), _not_over, _untouched, ~_by_own_officer),
        posts=_officer(Case.unit_id),
        reader=lambda user: answers(user, Case.unit_id, Duty.officer_id),
        unit=Case.unit_id,
        officer_id=Duty.officer_id,
    ),
    Telling(
        level=Level.RETURNED,
        thing=Referral,
        alert=Alert.referral_id,
        join=_with_case,
        true=and_(Referral.returned_at.is_not(None), Case.closed_at.is_(None), _not_over, ~_handed_on),
        posts=or_(_officer(Case.unit_id), Membership.user_id == Referral.by_id),
        reader=lambda user: and_(
            or_(
                answers(user, Case.unit_id, Referral.by_id),
                and_(Referral.by_id == user, holds_in_place(user, MemberRole.SUPERVISOR, Case.jurisdiction_id)),
            ),
            Referral.returned_by_id.is_distinct_from(user),
        ),
        unit=Case.unit_id,
        officer_id=Referral.by_id,
        since=Referral.returned_at,
    ),
)  # fmt: skip
OUTCOMES = frozenset(telling.level for telling in TELLINGS)


def outcomes_still_true(told: Select[Any]) -> Sequence[Select[Any]]:
    """Return, of a query of alerts, those of outcomes that still are true, of things and of readers alike."""
    reachable = or_(Alert.state == AlertState.UNREACHABLE, Unit.email != "")
    return [
        telling.join(told.join(telling.thing, telling.alert == telling.thing.id))
        .where(Alert.level == telling.level, telling.true)
        .where(
            or_(
                and_(Alert.user_id.is_not(None), telling.told_to(Alert.user_id)),
                and_(Alert.user_id.is_(None), telling.told_at_address(), reachable),
            )
        )
        for telling in TELLINGS
    ]
