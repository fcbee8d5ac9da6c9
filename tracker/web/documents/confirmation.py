"""核对: the whole reading in one table, each measure unfolding in its place beside its text, until all is confirmed."""

from dataclasses import dataclass
from typing import Any, ClassVar

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from tracker.clock.rules import CountUnit
from tracker.reading.plan import NameKind, Role
from tracker.services.case_types.limits import offers_for, waiting_rules
from tracker.services.core.errors import Refused, Stale, check_version
from tracker.services.documents import confirmation
from tracker.store.documents.drafts import confirmers, find_measure, measure_questions, working_edition
from tracker.store.models import Document, DocumentState, Measure, PastAnswer
from tracker.store.registry.names import known_names
from tracker.store.registry.units import Choices
from tracker.store.registry.units import choices as registry_choices
from tracker.web.documents import answers, names, publishing  # noqa: F401 - their pages stand on the same blueprint
from tracker.web.documents.confirmation_forms import MeasureForm, measure_input, measure_values
from tracker.web.documents.confirmation_page import ConfirmationBoard, ConfirmationView, board, tabs
from tracker.web.documents.drafts import confirm, supervised, then_or
from tracker.web.documents.glance import MeasureRow, TableHead, TableView, columns, lines, listed, listing, narrowings
from tracker.web.documents.measure import ItemView, item_views, meaning, rule_words
from tracker.web.documents.recut import beside, by_hand, doubts, levels  # noqa: F401 - all but one likewise
from tracker.web.documents.recut.parts import text_of
from tracker.web.documents.source_text import (
    PageCoverage,
    SectionPart,
    TextBlock,
    page_coverage,
    parts,
)
from tracker.web.kit.access import actor, calendar, db, not_found, or_404, this_act, this_day, whole
from tracker.web.kit.fields import by_kind
from tracker.web.kit.forms import changed
from tracker.web.kit.links import measure_url, own_address
from tracker.web.kit.pagination import Tab
from tracker.web.kit.posting import Answer, Conflict, Done, Posting, press

# Its addresses are here and in three modules more: create_app takes the blueprint from where all have been named.
__all__ = ["confirm"]


@dataclass(frozen=True, slots=True)
class SourceView:
    """The part of the text at hand."""

    part: SectionPart
    number: int
    of: int
    blocks: list[TextBlock]


@confirm.get("/")
def index() -> Response:
    """Lead to the drafts: confirmation is always of one document."""
    return redirect(url_for("documents.index", state=DocumentState.DRAFT.value))


@confirm.get("/<int:document_id>")
def show(document_id: int) -> str:
    """Show the whole reading in one table; the measure asked for is unfolded in its place."""
    supervised(document_id)
    shown = board(document_id, with_reading=True)
    measure = _at_hand(shown)
    form = MeasureForm(formdata=None, data=measure_values(measure)) if measure is not None else None
    return _page(shown, measure, form)


@confirm.post("/<int:document_id>/measures/<int:measure_id>")
def save(document_id: int, measure_id: int) -> Answer:
    """Take one measure's corrections and go on to the next that nobody has confirmed."""
    form, adding, going = MeasureForm(), request.form.get("do", ""), request.form.get("go", "")
    if adding:
        _measure(document_id, measure_id)
        _add_row(form, adding)
        return _again(document_id, measure_id, form)
    if going:
        return _leave(document_id, _measure(document_id, measure_id), form, going)
    return Posting(
        form,
        lambda: _measure(document_id, measure_id),
        lambda found: _confirmed(document_id, found, form),
        lambda _: _again(document_id, measure_id, form),
        lambda found: _conflict(found, form),
    ).answer()


def _measure(document_id: int, measure_id: int) -> Measure:
    """Return a measure of a document the actor may confirm."""
    supervised(document_id)
    measure = or_404(find_measure(db(), actor(), measure_id))
    if measure.edition.document_id != document_id:
        not_found()
    if measure.edition_id != working_edition(db(), document_id).id:
        raise Stale  # published meanwhile, and a new edition is at hand
    return measure


def _confirmed(document_id: int, measure: Measure, form: MeasureForm) -> Done | str:
    """Take what was typed, and lead to the next that nobody has confirmed; ask first where a name would be learned."""
    if {e.form.id.data for e in form.items} != {i.id for i in measure.items}:
        raise Refused("这一页的内容不完整，请重新打开后再提交。")
    check_version(measure.version, form.version.data)
    if _tell_what_is_learned(measure, form):
        return _again(document_id, measure.id, form)
    confirmation.correct_measure(this_act(), measure, measure_input(form, measure), form.version.data)
    return Done("", then_or(_here(document_id, after=measure.ordinal)))


def _tell_what_is_learned(measure: Measure, form: MeasureForm) -> bool:
    """Whether a name nobody knew is said to mean a body, and nobody has been shown yet what would be learned by it."""
    unknown = {
        a.id for i in measure.items for a in i.assignments if not a.answered and a.kind is not NameKind.COLLECTIVE
    }
    asked = [e.form for item in form.items for e in item.form.names if e.form.id.data in unknown]
    return any([name.tell() for name in asked])  # every one of them, not the first alone


def _here(document_id: int, **more: Any) -> str:
    """Return the address of the table as it is asked for now, with a measure unfolded in it."""
    return url_for("confirm.show", document_id=document_id, **listing().args, **more, _anchor="here")


@confirm.post("/<int:document_id>/clear")
def clear(document_id: int) -> Answer:
    """Confirm every measure that raises no question."""
    back = url_for("confirm.show", document_id=document_id)

    def verb(_: Document) -> Done:
        done = confirmation.confirm_clear(this_act(), board(document_id).edition)
        if done:
            return Done(f"已确认 {done} 项没有疑问的措施。", back)
        return Done("没有可以直接确认的措施了。", back, "info")

    return press(None, lambda: supervised(document_id), verb, back)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPage(ConfirmationView):
    """The whole text, and what became of each paragraph."""

    template: ClassVar[str] = "documents/confirm/text.html"
    blocks: list[TextBlock]
    coverage: PageCoverage


@confirm.get("/<int:document_id>/text")
def text(document_id: int) -> str:
    """Show the whole text with what was read marked, and every paragraph that belongs to no measure with its reason."""
    supervised(document_id)
    shown = board(document_id, with_reading=True)
    cut, covered = _cut(shown)
    return TextPage(shown=shown, tabs=tabs(shown, "text"), blocks=cut, coverage=covered).render()


BY_KEY = {"before": 0, "after": 1}
CLEAR = "clear"  # 全部确认无疑问的, pressed while a measure stands open


def _leave(document_id: int, measure: Measure, form: MeasureForm, going: str) -> Answer:
    """Go where the reader wants to; where something was changed, say so first and keep what was typed."""
    fresh = MeasureForm(formdata=None, data=measure_values(measure))
    shown = board(document_id, with_reading=True)
    if going in BY_KEY:
        there = _neighbours(_rows(shown, measure), measure)[BY_KEY[going]] or measure
        url = measure_url(document_id, there.id, **listing().args)
    else:
        url = own_address(going) or url_for("confirm.show", document_id=document_id)
    if not changed(form, fresh):
        return clear(document_id) if going == CLEAR else redirect(url)
    return _page(shown, measure, form, leave_url=url)


# --- the page --------------------------------------------------------------------------------------------------------


def _at_hand(shown: ConfirmationBoard) -> Measure | None:
    """Return the measure asked for, else the next that waits from `after` on; none where neither is asked for."""
    wanted, after = request.args.get("m", type=whole), request.args.get("after", type=whole)
    if wanted is not None:
        found = next((m for m in shown.edition.measures if m.id == wanted), None)
        return or_404(found)
    if after is None:
        return None
    doubtful = [m for m in shown.edition.measures if m.id in shown.doubts]
    unseen = [m for m in shown.edition.measures if m.confirmed_at is None]
    # Whoever begins meets the doubtful first; whoever confirms goes on in the document's order.
    waiting = doubtful if listing().only == "doubt" or (doubtful and not after) else unseen or doubtful
    return next((m for m in waiting if m.ordinal > after), waiting[0] if waiting else None)


def _rows(shown: ConfirmationBoard, measure: Measure | None) -> list[MeasureRow]:
    """Return the rows of the table as asked for."""
    return listed(lines(shown, confirmers(db(), shown.edition)), listing(), measure)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPage(ConfirmationView):
    """The whole reading in one table, and the form of the measure at hand."""

    template: ClassVar[str] = "documents/confirm/show.html"
    lines: list[MeasureRow]
    narrowings: list[Tab]
    columns: list[TableHead]
    listing: TableView
    begin_url: str | None
    close_url: str
    measure: Measure | None
    form: MeasureForm | None
    items: list[ItemView]
    choices: Choices | None
    units_by_kind: list[tuple[str, list[tuple[int, str]]]]
    source: SourceView | None
    levels: list[levels.LevelChoice]
    coverage: PageCoverage
    before_url: str | None
    after_url: str | None
    leave_url: str | None


def _page(
    shown: ConfirmationBoard, measure: Measure | None, form: MeasureForm | None, leave_url: str | None = None
) -> str:
    session, wanted, document_id = db(), listing(), shown.document.id
    cut, covered = _cut(shown)
    every = lines(shown, confirmers(session, shown.edition))
    rows = listed(every, wanted, measure)
    items, choices = [], None
    if measure is not None and form is not None:
        choices = registry_choices(session, shown.document.jurisdiction_id)
        known = known_names(session, shown.document.jurisdiction_id)
        waiting = [rule for item in measure.items for rule in waiting_rules(item)]
        offers = offers_for(session, waiting, shown.document.jurisdiction_id)
        asked = measure_questions(measure, this_day(), calendar(shown.document.jurisdiction_id))
        items = item_views(form, measure, known, choices, asked, offers)
    before, after = _neighbours(rows, measure)
    return ConfirmPage(
        shown=shown,
        tabs=tabs(shown, "show"),
        lines=rows,
        narrowings=narrowings(document_id, every, wanted),
        columns=columns(document_id, wanted),
        listing=wanted,
        begin_url=_here(document_id, after=0) if shown.unconfirmed or shown.doubts else None,
        close_url=url_for("confirm.show", document_id=document_id, **wanted.args),
        measure=measure,
        form=form,
        items=items,
        choices=choices,
        units_by_kind=by_kind(choices) if choices else [],
        source=_source(shown, measure, cut) if measure is not None else None,
        levels=levels.level_choices(shown),
        coverage=covered,
        before_url=measure_url(document_id, before.id, **wanted.args) if before else None,
        after_url=measure_url(document_id, after.id, **wanted.args) if after else None,
        leave_url=leave_url,
    ).render()


def _neighbours(rows: list[MeasureRow], measure: Measure | None) -> tuple[Measure | None, Measure | None]:
    """Return the measures before and after the one at hand in the table."""
    at = next((n for n, line in enumerate(rows) if line.measure is measure), None)
    if at is None:
        return None, rows[0].measure if rows else None
    return rows[at - 1].measure if at else None, rows[at + 1].measure if at + 1 < len(rows) else None


def _cut(shown: ConfirmationBoard) -> tuple[list[TextBlock], PageCoverage]:
    """Return the plan's whole text in blocks, and how much of it is accounted for."""
    text = text_of(shown)
    within = (text.span.start, text.span.end)
    return text.blocks, page_coverage(text.text, within, shown.edition.measures, text.reading, text.blocks)


def _source(shown: ConfirmationBoard, measure: Measure | None, cut: list[TextBlock]) -> SourceView | None:
    """Return the section that holds the measure at hand; the first where none is."""
    if not cut or not shown.edition.measures:
        return None
    found = parts(shown.edition, cut[0].start, cut[-1].end)
    number = next((n for n, part in enumerate(found) if measure in part.measures), 0)
    part = found[number]
    return SourceView(part, number + 1, len(found), [b for b in cut if b.end > part.start and b.start < part.end])


def _again(document_id: int, measure_id: int, form: MeasureForm) -> str:
    """Show a measure's form as it was sent, on rows read afresh."""
    shown = board(document_id, with_reading=True)
    measure = next(m for m in shown.edition.measures if m.id == measure_id)
    return _page(shown, measure, form)


def _add_row(form: MeasureForm, wanted: str) -> None:
    """Give an item one more empty name or time limit: name-0, rule-0."""
    sort, _, number = wanted.partition("-")
    if not number.isdigit() or int(number) >= len(form.items):
        return
    item = form.items[int(number)].form
    (item.names if sort == "name" else item.rules).append_entry({})


def _conflict(measure: Measure, form: MeasureForm) -> Conflict:
    """Tell what the measure says now beside what was sent."""
    choices = registry_choices(db(), measure.edition.document.jurisdiction_id)
    fresh = MeasureForm(formdata=None, data=measure_values(measure))
    back = measure_url(measure.edition.document_id, measure.id, **listing().args)
    return Conflict(_said(fresh, measure, choices), back, typed=_said(form, measure, choices))


def _said(form: MeasureForm, measure: Measure, choices: Choices) -> list[tuple[str, str]]:
    """Say a form in words, line by line, so that two can be compared."""
    held = {a.id: a for i in measure.items for a in i.assignments}
    rules = {r.id: r for i in measure.items for r in i.rules}
    made = [("标题", form.title.data or ""), ("作为任务", "否" if form.not_task.data else "是")]
    for n, entry in enumerate(form.items, 1):
        mark = f"（第 {n} 个责任项）" if len(form.items) > 1 else ""
        units = []
        for name in (e.form for e in entry.form.names):
            if not name.remove.data and not name.blank:
                row = held.get(name.id.data)
                means = meaning(name.means.data or "", name.chosen.data or [], choices, row) or "待定"
                printed = f"{row.printed}：" if row and row.printed != means else ""
                role = Role(name.role.data).label
                units.append(f"{printed}{means}（{role}）")
        made.append((f"责任单位{mark}", "\n".join(units)))
        limits = [_limit(e.form, rules) for e in entry.form.rules if not e.form.remove.data and not e.form.blank]
        made.append((f"时限{mark}", "\n".join(limits)))
    return made


def _limit(form: Any, rules: dict[int, Any]) -> str:
    row = rules.get(form.id.data)
    told = [row.quote or rule_words(row)] if row else ["新增时限"]
    told += [str(f.data) for f in (form.due_on, form.until, form.renewed_on) if f.data]
    if form.amount.data is not None:
        unit = CountUnit(form.unit.data).label if form.unit.data in set(CountUnit) else ""
        told.append(f"{form.trigger.data or ''} {form.amount.data} {unit}".strip())
    if form.past_answer.data in set(PastAnswer):
        told.append(PastAnswer(form.past_answer.data).label)
    return "，".join(told)
