"""The text of a page as a browser shows it: a line a block, blanks where a reader sees one."""

import re
from functools import cache
from pathlib import Path

import flask_bootstrap
from cssselect import SelectorError
from lxml import html
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from config import ROOT

SHEETS = (
    ROOT / "static" / "look.css",
    Path(flask_bootstrap.__file__).parent / "static/bootstrap4/css/bootstrap.min.css",
)
BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "div", "dl", "dt", "fieldset",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend", "li", "main",
    "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title",
    "tr", "ul",
}  # fmt: skip
UNSEEN = {"head", "script", "style", "template", "svg"}
BLANKS = re.compile(r"[ \t\n\r\f]+")  # what HTML collapses; the wide blank of Chinese text is a character
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


@cache
def selectors(displays: str) -> list[CSSSelector]:
    """Return the selectors to which the style sheets give one of these displays."""
    found: list[CSSSelector] = []
    wanted = re.compile(rf"(?:^|;)\s*display:\s*(?:{displays})\b")
    for sheet in SHEETS:
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.S)
        for names, body in RULE.findall(text):
            if wanted.search(body):
                for name in names.split(","):
                    try:
                        found.append(CSSSelector(name.strip()))
                    except SelectorError:  # a pseudo-element has no text of the page
                        continue
    return found


def matching(tree: HtmlElement, displays: str) -> set[HtmlElement]:
    classes = {name for element in tree.iter() for name in (element.get("class") or "").split()}
    return {
        element
        for selector in selectors(displays)
        if classes.issuperset(re.findall(r"\.([\w-]+)", selector.css))
        for element in selector(tree)
    }


def visible(page: str, within: str = "main") -> str:
    """Return the text a reader sees within an element of a page."""
    document = html.document_fromstring(page)
    tree = next(iter(document.iter(within)), None)
    if tree is None:
        tree = document
    apart = matching(tree, "block|grid|flex|table|table-cell|table-row|list-item")
    # The children of these are laid out one by one: a blank between them is not shown.
    holding = matching(tree, "grid|flex|inline-grid|inline-flex")
    pieces: list[str] = []

    def walk(element: HtmlElement) -> None:
        if not isinstance(element.tag, str) or element.tag in UNSEEN:
            return
        parent = element.getparent()
        block = element.tag in BLOCKS or element in apart or (parent is not None and parent in holding)
        if element.tag == "br":
            pieces.append("\n")
        elif element.tag in ("input", "select", "textarea"):
            pieces.append(control(element))
        else:
            pieces.append("\n" * block)
            pieces.append(kept(element.text) if element.tag == "pre" else flat(element.text))
            for child in element:
                walk(child)
                pieces.append("\n" * (element in holding) + flat(child.tail))
            pieces.append("\n" * block)

    walk(tree)
    lines = (re.sub(" +", " ", line).strip(" ") for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def flat(text: str | None) -> str:
    return BLANKS.sub(" ", text or "")


def kept(text: str | None) -> str:
    """Return a text in which HTML keeps line breaks: the marks of its later lines keep their blanks."""
    return (text or "").replace("\n", "\n\\")


def control(element: HtmlElement) -> str:
    """Return what a form's control shows."""
    if element.tag == "textarea":
        return f"⟦{kept(element.text)}⟧"
    if element.tag == "select":
        options = ["*" * ("selected" in o.attrib) + (o.text or "").strip() for o in element.iter("option")]
        return f"⟦{'、'.join(options)}⟧"
    kind = element.get("type", "text")
    if kind == "hidden":
        return ""
    if kind in ("checkbox", "radio"):
        return "☑" if "checked" in element.attrib else "☐"
    return f"⟦{element.get('value', '')}⟧"
