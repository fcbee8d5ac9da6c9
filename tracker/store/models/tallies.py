"""What boards show, a row a line (统计): the sums of `DutyTally` by document and by unit, and what ends on each day.

Revoked duties are in none of them.  services/core/tallies.py alone writes them; a row that came to nothing stays.
"""

from datetime import date

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.core.base import Base


class DocumentTally(Base):
    """The duties of a document by phase and by class of state, and their decided dates added up."""

    __tablename__ = "document_tallies"
    __table_args__ = (Index(None, "document_id"),)
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"), primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    in_dated: Mapped[int] = mapped_column(default=0)
    in_review: Mapped[int] = mapped_column(default=0)
    in_waiting: Mapped[int] = mapped_column(default=0)
    in_paused: Mapped[int] = mapped_column(default=0)
    in_undated: Mapped[int] = mapped_column(default=0)
    in_done: Mapped[int] = mapped_column(default=0)
    at_unsigned: Mapped[int] = mapped_column(default=0)
    at_working: Mapped[int] = mapped_column(default=0)
    at_review: Mapped[int] = mapped_column(default=0)
    at_done: Mapped[int] = mapped_column(default=0)
    decided: Mapped[int] = mapped_column(default=0)
    met_by_first: Mapped[int] = mapped_column(default=0)
    met_by_present: Mapped[int] = mapped_column(default=0)


class UnitTally(Base):
    """The duties of a unit in a place's documents by phase."""

    __tablename__ = "unit_tallies"
    __table_args__ = (Index(None, "unit_id"),)
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    in_dated: Mapped[int] = mapped_column(default=0)
    in_review: Mapped[int] = mapped_column(default=0)
    in_waiting: Mapped[int] = mapped_column(default=0)
    in_paused: Mapped[int] = mapped_column(default=0)
    in_undated: Mapped[int] = mapped_column(default=0)
    in_done: Mapped[int] = mapped_column(default=0)


class DocumentDay(Base):
    """What ends on a day (until its midnight) in a document.

    `duties` have their nearest end then, `due` own dates are open and not under review, `running` of them end then
    unless they are paused, and are not counted as missed already.
    """

    __tablename__ = "document_days"
    __table_args__ = (Index(None, "document_id"),)
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    duties: Mapped[int] = mapped_column(default=0)
    due: Mapped[int] = mapped_column(default=0)
    running: Mapped[int] = mapped_column(default=0)


class UnitDay(Base):
    """How many duties of a unit, in a place's documents, have their nearest end on a day."""

    __tablename__ = "unit_days"
    __table_args__ = (Index(None, "unit_id"),)
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    duties: Mapped[int] = mapped_column(default=0)
