"""More rungs of the ladder: late for three and ten workdays, unsigned for two, three and five, and weekly.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OLD_LEVELS = (
    "assigned", "before3", "before1", "day", "hour", "late0", "late1", "available", "referred", "changed", "calendar",
    "submitted", "sent_back", "accepted", "extension_asked", "extension_decided", "registered", "returned",
)  # fmt: skip
ADDED = ("late3", "late10", "unsigned2", "unsigned3", "unsigned5", "weekly")
ALERTS = sa.table("alerts", sa.column("level"))


def _among(names: tuple[str, ...]) -> str:
    return f"level IN ({', '.join(repr(name) for name in names)})"


def _allow(names: tuple[str, ...]) -> None:
    with op.batch_alter_table("alerts", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_alerts_level"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_alerts_level"), _among(names))


def upgrade() -> None:
    _allow((*OLD_LEVELS, *ADDED))


def downgrade() -> None:
    op.execute(sa.delete(ALERTS).where(ALERTS.c.level.in_(ADDED)))
    _allow(OLD_LEVELS)
