"""State in rows: why a milestone was cancelled, and which forms were carried out; a case's version moves by itself

A cancelled milestone gets its cause from what the rows and the trail say at the instant it was cancelled, the first of:

1. its duty, or its case's, was revoked, restored as a supporting one, or given another role at that instant: `revoked`
   or `supporting`; but `edition` where its limit is not of its task's present text, since nobody regains such a date;
2. its case's step was cancelled then, and a referral of the case returned: `returned`;
3. its case's step was cancelled then, or a step of progress ended with its case: `case_ended`;
4. a pause of its holder ended then: `paused`;
5. its step was done or its duty completed then: `completed`;
6. nothing of that: of a duty `edition`, for nothing else takes a date; of a case `case_ended`.  Neither is regained.

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

CAUSES = ("revoked", "supporting", "completed", "paused", "edition", "returned", "case_ended")

STEP = "SELECT 1 FROM case_steps s JOIN cases c ON c.id = s.case_id WHERE s.id = milestones.case_step_id"
DONE_TO_ITS_DUTY = (
    "EXISTS (SELECT 1 FROM audit_entries a WHERE a.at = milestones.cancelled_at AND a.verb IN ({verbs})"
    " AND (a.duty_id = milestones.answering_duty_id OR a.duty_id = ("
    "SELECT c.duty_id FROM case_steps s JOIN cases c ON c.id = s.case_id WHERE s.id = milestones.case_step_id)))"
)
REVOKED = DONE_TO_ITS_DUTY.format(verbs="'duty.revoke', 'duty.restore'")
GIVEN_A_ROLE = DONE_TO_ITS_DUTY.format(verbs="'duty.role'")
ACCEPTED = DONE_TO_ITS_DUTY.format(verbs="'duty.complete'")
OF_OLDER_TEXT = (
    "EXISTS (SELECT 1 FROM duties d JOIN tasks t ON t.id = d.task_id JOIN deadline_rules r"
    " ON r.id = milestones.rule_id WHERE d.id = milestones.duty_id AND r.item_id <> t.item_id)"
)
RETURNED = (
    f"EXISTS ({STEP} AND s.cancelled_at = milestones.cancelled_at AND EXISTS ("  # noqa: S608 - our own constants
    "SELECT 1 FROM referrals f WHERE f.case_id = c.id AND f.returned_at = milestones.cancelled_at))"
)
ENDED_WITH_ITS_CASE = (
    f"EXISTS ({STEP} AND (s.cancelled_at = milestones.cancelled_at"
    " OR (s.kind = 'progress' AND c.closed_at = milestones.cancelled_at)))"
)
PAUSED = (
    "EXISTS (SELECT 1 FROM pauses p WHERE p.ended_at = milestones.cancelled_at AND (p.duty_id = milestones.duty_id"
    " OR p.case_id = (SELECT s.case_id FROM case_steps s WHERE s.id = milestones.case_step_id)))"
)
COMPLETED = (
    f"EXISTS ({STEP} AND s.done_at = milestones.cancelled_at)"  # noqa: S608 - our own constants
    " OR EXISTS (SELECT 1 FROM duties d WHERE d.id = milestones.duty_id AND d.completed_at = milestones.cancelled_at)"
    f" OR {ACCEPTED}"
)
FILL = f"""
UPDATE milestones SET cancelled_because = CASE
    WHEN ({REVOKED} OR {GIVEN_A_ROLE}) AND {OF_OLDER_TEXT} THEN 'edition'
    WHEN {REVOKED} THEN 'revoked'
    WHEN {GIVEN_A_ROLE} THEN 'supporting'
    WHEN {RETURNED} THEN 'returned'
    WHEN {ENDED_WITH_ITS_CASE} THEN 'case_ended'
    WHEN {PAUSED} THEN 'paused'
    WHEN {COMPLETED} THEN 'completed'
    WHEN case_step_id IS NULL THEN 'edition'
    ELSE 'case_ended'
END WHERE cancelled_at IS NOT NULL
"""  # noqa: S608 - our own constants


def upgrade() -> None:
    cause = sa.Enum(*CAUSES, name="cancelled_because", native_enum=False, create_constraint=True, length=20)
    with op.batch_alter_table("milestones", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("cancelled_because", cause, nullable=True))
    op.execute(FILL)
    with op.batch_alter_table("milestones", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.create_check_constraint(
            batch_op.f("ck_milestones_cancelled_for_a_cause"), "(cancelled_at IS NULL) = (cancelled_because IS NULL)"
        )
    with op.batch_alter_table("cases", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_column("touched_at")
    op.create_table(
        "posted_forms",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("led_to", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_posted_forms_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_posted_forms")),
    )


def downgrade() -> None:
    op.drop_table("posted_forms")
    with op.batch_alter_table("cases", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("touched_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("milestones", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_milestones_cancelled_for_a_cause"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_milestones_cancelled_because"), type_="check")
        batch_op.drop_column("cancelled_because")
