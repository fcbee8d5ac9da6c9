"""Dates (日期) as worded: 2024年底前, 到2023年, 10月31日前, 二季度, 于6月5日发出."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from tracker.reading.limits.context import Found, Wording
from tracker.reading.limits.spans import (
    HELD,
    HOUR,
    NOT_DUE_AFTER,
    is_of_a_title,
    offers_in,
    range_in,
    to_the_hour,
    validity,
)
from tracker.reading.limits.words.day_hours import CLOCK
from tracker.reading.limits.words.printed_dates import DATE, RANGE, DateSpan, is_part_of_word, part_of, resolve_date
from tracker.reading.text.lazy import lazy

# 11月24日（星期三）12时前: the day of the week in brackets, the hour, or both may part a date from its 前.
_DEADLINE_AFTER = lazy(
    r"(?:（(?:含[^（）]{0,6}|(?:星期|周|礼拜)[一二三四五六日天])）)?"
    rf"(?:{CLOCK}|下班)?(?:之前|以前|前(?!后|期|景|提(?:条件|下|是)|沿|述|款))"
)

# 定于3月31日举办: the day itself, not the last one.
_SET_FOR = lazy(r"(?:拟|暂|初步)?(?:定于|订于|定在)$")

# 6月5日、7月5日前: the last one's 前 is for both.
_LISTED_BEFORE = lazy(
    r"(?:[、和及与](?:20\d\d年)?\d{1,2}月(?:\d{1,2}[日号]|(?P<end>[底末]))?){1,6}(?:之前|以前|前(?!后|期|景|提(?:条件|下|是)|沿|述|款))"
)

_BY_BEFORE = lazy(
    r"(?:最迟(?:于|在)?|(?:最迟)?不(?:得|能|应)?(?:晚于|迟于|超过)|力争|争取|确保|截至|截止到?|到|至|于|在|延期?[至到]|延长[至到]|延[至到]"
    r"|(?:时限|时间|期限|节点)(?:(?:要求)?：|为))$"
)

_ACT = lazy(
    r"[，、]?(?:全面|基本|全部|初步|率先|力争|争取|确保|要|应|须|实现|完成|达到|达|建成|开工|竣工|投产|投用|出台"
    r"|印发|发布|启动|报送|上报|形成|建立|制定|完善|组织|开展|"
    r"上线|投入|取得|补足|清偿|覆盖|不低于|不少于|累计|新增|培育|打造|推动|提交|公布|编制|试点|申报|正式|各|全[省市县区州国]"
    r"|[^，。；]{0,24}(?:不少于|引进|回流|达到|完成|实现|建成|降至|提高|超过|不低于|全覆盖|开工|投产|竣工"
    r"|发布|公布|上线|开通|印发|出台|启动|举办|召开|投用|建立|形成|报送))"
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

_PLAN_PERIOD = lazy(r"到“(?P<which>十[三四五六]五)”(?:规划)?期?末")

# 补足保证金期限为2023年3月31日: what is due by then stands before the word.
_OWED_BY = lazy(r"[^，。；：]{3,12}(?:期限|时限)为$")

# 于6月5日发出: an act on that day, where nothing says that it is over.
_ANNOUNCED = lazy(
    r"[^，。；的]{0,10}?(?:公告|公布|公示|公开|发出|发放|发布|启动|开展|召开|举办|举行|报送|上报|提交|报名|组织|进行|开始|开学|开工"
    r"|开通|上线|派发|寄出|送达|缴纳|领取|汇总|集中|完成)"
)

_OVER = lazy(r"已|曾|业经|此前|以前|经[^，。；]{0,12}$")

_TO_BE_DONE = lazy(
    r"，?(?:选取|选择|全面|基本|全部|力争|确保|实现|完成|建成|开工|竣工|出台|启动|推广|推行|推进|建立|开展|遴选|试点|组织|新增|培育|打造|改造|新建|创建|建设|引进|举办|召开|印发)"
)

# 2020年要有所突破: what is to be reached in the plan's own year.
_SHALL = lazy(r"，?(?:要(?![点素求件闻])|须|必须|力争|争取|确保)")

# （11月取得明显成效，牵头单位：…）, （6月份完成）: a bracket that says when, beside who.
_REACHED = lazy(
    r"(?:前)?(?:取得|完成|建成|实现|启动|出台|上线|投入|投用|达到|基本|全面|初步|印发|形成|落实|见效|试运行)"
)

# 首期3亿元于2025年上半年到位: what money, a house or a firm comes to by then.
_COMES = lazy(
    r"(?:全部|全额|足额|正式|基本)?(?:到位|到账|拨付|下达|交付|交工|挂牌|揭牌|运营|运行|注册|设立|落地|见效|验收|封顶"
    r"|通车|招生)"
)

# 2025年新增助餐点600个: so many within the document's own year; 2025年、2026年分别新建60个、80个.
_SO_MANY = lazy(
    r"，?(?:计划|拟|力争|确保|全[省市县区州])?(?:分别|各|至少)?(?:再)?(?:新增|新建|改建|改造|建设|建成|培育|创建|打造"
    r"|完成|实施|引进|发展|组织|举办|培训|遴选|推广|整治)[^，。；的可予享按标每]{0,20}?\d"
)
_TOLD_OF = lazy(r"同比|较上年|比上年|已|以来|取得")
_YEARS_BEFORE = lazy(r"(?:20\d\d年[、和])+$")
_YEARS_BEHIND = lazy(r"(?:[、和]20\d\d年)+(?=分别|各)")

_STATUS = lazy(r"截[至止]到?$")

_REPORTED = lazy(r"[^，。；：]{0,24}(?:情况|数据|数字|进展|存量|台账|名单)")


def dates_in(wording: Wording) -> Iterator[Found]:
    """Every date of the text that is a limit or the span of an offer."""
    flat = wording.flat
    taken = -1
    yield from offers_in(wording)
    for plan in _PLAN_PERIOD.finditer(flat):
        last = date({"十三五": 2020, "十四五": 2025, "十五五": 2030, "十六五": 2035}[plan["which"]], 12, 31)
        yield _absolute(plan.start(), plan.end(), DateSpan(last, last, True), "end of a five-year plan")
    for match in DATE.finditer(flat):
        if match.start() < taken:
            continue
        span = RANGE.match(flat, match.start() - (flat[match.start() - 1 : match.start()] in ("自", "从")))
        if span:
            taken = span.end()
            found = range_in(wording, span)
        else:
            taken = match.end()
            found = _single(wording, match)
        if found:
            taken = max(taken, found.end)
            yield found


def _single(wording: Wording, match: re.Match[str]) -> Found | None:
    """A date by itself: due, or the end of an offer, or neither."""
    flat, start, end = wording.flat, match.start(), match.end()
    if is_part_of_word(flat, match):
        return None
    before, clause_start = flat[max(0, start - 16) : start], wording.clause(start)[0]
    marked = _DEADLINE_AFTER.match(flat, end)
    by = _BY_BEFORE.search(before)
    day = resolve_date(wording, match, "", before_it=bool(marked))
    valid = _VALID_BEFORE.search(before)
    owed = _TERM.search(before) and _OWED.search(flat, clause_start, start)
    if valid and (valid[0].startswith("政策") or not owed):
        return validity(start - len(valid[0]), end, day)
    held = HELD.search(before)
    if held and day and not marked:
        span = replace(validity(start - len(held[0]), end, day), date_from=day.first, found_by="held in a period")
        return span if day.first != day.last else replace(span, kind="absolute", sense="on", found_by="held on a day")
    if match["only"]:
        return _year_alone(wording, match, marked, by, day)
    if NOT_DUE_AFTER.match(flat, end) or before.endswith(("自", "从", "每年", "每月", "次月", "《")):
        return None
    if marked:
        return to_the_hour(_absolute(start, marked.end(), day, "date with 前"), marked)
    hour = HOUR.match(flat, end) if match["d"] else None
    acts = _ACT.match(flat, hour.end() if hour else end)
    if _STATUS.search(before) and (_REPORTED.match(flat, end) or not acts):
        return None
    if flat.startswith(("前后", "左右"), end) and not match["only"]:
        return replace(_absolute(start, end + 2, day, "about a date"), confidence=0.5)
    if day and is_of_a_title(wording, start, end):
        return replace(_absolute(start, end, day, "date of a stage"), date_from=day.first)
    listed = _LISTED_BEFORE.match(flat, end) if match["m"] else None
    if listed:
        before_it = not (match["d"] or match["me"] or listed["end"])
        return _absolute(start, end, resolve_date(wording, match, "", before_it=before_it), "date in a list with 前")
    set_for = _SET_FOR.search(before) if match["d"] else None
    if set_for and day:
        fixed = replace(_absolute(start - len(set_for[0]), end, day, "定于 and a day"), sense="on")
        return to_the_hour(fixed, hour) if hour else fixed
    return _unmarked(wording, match, by, day)


def _unmarked(wording: Wording, match: re.Match[str], by: re.Match[str] | None, day: DateSpan | None) -> Found | None:
    """A date without 前: due where a word before or after it says so (到2023年底, 在5月开工, 二季度完成)."""
    flat, start, end = wording.flat, match.start(), match.end()
    edge = part_of(match, "", "ye", "be", "me")
    if by and by[0].startswith(("延", "到", "至", "截", "力", "争", "确", "最", "不", "时", "期", "节")):
        if flat[start - len(by[0]) - 1 : start].startswith(("达到", "得到", "直到", "回到", "感到")):
            return None
        quoted = start if by[0].endswith(("：", "为")) else start - len(by[0])
        owed = _OWED_BY.search(wording.left_of(start, limit=20)) if by[0].endswith("为") else None
        quoted = start - len(owed[0]) if owed else quoted
        hour = HOUR.match(flat, end) if match["d"] else None
        due = _absolute(quoted, end, day, "到 and a date")
        return to_the_hour(due, hour) if hour else due
    if match["d"] and by and by[0] in ("于", "在") and _is_to_come(wording, day, start):
        hour = HOUR.match(flat, end)
        if _ANNOUNCED.match(flat, hour.end() if hour else end):
            held = replace(_absolute(start, end, day, "于 and a day"), sense="on")
            return to_the_hour(held, hour) if hour else held
    acts = _ACT.match(flat, end) or (_COMES.match(flat, end) if by and by[0] in ("于", "在") else None)
    in_month = by is not None and (match["m"] or edge)
    if match["m"] and flat[start - 1 : start] == "（" and _REACHED.match(flat, end):
        return _absolute(start, end, day, "month in brackets")
    if match["m"] and match["z"] and not edge and not by and _is_ahead(wording, match, day):
        return replace(_absolute(start, end, day, "month to come"), date_from=day.first if day else None)
    if by and by[0] in ("于", "在") and _OVER.search(wording.left_of(start, limit=16)):
        return None  # 已于2025年10月完成
    if acts and (in_month or edge.endswith(("底", "末", "季度", "半年", "内", "旬")) or (match["d"] and by)):
        opening = start - len(by[0]) if by else start
        verb = re.compile(r"开工(?:建设)?|完成|投产|竣工|建成|启动").match(flat, end)
        return _absolute(opening, verb.end() if verb and by else end, day, "date with an act")
    return None


def _is_ahead(wording: Wording, match: re.Match[str], day: DateSpan | None) -> bool:
    """Whether a printed month opens its clause, has its act behind it, and was still to come: 2027年7月组织评估."""
    flat, start, end = wording.flat, match.start(), match.end()
    if day is None or wording.clause(start)[0] != start or not _TO_BE_DONE.match(flat, end):
        return False
    if wording.issued:
        return day.last > wording.issued
    return wording.year is not None and day.first.year > wording.year


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
    if marked and not NOT_DUE_AFTER.match(flat, end):
        return _absolute(
            start, marked.end(), DateSpan(day.first, date(day.first.year - 1, 12, 31), True), "year with 前"
        )
    listed = flat.startswith(("被", "发生", "已", "以来", "以后", "前"), end)
    opens = wording.clause(start)[0] == start and not listed
    if opens and (wording.year is None or day.first.year > wording.year) and _TO_BE_DONE.match(flat, end):
        found = replace(_absolute(start, end, day, "year to come"), date_from=day.first)
        # Where the document's own year is not known, the year may be one that is told of.
        return found if wording.year is not None else replace(found, confidence=0.5)
    if _so_many(wording, start, end, day):
        target = replace(_absolute(start, end, day, "year of a target"), date_from=day.first)
        # A paper of that year's end may tell what was done in it.
        late = wording.issued is not None and (wording.issued.year, wording.issued.month) >= (day.last.year, 10)
        return replace(target, confidence=0.5) if late else target
    if opens and wording.year is not None and day.first.year >= wording.year and _SHALL.match(flat, end):
        return replace(_absolute(start, end, day, "year of a duty"), date_from=day.first)
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


def _so_many(wording: Wording, start: int, end: int, day: DateSpan) -> bool:
    """Whether a year not over at issue, alone or in a list of years, opens a clause that says how many."""
    if wording.year is None or day.first.year < wording.year or _TOLD_OF.search(wording.flat, *wording.sentence(start)):
        return False
    before = _YEARS_BEFORE.search(wording.left_of(start, limit=30))
    listed = _YEARS_BEHIND.match(wording.flat, end)
    if wording.clause(start)[0] != start - (len(before[0]) if before else 0):
        return False
    return _SO_MANY.match(wording.flat, listed.end() if listed else end) is not None


def _is_to_come(wording: Wording, day: DateSpan | None, start: int) -> bool:
    """Whether a day was still to come when the document was written, as far as its own words tell."""
    if day is None or _OVER.search(wording.left_of(start, limit=40)):
        return False
    if wording.issued:
        return day.first >= wording.issued
    return wording.year is None or day.first.year >= wording.year


def _absolute(start: int, end: int, day: DateSpan | None, rule: str) -> Found:
    """A limit by a date; where no year can be told the date stays open and the confidence is low."""
    whole = day is not None and day.first.day in (1, 11, 21) and day.first != day.last
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
