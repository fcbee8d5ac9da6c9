"""Pages served over a real socket, in a thread of the test's own process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

# How often the loop looks whether it is to stop.
LOOK_S = 0.1


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Give the address under which `app` is served on a free port, until the block ends.

    The loop's own thread closes every socket when it ends: closed by another, they are pulled from under a
    select that waits on them, and a browser that still holds a connection leaves one open.
    """
    sockets: dict[int, Any] = {}
    server = create_server(app, map=sockets, host="127.0.0.1", port=0, threads=4)
    stopping = threading.Event()

    def loop() -> None:
        while not stopping.is_set():
            wasyncore.loop(timeout=LOOK_S, map=sockets, count=1)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(sockets)

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    stopping.set()
    thread.join()
