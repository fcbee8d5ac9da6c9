"""Holiday notices (放假通知) read from their own words, and plain tables of days; what is not understood is refused.

The State Council office's yearly notice names seven festivals; an autonomous region's own notice repeats them and
adds its own (全国年节及纪念日放假办法 4). Both check themselves: printed weekdays, 共N天, make-up days on weekends.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest

from tracker.clock.wording import month_day, weekday_name
from tracker.rules.labels import Labelled


class NoticeError(ValueError):
    """A notice or a table that cannot be taken as it stands; the message names the sentence or the line."""


class Mark(Labelled):
    """What a notice says of one day."""

    OFF = "off", "放假"
    WORK = "work", "上班"
    ADDED = "added", "本地假日"  # 本地增加的放假日


@dataclass(frozen=True, slots=True)
class NoticedDay:
    """One day as a notice settles it, and the festival's name (empty for a make-up workday)."""

    mark: Mark
    name: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What was read: days, and the years that are settled by it, each with the notice's number where printed.

    `lacking` names the national festivals a notice does not print: it is then taken day by day and settles no year.
    """

    days: Mapping[date, NoticedDay]
    years: Mapping[int, str | None]
    lacking: tuple[str, ...] = ()


NATIONAL = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
LONGEST_HOLIDAY = 31  # days; nothing near it has ever been given, so a longer one is a misprint

_WEEKDAYS = "一二三四五六日"
_NUMERALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_PLAIN = str.maketrans("０１２３４５６７８９(),:;﹕—–－―～~[]", "0123456789（），：；：------〔〕")

_DAY = r"(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日(?:（[^（）]*）)?"
_SPAN = rf"{_DAY}(?:(?:至|到|-+){_DAY})?"
_LIST = rf"{_SPAN}(?:[、和及]{_SPAN})*"
_CLAUSE = re.compile(
    rf"(?P<days>{_LIST})(?:"
    r"(?P<off>(?:调休)?放假)(?:调休|公休)*(?:，?共?(?P<total>\d+|[一二两三四五六七八九十])天)?"
    r"|(?P<given>补休|调休(?!上班))|(?P<work>(?:正常|照常)?上班)|(?P<rest>(?:正常|照常)(?:休息|公休)))"
)
_ONE_SPAN = re.compile(rf"(?P<first>{_DAY})(?:(?:至|到|-+)(?P<last>{_DAY}))?")
_ONE_DAY = re.compile(r"(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日(?:（(?P<said>[^（）]*)）)?")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
# A festival's sentence: its name or names, a colon, and a date at once.
_HEADING = re.compile(
    r"(?P<names>[^\s、，。；：（）.\d]{0,12}(?:节|元旦|纪念日|三月三)(?:[、和][^\s、，。；：（）\d]{1,12})*)：(?=\s*\d)"
)
_TITLE_YEAR = re.compile(r"(?:关于|现将|我[区州省市县])(\d{4})年[^，。；]{0,40}?(?:节假日|放假)")
_DOC_NO = re.compile(r"[^\W\d_]{2,12}〔\d{4}〕\d{1,4}号")
_DOC_NO_SAID = re.compile(rf"(?:发文字号|文号)：?({_DOC_NO.pattern})")
_CITED = re.compile(r"《[^》]*》")
# Advice and office hours stand beside the arrangement and settle no day.
_BESIDE = re.compile("鼓励|[^，]{0,20}作息")
_DAY_WORDS = re.compile("放假|上班|休息|公休|调休|补休|补班")


def read_days(text: str) -> Notice:
    """Read a notice or a table, whichever the text is; raises NoticeError."""
    return read_table(text) if any(_is_row(line) for line in text.splitlines()) else read_notice(text)


def read_notice(text: str) -> Notice:
    """Read a holiday notice from its title on; raises NoticeError naming the sentence that is wrong."""
    lines = ["".join(line.split()).translate(_PLAIN) for line in text.splitlines()]
    year = _year_of("".join(lines))
    sentences = list(_sentences("\n".join(lines)))
    if not sentences:
        raise NoticeError("没有读到放假安排：请粘贴通知全文，例如“春节：2月15日至23日放假调休，共9天。”")
    days: dict[date, NoticedDay] = {}
    for names, sentence in sentences:
        for day, said in _read_sentence(names, sentence, year):
            before = days.setdefault(day, said)
            if (before.mark is Mark.WORK) is not (said.mark is Mark.WORK):
                raise NoticeError(f"{month_day(day)}既放假又上班，请核对：“{sentence}。”")
    if not any(said.mark is not Mark.WORK for said in days.values()):
        raise NoticeError("没有读到放假的日期，请粘贴通知全文。")
    printed = "".join(names for names, _ in sentences)
    lacking = tuple(name for name in NATIONAL if name not in printed)
    return Notice(days, {} if lacking else {year: _number_of(lines)}, lacking)


def _year_of(whole: str) -> int:
    """Return the year a notice is for, from its title or its own words."""
    years = {int(year) for year in _TITLE_YEAR.findall(_CITED.sub("", whole)) or _TITLE_YEAR.findall(whole)}
    if not years:
        raise NoticeError("没有找到年份：请连同标题一起粘贴，例如“关于2027年部分节假日安排的通知”。")
    if len(years) > 1:
        raise NoticeError(f"读到了{'、'.join(map(str, sorted(years)))}几个年份，请一次只载入一份通知。")
    return years.pop()


def _number_of(lines: list[str]) -> str | None:
    """Return the notice's own number, which stands on a line by itself; a number in the text belongs to another."""
    for line in lines:
        if _DOC_NO.fullmatch(line):
            return line
        if said := _DOC_NO_SAID.match(line):
            return said[1]
    return None


def _sentences(whole: str) -> Iterator[tuple[str, str]]:
    """Yield each sentence that follows a festival's name, with the name."""
    headings = list(_HEADING.finditer(whole))
    for heading, following in zip_longest(headings, headings[1:]):
        names = heading["names"].translate(str.maketrans("", "", '“”"'))
        body = whole[heading.end() : following.start() if following else len(whole)].replace("\n", "")
        for printed in re.split(r"[。；]", body):
            sentence = _BESIDE.split(printed)[0]
            if _ONE_DAY.search(sentence):
                yield names, sentence


def _read_sentence(names: str, sentence: str, year: int) -> Iterator[tuple[date, NoticedDay]]:
    """Yield the days one sentence settles; refuses a sentence that speaks of days off in words not known here."""
    local = not any(name in names for name in NATIONAL)
    for clause in _CLAUSE.finditer(sentence):
        days = _days_of(clause["days"], names, sentence, year)
        if clause["work"]:
            if weekday := next((day for day in days if day.weekday() < 5), None):
                raise NoticeError(f"{month_day(weekday)}本来就是工作日，不会是调休上班，请核对：“{sentence}。”")
            yield from ((day, NoticedDay(Mark.WORK)) for day in days)
        elif clause["rest"]:
            yield from ((day, NoticedDay(Mark.OFF)) for day in days)
        else:
            _check_total(clause["total"], days, sentence)
            yield from ((day, NoticedDay(Mark.ADDED if local else Mark.OFF, names)) for day in days)
    rest = _CLAUSE.sub("", sentence)
    if _ONE_DAY.search(rest) and _DAY_WORDS.search(rest):
        raise NoticeError(f"这一句没有读懂：“{sentence}。”请改用表格，每行一天，例如“2027-02-11,放假,春节”。")
    for day in _ONE_DAY.finditer(rest):  # the day a festival itself falls on: only its weekday is checked
        if day["month"]:
            _date(day[0], None, None, names, sentence, year)


def _check_total(total: str | None, days: list[date], sentence: str) -> None:
    if total is not None and (int(total) if total.isdigit() else _NUMERALS[total]) != len(days):
        raise NoticeError(f"写的是{total}天，日期却是{len(days)}天，请核对：“{sentence}。”")


def _days_of(listed: str, names: str, sentence: str, year: int) -> list[date]:
    """Return every day of a list of dates and spans, in order."""
    found: list[date] = []
    before: date | None = None
    for span in _ONE_SPAN.finditer(listed):
        first = _date(span["first"], None, before, names, sentence, year)
        last = _date(span["last"], first, first, names, sentence, year) if span["last"] else first
        length = (last - first).days + 1
        if not 1 <= length <= LONGEST_HOLIDAY:
            raise NoticeError(f"起止日期不对，请核对：“{sentence}。”")
        found.extend(first + timedelta(days=n) for n in range(length))
        before = last
    return found


def _date(printed: str, start: date | None, before: date | None, names: str, sentence: str, notice_year: int) -> date:
    """Return a printed date; its year and month may be those of the date before it."""
    match = _ONE_DAY.fullmatch(printed)
    if match is None:
        raise NoticeError(f"没有读懂日期“{printed}”，请核对：“{sentence}。”")
    month = int(match["month"]) if match["month"] else (before.month if before else 0)
    year = int(match["year"]) if match["year"] else notice_year
    if not match["year"] and start is not None:
        year = start.year + (month < start.month)
    elif not match["year"] and names.startswith("元旦") and month == 12:
        year -= 1
    try:
        day = date(year, month, int(match["day"]))
    except ValueError:
        raise NoticeError(f"没有这一天：{printed}，请核对：“{sentence}。”") from None
    if abs(day.year - notice_year) > 1:
        raise NoticeError(f"{month_day(day)}不在{notice_year}年前后，请核对：“{sentence}。”")
    said = _WEEKDAY.search(match["said"] or "")
    if said and _WEEKDAYS.index(said[1].replace("天", "日")) != day.weekday():
        raise NoticeError(f"{month_day(day)}是{weekday_name(day)}，通知写的是周{said[1]}，请核对：“{sentence}。”")
    return day


# A table: one day a line, or a year with its notice.
_SEPARATOR = re.compile(r"\s*[,，;；\t|]\s*|\s{2,}")
_TABLE_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:\s+00:00(?::00)?)?")
_TABLE_YEAR = re.compile(r"(\d{4})年?")
_TABLE_MARKS = {
    "放假": Mark.OFF, "休息": Mark.OFF, "休": Mark.OFF,
    "上班": Mark.WORK, "调休上班": Mark.WORK, "班": Mark.WORK, "工作日": Mark.WORK,
    "本地假日": Mark.ADDED, "本地放假": Mark.ADDED,
}  # fmt: skip
_TABLE_NOTICE = ("通知", "放假通知")
_LONGEST_NAME = 30


def read_table(text: str) -> Notice:
    """Read a table: “2027-02-11,放假,春节”, “2027-02-20,上班”, “2026-05-27,本地假日,古尔邦节”.

    A line “2027,放假通知,国办发明电〔2026〕7号” says that the year's notice is whole, so that the year is no longer
    provisional. Raises NoticeError naming the line.
    """
    days: dict[date, NoticedDay] = {}
    years: dict[int, str | None] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        cells = _cells(line)
        if cells[0] in ("日期", "年份") or (len(cells) == 1 and not cells[0][:1].isdigit()):
            continue  # a heading, a sheet's title, an empty line
        year = _TABLE_YEAR.fullmatch(cells[0])
        if year and len(cells) > 1 and cells[1] in _TABLE_NOTICE:
            years[int(year[1])] = (cells[2] if len(cells) > 2 else "")[:_LONGEST_NAME] or None
            continue
        day, said = _table_row(cells, f"第{number}行“{line.strip()}”")
        if days.setdefault(day, said) != said:
            raise NoticeError(f"第{number}行“{line.strip()}”：{month_day(day)}前面已经写过，并且不一样。")
    if not days and not years:
        raise NoticeError("表格里没有日期，每行写一天，例如“2027-02-11,放假,春节”。")
    return Notice(days, years)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _SEPARATOR.split(line.strip().strip("\ufeff|"))]


def _is_row(line: str) -> bool:
    """Whether a line is one of a table: a date or a year, then a word of the table's own."""
    cells = _cells(line)
    if len(cells) < 2:
        return False
    if _TABLE_YEAR.fullmatch(cells[0]):
        return cells[1] in _TABLE_NOTICE
    return _TABLE_DAY.fullmatch(cells[0]) is not None and cells[1] in _TABLE_MARKS


def _table_row(cells: list[str], where: str) -> tuple[date, NoticedDay]:
    match = _TABLE_DAY.fullmatch(cells[0])
    try:
        day = date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        day = None
    if day is None:
        raise NoticeError(f"{where}：第一格不是日期，请写成 2027-02-11。")
    mark = _TABLE_MARKS.get(cells[1]) if len(cells) > 1 else None
    if mark is None:
        raise NoticeError(f"{where}：第二格请写放假、上班或本地假日。")
    name = cells[2] if len(cells) > 2 else ""
    if mark is Mark.ADDED and not name:
        raise NoticeError(f"{where}：本地假日请在第三格写名称。")
    if len(name) > _LONGEST_NAME:
        raise NoticeError(f"{where}：名称不能超过{_LONGEST_NAME}字。")
    return day, NoticedDay(mark, name)
