"""One measure under confirmation in full: its names, its time limits, and what each would give."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.clock.calendar import WorkCalendar
from tracker.clock.describing import describe_rule
from tracker.clock.recurrence import occurrences
from tracker.clock.resolution import resolve
from tracker.clock.rules import ClockError, Kind, Step
from tracker.reading.names.likeness import nearest
from tracker.reading.plan import NameKind
from tracker.services.case_types.limits import Taken, waits_for_event
from tracker.store.deadlines.coming import coming_periods
from tracker.store.deadlines.rules import counts_from_document, own_event_at
from tracker.store.documents.drafts import UNSURE, Ask, Question
from tracker.store.models import Assignment, DeadlineRule, Document, Edition, Measure
from tracker.store.registry.names import Known
from tracker.store.registry.units import Choices
from tracker.web.documents.confirmation_forms import COUNTS_AS
from tracker.web.kit.access import calendar, now, this_day
from tracker.web.kit.words import around, day, due_day, instant

SURE = 0.85


@dataclass(frozen=True, slots=True)
class Trial:
    """What a time limit would give, counted for show, with the reasons."""

    words: str
    steps: tuple[Step, ...] = ()
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class NameView:
    """One name's fields with what is known of it."""

    at: int  # its place in the form
    form: Any
    row: Assignment | None
    printed: str
    says: str  # whom it means now
    now: tuple[str, str] | None  # the choice it has now, as value and words
    nearest: list[tuple[str, str]]
    collective: bool
    sure: str
    lesson: str = ""  # whose name would be learned, where that was shown

    @property
    def teachable(self) -> bool:
        """Whether the registry may learn the name: nobody knows it yet, and it is no 各有关部门."""
        return self.row is not None and not self.row.answered and self.row.kind is not NameKind.COLLECTIVE


@dataclass(frozen=True, slots=True)
class RuleView:
    """One time limit's fields with its words and its trial computation."""

    form: Any
    row: DeadlineRule | None
    says: str
    trial: Trial | None
    past: bool
    sure: str
    open: bool
    waits: bool = False  # its cases are of a type: `row.case_type`, or one that is made at publication
    offers: Sequence[Taken] = ()  # types that exist and agree with it


@dataclass(frozen=True, slots=True)
class ItemView:
    """One responsibility item with its names and time limits; the last of each is an empty one to add."""

    form: Any
    row: Any
    names: list[NameView]
    rules: list[RuleView]


def sureness(confidence: float) -> str:
    return "高" if confidence >= SURE else "中" if confidence >= UNSURE else "低"


def item_views(
    form: Any,
    measure: Measure,
    known: Known,
    choices: Choices,
    asked: Iterable[Question],
    offers: Mapping[int, Sequence[Taken]],
) -> list[ItemView]:
    """Pair a measure's form with its rows; `offers` are the case types each limit could take."""
    rows = {i.id: i for i in measure.items}
    troubled = {q.rule.id for q in asked if q.rule is not None}
    past = {q.rule.id for q in asked if q.ask in (Ask.PAST_DATE, Ask.NO_PERIOD) and q.rule is not None}
    made = []
    for entry in form.items:
        item = rows.get(entry.form.id.data)
        if item is None:
            continue
        names, rules = {a.id: a for a in item.assignments}, {r.id: r for r in item.rules}
        made.append(
            ItemView(
                entry.form,
                item,
                [
                    name_view(n, e.form, names.get(e.form.id.data), known, choices)
                    for n, e in enumerate(entry.form.names)
                ],
                [
                    rule_view(r.form, rules.get(r.form.id.data), measure, troubled, past, offers)
                    for r in entry.form.rules
                ],
            )
        )
    return made


def name_view(at: int, form: Any, row: Assignment | None, known: Known, choices: Choices) -> NameView:
    value = form.means.data or ""
    words = meaning(value, form.chosen.data or [], choices, row)
    current = (value, words) if value[:1] in ("u", "g") and words else None
    close = close_names(row, known, choices) if row is not None and not row.answered else []
    return NameView(
        at,
        form,
        row,
        row.printed if row else "",
        _beside(row.printed, words) if row else words,
        current,
        close,
        row is not None and row.kind is not NameKind.UNIT,
        sureness(row.confidence) if row else "",
        words if value and form.told.data == value else "",
    )


def _beside(printed: str, words: str) -> str:
    """Return what the meaning adds to the printed name: nothing where it is the same, the number for a group."""
    return "" if words == printed else words.removeprefix(f"{printed} →").strip()


def close_names(row: Assignment, known: Known, choices: Choices) -> list[tuple[str, str]]:
    """Return the nearest known units, and for a group's name the nearest groups, as choices."""
    units = [(f"u{i}", choices.unit_names[i]) for _, i in known.nearest(row.printed) if i in choices.unit_names]
    if row.kind is NameKind.UNIT:
        return units
    by_name = {name: i for i, name in choices.group_names.items()}
    groups = [f"g{by_name[n]}" for n in nearest(row.printed, by_name, limit=3)]
    return [(g, group_words(int(g[1:]), choices)) for g in groups] + units


def group_words(group_id: int, choices: Choices) -> str:
    return f"{choices.group_names.get(group_id, '')} → {choices.group_sizes.get(group_id, 0)} 个"


def meaning(value: str, chosen: list[int], choices: Choices, row: Assignment | None) -> str:
    """Say whom a choice means."""
    number = int(value[1:]) if value[1:].isdigit() else 0
    if value.startswith("u"):
        fallback = row.unit.name if row is not None and row.unit is not None else ""
        return choices.unit_names.get(number, fallback)
    if value.startswith("g"):
        return group_words(number, choices)
    if value == "some":
        return "、".join(choices.unit_names.get(i, "") for i in chosen)
    return {"left": "暂不落实", "new": "新建单位"}.get(value, "")


def rule_view(
    form: Any,
    row: DeadlineRule | None,
    measure: Measure,
    troubled: set[int],
    past: set[int],
    offers: Mapping[int, Sequence[Taken]],
) -> RuleView:
    if row is None:
        return RuleView(form, None, "", None, False, "", bool(form.errors) or not form.blank)
    answered = row.past_answer is not None
    if row.counts_as_workday and row.article and row.article not in COUNTS_AS:
        # An article read from the document itself can be kept: it is offered beside those of the table.
        form.counts_as.choices = [*COUNTS_AS.items(), (row.article, f"按工作日计（{row.article}）")]
    return RuleView(
        form,
        row,
        rule_words(row),
        trial(row, measure.edition.facts),
        row.id in past or answered,
        "" if row.set_by_id else sureness(row.confidence),
        bool(form.errors) or (row.id in troubled and row.id not in past),
        waits_for_event(row),
        offers.get(row.id, ()),
    )


def rule_words(rule: DeadlineRule) -> str:
    """Say a time limit in short: its kind, what it counts, and what is to be done."""
    try:
        said = describe_rule(rule.as_rule(), event_name=rule.trigger)
    except ClockError as error:
        said = str(error)
    return " · ".join(part for part in (rule.kind.label, said, rule.act) if part)


def trial(rule: DeadlineRule, document: Document | Edition) -> Trial | None:
    """Count a time limit as if its event, or the publication, were today."""
    days = _days_of(document)
    try:
        match rule.kind:
            case Kind.VALIDITY:
                return Trial("只说明适用的期间，不产生办理期限")
            case Kind.RECURRING:
                return _periods(rule, document)
            case Kind.ABSOLUTE:
                found = resolve(rule.as_rule(), event_at=None, calendar=days)
                return Trial(f"截止 {_when(found)}", found.explanation, found.provisional)
        own = own_event_at(document, rule) if counts_from_document(rule) else None
        found = resolve(rule.as_rule(), event_at=own or now(), calendar=days, event_name=rule.trigger)
    except ClockError as error:
        return Trial(f"{error}")
    event = rule.trigger or "事件发生"
    words = f"自文件{event}起算：{_when(found)}" if own else f"试算：今天{event} → {_when(found)}"
    return Trial(words, found.explanation, found.provisional)


def _days_of(document: Document | Edition) -> WorkCalendar:
    whole = document if isinstance(document, Document) else document.document
    return calendar(whole.jurisdiction_id)


def _periods(rule: DeadlineRule, document: Document | Edition) -> Trial:
    found = occurrences(
        rule.as_rule(), published_on=this_day(), expires_on=document.expires_on, calendar=_days_of(document), count=2
    )
    if not found:
        return Trial("文件有效期内已没有下一期")
    words = "，".join(f"{o.label} {_when(o.resolved)}" for o in found)
    return Trial(f"试算：今天发布 → {words}", found[0].resolved.explanation, found[0].resolved.provisional)


@dataclass(frozen=True, slots=True)
class LimitInShort:
    """One time limit in short, as the table of the whole reading has it."""

    words: str  # the date it comes to, or the rhythm, or the period with its event
    beside: str  # the words it was read from, or what it still waits for
    on: date | None = None  # the first day it asks for, where one is known
    provisional: bool = False


def counted(rule: DeadlineRule, document: Document | Edition) -> LimitInShort:
    """Say in short what a time limit comes to if the document were published today."""
    days, quote = _days_of(document), rule.quote or "督查员设定"
    try:
        said = describe_rule(rule.as_rule(), event_name=rule.trigger)
        if rule.kind is Kind.VALIDITY:
            return LimitInShort(said, "适用的期间")
        if rule.past_answer is not None and rule.renewed_on is None:
            return LimitInShort(said, f"已过，{rule.past_answer.label}")
        if rule.renewed_on is not None:
            return LimitInShort(day(rule.renewed_on), f"{quote}，已过，改为这一天", rule.renewed_on)
        if rule.kind is Kind.RECURRING:
            coming = coming_periods(rule, rule.item, document, on=this_day(), published_on=this_day(), calendar=days)
            if not coming:
                return LimitInShort(said, "有效期内没有一期")
            found = coming[0].resolved
            return LimitInShort(said, around("下一期 ", _when(found)), found.due_on, found.provisional)
        own = own_event_at(document, rule) if counts_from_document(rule) else None
        if rule.kind is Kind.RELATIVE and own is None:
            return LimitInShort(said, "登记事件后起算" if not counts_from_document(rule) else "填写印发日期后起算")
        found = resolve(rule.as_rule(), event_at=own, calendar=days)
    except ClockError as error:
        return LimitInShort(quote, str(error))
    return LimitInShort(_when(found), quote, found.due_on or found.earliest_on, found.provisional)


def _when(found: Any) -> str:
    if found.due_on is not None:
        return due_day(found.due_on, found.due_at)
    if found.due_at is not None:
        return instant(found.due_at)
    return around("", day(found.earliest_on), "起") if found.earliest_on else ""
