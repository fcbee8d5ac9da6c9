"""Statutes under which a printed 日 is a workday: of which numbers of days each says it."""

import pytest

from tracker.clock.statutes import STATUTES, counts_as_workdays, statute_of
from tracker.reading.limits.phrases import read_phrases


@pytest.mark.parametrize(
    ("article", "yes", "no"),
    [
        # 行政许可法 82: 本法规定的实施行政许可的期限, whatever its length
        ("行政许可法第八十二条", [1, 5, 15, 20, 45], [0, -1]),
        # 行政复议法 (2023) 88 added 三日 and 十日 to those of the text of 2017
        ("行政复议法第八十八条", [3, 5, 7, 10], [2, 15, 60]),
        ("行政复议法（2017年）第四十条", [5, 7], [3, 10, 60]),
        ("行政处罚法第八十五条", [2, 3, 5, 7], [1, 10, 15, 90]),
        # 行政强制法 69: 十日以内
        ("行政强制法第六十九条", list(range(1, 11)), [0, 11, 15, 30]),
        ("保障中小企业款项支付条例第二十五条", [], [10, 30]),
    ],
)
def test_which_days_are_workdays(article: str, yes: list[int], no: list[int]) -> None:
    assert all(counts_as_workdays(article, amount) for amount in yes)
    assert not any(counts_as_workdays(article, amount) for amount in no)


def test_every_article_is_named_once() -> None:
    assert len({statute.article for statute in STATUTES}) == len(STATUTES)
    for statute in STATUTES:
        assert statute_of(statute.article) is statute
        assert statute.words


@pytest.mark.parametrize("law", ["行政许可", "行政复议", "行政处罚", "行政强制"])
@pytest.mark.parametrize("days", [1, 2, 3, 5, 7, 10, 15])
def test_what_the_reader_reads_is_in_the_table(law: str, days: int) -> None:
    """An article read from a document is one the page offers, and of the same numbers of days."""
    (read,) = read_phrases(f"{law}机关自受理之日起{days}日内作出决定")
    wanted = next(statute for statute in STATUTES if statute.name == f"{law}法")
    counted = counts_as_workdays(wanted.article, days)
    assert (read.counts_as, read.by) == (("workday", wanted.article) if counted else (None, None))
