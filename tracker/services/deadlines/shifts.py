"""What counting a date again makes of it (重新计算): the old day, the new one, and the days of a calendar between."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from tracker.clock.calendar import WorkCalendar
from tracker.clock.rules import Resolved
from tracker.clock.wording import date_words, joined, month_day
from tracker.now import shanghai
from tracker.rules.lights import hour_of
from tracker.store.calendars.versions import calendar_named
from tracker.store.core.actors import Actor
from tracker.store.deadlines.recalculation import dates_of_others
from tracker.store.models import Milestone

_ONE = timedelta(days=1)
_DAYS_NAMED = 2


class Effect(StrEnum):
    """What becomes of one date."""

    MOVED = "moved"  # its day, hour or 暂定 mark changes
    SAME = "same"  # counted from another event now, with the same result
    HELD = "held"  # paused, or set by a person: only what it is counted from changes


@dataclass(frozen=True, slots=True)
class DateStood:
    """A date as it stands, with the names a milestone's own fields have."""

    due_on: date | None
    due_at: datetime | None
    earliest_on: date | None
    provisional: bool

    @classmethod
    def of(cls, dated: "Milestone | Resolved") -> "DateStood":
        """Return the date a milestone has, or one just counted."""
        return cls(dated.due_on, dated.due_at, dated.earliest_on, dated.provisional)

    @property
    def words(self) -> str:
        """Return 2026年3月26日 周四（暂定）, always with its year."""
        mark = "（暂定）" if self.provisional else ""
        if self.due_on is not None:
            hour = hour_of(self.due_at)
            return date_words(self.due_on) + (f" {hour}" if hour else "") + mark
        if self.due_at is not None:
            local = shanghai(self.due_at)
            return f"{date_words(local.date())} {local:%H:%M}{mark}"
        return f"{date_words(self.earliest_on)}起{mark}" if self.earliest_on else "无日期"


@dataclass(frozen=True, slots=True)
class Shift:
    """One date counted again: what it is of, what it was and what it becomes, and why."""

    milestone_id: int
    version: int
    holder: str  # 一.1 完成清欠, 办件 2026-014 转办
    source: str  # the task's title, the case's label
    unit: str
    before: DateStood
    resolved: Resolved
    why: str
    effect: Effect = Effect.MOVED
    event_at: datetime | None = None  # the new instant it is counted from, where that is what changed

    @property
    def moved(self) -> bool:
        return self.effect is Effect.MOVED

    @property
    def old(self) -> str:
        return self.before.words

    @property
    def new(self) -> str:
        return DateStood.of(self.resolved).words


def fingerprint(shifts: Iterable[Shift]) -> str:
    """Return what names a preview: the same dates with the same results, and nothing that changed meanwhile."""
    facts = sorted(
        (s.milestone_id, s.version, s.effect.value, str(s.event_at), str(s.before), str(DateStood.of(s.resolved)))
        for s in shifts
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def in_order(shifts: Iterable[Shift]) -> list[Shift]:
    """Put the dates that move first, each group by its new day."""
    return sorted(shifts, key=lambda s: (not s.moved, str(s.resolved.due_at or s.resolved.earliest_on), s.milestone_id))


def named_for(session: Session, actor: Actor, shifts: Sequence[Shift]) -> list[Shift]:
    """Return shifts as the actor reads them: a case he may not see has neither number nor reference."""
    others = dates_of_others(session, actor, [s.milestone_id for s in shifts])
    return [replace(s, holder="一件办件", source="") if s.milestone_id in others else s for s in shifts]


class Differences:
    """The days on which the calendar a date was counted by and the new one disagree, found once a year and label."""

    def __init__(self, session: Session, jurisdiction_id: int, new: WorkCalendar) -> None:
        self.session, self.jurisdiction_id, self.new = session, jurisdiction_id, new
        self._old: dict[str, WorkCalendar | None] = {}
        self._days: dict[tuple[str, int], list[date]] = {}

    def why(self, milestone: Milestone, resolved: Resolved) -> str:
        """Say which days changed between the event and the later of both dates: 2026年3月26日改为放假."""
        seen = [s.on for s in resolved.explanation if s.on] + [
            d for d in (milestone.due_on, milestone.earliest_on, resolved.due_on, resolved.earliest_on) if d
        ]
        days = self._between(milestone.calendar_version, min(seen), max(seen)) if seen else []
        said = [f"{month_day(d)}改为{'上班' if self.new.is_workday(d) else '放假'}" for d in days[:_DAYS_NAMED]]
        words = joined(said) + (f"等 {len(days)} 天" if len(days) > _DAYS_NAMED else "")
        if milestone.provisional and not resolved.provisional:
            words = "，".join(filter(None, [words, "放假通知已载入"]))
        return words or "按新的日历重新计算"

    def _between(self, label: str, low: date, high: date) -> list[date]:
        return [d for year in range(low.year, high.year + 1) for d in self._in_year(label, year) if low <= d <= high]

    def _in_year(self, label: str, year: int) -> list[date]:
        if (label, year) not in self._days:
            if label not in self._old:
                self._old[label] = calendar_named(self.session, self.jurisdiction_id, label)
            old, first = self._old[label], date(year, 1, 1)
            days = (first + n * _ONE for n in range((date(year, 12, 31) - first).days + 1))
            differ = [d for d in days if old is not None and old.is_workday(d) != self.new.is_workday(d)]
            self._days[label, year] = differ
        return self._days[label, year]
