"""Rows of a task table matched to the measures (对应) of the text that they repeat: by words, then by number."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from tracker.reading.plan import Measure
from tracker.reading.tables.row_reader import TableTask
from tracker.reading.text.cleaning import fold
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import number

ALIKE = 0.6  # from here on a row says a measure again
SURE = 0.8  # from here on nobody need be asked
_GRAM = 4
_COMMON = 60  # measures that share four characters, from which on these tell nothing
_SHORT = 6
_MARKS = lazy(r"[^\w%]|_")
_SENTENCE = lazy(r"[^。：；]{2,40}")
_ORDINAL = lazy(r"^(?:第?[〇零一二三四五六七八九十百\d]{1,4}[章节条、.]|（[〇零一二三四五六七八九十\d]{1,4}）)")


def squeezed(text: str | None) -> str:
    """The words alone, without blanks and marks."""
    return _MARKS.sub("", fold(text or ""))


class Matcher:
    """Finds the measures of a plan that the tasks of a table repeat."""

    def __init__(self, measures: Sequence[Measure]) -> None:
        self.measures = measures
        self.texts = [squeezed(_whole(measure)) for measure in measures]
        self.heads = [{squeezed(measure.title), squeezed(_first(measure.text))} - {""} for measure in measures]
        self.numbers = [_ordinal(measure.key) for measure in measures]
        self._sizes = [len(_grams(text)) for text in self.texts]
        self._by_gram: dict[str, set[int]] = defaultdict(set)
        for n, text in enumerate(self.texts):
            for gram in _grams(text):
                self._by_gram[gram].add(n)

    def matched(self, tasks: Sequence[TableTask]) -> list[list[tuple[int | None, float]]]:
        """For every item of every task the measure it says again, if any, and how alike they are."""
        found: list[list[tuple[int | None, float]]] = []
        before = -1
        for task in tasks:
            one: list[tuple[int | None, float]] = []
            for item in task.measure.items:
                at, likeness = self._best(squeezed(item.text), task, before)
                one.append((at, likeness))
                before = before if at is None else at
            found.append(_together(one))
        self._by_number(tasks, found)
        return found

    def repeats(self, tasks: Sequence[TableTask]) -> bool:
        """Whether most rows of a table say the text again in its own words; the same titles alone are not enough."""
        items = [squeezed(item.text) for task in tasks for item in task.measure.items]
        again = sum(self._best(words, None, -1)[0] is not None for words in items)
        return again * 2 > len(items)

    def section_of(self, task: TableTask) -> list[int]:
        """The measures of the section that a task's words are the heading of."""
        words = squeezed(_ORDINAL.sub("", fold(task.measure.text)))
        if len(words) < _SHORT - 2:
            return []
        return [
            n
            for n, measure in enumerate(self.measures)
            if measure.section and squeezed(_ORDINAL.sub("", fold(measure.section))).removesuffix("。") == words
        ]

    def _best(self, words: str, task: TableTask | None, before: int) -> tuple[int | None, float]:
        """The measure most like a row, the same number and the order of the text deciding between equals."""
        if len(words) < 2:
            return None, 0.0
        title = squeezed(task.measure.title) if task else ""
        own = _ordinal(task.measure.key) if task and task.numbered else None
        seen = Counter(n for gram in _grams(words) for n in self._near(gram))
        if len(words) <= 40:
            seen.update(n for n, heads in enumerate(self.heads) if words in heads)
        size = len(_grams(words))
        best: tuple[float, bool, bool, int] | None = None
        for n, shared in seen.most_common(_COMMON):
            likeness = self._likeness(n, words, shared, size)
            if title and title in self.heads[n]:
                likeness = max(likeness, min(1.0, likeness + 0.3), 0.7)
            rank = (round(likeness, 2), own is not None and own == self.numbers[n], n > before, -n)
            if best is None or rank > best:
                best = rank
        if best is None or best[0] < ALIKE:
            return None, best[0] if best else 0.0
        return -best[3], best[0]

    def _near(self, gram: str) -> set[int]:
        near = self._by_gram.get(gram, set())
        return near if len(near) <= _COMMON else set()

    def _likeness(self, n: int, words: str, shared: int, size: int) -> float:
        text = self.texts[n]
        if words in self.heads[n] or (len(words) >= _SHORT and words in text):
            return 1.0
        if len(text) >= _SHORT and text in words:
            return 1.0
        fewer = min(size, self._sizes[n])
        share = shared / fewer if fewer else 0.0
        if len(words) < 2 * _SHORT:
            from rapidfuzz import fuzz

            return max(share * 0.8, *(fuzz.ratio(words, head) / 100 * 0.95 for head in self.heads[n] or {""}))
        return share

    def _by_number(self, tasks: Sequence[TableTask], found: list[list[tuple[int | None, float]]]) -> None:
        """Rows that are worded anew, where the table's numbers are the text's and most of its rows were recognised."""
        from rapidfuzz import fuzz

        firsts = [one[0][0] for one in found]
        known = [(task, at) for task, at in zip(tasks, firsts, strict=True) if at is not None]
        agree = sum(_ordinal(task.measure.key) == self.numbers[at] for task, at in known)
        free = set(range(len(self.measures))) - {at for one in found for at, _ in one if at is not None}
        running = len(tasks) == len(self.measures) and [_ordinal(task.measure.key) for task in tasks] == self.numbers
        if not running and (not known or agree * 3 < len(known) * 2):
            return
        for n, task in enumerate(tasks):
            if firsts[n] is not None or not task.numbered:
                continue
            same = [at for at in free if self.numbers[at] == _ordinal(task.measure.key)]
            if len(same) != 1:
                continue
            words = squeezed((task.measure.title or "") + task.measure.text)
            if fuzz.partial_ratio(words, self.texts[same[0]]) < 45:
                continue
            found[n] = [(same[0], ALIKE) for _ in found[n]]
            free.discard(same[0])


def _together(one: list[tuple[int | None, float]]) -> list[tuple[int | None, float]]:
    """The rows of one number, where those that are not recognised go with the one measure the others say."""
    known = {at for at, _ in one if at is not None}
    if len(known) != 1:
        return one
    (at,) = known
    return [(at, likeness) if place is None else (place, likeness) for place, likeness in one]


def _whole(measure: Measure) -> str:
    title = measure.title or ""
    return measure.text if measure.text.startswith(title) else f"{title}{measure.text}"


def _first(text: str) -> str:
    match = _SENTENCE.match(text)
    return match[0] if match else ""


def _grams(text: str) -> set[str]:
    return {text[at : at + _GRAM] for at in range(max(len(text) - _GRAM + 1, 1))} if text else set()


def _ordinal(key: str) -> int | None:
    """The last number of a key's path: 3 of 二.3, 二 of 一.二."""
    last = re.split(r"[.#]", key.split("#")[0])[-1]
    return number(last) if last else None


__all__ = ["ALIKE", "SURE", "Matcher", "squeezed"]
