"""A page's forms as a browser would send them: every control with what stands in it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from werkzeug.datastructures import MultiDict


@dataclass
class Sheet:
    """One form of a page: where it goes, and what it would send."""

    action: str
    id: str
    data: MultiDict[str, Any] = field(default_factory=MultiDict)
    boxes: list[tuple[str, str]] = field(default_factory=list)  # every box and radio, ticked or not

    def rows(self, prefix: str) -> list[str]:
        """Return the names that begin with a prefix, each once."""
        return list(dict.fromkeys(name for name in self.data if name.startswith(prefix)))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[Sheet] = []
        self.now: Sheet | None = None
        self.select: str | None = None
        self.first: str | None = None
        self.chosen: str | None = None
        self.area: str | None = None
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        if tag == "form":
            self.now = Sheet(given.get("action", ""), given.get("id", ""))
            self.sheets.append(self.now)
        if self.now is None:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            self._input(name, given)
        elif tag == "select":
            self.select, self.first, self.chosen = name, None, None
        elif tag == "option" and self.select is not None:
            value = given.get("value", "")
            self.first = value if self.first is None else self.first
            self.chosen = value if "selected" in given else self.chosen
        elif tag == "textarea":
            self.area, self.words = name, ""

    def _input(self, name: str, given: dict[str, str]) -> None:
        assert self.now is not None
        kind, value = given.get("type", "text"), given.get("value", "")
        if kind in ("checkbox", "radio"):
            self.now.boxes.append((name, value))
            if "checked" in given:
                self.now.data.add(name, given.get("value", "on"))
        elif kind not in ("file", "submit"):
            self.now.data.add(name, value)

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.words += data

    def handle_endtag(self, tag: str) -> None:
        if self.now is None:
            return
        if tag == "select" and self.select is not None:
            value = self.chosen if self.chosen is not None else self.first
            if value is not None:
                self.now.data.add(self.select, value)
            self.select = None
        elif tag == "textarea" and self.area is not None:
            # A line break right after the tag belongs to the markup.
            self.now.data.add(self.area, self.words.removeprefix("\r\n").removeprefix("\n"))
            self.area = None
        elif tag == "form":
            self.now = None


def sheets(page: str) -> list[Sheet]:
    """Return a page's forms, those of the frame included."""
    reader = _Reader()
    reader.feed(page)
    return reader.sheets


def sheet(page: str, part: str) -> Sheet:
    """Return the one form whose action or id holds `part`."""
    found = [s for s in sheets(page) if part in s.action or s.id == part]
    assert len(found) == 1, [(s.action, s.id) for s in sheets(page)]
    return found[0]
