"""The day-by-day sheet: each day with its number or the reason it has none, and the last one the date itself."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from tracker.clock.calendar import WorkCalendar
from tracker.clock.daybook import day_by_day
from tracker.clock.daylines import DayLine
from tracker.clock.resolution import resolve
from tracker.clock.rules import (
    CountUnit,
    DayOff,
    IncompleteRule,
    Kind,
    NeedsEvent,
    Rule,
    Sense,
    Suspended,
    Suspension,
)
from tracker.now import SHANGHAI

CALENDAR = WorkCalendar(noticed_years=range(2004, 2027))
DAY, WORKDAY, HOUR, WEEK, MONTH, YEAR = (
    CountUnit.DAY, CountUnit.WORKDAY, CountUnit.HOUR, CountUnit.WEEK, CountUnit.MONTH, CountUnit.YEAR,
)  # fmt: skip
LICENCE = "行政许可法 45"


def at(month: int, day: int, hour: int = 9, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def after(amount: int, unit: CountUnit, sense: Sense = Sense.WITHIN, **more: object) -> Rule:
    return Rule(kind=Kind.RELATIVE, sense=sense, amount=amount, unit=unit, **more)  # type: ignore[arg-type]


def book(rule: Rule, event_at: datetime | None, *suspensions: Suspension) -> tuple[DayLine, ...]:
    lines = day_by_day(rule, event_at=event_at, calendar=CALENDAR, suspensions=suspensions, event_name="受理")
    found = resolve(rule, event_at=event_at, calendar=CALENDAR, suspensions=suspensions)
    if found.due_on or found.earliest_on:
        assert lines[-1].on == (found.due_on or found.earliest_on)
    return lines


def said(lines: tuple[DayLine, ...]) -> list[str]:
    return [f"{line.on.month}/{line.on.day} {line.label} {line.why}" for line in lines]


@pytest.mark.parametrize(
    ("rule", "event", "suspensions", "expected"),
    [
        # 鞍山 四.2 over the end of the Spring Festival: 28 February is a make-up day
        (after(3, WORKDAY), at(2, 26), [], [
            "2/26 周四 受理，起算日不计",
            "2/27 周五 第 1 个工作日",
            "2/28 周六，调休上班 第 2 个工作日",
            "3/1 周日 周末，不计",
            "3/2 周一 第 3 个工作日，24:00 截止",
        ]),
        # 民法典 203: the last of three days is a Saturday; 清明 on Sunday makes Monday off
        (after(3, DAY), at(4, 1), [], [
            "4/1 周三 受理，起算日不计",
            "4/2 周四 第 1 日",
            "4/3 周五 第 2 日",
            "4/4 周六，清明节放假 第 3 日，清明节放假，顺延",
            "4/5 周日，清明节放假 清明节放假，顺延",
            "4/6 周一，清明节放假 清明节放假，顺延",
            "4/7 周二 顺延至此，24:00 截止",
        ]),
        # moved back by choice: the walk turns round
        (after(3, DAY, day_off=DayOff.PREVIOUS), at(3, 5), [], [
            "3/5 周四 受理，起算日不计",
            "3/6 周五 第 1 日",
            "3/7 周六 第 2 日",
            "3/8 周日 第 3 日，周末，提前",
            "3/7 周六 周末，提前",
            "3/6 周五 提前至此，24:00 截止",
        ]),
        (after(2, DAY, day_off=DayOff.AS_PRINTED), at(3, 5), [], [
            "3/5 周四 受理，起算日不计",
            "3/6 周五 第 1 日",
            "3/7 周六 第 2 日，周末，不顺延，24:00 截止",
        ]),
        # 行政许可法 45: the hearing's days are not counted, weekend or not
        (after(2, WORKDAY), at(3, 5), [(at(3, 6), at(3, 9))], [
            "3/5 周四 受理，起算日不计",
            "3/6 周五 第 1 个工作日",
            "3/7 周六 暂停（听证），不计",
            "3/8 周日 暂停（听证），不计",
            "3/9 周一 暂停（听证），不计",
            "3/10 周二 第 2 个工作日，24:00 截止",
        ]),
        # 民法典 203 and a pause over the Monday it would move to
        (after(2, DAY), at(3, 5), [(at(3, 8), at(3, 9))], [
            "3/5 周四 受理，起算日不计",
            "3/6 周五 第 1 日",
            "3/7 周六 第 2 日，周末，顺延",
            "3/8 周日 周末，顺延",
            "3/9 周一 暂停（听证），不计",
            "3/10 周二 顺延至此，24:00 截止",
        ]),
        # begun on the last day: it has its number, but the period does not end while it stands still
        (after(1, WORKDAY), at(3, 5), [(at(3, 6), at(3, 7))], [
            "3/5 周四 受理，起算日不计",
            "3/6 周五 第 1 个工作日，当日起暂停，顺延",
            "3/7 周六 暂停（听证），不计",
            "3/8 周日 周末，顺延",
            "3/9 周一 顺延至此，24:00 截止",
        ]),
        (after(1, DAY, Sense.NOT_BEFORE), at(3, 3), [(at(3, 4), at(3, 5))], [
            "3/3 周二 受理，起算日不计",
            "3/4 周三 第 1 日，当日起暂停",
            "3/5 周四 暂停（听证），不计",
            "3/6 周五 恢复后首日，届满",
            "3/7 周六 期满次日，起方可办理",
        ]),
        # 公示2日后方可: the day after the second full day
        (after(2, DAY, Sense.NOT_BEFORE), at(3, 5), [], [
            "3/5 周四 受理，起算日不计",
            "3/6 周五 第 1 日",
            "3/7 周六 第 2 日",
            "3/8 周日 期满次日，起方可办理",
        ]),
        # 开会2日前: two full days between, then the day before them, moved back off the weekend
        (after(2, DAY, direction="before"), at(3, 11), [], [
            "3/11 周三 受理，起算日不计",
            "3/10 周二 第 1 日",
            "3/9 周一 第 2 日",
            "3/8 周日 最迟为其前一日，周末，提前",
            "3/7 周六 周末，提前",
            "3/6 周五 提前至此，24:00 截止",
        ]),
        (after(2, WORKDAY, Sense.NOT_BEFORE, direction="before"), at(3, 10), [], [
            "3/10 周二 受理，起算日不计",
            "3/9 周一 第 1 个工作日",
            "3/8 周日 周末，不计",
            "3/7 周六 周末，不计",
            "3/6 周五 第 2 个工作日，起方可办理",
        ]),
        # 当日办结
        (after(0, DAY), at(3, 7), [], ["3/7 周六 受理，限当日办理，周末，不顺延，24:00 截止"]),
        (after(0, DAY), at(3, 3), [(at(3, 2), at(3, 3))], [
            "3/3 周二 受理，限当日办理，暂停（听证），不计",
            "3/4 周三 恢复后首日办理，24:00 截止",
        ]),
    ],
)  # fmt: skip
def test_each_day_says_what_it_counted_for(
    rule: Rule, event: datetime, suspensions: list[tuple[datetime, datetime]], expected: list[str]
) -> None:
    assert said(book(rule, event, *(Suspension(*each, "听证", LICENCE) for each in suspensions))) == expected


def test_lines_carry_their_articles() -> None:
    licence = after(3, DAY, counts_as_workday=True, article="行政许可法 82")
    lines = book(licence, at(3, 5), Suspension(at(3, 9), at(3, 10), "听证", LICENCE))
    assert [(line.on.day, line.counted, line.article) for line in lines] == [
        (5, None, "民法典 201"),
        (6, 1, None),
        (7, None, "行政许可法 82"),
        (8, None, "行政许可法 82"),
        (9, 2, None),
        (10, None, LICENCE),
        (11, 3, "民法典 203"),
    ]
    assert book(after(3, DAY), at(3, 4))[-1].article == "民法典 203"
    assert [line.article for line in book(after(1, MONTH), at(3, 10))][-1] == "民法典 202"


@pytest.mark.parametrize(
    ("rule", "event", "number", "last"),
    [
        # 民法典 202: the corresponding day, or the month's last, so many days on
        (after(1, MONTH), at(3, 10), 31, "第 31 日，1 个月届满，24:00 截止"),
        (after(1, MONTH), at(1, 31), 28, "第 28 日，1 个月届满，24:00 截止"),
        (after(1, YEAR), at(2, 29, year=2024), 365, "第 365 日，1 年届满，24:00 截止"),
        (after(2, WEEK), at(3, 2), 14, "第 14 日，24:00 截止"),
    ],
)
def test_weeks_months_and_years_number_their_days(rule: Rule, event: datetime, number: int, last: str) -> None:
    lines = book(rule, event)
    assert max(line.counted or 0 for line in lines) == number
    assert lines[-1].why == last


def test_hours_have_their_two_instants_and_their_stops() -> None:
    assert said(book(after(2, HOUR), at(3, 7, 10, 30))) == [
        "3/7 周六 10:30 受理，自该时刻起算",
        "3/7 周六 12:30 满 2 小时，截止",
    ]
    stopped = Suspension(at(3, 7, 11), at(3, 8, 9), "等待当事人", "")
    assert said(book(after(2, HOUR), at(3, 7, 10, 30), stopped)) == [
        "3/7 周六 10:30 受理，自该时刻起算",
        "3/7 周六 11:00 至 3月8日09:00 暂停（等待当事人），不计",
        "3/8 周日 10:30 满 2 小时，截止",
    ]
    assert said(book(after(24, HOUR, Sense.NOT_BEFORE), at(3, 6, 10)))[-1] == (
        "3/8 周日 3月7日10:00 满 24 小时，起方可办理"
    )
    assert said(book(after(2, HOUR, direction="before"), at(3, 6, 10)))[-1] == "3/6 周五 08:00 满 2 小时，截止"


@pytest.mark.parametrize(
    ("day_off", "expected"),
    [
        (None, ["12/31 周六，元旦放假 写明的日期，元旦放假，不顺延，24:00 截止"]),
        (DayOff.PREVIOUS, [
            "12/31 周六，元旦放假 写明的日期，元旦放假，提前",
            "12/30 周五 提前至此，24:00 截止",
        ]),
        (DayOff.NEXT, [
            "12/31 周六，元旦放假 写明的日期，元旦放假，顺延",
            "1/1 周日，元旦放假 元旦放假，顺延",
            "1/2 周一，元旦放假 元旦放假，顺延",
            "1/3 周二 顺延至此，24:00 截止",
        ]),
    ],
)  # fmt: skip
def test_a_written_date_has_its_own_line_and_its_move(day_off: DayOff | None, expected: list[str]) -> None:
    """2022年底前: 国办发明电〔2022〕16号 made Saturday the 31st the first day of 元旦."""
    rule = Rule(Kind.ABSOLUTE, Sense.WITHIN, due_on=date(2022, 12, 31), day_off=day_off)
    assert said(book(rule, None)) == expected
    first = Rule(Kind.ABSOLUTE, Sense.NOT_BEFORE, date_from=date(2026, 5, 1))
    assert said(book(first, None)) == ["5/1 周五，劳动节放假 写明的日期，起方可办理"]


def test_kinds_without_days_have_no_lines() -> None:
    for kind in (Kind.RECURRING, Kind.VALIDITY):
        assert day_by_day(Rule(kind, Sense.SPAN), event_at=None, calendar=CALENDAR) == ()


def test_provisional_days_are_marked_where_they_decided() -> None:
    lines = book(after(3, WORKDAY), at(12, 30))
    assert [(line.on.day, line.provisional) for line in lines] == [
        (30, False),
        (31, False),
        (1, True),
        (2, True),
        (3, True),
        (4, True),
        (5, True),
    ]
    days = book(after(3, DAY), at(1, 5, year=2027))
    assert [line.provisional for line in days] == [False, False, False, True]


def test_a_long_period_is_drawn_together_and_still_adds_up() -> None:
    pause = Suspension(at(6, 1), at(6, 30), "征求第三方意见", "政府信息公开条例 33")
    lines = book(after(300, WORKDAY), at(1, 30), pause)
    assert len(lines) < 60
    assert lines[-1].counted == 300
    days = [day for line in lines for day in (line.on, line.through or line.on)]
    assert days == sorted(days)
    assert all((b.on - (a.through or a.on)).days == 1 for a, b in pairwise(lines))
    assert "2/28 周六，调休上班 第 16 个工作日" in said(lines)
    assert "2/24 共 4 天 第 12 至第 15 个工作日" in said(lines)
    assert "1/31 共 14 天 第 1 至第 10 个工作日，周末不计" in said(lines)
    (still,) = [line for line in lines if "暂停" in line.why]
    assert (still.on, still.through, still.label) == (date(2026, 6, 2), date(2026, 6, 30), "共 29 天")
    festival = next(line for line in lines if line.why == "春节放假，不计")
    assert (festival.on, festival.through) == (date(2026, 2, 15), date(2026, 2, 23))
    plain = book(after(3, YEAR), at(3, 10))
    assert [line.why for line in plain] == [
        "受理，起算日不计",
        "第 1 至第 1095 日",
        "第 1096 日，3 年届满，周末，顺延",
        "周末，顺延",
        "顺延至此，24:00 截止",
    ]
    short = book(after(390, DAY), at(3, 10))
    assert all(line.through is None for line in short)


def test_what_cannot_be_counted_says_so() -> None:
    with pytest.raises(NeedsEvent, match="受理"):
        book(after(3, WORKDAY), None)
    with pytest.raises(IncompleteRule):
        day_by_day(Rule(Kind.ABSOLUTE, Sense.WITHIN), event_at=None, calendar=CALENDAR)
    still = Suspension(at(3, 3), None)
    for rule in (after(3, WORKDAY), after(3, DAY, Sense.NOT_BEFORE), after(72, HOUR)):
        with pytest.raises(Suspended):
            day_by_day(rule, event_at=at(3, 2), calendar=CALENDAR, suspensions=[still])
    ended = Suspension(at(3, 20), None)
    assert book(after(3, WORKDAY), at(3, 2), ended) == book(after(3, WORKDAY), at(3, 2))
    assert timedelta(0) == book(after(0, HOUR), at(3, 2))[-1].on - date(2026, 3, 2)
