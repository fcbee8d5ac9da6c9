"""Cutting a list into pages.

What a tally knows is said exactly.  Anything else is counted up to `MOST_COUNTED`: of a longer list it is said that it
has more, and its pages are numbered from either end (-1 is the last), so that none costs more than another.
"""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

PER_PAGE = 50
MOST_COUNTED = 1_000
# So far into a list of unknown length one gets from either end; what lies between is found by narrowing it.
DEEPEST = 200
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list: its rows, its number from 1, and how many rows there are in all."""

    rows: list[Row]
    number: int
    total: int
    per_page: int = PER_PAGE
    more: bool = False  # there are more than `total`, which was as far as anybody counted
    from_end: bool = False  # of such a list pages can be asked for from its end too: by numbers below 0

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def total_words(self) -> str:
        return f"{self.total} 项以上" if self.more else f"{self.total} 项"

    @property
    def first(self) -> int:
        return (self.number - 1) * self.per_page + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.number * self.per_page, self.total)


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows a list has, or has at least."""

    number: int
    more: bool = False

    @classmethod
    def counted(cls, number: int, most: int = MOST_COUNTED) -> "Total":
        """Return what counting up to one more than `most` has found."""
        return cls(min(number, most), number > most)


@dataclass(frozen=True, slots=True)
class PageRange:
    """Which rows of an ordered list make a page: so many after an offset, from its end where `backwards`."""

    number: int
    offset: int
    limit: int
    backwards: bool = False


def cut(total: Total, number: int, per_page: int = PER_PAGE) -> PageRange:
    """Return the page that exists nearest to the one asked for, read from the nearer end."""
    if total.more:
        if number < 0 or number > DEEPEST:
            number = max(number, -DEEPEST) if number < 0 else -1
            return PageRange(number, (-number - 1) * per_page, per_page, backwards=True)
        return PageRange(number or 1, (max(number, 1) - 1) * per_page, per_page)
    pages = max(1, -(-total.number // per_page))
    number, offset = page_bounds(total.number, pages + 1 + number if number < 0 else number, per_page)
    limit = min(per_page, total.number - offset)
    if offset <= total.number // 2:
        return PageRange(number, offset, limit)
    return PageRange(number, total.number - offset - limit, limit, backwards=True)


def count(session: Session, query: Select[Any]) -> int:
    """Return how many rows a query has."""
    return session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def page_bounds(total: int, number: int, per_page: int = PER_PAGE) -> tuple[int, int]:
    """Return the page number that exists nearest to the one asked for, and its offset."""
    number = max(1, min(number, max(1, -(-total // per_page))))
    return number, (number - 1) * per_page
