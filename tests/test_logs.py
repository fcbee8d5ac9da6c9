"""One line an event: a JSON object with the request it belongs to, and nothing that anybody typed."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from tests.kit.world import World, log_in
from tracker import logs
from tracker.store.core.engine import Database


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the process would write to a standard error that is no terminal."""
    stream = io.StringIO()
    handler = logs.handler(stream)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def lines(stream: io.StringIO) -> list[dict[str, str]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_bears_the_pass_it_belongs_to_and_the_next_pass_another(written: io.StringIO) -> None:
    first = logs.begin("pass")
    logging.getLogger("tracker.worker").warning("收不到 %s", "回答")
    second = logs.begin("pass")
    try:
        raise ValueError("坏了")
    except ValueError:
        logging.getLogger("tracker.worker").exception("the pass failed")
    one, two = lines(written)
    assert (one["event"], one["level"], one["logger"], one["pass"]) == (
        "收不到 回答",
        "warning",
        "tracker.worker",
        first,
    )
    assert two["pass"] == second != first
    assert "ValueError: 坏了" in two["exception"]


def test_a_terminal_gets_words_without_the_values_of_variables() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    handler, log = logs.handler(stream), logging.getLogger("tracker.tried")
    log.addHandler(handler)
    typed = "身份证" + "210300"
    try:
        raise ValueError(len(typed))
    except ValueError:
        log.exception("broken")
    log.removeHandler(handler)
    assert "broken" in stream.getvalue()
    assert "210300" not in stream.getvalue()


def test_a_page_that_broke_names_the_lines_of_its_request(
    app: Flask, database: Database, world: World, written: io.StringIO
) -> None:
    client = log_in(app, "supervisor")
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE case_types RENAME TO elsewhere"))
    try:
        answer = client.get("/case-types/?q=机密")
    finally:
        with database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO case_types"))
    assert answer.status_code == 500
    reference = answer.headers["X-Request-ID"]
    assert f"编号 <b>{reference}</b>" in answer.get_data(as_text=True)
    told = [line for line in lines(written) if line.get("request") == reference]
    assert told
    assert "机密" not in json.dumps(told, ensure_ascii=False)


def test_a_request_id_is_never_the_clients_own(app: Flask, world: World) -> None:
    client = app.test_client()
    ids = {client.get("/healthz", headers={"X-Request-ID": "mine"}).headers["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3
    assert "mine" not in ids
