"""Ledgers as workbooks: the template, what is read of other people's tables, and the faulty rows handed back."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from tracker.adapters.files.readers import ReadError
from tracker.adapters.ledger import reading
from tracker.adapters.ledger.reading import MAX_BYTES, read_ledger
from tracker.adapters.ledger.rows import CHANNELS, MOST_ROWS, LedgerRow, Sheet, read_day, read_rows, read_sum, read_time
from tracker.adapters.ledger.workbook import FaultyRow, TemplateChoices, faults_book, template

OFFER = TemplateChoices("拖欠账款投诉", "收到投诉", (), ("市减负办", "市工信局"))
SORTED = TemplateChoices("12345工单", "接到派单", ("咨询", "投诉"), ("市减负办",), True)
HEADS = ["收到日期", "摘要", "办理单位", "联系电话", "涉及金额"]
ROW = [date(2026, 2, 13), "工程款", "市减负办", 13812345678, 12345.6]


def book_of(*rows: list[Any]) -> Any:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rows_of(book: Any) -> list[LedgerRow]:
    return read_rows(read_ledger(saved(book)))


def edited(data: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """Return a workbook with one of its parts rewritten, as other programs write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name == part:
                changed = change(text.decode()).encode()
                assert changed != text
                text = changed
            new.writestr(name, text)
    return out.getvalue()


# --- The template ----------------------------------------------------------------------------------------------------


def test_the_template_has_headings_that_stay_formats_lists_and_no_row() -> None:
    book = openpyxl.load_workbook(io.BytesIO(template(SORTED)))
    assert book.sheetnames == ["台账", "说明", "选项"]
    sheet = book["台账"]
    heads = [cell.value for cell in sheet[1]]
    assert heads == [
        "原编号（选填）",
        "类别",
        "办理单位",
        "收到日期",
        "收到时刻",
        "受理日期",
        "受理时刻",
        "来源",
        "企业名称",
        "来件人姓名",
        "联系电话",
        "地址",
        "涉及金额（元）",
        "被投诉单位",
        "摘要",
        "内容",
        "办结日期",
        "办理结果",
        "已返还金额（元）",
        "返还日期",
    ]
    assert (sheet.max_row, sheet.freeze_panes) == (1, "A2")
    letters = {head: get_column_letter(at) for at, head in enumerate(heads, 1)}
    assert sheet.column_dimensions[letters["联系电话"]].number_format == "@"
    assert sheet.column_dimensions[letters["收到日期"]].number_format == "yyyy-mm-dd"
    ruled = {str(rule.sqref).split(":")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert set(ruled) == {f"{letters[head]}2" for head in ("类别", "办理单位", "来源")}
    lists = book["选项"]
    offered = [[cell.value for cell in column if cell.value] for column in lists.columns]
    assert offered == [["咨询", "投诉"], ["市减负办"], list(CHANNELS)]


def test_the_template_of_a_type_without_sorts_does_not_ask_for_one() -> None:
    heads = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(template(OFFER)))["台账"][1]]
    assert "类别" not in heads
    assert heads[1] == "办理单位"


def test_the_guide_names_the_event_every_column_and_where_a_time_is_needed() -> None:
    guide = openpyxl.load_workbook(io.BytesIO(template(SORTED)))["说明"]
    said = {row[0].value: row[1].value for row in guide.iter_rows() if row[0].value}
    assert "“接到派单”的那一天" in said["时限从何时起算"]
    assert "咨询、投诉" in said["类别"]
    assert said["收到时刻"].startswith("选填。这个类型有按小时计算的时限")
    assert said["摘要"].startswith("必填。")


def test_an_empty_template_uploaded_as_it_is_is_told_to_be_empty() -> None:
    with pytest.raises(ReadError, match="只有表头"):
        read_ledger(template(OFFER))


# --- Other people's tables -------------------------------------------------------------------------------------------


def test_columns_may_stand_in_any_order_others_are_passed_over_and_the_heading_may_have_a_title_above() -> None:
    book = book_of(
        ["某市拖欠账款投诉台账"],
        [],
        ["序号", "摘要 *", "金额（万元）", "联系电话", "收到日期", "备注"],
        [1, "工程款", 1.5, "0412-1234567", "2026年2月13日", "x"],
        [],
        [2, "货款", "2万元", 13812345678.0, "2026/2/14", "y"],
    )
    found = rows_of(book)
    assert [(r.line, r.text("reference"), r.received_on, r.owed_fen, r.text("phone")) for r in found] == [
        (4, "工程款", date(2026, 2, 13), 1_500_000, "0412-1234567"),
        (6, "货款", date(2026, 2, 14), 2_000_000, "13812345678"),
    ]
    assert all(not r.wrong for r in found)


def test_days_and_times_of_excel_are_read_as_what_they_are() -> None:
    book = book_of(
        ["收到日期", "收到时刻", "摘要"],
        [datetime(2026, 2, 13), time(9, 30), "一"],  # noqa: DTZ001 - a cell has no zone
        [datetime(2026, 2, 13, 15, 20), None, "二"],  # noqa: DTZ001
        [datetime(2026, 2, 13), datetime(2026, 2, 13, 8, 5), "三"],  # noqa: DTZ001
    )
    assert [(r.received_on, r.received_time) for r in rows_of(book)] == [
        (date(2026, 2, 13), time(9, 30)),
        (date(2026, 2, 13), time(15, 20)),
        (date(2026, 2, 13), time(8, 5)),
    ]


def test_a_column_named_time_that_stands_alone_holds_the_day_as_well() -> None:
    found = rows_of(book_of(["收到时间", "摘要", "来源"], ["2026-02-13 9:30", "一", "来信"]))
    assert (found[0].received_on, found[0].received_time) == (date(2026, 2, 13), time(9, 30))


def test_a_workbook_that_counts_from_1904_gives_the_same_days() -> None:
    book = book_of(HEADS, ROW)
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    assert rows_of(book)[0].received_on == date(2026, 2, 13)


def test_hidden_columns_and_filtered_rows_count_hidden_sheets_do_not() -> None:
    book = book_of(HEADS, ROW, [*ROW[:1], "第二件", *ROW[2:]])
    book.active.column_dimensions["D"].hidden = True
    book.active.row_dimensions[3].hidden = True
    other = book.create_sheet("旧台账")
    other.append(HEADS)
    other.append(ROW)
    other.sheet_state = "hidden"
    found = rows_of(book)
    assert [r.text("reference") for r in found] == ["工程款", "第二件"]
    assert found[1].text("phone") == "13812345678"


def test_a_cell_merged_over_rows_stands_in_each() -> None:
    book = book_of(HEADS, ROW, ["2026-02-14", "第二件", None, None, None])
    book.active.merge_cells("C2:C3")
    assert [r.text("unit") for r in rows_of(book)] == ["市减负办", "市减负办"]


def test_formulas_count_by_their_last_result_and_a_failed_one_is_told() -> None:
    data = saved(
        book_of(HEADS, [ROW[0], "工程款", "市减负办", None, "=1+1"], [ROW[0], "货款", "市减负办", None, "=A1/0"])
    )

    def calculated(text: str) -> str:
        text = re.sub(r"<f>1\+1</f><v\s*/?>(</v>)?", "<f>1+1</f><v>2</v>", text)
        return re.sub(r'<c r="E3"[^>]*><f>A1/0</f><v\s*/?>(</v>)?', '<c r="E3" t="e"><f>A1/0</f><v>#DIV/0!</v>', text)

    with pytest.raises(ReadError, match="单元格 E2 的公式还没有算出结果"):
        read_ledger(data)
    found = read_rows(read_ledger(edited(data, "xl/worksheets/sheet1.xml", calculated)))
    assert found[0].owed_fen == 200
    assert "公式算不出结果（#DIV/0!）" in found[1].wrong[0]


def test_text_kept_in_the_cells_themselves_is_read_as_well() -> None:
    """Exporters of other programs write inlineStr where Excel writes shared strings."""
    data = saved(book_of(HEADS, ROW))
    inline = '<c r="B2" t="inlineStr"><is><r><t>工程</t></r><r><t>款项</t></r></is></c>'

    def rewrite(text: str) -> str:
        start = text.index('<c r="B2"')
        return text[:start] + inline + text[text.index("</c>", start) + 4 :]

    found = read_rows(read_ledger(edited(data, "xl/worksheets/sheet1.xml", rewrite)))
    assert found[0].text("reference") == "工程款项"


def test_line_breaks_stay_in_the_content_and_nowhere_else() -> None:
    found = rows_of(
        book_of([*HEADS, "内容"], [ROW[0], " 工程款\n拖欠\u200b ", "市减负办", None, None, "第一行\r\n第二行\u00a0"])
    )
    assert (found[0].text("reference"), found[0].text("content")) == ("工程款 拖欠", "第一行\n第二行")


@pytest.mark.parametrize(
    ("book", "said"),
    [
        (book_of(HEADS), "只有表头"),
        (book_of(["甲", "乙"], ["1", "2"]), "没有找到表头"),
        (book_of(*[["说明"]] * 10, HEADS, ROW), "没有找到表头"),
        (book_of([*HEADS, "电话"], [*ROW, "1"]), "“联系电话”和“电话”是同一列"),
        (book_of(HEADS, *[ROW] * (MOST_ROWS + 1)), f"一次最多导入 {MOST_ROWS} 行"),
    ],
)
def test_a_table_that_cannot_be_the_ledger_is_refused_in_words(book: Any, said: str) -> None:
    with pytest.raises(ReadError, match=said):
        read_ledger(saved(book))


def test_a_missing_column_that_is_needed_is_named() -> None:
    with pytest.raises(ValueError, match="表头缺少“收到日期”"):
        rows_of(book_of(["摘要", "联系电话", "地址"], ["一", "2", "3"]))


def test_two_sheets_that_both_look_like_the_ledger_are_asked_about_not_chosen_from() -> None:
    book = book_of(HEADS, ROW)
    again = book.create_sheet("二月")
    again.append(HEADS)
    assert len(rows_of(book)) == 1
    again.append(ROW)
    with pytest.raises(ReadError, match="Sheet”“二月"):
        read_ledger(saved(book))


def test_dangerous_and_broken_files_are_refused_in_words_that_fit_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    good = saved(book_of(HEADS, ROW))
    sheet = "xl/worksheets/sheet1.xml"
    bomb = edited(good, sheet, lambda text: text.replace("</sheetData>", " " * 60_000_000 + "</sheetData>"))
    assert len(bomb) < MAX_BYTES
    entities = edited(good, sheet, lambda text: f'<!DOCTYPE x [<!ENTITY a "b">]>{text}')
    torn = edited(good, sheet, lambda text: text[: len(text) // 2])
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    for data, said in (
        (bomb, "不像正常的"),
        (entities, "不像正常的"),
        (torn, "打不开"),
        (good[:-200], "打不开"),
        (b"PK\x03\x04", "打不开"),
        (b"", "是空的"),
        (b"%PDF-1.7", "不是 Excel"),
        (ole + bytes(900), "不是 Excel"),
        (ole + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
        (good + bytes(MAX_BYTES), "超过 5 MB"),
    ):
        with pytest.raises(ReadError, match=said) as refused:
            read_ledger(data)
        assert "粘贴" not in str(refused.value)  # what other readers advise does not help here
    monkeypatch.setattr(reading, "read_apart", lambda kind, data: (None, reading.TOO_SLOW))
    with pytest.raises(ReadError, match="过于复杂"):
        read_ledger(good)


# --- What cells say --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("2026-02-13", (2026, 2, 13)), ("2026/2/13", (2026, 2, 13)), ("2026.2.13", (2026, 2, 13)),
        ("2026年2月13日", (2026, 2, 13)), ("２０２６年２月１３日", (2026, 2, 13)), ("20260213", (2026, 2, 13)),
        ("2026 年 2 月 13 日", (2026, 2, 13)), ("2024-02-29", (2024, 2, 29)),
        ("2026-02-29", None), ("26-2-13", None), ("2月13日", None), ("46066", None), ("2026-13-1", None),
        ("昨天", None), ("2026-2-13 之后", None),
    ],
)  # fmt: skip
def test_a_day_is_read_or_asked_about_never_guessed(text: str, named: tuple[int, int, int] | None) -> None:
    assert read_day(text)[0] == (date(*named) if named else None)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("9:30", time(9, 30)), ("09:30:00", time(9, 30)), ("9：30", time(9, 30)), ("9点30分", time(9, 30)),
        ("9点", time(9)), ("下午3点", time(15)), ("下午3:20", time(15, 20)), ("上午 9:30", time(9, 30)),
        ("23:59", time(23, 59)), ("24:00", None), ("9.5", None), ("九点", None), ("9:60", None),
    ],
)  # fmt: skip
def test_a_time_is_read_or_asked_about(text: str, named: time | None) -> None:
    assert read_time(text) == named


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12345.6", 1_234_560), ("12,345.60元", 1_234_560), ("1.2万元", 1_200_000), ("￥12,345", 1_234_500),
        ("3亿元", 30_000_000_000), ("１２３４５．６０", 1_234_560), ("0.01", 1), ("100元整", 10_000),
        ("1.23万", 1_230_000), ("0.001", None), ("12,34", None), ("-5", None), ("约1万元", None), ("1万2千", None),
        ("", None), ("1e5", None), ("١٢٣", None),
    ],
)  # fmt: skip
def test_a_sum_is_read_to_the_fen_or_asked_about(text: str, fen: int | None) -> None:
    assert read_sum(text) == fen


def test_under_a_heading_in_wan_a_bare_number_is_wan_and_one_in_yuan_is_not() -> None:
    assert (read_sum("1.5", 10_000), read_sum("15000元", 10_000), read_sum("2万", 10_000)) == (
        1_500_000,
        1_500_000,
        2_000_000,
    )


# --- The faulty rows -------------------------------------------------------------------------------------------------


def test_faulty_rows_go_out_as_they_came_with_reason_and_line_and_can_be_read_again() -> None:
    sheet = Sheet(("备注", "摘要", "收到日期", "联系电话"), ((5, ("x", "一", "2026-2-30", "0412-1")), (9, ("", "二"))))
    rows = [FaultyRow(line, "看不懂", cells) for line, cells in sheet.rows]
    data = faults_book(SORTED, sheet.headings, rows)
    out = openpyxl.load_workbook(io.BytesIO(data))["台账"]
    heads = [cell.value for cell in out[1]]
    assert heads[:6] == ["原因", "行号", "备注", "摘要", "收到日期", "联系电话"]
    assert set(heads[6:]) >= {"类别", "办理单位", "内容"}  # what the file lacked can be added
    assert [cell.value for cell in out[2]][:6] == ["看不懂", 5, "x", "一", "2026-2-30", "0412-1"]
    assert out.freeze_panes == "C2"
    assert len(out.data_validations.dataValidation) == 3
    again = read_rows(read_ledger(data))
    assert [(r.line, r.text("reference"), r.text("phone")) for r in again] == [(2, "一", "0412-1"), (3, "二", None)]


def test_faulty_rows_of_a_corrected_file_carry_one_reason() -> None:
    headings = ("原因", "行号", "摘要", "收到日期")
    data = faults_book(OFFER, headings, [FaultyRow(2, "新的原因", ("旧的原因", "7", "一", "x"))])
    out = openpyxl.load_workbook(io.BytesIO(data))["台账"]
    assert [cell.value for cell in out[1]].count("原因") == 1
    assert [cell.value for cell in out[2]][:4] == ["新的原因", 2, "一", "x"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")', "'=1", "\x01=1"]
)
def test_no_cell_that_came_from_outside_is_a_formula(text: str) -> None:
    data = faults_book(OFFER, ("摘要", "收到日期", text), [FaultyRow(2, text, (text, text, text))])
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert all(cell.quotePrefix and cell.number_format == "@" for cell in cells if isinstance(cell.value, str))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert all(b"<f>" not in archive.read(name) for name in archive.namelist() if "worksheets" in name)
