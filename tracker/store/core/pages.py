"""Cutting a list into pages."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

PER_PAGE = 50
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list: its rows, its number from 1, and how many rows there are in all."""

    rows: list[Row]
    number: int
    total: int
    per_page: int = PER_PAGE
    more: bool = False  # there are more than `total`, which was as far as anybody counted

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.per_page + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.number * self.per_page, self.total)


def count(session: Session, query: Select[Any]) -> int:
    """Return how many rows a query has."""
    return session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def page_bounds(total: int, number: int, per_page: int = PER_PAGE) -> tuple[int, int]:
    """Return the page number that exists nearest to the one asked for, and its offset."""
    number = max(1, min(number, max(1, -(-total // per_page))))
    return number, (number - 1) * per_page
