"""No document has so many numbers: what lies behind the last that is looked at is asked, never lost in silence."""

import pytest

from tracker.reading.extraction import read
from tracker.reading.outline import markers
from tracker.reading.plan import DoubtKind


def test_a_text_with_more_numbers_than_any_document_says_where_it_was_no_longer_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "云岭县若干措施\n" + "".join(f"{n}.推进第{n}项。（县水务局）\n" for n in range(1, 31))
    monkeypatch.setattr(markers, "MOST", 20)
    monkeypatch.setattr("tracker.reading.outline.layout.MOST", 20)
    reading = read(text)
    (doubt,) = [one for one in reading.doubts if one.kind is DoubtKind.UNREAD]
    assert text[doubt.span.start :].startswith("20.")
    assert len(reading.plans[0].measures) == 20


def test_an_ordinary_text_is_cut_to_its_end() -> None:
    text = "云岭县若干措施\n一、推进改造。（县水务局）\n二、开展检查。（县住建局）\n"
    assert [doubt.kind for doubt in read(text).doubts] == []
