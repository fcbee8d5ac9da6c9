"""Sentences of laws: the limits they set are read, the lengths they only mention are not."""

import json

from tests.reading.scoring import GOLD, Score, score_sentence
from tracker.reading.limits.phrases import read_phrases

SENTENCES = [json.loads(line) for line in (GOLD / "statute-sentences.jsonl").read_text("utf-8").splitlines() if line]


def _scores() -> list[tuple[str, Score]]:
    return [(one["text"], score_sentence(one, list(read_phrases(one["text"])))) for one in SENTENCES]


def test_sixty_sentences_are_at_hand() -> None:
    assert len(SENTENCES) == 60


def test_their_limits_are_read() -> None:
    scores = _scores()
    hit = sum(s.deadlines.hit for _, s in scores)
    both = sum(s.deadlines.expected + s.deadlines.read for _, s in scores)
    assert 2 * hit / both >= 0.95, [miss for _, s in scores for miss in s.deadlines.misses]


def test_their_events_parties_and_senses_are_read() -> None:
    scores = _scores()
    for sort in ("triggers", "parties", "senses"):
        counts = [getattr(s, sort) for _, s in scores]
        agreed = sum(c.hit for c in counts) / sum(c.expected for c in counts)
        assert agreed >= 0.95, (sort, [miss for c in counts for miss in c.misses])


def test_their_lengths_of_other_sorts_are_no_limits() -> None:
    fooled = [quote for _, s in _scores() for quote in s.fooled]
    assert len(fooled) <= 0.02 * sum(s.distractors for _, s in _scores()), fooled


def test_a_law_that_counts_working_days_says_so() -> None:
    for one in SENTENCES:
        if one["law"].startswith(("行政许可法", "行政复议法")):
            read = {d.amount: d.counts_as for d in read_phrases(one["text"])}
            for gold in one["deadlines"]:
                if gold["amount"]:
                    assert read[gold["amount"]] == gold.get("counts_as"), one["text"]
