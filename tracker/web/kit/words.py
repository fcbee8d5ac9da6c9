"""The Chinese words of the pages (界面用语): dates, lights and sums as templates print them."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Protocol

from flask import Flask
from markupsafe import Markup, escape

from tracker.clock.calendar import national
from tracker.clock.wording import date_words, day_words, instant_words, month_day
from tracker.now import SHANGHAI
from tracker.rules.lights import Light, Signal, hour_of, light_of
from tracker.rules.verbs import Subject, Verb
from tracker.rules.workflow import State
from tracker.store.models import (
    Case,
    Duty,
    Milestone,
    MilestoneDate,
)
from tracker.web.kit import access
from tracker.web.kit.views import draw_bar


class DateRow(Protocol):
    """A date as a row of a list has it."""

    @property
    def due_on(self) -> date | None: ...

    @property
    def due_at(self) -> datetime | None: ...

    @property
    def earliest_on(self) -> date | None: ...


class Said(str):
    """Words for the screen (今日 05:13) that carry what paper and exports say in their place (3月23日 周一 05:13)."""

    paper: str

    def __new__(cls, words: str, paper: str) -> "Said":
        made = super().__new__(cls, words)
        made.paper = paper
        return made

    def __html__(self) -> Markup:
        if self.paper == str(self):
            return escape(str(self))
        return Markup('<span data-paper="{}"><span>{}</span></span>').format(self.paper, str(self))


def paper(words: str) -> str:
    """Return what paper and exports say: the date where the screen says 今日 or 明日."""
    return words.paper if isinstance(words, Said) else words


def around(before: str, words: str, after: str = "") -> Said:
    """Return words with others around them, on the screen and on paper."""
    return Said(f"{before}{words}{after}", f"{before}{paper(words)}{after}")


def day(value: date | datetime | None) -> str:
    """Return a date (an instant's, in Shanghai) with its weekday, 今日 and 明日 in words; the year unless this one."""
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    today = access.this_day()
    return Said(day_words(value, today), date_words(value, today.year)) if value else ""


def full_day(value: date | None) -> str:
    return date_words(value) if value else ""


def instant(value: datetime | None) -> str:
    """Return an instant on the Shanghai clock: 3月16日 09:10."""
    if value is None:
        return ""
    local = value.astimezone(SHANGHAI)
    on_paper = f"{date_words(local.date(), access.this_day().year)} {local:%H:%M}"
    return Said(instant_words(value, access.now()), on_paper)


def full_instant(value: datetime | None) -> str:
    """Return an instant as a paper to be filed prints it: 2026年3月16日 周一 09:10."""
    if value is None:
        return ""
    local = value.astimezone(SHANGHAI)
    return f"{date_words(local.date())} {local:%H:%M}"


def minute(value: datetime) -> str:
    """Return an instant as an hour deadline shows it."""
    return f"{value.astimezone(SHANGHAI):%H:%M}"


def ends_at(at: datetime | None) -> str:
    """Return when a due day ends: 24:00, or the printed hour."""
    return hour_of(at) or "24:00"


def due_day(on: date, at: datetime | None) -> str:
    """Return a due day, with the hour where it ends at one: 2月26日 周四 17:00."""
    hour = hour_of(at)
    return around("", day(on), f" {hour}") if hour else day(on)


def due_words(milestone: Milestone | MilestoneDate | DateRow | None) -> str:
    """Return a milestone's date as lists show it: 2月26日 周四; 4月11日起; 今日 16:00."""
    if milestone is None:
        return ""
    if milestone.due_on is not None:
        return due_day(milestone.due_on, milestone.due_at)
    if milestone.due_at is not None:
        return instant(milestone.due_at)
    return around("", day(milestone.earliest_on), "起") if milestone.earliest_on else ""


def milestone_signal(milestone: Milestone, state: State = State.IN_PROGRESS) -> Signal:
    """Return the light of one milestone."""
    return dated(_milestone_signal(milestone, state))


def dated(signal: Signal) -> Signal:
    """Give a light that says 今日 or 明日 the day paper says instead."""
    for ahead, word in enumerate(("今日", "明日")):
        if signal.words.startswith(word):
            on = month_day(access.this_day() + timedelta(days=ahead), access.this_day().year)
            return replace(signal, words=Said(signal.words, f"{on}{signal.words.removeprefix(word)}"))
    return signal


def _milestone_signal(milestone: Milestone, state: State) -> Signal:
    return light_of(
        state="completed" if milestone.met_at else state.value if state is not State.SUBMITTED else "in_progress",
        now=access.now(),
        calendar=access.calendar(milestone.jurisdiction_id),
        due_at=milestone.due_at,
        due_on=milestone.due_on,
        earliest_on=milestone.earliest_on,
        submitted=milestone.submitted_at is not None,
        paused=milestone.paused_at is not None,
        watch=milestone.watch,
    )


def duty_signal(duty: Duty, milestone: Milestone | None) -> Signal:
    """Return the light of a duty whose nearest open milestone is given."""
    if milestone is None:
        return light_of(
            state=duty.state.value,
            now=access.now(),
            calendar=national(),  # nothing is counted where there is no date
            paused=duty.paused_at is not None,
            untriggered=duty.awaits_event,
        )
    if duty.state in (State.COMPLETED, State.CLOSED, State.REVOKED):
        return light_of(state=duty.state.value, now=access.now(), calendar=national())
    return milestone_signal(milestone, duty.state)


def case_signal(case: Case, milestone: Milestone | None) -> Signal:
    """Return a case's light: closed, paused, its nearest open date's, or none; its duty, if any, must be loaded."""
    if case.closed_at is not None:
        return Signal(Light.DONE, Light.DONE.label)
    if case.duty is not None and case.duty.state is State.REVOKED:
        return Signal(Light.NONE, "已停止")
    if case.paused_at is not None:
        return Signal(Light.HOLD, Light.HOLD.label)
    if milestone is None or milestone.met_at is not None or milestone.cancelled_at is not None:
        return Signal(Light.NONE, Light.NONE.label)
    return milestone_signal(milestone, case.duty.state if case.duty else State.IN_PROGRESS)


def matter(duty: Duty, milestone: Milestone | None) -> str:
    """Return what a line of a list is about: the case's step, or the task's title."""
    if milestone is not None and milestone.case_step is not None:
        return f"{milestone.case_step.case.number} {milestone.case_step.name}"
    title: str = duty.task.title
    return title


def yuan(fen: int | None) -> str:
    """Return a sum kept in 分 as 元: 365,000.50; nothing where there is none."""
    return "" if fen is None else f"{fen // 100:,}.{fen % 100:02d}"


def case_words(case: Case) -> str:
    return f"{case.number} {case.reference}"


def set_up(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.filters.update(
        verb=Verb.said,
        subject=Subject.said,
        day=day,
        full_day=full_day,
        ends_at=ends_at,
        full_instant=full_instant,
        instant=instant,
        due_words=due_words,
        yuan=yuan,
    )
    app.jinja_env.globals.update(
        duty_signal=duty_signal,
        milestone_signal=milestone_signal,
        matter=matter,
        case_words=case_words,
        draw_bar=draw_bar,
    )
