"""待审核: the submissions and the requests for more time that wait to be decided, the longest waiting first."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from flask import Blueprint

from tracker.services.cases.privacy import HANDLING
from tracker.services.core.masking import mask_text
from tracker.store.boards.reviews import PauseRow, WishRow, submitted, waiting_pauses, waiting_wishes
from tracker.store.models import MemberRole
from tracker.web.kit.access import actor, db, page_number
from tracker.web.kit.links import addresses
from tracker.web.kit.pagination import Links, links
from tracker.web.kit.views import View
from tracker.web.kit.words import day, due_words, instant

reviews = Blueprint("reviews", __name__, url_prefix="/reviews")


class SubmissionLine(NamedTuple):
    """A submission as the page prints it."""

    url: str
    key: str
    title: str
    document: str
    unit: str
    at: str


class RequestLine(NamedTuple):
    """A request for more time, or for a pause, as the page prints it."""

    url: str
    key: str
    title: str
    by: str
    reason: str
    unit: str
    at: str
    due: str = ""
    wanted: str = ""
    authority: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewsPage(View):
    """What waits to be decided."""

    template: ClassVar[str] = "boards/reviews.html"
    submissions: list[SubmissionLine]
    page: Links
    wishes: list[RequestLine]
    pauses: list[RequestLine]
    supervisor: bool


@reviews.get("/")
def index() -> str:
    """What the reader may decide: a supervisor everything of his places, a head the requests of his unit's cases."""
    who, to_duty, to_case = actor(), addresses("duties.show", "duty_id"), addresses("cases.show", "case_id")
    page = submitted(db(), who, page_number())
    own = who.units(*HANDLING)
    return ReviewsPage(
        submissions=[
            SubmissionLine(to_duty(row.duty_id), row.key, row.title, row.document, row.unit, instant(row.submitted_at))
            for row in page.rows
        ],
        page=links(page),
        wishes=[
            _wish(row, to_duty(row.duty_id or 0) if row.case_id is None else to_case(row.case_id), own)
            for row in waiting_wishes(db(), who)
        ],
        pauses=[_pause(row, to_case(row.case_id), own) for row in waiting_pauses(db(), who)],
        supervisor=who.holds(MemberRole.SUPERVISOR),
    ).render()


def _wish(row: WishRow, url: str, own: set[int]) -> RequestLine:
    return RequestLine(
        url,
        (row.key if row.case_id is None else row.number) or "",
        (row.title if row.case_id is None else row.step) or "",
        row.by,
        row.reason if row.case_id is None else _reason(row, own),
        row.unit,
        instant(row.at),
        due=due_words(row),
        wanted=day(row.wanted_on) if row.wanted_on else f"共 {row.amount}{row.amount_unit.label}",
    )


def _pause(row: PauseRow, url: str, own: set[int]) -> RequestLine:
    return RequestLine(
        url, row.number, row.reference, row.by, _reason(row, own), row.unit, instant(row.at), authority=row.authority
    )


def _reason(row: WishRow | PauseRow, own: set[int]) -> str:
    """Return why it is asked for: in a case of other units without whom it is from."""
    return row.reason if {row.case_unit_id, row.unit_id} & own else mask_text(row.reason, row.person)
