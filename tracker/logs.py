"""Logs (日志): one line an event, with the request or the pass it belongs to; JSON where no person is looking.

What is logged names things by their ids: no form, no parameter and no person's data ever stands in a line.
"""

import logging
import secrets
import sys
from typing import TextIO

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars
from structlog.typing import Processor


def begin(what: str) -> str:
    """Begin a request or a pass: every line from here on, in this thread, bears its id, which is returned."""
    made = secrets.token_hex(4)
    clear_contextvars()
    bind_contextvars(**{what: made})
    return made


def handler(stream: TextIO) -> logging.Handler:
    """Return a handler that writes to a stream: for a person where it is a terminal, else a JSON object a line."""
    seen: list[Processor] = [
        merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if stream.isatty():
        # Without the values of local variables, which may hold what somebody typed.
        last.append(structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback))
    else:
        last += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    made = logging.StreamHandler(stream)
    made.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=seen, processors=last))
    return made


def set_up() -> None:
    """Let every logger of the process write to standard error, warnings and worse."""
    logging.basicConfig(level=logging.WARNING, handlers=[handler(sys.stderr)], force=True)
