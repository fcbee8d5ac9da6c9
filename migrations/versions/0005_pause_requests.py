"""Requests that the clocks of a case stand still, decided by whoever supervises

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from tracker.store.core.base import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    op.create_table(
        "pause_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("authority", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending", "granted", "refused", name="state", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_pause_requests_by_id_users")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_pause_requests_case_id_cases")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name=op.f("fk_pause_requests_decided_by_id_users")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_pause_requests_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause_requests")),
    )
    with op.batch_alter_table("pause_requests", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.create_index(batch_op.f("ix_pause_requests_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            "ix_pause_requests_pending", ["case_id"], unique=True, sqlite_where=PENDING, postgresql_where=PENDING
        )


def downgrade() -> None:
    # The pauses that were granted stay in their own table; what was only asked for had moved nothing.
    op.drop_table("pause_requests")
