"""Mails as text and HTML, from the templates under templates/mail; needs nothing of the web."""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from config import ROOT
from tracker.adapters.line_breaks import LineBreaks

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
class MailGroup:
    """Lines of one sort (逾期, 今日到期, 新交办, 时限调整, …); `total` counts those not printed as well.

    `sort` chooses the colours of its heading, `shape` stands before it.
    """

    label: str
    lines: tuple[MailLine, ...]
    total: int
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


def render(digest: Digest) -> Rendered:
    """Render a digest as text and as HTML, in one order."""
    context = {name: getattr(digest, name) for name in Digest.__slots__}
    text, html = (
        environment().get_template(f"reminders/mail/digest.{kind}").render(context) for kind in ("txt", "html")
    )
    return Rendered(digest.subject, text, html)


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
