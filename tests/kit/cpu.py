"""Processor time spent by this process and the children it has waited for."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

# Cores that share their caches and a tracer both make the same work cost more; what these bounds are to catch, work
# that grows with the square of its text, costs tens of times as much.
SLACK = 4


def _spent() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail where the block takes far more processor time than `seconds`, what it may take on a quiet machine."""
    began = _spent()
    yield
    spent = _spent() - began
    assert spent < SLACK * seconds, f"{spent:.1f} s of processor time, at most {SLACK} times {seconds} s"
