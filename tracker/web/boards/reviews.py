"""待审核: the submissions and the requests for more time that wait to be decided, the longest waiting first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import Blueprint

from tracker.services.cases.privacy import HANDLING
from tracker.services.core.masking import mask_text
from tracker.store.boards.dashboard import submitted
from tracker.store.cases.export import complainants_of
from tracker.store.deadlines.extensions import waiting_extensions
from tracker.store.deadlines.pauses import waiting_pause_requests
from tracker.store.models import Duty, Extension, MemberRole, PauseRequest
from tracker.web.kit.access import actor, db, page_number
from tracker.web.kit.pagination import Links, links
from tracker.web.kit.views import View

reviews = Blueprint("reviews", __name__, url_prefix="/reviews")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewsPage(View):
    """What waits to be decided."""

    template: ClassVar[str] = "boards/reviews.html"
    duties: list[Duty]
    page: Links
    wishes: Sequence[Extension]
    reasons: dict[int, str]
    pauses: Sequence[PauseRequest]
    pause_reasons: dict[int, str]
    supervisor: bool


@reviews.get("/")
def index() -> str:
    """What the reader may decide: a supervisor everything of his places, a head the requests of his unit's cases."""
    page, wishes = submitted(db(), actor(), page_number()), waiting_extensions(db(), actor())
    pauses = waiting_pause_requests(db(), actor())
    return ReviewsPage(
        duties=page.rows,
        page=links(page),
        wishes=wishes,
        reasons=_reasons(wishes),
        pauses=pauses,
        pause_reasons=_pause_reasons(pauses),
        supervisor=actor().holds(MemberRole.SUPERVISOR),
    ).render()


def _reasons(wishes: Sequence[Extension]) -> dict[int, str]:
    """Return why more time is asked for, by request: of a case of other units without whom it is from."""
    people = complainants_of(db(), [w.milestone.case_step.case_id for w in wishes if w.milestone.case_step])
    own = actor().units(*HANDLING)
    said: dict[int, str] = {}
    for wish in wishes:
        step = wish.milestone.case_step
        person = people.get(step.case_id) if step is not None else None
        handles = step is None or bool({step.case.unit_id, wish.milestone.unit_id} & own)
        said[wish.id] = wish.reason if handles else mask_text(wish.reason, person.name if person else None)
    return said


def _pause_reasons(asked: Sequence[PauseRequest]) -> dict[int, str]:
    """Return why clocks shall stand, by request: in a case of other units without whom it is from."""
    people, own = complainants_of(db(), [a.case_id for a in asked]), actor().units(*HANDLING)
    said: dict[int, str] = {}
    for one in asked:
        person = people.get(one.case_id)
        handles = bool({one.case.unit_id, one.unit_id} & own)
        said[one.id] = one.reason if handles else mask_text(one.reason, person.name if person else None)
    return said
