"""台账导出: the list of cases as it is narrowed and sorted, as a workbook; whom the cases are from stays masked."""

from datetime import datetime

from flask import Blueprint, Response

from tracker.adapters.ledger.export import LedgerBook, Value, workbook
from tracker.now import shanghai
from tracker.rules.lights import hour_of
from tracker.services.cases import privacy
from tracker.services.core import masking
from tracker.services.core.errors import Refused
from tracker.store.cases.export import complainants_of
from tracker.store.cases.lists import CaseDate, CaseRow, list_cases, totals
from tracker.store.models import Complainant
from tracker.web.cases.routes import signal_of, wanted
from tracker.web.kit.access import actor, db, moment, now, this_day
from tracker.web.kit.downloads import workbook_response
from tracker.web.kit.words import full_instant, paper

ledger_export = Blueprint("ledger_export", __name__)

MOST = 5_000


@ledger_export.get("/cases/export")
def export() -> Response:
    """The cases one may see, narrowed as their list is: at most 5,000, all or none."""
    asked, who = wanted(), actor()
    sums = totals(db(), who, moment(), asked, MOST)
    if sums.count > MOST or sums.more:
        said = f"超过 {MOST}" if sums.more else f"有 {sums.count}"
        raise Refused(f"符合条件的办件{said} 件，一次最多导出 {MOST} 件。请缩小日期或类型的范围，再导出。")
    rows = list_cases(db(), who, moment(), asked, per_page=MOST).rows
    people = complainants_of(db(), [row.id for row in rows])
    said = f"{who.name}于 {full_instant(now())} 导出，来件人信息已遮盖"
    added = (sums.owed_fen, sums.refunded_fen + sums.beside_fen)  # what stands in the columns above
    book = LedgerBook("办件台账", said, [_line(row, people.get(row.id)) for row in rows], added)
    return workbook_response(workbook(book), f"办件台账-{this_day():%Y%m%d}.xlsx")


def _line(row: CaseRow, person: Complainant | None) -> list[Value]:
    """Return a case's cells in the order of the headings, as its reader may see it."""
    clock = row.clock if row.clock is not None and row.clock.runs and row.closed_at is None else None
    lamp, concerned = signal_of(row), any(post.unit_id == row.accused_unit_id for post in actor().posts)
    return [
        row.number,
        row.type_name,
        row.variant,
        privacy.HIDDEN if concerned else row.reference,
        row.channel,
        None if concerned else row.firm,
        None if concerned or person is None else masking.mask_name(person.name),
        None if concerned or person is None else masking.mask_phone(person.phone),
        row.unit_name,
        row.accused,
        row.event,
        row.happened_on,
        _day(row.accepted_at),
        clock.step if clock is not None else None,
        _due(clock) if clock is not None else None,
        paper(lamp.words) or lamp.light.label,
        row.owed_fen,
        row.refunded_fen,
        _day(row.closed_at),
    ]


def _due(clock: CaseDate) -> Value:
    """Return the day a clock ends on, or the day something may be done from; of an hour's clock, the minute too."""
    if clock.due_on is None and clock.due_at is not None:
        return f"{shanghai(clock.due_at):%Y-%m-%d %H:%M}"
    if clock.due_on is not None and (hour := hour_of(clock.due_at)):
        return f"{clock.due_on.isoformat()} {hour}"
    return clock.due_on or clock.earliest_on


def _day(at: datetime | None) -> Value:
    return shanghai(at).date() if at is not None else None
