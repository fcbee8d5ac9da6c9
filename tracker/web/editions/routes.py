"""版本比对: a new edition beside the one in force, each change adopted or not, until it takes effect."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Blueprint, abort, flash, redirect, request, url_for
from wtforms import StringField
from wtforms.validators import AnyOf

from tracker.reading.pairing import ChangeKind, Piece, wording
from tracker.reading.plan import Role
from tracker.rules.permissions import PlaceAction
from tracker.services.editions import applying, opening
from tracker.services.editions.applying import Ahead
from tracker.store.core.pages import Page, page_bounds
from tracker.store.deadlines.rules import counts_from_document
from tracker.store.documents.drafts import Ask, Question, find_document, working_edition
from tracker.store.editions.changes import (
    Compared,
    LimitChange,
    changes_of,
    compared,
    draft_of,
    find_change,
    live_duties,
    open_questions,
)
from tracker.store.models import ChangeAnswer, DeadlineRule, Document, Edition, EditionChange, Measure
from tracker.web.documents.measure import rule_words, trial
from tracker.web.kit.access import actor, db, keep_args, or_404, page_number, this_act, this_day
from tracker.web.kit.fields import RowVersion
from tracker.web.kit.forms import PageForm
from tracker.web.kit.links import measure_url
from tracker.web.kit.pagination import Links, Tab, links
from tracker.web.kit.posting import Answer, Conflict, Done, Posting, press, refused_words
from tracker.web.kit.views import View

amend = Blueprint("amend", __name__, url_prefix="/amend")

PER_PAGE = 25

# The kinds of change that are asked about, in the order of their tabs.
ASKED = (ChangeKind.REWORDED, ChangeKind.NEW, ChangeKind.GONE, ChangeKind.MOVED)


class ChangeForm(PageForm):
    """采用 or 保留原样, for one change."""

    version = RowVersion()
    answer = StringField("答复", [AnyOf(set(ChangeAnswer), "请选择“采用”或“保留原样”。")])


class EditionForm(PageForm):
    """生效, 放弃: the edition as it was shown."""

    version = RowVersion()


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change as the page shows it: both texts, and what changes in words."""

    one: Compared
    kind: str
    answer: str
    old: list[Piece]
    new: list[Piece]
    facts: list[str]  # moved from, units, limits
    asked: list[tuple[str, str]]  # what is open in its measure, and where it is answered

    @property
    def measure(self) -> Measure | None:
        return self.one.change.new or self.one.change.old


@dataclass(frozen=True, slots=True)
class EditionBoard:
    """A new edition with its changes and what is still open."""

    edition: Edition
    found: list[Compared]
    questions: list[Question]

    @property
    def document(self) -> Document:
        return self.edition.document

    @property
    def waiting(self) -> int:
        return sum(1 for c in self.found if c.open)

    @property
    def ready(self) -> bool:
        return not self.waiting and not self.questions

    @property
    def wanting(self) -> str:
        parts = [f"{self.waiting} 处变化待答复"] if self.waiting else []
        return "、".join(parts + ([f"{len(self.questions)} 处待核对"] if self.questions else []))


def _draft(document_id: int) -> Edition:
    """Return the new edition a supervisor works on; a document without one leads to its own page."""
    document = or_404(find_document(db(), actor(), document_id))
    this_act().require(PlaceAction.AMEND, document.jurisdiction_id)
    edition = draft_of(db(), document_id)
    if edition is None:
        if request.method == "POST":
            flash("新版本已经生效或已放弃，不能再改。", "info")
        abort(redirect(url_for("documents.show", document_id=document_id)))
    return edition


def _board(document_id: int) -> EditionBoard:
    edition = working_edition(db(), document_id)
    found = [compared(c) for c in changes_of(db(), edition)]
    return EditionBoard(edition, found, open_questions(edition, found, this_day()))


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPage(View):
    """A new edition beside the one in force."""

    template: ClassVar[str] = "editions/show.html"
    shown: EditionBoard
    lines: list[ChangeLine]
    page: Links
    tabs: list[Tab]
    about: list[tuple[str, str]]
    kept: dict[str, Any]


@amend.get("/<int:document_id>")
def show(document_id: int) -> str:
    """Show what is new, gone, moved and reworded, each with its two answers."""
    _draft(document_id)
    shown = _board(document_id)
    wanted = request.args.get("kind", "")
    listed = [c for c in shown.found if _listed(c, wanted)]
    number, offset = page_bounds(len(listed), page_number(), PER_PAGE)
    page = Page(listed[offset : offset + PER_PAGE], number, len(listed), PER_PAGE)
    return ComparisonPage(
        shown=shown,
        lines=[_line(shown, c) for c in page.rows],
        page=links(page),
        tabs=_tabs(shown, wanted),
        about=_about(shown),
        kept=keep_args(page=page.number if page.number > 1 else None),
    ).render()


def _listed(one: Compared, wanted: str) -> bool:
    if wanted == "open":
        return one.open
    if wanted == ChangeKind.SAME:
        return not one.asked
    return one.asked and (not wanted or one.change.kind == wanted)


def _tabs(shown: EditionBoard, wanted: str) -> list[Tab]:
    counts = Counter(c.change.kind for c in shown.found if c.asked)
    unasked = sum(1 for c in shown.found if not c.asked)
    own = [("全部变化", "", sum(counts.values())), ("待答复", "open", shown.waiting)]
    own += [(kind.label, kind.value, counts[kind]) for kind in ASKED]
    if counts[ChangeKind.SAME] == 0 or unasked:
        own.append((ChangeKind.SAME.label, ChangeKind.SAME.value, unasked))
    document_id = shown.document.id
    return [
        Tab(words, url_for("amend.show", document_id=document_id, kind=value or None), value == wanted, n)
        for words, value, n in own
    ]


def _about(shown: EditionBoard) -> list[tuple[str, str]]:
    """Return what is open of the document itself, and where it is answered."""
    facts, doubts = (url_for(f"confirm.{page}", document_id=shown.document.id) for page in ("facts", "doubts"))
    doubted = sum(1 for q in shown.questions if q.measure is None and q.ask is Ask.DOUBT)
    own = [(q.words, facts) for q in shown.questions if q.measure is None and q.ask is not Ask.DOUBT]
    return own + ([(f"{doubted} 处疑问等您答复", doubts)] if doubted else [])


def _line(shown: EditionBoard, one: Compared) -> ChangeLine:
    change = one.change
    old, new = change.old, change.new
    both = wording(old.text, new.text) if old is not None and new is not None else []
    alone_old = [Piece(old.text, "kept")] if old is not None and new is None else []
    alone_new = [Piece(new.text, "kept")] if new is not None and old is None else []
    asked = [q for q in shown.questions if q.measure is not None and q.measure.id == change.new_measure_id]
    return ChangeLine(
        one,
        change.kind.label,
        change.answer.label if change.answer else ("待答复" if one.asked else "不变"),
        [p for p in both if p.sort != "added"] + alone_old,
        [p for p in both if p.sort != "removed"] + alone_new,
        [*_moved(old, new), *_units(one), *_limits(one)],
        [(_said(q), measure_url(shown.document.id, q.measure.id)) for q in asked if q.measure is not None],
    )


def _said(question: Question) -> str:
    if question.ask is Ask.UNCONFIRMED:
        return "核对这一项"
    return question.words.removeprefix(question.measure.key if question.measure else "").strip()


def _moved(old: Measure | None, new: Measure | None) -> list[str]:
    if old is None or new is None:
        return []
    found = [f"序号：{old.key} → {new.key}"] if old.key != new.key else []
    if (old.section or "") != (new.section or ""):
        found.append(f"章节：{old.section or '（无）'} → {new.section or '（无）'}")
    return found


def _units(one: Compared) -> list[str]:
    if one.change.old is None or one.change.new is None:
        return []  # a whole measure comes or goes: its units stand in its text
    found = []
    for unit in one.units:
        before, after = (Role(role).label if role else "" for role in (unit.before, unit.after))
        if not before:
            found.append(f"增加{after}：{unit.name}")
        elif not after:
            found.append(f"不再是{before}：{unit.name}")
        else:
            found.append(f"{unit.name}：{before} → {after}")
    was, will = one.task
    if was != will:
        found.append("原来不作为任务，现在作为任务" if will else "不再作为任务")
    return found


def _limits(one: Compared) -> list[str]:
    if one.change.old is None or one.change.new is None:
        return []
    return [_limit_words(limit) for limit in one.limits]


def _limit_words(limit: LimitChange) -> str:
    if limit.before is None:
        return f"增加时限：{_rule(limit.after)}"
    if limit.after is None:
        return f"取消时限：{_rule(limit.before)}"
    return f"时限：{_rule(limit.before)} → {_rule(limit.after)}"


def _rule(rule: DeadlineRule | None) -> str:
    if rule is None:
        return ""
    if not counts_from_document(rule):
        return rule_words(rule)
    counted = trial(rule, rule.item.measure.edition.facts)
    return f"{rule_words(rule)}（{counted.words}）" if counted else rule_words(rule)


# --- answers ---------------------------------------------------------------------------------------------------------


@amend.post("/<int:document_id>/changes/<int:change_id>")
def answer(document_id: int, change_id: int) -> Answer:
    """Adopt one change, or let its measure stay as it is."""
    form = ChangeForm()
    back = url_for("amend.show", document_id=document_id, **keep_args(), _anchor=f"c{change_id}")

    def load() -> EditionChange:
        return or_404(find_change(db(), _draft(document_id), change_id))

    def verb(change: EditionChange) -> Done:
        opening.answer_change(this_act(), change, ChangeAnswer(form.answer.data), form.version.data)
        return Done("", back)

    def conflict(change: EditionChange) -> Conflict:
        now = change.answer.label if change.answer else "待答复"
        return Conflict([("答复", now)], back, typed=[("答复", ChangeAnswer(form.answer.data).label)])

    return press(form, load, verb, back, conflict)


@amend.post("/<int:document_id>/all")
def adopt_all(document_id: int) -> Answer:
    """全部采用: every change that has no answer yet."""
    back = url_for("amend.show", document_id=document_id)

    def verb(shown: EditionBoard) -> Done:
        done = opening.adopt_all(this_act(), shown.edition, shown.found)
        return Done(f"已采用 {done} 处变化。", back) if done else Done("没有待答复的变化了。", back, "info")

    return press(None, lambda: _drafted(document_id), verb, back)


# --- taking effect, giving up ----------------------------------------------------------------------------------------


@amend.route("/<int:document_id>/apply", methods=["GET", "POST"])
def apply(document_id: int) -> Answer:
    """生效: say first what will be made, changed and revoked, then do it."""
    form = EditionForm()

    def verb(shown: EditionBoard) -> Done:
        done = applying.apply_edition(this_act(), shown.edition, form.version.data)
        return Done(
            f"新版本已生效：新增 {done.tasks} 项任务、{done.duties} 个责任，"
            f"调整 {done.amended} 项任务、{done.dates} 处时限，撤销 {done.revoked} 个责任。",
            url_for("documents.show", document_id=document_id),
        )

    def page(shown: EditionBoard) -> str:
        return _apply_page(shown, "".join(refused_words(form)))

    return Posting(form, lambda: _drafted(document_id), verb, page, _overtaken).answer()


def _drafted(document_id: int) -> EditionBoard:
    """Return the new edition a supervisor works on, with its changes."""
    _draft(document_id)
    return _board(document_id)


def _overtaken(shown: EditionBoard) -> Conflict:
    """Tell a new edition as it stands now."""
    now = [("变化", f"{len(shown.found)} 处"), ("还没有答复", shown.wanting or "没有")]
    return Conflict(now, url_for("amend.apply", document_id=shown.document.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyPage(View):
    """What a new edition will change, or what is still in its way."""

    template: ClassVar[str] = "editions/apply.html"
    shown: EditionBoard
    wrong: str
    ahead: Ahead
    changed: list[tuple[Measure | None, list[str]]]


def _apply_page(shown: EditionBoard, wrong: str = "") -> str:
    ahead = applying.look_ahead(shown.found, live_duties(db(), shown.document.id))
    return ApplyPage(
        shown=shown,
        wrong=wrong,
        ahead=ahead,
        changed=[(c.change.new, [*_units(c), *_limits(c)]) for c in ahead.changed],
    ).render()


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardPage(View):
    """The question before a new edition is given up."""

    template: ClassVar[str] = "editions/discard.html"
    edition: Edition
    document: Document


@amend.route("/<int:document_id>/discard", methods=["GET", "POST"])
def discard(document_id: int) -> Answer:
    """放弃新版本: asked first; the document in force stays as it is."""
    form = EditionForm()

    def verb(edition: Edition) -> Done:
        opening.discard_edition(this_act(), edition, form.version.data)
        words = "已放弃新版本，现行版本不变。上传的来源还在，可以重新比对。"
        return Done(words, url_for("documents.show", document_id=document_id))

    def page(edition: Edition) -> str:
        return DiscardPage(edition=edition, document=edition.document).render()

    return Posting(form, lambda: _draft(document_id), verb, page, lambda _: _overtaken(_board(document_id))).answer()
