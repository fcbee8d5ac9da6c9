"""Reading at a terminal (读取): a document, time wordings, and what a wording counts to."""

import json
from pathlib import Path

import click

from tracker.cli.base import CommandFault, instant_of, main
from tracker.reading.outline.styles import NumberStyle

LEVELS = {style.value: style.printed for style in NumberStyle}


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the whole reading as JSON.")
@click.option("--explain", is_flag=True, help="Print each unit and time limit with its confidence and its rule.")
@click.option("--questions", is_flag=True, help="Print what the reading asks, why, and what it leaves over.")
@click.option(
    "--level",
    type=click.Choice(list(LEVELS)),
    metavar="LEVEL",
    help="Cut measures at the numbers of this style: " + ", ".join(f"{k} {v}" for k, v in LEVELS.items()) + ".",
)
def parse(file: Path, as_json: bool, explain: bool, questions: bool, level: str | None) -> None:
    """Read a policy document and print its plans, measures, units and time limits."""
    from tracker.adapters.files.readers import ReadError, read_source
    from tracker.reading import explaining, rendering
    from tracker.reading.extraction import levels_of, read
    from tracker.reading.loss import printed
    from tracker.reading.loss.coverage import coverage_of

    try:
        source = read_source(file.read_bytes(), file.name)
    except ReadError as error:
        raise CommandFault(str(error)) from error
    reading = read(source.text, level)
    there = {style: count for plan in reading.plans for style, count in levels_of(plan)}
    if level is not None and level not in there:
        offered = "、".join(f"{style}（{LEVELS[style]}）" for style in LEVELS if style in there)
        raise CommandFault(f"这份文件里没有“{LEVELS[level]}”这一级编号。" + (f"可选：{offered}。" if offered else ""))
    if as_json:
        click.echo(json.dumps(rendering.as_json(reading), ensure_ascii=False, indent=1))
    elif explain:
        click.echo(explaining.as_explanation(reading, source.text))
    elif questions:
        click.echo(printed.as_questions(reading, source.text))
    else:
        click.echo(rendering.as_table(reading))
        click.echo("\n".join(printed.coverage_lines(coverage_of(source.text, reading), source.text)))


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
        raise CommandFault(str(error)) from error
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
    from tracker.now import SHANGHAI
    from tracker.reading.limits.phrases import read_phrases

    happened = instant_of(event)
    # A wording by itself is of the event's day: 12月10日前, 本月底前 are told from it.
    day = happened.astimezone(SHANGHAI).date()
    found = read_phrases(wording, year=day.year, issued=day)
    if not found:
        raise CommandFault("没有读到时限：请给出完整的表述，例如“自正式受理之日起3个工作日内”。")
    try:
        answers = [(d.quote, resolved) for d in found for resolved in count(d, happened, national())]
    except ClockError as error:
        raise CommandFault(str(error)) from error
    if as_json:
        printed = [answer_json(quote, resolved) for quote, resolved in answers]
        click.echo(json.dumps(printed[0] if len(printed) == 1 else printed, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(as_text(quote, resolved) for quote, resolved in answers))
