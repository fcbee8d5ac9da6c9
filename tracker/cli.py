"""The `tracker` command, and the worker: the only place that knows APScheduler."""

import json
import logging
import os
import secrets
import socket
import sys
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tracker.now import SHANGHAI, utc_now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from config import Settings
    from tracker.clock.notices import Notice
    from tracker.services.reminders.dispatch import PassReport
    from tracker.store.core.engine import Database
    from tracker.store.models import Jurisdiction, User

# Everything heavy is imported where it is used: `tracker parse` starts in a fraction of a second.
SWEEP_EVERY_S = 60
T = TypeVar("T")


class Fault(click.ClickException):
    """An error the person at the terminal can do something about."""

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True)


@click.group()
def main() -> None:
    """措施落实台账: from a policy document to tasks, clocks and reminders."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the whole reading as JSON.")
@click.option("--explain", is_flag=True, help="Print each unit and time limit with its confidence and its rule.")
def parse(file: Path, as_json: bool, explain: bool) -> None:
    """Read a policy document and print its plans, measures, units and time limits."""
    from tracker.adapters.files.readers import ReadError, read_source
    from tracker.reading import explaining, rendering
    from tracker.reading.extraction import read

    try:
        source = read_source(file.read_bytes(), file.name)
    except ReadError as error:
        raise Fault(str(error)) from error
    reading = read(source.text)
    if as_json:
        click.echo(json.dumps(rendering.as_json(reading), ensure_ascii=False, indent=1))
    elif explain:
        click.echo(explaining.as_explanation(reading, source.text))
    else:
        click.echo(rendering.as_table(reading))


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print a list of lists, one for each line.")
def phrases(file: Path, as_json: bool) -> None:
    """Read every line of a text as one sentence and print its time limits."""
    from tracker.adapters.files.readers import ReadError, read_source
    from tracker.reading.limits.phrases import read_phrases
    from tracker.reading.rendering import deadline_json, value_words

    try:
        lines = read_source(file.read_bytes(), f"{file.stem}.txt").text.splitlines()
    except ReadError as error:
        raise Fault(str(error)) from error
    found = [read_phrases(line) for line in lines]
    if as_json:
        click.echo(json.dumps([[deadline_json(d) for d in line] for line in found], ensure_ascii=False, indent=1))
        return
    for line, deadlines in zip(lines, found, strict=True):
        click.echo(line)
        for one in deadlines:
            trigger = f"，自{one.trigger}" if one.trigger else ""
            click.echo(f"  “{one.quote}”{value_words(one)}{trigger}（{one.kind}，{one.sense}，{one.party}）")


@main.command()
@click.argument("wording")
@click.option("--from", "event", required=True, metavar="DATE", help="The event's day, or an ISO instant with a zone.")
@click.option("--json", "as_json", is_flag=True)
def due(wording: str, event: str, as_json: bool) -> None:
    """Read a time limit's wording, count it from an event, and print the date and why."""
    from tracker.clock.answers import as_json as answer_json
    from tracker.clock.answers import as_text, count
    from tracker.clock.calendar import national
    from tracker.clock.rules import ClockError
    from tracker.reading.limits.phrases import read_phrases

    found = read_phrases(wording)
    if not found:
        raise Fault("没有读到时限：请给出完整的表述，例如“自正式受理之日起3个工作日内”。")
    happened = _instant(event)
    try:
        answers = [(d.quote, resolved) for d in found for resolved in count(d, happened, national())]
    except ClockError as error:
        raise Fault(str(error)) from error
    if as_json:
        printed = [answer_json(quote, resolved) for quote, resolved in answers]
        click.echo(json.dumps(printed[0] if len(printed) == 1 else printed, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(as_text(quote, resolved) for quote, resolved in answers))


def _instant(text: str) -> datetime:
    """Return the instant meant: a plain day is its noon in Shanghai, a time without a zone is Shanghai's."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time(12), SHANGHAI)
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Fault(f"看不懂日期“{text}”，请写成 2026-02-13 或 2026-02-13T09:30+08:00。") from error
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def _open() -> "tuple[Settings, Database]":
    from config import ConfigError, load
    from tracker.adapters.disk.private import keep_private
    from tracker.store.core.engine import open_database

    try:
        settings = load()
    except ConfigError as error:
        raise Fault(str(error)) from error
    database = open_database(settings.database_url)
    file = database.engine.url.database if database.engine.dialect.name == "sqlite" else None
    keep_private(settings.data_dir, Path(file) if file else None)
    return settings, database


def _write(act: "Callable[[Session], T]", *, keep: bool = True) -> T:
    from tracker.services.core.errors import Refused

    _, database = _open()
    try:
        with database.write() as session:
            result = act(session)
            if keep:
                session.commit()
            return result
    except Refused as refusal:
        raise Fault(str(refusal)) from refusal


@main.command()
def migrate() -> None:
    """Bring the database's tables to the newest revision."""
    from tracker.store.core.schema import upgrade

    _, database = _open()
    upgrade(database.engine)


@main.command()
@click.option("--demo", is_flag=True, help="Also add demonstration accounts and documents.")
def seed(demo: bool) -> None:
    """Load the registry of responsible units and the case types from seeds/ (running it again changes nothing)."""
    from config import ROOT
    from tracker.services.case_types.seeds import seed_case_types
    from tracker.services.demo.seeding import read_seeds, seed_registry

    places, types = read_seeds(ROOT / "seeds"), read_seeds(ROOT / "seeds" / "case-types")
    added, made = _write(
        lambda session: (
            seed_registry(session, utc_now(), places),
            seed_case_types(session, utc_now(), places, types),
        )
    )
    click.echo(f"单位库：新增 {added.jurisdictions} 个辖区、{added.units} 个单位、{added.groups} 个单位组。")
    click.echo(f"日历：新增 {added.days} 天本地假日。")
    click.echo(f"办件类型：新增 {made} 个。")
    if demo:
        _seed_demo()


def _seed_demo() -> None:
    from config import ROOT
    from tracker.adapters.disk.store import FileStore
    from tracker.clock.calendar import national
    from tracker.services.demo import city
    from tracker.services.demo.sources import read_demo_sources
    from tracker.services.people.accounts import hash_password

    settings, database = _open()
    if _write(lambda session: city.refuse_unfit(session, settings.production)):
        click.echo("演示数据已在，保持不变。")
        return
    passwords = {account.login: _pronounceable() for account in city.ACCOUNTS}
    hashes = {login: hash_password(password) for login, password in passwords.items()}
    sources = read_demo_sources(FileStore(settings.files_dir), ROOT / "seeds" / "documents")
    with database.write() as session:
        city.seed_demo(session, utc_now(), national(), sources, hashes)
        _keep_accounts(settings, passwords)
        session.commit()
    click.echo("演示数据：五份文件和演示账号已载入。")


def _pronounceable() -> str:
    """Return a random password that is easy to type: four syllable groups and digits, some 50 bits."""
    consonants, vowels = "bcdfghjkmnpqrstwxz", "aeiou"
    parts = ["".join(secrets.choice(consonants) + secrets.choice(vowels) for _ in range(2)) for _ in range(3)]
    return "-".join(parts) + f"-{secrets.randbelow(9000) + 1000}"


def _keep_accounts(settings: "Settings", passwords: dict[str, str]) -> None:
    from tracker.services.demo.city import ACCOUNTS

    lines = [f"{a.login:<12} {passwords[a.login]:<22} {a.name}，{a.about}" for a in ACCOUNTS]
    handle = os.open(settings.demo_accounts_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


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
    from tracker.services.calendars.versions import NothingChanged
    from tracker.services.core.errors import Refused
    from tracker.services.deadlines.calendar_changes import Loaded, load_and_apply
    from tracker.store.core.actors import SYSTEM

    notice = _notice(file)

    def load(session: "Session") -> list[tuple[str, Loaded | None]]:
        found: list[tuple[str, Loaded | None]] = []
        for place in _places(session, names):
            try:
                found.append((place.name, load_and_apply(session, SYSTEM, utc_now(), place.id, notice, why=why)))
            except NothingChanged:
                found.append((place.name, None))
            except Refused as refusal:
                raise Refused(f"{place.name}：{refusal}") from refusal
        return found

    for name, loaded in _write(load, keep=not dry_run):
        if loaded is None:
            click.echo(f"{name}：没有变化。")
            continue
        click.echo(f"{name}：{'将有 ' if dry_run else ''}{loaded.dates} 个时限重新计算。")
        for run in loaded.runs:
            click.echo(f"  {run.words}")
    if notice.lacking:
        click.echo(f"没有读到{'、'.join(notice.lacking)}，只按单独的日期载入，不算全年的通知。")


def _notice(file: Path) -> "Notice":
    from tracker.adapters.files.readers import ReadError, read_table_or_source
    from tracker.clock.notices import NoticeError, read_days

    try:
        return read_days(read_table_or_source(file.read_bytes(), file.name).text)
    except (ReadError, NoticeError) as error:
        raise Fault(str(error)) from error


def _places(session: "Session", names: tuple[str, ...]) -> "list[Jurisdiction]":
    from tracker.store.registry.units import list_places

    places = list_places(session)
    if unknown := set(names) - {place.name for place in places}:
        raise Fault(f"没有辖区“{'、'.join(sorted(unknown))}”，请先 tracker seed 或核对名称。")
    return [place for place in places if not names or place.name in names]


@calendar_commands.command("show")
@click.option("--place", "names", multiple=True, metavar="NAME", help="Only this place (may be repeated).")
def calendar_show(names: tuple[str, ...]) -> None:
    """Print each place's calendar: the last year with a notice, its versions, and what it says of its own."""
    from tracker.clock.wording import date_words
    from tracker.store.calendars.content import STATE_LABELS
    from tracker.store.calendars.versions import list_versions, read_calendars, version_in
    from tracker.store.models import CalendarState

    _, database = _open()
    with database.read() as session:
        calendars = read_calendars(session)
        for place in _places(session, names):
            in_force, version = calendars.of(place.id), version_in(session, place.id, CalendarState.CURRENT)
            click.echo(f"{place.name}：{in_force.version}，放假通知载至 {in_force.last_noticed_year} 年。")
            for line in list_versions(session, place.id):
                one = line.version
                click.echo(f"  第 {one.number} 版（{STATE_LABELS[one.state]}）：{one.why}")
            for day in version.days if version else ():
                click.echo(f"    {date_words(day.on)} {in_force.describe(day.on).label}")


@main.group()
def user() -> None:
    """Make and end accounts."""


@user.command("add")
@click.argument("login")
@click.option("--name", required=True)
@click.option("--email")
@click.option(
    "--post", "posts", multiple=True, required=True, metavar="PLACE/UNIT/ROLE", help="鞍山市/市减负办/supervisor"
)
def user_add(login: str, name: str, email: str | None, posts: tuple[str, ...]) -> None:
    """Create an account; its password is asked for, or printed once when the terminal is not one."""
    from tracker.services.people import accounts
    from tracker.store.core.actors import SYSTEM

    password, shown = _new_password()
    hashed = _hashed(password)

    def act(session: "Session") -> None:
        found = [_post(session, post) for post in posts]
        accounts.add_user(
            session, SYSTEM, utc_now(), login=login, name=name, email=email, password_hash=hashed, posts=found
        )

    _write(act)
    click.echo(f"已建立账号 {login}。" + (f"初始密码：{password}" if shown else ""))


def _post(session: "Session", text: str) -> tuple[int, Any]:
    from sqlalchemy import select

    from tracker.store.models import Jurisdiction, MemberRole
    from tracker.store.registry.names import known_names

    parts = text.split("/")
    if len(parts) != 3 or parts[2] not in list(MemberRole):
        raise Fault(f"看不懂“{text}”：请写成 辖区/单位/角色，角色为 {'、'.join(MemberRole)} 之一。")
    place = session.scalars(select(Jurisdiction).where(Jurisdiction.name == parts[0])).one_or_none()
    if place is None:
        raise Fault(f"没有辖区“{parts[0]}”，请先 tracker seed 或核对名称。")
    known = known_names(session, place.id)
    unit_id, _ = known.resolve(parts[1])
    if unit_id is None:
        near = "、".join(name for name, _ in known.nearest(parts[1]))
        raise Fault(f"{parts[0]}单位库中没有“{parts[1]}”。" + (f"相近的有：{near}。" if near else ""))
    return unit_id, MemberRole(parts[2])


def _new_password() -> tuple[str, bool]:
    """Ask for a password at a terminal; make one up (to be printed) otherwise."""
    if sys.stdin.isatty():
        return click.prompt("密码", hide_input=True, confirmation_prompt="再输入一次"), False
    return _pronounceable(), True


def _hashed(password: str) -> str:
    from tracker.services.core.errors import Refused
    from tracker.services.people.accounts import hash_password

    try:
        return hash_password(password)
    except Refused as refusal:
        raise Fault(str(refusal)) from refusal


def _user(session: "Session", login: str) -> "User":
    from sqlalchemy import select

    from tracker.store.models import User

    found = session.scalars(select(User).where(User.login == login.strip().lower())).one_or_none()
    if found is None:
        raise Fault(f"没有账号“{login}”。")
    return found


@user.command("disable")
@click.argument("login")
def user_disable(login: str) -> None:
    """End an account: its sessions end at once."""
    from tracker.services.people.accounts import disable_user
    from tracker.store.core.actors import SYSTEM

    _write(lambda session: disable_user(session, SYSTEM, utc_now(), _user(session, login)))
    click.echo(f"账号 {login} 已停用。")


@user.command("password")
@click.argument("login")
def user_password(login: str) -> None:
    """Give an account a new password: its sessions end at once."""
    from tracker.services.people.accounts import set_password
    from tracker.store.core.actors import SYSTEM

    password, shown = _new_password()
    hashed = _hashed(password)
    _write(lambda session: set_password(session, SYSTEM, utc_now(), _user(session, login), hashed))
    click.echo(f"账号 {login} 的密码已更换。" + (f"新密码：{password}" if shown else ""))


@main.command()
@click.option("--once", is_flag=True, help="One pass, then end.")
@click.option("--now", "at", metavar="ISO", help="Do as if it were this time (with --once; refused in production).")
def worker(once: bool, at: str | None) -> None:
    """Sweep for what is due, write alerts, send mails: every minute until stopped, or once."""
    settings, database = _open()
    if at is not None and (settings.production or not once):
        raise Fault("--now 只能与 --once 一起使用，并且不能用于生产环境。")
    working = Worker(settings, database)
    if once:
        report = working.run_pass(_instant(at) if at else utc_now())
        click.echo(
            f"续期 {report.periods} 期，新提醒 {report.alerts} 条，成信 {report.messages} 封，"
            f"发出 {report.sent} 封，待重试 {report.put_off} 封，失败 {report.failed} 封。"
        )
        return
    from tracker.serve import wait_for_signal

    working.start()
    try:
        wait_for_signal()
    finally:
        working.stop()
        database.engine.dispose()


@main.command()
def serve() -> None:
    """Serve the pages, with the worker beside them, in one process until Ctrl-C or SIGTERM."""
    from tracker import serve as runtime
    from tracker.app import create_app

    settings, database = _open()
    app = create_app(settings, database)
    working = Worker(settings, database)
    try:
        runtime.serve(app, settings, working.start, working.stop, on_listening=lambda: _greet(settings))
    except OSError as error:
        raise Fault(f"不能监听 {settings.host}:{settings.port}，端口可能已被占用：请用 PORT= 换一个。") from error
    finally:
        database.engine.dispose()


def _greet(settings: "Settings") -> None:
    """Print the address, and the demonstration accounts where there are any."""
    click.echo(f"措施落实台账已启动：{settings.base_url}  （Ctrl-C 结束）")
    if not settings.production and settings.demo_accounts_file.exists():
        click.echo("演示账号（登录名  初始密码  说明）：")
        click.echo(settings.demo_accounts_file.read_text("utf-8").rstrip())
    sys.stdout.flush()


class Worker:
    """The scheduler that wakes our sweeps; they are safe in several workers, it need not be."""

    def __init__(self, settings: "Settings", database: "Database") -> None:
        from apscheduler.schedulers.background import BackgroundScheduler

        from tracker.adapters.mail.sending import sender_for

        self.settings, self.database = settings, database
        self.sender = sender_for(settings.mail_url, settings.mail_from, settings.maildir)
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.stopping = False
        self.scheduler = BackgroundScheduler(timezone=SHANGHAI)

    def start(self) -> None:
        # Missed wakings are made good by one: what is due is chosen by state, never by the instant of a waking.
        self.scheduler.add_job(
            self._tick, "interval", seconds=SWEEP_EVERY_S, next_run_time=utc_now(),
            coalesce=True, max_instances=1, misfire_grace_time=None,
        )  # fmt: skip
        self.scheduler.start()

    def stop(self) -> None:
        """Let the running pass come to its end between two mails, then shut the scheduler."""
        self.stopping = True
        self.scheduler.shutdown(wait=True)

    def _tick(self) -> None:
        try:
            self.run_pass(utc_now())
        except Exception:
            # The next waking tries again; a worker that dies of one bad pass would tell nobody anything.
            logging.getLogger(__name__).exception("the pass failed")

    def run_pass(self, now: datetime) -> "PassReport":
        from tracker.adapters.ledger.results import Parcels
        from tracker.services.reminders.dispatch import run_pass

        Parcels(self.settings.imports_dir).sweep(now)
        return run_pass(self.database, now, self.settings, self.sender, self.name, lambda: self.stopping)


if __name__ == "__main__":
    main()
