"""督办书: a letter to the unit that is late, as it is printed."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from tracker.clock.wording import month_day
from tracker.now import shanghai
from tracker.services.cases.privacy import reader_of
from tracker.store.cases.page import dated_steps
from tracker.store.models import Case, CaseRecord, CaseStep, CaseType, Document, Unit
from tracker.web.kit.access import actor, calendar, db
from tracker.web.kit.views import View


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPage(View):
    """A supervision letter, as it is printed."""

    template: ClassVar[str] = "cases/letter.html"
    case: Case
    text: str
    step: CaseStep | None
    to: Unit
    quote: str | None
    article: str
    due: str
    happened: str
    late: int
    written: str
    document: Document | None
    type: CaseType | None
    office: str


def letter(case: Case, record: CaseRecord) -> str:
    """Return a 督办书 as it is printed: to the unit that is late, on which ground, and what it is to do by when."""
    step = next(s for s in case.steps if s.id == record.step_id)
    held_up = _late_step(case, step, record.at)
    dated = dated_steps(db(), case.id).get(held_up.id) if held_up else None
    rule = held_up.rule if held_up else None
    milestone = dated.milestone if dated else None
    days = calendar(case.jurisdiction_id)
    late = days.workdays_between(milestone.due_on, _day_of(record.at)) if milestone and milestone.due_on else 0
    return LetterPage(
        case=case,
        # Who does not handle the case prints it without names and numbers.
        text=reader_of(db(), actor(), case)(record.text),
        step=held_up,
        to=held_up.unit if held_up and held_up.unit else case.unit,
        quote=rule.quote if rule else None,
        article=_article(rule.article) if rule and rule.article else "",
        due=month_day(milestone.due_on) if milestone and milestone.due_on else "",
        happened=month_day(case.happened_on),
        late=late,
        written=month_day(_day_of(record.at)),
        document=case.task.document if case.task else None,
        type=case.type_version.type,
        office=record.unit.name if record.unit else case.unit.name,
    ).render()


def _late_step(case: Case, letter_step: CaseStep, at: datetime) -> CaseStep | None:
    """Return the step a letter was written about: the one in force then, not one that was handed back before."""
    begun = [s for s in case.steps if s.key == letter_step.after_key and s.started_at is not None]
    in_force = [s for s in begun if s.cancelled_at is None or s.cancelled_at > at]
    return max(in_force or begun, key=lambda s: s.ordinal, default=None)


def _day_of(at: datetime) -> date:
    return shanghai(at).date()


def _article(cited: str) -> str:
    """Return a citation as a letter writes it: 《某条例》第25条 of 某条例 25."""
    found = re.fullmatch(r"(\S+) (\d+)", cited)
    return f"《{found[1]}》第{found[2]}条" if found else cited
