"""Which forms have been carried out."""

from sqlalchemy.orm import Session

from tracker.store.models import PostedForm


def where_it_led(session: Session, user_id: int, key: str) -> str | None:
    """Return the address a person's form led to when it was carried out; none of one that was not."""
    found = session.get(PostedForm, (user_id, key), populate_existing=True)
    return found.led_to if found is not None else None
