"""New editions of a document already in: what they say of themselves, and what becomes of each measure

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from tracker.store.core.base import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FACTS = ("title", "doc_no", "issued_on", "effective_on", "expires_on", "applied_at", "version")


def upgrade() -> None:
    with op.batch_alter_table("editions", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("title", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("doc_no", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("issued_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("effective_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("expires_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("applied_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))

    with op.batch_alter_table("deadline_rules", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("carried", sa.Boolean(), server_default=sa.false(), nullable=False))

    op.create_table(
        "edition_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "same",
                "moved",
                "reworded",
                "new",
                "gone",
                name="kind",
                native_enum=False,
                length=20,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("old_measure_id", sa.Integer(), nullable=True),
        sa.Column("new_measure_id", sa.Integer(), nullable=True),
        sa.Column(
            "answer",
            sa.Enum("adopt", "keep", name="answer", native_enum=False, length=20, create_constraint=True),
            nullable=True,
        ),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "old_measure_id IS NOT NULL OR new_measure_id IS NOT NULL", name=op.f("ck_edition_changes_one_measure")
        ),
        sa.ForeignKeyConstraint(["answered_by_id"], ["users.id"], name=op.f("fk_edition_changes_answered_by_id_users")),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_edition_changes_edition_id_editions")),
        sa.ForeignKeyConstraint(
            ["new_measure_id"], ["measures.id"], name=op.f("fk_edition_changes_new_measure_id_measures")
        ),
        sa.ForeignKeyConstraint(
            ["old_measure_id"], ["measures.id"], name=op.f("fk_edition_changes_old_measure_id_measures")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_changes")),
        sa.UniqueConstraint("edition_id", "ordinal", name=op.f("uq_edition_changes_edition_id_ordinal")),
    )
    with op.batch_alter_table("edition_changes", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.create_index(batch_op.f("ix_edition_changes_new_measure_id"), ["new_measure_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_edition_changes_old_measure_id"), ["old_measure_id"], unique=False)


def downgrade() -> None:
    op.drop_table("edition_changes")
    with op.batch_alter_table("deadline_rules", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_column("carried")

    with op.batch_alter_table("editions", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        for name in reversed(FACTS):
            batch_op.drop_column(name)
