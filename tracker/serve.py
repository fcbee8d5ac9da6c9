"""One process, ending cleanly: pages on waitress, the worker beside them, both told to stop by Ctrl-C or SIGTERM."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

from config import MAX_CONTENT_LENGTH, SERVER_THREADS, Settings

# How long requests that are under way may take to end, and how often the loop looks whether it is to stop.
GRACE_S = 10.0
LOOK_S = 0.5


def serve(
    app: Any,
    settings: Settings,
    start_worker: Callable[[], None],
    stop_worker: Callable[[], None],
    on_listening: Callable[[], None] = lambda: None,
) -> None:
    """Serve until told to stop: then accept nothing more, finish what is under way, stop the worker, close.

    Raises OSError where the port cannot be had; the worker has not been started then.  Must run in the main thread.
    """
    sockets: dict[int, Any] = {}
    server = create_server(
        app,
        map=sockets,
        host=settings.host,
        port=settings.port,
        threads=SERVER_THREADS,
        ident=None,
        # A little above our own limit, so that our page answers; what is far above it is not even stored.
        max_request_body_size=4 * MAX_CONTENT_LENGTH,
        clear_untrusted_proxy_headers=True,
        # Its word on the client's address, and on nothing else: links come from BASE_URL.
        trusted_proxy=settings.trusted_proxy,
        trusted_proxy_headers={"x-forwarded-for"} if settings.trusted_proxy else set(),
    )
    with _told_to_stop() as stopping:
        start_worker()
        try:
            on_listening()
            # waitress's own run() ends at a signal with requests half answered, and knows no SIGTERM.
            while not stopping.is_set():
                wasyncore.loop(timeout=LOOK_S, map=sockets, count=1)
            _drain(sockets)
        finally:
            stop_worker()
            server.task_dispatcher.shutdown()
            wasyncore.close_all(sockets)


def wait_for_signal() -> None:
    """Return when the process is told to stop; what a worker without pages waits for."""
    with _told_to_stop() as stopping:
        while not stopping.wait(LOOK_S):
            pass


def _drain(sockets: dict[int, Any]) -> None:
    """Close the listening sockets and serve on until every request that has begun is answered, or time is up."""
    servers = [s for s in sockets.values() if isinstance(s, BaseWSGIServer)]
    for server in servers:
        server.accepting = False
        server.del_channel(sockets)
        server.socket.close()
    ends = time.monotonic() + GRACE_S
    while time.monotonic() < ends and any(_busy(c) for s in servers for c in s.active_channels.values()):
        wasyncore.loop(timeout=0.1, map=sockets, count=1)


def _busy(channel: Any) -> bool:
    return bool(channel.requests or channel.total_outbufs_len)


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Give an event that SIGINT and SIGTERM set; a second signal ends the process at once, as it would without us."""
    stopping = threading.Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.set()
        signal.signal(number, before[number])

    before: dict[int, Any] = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, stop)
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
