"""A year's heading cites the notice that settles it, where one is known to be cited."""

from datetime import date

import pytest

from tracker.clock.calendar import national
from tracker.clock.national import NationalYear, NoticeName
from tracker.store.calendars.content import Content
from tracker.web.calendars import year as drawn

TODAY = date(2026, 3, 24)


@pytest.mark.parametrize(
    ("content", "year", "words"),
    [
        (Content(), 2026, "某通知（某办〔某〕某号，2025年11月5日）"),
        (Content(), 2025, ""),
        (Content(), 2027, ""),
        (Content(years={2027: "某办〔某〕另号"}), 2027, "某办〔某〕另号"),
        (Content(years={2027: None}), 2027, ""),
    ],
    ids=["named in the table", "not named in it", "not in it", "loaded by the place", "loaded without a number"],
)
def test_a_notice_is_cited_where_it_is_known(
    monkeypatch: pytest.MonkeyPatch, content: Content, year: int, words: str
) -> None:
    named = NationalYear({}, frozenset(), NoticeName("某通知", "某办〔某〕某号", date(2025, 11, 5)))
    monkeypatch.setattr(drawn, "YEARS", {2025: NationalYear({}, frozenset()), 2026: named})
    assert drawn.year_view(national(), content, year, TODAY).notice == words
