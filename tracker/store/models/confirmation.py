"""What a supervisor is asked of a reading, and how she cut it anew: 疑问 and the acts that can be taken back."""

from datetime import datetime

from sqlalchemy import JSON, Enum, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.reading.plan import DoubtKind
from tracker.rules.labels import Labelled
from tracker.store.core.base import Base, Key, Words, choice
from tracker.store.models.documents import Edition, Measure
from tracker.store.models.versioned import Versioned


class DoubtAnswer(Labelled):
    """How a doubt of the reading was settled."""

    NOTHING = "nothing", "不需处理"
    ADDED = "added", "已作为措施"
    CORRECTED = "corrected", "已更正"
    FIRST = "first", "取第一个"
    SECOND = "second", "取第二个"
    BOTH = "both", "两个都要"


class RecutKind(Labelled):
    """What was done to the measures of a draft by hand."""

    SPLIT = "split", "拆分"
    JOIN = "join", "合并"
    ADD = "add", "新增"
    TAKE_OUT = "take_out", "移出"
    LEVEL = "level", "重新拆分"


class Recut(Base):
    """拆分、合并: one act that changed which measures a draft has; it can be taken back while it is the last.

    The measures it took out stay in the tables, in no edition, until it is taken back or the draft is given up.
    """

    __tablename__ = "recuts"
    __table_args__ = (UniqueConstraint("edition_id", "number"),)
    id: Mapped[Key]
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"))
    number: Mapped[int]
    kind: Mapped[RecutKind] = mapped_column(choice(RecutKind, "kind"))
    words: Mapped[Words]  # what was done, as the list of what can be taken back says it
    note: Mapped[Words | None]  # why a measure was taken out
    order: Mapped[list[int]] = mapped_column(JSON)  # the measures before it, in their order
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class EditionDoubt(Versioned, Base):
    """疑问: one thing the reading of an edition could not settle by itself, and what a person said of it."""

    __tablename__ = "doubts"
    __table_args__ = (UniqueConstraint("edition_id", "ordinal"), Index(None, "measure_id"))
    id: Mapped[Key]
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"))
    ordinal: Mapped[int]
    # Without a CHECK: what can be doubted grows with the reading.
    kind: Mapped[DoubtKind] = mapped_column(
        Enum(
            DoubtKind,
            name="kind",
            native_enum=False,
            length=20,
            create_constraint=False,
            values_callable=lambda members: [m.value for m in members],
        )
    )
    start: Mapped[int]
    end: Mapped[int]
    seen: Mapped[Words]
    others: Mapped[list[list[int]]] = mapped_column(JSON, default=list)
    measure_id: Mapped[int | None] = mapped_column(ForeignKey("measures.id"))
    answer: Mapped[DoubtAnswer | None] = mapped_column(choice(DoubtAnswer, "answer"))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None]
    note: Mapped[Words | None]
    # What cut the text anew asked it, or settled it with what it did: taken back, so is that.
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("recuts.id"))
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("recuts.id"))
    edition: Mapped[Edition] = relationship(back_populates="doubts", lazy="raise_on_sql")
    measure: Mapped[Measure | None] = relationship(lazy="raise_on_sql")

    @property
    def open(self) -> bool:
        return self.answer is None
