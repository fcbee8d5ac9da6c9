"""Indexes that lists of duties are read from: by state, by who leads the task, and what was sent back

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

LIVE = "state <> 'revoked'"
# Table, name, columns, condition.
INDEXES = (
    ("duties", "ix_duties_place_state", ("jurisdiction_id", "state", "next_at", "document_id", "ordinal", "id"), None),
    ("duties", "ix_duties_place_role", ("jurisdiction_id", "role", "next_at", "document_id", "ordinal", "id"), LIVE),
    ("duties", "ix_duties_unit_watched", ("unit_id", "watch_at"), f"watch_at IS NOT NULL AND {LIVE}"),
    ("duties", "ix_duties_leading", ("unit_id", "task_id"), f"role = 'lead' AND {LIVE}"),
    ("duties", "ix_duties_beside", ("task_id", "unit_id", "next_at", "document_id", "ordinal", "id"), LIVE),
    ("reports", "ix_reports_returned", ("duty_id",), "outcome = 'returned'"),
)


def upgrade() -> None:
    for table, name, columns, condition in INDEXES:
        where = None if condition is None else sa.text(condition)
        op.create_index(name, table, list(columns), sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for table, name, _, _ in INDEXES:
        op.drop_index(name, table)
