"""The lines of lists of duties as a page prints them: built here, so that a template only lays them out."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from tracker.clock.calendar import national
from tracker.reading.plan import Role
from tracker.rules.lights import Signal, light_of
from tracker.rules.workflow import State
from tracker.store.duties.rows import DutyRow
from tracker.web.kit import access
from tracker.web.kit.links import addresses
from tracker.web.kit.words import DateRow, dated, due_words

ROLES = {role.value: role.label for role in Role}
STATES = {state.value: state.label for state in State}
_ENDED = frozenset({State.COMPLETED.value, State.CLOSED.value, State.REVOKED.value})


class ClockRow(DateRow, Protocol):
    """A date as a row of a list has it, with whose it is and where it is counted."""

    @property
    def place(self) -> int | None: ...

    @property
    def watch(self) -> bool | None: ...


class DutyLine(NamedTuple):
    """One line: what it says in each of its cells."""

    url: str
    key: str
    title: str
    source: str  # 依据 and 文件
    unit: str
    role: str
    due: str
    percent: str
    state: str
    light: str
    words: str


def duty_lines(rows: Iterable[DutyRow]) -> list[DutyLine]:
    """Return the lines of a list of duties."""
    address = addresses("duties.show", "duty_id")
    return [_line(row, address(row.id)) for row in rows]


def _line(row: DutyRow, url: str) -> DutyLine:
    signal = row_signal(row)
    about = beneath(row)
    return DutyLine(
        url,
        row.key,
        row.title,
        f"{about} · {row.document}" if about else row.document,
        row.unit,
        ROLES[row.role],
        due_words(row),
        f"{row.percent}%" if row.told else "",
        STATES[row.state],
        signal.light.value,
        signal.words or signal.light.label,
    )


def beneath(row: DutyRow, *, with_case: bool = True) -> str:
    """Return where a line's date comes from: the case, the clause, or the supervisor."""
    if row.dated:
        if with_case and row.case_id is not None:
            return f"办件 {row.case} {row.step}"
        if row.quote:
            return row.quote
        if row.set_by_hand:
            return f"{row.label}反馈，督查员设定" if row.label else "督查员设定"
        return ""
    return (row.waits_for or "") if row.awaits_event else ""


def row_signal(row: DutyRow) -> Signal:
    """Return the light of a line: its duty's, by the date it shows."""
    if not row.dated or row.state in _ENDED:
        return light_of(
            state=row.state,
            now=access.now(),
            calendar=national(),  # nothing is counted where there is no date
            paused=row.paused and not row.dated,
            untriggered=row.awaits_event and not row.dated,
        )
    return clock_signal(
        row,
        state=row.state if row.state != State.SUBMITTED else State.IN_PROGRESS.value,
        submitted=bool(row.date_submitted),
        paused=bool(row.date_paused),
    )


def clock_signal(
    row: ClockRow, *, state: str = State.IN_PROGRESS.value, submitted: bool = False, paused: bool = False
) -> Signal:
    """Return the light of the open date of a line."""
    return dated(
        light_of(
            state=state,
            now=access.now(),
            calendar=access.calendar(row.place or 0),
            due_at=row.due_at,
            due_on=row.due_on,
            earliest_on=row.earliest_on,
            submitted=submitted,
            paused=paused,
            watch=bool(row.watch),
        )
    )
