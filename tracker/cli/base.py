"""What every command of `tracker` shares: the group they belong to, the installation they work on, plain faults."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.now import SHANGHAI

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config import Settings
    from tracker.store.core.engine import Database


class CommandFault(click.ClickException):
    """An error the person at the terminal can do something about."""

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


@click.group()
def main() -> None:
    """措施落实台账: from a policy document to tasks, clocks and reminders."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


def instant_of(text: str) -> datetime:
    """Return the instant meant: a plain day is its noon in Shanghai, a time without a zone is Shanghai's."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(12), SHANGHAI)
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandFault(f"看不懂日期“{text}”，请写成 2026-02-13 或 2026-02-13T09:30+08:00。") from error
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def open_installation() -> "tuple[Settings, Database]":
    from config import ConfigError, load
    from tracker.adapters.disk.private import keep_private
    from tracker.store.core.engine import open_database

    try:
        settings = load()
    except ConfigError as error:
        raise CommandFault(str(error)) from error
    database = open_database(settings.database_url)
    file = database.engine.url.database if database.engine.dialect.name == "sqlite" else None
    keep_private(settings.data_dir, Path(file) if file else None)
    return settings, database


@contextmanager
def one_transaction(*, keep: bool = True) -> "Iterator[Session]":
    """Give a session that is committed once at the end, unless nothing is to be kept; a refusal is told as a fault."""
    from tracker.services.core.errors import Refused

    _, database = open_installation()
    try:
        with database.write() as session:
            yield session
            if keep:
                session.commit()
    except Refused as refusal:
        raise CommandFault(str(refusal)) from refusal


def pronounceable() -> str:
    """Return a random password that is easy to type: four syllable groups and digits, some 50 bits."""
    consonants, vowels = "bcdfghjkmnpqrstwxz", "aeiou"
    parts = ["".join(secrets.choice(consonants) + secrets.choice(vowels) for _ in range(2)) for _ in range(3)]
    return "-".join(parts) + f"-{secrets.randbelow(9000) + 1000}"
