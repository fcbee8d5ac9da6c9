"""A time limit keeps its printed hour, its offset from the end of a period and its n-th workday, and may be of minutes

Limits read before have none of them.  Going down, what the older program has no word for becomes what it can count that
is nearest: minutes are whole hours, begun ones counted; a window that ends with its event is a day counted back from
it; a period keeps its rhythm and loses its offset, a day its hour.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OLD = ("workday", "day", "hour", "week", "month", "year")
NEW = (*OLD, "minute")
DOWN = (
    "UPDATE deadline_rules SET amount = (amount + 59) / 60, unit = 'hour' WHERE unit = 'minute'",
    "UPDATE deadline_rules SET extend_amount = (extend_amount + 59) / 60, extend_unit = 'hour'"
    " WHERE extend_unit = 'minute'",
    "UPDATE deadline_rules SET direction = 'before' WHERE direction = 'until'",
    "UPDATE deadline_rules SET direction = 'after' WHERE kind = 'recurring'",
)


def _among(column: str, units: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(unit) for unit in units)})"


def _allow(units: tuple[str, ...]) -> None:
    with op.batch_alter_table("deadline_rules", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        for column in ("unit", "extend_unit"):
            batch_op.drop_constraint(batch_op.f(f"ck_deadline_rules_{column}"), type_="check")
            batch_op.create_check_constraint(batch_op.f(f"ck_deadline_rules_{column}"), _among(column, units))


def upgrade() -> None:
    _allow(NEW)
    with op.batch_alter_table("deadline_rules", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("offset_amount", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("offset_unit", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("nth_workday", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("due_time", sa.Time(), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_deadline_rules_offset_unit"), _among("offset_unit", NEW))
        batch_op.create_check_constraint(
            batch_op.f("ck_deadline_rules_offset_is_whole"), "(offset_amount IS NULL) = (offset_unit IS NULL)"
        )


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
    with op.batch_alter_table("deadline_rules", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_deadline_rules_offset_is_whole"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_deadline_rules_offset_unit"), type_="check")
        for name in ("due_time", "nth_workday", "offset_unit", "offset_amount"):
            batch_op.drop_column(name)
    _allow(OLD)
