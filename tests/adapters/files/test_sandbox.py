"""What a reader in a process apart may answer, and what is made of a process that answers nothing."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from tracker.adapters.files import sandbox
from tracker.adapters.files.readers import ReadError
from tracker.adapters.files.sandbox import FAILED, MAX_TEXT, TOO_LARGE, TOO_SLOW, read_apart


def reads(data: bytes) -> str:
    return data.decode()


def runs_out_of_memory(data: bytes) -> str:
    raise MemoryError


def sinks_too_deep(data: bytes) -> str:
    return sinks_too_deep(data)


def refuses(data: bytes) -> str:
    raise ReadError("不能读取。")


def says_too_much(data: bytes) -> str:
    return "字" * (MAX_TEXT + 1)


@pytest.mark.parametrize(
    ("reader", "answer"),
    [
        (reads, {"text": "正文"}),
        (refuses, {"error": "不能读取。"}),
        (runs_out_of_memory, {"error": TOO_LARGE}),
        (sinks_too_deep, {"error": TOO_LARGE}),
        (says_too_much, {"error": TOO_LARGE}),
    ],
)
def test_whatever_a_reader_does_there_is_an_answer_in_words(
    monkeypatch: pytest.MonkeyPatch, reader: object, answer: dict[str, str]
) -> None:
    monkeypatch.setitem(sys.modules, "a_reader", SimpleNamespace(text_of=reader))
    assert sandbox._answer("a_reader", "正文".encode()) == answer


@pytest.mark.parametrize(
    ("printed", "code", "answer"),
    [
        (b'{"text": "x"}', 0, ("x", "")),
        (b'{"error": "y"}', 0, (None, "y")),
        (b'{"text": 3}', 0, (None, FAILED)),
        (b"", -24, (None, TOO_SLOW)),  # SIGXCPU
        (b"", -9, (None, TOO_SLOW)),
        (b"half an ans", 1, (None, FAILED)),
        (b"", -11, (None, FAILED)),
    ],
)
def test_a_process_that_ends_badly_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, printed: bytes, code: int, answer: tuple[str | None, str]
) -> None:
    done = subprocess.CompletedProcess([], code, printed, b"")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    assert read_apart("a_reader", b"") == answer


def test_a_reader_that_takes_all_the_memory_there_is_is_refused() -> None:
    """The limit itself, in a process of its own: what asks for more than there may be gets an answer."""
    code = (
        "import sys, types; from tracker.adapters.files import sandbox\n"
        "sys.modules['greedy'] = types.SimpleNamespace(text_of=lambda data: 'x' * (sandbox.MAX_MEMORY + 1))\n"
        "sandbox._limit(); print(sandbox._answer('greedy', b'')['error'] == sandbox.TOO_LARGE)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_where_the_system_knows_no_limits_reading_goes_on_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    sandbox._limit()
