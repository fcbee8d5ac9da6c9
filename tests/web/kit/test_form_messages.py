"""Every form of the pages speaks Chinese, also where WTForms finds the words."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask_login import login_user
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, FormField, IntegerField, RadioField, StringField
from wtforms.form import BaseForm
from wtforms.validators import Length

import tracker.web
from tests.kit.world import World
from tracker.web.documents.names import NameAnswerForm
from tracker.web.kit.access import SignedIn
from tracker.web.kit.forms import FormPart, PageForm


def form_classes() -> list[type[Any]]:
    """Return every form that a module of the pages defines."""
    modules = [importlib.import_module(m.name) for m in pkgutil.walk_packages(tracker.web.__path__, "tracker.web.")]
    members = {member for module in modules for _, member in inspect.getmembers(module, inspect.isclass)}
    ours = {c for c in members if issubclass(c, BaseForm) and c.__module__.startswith("tracker.")}
    return sorted(ours, key=lambda c: f"{c.__module__}.{c.__name__}")


FORMS = form_classes()


def leaves(form: Any) -> Iterator[Any]:
    """Yield the fields of a form, and those of one entry in each of its lists."""
    for field in form:
        if isinstance(field, FieldList):
            field = field.append_entry()
        if isinstance(field, FormField):
            yield from leaves(field.form)
        else:
            yield field


def messages(errors: Any) -> Iterator[str]:
    """Yield the messages of a form's errors, however deep they lie."""
    if isinstance(errors, str):
        yield errors
        return
    for inner in errors.values() if isinstance(errors, dict) else errors:
        yield from messages(inner)


def refused(form: type[Any], typed: str) -> list[str]:
    """Return what a form says of having the same thing in each of its fields."""
    without_csrf: dict[str, Any] = {"meta": {"csrf": False}}
    names = [f.name for f in leaves(form(None, **without_csrf)) if not isinstance(f, BooleanField)]
    sent = form(MultiDict((name, typed) for name in names), **without_csrf)
    sent.validate()
    return list(messages(sent.errors))


def test_every_form_stands_on_one_of_the_two_bases() -> None:
    assert len(FORMS) > 40
    assert [form for form in FORMS if not issubclass(form, PageForm | FormPart)] == []


@pytest.mark.parametrize("typed", ["", "@", "-1", "９" * 9_000], ids=["nothing", "no value of any kind", "-1", "long"])
def test_no_form_refuses_in_english(app: Flask, world: World, typed: str) -> None:
    with app.test_request_context(method="POST"):
        login_user(SignedIn("lead", world.actors["lead"], "token"))  # whose password one of them checks
        said = {(form.__name__, words) for form in FORMS for words in refused(form, typed)}
    assert said
    foreign = {(form, words) for form, words in said if not re.search(r"[\u4e00-\u9fff]", words) or "field" in words}
    assert foreign == set()


class Sample(PageForm):
    """A form whose validators have no words of ours."""

    name = StringField("名称", [Length(max=3)])
    amount = IntegerField("数量")
    kind = RadioField("种类", choices=["甲", "乙"])


def test_what_has_no_words_of_ours_is_refused_in_those_of_wtforms(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        form = Sample(MultiDict({"name": "一二三四", "amount": "三", "kind": "丙"}), meta={"csrf": False})
        assert not form.validate()
    assert form.errors == {
        "name": ["字段长度不能超过 3 个字符。"],
        "amount": ["不是有效的整数。"],
        "kind": ["不是有效的选择。"],
    }


def test_a_box_ticked_with_what_no_row_has_is_left_out(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        typed = MultiDict([("chosen", v) for v in ("7", "²", "９", "x", "9" * 5_000)])
        form = NameAnswerForm(typed)
    assert form.chosen.data == [7]
