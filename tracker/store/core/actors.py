"""Who is acting: a user's memberships as plain values, and what they let him see and do."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.rules.permissions import PERMISSIONS, PlaceAction, Reach, Stage, in_time, permits, reach, roles_for
from tracker.rules.workflow import Standing
from tracker.store.models import Duty, MemberRole, Membership, Unit, User


@dataclass(frozen=True, slots=True)
class Post:
    """One membership."""

    unit_id: int
    unit_name: str
    jurisdiction_id: int
    role: MemberRole


@dataclass(frozen=True, slots=True)
class Actor:
    """A user at work; `user_id` None is the product itself."""

    user_id: int | None
    name: str
    posts: tuple[Post, ...] = ()

    def units(self, *roles: MemberRole) -> set[int]:
        """Return the units in which the actor holds one of `roles`."""
        return {p.unit_id for p in self.posts if p.role in roles}

    def jurisdictions(self, *roles: MemberRole) -> set[int]:
        """Return the jurisdictions in which the actor holds one of `roles`."""
        return {p.jurisdiction_id for p in self.posts if p.role in roles}

    def holds(self, role: MemberRole, jurisdiction_id: int | None = None) -> bool:
        """Whether the actor holds `role`, in the jurisdiction where one is given."""
        return any(p.role is role and jurisdiction_id in (None, p.jurisdiction_id) for p in self.posts)

    def roles(self, jurisdiction_id: int | None = None) -> set[MemberRole]:
        """Return what the actor is in a jurisdiction, or anywhere where none is given."""
        return {p.role for p in self.posts if jurisdiction_id in (None, p.jurisdiction_id)}

    def may(self, action: PlaceAction, jurisdiction_id: int | None = None, stage: Stage | None = None) -> bool:
        """Whether the table lets the actor do this in a jurisdiction, or in any where none is given."""
        if self.user_id is None:
            return PERMISSIONS[action].by_system and in_time(action, stage)
        return permits(action, self.roles(jurisdiction_id), stage)

    def reach(self, action: PlaceAction, jurisdiction_id: int) -> Reach | None:
        """Return how far in a jurisdiction the actor may do this; None where he may not."""
        return reach(action, self.roles(jurisdiction_id))

    def places(self, action: PlaceAction) -> set[int]:
        """Return the jurisdictions in which the actor may do this."""
        return self.jurisdictions(*roles_for(action))

    def supervises(self, jurisdiction_id: int) -> bool:
        return self.holds(MemberRole.SUPERVISOR, jurisdiction_id)

    def post_for(self, unit_id: int | None, jurisdiction_id: int | None) -> int | None:
        """Return the unit on whose behalf the actor acts: the duty's own, else the supervising one's."""
        for post in self.posts:
            if post.unit_id == unit_id:
                return post.unit_id
        for post in self.posts:
            if post.jurisdiction_id == jurisdiction_id:
                return post.unit_id
        return self.posts[0].unit_id if self.posts else None


SYSTEM = Actor(user_id=None, name="自动")


def actor_of(session: Session, user: User) -> Actor:
    """Return the actor a user is, by one query."""
    rows = session.execute(
        select(Membership.unit_id, Unit.name, Unit.jurisdiction_id, Membership.role)
        .join(Unit, Membership.unit_id == Unit.id)
        .where(Membership.user_id == user.id)
        .order_by(Membership.id)
    )
    return Actor(user.id, user.name, tuple(Post(*row) for row in rows))


def standings(actor: Actor, duty: Duty, jurisdiction_id: int) -> frozenset[Standing]:
    """Return what the actor is to a duty; STRANGER alone where nothing."""
    found: set[Standing] = set()
    if duty.unit_id in actor.units(MemberRole.OFFICER):
        found.add(Standing.SUPPORTER if duty.supporting else Standing.HANDLER)
    if duty.unit_id in actor.units(MemberRole.HEAD) or actor.holds(MemberRole.LEADER, jurisdiction_id):
        found.add(Standing.READER)
    if actor.supervises(jurisdiction_id):
        found.add(Standing.SUPERVISOR)
    return frozenset(found or {Standing.STRANGER})
