"""我的责任: where an officer or a unit's head begins; others are led to where they work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from tracker.rules.permissions import PlaceAction
from tracker.services.duties import progress as verbs
from tracker.store.boards.home import HomeLists, duties_to_sign, home_lists
from tracker.store.boards.home_cases import HomeCases, home_cases
from tracker.store.core.actors import Actor
from tracker.store.core.visible import OWN
from tracker.store.models import Duty, MemberRole
from tracker.web.boards.home_lines import CaseLine, HomeLine, HomeLines
from tracker.web.kit.access import actor, db, moment, now, this_act
from tracker.web.kit.posting import Answer, Done, press
from tracker.web.kit.views import View

home = Blueprint("home", __name__)

# Where those without a unit of their own begin: at the first of these that is theirs.
ELSEWHERE = (
    (PlaceAction.OVERVIEW, "dashboard.index"),
    (PlaceAction.READ_TRAIL, "audit.index"),
    (PlaceAction.KEEP_REGISTRY, "units.index"),
    (PlaceAction.READ_RIGHTS, "rights.index"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage(View):
    """What an officer or a unit's head begins with."""

    template: ClassVar[str] = "boards/home.html"
    lists: HomeLists
    cases: HomeCases
    referrals: list[CaseLine]
    clocks: list[CaseLine]
    urgent: list[HomeLine]
    unsigned: list[HomeLine]
    others: list[HomeLine]
    may_sign: bool
    seen_at: str


@home.get("/")
def index() -> Response | str:
    """What is due first, what is newly assigned, what else is under way."""
    who = actor()
    units = who.units(*OWN)
    if not units:
        return _elsewhere(who)
    lists, cases = home_lists(db(), who, moment()), home_cases(db(), who, moment())
    page = HomeLines(lists.returned_words, several=len(units) > 1, signs=who.units(MemberRole.OFFICER))
    return HomePage(
        lists=lists,
        cases=cases,
        referrals=[page.referral(row) for row in cases.referrals.rows],
        clocks=[page.clock(row) for row in cases.clocks.rows],
        urgent=[page.duty(row) for row in (*lists.urgent.rows, *lists.returned)],
        unsigned=[page.new_duty(row) for row in lists.unsigned.rows],
        others=[page.duty(row) for row in lists.others.rows],
        may_sign=bool(page.signs),
        seen_at=now().isoformat(),
    ).render()


@dataclass(frozen=True, slots=True, kw_only=True)
class NowherePage(View):
    """What is said to a person without a post."""

    template: ClassVar[str] = "boards/nowhere.html"


def _elsewhere(who: Actor) -> Response | str:
    for action, endpoint in ELSEWHERE:
        if who.may(action):
            return redirect(url_for(endpoint))
    return NowherePage().render()


@home.post("/sign-all")
def sign_all() -> Answer:
    """全部签收: every duty that had been assigned when the page was shown, and no later one."""
    back = url_for("home.index")

    def verb(duties: Sequence[Duty]) -> Done:
        count = verbs.acknowledge_all(this_act(), duties)
        return Done(f"已签收 {count} 项责任。", back) if count else Done("没有需要签收的责任。", back, "info")

    seen_at = _seen_at(request.form.get("seen_at", ""))
    return press(None, lambda: duties_to_sign(db(), actor(), seen_at), verb, back)


def _seen_at(text: str) -> datetime:
    try:
        seen = datetime.fromisoformat(text)
    except ValueError:
        return now()
    return seen if seen.tzinfo else now()
