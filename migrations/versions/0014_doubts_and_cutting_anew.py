"""What the reading doubts is asked in rows, and the measures of a draft can be cut anew and put back

Editions made before have no doubts and go on as they are.  Going down, measures that were taken out of a draft go with
what they hold: the draft keeps those it has now.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from tracker.store.core.base import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ANSWERS = ("nothing", "added", "corrected", "first", "second", "both")
KINDS = ("split", "join", "add", "take_out", "level")

OUT = "SELECT id FROM measures WHERE edition_id IS NULL"
ITEMS = f"SELECT id FROM items WHERE measure_id IN ({OUT})"  # noqa: S608 - our own constants
CUT_AWAY = (
    f"DELETE FROM rule_bindings WHERE rule_id IN (SELECT id FROM deadline_rules WHERE item_id IN ({ITEMS}))",  # noqa: S608
    f"DELETE FROM assignment_choices WHERE assignment_id IN (SELECT id FROM assignments WHERE item_id IN ({ITEMS}))",  # noqa: S608
    f"DELETE FROM assignments WHERE item_id IN ({ITEMS})",  # noqa: S608
    f"DELETE FROM deadline_rules WHERE item_id IN ({ITEMS})",  # noqa: S608
    f"DELETE FROM contacts WHERE item_id IN ({ITEMS})",  # noqa: S608
    f"DELETE FROM items WHERE measure_id IN ({OUT})",  # noqa: S608
    "DELETE FROM measures WHERE edition_id IS NULL",
)


def upgrade() -> None:
    op.create_table(
        "recuts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_recuts_kind")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_recuts_by_id_users")),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_recuts_edition_id_editions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recuts")),
        sa.UniqueConstraint("edition_id", "number", name=op.f("uq_recuts_edition_id_number")),
    )
    with op.batch_alter_table("measures", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.alter_column("edition_id", existing_type=sa.Integer(), nullable=True)
        for name in ("made_by_id", "taken_by_id"):
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=True))
            batch_op.create_foreign_key(batch_op.f(f"fk_measures_{name}_recuts"), "recuts", [name], ["id"])
            batch_op.create_index(batch_op.f(f"ix_measures_{name}"), [name], unique=False)
    op.create_table(
        "doubts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("others", sa.JSON(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(20), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"answer IN {ANSWERS}", name=op.f("ck_doubts_answer")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["users.id"], name=op.f("fk_doubts_answered_by_id_users")),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_doubts_edition_id_editions")),
        sa.ForeignKeyConstraint(["made_by_id"], ["recuts.id"], name=op.f("fk_doubts_made_by_id_recuts")),
        sa.ForeignKeyConstraint(["measure_id"], ["measures.id"], name=op.f("fk_doubts_measure_id_measures")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["recuts.id"], name=op.f("fk_doubts_settled_by_id_recuts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doubts")),
        sa.UniqueConstraint("edition_id", "ordinal", name=op.f("uq_doubts_edition_id_ordinal")),
    )
    with op.batch_alter_table("doubts", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.create_index(batch_op.f("ix_doubts_measure_id"), ["measure_id"], unique=False)


def downgrade() -> None:
    op.drop_table("doubts")
    for statement in CUT_AWAY:
        op.execute(statement)
    with op.batch_alter_table("measures", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        for name in ("taken_by_id", "made_by_id"):
            batch_op.drop_index(batch_op.f(f"ix_measures_{name}"))
            batch_op.drop_constraint(batch_op.f(f"fk_measures_{name}_recuts"), type_="foreignkey")
            batch_op.drop_column(name)
        batch_op.alter_column("edition_id", existing_type=sa.Integer(), nullable=False)
    op.drop_table("recuts")
