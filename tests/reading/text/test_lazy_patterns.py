"""A pattern that waits for its first use behaves like one that does not."""

import re

import pytest

from tracker.reading.text.lazy import lazy


def test_a_lazy_pattern_finds_what_a_compiled_one_finds() -> None:
    late, early = lazy(r"(?P<n>\d+)日", re.IGNORECASE), re.compile(r"(?P<n>\d+)日", re.IGNORECASE)
    text = "3日内，最迟15日"
    assert [m["n"] for m in late.finditer(text)] == [m["n"] for m in early.finditer(text)]
    assert late.sub("", text) == early.sub("", text)
    assert (late.pattern, late.flags) == (early.pattern, early.flags)
    assert late.search(text, 3) is not None


def test_a_bad_pattern_is_only_told_of_when_it_is_used() -> None:
    broken = lazy("(")
    with pytest.raises(re.error):
        broken.search("")


def test_a_method_that_patterns_lack_is_none_of_its_own() -> None:
    with pytest.raises(AttributeError):
        _ = lazy("a").nothing  # type: ignore[attr-defined]
