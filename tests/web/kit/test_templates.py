"""Templates: they compile, keep to the content security policy, are readable and say every light in words."""

import re
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import pytest
from flask import Flask, flash, render_template_string
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import Environment, StrictUndefined, nodes
from werkzeug.datastructures import ImmutableMultiDict
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional

import config
from tracker.adapters.line_breaks import LineBreaks
from tracker.adapters.mail.rendering import Digest, MailGroup, MailLine, MailList
from tracker.adapters.mail.rendering import render as render_mail
from tracker.reading.plan import Role
from tracker.rules.lights import Light
from tracker.web.kit.pagination import Links
from tracker.web.kit.posting import ConflictPage
from tracker.web.kit.views import (
    BrokenPage,
    Frame,
    NotFoundPage,
    NotPermittedPage,
    NotTakenPage,
    TooLargePage,
    TooManyPage,
    TooSlowPage,
    values,
)
from tracker.web.kit.words import set_up as give_words
from tracker.web.people.sign_in import LoginPage, PasswordPage

ROOT = config.ROOT
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
PAGES = sorted(p.relative_to(TEMPLATES).as_posix() for p in TEMPLATES.rglob("*") if p.suffix in (".html", ".txt"))


class Lenient(dict):
    """Filters and tests the web layer registers are not known here; their pages' own tests render them."""

    def __missing__(self, name):
        return lambda value, *args, **kwargs: value

    def __contains__(self, name):
        return True

    def get(self, name, default=None):
        return self[name]


@pytest.fixture(scope="module")
def app():
    """A small Flask application with the endpoints the frame links to."""
    app = Flask(__name__, template_folder=str(TEMPLATES), static_folder=str(STATIC))
    app.config.update(SECRET_KEY="for tests only", BOOTSTRAP_SERVE_LOCAL=True, WTF_CSRF_CHECK_DEFAULT=False)
    Bootstrap5(app)
    CSRFProtect(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(form_token=lambda: "0")
    app.jinja_env.add_extension(LineBreaks)
    give_words(app)
    app.context_processor(lambda: values(FRAME))
    for name in ("login", "password", "logout"):
        app.add_url_rule(f"/{name}", f"auth.{name}", lambda: "", methods=["GET", "POST"])
    return app


@pytest.fixture
def request_context(app):
    with app.test_request_context("/"):
        yield app


FRAME = Frame(
    today_words="3月23日 周一",
    now_words="2026年3月23日 周一 10:00",
    mail_not_sent=False,
    home_url="/",
    nav=[],
    who=None,
    mailbox_url=None,
    missing_notice=None,
)


def render(source, **context):
    """Render a snippet in the current application, in a frame that says nothing unless asked."""
    return render_template_string(source, **{**values(FRAME), **context})


# --- what is written in the files ---------------------------------------------------------------------------------


@cache
def parsed(name):
    env = Environment(extensions=["jinja2.ext.do", "jinja2.ext.i18n"], autoescape=True)
    return env.parse((TEMPLATES / name).read_text(encoding="utf-8"), name)


def source(name):
    return (TEMPLATES / name).read_text(encoding="utf-8")


def without_comments(name):
    return re.sub(r"\{#.*?#\}", "", source(name), flags=re.S)


def test_every_template_compiles(app):
    env = app.jinja_env.overlay()
    env.filters, env.tests = Lenient(env.filters), Lenient(env.tests)
    assert len(PAGES) > 80
    for name in PAGES:
        env.compile(source(name), name)


def test_what_templates_ask_of_each_other_is_there():
    assert [asked for name in PAGES for asked in missing(name)] == []


def missing(name):
    """Yield what a template asks of another that is not there."""
    tree = parsed(name)
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        if isinstance(node.template, nodes.Const) and node.template.value not in PAGES:
            yield f"{name} asks for {node.template.value}"
    for node in tree.find_all(nodes.FromImport):
        asked = {n[0] if isinstance(n, tuple) else n for n in node.names}
        yield from (f"{name}: {n}" for n in asked - exported(node.template.value))
    modules = {n.target: n.template.value for n in tree.find_all(nodes.Import) if isinstance(n.template, nodes.Const)}
    for node in tree.find_all(nodes.Getattr):
        module = modules.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        if module is not None and node.attr not in exported(module):
            yield f"{name}: {node.node.name}.{node.attr}"


def exported(name):
    """The names a module of macros gives away."""
    tree = parsed(name)
    names = {m.name for m in tree.find_all(nodes.Macro)}
    names |= {a.target.name for a in tree.find_all(nodes.Assign) if isinstance(a.target, nodes.Name)}
    return {n for n in names if not n.startswith("_")}


FORBIDDEN = {
    "a handler attribute": r"""[\s"']on(?:click|dblclick|change|submit|reset|load|unload|input|invalid|toggle|scroll|"""
    r"""key\w+|mouse\w+|pointer\w+|touch\w+|focus\w*|blur|error|drag\w*|drop|paste|copy|cut)\s*=""",
    "a script without src": r"<script(?![^>]*\ssrc=)",
    "a style element": r"<style\b",
    "an asset from outside": r"""\ssrc\s*=\s*["']?\s*(?:https?:)?//|"""
    r"""<link\b[^>]*href\s*=\s*["']?\s*(?:https?:)?//""",
    "a javascript: link": r"javascript:",
    "|safe": r"\|\s*(?:safe|forceescape\s*\|\s*safe)\b",
    "autoescape switched off": r"autoescape\s+false",
}


def test_nothing_the_security_policy_would_refuse():
    texts = {name: without_comments(name) for name in PAGES}
    found = [
        f"{name}: {what}: {hit.group(0)!r}"
        for what, pattern in FORBIDDEN.items()
        for name, text in texts.items()
        if (hit := re.search(pattern, text, flags=re.I))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "refused"),
    [
        ("a handler attribute", '<a onclick="x">'),
        ("a script without src", "<script>x</script>"),
        ("a style element", "<style>"),
        ("an asset from outside", '<img src="//cdn.example/x.png">'),
        ("a javascript: link", '<a href="javascript:x">'),
        ("|safe", "{{ x | safe }}"),
        ("autoescape switched off", "{% autoescape false %}"),
    ],
)
def test_each_pattern_finds_what_it_is_for(what, refused):
    assert re.search(FORBIDDEN[what], refused, flags=re.I)


def test_no_inline_style_outside_mail():
    pages = [name for name in PAGES if not name.startswith("reminders/mail/")]
    assert [name for name in pages if re.search(r"\sstyle\s*=|(?:\bstyle_?=)", source(name))] == []


def test_no_words_of_an_expression_are_broken_over_lines():
    """There a line break prints, and a formatter that breaks words would not be seen to."""
    parts = [(name, part) for name in PAGES for part in re.findall(r"\{[{%].*?[%}]\}", source(name), flags=re.S)]
    assert [
        (name, said) for name, part in parts for said in re.findall(r"'[^']*'|\"[^\"]*\"", part) if "\n" in said
    ] == []


def test_no_line_of_a_template_or_of_the_style_sheet_is_longer_than_one_reads():
    """The formatters break no line; here a line break prints nothing, so that anybody may."""
    files = [*(TEMPLATES / name for name in PAGES if name.endswith(".html")), STATIC / "look.css"]
    lines = [(path, n, line) for path in files for n, line in enumerate(path.read_text("utf-8").splitlines(), 1)]
    assert [f"{path.relative_to(ROOT)}:{n}" for path, n, line in lines if len(line) > 120] == []


def test_words_of_the_house():
    """No exclamation marks and never 系统: the reader deals with an office, not with a machine."""
    # The marks no line may begin with are a list of marks, not an exclamation; 系统管理员 is somebody's office.
    texts = {name: without_comments(name).replace("，。、；：？！", "").replace("系统管理员", "") for name in PAGES}
    assert [name for name, text in texts.items() if "！" in text or "系统" in text] == []


def test_style_sheet_fetches_only_its_own_files():
    css = (STATIC / "look.css").read_text(encoding="utf-8")
    assert "@import" not in css
    for url in re.findall(r"url\(([^)]*)\)", css):
        assert (STATIC / url.strip("'\"")).is_file(), url


# --- colours ------------------------------------------------------------------------------------------------------


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tokens():
    css = (STATIC / "look.css").read_text(encoding="utf-8")
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", css))


GROUNDS = ("paper", "sheet", "band")
TEXTS = ("ink", "ink-2", "ink-3", "brand", "brand-2", "late", "soon", "fine", "wait", "done")
PAIRS = [(text, ground) for text in TEXTS for ground in GROUNDS]
PAIRS += [(light, f"{light}-wash") for light in ("late", "soon", "fine", "wait", "done", "brand", "notice")]
PAIRS += [("ink", wash) for wash in ("late-wash", "soon-wash", "fine-wash", "brand-wash", "notice-wash")]
PAIRS += [("soon", "notice-wash"), ("brand-2", "notice-wash"), ("brand-2", "brand-wash"), ("ink-2", "notice-wash")]
PAIRS += [("sheet", "brand"), ("sheet", "brand-2")]


def test_text_is_readable_on_its_ground():
    colour = tokens()
    assert [pair for pair in PAIRS if contrast(colour[pair[0]], colour[pair[1]]) < 4.5] == []


def test_edges_of_controls_are_seen():
    assert contrast(tokens()["edge"], tokens()["sheet"]) >= 3


def test_mail_is_readable():
    for text, ground in re.findall(
        r"\('(#\w{6})', '(#\w{6})'", (TEMPLATES / "reminders/mail/_look.html").read_text("utf-8")
    ):
        assert contrast(text, ground) >= 4.5
        assert contrast(text, "#ffffff") >= 4.5


# --- macros -------------------------------------------------------------------------------------------------------


LIGHT = "{% import 'kit/macros/lights.html' as lights %}{{ lights.light(s) }}"


@pytest.mark.usefixtures("request_context")
@pytest.mark.parametrize("light", Light)
def test_a_light_always_prints_a_word(light):
    said = render(LIGHT, s=SimpleNamespace(light=light, words="逾期 18 个工作日"))
    assert said == f'<span class="light {light.value}">逾期 18 个工作日</span>'
    silent = SimpleNamespace(light=light, words="")
    assert f">{light.label}</span>" in render(LIGHT, s=silent)


@pytest.mark.parametrize("light", Light)
def test_a_light_has_the_same_shape_on_a_page_as_in_a_mail(light):
    css = (STATIC / "look.css").read_text(encoding="utf-8")
    for selector in (rf"\.light\.{light.value}::before", rf"\.{light.value} > \.shape::before"):
        assert re.search(rf'{selector}[^{{}}]*\{{\s*content: "{light.shape}"', css), selector


@pytest.mark.usefixtures("request_context")
def test_a_bar_is_said_in_words_and_fills_its_width():
    parts = [("done", 25, "办结 1 项"), ("fine", 0, "正常 0 项"), ("late", 75, "逾期 3 项")]
    html = render("{% import 'kit/macros/lights.html' as l %}{{ l.bar(parts) }}", parts=parts)
    assert 'aria-label="办结 1 项、逾期 3 项"' in html
    assert sum(float(w) for w in re.findall(r'<rect class="\w+"[^>]* width="([\d.]+)"', html)) == 100
    assert 'aria-label="没有责任"' in render("{% import 'kit/macros/lights.html' as l %}{{ l.bar([]) }}")


class Rule(Form):
    unit = SelectField("责任单位", choices=["市减负办"])
    days = IntegerField("期限", [InputRequired("请填写天数")])


class Sample(FlaskForm):
    version = HiddenField()
    what = TextAreaField("本期做了什么", [InputRequired("请写一句做了什么")], description="改动即可。")
    who = StringField("联系人", [Optional()])
    kind = RadioField("处理", [InputRequired("请选择一项")], choices=["已完成", "不跟踪"])
    ok = BooleanField("建立办件台账", [InputRequired("请先勾选")])
    rules = FieldList(FormField(Rule), "时限", min_entries=1)
    names = FieldList(StringField("别名", [InputRequired("请填写别名")]), "别名", min_entries=2)


FORM = "{% import 'kit/macros/forms.html' as f %}{{ f.hidden(form) }}{{ f.summary(form) }}{{ f.fields(form) }}"


@pytest.mark.usefixtures("request_context")
def test_a_refused_form_says_where_and_keeps_what_was_typed():
    typed = {
        "version": "3",
        "what": "",
        "who": "王<b>立",
        "rules-0-unit": "市减负办",
        "rules-0-days": "",
        "names-0": "",
        "names-1": "市工信局",
    }
    form = Sample(ImmutableMultiDict(typed), meta={"csrf": False})
    assert not form.validate()
    html = render(FORM, form=form)
    ids = set(re.findall(r'\sid="([^"]+)"', html))
    links = re.findall(r'<a href="#([^"]+)"', html)
    assert links == ["what", "kind", "ok", "rules-0-days", "names-0"]
    assert set(links) <= ids
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        assert set(described.split()) <= ids
    for label in re.findall(r'<label for="([^"]+)"', html):
        assert label in ids
    assert re.search(r'<textarea[^>]*aria-describedby="what-error what-hint"[^>]*aria-invalid="true"', html)
    assert 'value="王&lt;b&gt;立"' in html
    assert 'value="市工信局"' in html
    assert '<input id="version" name="version" type="hidden" value="3">' in html
    for words in ("请写一句做了什么", "请选择一项", "请先勾选", "请填写天数", "请填写别名"):
        assert html.count(words) == 2, words
    assert "联系人 <span" in html
    assert "（选填）" in html


@pytest.mark.usefixtures("request_context")
def test_a_fresh_form_shows_no_error():
    html = render(FORM, form=Sample())
    assert "mistake" not in html
    assert "aria-invalid" not in html
    assert 'class="summary"' not in html
    assert html.count('name="csrf_token"') == 1


@pytest.mark.usefixtures("request_context")
def test_macros_escape_what_they_print():
    evil = "<img src=x>"
    html = render(
        "{% import 'kit/macros/words.html' as w %}{% import 'kit/macros/history.html' as h %}"
        "{% import 'kit/macros/explanation.html' as e %}{% import 'kit/macros/tables.html' as t %}"
        "{{ w.marked([(x, ''), (x, 'unit')]) }}{{ w.steps([x, x], 1) }}{{ e.facts([(x, x)]) }}{{ e.chips([u]) }}"
        "{{ h.history([entry]) }}{{ e.why([step], x) }}{{ e.due(x, 'late', x) }}{{ t.empty(x, '/', x) }}",
        x=evil,
        u={"name": evil, "role": Role.LEAD, "url": None, "expands": 0},
        entry={"at_words": evil, "label": evil, "who": evil, "note": evil, "now": True},
        step={"text": evil, "article": evil},
    )
    assert evil not in html
    assert html.count("&lt;img") == 18
    assert 'class="chip lead"' in html
    assert 'aria-current="step"' in html


@pytest.mark.usefixtures("request_context")
def test_pager_and_sort_say_where_one_is():
    page = Links(41, "第 1–20 项，共 41 项", "第 1 / 3 页", None, "/?page=2")
    source = "{% import 'kit/macros/tables.html' as t %}{{ t.pager(p) }}{{ t.sort('时限', '/', 'descending') }}"
    html = render(source, p=page)
    assert "第 1–20 项，共 41 项" in html
    assert 'aria-disabled="true">上一页' in html
    assert 'href="/?page=2"' in html
    assert 'aria-sort="descending"' in html


# --- pages --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("request_context")
def test_the_frame():
    flash("已提交。", "success")
    nav = [
        {"label": "总览", "url": "/o", "active": True, "count": None},
        {"label": "待审核", "url": "/r", "active": False, "count": 7},
    ]
    html = render(
        "{% extends 'base.html' %}{% block title %}督办总览{% endblock %}{% block content %}正文{% endblock %}",
        nav=nav,
        who="市减负办 · 督查员",
        mail_not_sent=True,
        mailbox_url="/mailbox",
        today_words="3月23日 周一",
    )
    assert '<html lang="zh-CN">' in html
    assert html.index("跳到正文") < html.index("主导航")
    assert "<h1>督办总览</h1>" in html
    assert 'href="/o" class="on" aria-current="page"' in html
    assert "邮件未外发" in html
    assert 'href="/mailbox"' in html
    assert re.search(r'<form method="post" action="/logout"><input type="hidden" name="csrf_token"', html)
    assert '<div class="notice success" role="status">' in html
    assert not re.search(r'(?:src|href)="https?:', html)


@pytest.mark.usefixtures("request_context")
def test_what_every_page_warns_of_is_one_line():
    said = {"words": "2027年放假安排尚未载入，跨年的时限为暂定。", "url": "/calendars/"}
    frame = "{% extends 'base.html' %}"
    html = render(frame, mail_not_sent=True, mailbox_url="/mailbox", missing_notice=said)
    assert html.count('class="strip"') == 1
    strip = html[html.index('class="strip"') : html.index('<div class="page">')]
    assert "邮件未外发" in strip
    assert "2027年放假安排尚未载入" in strip
    assert 'href="/calendars/"' in strip
    assert 'href="/mailbox"' in strip
    assert 'class="strip"' in render(frame, missing_notice=said)
    assert 'class="strip"' not in render(frame, mail_not_sent=False, missing_notice=None)


REFUSALS = (
    NotTakenPage(), NotPermittedPage(), NotFoundPage(), TooLargePage(limit_words="20 MB"), TooManyPage(),
    BrokenPage(reference=None), TooSlowPage(seconds=30, reference=None),
)  # fmt: skip


@pytest.mark.usefixtures("request_context")
@pytest.mark.parametrize("page", REFUSALS, ids=lambda page: page.template)
def test_error_pages_say_what_happened_and_lead_on(page):
    html = page.render()
    assert "<h1>" in html
    assert 'class="btn btn-brand" href="/"' in html


@pytest.mark.usefixtures("request_context")
def test_a_stale_form_shows_both_versions():
    html = ConflictPage(
        current=[("完成程度", "60%"), ("说明", None)],
        typed=[("完成程度", "80%"), ("说明", "")],
        changed_words=None,
        back_url="/duty/1",
        again_url="/duty/1/report",
        again_fields=[("version", 4), ("text", '"<b>')],
    ).render()
    assert html.count('class="differs"') == 1
    assert "60%" in html
    assert "80%" in html
    assert 'href="/duty/1"' in html
    assert 'name="text" value="&#34;&lt;b&gt;"' in html


class Login(FlaskForm):
    login = StringField("账号")
    password = PasswordField("密码")


class Password(FlaskForm):
    current = PasswordField("现在的密码")
    new = PasswordField("新密码")
    again = PasswordField("再填一次新密码")


@pytest.mark.usefixtures("request_context")
def test_sign_in_pages():
    html = LoginPage(form=Login()).render()
    assert "<h1>措施落实台账</h1>" in html
    assert 'autocomplete="current-password"' in html
    assert html.count('autocomplete="new-password"') == 0
    assert PasswordPage(form=Password()).render().count('autocomplete="new-password"') == 2


LINE = MailLine(
    basis="规定：自正式受理起3个工作日内", date_label="时限",
    key="四.2", title="线索 2026-014 转办",
    quote="对审查后的投诉线索，自正式受理之日起3个工作日内转办处理。" * 4,
    doc="若干措施（〔2023〕5号）", date_words="2月26日 周四", why="2月14日正式受理，当日不计。",
    light_words="逾期 18 个工作日", url="https://tz.example/duties/17",
)  # fmt: skip
SIGN = replace(LINE, title="<b>甲</b>", date_words="", light_words="请签收")
HERE = MailList("责任", "https://tz.example/duties/")
MAIL = Digest(
    subject="〔逾期1项、新交办1项〕海城市政府共2项待办",
    greeting="海城市政府 王立", lead="1 项已逾期，请先办理；另有 1 项新交办请签收。", sender="市减负办",
    reason="您是海城市政府的承办人。", base_url="https://tz.example",
    groups=(
        MailGroup("逾期", (LINE,), (HERE,), "late", "■"),
        MailGroup("临期", (), (), "soon", "▲"),
        MailGroup("新交办", (SIGN,), (HERE,), "new", "○"),
    ),
)  # fmt: skip
ORDER = (
    "海城市政府 王立", "1 项已逾期", "逾期 · 1 项", "四.2", "对审查后", "规定：自正式受理", "2月26日 周四",
    "逾期 18 个工作日", "2月14日", "若干措施", "https://tz.example/duties/17",
    "新交办 · 1 项", "请签收", "市减负办 发送", "您是海城市政府的承办人", "https://tz.example",
)  # fmt: skip


def mail(form):
    """Mail is rendered without Flask."""
    return getattr(render_mail(MAIL), form)


@pytest.mark.parametrize("name", ["html", "text"])
def test_mail_says_things_in_one_order(name):
    text = mail(name)
    assert ("<b>甲</b>" in text) is (name == "text")
    text = text[text.index(MAIL.greeting) :]
    if name == "html":
        text = re.sub(r'<a href="([^"]+)"[^>]*>打开', r"\1", text)
        text = re.sub(r"<[^>]*>", " ", text).replace("&ensp;", " ")
    at = 0
    for words in ORDER:
        found = text.find(words, at)
        assert found >= 0, words
        at = found
    assert "临期" not in text
    assert "<img" not in text


def test_mail_lines_wrap_between_words():
    lines = mail("text").splitlines()
    for line in lines:
        assert sum(1 if c < "⺀" else 2 for c in line) <= 84, line
        assert not re.match(r"\s*[，。、；：？）》】”]", line)
    assert "   办理：https://tz.example/duties/17" in lines
