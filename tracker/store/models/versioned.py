"""The version of a row that edit forms carry, and how it moves."""

from typing import Any

from sqlalchemy.orm import Mapped, declared_attr, mapped_column


class Versioned:
    """版本号: moves with every change of its row, so that a form shown before a change is known to be old.

    A writer that read the row before another changed it finds no row to write to (StaleDataError).
    """

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}

    def touch(self) -> None:
        """Move the version although no column of the row changes: what belongs to it did, or an act was done."""
        self.version = (self.version or 0) + 1  # a row not stored yet has none
