"""Lights: what a page shows of a deadline at one instant, shape and words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tracker.clock.calendar import WorkCalendar
from tracker.clock.resolution import day_end
from tracker.now import SHANGHAI
from tracker.rules.lights import Light, Signal, light_of

CALENDAR = WorkCalendar(noticed_years=range(2004, 2027))


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def light(now: datetime, due_on: date | None = None, **more: object) -> Signal:
    due_at = day_end(due_on) if due_on else None
    given_values: dict[str, object] = {"state": "in_progress", "due_at": due_at, "due_on": due_on} | more
    return light_of(now=now, calendar=CALENDAR, **given_values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "due_on", "expected"),
    [
        (at(3, 11), date(2026, 3, 20), Signal(Light.FINE, "正常")),
        (at(3, 11), date(2026, 3, 17), Signal(Light.FINE, "正常")),
        (at(3, 11), date(2026, 3, 16), Signal(Light.SOON, "还有 3 个工作日")),
        (at(3, 11), date(2026, 3, 13), Signal(Light.SOON, "还有 2 个工作日")),
        (at(3, 11), date(2026, 3, 12), Signal(Light.SOON, "明日到期")),
        (at(3, 11), date(2026, 3, 11), Signal(Light.SOON, "今日到期")),
        (at(3, 11, 23, 59), date(2026, 3, 11), Signal(Light.SOON, "今日到期")),
        (at(3, 12, 0, 0), date(2026, 3, 11), Signal(Light.LATE, "逾期 1 个工作日")),
        (at(3, 14), date(2026, 3, 13), Signal(Light.LATE, "逾期 不足1个工作日")),
        (at(3, 16), date(2026, 3, 13), Signal(Light.LATE, "逾期 1 个工作日")),
        # over the Spring Festival: 24 February is the first workday after the 14th
        (at(2, 14), date(2026, 2, 26), Signal(Light.SOON, "还有 3 个工作日")),
        (at(2, 24), date(2026, 2, 14), Signal(Light.LATE, "逾期 1 个工作日")),
        # a printed Sunday seen on Friday
        (at(7, 24), date(2026, 7, 26), Signal(Light.SOON, "还有 2 天")),
    ],
)
def test_light_of_a_day_deadline(now: datetime, due_on: date, expected: Signal) -> None:
    assert light(now, due_on) == expected
    assert light(now.astimezone(UTC), due_on) == expected
    assert light_of(state="in_progress", now=now, calendar=CALENDAR, due_on=due_on) == expected
    assert light_of(state="in_progress", now=now, calendar=CALENDAR, due_at=day_end(due_on)) == expected


@pytest.mark.parametrize(
    ("now", "due_at", "words"),
    [
        (at(3, 11), at(3, 11, 16, 30), "今日 16:30 到期"),
        (at(3, 10), at(3, 11, 16, 30), "明日 16:30 到期"),
        # under three hours it is said how long, over midnight as well
        (at(3, 11, 13, 30), at(3, 11, 16, 30), "今日 16:30 到期"),
        (at(3, 11, 13, 31), at(3, 11, 16, 30), "还有 2 小时 59 分"),
        (at(3, 11, 15, 10), at(3, 11, 16, 30), "还有 1 小时 20 分"),
        (at(3, 11, 15, 30), at(3, 11, 16, 30), "还有 1 小时"),
        (at(3, 11, 15, 55), at(3, 11, 16, 30), "还有 35 分钟"),
        (at(3, 11, 16, 29) + timedelta(seconds=30), at(3, 11, 16, 30), "还有 不足1分钟"),
        (at(3, 10, 23), at(3, 11, 0, 30), "还有 1 小时 30 分"),
        # late by hours until the first workday after it, by workdays from then on
        (at(3, 11, 16, 30), at(3, 11, 16, 30), "逾期 不足1分钟"),
        (at(3, 11, 17, 5), at(3, 11, 16, 30), "逾期 35 分钟"),
        (at(3, 11, 19, 40), at(3, 11, 16, 30), "逾期 3 小时 10 分"),
        (at(3, 12, 0, 0), at(3, 11, 16, 30), "逾期 1 个工作日"),
        (at(3, 14, 12, 30), at(3, 13, 16, 30), "逾期 20 小时"),
        (at(3, 16, 9), at(3, 13, 16, 30), "逾期 1 个工作日"),
    ],
)
def test_light_of_an_hour_deadline(now: datetime, due_at: datetime, words: str) -> None:
    shown = light(now, due_at=due_at)
    assert shown == Signal(Light.LATE if now >= due_at else Light.SOON, words)
    assert light(now.astimezone(UTC), due_at=due_at.astimezone(UTC)) == shown
    if now >= due_at:
        watched = light(now, due_at=due_at, watch=True)
        assert watched == Signal(Light.WATCH, words.replace("逾期", "对方逾期"))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"state": "completed"}, Signal(Light.DONE, "办结")),
        ({"state": "closed"}, Signal(Light.DONE, "办结")),
        ({"state": "submitted"}, Signal(Light.REVIEW, "待审核")),
        ({"submitted": True}, Signal(Light.REVIEW, "待审核")),
        ({"paused": True}, Signal(Light.HOLD, "暂停")),
        ({"watch": True}, Signal(Light.WATCH, "对方逾期 18 个工作日")),
        ({"state": "revoked"}, Signal(Light.NONE, "已撤销")),
        ({}, Signal(Light.LATE, "逾期 18 个工作日")),
    ],
)
def test_what_outranks_lateness(more: dict[str, object], expected: Signal) -> None:
    assert light(at(3, 23), date(2026, 2, 26), **more) == expected


def test_undated_lights() -> None:
    assert light(at(3, 11)) == Signal(Light.NONE, "无时限")
    assert light(at(3, 11), untriggered=True) == Signal(Light.WAIT, "待触发")
    waiting = light(at(3, 11), earliest_on=date(2026, 4, 11))
    assert waiting == Signal(Light.WAITING, "等待期，4月11日起可申请")
    assert light(at(4, 11), earliest_on=date(2026, 4, 11)) == Signal(Light.FINE, "可以申请")
    assert light(at(3, 11), earliest_on=date(2027, 1, 1)).words == "等待期，2027年1月1日起可申请"


def test_every_light_has_shape_and_word() -> None:
    assert {light: (light.shape, light.label) for light in Light} == {
        Light.LATE: ("■", "逾期"),
        Light.WATCH: ("■", "对方逾期"),
        Light.SOON: ("▲", "临期"),
        Light.FINE: ("●", "正常"),
        Light.WAIT: ("○", "待触发"),
        Light.WAITING: ("○", "等待期"),
        Light.HOLD: ("‖", "暂停"),
        Light.NONE: ("—", "无时限"),
        Light.REVIEW: ("◆", "待审核"),
        Light.DONE: ("✓", "办结"),
    }


def test_hours_that_end_at_midnight_are_shown_as_a_day() -> None:
    assert light(at(3, 11, 23, 30), due_at=at(3, 12, 0)).words == "今日到期"
