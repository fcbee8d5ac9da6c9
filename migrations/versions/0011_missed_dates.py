"""A date that had run out when it was put off stays counted as missed

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from tracker.store.core.base import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Until now nothing late could be put off: no row has one.
    with op.batch_alter_table("milestones", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("missed_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("milestones", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_column("missed_at")
