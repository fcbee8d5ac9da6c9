"""Rhythms (周期): 每月25日, 每两周, 按季度, 每年11月30日前, 月调度, 季后10日内 as recurrence rules of RFC 5545."""

import re
from collections.abc import Iterator
from datetime import date

from tracker.reading.limits.context import Found, Wording
from tracker.reading.limits.following import RULES, dated_next, following_in, recurring, tailed, with_sound_rule
from tracker.reading.limits.words.day_hours import CLOCK, time_of
from tracker.reading.limits.words.tails import DAYS, tail_of
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import number

_N = r"[两二三四五六七八九十\d]{1,3}"
_EVERY = lazy(
    rf"(?:(?:自|从)?(?P<fy>20\d\d)年(?:(?P<fm>\d{{1,2}})月(?:\d{{1,2}}日)?)?份?(?:起|开始)，?)?"
    rf"每(?:(?P<n>{_N})?个?(?P<unit>年度?|季度|季|月|周|星期|日|天|旬)|(?P<half>半年|半个?月))(?!度[^0-9，。]|岁|期)"
)
_LISTED_BEFORE = lazy(r"[、和及]\d{1,2}月(?:\d{1,2}[日号]|[底末])?(?:之前|以前|前)")
_YEAR_DAY = lazy(
    r"(?:的)?(?:\d{1,2}|[一二三四五六七八九十]{1,2})月(?:至|到|-|~)(?P<sm>\d{1,2}|[一二三四五六七八九十]{1,2})月(?!\d)(?:期间)?|"
    r"(?:的)?\d{1,2}月\d{1,2}日(?:至|到|-|~)(?P<rm>\d{1,2})月(?P<rd>\d{1,2})日(?:期间)?|"
    r"(?:的)?(?P<m>\d{1,2}|[一二三四五六七八九十]{1,2})月份?(?:(?P<d>\d{1,2}|[一二三四五六七八九十]{1,3})[日号]"
    rf"|(?P<e>底|末))?(?:{CLOCK}?(?P<before>之?前|以前))?|"
    r"(?:的)?(?P<end>年?底|年?末)(?P<before2>之?前|以前)?|(?:的)?第?(?P<q>[一二三四1-4])季度(?:末|底)?(?P<before3>之?前)?"
    r"|(?:的)?(?P<h>[上下]半年)(?:末|底)?(?P<before4>之?前)?(?!、)"
)
_MONTH_DAY = lazy(
    r"(?:的)?(?:(?P<d>\d{1,2}|[一二三四五六七八九十]{1,3})[日号]|(?P<e>月?底|月?末))"
    rf"(?:(?:（[^（）]{{1,12}}）)?(?:{CLOCK}|下班)?(?P<before>之?前|以前))?"
)
# 每月10日、25日前; 每年3月、6月、9月、12月的20日前: one rhythm of several days.
_DAY_LIST = lazy(
    rf"的?(?P<days>\d{{1,2}}[日号]?(?:(?:[、和及与]|以及)(?:\d{{1,2}}[日号]|月?[底末]))+)(?:{CLOCK}?(?P<before>之?前|以前))?"
)
_MONTH_LIST = lazy(
    rf"的?(?P<months>\d{{1,2}}月?(?:(?:[、和及与]|以及)\d{{1,2}}月)+)份?(?:的?(?P<d>\d{{1,2}})[日号]|(?P<e>[底末])|(?=之?前))"
    rf"(?:{CLOCK}?(?P<before>之?前|以前))?"
)
_QUARTER_END = lazy(r"的?[末底](?:之?前)?")
# 逢单月10日前: the odd months by name, for a rhythm of two months would be counted from whichever comes first.
_ODD_MONTH = lazy(
    r"(?:(?:每逢|逢|于|在|每)?(?P<odd>[单双])月(?:的)?(?P<d>\d{1,2})[日号](?P<before>之?前|以前)?|(?:每逢|逢|每)(?P<alone>[单双])月)"
)
_AND_DATE = lazy(r"[，、和及](?P<date>\d{1,2}月(?:\d{1,2}[日号]|底|末)?(?:之前|以前|前))")
# 2020年起，国家卫生健康委每年3月底前: the subject stands between the first year and the rhythm.
_SINCE = lazy(r"(?P<fy>20\d\d)年(?:(?P<fm>\d{1,2})月)?(?:起|开始)，[^，。；]{1,30}$")
# 监测企业每日用工变化情况: what each day brings, not what is done each day.
_OF_EACH_DAY = lazy(
    r"\d{1,2}小时|[约近]?\d[\d.]*(?:万|亿|千|百)?(?:吨|立方|方|人次|辆|公里|千瓦|度|元|件|户|趟|班|车次)|"
    r"(?![^，。；]{0,4}(?:报|公布|调度|通报|开展|组织|召开|进行|更新|推送|汇总|梳理|统计|巡))[^，。；]{0,8}(?:情况"
    r"|变化|数据|量|额)"
)
_WEEK_DAY = lazy(
    r"(?:的)?(?:周|星期)?(?P<days>[一二三四五六日天](?:(?:、|和|及|，)(?:每周|周|星期)?[一二三四五六日天])*)(?!次"
    r"|天|[^，。；、前上下的和及与召开举行]{0,2}次)"
    rf"(?:(?:{CLOCK}|下班)?(?P<before>之?前)|(?P<part>上午|下午|中午)(?!\d))?"
)
_FREQUENCY = {
    "年": "YEARLY", "年度": "YEARLY", "月": "MONTHLY", "周": "WEEKLY", "星期": "WEEKLY", "日": "DAILY", "天": "DAILY",
}  # fmt: skip
_ENTITLED_BEFORE = lazy(r"(?:每人|每户|每家|每名|每亩|每次|每个?企业|每家企业|人均|按|折合|高达|约为?|低于|高于|超过)$")
_ENTITLED_AFTER = lazy(
    r"(?:每(?:公里|平方|亩|人|户|吨|件|台|辆|头|村|家|个|次|名|所|床|套|公顷)|最高|最多|不超过|可享|可以?(?:提取|使用|变更|调整|选择|领取|参加|办理|预约|免费)|可?(?:实现|节约|增加|减少)[^，。；]{0,8}\d|仍|都|可以?申[请领]|享受|有|增长|递增|以上|均|[约近]?\d[\d.]*(?:万|亿|千|百)?元|\d[\d.]*%"
    r"|(?:按|加收|加处)[^，。；]{0,24}(?:罚款|滞纳金|加收|加处|计收|违约金)"
    r"|[^，。；]{0,22}给予[^，。；]{0,14}(?:支持|奖励|补助|补贴|倾斜|资助))"
)
_BY = lazy(
    r"(?<![期])按(?!年度?推进)(?P<unit>年度|季度|季|月|周|旬|日|年)(?=[^，。；、]{0,30}?(?:调度|上报|报送|报告|通报|监测|审核"
    r"|汇总|统计|梳理|分析|公布|公示|检查|推送|研判|更新|组织|开展|召开|督查|督导|跟踪|评估|考核|拨付|预拨|兑付|结算|清算|支付|公开|填报|反馈|清零"
    r"|推进))"
    r"(?!(?:度)?(?:享受|缴|计|免|扣|折|还|退|分摊|均|全额|需|时|程序|照|期|足额|发放|序|标准))"
)
_WORK = (
    r"(?:报告|调度|研判|考核|通报|联系|走访|评估|分析|督查|会商|小结|总结|例会|清零|报送|排名|检查|反馈|汇报|上报"
    r"|督导|推进|统计|管控|排查|巡查|报(?=制度|机制|”))"
    # 年报制度 is the name of an institution, whose day is told elsewhere.
    r"(?<!年报)"
)
_COMPACT = lazy(
    rf"(?:(?<=[“‘、，。；：（行施实立持照的成取建展]){'|'}(?<=[告度判核报联访评估析督查会商结例清零送名检反馈汇推进统计系控])(?=[日周旬月季年半][^年月日]{{2}}))(?P<unit>半年"
    rf"|半月|双周|日|周|旬|月|季度|季|年){_WORK}"
)
_ONE_ONE = lazy(
    rf"一(?P<unit>日|周|旬|月|季度|季|年)一{_WORK}|一(?P<unit2>日|周|旬|月|季度|季|年)一(?:次|报|督查|通报|会商)"
)
_ONCE = lazy(r"(?<![每任\d])(?P<n>[半两三一])(?:个)?(?P<unit>年|月|季度|周|天)(?:至少)?(?:[^，。；]{0,4})一次")


def rhythms_in(wording: Wording) -> Iterator[Found]:
    """Every recurring duty of the text."""
    flat = wording.flat
    compact = [recurring(m.start(), m.end(), RULES[m["unit"]], "compact rhythm") for m in _COMPACT.finditer(flat)]
    for match in _EVERY.finditer(flat):
        found = _every(wording, match)
        if found and dated_next(wording, found):
            continue
        if found:
            yield found
            if match["unit"] in ("年", "年度"):
                yield from _each_year_too(wording, found)
    yield from compact
    for match in _ODD_MONTH.finditer(flat):
        months = range(1 + ((match["odd"] or match["alone"]) == "双"), 13, 2)
        on = int(match["d"]) if match["d"] else -1
        every_second = f"FREQ=YEARLY;BYMONTH={','.join(map(str, months))};BYMONTHDAY={on}"
        sense = "on" if match["d"] and not match["before"] else "within"
        yield recurring(match.start(), match.end(), every_second, "every second month", sense)
    yield from following_in(wording)
    for match in _BY.finditer(flat):
        yield recurring(match.start(), match.end(), RULES[match["unit"]], "按 a period")
    for match in _ONE_ONE.finditer(flat):
        yield recurring(match.start(), match.end(), RULES[match["unit"] or match["unit2"]], "一月一 rhythm")
    for match in _ONCE.finditer(flat):
        rule = _once(match["n"], match["unit"])
        if rule:
            yield recurring(match.start(), match.end(), rule, "so often once")


def _once(count: str, unit: str) -> str | None:
    if count == "半":
        return RULES["半年"] if unit == "年" else RULES["半月"] if unit == "月" else None
    times = {"一": 1, "两": 2, "三": 3}[count]
    return _interval(unit, times)


def _interval(unit: str, times: int) -> str:
    """The rule of every so many years, quarters, months, weeks or days."""
    if unit in ("季度", "季"):
        return f"FREQ=MONTHLY;INTERVAL={3 * times}"
    if unit == "旬":
        return RULES["旬"] if times == 1 else f"FREQ=DAILY;INTERVAL={10 * times}"
    rule = f"FREQ={_FREQUENCY[unit]}"
    return rule if times == 1 else f"{rule};INTERVAL={times}"


def _every(wording: Wording, match: re.Match[str]) -> Found | None:
    flat, start, end = wording.flat, match.start(), match.end()
    if _ENTITLED_BEFORE.search(flat, max(0, start - 6), start) or _ENTITLED_AFTER.match(flat, end):
        return None
    if match["unit"] in ("日", "天") and _OF_EACH_DAY.match(flat, end):
        return None
    if flat[start - 2 : start] in ("每人", "每户"):
        return None
    said = flat[max(wording.sentence(start)[0], start - 50) : start]
    since = _since(match if match["fy"] else _SINCE.search(said))
    times = number(match["n"]) if match["n"] else 1
    if not times:
        return None
    rrule = RULES[match["half"]] if match["half"] else _interval(match["unit"], times)
    sense, stop = "within", end
    tail = tail_of(flat, end, match["half"] or match["unit"], rrule) if times == 1 else None
    if tail:
        return tailed(start, tail, "每 and a tail", since)
    hour, unit = None, match["unit"]
    if unit in ("季度", "季"):
        quarter_end = _QUARTER_END.match(flat, end)
        stop = quarter_end.end() if quarter_end else end
    elif unit in ("年", "年度", "月", "周", "星期") and times == 1:
        rrule, sense, stop, hour = _with_day(flat, end, unit, rrule)
    found = Found(
        start,
        stop,
        "recurring",
        sense,
        rrule=rrule,
        date_from=since,
        time=hour,
        understood=hour is not None,
        found_by="每 a period",
    )
    return with_sound_rule(found)


def _each_year_too(wording: Wording, first: Found) -> Iterator[Found]:
    """每年2月底前…，3月底前…: the second date comes round every year as well."""
    if not (first.rrule or "").startswith("FREQ=YEARLY;"):
        return
    stop = min(wording.sentence(first.start)[1], first.end + 120)
    for match in _AND_DATE.finditer(wording.flat, first.end, stop):
        day = _YEAR_DAY.match(match["date"])
        if day:
            yield recurring(match.start("date"), match.end(), f"FREQ=YEARLY;{_yearly(day)}", "每年 before it")


def _since(match: re.Match[str] | None) -> date | None:
    """The first day of a rhythm that is to begin with a printed year (自2021年11月起)."""
    month = int(match["fm"] or 1) if match else 0
    return date(int(match["fy"]), month, 1) if match and 1 <= month <= 12 else None


def _with_day(flat: str, end: int, unit: str, rrule: str) -> tuple[str, str, int, str | None]:
    """The rule with the day printed behind it, whether that is the day itself or the last one, and the hour."""
    listed = (_MONTH_LIST if unit in ("年", "年度") else _DAY_LIST).match(flat, end) if unit[0] in "年月" else None
    if listed:
        months = listed.groupdict().get("months")
        if months is None:
            on = f"BYMONTHDAY={_commas(listed['days'])}"
        else:
            on = _in_months(_commas(months), listed["d"], before=listed["before"] is not None and not listed["e"])
        sense = "within" if listed["before"] or (months and not listed["d"]) else "on"
        return f"{rrule};{on}", sense, listed.end(), time_of(listed)
    if unit in ("年", "年度"):
        day = _YEAR_DAY.match(flat, end)
        if day:
            before = day["before"] or day["before2"] or day["before3"] or _LISTED_BEFORE.match(flat, day.end())
            return f"{rrule};{_yearly(day)}", "within" if before or not day["d"] else "on", day.end(), time_of(day)
    elif unit == "月":
        day = _MONTH_DAY.match(flat, end)
        if day:
            which = -1 if day["e"] else number(day["d"]) or 1
            sense = "within" if day["before"] or day["e"] else "on"
            return f"{rrule};BYMONTHDAY={which}", sense, day.end(), time_of(day)
    else:
        day = _WEEK_DAY.match(flat, end)
        if day:
            names = list(dict.fromkeys(DAYS[c] for c in day["days"] if c in DAYS))
            sense = "within" if day["before"] else "on"
            return f"{rrule};BYDAY={','.join(names)}", sense, day.end(), time_of(day)
    return rrule, "within", end, None


def _in_months(months: str, day: str | None, *, before: bool) -> str:
    """The days of a list of months: 3月、6月的20日, 1月、7月底, 4月、10月前 which end with the months before."""
    if day:
        return f"BYMONTH={months};BYMONTHDAY={int(day)}"
    numbers = [int(n) for n in months.split(",")]
    if before:
        numbers = sorted((n - 2) % 12 + 1 for n in numbers)
    ends = {_last_of(n).rpartition("=")[2] for n in numbers}
    return f"BYMONTH={','.join(map(str, numbers))};BYMONTHDAY={ends.pop() if len(ends) == 1 else -1}"


def _commas(words: str) -> str:
    """The numbers of a list as a rule has them: 3月、6月 is 3,6."""
    return ",".join("-1" if one in "底末" else one for one in re.findall(r"\d+|[底末]", words))


def _last_of(month: int) -> str:
    """The last day of a month; February's is written -1, for it moves."""
    return f"BYMONTH={month};BYMONTHDAY={-1 if month == 2 else 30 if month in (4, 6, 9, 11) else 31}"


def _yearly(day: re.Match[str]) -> str:
    if day["rm"]:
        return f"BYMONTH={int(day['rm'])};BYMONTHDAY={int(day['rd'])}"
    if day["sm"]:
        return _last_of(number(day["sm"]) or 12)
    if day["m"]:
        month = number(day["m"]) or 12
        if day["d"]:
            return f"BYMONTH={month};BYMONTHDAY={number(day['d'])}"
        if day["before"] and not day["e"]:
            # 每年4月前 ends with March.
            month = month - 1 or 12 if month <= 12 else month
        return _last_of(month)
    if day["h"]:
        return _last_of(6 if day["h"] == "上半年" else 12)
    month = (number(day["q"]) or 4) * 3 if day["q"] else 12
    return f"BYMONTH={month};BYMONTHDAY={31 if month in (3, 12) else 30}"
