"""Where what a mail has no room for is found (另见): the list of ours that shows it, narrowed as far as may be."""

from urllib.parse import urlencode

from tracker.adapters.mail.rendering import MailList
from tracker.rules.lights import Light
from tracker.rules.workflow import StateClass
from tracker.services.reminders.items import Group, Matter

_LIGHTS = {
    Group.LATE: Light.LATE,
    Group.LATE_CHASED: Light.LATE,
    Group.TODAY: Light.SOON,
    Group.SOON: Light.SOON,
}
_STATES = {
    Group.UNSIGNED: StateClass.UNSIGNED,
    Group.UNSIGNED_CHASED: StateClass.UNSIGNED,
    Group.NEW: StateClass.UNSIGNED,
    Group.SUBMITTED: StateClass.REVIEW,
    Group.SENT_BACK: StateClass.WORKING,
    Group.ACCEPTED: StateClass.DONE,
}


def list_of(matter: Matter, base_url: str) -> MailList:
    """Return the list that shows a thing: of duties, of cases, of what waits for review, or the calendars."""
    if matter.place is not None:
        return MailList("工作日历", f"{base_url}/calendars/")
    if matter.group is Group.ASKED:
        return MailList("待审核", f"{base_url}/reviews/")
    light = Light.WATCH if matter.watch and matter.group in _LIGHTS else _LIGHTS.get(matter.group)
    if matter.duty is None:
        return _narrowed("办件台账", f"{base_url}/cases/", light, {"unit": matter.unit.id if matter.unit else None})
    # Whoever oversees a place sees it whole; of the others each sees his own units first.
    own = None if matter.overseer is not None or matter.as_supervisor else "1"
    return _narrowed("责任", f"{base_url}/duties/", light or _STATES.get(matter.group), {"own": own})


def _narrowed(page: str, url: str, to: Light | StateClass | None, more: dict[str, object]) -> MailList:
    name = "light" if isinstance(to, Light) else "state"
    asked = {name: to.value} | more if to is not None else more
    query = urlencode({key: value for key, value in asked.items() if value is not None})
    return MailList(f"{page} · {to.label}" if to is not None else page, f"{url}?{query}" if query else url)
