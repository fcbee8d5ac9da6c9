"""Any stretch of a source can be read as one measure."""

import pytest

from tracker.reading.extraction import measure_of
from tracker.reading.plan import Span

TEXT = "云岭县若干措施\n一、推进工作。由县水务局于2026年12月底前完成。县住建局负责验收。\n二、开展检查。（县住建局）\n"


def test_a_stretch_is_read_with_its_units_and_limits() -> None:
    start = TEXT.index("一、")
    measure = measure_of(TEXT, Span(start, TEXT.index("县住建局负责")), key="一", year=2026)
    assert [a.unit for i in measure.items for a in i.assignments] == ["县水务局"]
    assert [d.quote for i in measure.items for d in i.deadlines] == ["2026年12月底前"]
    assert measure.text.startswith("推进工作")


def test_a_stretch_that_begins_in_a_line_has_no_number() -> None:
    start = TEXT.index("县住建局负责")
    measure = measure_of(TEXT, Span(start, start + 9), key="一#2")
    assert (measure.key, measure.text) == ("一#2", "县住建局负责验收。")


def test_a_stretch_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="no words"):
        measure_of(TEXT + "   ", Span(len(TEXT), len(TEXT) + 2), key="一")
