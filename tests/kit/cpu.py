"""Processor time spent by this process and the children it has waited for: what a busy machine does not change."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager


def _spent() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail where the block takes more processor time, in seconds."""
    began = _spent()
    yield
    spent = _spent() - began
    assert spent < seconds, f"{spent:.1f} s of processor time, at most {seconds} s"
