"""Forms that have been carried out, so that the same one sent again is known."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.core.base import Base


class PostedForm(Base):
    """已提交的表单: one form of a person that became an act, and where it led him; written with the act itself."""

    __tablename__ = "posted_forms"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime]
    led_to: Mapped[str] = mapped_column(String(300))
