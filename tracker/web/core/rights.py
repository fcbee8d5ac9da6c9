"""权限: who may do what, printed from the tables that decide it."""

from dataclasses import dataclass
from typing import ClassVar

from flask import Blueprint

from tracker.rules.matrix import Matrix, matrices
from tracker.web.kit.views import View

rights = Blueprint("rights", __name__, url_prefix="/rights")


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsPage(View):
    """Who may do what, a matrix a subject."""

    template: ClassVar[str] = "core/rights.html"
    matrices: list[Matrix]


@rights.get("/")
def index() -> str:
    return RightsPage(matrices=matrices()).render()
