"""Where what a mail has no room for is found (另见): the list of those things of its group."""

from urllib.parse import urlencode

from tracker.adapters.mail.rendering import MailList
from tracker.rules.ladder import LATE_RUNGS, UNSIGNED_RUNGS, Level
from tracker.rules.lights import Light
from tracker.rules.workflow import StateClass
from tracker.services.reminders.items import Group, Matter
from tracker.store.duties.told import Told

_CLOCK = (Level.BEFORE_3, Level.BEFORE_1, Level.DAY, Level.HOUR, Level.LATE_0, *LATE_RUNGS.values(), Level.WEEKLY)
_UNSIGNED = (*UNSIGNED_RUNGS.values(), Level.WEEKLY)
# By group: what its alerts say, and what a duty or case of it looks like in a list where that tells it from others.
_SAYS: dict[Group, tuple[Level, ...]] = {
    Group.LATE: _CLOCK,
    Group.LATE_CHASED: _CLOCK,
    Group.TODAY: _CLOCK,
    Group.SOON: _CLOCK,
    Group.UNSIGNED: _UNSIGNED,
    Group.UNSIGNED_CHASED: _UNSIGNED,
    Group.NEW: (Level.ASSIGNED,),
    Group.REFERRED: (Level.REFERRED,),
    Group.SENT_BACK: (Level.SENT_BACK,),
    Group.RETURNED: (Level.RETURNED,),
    Group.REGISTERED: (Level.REGISTERED,),
    Group.ASKED: (Level.EXTENSION_ASKED,),
    Group.SUBMITTED: (Level.SUBMITTED,),
    Group.DECIDED: (Level.EXTENSION_DECIDED,),
    Group.ACCEPTED: (Level.ACCEPTED,),
    Group.AVAILABLE: (Level.AVAILABLE,),
    Group.CHANGED: (Level.CHANGED,),
}
_LIGHTS = {
    Group.LATE: Light.LATE, Group.LATE_CHASED: Light.LATE, Group.TODAY: Light.SOON, Group.SOON: Light.SOON,
}  # fmt: skip
_UNSIGNED_GROUPS = (Group.UNSIGNED, Group.UNSIGNED_CHASED, Group.NEW)


def list_of(matter: Matter, base_url: str, mail: str) -> MailList:
    """Return the list of duties, or of cases, that shows a thing of a mail; the calendars where a notice is missing."""
    if matter.place is not None:
        return MailList("工作日历", f"{base_url}/calendars/")
    asked = {"mail": mail, "told": matter.group.value}
    if matter.group in _LIGHTS:
        asked["light"] = (Light.WATCH if matter.watch else _LIGHTS[matter.group]).value
    if matter.duty is None:
        return MailList("办件台账", f"{base_url}/cases/?{urlencode(asked)}")
    if matter.group in _UNSIGNED_GROUPS:
        asked["state"] = StateClass.UNSIGNED.value
    return MailList("责任列表", f"{base_url}/duties/?{urlencode(asked)}")


def told_in(mail: str, group: str) -> Told | None:
    """Return what an address made here asks a list for; None where it asks for no mail."""
    levels = next((levels for known, levels in _SAYS.items() if known == group), ())
    return Told(mail, group, levels) if mail else None
