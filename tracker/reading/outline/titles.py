"""Titles (标题): where each plan of a source begins, and what its head and tail say of number, dates and place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from dateutil.relativedelta import relativedelta

from tracker.reading.outline.endings import ATTACHED
from tracker.reading.outline.layout import Layout, Line
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import number

_TITLE_END = lazy(
    r"(?:措施|方案|意见|办法|规划|计划|通知|细则|清单|规定|决定|条例|要点|举措|公告|通告|批复|复函|行动|政策|分工"
    r"|指引|指南|条款|若干条|[一二三四五六七八九十\d]条)"
    r"(?:（[^（）]{1,14}）)*$"
)
_PREAMBLE = lazy(
    r"为(?!了?什么)|根据|按照|依据|遵照|结合|近年来|现将|现就|今年|当前|.{0,30}(?:制定|提出)(?:本|以下|如下)"
)
_DATE_LINE = lazy(
    r"（?(?:[^。；，：（）\d]{2,30})?(\d{4}|[〇零○一二三四五六七八九]{4})\s*年\s*([\d一二三四五六七八九十]{1,3})\s*月"
    r"(?:\s*([\d一二三四五六七八九十]{1,3})\s*日)?(?:印发)?）?"
)
_BARE_DATE = lazy(r"(20\d\d)(\d{2,4})")
_DOC_NO = lazy(r"\s*（?([\u4e00-\u9fff]{1,14})\s*（\s*((?:19|20)\d\d)\s*）\s*第?\s*(\d{1,5})\s*号）?")
_RUN_TOGETHER = lazy(
    r"(.{4,90}?(?:措施|方案|意见|办法|通知|规划|计划|决定))(?=\s*(?!的|和|及)[\u4e00-\u9fff]{1,12}（(?:19|20)\d\d）\d{1,5}号)"
)
_PLACE = lazy(
    r"([\u4e00-\u9fff]{2,7}?(?:省|自治区|自治州|地区|市(?!场)|州|盟|县|旗|区)(?:[\u4e00-\u9fff]{1,4}?(?:市|县|旗|区)"
    r"(?=人民政府|加[大快强]|关于|促进|支持|推[进动]|落实|贯彻|进一步|优化|实施|减轻|委|[\u4e00-\u9fff]{2,6}(?:局"
    r"|办)))?)"
)
_NO_PLACE = lazy(r"^各|^的|通知|关于|落实|促进|支持|推进|加|印发|贯彻|进一步")
_FORCE = r"(?:正式)?(?:起)?(?:施行|实施|执行|生效|试行)"
_ISSUE = r"[印发颁公下布]{1,2}布?之日|本?\S{0,6}?(?:印发|发布|公布)之日"
_IN_FORCE = lazy(
    rf"[自从](?:(\d{{4}})年(\d{{1,2}})月(?:(\d{{1,2}})日)?|{_ISSUE})起"
    rf"(?:(?:满)?(?P<n>\d{{1,3}}|[一二三四五六七八九十百]{{1,4}})(?P<u>个月|日|天)(?:之?后|以后))?{_FORCE}"
)
# What says how long a plan is in force speaks of the plan itself: 本办法, 以上政策, 上述措施.
_ITSELF = r"(?:本(?!市|县|区|省|人|单位)|以上|上述)[^。；，]{0,12}?"
_OF_ITS_TERM = lazy(
    r"(?:^(?:第[^，。]{1,5}条)?|[。；、])(?:本(?!市|县|区|省|人|单位)|以上|上述|[自从](?:印发|发布|公布|20))"
    r"[^。；]{0,60}(?:有效期|[施执试]行|实施)"
)
_DAY = r"(?:(?P<y>\d{4})年(?:(?P<m>\d{1,2})月)?(?:(?P<d>\d{1,2})日|(?P<e>年?底|月?底|年?末|月?末))?)"
_LENGTH = r"为?(?:暂定)?(?P<n>\d{1,2}|[一二两三四五六七八九十]+)(?P<u>个月|年)"
_UNTIL = lazy(
    r"(?:有效期限?(?:暂定)?(?:自[^。；至]{4,16}|从[^。；至]{4,16})?"
    rf"|(?:^|[。；条])(?:{_ITSELF})(?:的)?(?:执行|实施|施行|延续)(?:期限?|时间)?(?:为|暂定)?(?:自?[^。；至，]{{8,12}})?"
    r"|(?:施行|实施|执行)，(?:执行|实施|施行)(?:期限?|时间)?(?:为|暂定)?|(?:施行|实施|执行)，"
    rf"|试行(?:期限?)?(?!，))(?:(?:截?至|截止到?|到){_DAY}(?:止)?|{_LENGTH})"
)
_OVER_A_SPAN = lazy(r"(?:执行|实施|施行)(?:期限?|时间)为?(\d{4})年(\d{1,2})月(\d{1,2})日至\d{4}年")
_NATIONAL = lazy(r"国务院|(?:国家|中共中央)(?!.{0,18}[省市县区州])")
_NAMED = lazy(r"《([^》]+)》")
_NOT_OF_A_NAME = lazy(r"[\s—~-]|（[^（）]{2,14}稿）")
_SHORT = 64


@dataclass(slots=True)
class PlanPart:
    """The lines of one plan: its title, what stands before its first number, and the rest."""

    title: str = ""
    title_lines: list[Line] = field(default_factory=list)
    front: list[Line] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)


def parts_of(layout: Layout) -> list[PlanPart]:
    """The plans that a source holds, in order."""
    flat, lines = layout.bare, layout.lines
    blocks = _title_blocks(flat, lines)
    first = next((n for n, line in enumerate(lines) if line.number), len(lines))
    starts: list[tuple[int, int]] = []
    before = [block for block in blocks if block[1] <= first]
    if before:
        starts.append(before[-1])
    starts.extend(block for block in blocks if block[0] > first and _opens_plan(flat, lines, block[1]))
    if not starts or (starts[0][0] > first):
        starts.insert(0, _plain_title(flat, lines, first))
    parts: list[PlanPart] = []
    for (at, body_at), following in zip(starts, [*starts[1:], (len(lines), 0)], strict=True):
        own = lines[body_at : following[0]]
        numbered = next((n for n, line in enumerate(own) if line.number or _is_attached(flat, line)), None)
        split = len(own) if numbered is None else numbered
        part = PlanPart("", list(lines[at:body_at]), list(own[:split]), list(own[split:]))
        if not parts:
            part.front = [*lines[:at], *part.front]
        if numbered is None:
            part.front, part.body = part.front[: len(part.front) - len(own)], list(own)
        part.title = _title_text(flat, part)
        parts.append(part)
    return parts


def _is_attached(flat: str, line: Line) -> bool:
    return ATTACHED.match(flat, line.start, line.end) is not None


def _title_blocks(flat: str, lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Runs of lines that are set like a title and end in the name of a sort of document."""
    blocks: list[tuple[int, int]] = []
    for n, line in enumerate(lines):
        if not _may_be_title(flat, line) or not _TITLE_END.search(flat, line.start, line.end):
            continue
        at = n
        floor = blocks[-1][1] if blocks else 0
        while at > floor and n - at < 3 and _may_be_title(flat, lines[at - 1]) and not _ends_block(flat, lines[at - 1]):
            at -= 1
        end = n + 1
        if end < len(lines) and re.fullmatch(r"（[^（）]{2,14}）", flat[lines[end].start : lines[end].end]):
            end += 1
        blocks.append((at, end))
    return blocks


def _may_be_title(flat: str, line: Line) -> bool:
    if line.number or line.end - line.start > _SHORT:
        return False
    text = flat[line.start : line.end]
    return text[-1] not in "。；：！？，、" and "。" not in text and "；" not in text and "：" not in text


def _ends_block(flat: str, line: Line) -> bool:
    """Whether a short line above a title is something else: a date, a number, a signature, a remark in brackets."""
    text = flat[line.start : line.end]
    return bool(
        _DATE_LINE.fullmatch(text)
        or _DOC_NO.fullmatch(text)
        or _TITLE_END.search(text)
        or _BARE_DATE.fullmatch(text)
        or re.fullmatch(r"（.*）|附件\d*|.{2,30}文件|.*[»>]+.*", text)
        or (line.end - line.start < 5)
    )


def _opens_plan(flat: str, lines: Sequence[Line], at: int) -> bool:
    """Whether a plan follows a title: a preamble or a first number, and a numbering that starts again."""
    coming = lines[at : at + 4]
    if not any((line.number and line.number.ordinal == 1) or _PREAMBLE.match(flat, line.start) for line in coming[:2]):
        return False
    number = next((line.number for line in lines[at : at + 12] if line.number), None)
    return number is not None and number.ordinal == 1


def _plain_title(flat: str, lines: Sequence[Line], first: int) -> tuple[int, int]:
    """The title of a plan whose title does not say what it is: the last short line above its preamble."""
    for n in range(min(first, len(lines)) - 1, -1, -1):
        line = lines[n]
        length = line.end - line.start
        if 5 < length < _SHORT and _may_be_title(flat, line) and not _ends_block(flat, line):
            return n, n + 1
    return 0, 0


def _title_text(flat: str, part: PlanPart) -> str:
    if part.title_lines:
        text = "".join(flat[line.start : line.end] for line in part.title_lines)
        return re.sub(r"\s+", "", re.sub(r"(?:（[^（）《]{2,14}稿）)$", "", text))
    for line in part.front[:1]:
        match = _RUN_TOGETHER.match(flat, line.start, min(line.end, line.start + 140))
        if match:
            return match[1]
    return ""


@dataclass(frozen=True, slots=True)
class Head:
    """What the head and the tail of a plan say about it."""

    jurisdiction: str | None
    doc_no: str | None
    issued_on: date | None
    effective_on: date | None
    expires_on: date | None
    year: int | None  # the year meant where none is printed


def head_of(layout: Layout, part: PlanPart, fallback_year: int | None) -> Head:
    """Number, dates and place of a plan; what is not printed stays None."""
    flat, printed = layout.bare, layout.clean.text
    tail = [line for line in part.body[-6:] if line.end - line.start < _SHORT and not line.number]
    issued = _issue_date(flat, part, tail)
    draft = any("征求意见" in flat[line.start : line.end] for line in part.title_lines)
    last = part.body[-1] if part.body else None
    closing = flat[max(last.start, last.end - 400) : last.end] if last else ""
    # The signature and the date often stand below the words that say how long.
    said = [flat[max(line.start, line.end - 400) : line.end] for line in part.body[-6:-1]]
    closing = "".join([*(words for words in said if _OF_ITS_TERM.search("".join(words.split()))), closing])
    effective, expires = _term(closing, issued)
    doc_no = _doc_no(flat, printed, part)
    year = issued.year if issued else int(doc_no[1]) if doc_no else _front_year(flat, part)
    year = year or fallback_year or _body_year(flat, part)
    place = _place(flat, part, tail)
    return Head(place, doc_no[0] if doc_no else None, None if draft else issued, effective, expires, year)


def under_letter(layout: Layout, letter: tuple[PlanPart, Head] | None, part: PlanPart, head: Head) -> Head:
    """The head of a plan that prints neither number nor date and is issued by name with the first of its source."""
    if letter is None or head.doc_no or head.issued_on or not part.title:
        return head
    flat, (first, above) = layout.bare, letter
    said = "".join(flat[line.start : line.end] for line in first.front)
    if not any(_NOT_OF_A_NAME.sub("", part.title) == _NOT_OF_A_NAME.sub("", name) for name in _NAMED.findall(said)):
        return head
    year = above.issued_on.year if above.issued_on else above.year
    return replace(head, doc_no=above.doc_no, issued_on=above.issued_on, year=year)


def date_of(year: str, month: str, day: str | None) -> date | None:
    """The date of printed numerals; None where there is no such day."""
    y, m, d = number(year), number(month), number(day) if day else 1
    try:
        return date(y, m, d) if y and m and d else None
    except ValueError:
        return None


def _issue_date(flat: str, part: PlanPart, tail: Sequence[Line]) -> date | None:
    """The date under a signature: the last one above the title, else below the title, else at the very end."""
    at = part.title_lines[0].start if part.title_lines else 0
    above = [line for line in part.front if line.start < at]
    below = [line for line in part.front if line.start >= at]
    for line in [*reversed(above), *below, *reversed(tail)]:
        if line.end - line.start > _SHORT:
            continue
        text = flat[line.start : line.end]
        match = _DATE_LINE.fullmatch(text)
        if match and match[3]:
            return date_of(match[1], match[2], match[3])
        bare = _BARE_DATE.fullmatch(text)
        if bare:
            return _only_date(int(bare[1]), bare[2])
    last = part.body[-1] if part.body else None
    if last:
        match = re.search(
            r"[。）][^。；，]{2,40}?(\d{4})年(\d{1,2})月(\d{1,2})日(?:（此件[^（）]*）)?$",
            flat[max(last.start, last.end - 120) : last.end],
        )
        if match:
            return date_of(match[1], match[2], match[3])
    return None


def _only_date(year: int, digits: str) -> date | None:
    """The date of digits that lost their 年月日 (2023210), when only one reading is a day."""
    readings = set()
    for cut in range(1, len(digits)):
        found = date_of(str(year), digits[:cut], digits[cut:])
        if found and not digits[cut:].startswith("0") | digits.startswith("00"):
            readings.add(found)
    return readings.pop() if len(readings) == 1 else None


def _doc_no(flat: str, printed: str, part: PlanPart) -> tuple[str, str] | None:
    for line in part.front:
        match = _DOC_NO.fullmatch(flat, line.start, line.end)
        if match is None and not part.title_lines:
            run = _RUN_TOGETHER.match(flat, line.start, min(line.end, line.start + 140))
            match = _DOC_NO.match(flat, run.end()) if run else None
        if match:
            text = re.sub(r"\s+", "", printed[match.start() : match.end()])
            return (text[1:-1] if text[0] in "(（" else text), match[2]
    return None


def _front_year(flat: str, part: PlanPart) -> int | None:
    """The latest year that the head of the plan prints."""
    lines = [*part.title_lines, *part.front]
    years = [int(y) for line in lines for y in re.findall(r"(?<!\d)(20\d\d)(?!\d)", flat[line.start : line.end])]
    return max(years, default=None)


def _body_year(flat: str, part: PlanPart) -> int | None:
    """The year of a plan that prints no date of its own, where its text speaks of one year only."""
    years = {int(y) for line in part.body for y in re.findall(r"(?<!\d)(20\d\d)年", flat[line.start : line.end])}
    return years.pop() if len(years) == 1 else None


def _term(closing: str, issued: date | None) -> tuple[date | None, date | None]:
    """When the plan takes effect and when it ends, from its closing words."""
    text = re.sub(r"\s+", "", closing)
    effective = _in_force(text, issued)
    match = _UNTIL.search(text)
    if match and match["y"]:
        month = match["m"] or "12"
        last = date_of(match["y"], month, match["d"])
        if last and not match["d"]:
            last += relativedelta(day=31)
        return effective, last
    length = number(match["n"]) if match and match["n"] else None
    # 自发布之日起30个工作日后施行: nobody has said when that is.
    begin = effective or (None if re.search("[日月]后", text) else issued)
    if match and length and begin:
        more = relativedelta(months=length) if match["u"] == "个月" else relativedelta(years=length)
        return effective, begin + more
    return effective, None


def _in_force(text: str, issued: date | None) -> date | None:
    """The day a plan takes effect; 30日后 is the day after the thirtieth full one."""
    match = _IN_FORCE.search(text)
    if match is None:
        span = _OVER_A_SPAN.search(text)
        return date_of(*span.groups()) if span else None
    first = date_of(match[1], match[2], match[3]) if match[1] else issued
    wait = number(match["n"]) if match["n"] else None
    if first and wait:
        after = relativedelta(months=wait) if match["u"] == "个月" else relativedelta(days=wait)
        return first + after + relativedelta(days=1)
    return first


def _place(flat: str, part: PlanPart, tail: Sequence[Line]) -> str | None:
    """The place a plan is in force in: the one its title, its notice or its signature begins with."""
    fronts = [line for line in part.front if line.end - line.start < 100]
    texts = [part.title, *(flat[line.start : line.end] for line in [*fronts, *tail])]
    for text in texts:
        bare = re.sub(r"\s+", "", text)
        if _NATIONAL.match(bare):
            return "全国"
        match = _PLACE.match(bare)
        if match and not _NO_PLACE.search(match[1]):
            return match[1]
    return None
