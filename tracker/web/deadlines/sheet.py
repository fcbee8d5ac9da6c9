"""计算单: one date on one sheet of paper, with its clause, day by day how it was counted, and what happened to it."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from flask import Blueprint, url_for

from tracker.clock.calendar import WorkCalendar
from tracker.clock.daybook import day_by_day
from tracker.clock.daylines import DayLine
from tracker.clock.describing import describe_rule
from tracker.clock.resolution import resolve
from tracker.clock.rules import ClockError, Resolved, Suspension
from tracker.clock.wording import month_day
from tracker.now import shanghai
from tracker.rules.lights import Signal
from tracker.services.cases.privacy import reader_of
from tracker.services.deadlines.milestones import counted_by
from tracker.store.calendars.versions import calendar_named
from tracker.store.cases.standing import is_accused
from tracker.store.deadlines.pauses import suspensions_of
from tracker.store.deadlines.sheets import History, find_milestone, history_of
from tracker.store.models import DeadlineRule, Document, Item, Milestone
from tracker.web.deadlines.clocks import what
from tracker.web.kit.access import actor, calendar, db, not_found, or_404
from tracker.web.kit.views import View
from tracker.web.kit.words import milestone_signal

milestones = Blueprint("milestones", __name__, url_prefix="/milestones")

_LABEL = re.compile(r"cn-(\d{4})(?:\+v(\d+))?")
_SENTENCE = re.compile(r"[^。；;\n]*[。；;]?")
_TICK = timedelta(microseconds=1)
# From so many lines on they stand in columns, so that the sheet stays one page.
COLUMNS = ((44, "three"), (13, "two"))


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One printed line of the day-by-day table; nothing on it is said twice in a row."""

    on: str
    label: str
    why: str
    article: str
    skipped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPage(View):
    """The sheet that explains a date."""

    template: ClassVar[str] = "deadlines/sheet.html"
    milestone: Milestone
    rule: DeadlineRule
    name: str
    back_url: str
    signal: Signal
    document: Document | None
    clause: list[tuple[str, str]]
    words: str
    statute: tuple[str, Resolved] | None
    event: str
    calendar_words: str
    lines: list[SheetRow]
    columns: str
    steps: list[dict[str, Any]]
    articles: list[str]
    history: History
    read: Callable[[str | None], str]
    unit_words: str


@milestones.get("/<int:milestone_id>")
def show(milestone_id: int) -> str:
    """One date and why it is this one, fit to be printed and filed."""
    milestone = or_404(find_milestone(db(), actor(), milestone_id))
    case = milestone.case_step.case if milestone.case_step is not None else None
    if case is not None and is_accused(actor(), case):
        not_found()
    history = history_of(db(), milestone)
    pauses = suspensions_of(db(), [milestone.id]).get(milestone.id, [])
    counted = calendar_named(db(), milestone.jurisdiction_id, milestone.calendar_version)
    lines = _lines(milestone, counted or calendar(milestone.jurisdiction_id), pauses)
    steps = history.dates[-1].explanation
    return SheetPage(
        milestone=milestone,
        rule=milestone.rule,
        name=what(milestone),
        back_url=_holder_url(milestone),
        signal=milestone_signal(milestone),
        document=_document(milestone),
        clause=clause_of(milestone),
        words=_rule_words(milestone),
        statute=_statute(milestone, counted or calendar(milestone.jurisdiction_id), pauses),
        event=milestone.rule.trigger or (milestone.case_step.case.event if milestone.case_step else "事件"),
        calendar_words=calendar_words(milestone.calendar_version),
        lines=_rows(lines),
        columns=next((css for least, css in COLUMNS if len(lines) >= least), ""),
        steps=steps,
        articles=_articles(lines, steps, milestone),
        history=history,
        # Pauses and extensions quote what handlers wrote of a case.
        read=reader_of(db(), actor(), case) if case is not None else _as_written,
        unit_words=milestone.rule.unit.label if milestone.rule.unit else "",
    ).render()


def _as_written(text: str | None) -> str:
    return text or ""


def _holder_url(milestone: Milestone) -> str:
    if milestone.case_step is not None:
        return url_for("cases.show", case_id=milestone.case_step.case_id)
    return url_for("duties.show", duty_id=milestone.duty_id)


def _document(milestone: Milestone) -> Document | None:
    """Return the document a date rests on: its clause's own, else the one its case stands under; none of a statute."""
    item = milestone.rule.item
    if item is not None:
        return item.measure.edition.document
    if milestone.duty is not None:
        return milestone.duty.task.document
    case = milestone.case_step.case if milestone.case_step else None
    if case is None:
        return None
    if case.task is not None:
        return case.task.document
    return case.type_version.type.document


def _clause_of_case(milestone: Milestone) -> Item | None:
    """Return the clause that a case's type was made of or taken for: its limit is a copy of the printed one."""
    case = milestone.case_step.case if milestone.case_step is not None else None
    return case.task.item if case is not None and case.task is not None else None


def clause_of(milestone: Milestone) -> list[tuple[str, str]]:
    """Return the sentence that sets the limit, its words marked; what a person set stands in no text."""
    item, quote = milestone.rule.item or _clause_of_case(milestone), milestone.rule.quote
    if not quote:
        return []
    text = item.text if item is not None else quote
    at = text.find(quote)
    if at < 0:
        return [(quote, "deadline")]
    sentence = next(m for m in _SENTENCE.finditer(text) if m.start() <= at < max(m.end(), m.start() + 1))
    end = max(sentence.end(), at + len(quote))
    before, after = text[sentence.start() : at].lstrip(), text[at + len(quote) : end].rstrip()
    return [piece for piece in ((before, ""), (quote, "deadline"), (after, "")) if piece[0]]


def _rule_words(milestone: Milestone) -> str:
    """Return the rule in words, as it counts now."""
    rule = counted_by(milestone)
    try:
        return describe_rule(rule, event_name=milestone.rule.trigger if milestone.fixed_on is None else None)
    except ClockError:
        return milestone.rule.quote or ""


def _lines(milestone: Milestone, days: WorkCalendar, pauses: Sequence[Suspension]) -> tuple[DayLine, ...]:
    """Return the date added up again day by day; nothing where that does not come to the date that stands.

    A date that was counted by other inputs than those kept keeps its own explanation, which the sheet shows instead.
    """
    try:
        lines = day_by_day(
            counted_by(milestone),
            event_at=milestone.event_at,
            calendar=days,
            suspensions=pauses,
            event_name=milestone.rule.trigger,
        )
    except ClockError:
        return ()
    return lines if lines and lines[-1].on in _stands_on(milestone) else ()


def _rows(lines: Sequence[DayLine]) -> list[SheetRow]:
    """Return the lines as they are printed: the year where it changes, a holiday's name and an article once."""
    rows: list[SheetRow] = []
    year, article = lines[0].on.year if lines else 0, None
    for line in lines:
        through = f"至{month_day(line.through, line.on.year)}" if line.through else ""
        weekday, _, name = line.label.partition("，")
        label = weekday if name and name in line.why else line.label
        rows.append(
            SheetRow(
                on=month_day(line.on, year) + through,
                label=label,
                why=line.why + ("（暂定）" if line.provisional else ""),
                article=line.article if line.article and line.article != article else "",
                skipped=line.counted is None and line is not lines[-1],
            )
        )
        year, article = (line.through or line.on).year, line.article
    return rows


def _stands_on(milestone: Milestone) -> set[date | None]:
    """Return the days on which the last line of a date may stand."""
    if milestone.due_on is not None or milestone.due_at is None:
        return {milestone.due_on or milestone.earliest_on}
    # An hour limit that ends at midnight ends the day before as well.
    return {shanghai(milestone.due_at).date(), shanghai(milestone.due_at - _TICK).date()}


def _statute(milestone: Milestone, days: WorkCalendar, pauses: Sequence[Suspension]) -> tuple[str, Resolved] | None:
    """Return the statute's outer limit beside the local promise, with the date it gives."""
    outer = milestone.case_step.statute_rule if milestone.case_step is not None else None
    if outer is None:
        return None
    try:
        resolved = resolve(outer.as_rule(), event_at=milestone.event_at, calendar=days, suspensions=pauses)
        return describe_rule(outer.as_rule()) + (f"（{outer.article}）" if outer.article else ""), resolved
    except ClockError:
        return None


def calendar_words(label: str) -> str:
    """Say which calendar counted: 全国放假安排（至2026年）, 本地日历第3版（全国放假安排至2027年）."""
    match = _LABEL.fullmatch(label)
    if match is None:
        return label
    return f"本地日历第{match[2]}版（放假安排至{match[1]}年）" if match[2] else f"全国放假安排（至{match[1]}年）"


def _articles(lines: Iterable[DayLine], steps: Iterable[dict[str, Any]], milestone: Milestone) -> list[str]:
    """Return the articles relied on, each once, in the order they are met."""
    found = [milestone.rule.article, *(line.article for line in lines), *(step.get("article") for step in steps)]
    return list(dict.fromkeys(article for article in found if article))
