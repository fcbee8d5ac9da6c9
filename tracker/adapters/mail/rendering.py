"""Mails as text and HTML, from the templates under templates/mail; needs nothing of the web."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup

from config import ROOT
from tracker.adapters.line_breaks import LineBreaks

# As it is sent, both parts and its headers: what is larger is cut by some mail programs and left unread by people.
MOST_BYTES = 60 * 1024
# Room for the headers of the mail and of its parts: names and the subject, encoded.
HEADERS_BYTES = 4 * 1024
LINE_WIDTH = 70
NEVER_LAST = "（《【“‘〔"
NEVER_FIRST = frozenset("，。、；：？！）》】〕”’%…—·")


@dataclass(frozen=True, slots=True)
class MailLine:
    """One thing a mail tells of; empty words are left out."""

    key: str
    title: str
    quote: str
    doc: str
    date_words: str
    why: str
    light_words: str
    url: str
    basis: str = ""  # what is relied on where no document is quoted, or what else one should know
    date_label: str = "时限"


@dataclass(frozen=True, slots=True)
class MailList:
    """A list of the product that shows what a mail has no room for."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class MailGroup:
    """Things of one sort (逾期, 今日到期, 新交办, 时限调整, …), the most urgent first.

    `sort` chooses the colours of its heading, `shape` stands before it.
    """

    label: str
    lines: tuple[MailLine, ...]  # of the first things, as many as one reads
    lists: tuple[MailList, ...]  # of every thing, in the same order: where it is found if it is not printed
    sort: str
    shape: str


@dataclass(frozen=True, slots=True)
class Digest:
    """All a reader is told in one mail."""

    subject: str
    greeting: str
    lead: str
    groups: tuple[MailGroup, ...]
    sender: str
    reason: str
    base_url: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail ready to be kept."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Printed:
    """A line in both forms, and the room it takes in each."""

    text: str
    html: str

    @property
    def sizes(self) -> tuple[int, int]:
        return len(self.text.encode()), len(self.html.encode())


def render(digest: Digest) -> Rendered:
    """Render a digest as text and as HTML, in one order: as many lines as there is room for, the first ones first.

    Every line is rendered once and measured; what is left out of a group is counted there, with where it is found.
    """
    bare = _Printed(*_whole(digest, [[] for _ in digest.groups]))
    text, html = bare.sizes
    printed: list[list[_Printed]] = []
    full = False
    for group in digest.groups:
        kept: list[_Printed] = []
        for number, line in enumerate(group.lines, 1):
            if full:  # what is less urgent does not slip in because it is shorter
                break
            one = _line(group, line, number)
            text, html = text + one.sizes[0], html + one.sizes[1]
            full = HEADERS_BYTES + _sent(text) + _sent(html) > MOST_BYTES
            if not full:
                kept.append(one)
        printed.append(kept)
    return Rendered(digest.subject, *_whole(digest, printed))


def _sent(size: int) -> int:
    """Return the bytes of a part so large once it is in base64: 57 become a line of 76 and its end."""
    return -(-size // 57) * 78


def _line(group: MailGroup, line: MailLine, number: int) -> _Printed:
    context = {"group": group, "line": line, "number": number}
    return _Printed(*(_template(f"line.{kind}").render(context) for kind in ("txt", "html")))


def _whole(digest: Digest, printed: Sequence[Sequence[_Printed]]) -> tuple[str, str]:
    """Return both forms with so many lines of each group."""
    groups = [_group(group, lines) for group, lines in zip(digest.groups, printed, strict=True) if group.lists]
    context = {name: getattr(digest, name) for name in Digest.__slots__} | {"groups": groups}
    return _template("digest.txt").render(context), _template("digest.html").render(context)


def _group(group: MailGroup, printed: Sequence[_Printed]) -> dict[str, Any]:
    left = Counter(group.lists[len(printed) :])
    return {
        "group": group,
        "total": len(group.lists),
        "texts": [line.text for line in printed],
        "htmls": [Markup(line.html) for line in printed],  # noqa: S704 - rendered with every value escaped
        "left": list(left.items()),
    }


def _template(name: str) -> Template:
    return environment().get_template(f"reminders/mail/{name}")


def flow(text: str, indent: str = "") -> str:
    """Break text after about 36 full-width characters: not between a mark and what it belongs to, nor inside a word."""
    lines, line, width, in_word = [], "", 0, False
    flat = " ".join(text.split())
    for place, character in enumerate(flat):
        narrow = character < "\u2e80" and character not in "“”‘’—…·"
        inside = in_word and narrow and character != " "
        if width >= LINE_WIDTH and len(flat) - place > 4 and not inside and character not in NEVER_FIRST:
            kept = line.rstrip(NEVER_LAST) or line
            lines.append(kept)
            line = line[len(kept) :]
            width = 2 * len(line)
        if line or character != " ":
            line += character
            width += 1 if narrow else 2
        in_word = narrow and character != " "
    return f"\n{indent}".join([*lines, line])


@cache
def environment() -> Environment:
    """Return the environment mails are rendered in."""
    made = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=[LineBreaks],
    )
    made.filters["flow"] = flow
    return made
