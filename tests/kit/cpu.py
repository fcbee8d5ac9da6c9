"""Processor time spent by this process and the children it has waited for."""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

# Cores that share their caches make the same work cost more; what these bounds are to catch, work
# that grows with the square of its text, costs tens of times as much.
SLACK = 4


def _spent() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail where the block takes far more processor time than `seconds`, what it may take on a quiet machine.

    A tracer makes the same work cost ten times as much, and some lines more than others: nothing is measured then.
    """
    if sys.gettrace() is not None:
        pytest.skip("a tracer's time is not the code's")
    began = _spent()
    yield
    spent = _spent() - began
    assert spent < SLACK * seconds, f"{spent:.1f} s of processor time, at most {SLACK} times {seconds} s"
