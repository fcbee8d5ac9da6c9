"""Every time limit that waits for an event has its case type: the one made of it, or one of one step made now

Made are the types of limits of published tasks, as publication makes them from now on; a type that was made of such a
limit before is its own.  Going down, the types stay, as ledgers somebody made; which limit took another's is forgotten.

Revision ID: 0012
Revises: 0011
"""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from tracker.store.core.base import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# What these were when the migration was written: it does not change with the program.
OWN_EVENT = re.compile(
    r"(?:自|从)?(?:本|该|此)?(?:《[^》]*》)?"
    r"(?:文件|通知|公告|决定|意见|(?:若干|政策)?措施|政策|(?:实施|工作|行动)?方案|(?:管理|实施|暂行)?办法|(?:实施)?细则|规定|条例|计划)?"
    r"(?:自|从)?(?:正式)?(?:印发|发布|公布|下发|出台|施行|实施|生效|执行)(?:之日|之时|日|后|以来)?(?:起|后)?"
)
KINDS = (
    ("转办", "refer"), ("转交", "refer"), ("交办", "refer"), ("移送", "refer"), ("核实", "verify"), ("审核", "verify"),
    ("审查", "verify"), ("初审", "verify"), ("复审", "verify"), ("退还", "refund"), ("返还", "refund"),
    ("公示", "publicise"), ("答复", "answer"), ("回复", "answer"),
)  # fmt: skip
COPIED = (
    "quote", "kind", "sense", "trigger", "amount", "unit", "direction", "counts_as_workday", "article", "day_off",
    "extend_amount", "extend_unit", "party",
)  # fmt: skip

RULES = sa.text(
    """
    SELECT r.*, i.ordinal AS item_ordinal, m.key AS measure_key, d.id AS document_id, d.title AS document_title,
        d.doc_no AS doc_no, d.jurisdiction_id AS jurisdiction_id,
        COALESCE(d.published_at, d.created_at) AS published_at,
        (SELECT count(*) FROM items o WHERE o.measure_id = m.id) AS items,
        (SELECT count(*) FROM case_steps s JOIN cases c ON c.id = s.case_id
         WHERE s.rule_id = r.id AND c.type_version_id IS NULL) AS cases
    FROM deadline_rules r JOIN items i ON i.id = r.item_id JOIN measures m ON m.id = i.measure_id
        JOIN editions e ON e.id = m.edition_id JOIN documents d ON d.id = e.document_id
    WHERE EXISTS (SELECT 1 FROM tasks t WHERE t.item_id = i.id)
        OR EXISTS (SELECT 1 FROM case_steps s JOIN cases c ON c.id = s.case_id
                   WHERE s.rule_id = r.id AND c.type_version_id IS NULL)
    ORDER BY r.item_id, r.ordinal, r.id
    """
)


def upgrade() -> None:
    with op.batch_alter_table("deadline_rules", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.add_column(sa.Column("case_type_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_deadline_rules_case_type_id_case_types"), "case_types", ["case_type_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_deadline_rules_case_type_id"), ["case_type_id"], unique=False)
    connection = op.get_bind()
    rows = [dict(row) for row in connection.execute(RULES).mappings()]
    by_item: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        by_item.setdefault(row["item_id"], []).append(row)
    for row in rows:
        if _waits(row):
            type_id = _type_of(connection, row, _code(row, by_item[row["item_id"]]))
            connection.execute(RULE.update().where(RULE.c.id == row["id"]).values(case_type_id=type_id))


def _waits(row: dict[str, Any]) -> bool:
    own = OWN_EVENT.fullmatch(row["trigger"] or "")
    followed = row["past_answer"] not in ("done", "untracked") or row["cases"] > 0
    return row["kind"] == "relative" and not own and followed


def _code(row: dict[str, Any], of_item: list[dict[str, Any]]) -> str:
    words = _words(row)
    alike = [r["id"] for r in of_item if _words(r) == words]
    told = "|".join((row["measure_key"], str(row["item_ordinal"]), words, str(alike.index(row["id"]))))
    return f"d{row['document_id']}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _words(row: dict[str, Any]) -> str:
    return str(row["quote"] or f"{row['trigger'] or ''} {row['act'] or ''}")


# --- A type of one step ----------------------------------------------------------------------------------------------

TYPE = sa.table(
    "case_types",
    *(sa.column(name) for name in ("id", "jurisdiction_id", "code", "name", "active", "document_id", "measure_key")),
    sa.column("version"),
)
VERSION = sa.table(
    "case_type_versions",
    *(sa.column(name) for name in ("id", "type_id", "number", "event", "note")),
    sa.column("created_at", UtcDateTime()),
)
STEP = sa.table(
    "case_type_steps",
    *(sa.column(n) for n in ("version_id", "ordinal", "key", "name", "kind", "starts", "bound", "optional", "rule_id")),
)
RULE = sa.table(
    "deadline_rules",
    *(sa.column(name) for name in ("id", "case_type_id", "ordinal", "act", "carried", "confidence", *COPIED)),
)


def _type_of(connection: sa.Connection, row: dict[str, Any], code: str) -> int:
    """Return the place's type of that code, made now where there is none."""
    held = sa.select(TYPE.c.id).where(TYPE.c.jurisdiction_id == row["jurisdiction_id"], TYPE.c.code == code)
    if (found := connection.execute(held).scalar()) is not None:
        return int(found)
    act = (row["act"] or "办理").strip()
    key = row["measure_key"] if row["items"] == 1 else f"{row['measure_key']}-{row['item_ordinal']}"
    type_id = _insert(
        connection, TYPE, jurisdiction_id=row["jurisdiction_id"], code=code, version=1, active=True,
        name=f"{act[:40]}（{row['measure_key']}）"[:60], document_id=row["document_id"], measure_key=key[:60],
    )  # fmt: skip
    version_id = _insert(
        connection, VERSION, type_id=type_id, number=1, event=row["trigger"] or "事件发生",
        note=f"依据《{row['document_title'][:100]}》{row['doc_no'] or ''}{row['measure_key']}",
        created_at=_instant(row["published_at"]),
    )  # fmt: skip
    copied = {name: row[name] for name in COPIED}
    if row["extend_unit"] != row["unit"] or (row["extend_amount"] or 0) < row["amount"]:
        copied["extend_amount"] = copied["extend_unit"] = None
    copied["trigger"] = row["trigger"] or "事件发生"
    rule_id = _insert(connection, RULE, ordinal=1, act=act[:60], carried=False, confidence=1.0, **copied)
    connection.execute(
        STEP.insert().values(
            version_id=version_id, ordinal=1, key="step1", name=act[:60], kind=_kind(row), starts="event",
            bound="other" if row["party"] == "other" else "handler", optional=False, rule_id=rule_id,
        )
    )  # fmt: skip
    return type_id


def _kind(row: dict[str, Any]) -> str:
    if row["sense"] == "not_before":
        return "claim"
    return next((kind for words, kind in KINDS if words in (row["act"] or "")), "handle")


def _instant(value: Any) -> datetime:
    """Return an instant as a raw row gives it: text on SQLite."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _insert(connection: sa.Connection, table: sa.TableClause, **values: Any) -> int:
    return int(connection.execute(table.insert().values(**values).returning(table.c.id)).scalar_one())


def downgrade() -> None:
    with op.batch_alter_table("deadline_rules", schema=None, reflect_kwargs={"resolve_fks": False}) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deadline_rules_case_type_id"))
        batch_op.drop_constraint(batch_op.f("fk_deadline_rules_case_type_id_case_types"), type_="foreignkey")
        batch_op.drop_column("case_type_id")
