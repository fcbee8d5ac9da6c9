"""Which forms have been carried out."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from tracker.store.models import PostedForm

_posted: Any = PostedForm.__table__
_SO_FAR = select(func.count(), func.max(_posted.c.at)).where(_posted.c.user_id == bindparam("user_id"))


def where_it_led(session: Session, user_id: int, key: str) -> str:
    """Return the address a person's form led to when it was carried out."""
    return session.scalars(select(PostedForm.led_to).where(PostedForm.user_id == user_id, PostedForm.key == key)).one()


def posted_so_far(session: Session, user_id: int) -> tuple[int, datetime | None]:
    """Return how many of a person's forms are remembered, and when the last was carried out."""
    number, at = session.execute(_SO_FAR, {"user_id": user_id}).one()
    return number, at
