"""Looking after an installation (体检): what is kept for speed, compared with what it is kept from."""

import sys

import click

from tracker.cli.base import main, one_transaction

SHOWN = 20


@main.command()
@click.option("--standing", is_flag=True, required=True, help="Compare duties and cases with their dates' ends.")
@click.option("--mend", is_flag=True, help="Write what the dates say wherever something else stands.")
def doctor(standing: bool, mend: bool) -> None:
    """Compare the standing of every duty and case, and the tally, with the milestones; ends with 1 where one differs.

    `--standing` is the only examination there is; it has to be named so that another can stand beside it.
    """
    del standing
    from tracker.services.core.standing import examine

    with one_transaction(keep=mend) as session:
        found = examine(session, mend=mend)
    click.echo(f"核对了 {found.looked_at} 项责任和办件的当前位置。")
    if not found:
        click.echo("与各自的时限一致，统计数相符。")
        return
    for label, keys in (("责任", found.duties), ("办件", found.cases), ("统计", found.tallies)):
        if keys:
            rest = f"……另有 {len(keys) - SHOWN} 项" if len(keys) > SHOWN else ""
            click.echo(f"{label}不一致 {len(keys)} 项：{'、'.join(map(str, keys[:SHOWN]))}{rest}")
    if mend:
        click.echo("已按时限改正。")
        return
    click.echo("没有改动。加上 --mend 按时限改正。")
    sys.exit(1)
