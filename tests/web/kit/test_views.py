"""Pages as values: every name a template asks for is a field of its page, and no page is rendered another way."""

import ast
import importlib
import sys
from collections.abc import Iterator
from dataclasses import fields
from functools import cache

import pytest
from flask import Flask
from jinja2 import Environment, UndefinedError, meta, nodes

from config import ROOT
from tracker.web.kit.views import Frame, View

WEB = ROOT / "tracker" / "web"
TEMPLATES = ROOT / "templates"
# Given by Flask and its extensions to every template.
GIVEN = {"bootstrap", "csrf_token", "get_flashed_messages", "request", "url_for"}
READING = Environment(autoescape=True)
FRAME = {field.name for field in fields(Frame)}


def pages() -> list[type[View]]:
    for path in WEB.rglob("*.py"):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return sorted(subclasses(View), key=lambda page: page.template)


def subclasses(kind: type[View]) -> Iterator[type[View]]:
    for sub in kind.__subclasses__():
        yield from subclasses(sub)
        # A dataclass with slots is a second class: its module knows the one that counts.  One without a template is
        # what pages share.
        if getattr(sys.modules[sub.__module__], sub.__name__, None) is sub and hasattr(sub, "template"):
            yield sub


@cache
def parsed(name: str) -> nodes.Template:
    return READING.parse((TEMPLATES / name).read_text("utf-8"), name)


def asked_in(name: str) -> set[str]:
    """Return the names a template asks for; that its filters are known is said where it is compiled."""
    tree = parsed(name)
    READING.filters |= {node.name: str for node in tree.find_all(nodes.Filter)}
    return meta.find_undeclared_variables(tree)


def parts(name: str) -> set[str]:
    """Return a template with all it extends, includes or imports with context: they see the same names."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        if (part := waiting.pop()) not in seen:
            seen.add(part)
            for node in parsed(part).find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
                if isinstance(node, nodes.Import | nodes.FromImport) and not node.with_context:
                    continue
                assert isinstance(node.template, nodes.Const), part
                waiting.append(node.template.value)
    return seen


def set_in(name: str) -> set[str]:
    """Return the names a template sets itself: an included part sees its imports and its loop's variables, too."""
    tree = parsed(name)
    names = {node.name for node in tree.find_all(nodes.Name) if node.ctx != "load"}
    names |= {node.name for node in tree.find_all(nodes.Macro)} | {node.target for node in tree.find_all(nodes.Import)}
    pairs = [pair for node in tree.find_all(nodes.FromImport) for pair in node.names]
    return names | {pair if isinstance(pair, str) else pair[1] for pair in pairs}


def asked_of(page: type[View], known: set[str]) -> set[str]:
    """Return the names a page's template asks for that nobody gives it."""
    together = parts(page.template)
    asked = set().union(*(asked_in(name) for name in together))
    own = set().union(*(set_in(name) for name in together))
    return asked - own - {field.name for field in fields(page)} - known  # type: ignore[arg-type]


def test_every_name_a_template_asks_for_is_a_field_of_its_page(built_app: Flask) -> None:
    known = GIVEN | FRAME | set(built_app.jinja_env.globals)
    assert len(pages()) > 50
    assert {page.__name__: names for page in pages() if (names := asked_of(page, known))} == {}


def test_every_field_of_a_page_is_asked_for_by_its_template() -> None:
    idle = {}
    for page in pages():
        asked = set().union(*(asked_in(name) for name in parts(page.template)))
        if left := {field.name for field in fields(page)} - asked:  # type: ignore[arg-type]
            idle[page.__name__] = left
    assert idle == {}


def test_every_template_of_a_page_is_rendered_by_one_page() -> None:
    named = [page.template for page in pages()]
    assert sorted(named) == sorted(set(named))
    part = {name for page in named for name in parts(page)} | {
        node.template.value
        for path in TEMPLATES.rglob("*.html")
        for node in parsed(path.relative_to(TEMPLATES).as_posix()).find_all((nodes.Import, nodes.FromImport))
        if isinstance(node.template, nodes.Const)
    }
    every = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")}
    assert every - part == {"reminders/mail/digest.html", "reminders/mail/line.html"}


def test_no_page_is_rendered_past_its_view() -> None:
    past = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "tracker").rglob("*.py")
        if path != WEB / "kit" / "views.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Name | ast.alias)
        and (getattr(node, "id", None) or getattr(node, "name", "")) in RENDERS
    ]
    assert past == []


RENDERS = {"render_template", "render_template_string", "stream_template"}


def test_every_condition_within_an_expression_says_what_else() -> None:
    """Without it Jinja's lenient kind of nothing stands there, which StrictUndefined does not reach."""
    names = [path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")]
    found = [(name, node.lineno) for name in names for node in parsed(name).find_all(nodes.CondExpr) if not node.expr2]
    assert found == []


def test_a_name_nobody_gives_is_an_error_and_not_an_empty_place(built_app: Flask) -> None:
    with built_app.test_request_context("/"), pytest.raises(UndefinedError):
        built_app.jinja_env.from_string("{{ mispelt }}").render()
