"""Loading holiday notices (放假通知) into a place's calendar: into its draft, or into force at once."""

from tracker.clock.notices import Notice
from tracker.rules.permissions import PlaceAction
from tracker.services.calendars.versions import begun_from, draft_version
from tracker.services.core.act import Act
from tracker.store.calendars.versions import version_in
from tracker.store.models import CalendarState, CalendarVersion


def load_notice(
    act: Act,
    jurisdiction_id: int,
    notice: Notice,
    *,
    why: str = "",
    version: int | None = None,
) -> CalendarVersion:
    """Put a notice or a table, as read, into the draft; a local festival that is off there as well keeps its name."""
    act.require(PlaceAction.KEEP_CALENDAR, jurisdiction_id)
    draft = version_in(act.session, jurisdiction_id, CalendarState.DRAFT)
    years = "、".join(f"{year}年" for year in sorted(notice.years))
    return draft_version(
        act,
        jurisdiction_id,
        days=begun_from(act.session, jurisdiction_id, draft).beside(notice.days),
        years=notice.years,
        why=why.strip() or (f"载入{years}放假通知" if years else f"载入{len(notice.days)}天的安排"),
        version=version,
    )
