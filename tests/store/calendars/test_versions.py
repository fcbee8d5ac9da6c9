"""Which calendar counts where: the years whose notice should be in, and the versions of a place."""

from datetime import date

import pytest

from tracker.clock.calendar import NOTICED_YEARS, WorkCalendar
from tracker.store.calendars.versions import Calendars, missing_years

LAST = max(NOTICED_YEARS)
HERE, THERE = 1, 2


@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(LAST, 10, 31), {}),
        (date(LAST, 11, 1), {HERE: [LAST + 1], THERE: [LAST + 1]}),
        (date(LAST, 12, 31), {HERE: [LAST + 1], THERE: [LAST + 1]}),
        (date(LAST + 1, 1, 1), {HERE: [LAST + 1], THERE: [LAST + 1]}),
        (date(LAST + 1, 11, 1), {HERE: [LAST + 1, LAST + 2], THERE: [LAST + 1, LAST + 2]}),
    ],
)
def test_next_years_notice_is_missed_from_november_on_and_this_years_always(today, missing):
    assert missing_years(Calendars(), [HERE, THERE], today) == missing


def test_a_place_that_holds_the_notice_itself_misses_nothing():
    own = Calendars({HERE: WorkCalendar(noticed_years=NOTICED_YEARS | {LAST + 1})})
    assert missing_years(own, [HERE, THERE], date(LAST, 11, 26)) == {THERE: [LAST + 1]}
