"""The places in the top bar, by what a person is."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from tracker.rules.permissions import PlaceAction, roles_for
from tracker.store.boards.badges import NONE, read_badges
from tracker.store.core.actors import Actor
from tracker.store.models import MemberRole
from tracker.web.kit.access import db, outfit

OWN = (MemberRole.OFFICER, MemberRole.HEAD)
OVERSEEING = (MemberRole.SUPERVISOR, MemberRole.LEADER)


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the top bar; a count puts it at the right end."""

    label: str
    url: str
    active: bool
    count: int | None = None


# Read here only where mails are kept in a folder.
MAILBOX = "mailbox.index"
# label, endpoint, the blueprints it stands for, the roles that see it
PLACES: tuple[tuple[str, str, tuple[str, ...], tuple[MemberRole, ...]], ...] = (
    ("总览", "dashboard.index", ("dashboard",), roles_for(PlaceAction.OVERVIEW)),
    ("我的责任", "home.index", ("home",), OWN),
    ("责任", "duties.index", ("duties",), OVERSEEING),
    ("本单位", "duties.index", ("duties",), (MemberRole.HEAD,)),
    ("办件", "cases.index", ("cases", "case_types", "ledger_import"), roles_for(PlaceAction.READ_CASES)),
    ("文件", "documents.index", ("documents", "sources", "confirm", "amend"), roles_for(PlaceAction.READ_DOCUMENTS)),
    ("单位", "units.index", ("units",), roles_for(PlaceAction.KEEP_REGISTRY)),
    ("日历", "calendars.index", ("calendars",), (MemberRole.SUPERVISOR, MemberRole.ADMINISTRATOR)),
    ("审计", "audit.index", ("audit",), roles_for(PlaceAction.READ_TRAIL)),
    ("权限", "rights.index", ("rights",), roles_for(PlaceAction.READ_RIGHTS)),
    ("信箱", MAILBOX, ("mailbox",), roles_for(PlaceAction.READ_MAILBOX)),
)


def context(actor: Actor) -> dict[str, Any]:
    """Return the top bar of an actor: its places, who he is, and the supervisor's waiting reviews."""
    here = request.blueprint
    roles = {p.role for p in actor.posts}
    places: list[Place] = []
    can_read_mail = actor.may(PlaceAction.READ_MAILBOX) and outfit().settings.mail_url is None
    for label, endpoint, blueprints, seen_by in PLACES:
        if endpoint == MAILBOX and not can_read_mail:
            continue
        url = url_for(endpoint)
        if roles & set(seen_by) and all(p.url != url for p in places):
            places.append(Place(label, url, here in blueprints))
    # A page that answers an error has closed its session; it does without the numbers.
    badges = read_badges(db(), actor) if request.method == "GET" else NONE
    if actor.may(PlaceAction.REVIEW):
        places.append(Place("待审核", url_for("reviews.index"), here == "reviews", badges.waiting))
    if actor.may(PlaceAction.RESEND_MAILS) and (badges.failed or here == "failed_mails"):
        places.append(Place("未发出的邮件", url_for("failed_mails.index"), here == "failed_mails", badges.failed))
    first = actor.posts[0] if actor.posts else None
    return {
        "nav": places,
        "who": f"{first.unit_name} · {first.role.label}" if first else actor.name,
        "mailbox_url": url_for(MAILBOX) if can_read_mail else None,
    }
