"""State in rows: a case's version moves by itself, without a column for it

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from tracker.store.core.base import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_column("touched_at")


def downgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("touched_at", UtcDateTime(), nullable=True))
