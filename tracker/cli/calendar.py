"""Calendars at a terminal (日历): notices loaded, versions shown."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.base import CommandFault, main, one_transaction, open_installation
from tracker.now import utc_now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tracker.clock.notices import Notice
    from tracker.services.deadlines.calendar_changes import Loaded
    from tracker.store.models import Jurisdiction


@main.group("calendar")
def calendar_commands() -> None:
    """Load holiday notices, and show the working-day calendars."""


@calendar_commands.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--place", "names", multiple=True, metavar="NAME", help="Only this place (may be repeated).")
@click.option("--why", default="", help="What it rests on: a document's title and number.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def calendar_load(file: Path, names: tuple[str, ...], why: str, dry_run: bool) -> None:
    """Load a holiday notice or a table of days (txt, docx, html, pdf, xlsx, csv) and date anew what it changes."""
    notice = _notice(file)
    with one_transaction(keep=not dry_run) as session:
        found = [(place.name, _load(session, place, notice, why)) for place in _places(session, names)]
    for name, loaded in found:
        if loaded is None:
            click.echo(f"{name}：没有变化。")
            continue
        click.echo(f"{name}：{'将有 ' if dry_run else ''}{loaded.dates} 个时限重新计算。")
        for run in loaded.runs:
            click.echo(f"  {run.words}")
    if notice.lacking:
        click.echo(f"没有读到{'、'.join(notice.lacking)}，只按单独的日期载入，不算全年的通知。")


def _load(session: "Session", place: "Jurisdiction", notice: "Notice", why: str) -> "Loaded | None":
    """Put a notice into force in one place; None where it says nothing new there."""
    from tracker.services.calendars.versions import NothingChanged
    from tracker.services.core.act import begin
    from tracker.services.core.errors import Refused
    from tracker.services.deadlines.calendar_changes import load_and_apply
    from tracker.store.core.actors import SYSTEM

    try:
        return load_and_apply(begin(session, SYSTEM, utc_now()), place.id, notice, why=why)
    except NothingChanged:
        return None
    except Refused as refusal:
        raise Refused(f"{place.name}：{refusal}") from refusal


def _notice(file: Path) -> "Notice":
    from tracker.adapters.files.readers import ReadError, read_table_or_source
    from tracker.clock.notices import NoticeError, read_days

    try:
        return read_days(read_table_or_source(file.read_bytes(), file.name).text)
    except (ReadError, NoticeError) as error:
        raise CommandFault(str(error)) from error


def _places(session: "Session", names: tuple[str, ...]) -> "list[Jurisdiction]":
    from tracker.store.registry.units import list_places

    places = list_places(session)
    if unknown := set(names) - {place.name for place in places}:
        raise CommandFault(f"没有辖区“{'、'.join(sorted(unknown))}”，请先 tracker seed 或核对名称。")
    return [place for place in places if not names or place.name in names]


@calendar_commands.command("show")
@click.option("--place", "names", multiple=True, metavar="NAME", help="Only this place (may be repeated).")
def calendar_show(names: tuple[str, ...]) -> None:
    """Print each place's calendar: the last year with a notice, its versions, and what it says of its own."""
    from tracker.clock.wording import date_words
    from tracker.store.calendars.versions import list_versions, read_calendars, version_in
    from tracker.store.models import CalendarState

    _, database = open_installation()
    with database.read() as session:
        calendars = read_calendars(session)
        for place in _places(session, names):
            in_force, version = calendars.of(place.id), version_in(session, place.id, CalendarState.CURRENT)
            click.echo(f"{place.name}：{in_force.version}，放假通知载至 {in_force.last_noticed_year} 年。")
            for line in list_versions(session, place.id):
                one = line.version
                click.echo(f"  第 {one.number} 版（{one.state.label}）：{one.why}")
            for day in version.days if version else ():
                click.echo(f"    {date_words(day.on)} {in_force.describe(day.on).label}")
