"""Which of two time limits counts is kept with the document's, where a case type's says another length for one act

Going down, the answers go; the limits stay as they are.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ANSWERS = ("clause", "type", "both")


def upgrade() -> None:
    with op.batch_alter_table("deadline_rules", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("beside_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("beside_answer", sa.String(20), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_deadline_rules_beside_id_deadline_rules"), "deadline_rules", ["beside_id"], ["id"]
        )
        batch_op.create_check_constraint(batch_op.f("ck_deadline_rules_beside_answer"), f"beside_answer IN {ANSWERS}")
        batch_op.create_index(batch_op.f("ix_deadline_rules_beside_id"), ["beside_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("deadline_rules", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deadline_rules_beside_id"))
        batch_op.drop_constraint(batch_op.f("ck_deadline_rules_beside_answer"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_deadline_rules_beside_id_deadline_rules"), type_="foreignkey")
        batch_op.drop_column("beside_answer")
        batch_op.drop_column("beside_id")
