"""Time limits that count from the document itself (自印发之日起): its issue, its entry into force, what is past."""

import re
from datetime import date, datetime, time

from tracker.clock.calendar import national
from tracker.clock.resolution import resolve
from tracker.clock.rules import Kind
from tracker.now import SHANGHAI
from tracker.store.models import DeadlineRule, Document, Edition

# Events that are the document's own: a period counted from them is known at once.
# The whole of a trigger must say so: 项目实施 and 中标公告发布 are events of others.
_OWN_EVENT = re.compile(
    r"(?:自|从)?(?:本|该|此)?(?:《[^》]*》)?"
    r"(?:文件|通知|公告|决定|意见|(?:若干|政策)?措施|政策|(?:实施|工作|行动)?方案|(?:管理|实施|暂行)?办法|(?:实施)?细则|规定|条例|计划)?"
    r"(?:自|从)?(?:正式)?(?:(?P<issue>印发|发布|公布|下发|出台)|(?P<force>施行|实施|生效|执行))(?:之日|之时|日|后|以来)?(?:起|后)?"
)


def counts_from_document(rule: DeadlineRule) -> bool:
    """Whether a relative rule's event is the document's own issue or entry into force."""
    return rule.kind is Kind.RELATIVE and _OWN_EVENT.fullmatch(rule.trigger or "") is not None


def is_past(rule: DeadlineRule, document: Document | Edition, today: date) -> bool:
    """Whether the rule's date had already gone by, counted where it runs from the document's own issue."""
    if rule.kind is Kind.ABSOLUTE:
        return rule.due_on is not None and rule.due_on < today
    if counts_from_document(rule) and document.issued_on is not None:
        resolved = resolve(rule.as_rule(), event_at=own_event_at(document, rule), calendar=national())
        return resolved.due_on is not None and resolved.due_on < today
    return False


def own_event_at(document: Document | Edition, rule: DeadlineRule) -> datetime | None:
    """Return the instant of the document's own event that a rule counts from: its issue, or its entry into force."""
    return own_event_from(rule, document.issued_on, document.effective_on)


def own_event_from(rule: DeadlineRule, issued_on: date | None, effective_on: date | None) -> datetime | None:
    """Return the same for a document of these dates."""
    said = _OWN_EVENT.fullmatch(rule.trigger or "")
    day = issued_on
    if said and said["force"]:
        day = effective_on or day
    return datetime.combine(day, time(12), SHANGHAI) if day else None
