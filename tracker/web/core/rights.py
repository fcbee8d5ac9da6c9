"""权限: who may do what, printed from the tables that decide it; and who holds which role."""

from dataclasses import dataclass
from typing import ClassVar

from flask import Blueprint, request

from tracker.rules.matrix import Matrix, matrices
from tracker.rules.roles import MemberRole
from tracker.store.models import Membership
from tracker.store.people.holders import list_holders
from tracker.web.kit.access import actor, db, page_number
from tracker.web.kit.pagination import Links, links
from tracker.web.kit.views import View

rights = Blueprint("rights", __name__, url_prefix="/rights")


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsPage(View):
    """Who may do what, a matrix a subject."""

    template: ClassVar[str] = "core/rights.html"
    matrices: list[Matrix]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldersPage(View):
    """Who holds which role."""

    template: ClassVar[str] = "core/holders.html"
    rows: list[Membership]
    page: Links
    roles: list[tuple[str, str]]
    role: str


@rights.get("/")
def index() -> str:
    return RightsPage(matrices=matrices()).render()


@rights.get("/holders")
def holders() -> str:
    """角色名单: every role held in the places whose rights one may read."""
    asked = request.args.get("role", "")
    role = MemberRole(asked) if asked in set(MemberRole) else None
    page = list_holders(db(), actor(), role, page_number())
    return HoldersPage(
        rows=page.rows,
        page=links(page),
        roles=[("", "全部"), *((r.value, r.label) for r in MemberRole)],
        role=role.value if role else "",
    ).render()
