"""Who holds which role where (角色名单), for those who watch over the rights of a place."""

from sqlalchemy import case, select
from sqlalchemy.orm import Session, joinedload

from tracker.rules.permissions import PlaceAction
from tracker.rules.roles import MemberRole
from tracker.store.core.actors import Actor
from tracker.store.core.pages import PER_PAGE, Page, count, page_bounds
from tracker.store.models import Membership, Unit, User

# Who may do most, first.
_ORDER = case({role.value: n for n, role in enumerate(reversed(MemberRole))}, value=Membership.role)


def list_holders(
    session: Session, actor: Actor, role: MemberRole | None, number: int = 1, per_page: int = PER_PAGE
) -> Page[Membership]:
    """Return one page of the roles held with accounts in use, in the places whose rights the actor may read."""
    query = (
        select(Membership)
        .join(User, Membership.user_id == User.id)
        .join(Unit, Membership.unit_id == Unit.id)
        .where(Unit.jurisdiction_id.in_(actor.places(PlaceAction.READ_RIGHTS)), User.active.is_(True))
    )
    if role is not None:
        query = query.where(Membership.role == role)
    total = count(session, query)
    number, offset = page_bounds(total, number, per_page)
    rows = session.scalars(
        query.options(joinedload(Membership.user), joinedload(Membership.unit).joinedload(Unit.jurisdiction))
        .order_by(_ORDER, Unit.name, User.name, Membership.id)
        .offset(offset)
        .limit(per_page)
    )
    return Page(list(rows), number, total, per_page)
