"""The lines of 我的责任 as the page prints them."""

from typing import NamedTuple

from tracker.rules.lights import Light
from tracker.store.boards.home_cases import HomeClock, HomeReferral
from tracker.store.duties.rows import DutyRow
from tracker.web.duties.lines import ROLES, beneath, clock_signal, row_signal
from tracker.web.kit.links import addresses
from tracker.web.kit.words import day, due_words


class HomeLine(NamedTuple):
    """One line of the lists of duties: what it says in each of its cells."""

    id: int
    url: str
    key: str
    title: str
    source: str
    due: str
    percent: str
    light: str
    words: str
    returned: str | None  # why its submission was sent back
    signs: bool
    version: int


class CaseLine(NamedTuple):
    """One line of the list of cases."""

    url: str
    number: str
    title: str
    source: str
    due: str
    light: str
    words: str


class HomeLines:
    """What makes the lines of one page."""

    def __init__(self, returned_words: dict[int, str], *, several: bool, signs: set[int]) -> None:
        self.returned_words, self.several, self.signs = returned_words, several, signs
        self.to_duty, self.to_case = addresses("duties.show", "duty_id"), addresses("cases.show", "case_id")

    def duty(self, row: DutyRow) -> HomeLine:
        """Return the line of a duty, or of the case whose date is its next."""
        signal = row_signal(row)
        of_case = row.case_id is not None
        about = beneath(row, with_case=False)
        return HomeLine(
            row.id,
            self.to_duty(row.id) if row.case_id is None else self.to_case(row.case_id),
            row.key,
            f"{row.case} {row.step}" if of_case else row.title,
            self._from(f"{about} · {row.document}" if about else row.document, row.unit),
            due_words(row),
            f"{row.percent}%" if row.told and not of_case else "",
            signal.light.value,
            signal.words or signal.light.label,
            None if of_case else self.returned_words.get(row.id),
            row.unit_id in self.signs,
            row.version,
        )

    def new_duty(self, row: DutyRow) -> HomeLine:
        """Return the line of a duty that waits to be signed for."""
        told = f"{ROLES[row.role]} · 交办 {day(row.assigned_at)} · {row.document}"
        return self.duty(row)._replace(url=self.to_duty(row.id), source=self._from(told, row.unit))

    def referral(self, row: HomeReferral) -> CaseLine:
        return CaseLine(
            self.to_case(row.case_id),
            row.number,
            f"转办 {row.reference}",
            self._from(row.kind, row.unit),
            day(row.object_until),
            Light.WAIT.value,
            "请签收",
        )

    def clock(self, row: HomeClock) -> CaseLine:
        signal = clock_signal(row)
        period = f"（{row.label}）" if row.label else ""
        return CaseLine(
            self.to_case(row.case_id),
            row.number,
            f"{row.step} {row.reference}{period}",
            self._from(row.kind, row.unit),
            due_words(row),
            signal.light.value,
            signal.words or signal.light.label,
        )

    def _from(self, told: str, unit: str) -> str:
        return f"{told} · {unit}" if self.several else told
