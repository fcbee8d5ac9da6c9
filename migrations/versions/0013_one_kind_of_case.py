"""One kind of case: what was opened from a time limit alone becomes a case of that limit's type, of one step

A case without a type gets the first version of the type of its step's limit (0012 has made one for each), its step that
type's key, and a record of its intake by whoever registered it, for the unit he worked in.

Going down, a case of one step that nobody was handed and whose complainant is not known is again one without a type, by
the limit itself where that is still known; its record of intake goes, unless files hang on it.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WITHOUT = "SELECT id FROM cases WHERE type_version_id IS NULL"
POST = (
    "COALESCE((SELECT min(m.unit_id) FROM memberships m WHERE m.user_id = c.opened_by_id AND m.unit_id = c.unit_id),"
    " (SELECT min(m.unit_id) FROM memberships m JOIN units u ON u.id = m.unit_id"
    " WHERE m.user_id = c.opened_by_id AND u.jurisdiction_id = c.jurisdiction_id))"
)
UP = (
    "INSERT INTO case_records (case_id, kind, by_id, unit_id, at)"  # noqa: S608 - our own constants
    f" SELECT c.id, 'intake', c.opened_by_id, {POST}, c.opened_at FROM cases c WHERE c.type_version_id IS NULL",
    f"UPDATE case_steps SET key = 'step1' WHERE key IS NULL AND case_id IN ({WITHOUT})",  # noqa: S608
    "UPDATE cases SET type_version_id = (SELECT min(v.id) FROM case_type_versions v"
    " JOIN deadline_rules r ON r.case_type_id = v.type_id JOIN case_steps s ON s.rule_id = r.id"
    " WHERE s.case_id = cases.id AND v.number = 1) WHERE type_version_id IS NULL",
)
# The limit of an item that a type is of: the one in force, else the newest that had it.
LIMIT = (
    "(SELECT max(r.id) FROM deadline_rules r JOIN case_type_versions v ON v.type_id = r.case_type_id"
    " JOIN cases c ON c.type_version_id = v.id JOIN case_steps s ON s.case_id = c.id WHERE s.id = {step})"
)
ALONE = (
    "SELECT c.id FROM cases c JOIN case_type_versions v ON v.id = c.type_version_id"
    " JOIN case_types t ON t.id = v.type_id WHERE t.document_id IS NOT NULL"
    " AND (SELECT count(*) FROM case_steps s WHERE s.case_id = c.id) = 1"
    " AND NOT EXISTS (SELECT 1 FROM referrals f WHERE f.case_id = c.id)"
    " AND NOT EXISTS (SELECT 1 FROM complainants p WHERE p.case_id = c.id)"
    " AND EXISTS (SELECT 1 FROM deadline_rules r WHERE r.case_type_id = t.id)"
)
DOWN = (
    f"UPDATE milestones SET rule_id = {LIMIT.format(step='milestones.case_step_id')}"  # noqa: S608
    f" WHERE case_step_id IN (SELECT id FROM case_steps WHERE case_id IN ({ALONE}))"
    " AND rule_id IN (SELECT id FROM deadline_rules WHERE item_id IS NULL)",
    f"UPDATE case_steps SET rule_id = {LIMIT.format(step='case_steps.id')} WHERE case_id IN ({ALONE})"  # noqa: S608
    " AND rule_id IN (SELECT id FROM deadline_rules WHERE item_id IS NULL)",
    f"UPDATE case_steps SET key = NULL, kind = 'handle' WHERE case_id IN ({ALONE})",  # noqa: S608
    f"DELETE FROM case_records WHERE kind = 'intake' AND case_id IN ({ALONE})"  # noqa: S608
    " AND NOT EXISTS (SELECT 1 FROM attachments a WHERE a.case_record_id = case_records.id)",
    f"UPDATE cases SET type_version_id = NULL WHERE id IN ({ALONE})",  # noqa: S608
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)
    with op.batch_alter_table("cases", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.alter_column("type_version_id", existing_type=sa.Integer(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("cases", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.alter_column("type_version_id", existing_type=sa.Integer(), nullable=True)
    for statement in DOWN:
        op.execute(statement)
