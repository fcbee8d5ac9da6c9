"""Three administrators (三员): 系统管理员, 安全管理员 and 审计员 in place of the one administrator

Who was 管理员 is 系统管理员 from now on: the stored word, `administrator`, is the same, so that no membership changes.
安全管理员 is new.  Going back, who was one holds that role no longer: the older program knows nobody whom it could
mean, and must not take him for somebody who may do more.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OLD = ("officer", "head", "supervisor", "leader", "administrator", "auditor")
NEW = ("officer", "head", "supervisor", "leader", "administrator", "security", "auditor")


def _roles(known: tuple[str, ...]) -> None:
    with op.batch_alter_table("memberships", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_memberships_role"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_memberships_role"), f"role IN ({', '.join(repr(role) for role in known)})"
        )


def upgrade() -> None:
    _roles(NEW)


def downgrade() -> None:
    op.execute("DELETE FROM memberships WHERE role = 'security'")
    _roles(OLD)
