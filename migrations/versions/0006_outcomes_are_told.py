"""Alerts of outcomes: submissions and their reviews, requests for more time, cases registered and returned

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OLD_LEVELS = (
    "assigned", "before3", "before1", "day", "hour", "late0", "late1", "available", "referred", "changed", "calendar",
)  # fmt: skip
OUTCOMES = (
    "submitted", "sent_back", "accepted", "extension_asked", "extension_decided", "registered", "returned",
)  # fmt: skip
OLD_ABOUT = "duty_id IS NOT NULL OR milestone_id IS NOT NULL OR referral_id IS NOT NULL OR jurisdiction_id IS NOT NULL"
SUBJECTS = {"report_id": "reports", "extension_id": "extensions", "case_id": "cases"}


def _levels(names: tuple[str, ...]) -> str:
    return f"level IN ({', '.join(repr(name) for name in names)})"


def upgrade() -> None:
    with op.batch_alter_table("alerts", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        for column, table in SUBJECTS.items():
            batch_op.add_column(sa.Column(column, sa.Integer(), nullable=True))
            batch_op.create_index(batch_op.f(f"ix_alerts_{column}"), [column], unique=False)
            batch_op.create_foreign_key(batch_op.f(f"fk_alerts_{column}_{table}"), table, [column], ["id"])
        batch_op.drop_constraint(batch_op.f("ck_alerts_level"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_alerts_level"), _levels((*OLD_LEVELS, *OUTCOMES)))
        batch_op.drop_constraint(batch_op.f("ck_alerts_is_about_something"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_alerts_is_about_something"), f"{OLD_ABOUT} OR case_id IS NOT NULL"
        )
    op.create_index("ix_reports_reviewed_at", "reports", ["reviewed_at"], unique=False)
    for name, table, column, where in (
        ("ix_cases_open", "cases", "unit_id", "closed_at IS NULL"),
        ("ix_referrals_returned", "referrals", "returned_at", "returned_at IS NOT NULL"),
    ):
        op.create_index(name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_index("ix_referrals_returned", table_name="referrals")
    op.drop_index("ix_cases_open", table_name="cases")
    op.drop_index("ix_reports_reviewed_at", table_name="reports")
    # The older table knows no such alerts.
    told = ", ".join(repr(name) for name in OUTCOMES)
    op.execute(f"DELETE FROM alerts WHERE level IN ({told})")  # noqa: S608 - our own constants
    with op.batch_alter_table("alerts", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_alerts_is_about_something"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_alerts_is_about_something"), OLD_ABOUT)
        batch_op.drop_constraint(batch_op.f("ck_alerts_level"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_alerts_level"), _levels(OLD_LEVELS))
        for column, table in SUBJECTS.items():
            batch_op.drop_constraint(batch_op.f(f"fk_alerts_{column}_{table}"), type_="foreignkey")
            batch_op.drop_index(batch_op.f(f"ix_alerts_{column}"))
            batch_op.drop_column(column)
