"""Alembic's entry: runs on the connection that tracker.store.schema hands over."""

from typing import Any

from alembic import context

import tracker.store.models  # noqa: F401 - fills the metadata
from tracker.store.core.base import Base, UtcDateTime


def render_item(kind: str, item: Any, autogen: Any) -> str | bool:
    """Write our own types by name, with their import."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen.imports.add("from tracker.store.base import UtcDateTime")
        return "UtcDateTime()"
    return False


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
