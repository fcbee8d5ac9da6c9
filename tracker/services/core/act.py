"""One act (一次操作): who does it, when, on which session, by which calendars; and the record it leaves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NoReturn, TypedDict, Unpack

from sqlalchemy.orm import Session

from tracker.clock.calendar import WorkCalendar
from tracker.now import today
from tracker.rules.permissions import CASE_OTHER_EYES, OTHER_EYES, PlaceAction, Stage, not_now, whose
from tracker.rules.verbs import Subject, Verb
from tracker.rules.workflow import Action, CaseAction
from tracker.services.core import (
    standing,  # noqa: F401 - what is acted on keeps its standing from the first act on
    trail,
)
from tracker.services.core.errors import NotPermitted, Refused
from tracker.store.calendars.versions import CalendarsInForce
from tracker.store.core.actors import Actor
from tracker.store.models import Document, Duty


class EntryParts(TypedDict, total=False):
    """What an entry of the trail may say beside its verb and subject."""

    unit_id: int | None
    jurisdiction_id: int | None
    duty: Duty | None
    document: Document | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Act:
    """What every verb is handed: it reads no time, opens no transaction and asks nobody else who is acting."""

    session: Session
    actor: Actor
    now: datetime
    calendars: CalendarsInForce

    @property
    def today(self) -> date:
        """The day it is in Shanghai."""
        return today(self.now)

    @property
    def by_id(self) -> int | None:
        """The user who acts; None where the system does."""
        return self.actor.user_id

    def require(self, action: PlaceAction, jurisdiction_id: int | None, stage: Stage | None = None) -> None:
        """Let through whom the table of permissions lets do this in a place.

        NotPermitted where he never may, Refused where a stage is given and it is not the time.
        """
        permit(self.actor.may(action, jurisdiction_id), whose(action))
        if stage is not None and not self.actor.may(action, jurisdiction_id, stage):
            raise Refused(not_now(action, stage))

    def require_another(self, action: Action | CaseAction, asked_by_id: int | None) -> None:
        """Let nobody decide on what he asked for himself."""
        words = OTHER_EYES[action] if isinstance(action, Action) else CASE_OTHER_EYES[action]
        permit(asked_by_id != self.actor.user_id, words)

    def calendar(self, jurisdiction_id: int) -> WorkCalendar:
        """Return the calendar that counts in a place."""
        return self.calendars.of(jurisdiction_id)

    def by(self, actor: Actor) -> "Act":
        """Return the same act done by another: the system, where one thing follows from another."""
        return replace(self, actor=actor)

    def at(self, now: datetime) -> "Act":
        """Return the same act done at another instant."""
        return replace(self, now=now)

    def record(self, verb: Verb, subject: Subject, subject_id: int | None, **said: Unpack[EntryParts]) -> None:
        """Append one entry to the trail: who, for which unit, what, before and after."""
        trail.add(self.session, self.entry(verb, subject, subject_id, **said))

    def record_all(self, entries: Iterable[trail.Entry]) -> None:
        """Append many entries to the trail in their order, by one statement."""
        trail.append(self.session, entries)

    def entry(self, verb: Verb, subject: Subject, subject_id: int | None, **said: Unpack[EntryParts]) -> trail.Entry:
        """Return what one entry of the trail says."""
        duty, document = said.get("duty"), said.get("document")
        unit_id, jurisdiction_id = said.get("unit_id"), said.get("jurisdiction_id")
        if document is not None:
            jurisdiction_id = jurisdiction_id or document.jurisdiction_id
        if unit_id is None:
            unit_id = self.actor.post_for(duty.unit_id if duty else None, jurisdiction_id)
        return {
            **trail.entry(subject, said.get("before"), said.get("after"), said.get("note")),
            "at": self.now,
            "actor_id": self.by_id,
            "unit_id": unit_id,
            "jurisdiction_id": jurisdiction_id,
            "verb": verb.value,
            "subject_id": subject_id,
            "duty_id": duty.id if duty else None,
            "document_id": document.id if document else None,
        }


def permit(permitted: bool, otherwise: str) -> None:
    """Refuse where a table, or a rule beside it, has said no."""
    if not permitted:
        forbid(otherwise)


def forbid(otherwise: str) -> NoReturn:
    """Say that the actor never may: the one place that raises NotPermitted."""
    raise NotPermitted(otherwise)


def begin(session: Session, actor: Actor, now: datetime) -> Act:
    """Begin an act on a session; the calendars are read when one is first asked for."""
    return Act(session, actor, now, CalendarsInForce(session))
