"""Which forms have been carried out."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.store.models import PostedForm


def where_it_led(session: Session, user_id: int, key: str) -> str:
    """Return the address a person's form led to when it was carried out."""
    return session.scalars(select(PostedForm.led_to).where(PostedForm.user_id == user_id, PostedForm.key == key)).one()


def posted_so_far(session: Session, user_id: int) -> tuple[int, datetime | None]:
    """Return how many of a person's forms are remembered, and when the last was carried out."""
    found = select(func.count(), func.max(PostedForm.at)).where(PostedForm.user_id == user_id)
    number, at = session.execute(found).one()
    return number, at
