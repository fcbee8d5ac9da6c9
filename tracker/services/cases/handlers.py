"""Who takes a case in, and for which units (办理单位)."""

from collections.abc import Sequence

from tracker.rules.permissions import PlaceAction, Reach
from tracker.rules.workflow import ENDED
from tracker.store.core.actors import Actor
from tracker.store.models import Duty, MemberRole, Task


def handling_units(actor: Actor, jurisdiction_id: int) -> set[int] | None:
    """Return the units an actor may take a case in for: his own; None: any of the place (supervisors)."""
    if actor.reach(PlaceAction.OPEN_CASE, jurisdiction_id) is Reach.PLACE:
        return None
    return {p.unit_id for p in actor.posts if p.jurisdiction_id == jurisdiction_id and p.role is MemberRole.OFFICER}


def may_register(actor: Actor, task: Task) -> bool:
    """Whether the actor may register an event of a task: a supervisor, or an officer of a unit that could handle it."""
    units = handling_units(actor, task.document.jurisdiction_id)
    return units is None or bool({d.unit_id for d in able_handlers(task)} & units)


def able_handlers(task: Task) -> list[Duty]:
    """Return the duties that could handle a case: live and not supporting."""
    return [d for d in task.duties if not d.supporting and d.state not in ENDED]


def handlers(actor: Actor, jurisdiction_id: int, tasks: Sequence[Task]) -> set[int] | None:
    """Return the units an actor may take a case of a type in for: his own, and those who share its task with them.

    None: any of the place (supervisors).  `tasks` are those the type's cases stand under.
    """
    own = handling_units(actor, jurisdiction_id)
    if own is None:
        return None
    shared = [{d.unit_id for d in able_handlers(task)} for task in tasks]
    return own.union(*(units for units in shared if units & own))
