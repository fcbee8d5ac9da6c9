"""The columns of an imported ledger (台账导入), and what its cells say: days, times, sums, telephones."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from tracker.now import EARLIEST

MOST_ROWS = 1_000  # some ten seconds, for which other writers wait on SQLite
LONGEST_CONTENT = 4_000
REASON, LINE = "原因", "行号"
CHANNELS = ("来信", "来访", "12345热线", "网上", "上级转办", "其他")


@dataclass(frozen=True, slots=True)
class LedgerColumn:
    """One column: its key, its heading in the template, other headings it is known by, and how much it holds."""

    key: str
    title: str
    known_as: tuple[str, ...] = ()
    longest: int = 100
    required: bool = False
    width: int = 14
    form: str = "General"  # the number format of its cells in the template
    hint: str = ""


COLUMNS = (
    LedgerColumn("number", "原编号（选填）", ("编号", "来件编号", "投诉编号", "工单编号"), 60, width=14, form="@",
           hint="原台账里的编号。同一单位、同一年内每件一个，不能重复；没有就留空。"),
    LedgerColumn("variant", "类别", ("分类", "工单类别"), 40, width=12),
    LedgerColumn("unit", "办理单位", ("承办单位",), 200, width=18,
           hint="单位全称或单位库里的简称。只有一个单位的承办人可以留空，即本单位。"),
    LedgerColumn("received_on", "收到日期", ("来件日期", "投诉日期", "接收日期", "发生日期"), required=True, width=12,
           form="yyyy-mm-dd", hint="例如 2026-02-13、2026/2/13 或 2026年2月13日。"),
    LedgerColumn("received_time", "收到时刻", ("收到时间", "来件时间", "发生时刻", "发生时间"), width=10, form="hh:mm",
           hint="例如 9:30。按小时计算时限的办件必填，其余可以留空。"),
    LedgerColumn("accepted_on", "受理日期", (), width=12, form="yyyy-mm-dd",
           hint="已经正式受理的填写；还没有受理的留空。"),
    LedgerColumn("accepted_time", "受理时刻", ("受理时间",), width=10, form="hh:mm", hint="可以留空。"),
    LedgerColumn("channel", "来源", ("来源渠道", "投诉渠道"), 40, width=12, hint=f"例如：{'、'.join(CHANNELS)}。"),
    LedgerColumn("firm", "企业名称", ("企业", "投诉企业"), 200, width=24),
    LedgerColumn("name", "来件人姓名", ("来件人", "姓名", "联系人", "投诉人", "投诉人姓名"), 100, width=12,
           hint="姓名、电话、地址只有办理的人能看到，列表里一律遮盖。"),
    LedgerColumn("phone", "联系电话", ("电话", "手机", "手机号", "联系方式"), 60, width=16, form="@"),
    LedgerColumn("address", "地址", ("联系地址",), 200, width=24),
    LedgerColumn("owed", "涉及金额（元）", ("金额", "欠款金额", "拖欠金额"), width=16, form="#,##0.00",
           hint="单位为元，例如 12345.60；也可以写 1.2万元。"),
    LedgerColumn("accused", "被投诉单位", ("被投诉对象", "欠款单位"), 200, width=20,
           hint="该单位看不到这件投诉。不在单位库里的，在名称后加（库外）。"),
    LedgerColumn("reference", "摘要", ("事项摘要", "标题"), 60, required=True, width=28,
           hint="不超过 60 个字。会出现在列表和提醒邮件里，不要写姓名、电话、证件号和金额。"),
    LedgerColumn("content", "内容", ("投诉内容", "诉求内容", "主要内容"), LONGEST_CONTENT, width=50,
           hint=f"不超过 {LONGEST_CONTENT} 个字。"),
    LedgerColumn("closed_on", "办结日期", ("结案日期", "办结时间", "结案时间"), width=12, form="yyyy-mm-dd",
           hint="以前已经办结的填写，登记后即为办结，不计逾期；还在办理的留空。"),
    LedgerColumn("conclusion", "办理结果", ("处理结果", "办结情况"), 1_000, width=40, hint="填了“办结日期”的必填。"),
    LedgerColumn("refunded", "已返还金额（元）", ("已返还", "返还金额"), width=16, form="#,##0.00",
           hint="已经返还的，单位为元，不能多于涉及金额。"),
    LedgerColumn("refunded_on", "返还日期", ("返还时间",), width=12, form="yyyy-mm-dd",
           hint="填了“已返还金额”的必填；分几次返还的，填最后一次。"),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read of a workbook: its headings, and its rows with their numbers, every cell as text."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row of a ledger: its texts by column, what they mean, and what is wrong with them; sums in 分."""

    line: int
    texts: Mapping[str, str]
    received_on: date | None = None
    received_time: time | None = None
    accepted_on: date | None = None
    accepted_time: time | None = None
    owed_fen: int | None = None
    closed_on: date | None = None
    refunded_fen: int | None = None
    refunded_on: date | None = None
    wrong: tuple[str, ...] = ()

    def text(self, key: str) -> str | None:
        """Return what a column says; None where it says nothing."""
        return self.texts.get(key) or None


def heading_key(text: str) -> str:
    """Return a heading as it is compared: without blanks, marks and what stands in brackets."""
    plain = re.sub(r"\s+|[*:]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"\([^()]*\)", "", plain)


_HEADINGS = {heading_key(name): c.key for c in COLUMNS for name in (c.title, *c.known_as)}


def columns_of(headings: Sequence[str]) -> dict[str, int]:
    """Return where each known column stands; raises ValueError (in words) where one stands twice."""
    found: dict[str, int] = {}
    for at, heading in enumerate(headings):
        key = _HEADINGS.get(heading_key(heading))
        if key is None:
            continue
        if key in found:
            raise ValueError(f"“{headings[found[key]]}”和“{heading}”是同一列，请只保留一列。")
        found[key] = at
    for on, at_time in (("received_on", "received_time"), ("accepted_on", "accepted_time")):
        if on not in found and at_time in found and "时间" in headings[found[at_time]]:  # it holds the day as well
            found[on] = found.pop(at_time)
    return found


def read_rows(sheet: Sheet) -> list[LedgerRow]:
    """Return what the rows say, blank ones left out; raises ValueError (in words) for headings that cannot be right."""
    places = columns_of(sheet.headings)
    if missing := [c.title for c in COLUMNS if c.required and c.key not in places]:
        raise ValueError(f"表头缺少“{'”“'.join(missing)}”。请下载模板，照模板的表头填写。")
    scales = {key: 10_000 if "万" in sheet.headings[at] else 1 for key, at in places.items()}
    rows = (_read(line, {k: _at(cells, at) for k, at in places.items()}, scales) for line, cells in sheet.rows)
    return [row for row in rows if any(row.texts.values())]


def _at(cells: Sequence[str], at: int) -> str:
    return cells[at] if at < len(cells) else ""


def _read(line: int, raw: dict[str, str], scales: Mapping[str, int]) -> LedgerRow:
    texts = {key: _plain(key, text) for key, text in raw.items()}
    wrong = [f"缺少“{c.title}”" for c in COLUMNS if c.required and not texts.get(c.key)]
    for key, text in texts.items():
        column = BY_KEY[key]
        if _FAILED_FORMULA.fullmatch(text):
            wrong.append(f"“{column.title}”里的公式算不出结果（{text}），请改为实际内容")
        elif key in ("number", "phone") and _CUT_SHORT.fullmatch(text):
            wrong.append(f"“{column.title}”里的“{text}”少了位数，请把这一列设为文本格式后重新填写")
        elif len(text) > column.longest:
            wrong.append(f"“{column.title}”超过 {column.longest} 个字")
    if wrong:
        return LedgerRow(line, texts, wrong=tuple(wrong))
    received_on, received_time = _moment(texts, "received", wrong)
    accepted_on, accepted_time = _moment(texts, "accepted", wrong)
    if accepted_time is not None and accepted_on is None:
        wrong.append("有“受理时刻”，缺少“受理日期”")
    owed_fen = _sum(texts, "owed", scales, wrong)
    closed_on, (refunded_fen, refunded_on) = _ended(texts, wrong), _refunded(texts, scales, wrong)
    return LedgerRow(
        line,
        texts,
        received_on,
        received_time,
        accepted_on,
        accepted_time,
        owed_fen,
        closed_on,
        refunded_fen,
        refunded_on,
        tuple(dict.fromkeys(wrong)),
    )


def _sum(texts: Mapping[str, str], key: str, scales: Mapping[str, int], wrong: list[str]) -> int | None:
    text = texts.get(key, "")
    fen = read_sum(text, scales.get(key, 1)) if text else None
    if text and fen is None:
        title = heading_key(BY_KEY[key].title)
        wrong.append(f"“{title}”写的“{text}”看不懂，请写成 12345.60，最多到分")
    return fen


def _ended(texts: Mapping[str, str], wrong: list[str]) -> date | None:
    """Return the day an old case was closed; how it ended must stand beside it, and only there."""
    closed_on, _ = _day(texts, "closed_on", wrong)
    ended, result = bool(texts.get("closed_on")), bool(texts.get("conclusion"))
    if ended and not result:
        wrong.append("有“办结日期”，缺少“办理结果”")
    if result and not ended:
        wrong.append("有“办理结果”，缺少“办结日期”；还没有办结的，请把情况写进“内容”")
    return closed_on


def _refunded(texts: Mapping[str, str], scales: Mapping[str, int], wrong: list[str]) -> tuple[int | None, date | None]:
    """Return what was paid back and when; a 0 is nothing."""
    fen, (on, _) = _sum(texts, "refunded", scales, wrong), _day(texts, "refunded_on", wrong)
    if fen and not texts.get("refunded_on"):
        wrong.append("有“已返还金额”，缺少“返还日期”")
    if not texts.get("refunded") and texts.get("refunded_on"):
        wrong.append("有“返还日期”，缺少“已返还金额”")
    return (fen, on) if fen else (None, None)


_FAILED_FORMULA = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!)")
_CUT_SHORT = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,2}")  # what a spreadsheet makes of a long number
_NOTHING = {"/", "-", "--", "—", "——", "无", "\\", "N/A", "n/a"}


def _plain(key: str, text: str) -> str:
    """Return a cell's text: one line except for the content; a dash or 无 where nothing need stand is nothing."""
    if key == "content":
        return text
    plain = " ".join(text.split())
    if plain in _NOTHING and not BY_KEY[key].required:
        return ""
    if key == "phone":
        return re.sub(r"(\d)\.0$", r"\1", plain)
    return plain


def _moment(texts: Mapping[str, str], prefix: str, wrong: list[str]) -> tuple[date | None, time | None]:
    """Return the day and the time of receipt or acceptance; a time beside the day counts where its column is empty."""
    time_text = texts.get(f"{prefix}_time", "")
    day, beside = _day(texts, f"{prefix}_on", wrong)
    at = read_time(time_text) if time_text else beside
    if time_text and at is None and day is not None and read_day(time_text)[0] == day:
        at = read_day(time_text)[1]  # the column of times repeats the day
    elif time_text and at is None:
        title = BY_KEY[f"{prefix}_time"].title
        wrong.append(f"“{title}”写的“{time_text}”看不懂，请写成 9:30")
    return day, at


def _day(texts: Mapping[str, str], key: str, wrong: list[str]) -> tuple[date | None, time | None]:
    """Return the day a column names, with the time where one stands beside it."""
    text, title = texts.get(key, ""), BY_KEY[key].title
    day, beside = read_day(text) if text else (None, None)
    if text and day is None:
        wrong.append(f"“{title}”写的“{text}”看不懂，请写成 2026-02-13")
    elif day is not None and day < EARLIEST:
        wrong.append(f"“{title}”是 {day.year} 年，请核对年份")
    return day, beside


_DAY = re.compile(
    r"(\d{4})\s*(?:[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})|年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日?|(\d{2})(\d{2}))"
    r"(?:[\sT]+(.+))?",
    re.ASCII,
)
_TIME = re.compile(
    r"(上午|下午|中午|晚上)?\s*(\d{1,2})\s*(?:[:点时]\s*(?:(\d{1,2})\s*分?)?(?::(\d{1,2})(?:\.0+)?)?)", re.ASCII
)


def read_day(text: str) -> tuple[date | None, time | None]:
    """Return the day a text names, with the time where one follows; (None, None) where it names none."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None, None
    year, *parts, rest = found.groups()
    month, day = (int(part) for part in parts if part is not None)
    at = read_time(rest) if rest else None
    if rest and at is None:
        return None, None
    try:
        named = date(int(year), month, day)
    except ValueError:
        return None, None
    return named, None if at == time() else at


def read_time(text: str) -> time | None:
    """Return the time of day a text names (9:30, 09:30:00, 下午3点); None where it names none."""
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    half, hour, minute, _seconds = found.groups()
    late = 12 if half in ("下午", "晚上") and int(hour) < 12 else 0
    try:
        return time(int(hour) + late, int(minute or 0))
    except ValueError:
        return None


_SUM = re.compile(r"[¥￥]?\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*(万|亿)?\s*(?:元|圆)?整?", re.ASCII)


def read_sum(text: str, scale: int = 1) -> int | None:
    """Return a sum of money in 分 (12345.6; 12,345.60元; 1.2万元); None where it is none, or finer than a 分.

    `scale` is what a bare number is counted in: 10,000 under a heading in 万元.
    """
    found = _SUM.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    whole, part, unit = found.groups()
    said = "元" in text or "圆" in text
    factor = {"万": 10_000, "亿": 100_000_000}.get(unit) or (1 if said else scale)
    fen = Decimal(whole.replace(",", "") + (part or "")) * factor * 100
    return int(fen) if fen == fen.to_integral_value() else None
