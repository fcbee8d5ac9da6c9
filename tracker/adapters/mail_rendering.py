"""Mails as text and HTML, from the templates under templates/mail; needs nothing of the web."""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from config import ROOT


@dataclass(frozen=True, slots=True)
class Line:
    """One thing a mail tells of; empty words are left out."""

    key: str
    title: str
    quote: str
    doc: str
    date_words: str
    why: str
    light_words: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one urgency (逾期, 今日到期, 临期, 新交办, 可以申请); `total` counts those not printed as well."""

    label: str
    lines: tuple[Line, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Digest:
    """All a reader is told in one mail."""

    subject: str
    greeting: str
    lead: str
    groups: tuple[Group, ...]
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
    text, html = (_environment().get_template(f"mail/digest.{kind}").render(context) for kind in ("txt", "html"))
    return Rendered(digest.subject, text, html)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
    )
