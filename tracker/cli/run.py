"""Running the product (运行): migrate, seed, worker, serve."""

import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from tracker.cli.base import CommandFault, instant_of, main, one_transaction, open_installation, pronounceable
from tracker.now import utc_now

if TYPE_CHECKING:
    from config import Settings


@main.command()
@click.option(
    "--wait",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Seconds to wait for a table that others use, on PostgreSQL.",
)
def migrate(wait: int) -> None:
    """Bring the database's tables to the newest revision."""
    from tracker.store.core.schema import TablesInUse, upgrade

    _, database = open_installation()
    try:
        upgrade(database.engine, patience=timedelta(seconds=wait))
    except TablesInUse as error:
        raise CommandFault(str(error)) from error


@main.command()
@click.option("--demo", is_flag=True, help="Also add demonstration accounts and documents.")
def seed(demo: bool) -> None:
    """Load the registry of responsible units and the case types from seeds/ (running it again changes nothing)."""
    from config import ROOT
    from tracker.services.case_types.seeds import seed_case_types
    from tracker.services.demo.seeding import read_seeds, seed_registry

    places, types = read_seeds(ROOT / "seeds"), read_seeds(ROOT / "seeds" / "case-types")
    with one_transaction() as session:
        added = seed_registry(session, utc_now(), places)
        made = seed_case_types(session, utc_now(), places, types)
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

    settings, database = open_installation()
    with one_transaction() as session:
        seeded = city.refuse_unfit(session, settings.production)
    if seeded:
        click.echo("演示数据已在，保持不变。")
        return
    passwords = {account.login: pronounceable() for account in city.ACCOUNTS}
    hashes = {login: hash_password(password) for login, password in passwords.items()}
    sources = read_demo_sources(FileStore(settings.files_dir), ROOT / "seeds" / "documents")
    with database.write() as session:
        city.seed_demo(session, utc_now(), national(), sources, hashes)
        _keep_accounts(settings, passwords)
        session.commit()
    click.echo("演示数据：五份文件和演示账号已载入。")


def _keep_accounts(settings: "Settings", passwords: dict[str, str]) -> None:
    from tracker.services.demo.city import ACCOUNTS

    lines = [f"{a.login:<12} {passwords[a.login]:<22} {a.name}，{a.about}" for a in ACCOUNTS]
    handle = os.open(settings.demo_accounts_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


@main.command()
@click.option("--once", is_flag=True, help="One pass, then end.")
@click.option("--now", "at", metavar="ISO", help="Do as if it were this time (with --once; refused in production).")
def worker(once: bool, at: str | None) -> None:
    """Sweep for what is due, write alerts, send mails: every minute until stopped, or once."""
    from tracker import logs
    from tracker.worker import Worker

    settings, database = open_installation()
    if at is not None and (settings.production or not once):
        raise CommandFault("--now 只能与 --once 一起使用，并且不能用于生产环境。")
    logs.set_up()
    working = Worker(settings, database)
    if once:
        report = working.run_pass(instant_of(at) if at else utc_now())
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
    from tracker import logs
    from tracker import serve as runtime
    from tracker.app import create_app
    from tracker.worker import Worker

    settings, database = open_installation()
    logs.set_up()
    app = create_app(settings, database)
    working = Worker(settings, database)
    try:
        runtime.serve(app, settings, working.start, working.stop, on_listening=lambda: _greet(settings))
    except OSError as error:
        raise CommandFault(
            f"不能监听 {settings.host}:{settings.port}，端口可能已被占用：请用 PORT= 换一个。"
        ) from error
    finally:
        database.engine.dispose()


def _greet(settings: "Settings") -> None:
    """Print the address, and the demonstration accounts where there are any."""
    click.echo(f"措施落实台账已启动：{settings.base_url}  （Ctrl-C 结束）")
    if not settings.production and settings.demo_accounts_file.exists():
        click.echo("演示账号（登录名  初始密码  说明）：")
        click.echo(settings.demo_accounts_file.read_text("utf-8").rstrip())
    sys.stdout.flush()
