"""The process: it serves, does the worker's passes beside the pages, and ends cleanly when it is told to."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from config import ROOT

SCRIPT = """
import sys, time
from types import SimpleNamespace
from tracker.serve import serve

def app(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        print("begun", flush=True)
        time.sleep(1.5)
    if environ["PATH_INFO"] == "/who":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{environ['REMOTE_ADDR']} {environ['wsgi.url_scheme']} {environ['HTTP_HOST']}".encode()]
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"x" * int(environ.get("QUERY_STRING") or 5)]

serve(
    app, SimpleNamespace(host="127.0.0.1", port=int(sys.argv[1]), trusted_proxy=(sys.argv[2:] or [None])[0]),
    lambda: print("worker starts", flush=True),
    lambda: print("worker stops", flush=True),
    lambda: print("listening", flush=True),
)
print("closed", flush=True)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], environ: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "error", **(environ or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def said(process: subprocess.Popen[str], words: str) -> None:
    """Wait for a line of the process."""
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"never said {words!r}: {process.stderr.read() if process.stderr else ''}")


def ended(process: subprocess.Popen[str], within: float = 60) -> str:
    """Wait for the end; returns what was still said, after checking that nothing went wrong."""
    out, err = process.communicate(timeout=within)
    # On a busy machine a request waits a moment for a thread, and waitress says so.
    err = "".join(line for line in err.splitlines(True) if "Task queue depth" not in line)
    assert (process.returncode, err) == (0, ""), err
    return out


def until_refused(port: int) -> None:
    """Wait until nothing listens at the port any more (the test's own time limit ends the wait)."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 60).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.02)


def test_both_signals_end_it_cleanly() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        port = free_port()
        with running([sys.executable, "-c", SCRIPT, str(port)]) as process:
            said(process, "worker starts")
            said(process, "listening")
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"xxxxx"
            process.send_signal(number)  # with an idle connection still open
            assert ended(process).splitlines() == ["worker stops", "closed"]
            connection.close()


@pytest.mark.parametrize(
    ("trusted", "seen"), [(None, "127.0.0.1"), ("10.9.9.9", "127.0.0.1"), ("127.0.0.1", "10.0.0.8"), ("*", "10.0.0.8")]
)
def test_a_forwarded_address_is_believed_from_the_trusted_proxy_alone(trusted: str | None, seen: str) -> None:
    port = free_port()
    with running([sys.executable, "-c", SCRIPT, str(port), *filter(None, [trusted])]) as process:
        said(process, "listening")
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        # The proxy has put the address it saw after what its client claimed; it is asked for an address, no more.
        connection.request(
            "GET",
            "/who",
            headers={
                "X-Forwarded-For": "192.0.2.1, 10.0.0.8",
                "X-Forwarded-Host": "evil.example",
                "X-Forwarded-Proto": "ftp",
                "Forwarded": "for=192.0.2.7;host=evil.example",
            },
        )
        assert connection.getresponse().read().decode() == f"{seen} http 127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        ended(process)
        connection.close()


def test_a_request_under_way_is_answered_in_full_and_no_new_one_is_taken() -> None:
    port, size, answers = free_port(), 800_000, []
    with running([sys.executable, "-c", SCRIPT, str(port)]) as process:
        said(process, "listening")

        def ask() -> None:
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", f"/slow?{size}")
            answers.append(len(connection.getresponse().read()))
            connection.close()

        asking = threading.Thread(target=ask)
        asking.start()
        said(process, "begun")
        process.send_signal(signal.SIGTERM)
        until_refused(port)
        asking.join(60)
        assert answers == [size]
        assert ended(process).splitlines() == ["worker stops", "closed"]


def test_a_second_signal_ends_it_at_once() -> None:
    port = free_port()
    with running([sys.executable, "-c", SCRIPT, str(port)]) as process:
        said(process, "listening")
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/slow")
        said(process, "begun")
        process.send_signal(signal.SIGTERM)
        until_refused(port)  # the first has been heard: two at once would be one
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGTERM
        connection.close()


def test_a_port_in_use_is_said_before_the_worker_starts() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with running([sys.executable, "-c", SCRIPT, str(taken.getsockname()[1])]) as process:
            out, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "OSError" in err
    assert "worker starts" not in out


def installed(folder: Path, template: bytes, **more: str) -> dict[str, str]:
    """Lay an installation down in a folder; returns the environment it is run in."""
    (folder / "tracker.db").write_bytes(template)
    return {
        "TRACKER_DATA": str(folder), "TRACKER_ENV": "test", "DATABASE_URL": "", "MAIL_URL": "", "SECRET_KEY": "x",
        "PYTHONWARNINGS": "default", **more,
    }  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_product_serves_and_ends_when_told_to(
    number: signal.Signals, tmp_path: Path, sqlite_template: bytes
) -> None:
    port = free_port()
    environ = installed(tmp_path, sqlite_template, PORT=str(port), HOST="127.0.0.1")
    with running([sys.executable, "-m", "tracker.cli", "serve"], environ) as process:
        said(process, str(port))
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b"ok\n"
        process.send_signal(number)
        ended(process)
        connection.close()


def until_it_listens_to(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Wait until a process that says nothing has set its own answer to a signal; the time limit ends the wait."""
    while process.poll() is None:
        caught = re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{process.pid}/status").read_text("ascii"))
        if caught and int(caught[1], 16) >> (number - 1) & 1:
            return
        time.sleep(0.02)


def test_the_worker_alone_ends_when_told_to(tmp_path: Path, sqlite_template: bytes) -> None:
    environ = installed(tmp_path, sqlite_template)
    over = tmp_path / "imports" / f"000000000001-1-{'0' * 32}"  # a result nobody may fetch any more
    over.parent.mkdir()
    over.write_bytes(b"")
    with running([sys.executable, "-m", "tracker.cli", "worker"], environ) as process:
        until_it_listens_to(process, signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        ended(process)
    assert not over.exists(), "it has worked before it ended"
