"""Dates (日期) as worded: 2024年底前, 到2023年, 10月31日前, 二季度, 2019年1月1日至12月31日."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from tracker.reading.limits.context import Found, Wording
from tracker.reading.limits.day_hours import CLOCK, time_of
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import number

_Y = r"(?P<{0}y>20\d\d|二[〇零○]{{1,2}}[〇零○一二三四五六七八九]{{1,2}}|今|本|当|明|次)年度?"
_M = r"(?P<{0}m>\d{{1,2}}|[一二三四五六七八九十]{{1,2}})月份?"
_D = r"(?P<{0}d>\d{{1,2}}|[一二三四五六七八九十]{{1,3}})[日号]"
# After a year an edge may be one character; by itself it must name its period.
_EDGE = r"(?P<{0}ye>年?底|年?末|初|上半年|下半年|第?[一二三四1-4]季度[末底]?|内)"
_BARE_EDGE = r"(?P<{0}be>年底|年末|年内|上半年|下半年|第?[一二三四1-4]季度[末底]?)"


def _date(prefix: str) -> str:
    y, m, d, ye, be = (part.format(prefix) for part in (_Y, _M, _D, _EDGE, _BARE_EDGE))
    month = rf"{m}(?:{d}|(?P<{prefix}me>月?底|月?末|上旬|中旬|下旬|初))?"
    year_of_month = y.replace(f"<{prefix}y>", f"<{prefix}z>")
    return rf"(?:{y}{ye}|(?:{year_of_month})?{month}|{be}|(?P<{prefix}only>20\d\d)年度?)"


def _part(match: re.Match[str], prefix: str, *names: str) -> str:
    """The first of several groups that took part."""
    return next((match[prefix + name] for name in names if match[prefix + name]), "")


_DATE = lazy(_date(""))
_RANGE = lazy(
    rf"(?P<lead>自|从)?(?:{_date('a')})(?:（[^（）]{{1,8}}）)?(?:起)?，?(?:持续|延续|截?止)?(?:至|到|-"
    rf"|~)(?:{_date('b')}|(?P<bday>\d{{1,2}})[日号])(?P<stop>止)?"
)
# 11月24日（星期三）12时前: the day of the week in brackets, the hour, or both may part a date from its 前.
_DEADLINE_AFTER = lazy(
    r"(?:（(?:含[^（）]{0,6}|(?:星期|周|礼拜)[一二三四五六日天])）)?"
    rf"(?:{CLOCK}|下班)?(?:之前|以前|前(?!后|期|景|提|沿|述|款))"
)
# 定于3月31日举办: the day itself, not the last one.
_SET_FOR = lazy(r"(?:拟|暂|初步)?(?:定于|订于|定在)$")
# 6月5日、7月5日前: the last one's 前 is for both.
_LISTED_BEFORE = lazy(
    r"(?:[、和及与](?:20\d\d年)?\d{1,2}月(?:\d{1,2}[日号]|(?P<end>[底末]))?){1,6}(?:之前|以前|前(?!后|期|景|提|沿|述|款))"
)
_BY_BEFORE = lazy(
    r"(?:最迟|不晚于|力争|争取|确保|截至|截止到?|到|至|于|在|延期?[至到]|延长[至到]|延[至到]"
    r"|(?:时限|时间|期限|节点)(?:(?:要求)?：|为))$"
)
_ACT = lazy(
    r"[，、]?(?:全面|基本|全部|初步|率先|力争|争取|确保|要|应|须|实现|完成|达到|达|建成|开工|竣工|投产|投用|出台"
    r"|印发|发布|启动|报送|上报|形成|建立|制定|完善|组织|开展|"
    r"上线|投入|取得|补足|清偿|覆盖|不低于|不少于|累计|新增|培育|打造|推动|提交|公布|编制|试点|各|全[省市县区州国]"
    r"|[^，。；、]{0,24}(?:达到|完成|实现|建成|降至|提高|超过|不低于|全覆盖|开工|投产|竣工))"
)
_NOT_DUE_AFTER = lazy(
    r"(?:（含[^（）]{0,6}）)?(?:以来|起(?:施行|实施|执行|生效)?|已|发布|印发|公布|修[订正]|出生"
    r"|（[^（）]{0,8}）?以后|属期|期间|版|《|公告|度?(?:市场主体)?年报"
    r"|(?:之?前)?(?:到期|已|成立|注册|设立|取得|获得|出生|签订|参保|建成|竣工)[^，。；]{0,24}的)"
)
_VALID_BEFORE = lazy(
    r"(?:有效(?:期|时间)|执行(?:期限?|时间)?|实施(?:期限?|时间)?|政策(?:期限?|时间)?|优惠(?:期限?|时间)?|延续"
    r"|缓缴(?:实施)?期限|期限|暂定|持续|享受)"
    r"(?:为|截|暂定|统一|再|全部|均|继续)*(?:延长?期?)?(?:至|到|截至|截止至?|止于)$"
)
_TERM = lazy(r"(?:延长?期?(?:至|到)|推迟至|顺延至)$")
_OWED = lazy(r"补足|补缴|缴纳|缴费|征缴|交纳|还本|付息|偿还|还款|申报|清偿|缴清|归还|年报|报送")
_OFFER = lazy(
    r"[，]?(?:延续实施|继续(?:执行|实施|实行|对)|延续执行|减半|暂停|免征|免收|免除|减免|减征"
    r"|[^。；]{0,60}?(?:免征|免收|免除|减免|减半|减征|暂停|予以补贴|给予[^，。；]{0,12}(?:补贴|补助|优惠)"
    r"|提供激励资金|维持|延续))"
)
_WAIVED = lazy(rf"(?:免除|减免|免收|减收|免征|减征)(?:{_Y.format('w')})(?P<n>[一二三四五六七八九十\d]{{1,2}})个月")
_PLAN_PERIOD = lazy(r"到“(?P<which>十[三四五六]五)”(?:规划)?期?末")
_OF_THE_PLAN = ("今", "本", "当", "明", "次")  # years told from the document's own
_PHASE = lazy(r"阶段(?!性)")
_HOUR = lazy(rf"（?{CLOCK}）?")
# 于6月5日发出: an act on that day, where nothing says that it is over.
_ANNOUNCED = lazy(
    r"[^，。；的]{0,10}?(?:公告|公布|公示|公开|发出|发放|发布|启动|开展|召开|举办|举行|报送|上报|提交|报名|组织|进行|开始|开学|开工"
    r"|开通|上线|派发|寄出|送达|缴纳|领取|汇总|集中|完成)"
)
_OVER = lazy(r"已|曾|业经|此前|以前|经[^，。；]{0,12}$")
# 5月24日至5月27日报名: work to be done in those days, and no offer of so long.
_OFFERED = lazy(
    r"免征|免收|免除|减免|减征|减半|补贴|补助|奖励|优惠|执行|实施期|有效|政策|租金|贷款|贴息|享受|费率|税率|缓缴|返还|标准|出生|参保"
)
_MOST_DAYS = 92
_TO_BE_DONE = lazy(
    r"，?(?:选取|选择|全面|基本|全部|力争|确保|实现|完成|建成|开工|竣工|出台|启动|推广|推行|推进|建立|开展|遴选|试点|组织|新增|培育|打造)"
)
_STATUS = lazy(r"截[至止]到?$")
# 截至3月底各地工作进展情况: the time a report speaks of.
_PAST_YEAR = lazy(r"(?:上一?年度?|去年|前一年度?|往年)的?$")
_REPORTED = lazy(r"[^，。；：]{0,24}(?:情况|数据|数字|进展|存量|台账|名单)")


@dataclass(frozen=True, slots=True)
class DateSpan:
    """What a printed date comes to: its first and last day, and whether its year was printed."""

    first: date
    last: date
    printed_year: bool


def dates_in(wording: Wording) -> Iterator[Found]:
    """Every date of the text that is a limit or the span of an offer."""
    flat = wording.flat
    taken = -1
    for waived in _WAIVED.finditer(flat):
        year = number(waived["wy"])
        amount = number(waived["n"])
        if year and amount:
            end = waived.end() + (2 if flat.startswith("租金", waived.end()) else 0)
            yield Found(
                waived.start(),
                end,
                "validity",
                "span",
                amount=amount,
                unit="month",
                date=date(year, 12, 31),
                date_from=date(year, 1, 1),
                found_by="waived months of a year",
            )
    for plan in _PLAN_PERIOD.finditer(flat):
        last = date({"十三五": 2020, "十四五": 2025, "十五五": 2030, "十六五": 2035}[plan["which"]], 12, 31)
        yield _absolute(plan.start(), plan.end(), DateSpan(last, last, True), "end of a five-year plan")
    for match in _DATE.finditer(flat):
        if match.start() < taken:
            continue
        span = _RANGE.match(flat, match.start() - (flat[match.start() - 1 : match.start()] in ("自", "从")))
        if span:
            taken = span.end()
            found = _range(wording, span)
        else:
            taken = match.end()
            found = _single(wording, match)
        if found:
            taken = max(taken, found.end)
            yield found


def _single(wording: Wording, match: re.Match[str]) -> Found | None:
    """A date by itself: due, or the end of an offer, or neither."""
    flat, start, end = wording.flat, match.start(), match.end()
    if _is_part_of_word(flat, match):
        return None
    before, clause_start = flat[max(0, start - 16) : start], wording.clause(start)[0]
    marked = _DEADLINE_AFTER.match(flat, end)
    by = _BY_BEFORE.search(before)
    day = _resolve(wording, match, "", before_it=bool(marked))
    valid = _VALID_BEFORE.search(before)
    owed = _TERM.search(before) and _OWED.search(flat, clause_start, start)
    if valid and (valid[0].startswith("政策") or not owed):
        return _validity(start - len(valid[0]), end, day)
    if match["only"]:
        return _year_alone(wording, match, marked, by, day)
    if _NOT_DUE_AFTER.match(flat, end) or before.endswith(("自", "从", "每年", "每月", "次月", "《")):
        return None
    if marked:
        return _to_the_hour(_absolute(start, marked.end(), day, "date with 前"), marked)
    hour = _HOUR.match(flat, end) if match["d"] else None
    acts = _ACT.match(flat, hour.end() if hour else end)
    if _STATUS.search(before) and (_REPORTED.match(flat, end) or not acts):
        return None
    listed = _LISTED_BEFORE.match(flat, end) if match["m"] else None
    if listed:
        before_it = not (match["d"] or match["me"] or listed["end"])
        return _absolute(start, end, _resolve(wording, match, "", before_it=before_it), "date in a list with 前")
    set_for = _SET_FOR.search(before) if match["d"] else None
    if set_for and day:
        return replace(_absolute(start - len(set_for[0]), end, day, "定于 and a day"), sense="on")
    return _unmarked(wording, match, by, day)


def _to_the_hour(found: Found, hour: re.Match[str]) -> Found:
    """A date with the hour that is printed behind it."""
    at = time_of(hour)
    return replace(found, end=max(found.end, hour.end()), time=at, understood=at is not None)


def _unmarked(wording: Wording, match: re.Match[str], by: re.Match[str] | None, day: DateSpan | None) -> Found | None:
    """A date without 前: due where a word before or after it says so (到2023年底, 在5月开工, 二季度完成)."""
    flat, start, end = wording.flat, match.start(), match.end()
    edge = _part(match, "", "ye", "be", "me")
    if by and by[0].startswith(("延", "到", "至", "截", "力", "争", "确", "最", "不", "时", "期", "节")):
        if flat[start - len(by[0]) - 1 : start].startswith(("达到", "得到", "直到", "回到", "感到")):
            return None
        quoted = start if by[0].endswith(("：", "为")) else start - len(by[0])
        hour = _HOUR.match(flat, end) if match["d"] else None
        due = _absolute(quoted, end, day, "到 and a date")
        return _to_the_hour(due, hour) if hour else due
    if match["d"] and by and by[0] in ("于", "在") and _ANNOUNCED.match(flat, end) and _is_to_come(wording, day, start):
        return replace(_absolute(start, end, day, "于 and a day"), sense="on")
    acts = _ACT.match(flat, end)
    in_month = by is not None and (match["m"] or edge)
    if acts and (in_month or edge.endswith(("底", "末", "季度", "半年", "内", "旬")) or (match["d"] and by)):
        opening = start - len(by[0]) if by else start
        verb = re.compile(r"开工(?:建设)?|完成|投产|竣工|建成|启动").match(flat, end)
        return _absolute(opening, verb.end() if verb and by else end, day, "date with an act")
    return None


def _year_alone(
    wording: Wording, match: re.Match[str], marked: re.Match[str] | None, by: re.Match[str] | None, day: DateSpan | None
) -> Found | None:
    """到2025年 is a goal's end; 2022年延续实施 an offer's year; any other year by itself is neither."""
    flat, start, end = wording.flat, match.start(), match.end()
    if day is None:
        return None
    if by and re.search(r"从[^，。；]{1,8}到$", before_it := wording.left_of(start)) and not before_it.startswith("到"):
        return None
    if by and by[0] in ("到", "至", "力争", "力争到"):
        if by[0] == "力争":
            return replace(_absolute(start - 2, end, day, "力争 and a year"), date_from=day.first)
        return _absolute(start - 1, end, day, "到 and a year") if flat[start - 1] == "到" else None
    if marked and not _NOT_DUE_AFTER.match(flat, end):
        return _absolute(
            start, marked.end(), DateSpan(day.first, date(day.first.year - 1, 12, 31), True), "year with 前"
        )
    listed = flat.startswith(("被", "发生", "已", "以来", "以后", "前"), end)
    coming = wording.year is not None and day.first.year > wording.year
    if coming and not listed and wording.clause(start)[0] == start and _TO_BE_DONE.match(flat, end):
        return replace(_absolute(start, end, day, "year to come"), date_from=day.first)
    if wording.clause(start)[0] == start and not match[0].endswith("度") and not listed:
        offer = _OFFER.match(flat, end, wording.sentence(start)[1])
        if offer:
            quoted = offer.end() if offer.end() - end <= 6 else end
            return Found(
                start,
                quoted,
                "validity",
                "span",
                date=day.last,
                date_from=day.first,
                confidence=0.7,
                found_by="year of an offer",
            )
    return None


def _range(wording: Wording, match: re.Match[str]) -> Found | None:
    """自A起至B: the span of an offer, unless it only says who qualifies."""
    flat, end = wording.flat, match.end()
    if match["bonly"] or (match["aonly"] and match["bonly"]) or _NOT_DUE_AFTER.match(flat, end):
        return None
    first = _resolve(wording, match, "a")
    if first is None or _PAST_YEAR.search(flat, max(0, match.start() - 6), match.start()):
        return None
    # The second date of a range takes the year of the first where it prints none.
    if match["bday"]:
        last = _same_month(match, first)
        return _dated_range(wording, match, first, last) if last else None
    printed = _part(match, "b", "y", "z")
    last = _resolve(Wording("", None) if not printed else wording, match, "b", default=first.first.year)
    if last is None or last.last < first.first:
        return None
    return _dated_range(wording, match, first, last)


def _same_month(match: re.Match[str], first: "DateSpan") -> "DateSpan | None":
    """The last day of 4月26日至28日."""
    day = int(match["bday"])
    if not match["ad"] or not first.first.day <= day <= monthrange(first.first.year, first.first.month)[1]:
        return None
    last = first.first.replace(day=day)
    return DateSpan(last, last, first.printed_year)


def _dated_range(wording: Wording, match: re.Match[str], first: "DateSpan", last: "DateSpan") -> Found:
    flat, end = wording.flat, match.end()
    near = flat[max(0, match.start() - 12) : match.start()]
    # A phase of the work (集中整治阶段（4月1日至10月31日）) is due at its end; anything else is offered in that span.
    if _PHASE.search(near) or flat.startswith(("，完成", "完成")) or _PHASE.search(flat, end, end + 8):
        return Found(match.start(), end, "absolute", "within", date=last.last, date_from=first.first, found_by="phase")
    if _is_window(wording, match, first, last):
        window = Found(match.start(), end, "absolute", "within", date=last.last, date_from=first.first)
        window = replace(window, confidence=0.8, found_by="window of days")
        hour = _HOUR.match(flat, end)
        return _to_the_hour(window, hour) if hour and (flat[end] == "（") == (hour[0][-1] == "）") else window
    return Found(match.start(), end, "validity", "span", date=last.last, date_from=first.first, found_by="range")


def _is_window(wording: Wording, match: re.Match[str], first: "DateSpan", last: "DateSpan") -> bool:
    """Whether a range names the days of an act rather than how long something is offered."""
    if (
        not (match["ad"] and (match["bd"] or match["bday"]))
        or match["lead"]
        or (last.last - first.first).days > _MOST_DAYS
    ):
        return False
    start, stop = wording.sentence(match.start())
    said = wording.flat[max(start, match.start() - 60) : min(stop, match.end() + 40)]
    return _OFFERED.search(said) is None and not wording.flat.startswith(("期间", "起"), match.end())


def _is_to_come(wording: Wording, day: "DateSpan | None", start: int) -> bool:
    """Whether a day was still to come when the document was written, as far as its own words tell."""
    if day is None or _OVER.search(wording.left_of(start, limit=40)):
        return False
    if wording.issued:
        return day.first >= wording.issued
    return wording.year is None or day.first.year >= wording.year


def _absolute(start: int, end: int, day: DateSpan | None, rule: str) -> Found:
    """A limit by a date; where no year can be told the date stays open and the confidence is low."""
    whole = day is not None and day.first.replace(day=1) == day.first and day.first != day.last
    return Found(
        start,
        end,
        "absolute",
        "within",
        date=day.last if day else None,
        date_from=day.first if day and whole and rule == "date with an act" else None,
        confidence=0.4 if day is None else 0.95 if day.printed_year else 0.75,
        found_by=rule,
    )


def _validity(start: int, end: int, day: DateSpan | None) -> Found:
    return Found(
        start,
        end,
        "validity",
        "span",
        date=day.last if day else None,
        found_by="end of an offer",
        confidence=0.85 if day else 0.4,
    )


def _is_part_of_word(flat: str, match: re.Match[str]) -> bool:
    """Whether what looks like a date is none: 内 alone, 3个月, 第二季度 of a list of past ones."""
    if match["be"]:
        before = flat[match.start() - 1 : match.start()]
        return before != "" and before in "0123456789一二三四五六七八九十两几每半近去上前往"
    if match["m"] and not match["z"]:
        before = flat[match.start() - 1 : match.start()]
        return before in ("每", "个", "第", "次", "/", "-", ".", "至") or before.isdigit()
    return False


_EDGE_MONTHS = {"上半年": (1, 6), "下半年": (7, 12)}


def _resolve(
    wording: Wording, match: re.Match[str], prefix: str, *, before_it: bool = False, default: int | None = None
) -> DateSpan | None:
    """First and last day of a printed date; 「5月前」 ends with April."""
    printed = _part(match, prefix, "y", "z", "only")
    year = _year(wording, match.start(), printed) or default
    if year is None:
        return None
    given = bool(printed) and printed not in _OF_THE_PLAN
    edge = _part(match, prefix, "ye", "be")
    try:
        if match[f"{prefix}m"]:
            return _in_month(match, prefix, year, given, before_it=before_it)
        first, last = 1, 12
        if "半年" in edge:
            first, last = _EDGE_MONTHS[edge]
        elif "季度" in edge:
            quarter = number(edge.removeprefix("第")[0]) or 1
            if before_it and not edge.endswith(("末", "底")):
                # 三季度前 ends with the second, as 5月前 ends with April.
                quarter, year = (quarter - 1, year) if quarter > 1 else (4, year - 1)
            first, last = quarter * 3 - 2, quarter * 3
        elif edge == "初":
            last = 1
        return DateSpan(date(year, first, 1), date(year, last, monthrange(year, last)[1]), given)
    except ValueError:
        return None


def _in_month(match: re.Match[str], prefix: str, year: int, given: bool, *, before_it: bool) -> DateSpan | None:
    month = number(match[f"{prefix}m"])
    if not month or not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    if match[f"{prefix}d"]:
        day = date(year, month, number(match[f"{prefix}d"]) or 0)
        return DateSpan(day, day, given)
    edge = match[f"{prefix}me"]
    if edge in ("上旬", "中旬"):
        last = 10 if edge == "上旬" else 20
    elif before_it and not edge:
        month, year = (month - 1, year) if month > 1 else (12, year - 1)
        last = monthrange(year, month)[1]
    return DateSpan(date(year, month, 1), date(year, month, last), given)


def _year(wording: Wording, place: int, printed: str) -> int | None:
    if printed and printed not in _OF_THE_PLAN:
        year = number(printed)
        return year if year and 1900 < year < 2200 else None
    base = wording.year_before(place) if not printed else wording.year
    if printed in ("明", "次") and base:
        return base + 1
    return base
