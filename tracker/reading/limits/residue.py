"""What a time limit's quote leaves unread beside it (残余): such a limit was read by half, and is a question."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from tracker.reading.limits.context import Found, Wording
from tracker.reading.limits.words.days_off import moved_by
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import number

# Below what confirmation calls 把握低: a person must look at the limit by itself.
HALF_READ = 0.5
NOT_READ = 0.4

_FIGURES = r"〇零一二两三四五六七八九十\d"
_N = f"[{_FIGURES}]"
_OF_TIME = rf"第?{_N}{{1,4}}(?:[日号](?!常)|月(?!度)|季度|个?工作日|天(?!然)|[时点](?!间|位))"
_HOUR = r"(?:[上中下]午|(?<!\d)(?!24)\d{1,2}(?:[时点](?!间|位)|：\d\d)|下班)"
# What may follow a quote that was read to its end: 年底前期, 10日内部.
_EDGE = r"(?:[前后](?!期|续|台|端|款|述|景|沿|提(?:条件|下|是)|置|勤|方)|内(?!部|地|容|外|涵|控|设|需|陆))"
_COUNT = rf"{_N}{{1,3}}个?(?:工作日|小时|分钟|月|[日天周](?!常|然))"
_BEHIND = lazy(
    rf"的?{_EDGE}|{_HOUR}|左右|(?<=前){_COUNT}"
    rf"|[、和及或至到~-]{{1,2}}(?:次[日月年]|于|在)?{_OF_TIME}"
    r"|（(?![^（）]*(?:责任|牵头|配合|单位))"
    r"[^（）]{0,16}(?:工作日|自然日|假日|节假|不含|顺延|提前|除外|特殊|可延|\d个?[日天月时])[^（）]{0,16}）"
)
# 30日内3个工作日, 2026年6月底前中旬: more time behind what was read to its end.
_MORE = lazy(rf"的?(?:{_OF_TIME}|{_N}{{1,3}}个?小时|{_N}{{1,3}}分钟|[上中下]旬|第{_N}个?(?:周|工作日|星期|月)|{_HOUR})")
# 每月 leaves more room than a date: 终了后15日内, 第二个星期五, 上旬, 5-10日.
_BEHIND_RHYTHM = lazy(
    rf"的?(?:第{_N}+(?:个|周|旬|月|季)|最后|倒数|[首末](?:个|月|周|日|旬|季)|月[上中下]旬|终了|结束|逢|年?初(?=之?前|[报召开完通，。；]|[\u4e00-\u9fff]{{2}}、)"
    # 头一个月上旬, 上中下旬, “119”前, 早、中、晚
    rf"|头[一两二三\d]?个?月|[上中下]{{2,3}}旬|“[^”]{{1,8}}”(?:之?前|期间|前后)|早、[中晚]"
    rf"|[上中下]旬|[春夏秋冬]季|{_OF_TIME}|{_N}{{1,3}}[-~至到]{_OF_TIME}|（[年季月周半]|[“]?(?:春节|国庆|元旦|中秋|清明|端午|五一|十一))"
)
_HOLIDAY = lazy(r"[，（]?(?:如|若|凡)?[遇逢](?!到)[^，。；]{0,8}(?:节|假|休|周末)")
_BEFORE_LIST = lazy(
    rf"(?:{_N}{{1,4}}(?:[日号]|月份?|季度|个?工作日)(?:[底末]|[上中下]旬)?|第?[一二三四])[、和及](?:于|在)?$|(?:年[中初]|[上下]半年)[、和及]$|(?:春节|国庆节?|元旦|中秋节?|清明节?|端午节?|劳动节)[、和及]$"
)
_BEFORE_RANGE = lazy(rf"(?:{_N}(?:个?(?:工作日|小时|月)|[日天年])?|[Tt])[至到~+加-]$")
# 会议召开前3日内: counted back from what the quote leaves out.
_COUNTED_BACK = lazy(r"(?<![目当此以])前$")
# 27年6月30日前, 后年底前: a year that the quote leaves out.
_OTHER_YEAR = lazy(r"(?<!\d)\d\d年$|[〇零○]二\d年$|后年?$")
_WEEKDAYS = lazy(r"[至到~-]?(?:每?周|星期)?[二三四五六日天](?!天)")
# 2026年每月10日前, 三年内每年6月底前: what ends the rhythm stands before it.
_ENDING = lazy(rf"(?:20\d\d年度?|{_N}{{1,2}}(?:年|个月)(?:之|以)?内|期间)，?$")
_SEASON = lazy(
    r"(?:(?:期间|节日|假期)(?:（[^（）]{1,20}）)?|(?<!入)(?:汛期|防火期|采暖期|供暖期|枯水期|农忙期?|[寒暑]假|[春夏秋冬]季))"
    r"(?:内|里)?，?(?:实行|落实|严格执行|坚持|执行)?$"
)
_NUMERAL_FIRST = lazy(rf"(?:于|在)?第?{_N}")
_INSIDE = lazy(rf"（[^（）]*(?:\d|工作日|自然日|假日|节假|不含|顺延|除外)[^（）]*）|{_HOUR}")
_FROM_END = lazy(r"结束后|终了")
_WINDOW = lazy(rf"前{_N}{{1,4}}(?:个?工作日|[日天周]|个?月)(?:之|以)?内$")
# What an event's words end with where they swallowed half a limit: 1年零, 起2年, 起7至, 后立即（最迟.
_TWO_PERIODS = lazy(
    rf"{_N}个?(?:工作日|小时|月|[日天年])[零又加]$|[起后]{_N}{{1,3}}个?(?:工作日|小时|月|[日天年])$"
    rf"|{_N}(?:个?(?:工作日|小时|月)|个|[日天年])?[至到~+-]$|（[^（）]*$"
)
_UNREAD = lazy(
    r"(?P<part>(?<![\d.])\d{1,3}\.\d{1,2}个?(?:工作日|小时|天|日|月)(?:(?:之|以)?内|(?=[^，。；]{0,4}(?:办结|完成|答复|反馈"
    r"|审批|出证|发证))))"
    rf"|(?P<thirds>(?:20\d\d年)?{_N}{{1,2}}月(?:上中|中下)旬)"
    rf"|(?P<halves>(?:{_N}{{0,2}}个?半个?(?:工作日|小时|月|天)|{_N}{{1,2}}年半)(?:之|以)?内(?![部地容外涵控设需陆]))"
    rf"|(?P<sum>{_N}{{1,3}}(?:个?月零?{_N}{{1,3}}[日天]|（[^（）]{{1,4}}）个?(?:工作日|小时|[日天月]))(?:之|以)?内(?![部地容外涵控设需陆]))"
    rf"|(?P<cap>不(?:得?超过|多于)(?:{_N}{{1,3}})个?(?:工作日|小时|天|日)(?=[^，。；]{{0,4}}(?:办结|完成|答复|反馈|审批)))"
    r"|(?P<digits>(?<![\d./-])(?:20\d{6}|20\d\d(?P<mark>[./-])\d{1,2}(?P=mark)\d{1,2})日?(?:之|以)?前(?!后|期))"
    rf"|(?P<hours>每(?:隔)?(?P<every>{_N}{{1,2}})?个?小时(?=[^，。；]{{0,8}}(?:报|巡|检|测|次|调度|通报|反馈|更新)))"
    r"|(?P<workdays>每一?个?工作日)"
)


def doubted(wording: Wording, found: Sequence[Found]) -> list[Found]:
    """The limits with little confidence for those whose wording goes on where their quote ends."""
    kept: list[Found] = []
    for n, one in enumerate(found):
        if one.kind != "validity" and one.confidence > HALF_READ and _is_half(wording, found, n):
            one = replace(one, confidence=HALF_READ)
        kept.append(one)
    return kept


def unread_in(wording: Wording, found: Sequence[Found]) -> Iterator[Found]:
    """Wordings that are limits and that no rule counts (30分钟内, 春节前): listed without a value, never dropped."""
    starts = [one.start for one in found]
    for match in _UNREAD.finditer(wording.flat):
        at = bisect_right(starts, match.end() - 1)
        if at and found[at - 1].end > match.start():
            continue
        if match["workdays"]:
            yield Found(*match.span(), "recurring", "within", rrule="FREQ=DAILY", found_by="every workday")
        elif match["hours"]:
            # No clock of days keeps such a rhythm: it is shown as read, and asked.
            every = number(match["every"]) if match["every"] else 1
            rrule = f"FREQ=HOURLY;INTERVAL={every}" if every and every > 1 else "FREQ=HOURLY"
            found_by = "every so many hours"
            yield Found(*match.span(), "recurring", "within", rrule=rrule, confidence=HALF_READ, found_by=found_by)
        elif match["part"]:
            hours = re.match(r"(\d+)\.5个?小时", match["part"])
            if hours:
                minutes = int(hours[1]) * 60 + 30
                yield Found(*match.span(), "relative", "within", None, minutes, "minute", found_by="hours and a half")
                continue
            yield Found(*match.span(), "relative", "within", confidence=NOT_READ, found_by="not understood")
        else:
            day = _of_digits(match["digits"])
            yield Found(
                *match.span(),
                "absolute",
                "within",
                date=day,
                confidence=0.95 if day else NOT_READ,
                found_by="date in digits" if day else "not understood",
            )


def _of_digits(words: str | None) -> date | None:
    """The day of 20261231 or 2026.12.31."""
    found = re.match(r"(\d{4})[./-]?(\d{1,2})[./-]?(\d{1,2})", words or "")
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _is_half(wording: Wording, found: Sequence[Found], n: int) -> bool:
    flat, one = wording.flat, found[n]
    quote = flat[one.start : one.end]
    if (_INSIDE.search(quote) and not one.understood) or (one.direction == "before" and _WINDOW.search(quote)):
        return True
    # 于次年一月三十一日前公布年度报告: once, or every year?
    if one.kind == "absolute" and quote.lstrip("于在").startswith("次年"):
        return True
    if one.kind == "recurring" and _FROM_END.search(quote) and one.offset is None:
        return True
    if one.kind == "recurring" and one.date_from is None and _is_of_a_season(flat, one.start):
        return True
    if "BYDAY" in (one.rrule or "") and _WEEKDAYS.match(flat, one.end):
        return True
    counted_on = one.kind == "relative" and one.direction == "after" and not one.trigger
    if counted_on and _COUNTED_BACK.search(flat, max(one.start - 2, 0), one.start):
        return True
    if one.trigger and _TWO_PERIODS.search(flat, *one.trigger):
        return True
    dated = one.kind in ("absolute", "recurring")
    if dated and _HOLIDAY.match(flat, one.end) and one.day_off is None:
        return True
    left = found[n - 1] if n else None
    right = found[n + 1] if n + 1 < len(found) else None
    return _goes_on(flat, one, right) or _begins_earlier(flat, one, left)


def _is_of_a_season(flat: str, start: int) -> bool:
    """Whether what ends a rhythm stands before it, or when in the year it is kept: 国庆节期间实行日报告, 汛期每10天."""
    return bool(_ENDING.search(flat, max(start - 8, 0), start) or _SEASON.search(flat, max(start - 30, 0), start))


def _goes_on(flat: str, one: Found, right: Found | None) -> bool:
    """Whether time wording stands right behind a quote and is no limit of its own."""
    patterns = [_BEHIND, _MORE, _BEHIND_RHYTHM] if one.kind == "recurring" else [_BEHIND, _MORE]
    place = one.end
    moved = moved_by(flat, place) if one.day_off else None
    place = moved[0] if moved else place
    matches = [match for match in (pattern.match(flat, place) for pattern in patterns) if match]
    if not matches:
        return False
    # The second of 每年1月、7月底前 is read as well; what touches the first (每季度终了后15日内) belongs to it.
    if right is not None and right.start == place and (one.kind, right.kind) != ("recurring", "absolute"):
        return False  # what touches it is a limit of its own
    listed = right is not None and flat[place] in "、和及或" and right.start < max(m.end() for m in matches)
    # 每年一季度、三季度: the second comes round as well, and was read as a date of one year.
    return not listed or (right is not None and (one.kind, right.kind) == ("recurring", "absolute"))


def _begins_earlier(flat: str, one: Found, left: Found | None) -> bool:
    """Whether a quote is the end of a list or a range: 6月5日、7月5日前, 3至5个工作日内."""
    if left and (left.kind, one.kind) == ("recurring", "absolute") and flat[left.end : one.start] in ("、", "和", "及"):
        return True
    other_year = _OTHER_YEAR.search(flat, max(one.start - 4, 0), one.start)
    if one.kind == "absolute" and other_year and (other_year[0] != "后" or flat.startswith("年", one.start)):
        return True
    if not _NUMERAL_FIRST.match(flat, one.start) and one.found_by != "before a festival":
        return False
    floor = max(left.end if left else 0, one.start - 12)
    words = flat[floor : one.start]
    return bool(_BEFORE_LIST.search(words) or (one.kind == "relative" and _BEFORE_RANGE.search(words)))
