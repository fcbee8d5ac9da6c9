"""Limits (时限) as a table's column prints them: bare dates, windows and numerals without a sentence."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Day

from tracker.reading.limits.phrases import deadlines_in, read_phrases
from tracker.reading.plan import Deadline, Vague
from tracker.reading.text.cleaning import Clean
from tracker.reading.text.lazy import lazy

_NUMERIC = lazy(r"(?:(20\d\d)[-./年])?(\d{1,2})(?:[-./月](\d{1,2})日?)?月?|(20\d\d)(\d\d)(\d\d)?")
_TO = r"\s*(?:[-~/至到]|--)\s*"
_WINDOW = lazy(
    rf"(?:(20\d\d)[年.])?(\d{{1,2}})月?(?:(\d{{1,2}})[日号]?)?{_TO}(?:(20\d\d)[年.])?(?:(\d{{1,2}})月)?(?:(\d{{1,2}})[日号]"
    r"|[底末])?(?:前|完成)?"
)
_YEARS = lazy(rf"(20\d\d)年?{_TO}(20\d\d)年(?:底|末)?(?:前)?")
_FROM_NOW = lazy(r"(?:自?(?:即日|印发之日|发文之日|现在)起|目前)至")
# What a bare date in the column of limits lacks to be worded as one: 2022年6月 means 2022年6月底前.
_BARE = (
    (lazy(r"20\d\d年|今年|本年"), "底前"),
    (lazy(r".*(?:工作日|个月|小时|[天周]|[一二两三四五六七八九十\d]年)"), "内"),
    (lazy(r".*季度"), "底前"),
    (lazy(r".*(?:[日号]|旬|[底末终]|半年)"), "前"),
    (lazy(r".*\d月份?|.*[一二三四五六七八九十]月份?"), "底前"),
)
_BARE_DATE = lazy(
    r"(?:20\d\d年|今年|本年|年)?"
    r"(?:[一二三四五六七八九十\d]{1,3}月(?:份|底|末|[上中下]旬)?|[上下]半年|第?[一二三四]季度|年?[底末终])?(?:\d{1,2}[日号])?"
    r"|[一二两三四五六七八九十\d]{1,3}(?:个?工作日|天|个月|个?小时|周)"
)
# What says in such a column that there is no day to keep.
_NO_DAY = lazy(
    r".{0,6}(?:长期|持续|常态|全年|立即|立行|即时|实时|适时|时序|已完成|动态|日常|随时|及时|近期|同步|即日|按需|按要求"
    r"|贯穿|每|定期|不定期|经常|滚动|按照?).{0,14}|/|-+|无|暂无|、"
)


_NOTHING = lazy(r"/|-+|无|暂无|、|")
_PART = lazy(r"[^，；。、]+")


def limits_of(clean: Clean, year: int | None) -> list[Deadline]:
    """The limits of a cell in the column of limits, where a bare date is one, and a window ends on its last day."""
    found = deadlines_in(clean, 0, len(clean.text), year)
    if found:
        return [replace(_due(one), found_by=f"table {one.found_by}".strip()) for one in found]
    whole = _bare(clean, 0, len(clean.text), year)
    if whole:
        return [whole]
    # 2026年底，长期坚持; 2026年6月、12月: a date of its own in each part, the year printed once.
    dated: list[Deadline] = []
    for part in _PART.finditer(clean.flat):
        if _NO_DAY.fullmatch(part[0]):
            continue
        one = _bare(clean, *part.span(), dated[-1].date.year if dated and dated[-1].date else year)
        if one is None:
            return []
        dated.append(one)
    return dated


def undated_in(clean: Clean, limits: Sequence[Deadline]) -> list[Vague]:
    """What a cell of the column of limits says instead of a day, or beside one: 长期坚持, 立行立改, 按上级要求."""
    if not limits and not is_unread(clean.flat) and not _NOTHING.fullmatch(clean.flat):
        return [Vague(clean.text, clean.span(0, len(clean.text)))]
    said = []
    for part in _PART.finditer(clean.flat):
        span = clean.span(*part.span())
        read = any(one.span.start < span.end and span.start < one.span.end for one in limits)
        if not read and _NO_DAY.fullmatch(part[0]) and not _NOTHING.fullmatch(part[0]):
            said.append(Vague(clean.text[part.start() : part.end()], span))
    return said


def is_unread(words: str) -> bool:
    """Whether a cell of the column of limits says something that must have been a limit, when none was read."""
    return bool(words) and _NO_DAY.fullmatch(words) is None


def _bare(clean: Clean, start: int, end: int, year: int | None) -> Deadline | None:
    """The limit that a bare date comes to."""
    words = clean.flat[start:end]
    started = _FROM_NOW.match(words)
    wording, begins = _worded(words[started.end() :] if started else words, year)
    read = read_phrases(wording, year=year)[:1] if wording else ()
    quote, span = clean.text[start:end], clean.span(start, end)
    for one in read:
        since = one.date_from or begins
        return replace(_due(one), quote=quote, span=span, found_by="table bare date", date_from=since)
    return None


def _due(one: Deadline) -> Deadline:
    """A span of days in such a column is time to do the thing in, and not the time something is in force."""
    window = one.kind == "validity" and one.date is not None and one.date_from is not None
    return replace(one, kind="absolute", sense="within") if window else one


def _worded(words: str, year: int | None) -> tuple[str, Day | None]:
    """A bare date as a sentence words it, and the day a window begins; nothing where it is none."""
    years = _YEARS.fullmatch(words)
    if years:
        return f"{years[2]}年底前", Day(int(years[1]), 1, 1)
    window = _WINDOW.fullmatch(words)
    if window and (window[5] or window[6]) and "月" in words:
        first, month, day, second, last_month, last_day = window.groups()
        meant = second or first or (str(year) if year else "")
        last = f"{last_month or month}月" + (f"{last_day}日前" if last_day else "底前")
        begins = _day(first or second or (str(year) if year else ""), month, day)
        return (f"{meant}年{last}" if meant else last), begins
    numeric = _NUMERIC.fullmatch(words)
    if numeric and "年" not in words and "月" not in words:
        if numeric[4]:
            made = f"{numeric[4]}年{int(numeric[5])}月" + (f"{int(numeric[6])}日" if numeric[6] else "")
        elif numeric[1] or numeric[3]:
            made = (f"{numeric[1]}年" if numeric[1] else "") + f"{int(numeric[2])}月"
            made += f"{int(numeric[3])}日" if numeric[3] else ""
        else:
            return "", None
        words = made
    if not words or not _BARE_DATE.fullmatch(words):
        return "", None
    suffix = next((more for pattern, more in _BARE if pattern.fullmatch(words)), None)
    return (words + suffix if suffix else ""), None


def _day(year: str, month: str, day: str | None) -> Day | None:
    try:
        return Day(int(year), int(month), int(day or 1)) if year else None
    except ValueError:
        return None


__all__ = ["is_unread", "limits_of", "undated_in"]
