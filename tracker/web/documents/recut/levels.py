"""按哪一级拆分: the draft, or one branch of it, cut at another level; what it would give is shown before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from flask import request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from tracker.reading import plan as reading
from tracker.reading.outline.styles import NumberStyle
from tracker.reading.plan import Span
from tracker.services.core.errors import Refused
from tracker.services.documents.recut.levels import Proposal, cut_at_level, propose
from tracker.store.documents.drafts import source_of_first_draft, source_text
from tracker.store.documents.recuts import left_by_hand
from tracker.store.models import Measure, RecutKind
from tracker.web.documents.confirmation_page import ConfirmationBoard, ConfirmationView, tabs
from tracker.web.documents.drafts import confirm
from tracker.web.documents.readings import ASK_AGAIN_S, ReadAtLevel, readings
from tracker.web.documents.recut.parts import draft_to_cut, overtaken
from tracker.web.documents.source_text import plan_range
from tracker.web.kit.access import actor, db, outfit, this_act
from tracker.web.kit.fields import Choice, RowVersion, options
from tracker.web.kit.forms import PageForm
from tracker.web.kit.posting import Answer, Done, Posting

_BRANCH = re.compile(r"(\d{1,9})-(\d{1,9})")
LONGEST_HEAD = 24


class LevelForm(PageForm):
    """按哪一级拆分"""

    version = RowVersion()
    level = Choice(
        "按哪一级",
        choices=options(NumberStyle),
        validators=[InputRequired("请选择按哪一级拆分。")],
    )
    branch = StringField("哪一部分", widget=HiddenInput())
    promised = StringField("要得到的措施", widget=HiddenInput())


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """A level that occurs, with how many numbers of it there are."""

    style: NumberStyle
    count: int
    used: bool  # most of the draft's measures stand at it

    @property
    def words(self) -> str:
        return f"{self.style.label}（{self.count} 处）{'　现在' if self.used else ''}"


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of the document that has numbers of its own."""

    value: str
    words: str
    span: Span


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """One measure as it would be: new, or as it is now."""

    key: str
    words: str
    kept: bool
    confirmed: bool


@dataclass(frozen=True, slots=True)
class CutOutcome:
    """What a cut would give, in figures and line by line."""

    proposal: Proposal
    total: int
    lines: list[ProposedLine]
    kept_confirmed: list[Measure]
    lost_confirmed: list[Measure]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelPage(ConfirmationView):
    """The choice of a level, and what it would give: while its text is being read, how far that is."""

    template: ClassVar[str] = "documents/confirm/level.html"
    form: LevelForm
    levels: list[LevelChoice]
    branches: list[Branch]
    branch: str
    level: str
    read: ReadAtLevel
    outcome: CutOutcome | None
    back_url: str


@confirm.route("/<int:document_id>/level", methods=["GET", "POST"])
def level(document_id: int) -> Answer:
    """Choose a level for the draft or one branch; say what it would give, then do it."""
    form = LevelForm()
    branch = request.values.get("branch", "")
    asked = request.values.get("level", "")
    read = _read_before(document_id, asked)

    def verb(shown: ConfirmationBoard) -> Done:
        if read.under_way:
            here = url_for("confirm.level", document_id=document_id, level=asked, branch=branch)
            return Done("还没有拆分：正文正在重新读取，读好后请看过结果再按“按此拆分”。", here, "info")
        if read.measures is None:
            raise Refused(read.words)
        span = _span(shown, branch)
        where = f"{_named(shown, branch)}{NumberStyle(asked).label}"
        proposal = _proposal(shown, read.measures, span)
        cut_at_level(
            this_act(),
            shown.edition,
            proposal,
            span,
            where,
            promised=form.promised.data or None,
            version=form.version.data,
        )
        words = f"已{where}：现在共 {len(shown.edition.measures)} 项措施。"
        return Done(words, url_for("confirm.show", document_id=document_id))

    def page(shown: ConfirmationBoard) -> Response | str:
        return _page(shown, form, asked, branch, read)

    def conflict(shown: ConfirmationBoard) -> Any:
        return overtaken(shown, url_for("confirm.level", document_id=document_id))

    return Posting(form, lambda: draft_to_cut(document_id), verb, page, conflict).answer()


def _read_before(document_id: int, asked: str) -> ReadAtLevel:
    """Read the text at a level before any session is opened: nobody waits for a lock while it is being read."""
    with outfit().database.read() as session:
        source_id = source_of_first_draft(session, actor(), document_id)
    if source_id is None or asked not in set(NumberStyle):
        return ReadAtLevel(())  # the loader or the form says so
    return readings().at_levels.ask(source_id, asked, _stored_text)


def _stored_text(source_id: int) -> str:
    with outfit().database.read() as session:
        return source_text(session, source_id)


def _branch_span(branch: str) -> Span | None:
    found = _BRANCH.fullmatch(branch)
    return Span(int(found[1]), int(found[2])) if found else None


def _span(shown: ConfirmationBoard, branch: str) -> Span:
    """Return the stretch of a branch, the plan's where none is named."""
    text = source_text(db(), shown.edition.plan_reading.source_id)
    start, end = plan_range(shown.edition, text)
    wanted = _branch_span(branch)
    return Span(max(start, wanted.start), min(end, wanted.end)) if wanted else Span(start, end)


def _proposal(shown: ConfirmationBoard, read: Sequence[reading.Measure], span: Span) -> Proposal:
    here = [one for one in read if span.start <= one.span.start < span.end]
    return propose(shown.edition, here, span, _left_out(shown))


def _left_out(shown: ConfirmationBoard) -> list[tuple[int, int, str]]:
    """Return what a person said to be no measure."""
    said = {u.step.id for u in shown.steps if u.step.kind is RecutKind.TAKE_OUT}
    return left_by_hand(db(), shown.edition.id, said)


def _page(shown: ConfirmationBoard, form: LevelForm, asked: str, branch: str, read: ReadAtLevel) -> Response | str:
    outcome = None
    span = _span(shown, branch)
    known = asked in set(NumberStyle)
    if known and read.measures is not None:
        outcome = _outcome(shown, _proposal(shown, read.measures, span))
    if request.method != "POST":
        mark = outcome.proposal.mark if outcome else ""
        data = {"version": shown.edition.version, "level": asked, "branch": branch, "promised": mark}
        form = LevelForm(formdata=None, data=data)
    page = LevelPage(
        shown=shown,
        tabs=tabs(shown, "show"),
        form=form,
        levels=level_choices(shown, span),
        branches=_branches(shown),
        branch=branch,
        level=asked if known else "",
        read=read,
        outcome=outcome,
        back_url=url_for("confirm.show", document_id=shown.document.id),
    ).render()
    # The page asks again by itself, with or without scripts.
    again = read.under_way and request.method != "POST"
    return Response(page, headers={"Refresh": str(ASK_AGAIN_S)}, mimetype="text/html") if again else page


def _outcome(shown: ConfirmationBoard, proposal: Proposal) -> CutOutcome:
    lines = [
        ProposedLine(one.key, one.title, True, one.confirmed_at is not None)
        if isinstance(one, Measure)
        else ProposedLine(one.key, _first(one.title or one.text), False, False)
        for one in proposal.block
    ]
    others = [m for m in shown.edition.measures if m not in proposal.gone and m not in proposal.kept]
    kept = proposal.confirmed([*others, *proposal.kept])
    return CutOutcome(proposal, len(others) + proposal.total, lines, kept, proposal.confirmed(proposal.gone))


def _first(words: str, longest: int = 60) -> str:
    flat = "".join(words.split())
    return flat if len(flat) <= longest else f"{flat[:longest]}…"


# --- what there is to choose from ------------------------------------------------------------------------------------


def nodes_of(shown: ConfirmationBoard) -> list[dict[str, Any]]:
    """Return the outline as it was read; none of a draft read before outlines were kept."""
    found: list[dict[str, Any]] = shown.edition.plan_reading.reading.get("outline") or []
    return [node for node in found if node["style"] in set(NumberStyle)]


def level_choices(shown: ConfirmationBoard, span: Span | None = None) -> list[LevelChoice]:
    """Return the levels that occur in a branch, the outermost first."""
    nodes = [n for n in nodes_of(shown) if span is None or span.start <= n["span"][0] < span.end]
    starts = {m.start for m in shown.edition.measures}
    count: dict[str, int] = {}
    depth: dict[str, int] = {}
    used: dict[str, int] = {}
    for node in nodes:
        style = node["style"]
        count[style] = count.get(style, 0) + 1
        depth[style] = min(depth.get(style, node["depth"]), node["depth"])
        used[style] = used.get(style, 0) + any(node["head"][0] <= s <= node["head"][1] for s in starts)
    most = max(used.values(), default=0)
    order = list(NumberStyle)
    return [
        LevelChoice(NumberStyle(style), count[style], bool(most) and used[style] == most)
        for style in sorted(count, key=lambda s: (depth[s], order.index(NumberStyle(s))))
    ]


def _branches(shown: ConfirmationBoard) -> list[Branch]:
    """Return the parts of the outline that have parts of their own."""
    nodes = nodes_of(shown)
    text = source_text(db(), shown.edition.plan_reading.source_id)
    made = []
    for node, following in pairwise(nodes):
        if following["depth"] > node["depth"]:
            start, end = node["span"]
            head = _first(text[node["head"][0] : node["head"][1]], LONGEST_HEAD)
            made.append(Branch(f"{start}-{end}", "　" * node["depth"] + head, Span(start, end)))
    return made


def _named(shown: ConfirmationBoard, branch: str) -> str:
    found = next((b for b in _branches(shown) if b.value == branch), None)
    return f"“{found.words.strip()}”" if found else ""
