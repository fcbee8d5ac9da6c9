"""Time wording (时限) of a stretch of text, as deadlines with offsets into the source."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date as Day
from functools import lru_cache
from itertools import islice

from tracker.reading.limits.agreement import settled
from tracker.reading.limits.context import Found, Wording, last_year
from tracker.reading.limits.dates import dates_in
from tracker.reading.limits.parties import act_of, named_in, party_of
from tracker.reading.limits.periods import periods_in
from tracker.reading.limits.residue import NOT_READ, doubted, unread_in
from tracker.reading.limits.rhythms import rhythms_in
from tracker.reading.limits.told import told_in
from tracker.reading.limits.words.days_off import with_days_off
from tracker.reading.plan import Deadline, Vague
from tracker.reading.text.cleaning import Clean, fold, unveil
from tracker.reading.text.lazy import lazy

_VAGUE = lazy(
    r"(?:第一时间|不定期(?!存)|定期(?!存|贷|利|限)|及时(?!性|雨)|尽快|立即|尽早|抓紧|适时|限期(?!内)|即报即审"
    r"|随到随办|即时|逐年|常态化)[^，。；、：！？]{0,12}"
)
# Laws under which a printed 日 is a working day, with the numbers of days they say it of (None: all).
_WORKDAY_LAWS: tuple[tuple[str, frozenset[int] | None, str], ...] = (
    ("行政许可", None, "行政许可法第八十二条"),
    ("行政复议", frozenset({3, 5, 7, 10}), "行政复议法第八十八条"),
    ("行政处罚", frozenset({2, 3, 5, 7}), "行政处罚法第八十五条"),
    ("行政强制", frozenset(range(1, 11)), "行政强制法第六十九条"),
)
_TIME = lazy(
    r"(?=[0-9零一二两三四五六七八九十半每按当次年季“逢届期到本下）月春国清端劳中元日周旬])(?:"
    r"[0-9零一二两三四五六七八九十半]个?(?:工作)?[日天周月年小星自分]|[每按当次年季“逢]|一[日周月季]|届满|期满|到期"
    r"|\d{8}|20\d\d[./-]\d{1,2}[./-]|[本下次]个?[月周旬]|）个?(?:工作)?[日天月小]|月[底末中上]|[半月年][内零]|半[工个小]|(?:春|国庆|清明|端午|劳动|中秋)节?|元旦"
    r"|[日周旬月][调通研报督会例])"
)

# No measure has so many time words; a range that has is a table run together, or nonsense.
_MOST_TIME_WORDS = 1500
_TOO_MANY = "too many limits"
_SHOWN = 40
_REMEMBERED = 400  # characters


def read_phrases(sentence: str, *, year: int | None = None, issued: Day | None = None) -> tuple[Deadline, ...]:
    """The deadlines of one wording (自正式受理之日起3个工作日内), offsets relative to it.

    `year` and `issued` are the document's: a year of issue for dates without one, its day for 本月底前.
    """
    folded = fold(unveil(sentence))
    clean = Clean(sentence, folded, [(0, len(sentence))])
    return tuple(_read(clean, 0, len(clean.text), year, issued))


def deadlines_in(
    clean: Clean, start: int, end: int, year: int | None, issued: Day | None = None
) -> tuple[Deadline, ...]:
    """The deadlines of a range of clean text, in order, with source offsets; leave to extend is part of its limit."""
    kept: list[Deadline] = []
    for one in _read(clean, start, end, year, issued):
        at = next((n for n in reversed(range(len(kept))) if _extends(one, kept[n])), None) if one.extension else None
        if at is None:
            kept.append(one)
        else:
            kept[at] = replace(kept[at], extendable_to=((kept[at].amount or 0) + (one.amount or 0), one.unit or ""))
    return tuple(kept)


def _extends(one: Deadline, first: Deadline) -> bool:
    """Whether time is added to a limit in its own unit: 20个工作日内…，可延长10个工作日."""
    return not first.extension and first.kind == "relative" and first.unit == one.unit and first.amount is not None


def _read(clean: Clean, start: int, end: int, year: int | None, issued: Day | None) -> list[Deadline]:
    """The limits of a range as they are worded.

    A range with more time words than any measure has is read up to there; the rest is one limit nobody could read.
    """
    flat = clean.flat[start:end]
    if not _TIME.search(flat):
        return []
    stop = _readable(flat)
    read_in = _limits_of if stop <= _REMEMBERED else _limits_of.__wrapped__
    read = [_placed(clean, start, one) for one in read_in(flat[:stop], year or last_year(clean.flat, start), issued)]
    if stop < len(flat):
        rest = Found(stop, min(stop + _SHOWN, len(flat)), "absolute", "within", confidence=NOT_READ, found_by=_TOO_MANY)
        read.append(_placed(clean, start, _Said(rest, "unit", None, None, (None, None))))
    return read


@dataclass(frozen=True, slots=True)
class _Said:
    """One limit with what its sentence says of it, at offsets within the range it was read in."""

    found: Found
    party: str
    act: str | None
    bound: tuple[str, ...] | None
    law: tuple[str | None, str | None]
    extendable_to: tuple[int, str] | None = None


# The same words in the same year say the same: a text that repeats itself is read once.
@lru_cache(maxsize=2048)
def _limits_of(flat: str, year: int | None, issued: Day | None) -> tuple[_Said, ...]:
    """The limits of a folded text without blanks."""
    wording = Wording(flat, year, issued)
    found = _distinct([*rhythms_in(wording), *told_in(wording), *dates_in(wording), *periods_in(wording)])
    found = _distinct([*found, *unread_in(wording, found)])
    read: list[_Said] = []
    for one in doubted(wording, settled(wording, with_days_off(wording, found))):
        if one.found_by == "extended to" and read and one.amount and one.unit:
            read[-1] = replace(read[-1], extendable_to=(one.amount, one.unit))
        else:
            said = party_of(wording, one), act_of(wording, one), named_in(wording, one)
            read.append(_Said(one, *said, _workday_law(wording, one)))
    return tuple(read)


def _readable(flat: str) -> int:
    """Where the reading of a text ends that has more time words than any measure: its length for any other."""
    if len(flat) < _MOST_TIME_WORDS:
        return len(flat)
    last = next(islice(_TIME.finditer(flat), _MOST_TIME_WORDS, None), None)
    return len(flat) if last is None else last.start()


def vague_in(clean: Clean, start: int, end: int) -> tuple[Vague, ...]:
    """Words of promptness that no clock can be put on (及时, 定期)."""
    return tuple(
        Vague(clean.text[match.start() : match.end()], clean.span(match.start(), match.end()))
        for match in _VAGUE.finditer(clean.flat, start, end)
    )


def _distinct(found: Iterable[Found]) -> list[Found]:
    """Without limits that overlap one read before them: a rhythm's own date is no second limit."""
    kept: list[Found] = []
    starts: list[int] = []
    for one in found:
        at = bisect_right(starts, one.start)
        clear = (not at or kept[at - 1].end <= one.start) and (at == len(kept) or one.end <= kept[at].start)
        if one.end > one.start and clear:
            starts.insert(at, one.start)
            kept.insert(at, one)
    return kept


def _placed(clean: Clean, shift: int, read: _Said) -> Deadline:
    """A limit read, as it stands in the source."""
    one = read.found
    trigger = clean.text[shift + one.trigger[0] : shift + one.trigger[1]] if one.trigger else None
    counts_as, by = read.law
    return Deadline(
        quote=clean.text[shift + one.start : shift + one.end],
        span=clean.span(shift + one.start, shift + one.end),
        kind=one.kind,
        sense=one.sense,
        trigger=trigger,
        amount=one.amount,
        unit=one.unit,
        date=one.date,
        date_from=one.date_from,
        rrule=one.rrule,
        offset=one.offset,
        nth_workday=one.nth_workday,
        time=one.time,
        party=read.party,
        act=read.act,
        bound=read.bound,
        direction=one.direction,
        day_off=one.day_off,
        counts_as=counts_as,
        by=by,
        extendable_to=read.extendable_to,
        extension=one.extension,
        confidence=one.confidence,
        found_by=one.found_by,
    )


def _workday_law(wording: Wording, one: Found) -> tuple[str | None, str | None]:
    """Whether a law that the sentence is about makes its 日 working days, and the article that does."""
    if one.unit != "day" or one.kind != "relative" or not one.amount:
        return None, None
    start, end = wording.sentence(one.start)
    sentence = wording.flat[max(0, start - 120) : min(end, one.end + 120)].rsplit("。", 1)[-1]
    for word, amounts, article in _WORKDAY_LAWS:
        if word in sentence and (amounts is None or one.amount in amounts):
            return "workday", article
    return None, None
