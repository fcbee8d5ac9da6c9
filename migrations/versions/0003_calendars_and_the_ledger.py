"""Calendars in versions, the ledger of cases with its types, pauses, extensions, dates counted again

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from tracker.store.core.base import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OLD_LEVELS = ("assigned", "before3", "before1", "day", "late1", "available")
NEW_LEVELS = (*OLD_LEVELS[:4], "hour", "late0", *OLD_LEVELS[4:], "referred", "changed", "calendar")
ABOUT = "duty_id IS NOT NULL OR milestone_id IS NOT NULL OR referral_id IS NOT NULL OR jurisdiction_id IS NOT NULL"


def _levels(names: tuple[str, ...]) -> str:
    return f"level IN ({', '.join(repr(name) for name in names)})"


# What the new columns say of the rows that are in already.
FILL = (
    "UPDATE cases SET unit_id = (SELECT unit_id FROM duties WHERE duties.id = cases.duty_id)",
    "UPDATE case_steps SET unit_id = (SELECT unit_id FROM cases WHERE cases.id = case_steps.case_id),"
    " started_at = (SELECT happened_at FROM cases WHERE cases.id = case_steps.case_id)",
    "UPDATE milestones SET unit_id = (SELECT unit_id FROM duties WHERE duties.id = milestones.answering_duty_id),"
    " jurisdiction_id = (SELECT documents.jurisdiction_id FROM duties JOIN tasks ON tasks.id = duties.task_id"
    " JOIN documents ON documents.id = tasks.document_id WHERE duties.id = milestones.answering_duty_id),"
    " event_at = (SELECT started_at FROM case_steps WHERE case_steps.id = milestones.case_step_id),"
    " fixed_on = (SELECT CASE WHEN renewed_on = milestones.due_on THEN renewed_on END FROM deadline_rules"
    " WHERE deadline_rules.id = milestones.rule_id)",
)
# What the older tables cannot hold goes when they come back: cases outside any document, and all that hangs on them.
EMPTY = (
    "DELETE FROM alerts WHERE duty_id IS NULL OR referral_id IS NOT NULL"
    " OR level IN ('hour', 'late0', 'referred', 'changed', 'calendar')",
    "DELETE FROM attachments WHERE report_id IS NULL",
    "DELETE FROM extensions",
    "DELETE FROM case_records",
    "DELETE FROM milestone_dates WHERE milestone_id IN (SELECT id FROM milestones WHERE answering_duty_id IS NULL)",
    "DELETE FROM milestones WHERE answering_duty_id IS NULL",
    "DELETE FROM milestone_dates WHERE milestone_id IN (SELECT milestones.id FROM milestones"
    " JOIN deadline_rules ON deadline_rules.id = milestones.rule_id WHERE deadline_rules.item_id IS NULL)",
    "DELETE FROM alerts WHERE milestone_id IN (SELECT milestones.id FROM milestones"
    " JOIN deadline_rules ON deadline_rules.id = milestones.rule_id WHERE deadline_rules.item_id IS NULL)",
    "DELETE FROM milestones WHERE rule_id IN (SELECT id FROM deadline_rules WHERE item_id IS NULL)",
    "DELETE FROM referrals",
    "DELETE FROM complainants",
    "DELETE FROM pauses",
    "DELETE FROM case_steps WHERE rule_id IS NULL OR rule_id IN (SELECT id FROM deadline_rules WHERE item_id IS NULL)"
    " OR case_id IN (SELECT id FROM cases WHERE duty_id IS NULL OR task_id IS NULL)",
    "DELETE FROM cases WHERE duty_id IS NULL OR task_id IS NULL",
    "UPDATE cases SET type_version_id = NULL",
    "UPDATE case_steps SET statute_rule_id = NULL",
    "DELETE FROM case_type_steps",
    "DELETE FROM deadline_rules WHERE item_id IS NULL",
    "UPDATE milestone_dates SET recalculation_id = NULL",
)


def upgrade() -> None:
    op.create_table(
        "calendar_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("jurisdiction_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "current",
                "superseded",
                "discarded",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("applied_at", UtcDateTime(), nullable=True),
        sa.Column("applied_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["applied_by_id"], ["users.id"], name=op.f("fk_calendar_versions_applied_by_id_users")),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_calendar_versions_created_by_id_users")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_calendar_versions_jurisdiction_id_jurisdictions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_versions")),
        sa.UniqueConstraint("jurisdiction_id", "number", name=op.f("uq_calendar_versions_jurisdiction_id_number")),
    )
    with op.batch_alter_table("calendar_versions", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_calendar_versions_jurisdiction_id_calendar_versions_state"),
            ["jurisdiction_id", "state"],
            unique=False,
        )

    op.create_table(
        "recalculations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("jurisdiction_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "calendar", "issue_date", "event", name="kind", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_recalculations_by_id_users")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_recalculations_jurisdiction_id_jurisdictions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalculations")),
    )
    with op.batch_alter_table("recalculations", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.create_index(batch_op.f("ix_recalculations_jurisdiction_id"), ["jurisdiction_id"], unique=False)

    op.create_table(
        "calendar_days",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("off", "work", "added", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["calendar_versions.id"], name=op.f("fk_calendar_days_version_id_calendar_versions")
        ),
        sa.PrimaryKeyConstraint("version_id", "on_day", name=op.f("pk_calendar_days")),
    )
    op.create_table(
        "calendar_notices",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("doc_no", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"], ["calendar_versions.id"], name=op.f("fk_calendar_notices_version_id_calendar_versions")
        ),
        sa.PrimaryKeyConstraint("version_id", "year", name=op.f("pk_calendar_notices")),
    )
    op.create_table(
        "case_types",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("jurisdiction_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("measure_key", sa.String(length=60), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_case_types_document_id_documents")),
        sa.ForeignKeyConstraint(
            ["jurisdiction_id"], ["jurisdictions.id"], name=op.f("fk_case_types_jurisdiction_id_jurisdictions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_types")),
        sa.UniqueConstraint("jurisdiction_id", "code", name=op.f("uq_case_types_jurisdiction_id_code")),
    )
    with op.batch_alter_table("case_types", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_types_document_id"), ["document_id"], unique=False)

    op.create_table(
        "case_type_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("type_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_case_type_versions_created_by_id_users")
        ),
        sa.ForeignKeyConstraint(["type_id"], ["case_types.id"], name=op.f("fk_case_type_versions_type_id_case_types")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_type_versions")),
        sa.UniqueConstraint("type_id", "number", name=op.f("uq_case_type_versions_type_id_number")),
    )
    op.create_table(
        "case_type_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "accept",
                "refer",
                "handle",
                "answer",
                "verify",
                "refund",
                "publicise",
                "claim",
                "progress",
                "letter",
                "visit",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("variant", sa.String(length=40), nullable=True),
        sa.Column(
            "starts",
            sa.Enum(
                "event",
                "accepted",
                "after",
                "late",
                name="starts",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("after_key", sa.String(length=40), nullable=True),
        sa.Column(
            "bound",
            sa.Enum("handler", "referred", "other", name="bound", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("optional", sa.Boolean(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=True),
        sa.Column("statute_rule_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["deadline_rules.id"], name=op.f("fk_case_type_steps_rule_id_deadline_rules")
        ),
        sa.ForeignKeyConstraint(
            ["statute_rule_id"], ["deadline_rules.id"], name=op.f("fk_case_type_steps_statute_rule_id_deadline_rules")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["case_type_versions.id"], name=op.f("fk_case_type_steps_version_id_case_type_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_type_steps")),
        sa.UniqueConstraint("version_id", "key", name=op.f("uq_case_type_steps_version_id_key")),
        sa.UniqueConstraint("version_id", "ordinal", name=op.f("uq_case_type_steps_version_id_ordinal")),
    )
    with op.batch_alter_table("case_type_steps", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_type_steps_rule_id"), ["rule_id"], unique=False)

    op.create_table(
        "complainants",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=True),
        sa.Column("phone", sa.String(length=60), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_complainants_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_complainants")),
    )
    op.create_table(
        "pauses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("from_at", UtcDateTime(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("authority", sa.String(length=200), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("(duty_id IS NULL) <> (case_id IS NULL)", name=op.f("ck_pauses_one_holder")),
        sa.CheckConstraint("until_at IS NULL OR until_at >= from_at", name=op.f("ck_pauses_in_order")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_pauses_by_id_users")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_pauses_case_id_cases")),
        sa.ForeignKeyConstraint(["duty_id"], ["duties.id"], name=op.f("fk_pauses_duty_id_duties")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["users.id"], name=op.f("fk_pauses_ended_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pauses")),
    )
    with op.batch_alter_table("pauses", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.create_index(batch_op.f("ix_pauses_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pauses_duty_id"), ["duty_id"], unique=False)

    op.create_table(
        "referrals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("to_unit_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("object_until", sa.Date(), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("signed_by_id", sa.Integer(), nullable=True),
        sa.Column("returned_at", UtcDateTime(), nullable=True),
        sa.Column("returned_by_id", sa.Integer(), nullable=True),
        sa.Column("return_reason", sa.String(length=1000), nullable=True),
        sa.CheckConstraint(
            "signed_at IS NULL OR returned_at IS NULL OR returned_at >= signed_at", name=op.f("ck_referrals_in_order")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_referrals_by_id_users")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_referrals_case_id_cases")),
        sa.ForeignKeyConstraint(["returned_by_id"], ["users.id"], name=op.f("fk_referrals_returned_by_id_users")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["users.id"], name=op.f("fk_referrals_signed_by_id_users")),
        sa.ForeignKeyConstraint(["step_id"], ["case_steps.id"], name=op.f("fk_referrals_step_id_case_steps")),
        sa.ForeignKeyConstraint(["to_unit_id"], ["units.id"], name=op.f("fk_referrals_to_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
    )
    with op.batch_alter_table("referrals", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.create_index(batch_op.f("ix_referrals_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_referrals_to_unit_id_referrals_signed_at"), ["to_unit_id", "signed_at"], unique=False
        )
        batch_op.create_index(
            "ix_referrals_open",
            ["to_unit_id"],
            unique=False,
            sqlite_where=sa.text("signed_at IS NULL AND returned_at IS NULL"),
            postgresql_where=sa.text("signed_at IS NULL AND returned_at IS NULL"),
        )

    op.create_table(
        "case_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=True),
        sa.Column("milestone_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "intake",
                "step",
                "progress",
                "publicity",
                "refund",
                "letter",
                "conclusion",
                "visit",
                "note",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_case_records_by_id_users")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_records_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestones.id"], name=op.f("fk_case_records_milestone_id_milestones")
        ),
        sa.ForeignKeyConstraint(["step_id"], ["case_steps.id"], name=op.f("fk_case_records_step_id_case_steps")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_case_records_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_records")),
    )
    with op.batch_alter_table("case_records", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_records_case_id"), ["case_id"], unique=False)

    op.create_table(
        "extensions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("wanted_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending", "granted", "refused", name="state", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.CheckConstraint("(amount IS NULL) <> (wanted_on IS NULL)", name=op.f("ck_extensions_one_wish")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_extensions_by_id_users")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name=op.f("fk_extensions_decided_by_id_users")),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestones.id"], name=op.f("fk_extensions_milestone_id_milestones")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extensions")),
    )
    with op.batch_alter_table("extensions", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.create_index(batch_op.f("ix_extensions_milestone_id"), ["milestone_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_extensions_state"), ["state"], unique=False)

    with op.batch_alter_table("alerts", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("referral_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("jurisdiction_id", sa.Integer(), nullable=True))
        batch_op.alter_column("duty_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.drop_constraint(batch_op.f("ck_alerts_level"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_alerts_level"), _levels(NEW_LEVELS))
        batch_op.create_check_constraint(batch_op.f("ck_alerts_is_about_something"), ABOUT)
        batch_op.create_index(batch_op.f("ix_alerts_referral_id"), ["referral_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_alerts_referral_id_referrals"), "referrals", ["referral_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_alerts_jurisdiction_id_jurisdictions"), "jurisdictions", ["jurisdiction_id"], ["id"]
        )

    with op.batch_alter_table("attachments", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("case_record_id", sa.Integer(), nullable=True))
        batch_op.alter_column("report_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_check_constraint(
            batch_op.f("ck_attachments_one_holder"), "(report_id IS NULL) <> (case_record_id IS NULL)"
        )
        batch_op.create_index(batch_op.f("ix_attachments_case_record_id"), ["case_record_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_attachments_case_record_id_case_records"), "case_records", ["case_record_id"], ["id"]
        )

    with op.batch_alter_table("audit_entries", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_entries_subject_audit_entries_subject_id"), ["subject", "subject_id"], unique=False
        )

    with op.batch_alter_table("case_steps", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("key", sa.String(length=40), nullable=True))
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.Enum(
                    "accept",
                    "refer",
                    "handle",
                    "answer",
                    "verify",
                    "refund",
                    "publicise",
                    "claim",
                    "progress",
                    "letter",
                    "visit",
                    name="kind",
                    native_enum=False,
                    create_constraint=True,
                    length=20,
                ),
                server_default="handle",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "starts",
                sa.Enum(
                    "event",
                    "accepted",
                    "after",
                    "late",
                    name="starts",
                    native_enum=False,
                    create_constraint=True,
                    length=20,
                ),
                server_default="event",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("after_key", sa.String(length=40), nullable=True))
        batch_op.add_column(
            sa.Column(
                "bound",
                sa.Enum(
                    "handler", "referred", "other", name="bound", native_enum=False, create_constraint=True, length=20
                ),
                server_default="handler",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("optional", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("unit_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("statute_rule_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("started_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("cancelled_at", UtcDateTime(), nullable=True))
        batch_op.alter_column("rule_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_index(batch_op.f("ix_case_steps_unit_id"), ["unit_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_case_steps_statute_rule_id_deadline_rules"), "deadline_rules", ["statute_rule_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_case_steps_unit_id_units"), "units", ["unit_id"], ["id"])

    with op.batch_alter_table("cases", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("type_version_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("variant", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("unit_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("accepted_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("channel", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("firm", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("content", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("owed_fen", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("refunded_fen", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("accused_unit_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("accused", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("paused_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("touched_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("conclusion", sa.String(length=1000), nullable=True))
        batch_op.add_column(
            sa.Column(
                "satisfaction",
                sa.Enum(
                    "content",
                    "fair",
                    "discontent",
                    "unreached",
                    name="satisfaction",
                    native_enum=False,
                    create_constraint=True,
                    length=20,
                ),
                nullable=True,
            )
        )
        batch_op.alter_column("task_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.alter_column("duty_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_index(batch_op.f("ix_cases_accused_unit_id"), ["accused_unit_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_cases_jurisdiction_id_cases_closed_at"), ["jurisdiction_id", "closed_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_cases_type_version_id"), ["type_version_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_unit_id_cases_closed_at"), ["unit_id", "closed_at"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_cases_unit_id_units"), "units", ["unit_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_cases_accused_unit_id_units"), "units", ["accused_unit_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_cases_type_version_id_case_type_versions"), "case_type_versions", ["type_version_id"], ["id"]
        )

    with op.batch_alter_table("deadline_rules", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.alter_column("item_id", existing_type=sa.INTEGER(), nullable=True)

    with op.batch_alter_table("duties", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("paused_at", UtcDateTime(), nullable=True))

    with op.batch_alter_table("milestone_dates", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("recalculation_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_milestone_dates_recalculation_id"), ["recalculation_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_milestone_dates_recalculation_id_recalculations"),
            "recalculations",
            ["recalculation_id"],
            ["id"],
        )

    with op.batch_alter_table("milestones", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("unit_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("jurisdiction_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("event_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("granted_amount", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("fixed_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("paused_at", UtcDateTime(), nullable=True))
        batch_op.alter_column("answering_duty_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_index(
            "ix_milestones_open_jurisdiction",
            ["jurisdiction_id", "due_at"],
            unique=False,
            sqlite_where=sa.text("met_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=sa.text("met_at IS NULL AND cancelled_at IS NULL"),
        )
        batch_op.create_index(
            "ix_milestones_open_unit",
            ["unit_id", "due_at"],
            unique=False,
            sqlite_where=sa.text("met_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=sa.text("met_at IS NULL AND cancelled_at IS NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_milestones_jurisdiction_id_jurisdictions"), "jurisdictions", ["jurisdiction_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_milestones_unit_id_units"), "units", ["unit_id"], ["id"])

    for statement in FILL:
        op.execute(statement)
    with op.batch_alter_table("cases", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.alter_column("unit_id", existing_type=sa.INTEGER(), nullable=False)
    with op.batch_alter_table("milestones", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.alter_column("unit_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.alter_column("jurisdiction_id", existing_type=sa.INTEGER(), nullable=False)


def downgrade() -> None:
    for statement in EMPTY:
        op.execute(statement)
    with op.batch_alter_table("milestones", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_milestones_unit_id_units"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_milestones_jurisdiction_id_jurisdictions"), type_="foreignkey")
        batch_op.drop_index(
            "ix_milestones_open_unit",
            sqlite_where=sa.text("met_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=sa.text("met_at IS NULL AND cancelled_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_milestones_open_jurisdiction",
            sqlite_where=sa.text("met_at IS NULL AND cancelled_at IS NULL"),
            postgresql_where=sa.text("met_at IS NULL AND cancelled_at IS NULL"),
        )
        batch_op.alter_column("answering_duty_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("paused_at")
        batch_op.drop_column("fixed_on")
        batch_op.drop_column("granted_amount")
        batch_op.drop_column("event_at")
        batch_op.drop_column("jurisdiction_id")
        batch_op.drop_column("unit_id")

    with op.batch_alter_table("milestone_dates", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_milestone_dates_recalculation_id_recalculations"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_milestone_dates_recalculation_id"))
        batch_op.drop_column("recalculation_id")

    with op.batch_alter_table("duties", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_column("paused_at")

    with op.batch_alter_table("deadline_rules", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.alter_column("item_id", existing_type=sa.INTEGER(), nullable=False)

    with op.batch_alter_table("cases", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_cases_type_version_id_case_type_versions"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_cases_accused_unit_id_units"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_cases_unit_id_units"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_cases_unit_id_cases_closed_at"))
        batch_op.drop_index(batch_op.f("ix_cases_type_version_id"))
        batch_op.drop_index(batch_op.f("ix_cases_jurisdiction_id_cases_closed_at"))
        batch_op.drop_index(batch_op.f("ix_cases_accused_unit_id"))
        batch_op.alter_column("duty_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.alter_column("task_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_constraint(batch_op.f("ck_cases_satisfaction"), type_="check")
        batch_op.drop_column("satisfaction")
        batch_op.drop_column("conclusion")
        batch_op.drop_column("touched_at")
        batch_op.drop_column("paused_at")
        batch_op.drop_column("accused")
        batch_op.drop_column("accused_unit_id")
        batch_op.drop_column("refunded_fen")
        batch_op.drop_column("owed_fen")
        batch_op.drop_column("content")
        batch_op.drop_column("firm")
        batch_op.drop_column("channel")
        batch_op.drop_column("accepted_at")
        batch_op.drop_column("unit_id")
        batch_op.drop_column("variant")
        batch_op.drop_column("type_version_id")

    with op.batch_alter_table("case_steps", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_case_steps_unit_id_units"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_case_steps_statute_rule_id_deadline_rules"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_case_steps_unit_id"))
        batch_op.alter_column("rule_id", existing_type=sa.INTEGER(), nullable=False)
        for name in ("kind", "starts", "bound"):
            batch_op.drop_constraint(batch_op.f(f"ck_case_steps_{name}"), type_="check")
        batch_op.drop_column("cancelled_at")
        batch_op.drop_column("started_at")
        batch_op.drop_column("statute_rule_id")
        batch_op.drop_column("unit_id")
        batch_op.drop_column("optional")
        batch_op.drop_column("bound")
        batch_op.drop_column("after_key")
        batch_op.drop_column("starts")
        batch_op.drop_column("kind")
        batch_op.drop_column("key")

    with op.batch_alter_table("audit_entries", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entries_subject_audit_entries_subject_id"))

    with op.batch_alter_table("attachments", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_attachments_case_record_id_case_records"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_attachments_case_record_id"))
        batch_op.alter_column("report_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_constraint(batch_op.f("ck_attachments_one_holder"), type_="check")
        batch_op.drop_column("case_record_id")

    with op.batch_alter_table("alerts", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_alerts_jurisdiction_id_jurisdictions"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_alerts_referral_id_referrals"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_alerts_referral_id"))
        batch_op.alter_column("duty_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_constraint(batch_op.f("ck_alerts_is_about_something"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_alerts_level"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_alerts_level"), _levels(OLD_LEVELS))
        batch_op.drop_column("jurisdiction_id")
        batch_op.drop_column("referral_id")

    with op.batch_alter_table("extensions", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_index(batch_op.f("ix_extensions_state"))
        batch_op.drop_index(batch_op.f("ix_extensions_milestone_id"))

    op.drop_table("extensions")
    with op.batch_alter_table("case_records", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_records_case_id"))

    op.drop_table("case_records")
    with op.batch_alter_table("referrals", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_index("ix_referrals_open")
        batch_op.drop_index(batch_op.f("ix_referrals_to_unit_id_referrals_signed_at"))
        batch_op.drop_index(batch_op.f("ix_referrals_case_id"))

    op.drop_table("referrals")
    with op.batch_alter_table("pauses", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pauses_duty_id"))
        batch_op.drop_index(batch_op.f("ix_pauses_case_id"))

    op.drop_table("pauses")
    op.drop_table("complainants")
    with op.batch_alter_table("case_type_steps", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_type_steps_rule_id"))

    op.drop_table("case_type_steps")
    op.drop_table("case_type_versions")
    with op.batch_alter_table("case_types", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_types_document_id"))

    op.drop_table("case_types")
    op.drop_table("calendar_notices")
    op.drop_table("calendar_days")
    with op.batch_alter_table("recalculations", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recalculations_jurisdiction_id"))

    op.drop_table("recalculations")
    with op.batch_alter_table("calendar_versions", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_versions_jurisdiction_id_calendar_versions_state"))

    op.drop_table("calendar_versions")
