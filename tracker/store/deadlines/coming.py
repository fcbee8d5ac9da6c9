"""Which periods of a rhythm run at a moment (本期和下期): what publication makes, and what its page promises."""

from datetime import date

from tracker.clock.calendar import WorkCalendar
from tracker.clock.recurrence import current_and_next, occurrences
from tracker.clock.rules import IncompleteRule, Kind, Occurrence
from tracker.store.models import DeadlineRule, Document, Edition, Item


def recurrence_ends(document: Document | Edition, item: Item) -> date | None:
    """Return the day after which nothing recurs: the document's validity, or the item's own."""
    ends = [rule.due_on for rule in item.rules if rule.kind is Kind.VALIDITY and rule.due_on]
    if document.expires_on:
        ends.append(document.expires_on)
    return min(ends, default=None)


def coming_periods(
    rule: DeadlineRule,
    item: Item,
    document: Document | Edition,
    *,
    on: date,
    published_on: date,
    calendar: WorkCalendar,
) -> list[Occurrence]:
    """Return the period of a rhythm that runs on a day and the one after it; none where the rhythm is over."""
    try:
        return current_and_next(
            rule.as_rule(),
            on=on,
            published_on=published_on,
            expires_on=recurrence_ends(document, item),
            calendar=calendar,
        )
    except IncompleteRule:  # an end printed with the rhythm itself lies before the publication
        return []


# A rhythm with more periods than this in its validity is said to have at least so many.
MOST_COUNTED = 500


def periods_within(
    rule: DeadlineRule, item: Item, document: Document | Edition, *, published_on: date, calendar: WorkCalendar
) -> int | None:
    """Return how many periods a rhythm has from the publication to the end of its validity; None where it has no end.

    Never more than `MOST_COUNTED`.
    """
    ends = recurrence_ends(document, item)
    if ends is None:
        return None
    try:
        found = occurrences(
            rule.as_rule(), published_on=published_on, expires_on=ends, calendar=calendar, count=MOST_COUNTED
        )
    except IncompleteRule:
        return 0
    return len(found)
