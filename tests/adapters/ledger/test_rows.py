"""What one row of a ledger says, and everything that is wrong with it, told in one go."""

from datetime import date, time

import pytest

from tracker.adapters.ledger.rows import COLUMNS, LedgerRow, Sheet, columns_of, read_rows

TITLES = {column.key: column.title for column in COLUMNS}


def row(**texts: str) -> LedgerRow:
    """Read one row, complete but for what a test says of it."""
    given = {"received_on": "2026-02-13", "reference": "工程款"} | texts
    headings = tuple(TITLES[key] for key in given)
    (found,) = read_rows(Sheet(headings, ((7, tuple(given.values())),)))
    return found


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        ({}, ()),
        ({"reference": "", "received_on": "", "firm": "甲公司"}, ("缺少“收到日期”", "缺少“摘要”")),
        ({"firm": "#REF!"}, ("“企业名称”里的公式算不出结果（#REF!），请改为实际内容",)),
        ({"phone": "1.38E+10"}, ("“联系电话”里的“1.38E+10”少了位数，请把这一列设为文本格式后重新填写",)),
        ({"reference": "字" * 61}, ("“摘要”超过 60 个字",)),
        ({"received_on": "昨天"}, ("“收到日期”写的“昨天”看不懂，请写成 2026-02-13",)),
        ({"received_on": "0026-02-13"}, ("“收到日期”是 26 年，请核对年份",)),
        ({"received_time": "早上"}, ("“收到时刻”写的“早上”看不懂，请写成 9:30",)),
        ({"accepted_time": "9:30"}, ("有“受理时刻”，缺少“受理日期”",)),
        ({"owed": "很多"}, ("“涉及金额”写的“很多”看不懂，请写成 12345.60，最多到分",)),
        ({"owed": "0.001"}, ("“涉及金额”写的“0.001”看不懂，请写成 12345.60，最多到分",)),
        ({"closed_on": "2026-03-01"}, ("有“办结日期”，缺少“办理结果”",)),
        ({"conclusion": "已付"}, ("有“办理结果”，缺少“办结日期”；还没有办结的，请把情况写进“内容”",)),
        ({"refunded": "5"}, ("有“已返还金额”，缺少“返还日期”",)),
        ({"refunded_on": "2026-03-01"}, ("有“返还日期”，缺少“已返还金额”",)),
        (
            {"received_on": "x", "owed": "y"},
            ("“收到日期”写的“x”看不懂，请写成 2026-02-13", "“涉及金额”写的“y”看不懂，请写成 12345.60，最多到分"),
        ),
    ],
)
def test_everything_wrong_with_a_row_is_told_at_once(texts: dict[str, str], wrong: tuple[str, ...]) -> None:
    assert row(**texts).wrong == wrong


@pytest.mark.parametrize(
    ("texts", "day", "at"),
    [
        ({"received_on": "2026-02-13 9:30"}, date(2026, 2, 13), time(9, 30)),
        ({"received_on": "2026-02-13", "received_time": "下午3点"}, date(2026, 2, 13), time(15)),
        ({"received_on": "2026-02-13", "received_time": "2026-02-13 16:20"}, date(2026, 2, 13), time(16, 20)),
        ({"received_on": "2026-02-13 00:00:00"}, date(2026, 2, 13), None),
        ({"received_on": "2026-02-13", "received_time": "—"}, date(2026, 2, 13), None),
    ],
)
def test_the_time_stands_beside_the_day_or_in_its_own_column(texts: dict[str, str], day: date, at: time | None) -> None:
    found = row(**texts)
    assert (found.received_on, found.received_time, found.wrong) == (day, at, ())


def test_what_was_paid_back_and_when_is_read_and_a_nought_is_nothing() -> None:
    paid = row(refunded="1.5万元", refunded_on="2026-03-01")
    assert (paid.refunded_fen, paid.refunded_on, paid.wrong) == (1_500_000, date(2026, 3, 1), ())
    none = row(refunded="0", refunded_on="2026-03-01")
    assert (none.refunded_fen, none.refunded_on, none.wrong) == (None, None, ())


def test_a_telephone_kept_as_a_number_loses_its_nought_behind_the_point_and_a_dash_is_nothing() -> None:
    found = row(phone="13812345678.0", address="——", firm="无")
    assert (found.text("phone"), found.text("address"), found.text("firm")) == ("13812345678", None, None)


def test_a_short_row_and_a_blank_one_are_read_as_far_as_they_go() -> None:
    headings = ("收到日期", "摘要", "企业名称")
    found = read_rows(Sheet(headings, ((2, ("2026-02-13", "一")), (3, ("", "", "")), (4, ()))))
    assert [(one.line, one.text("firm")) for one in found] == [(2, None)]


def test_one_column_under_two_names_is_refused() -> None:
    with pytest.raises(ValueError, match="“摘要”和“事项摘要”是同一列"):
        columns_of(("摘要", "备注", "事项摘要"))
