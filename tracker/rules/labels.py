"""Enums people read (标签): every member carries the one Chinese word it is shown by.  Pure."""

from enum import StrEnum
from functools import cache
from typing import Self


class Labelled(StrEnum):
    """An enum whose members are written `NAME = "stored", "中文"`; like any StrEnum they equal what is stored.

    What stands after the label is for the enum's own `__init__`.
    """

    label: str

    def __new__(cls, value: str, label: str = "", *_more: object) -> Self:
        """Make a member of the text that is stored and the word that is shown; none is made without a word."""
        if not label:  # its default serves type checkers alone, which take a look-up by value for a call of this
            raise TypeError(f"{cls.__name__} {value!r} has no label")
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def said(cls, stored: str) -> str:
        """Return the label of what is stored, or that itself where another version of the program wrote it."""
        return _labels(cls).get(stored, stored)


@cache
def _labels(kind: type[Labelled]) -> dict[str, str]:
    """Return the labels of an enum by what is stored: a list asks for one in every row."""
    return {member.value: member.label for member in kind}
