"""Addresses a mail server refused for good, and when a failed mail was given up and settled

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from tracker.store.core.base import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OPEN = "state = 'failed' AND settled_at IS NULL"
# What failed before stands open, so that it can be sent again; what had nothing left to say does not.
FILL = (
    "UPDATE messages SET failed_at = created_at WHERE state = 'failed'",
    "UPDATE messages SET settled_at = created_at WHERE state = 'failed'"
    " AND NOT EXISTS (SELECT 1 FROM alerts WHERE alerts.message_id = messages.id)",
)


def upgrade() -> None:
    for table in ("users", "units"):
        with op.batch_alter_table(table, schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
            batch_op.add_column(sa.Column("refused_address", sa.String(length=200), nullable=True))
    with op.batch_alter_table("messages", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("failed_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("settled_at", UtcDateTime(), nullable=True))
    for statement in FILL:
        op.execute(statement)
    op.create_index(
        "ix_messages_open", "messages", ["failed_at"], sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN)
    )


def downgrade() -> None:
    op.drop_index("ix_messages_open", table_name="messages")
    with op.batch_alter_table("messages", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_column("settled_at")
        batch_op.drop_column("failed_at")
    for table in ("units", "users"):
        with op.batch_alter_table(table, schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
            batch_op.drop_column("refused_address")
