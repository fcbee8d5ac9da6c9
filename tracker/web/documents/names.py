"""单位名称: every printed name nobody knows yet in one table, several answered in one press."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import url_for
from wtforms import BooleanField, FieldList, FormField, RadioField, StringField
from wtforms.validators import Length
from wtforms.widgets import HiddenInput

from tracker.reading.names.candidates import Closeness
from tracker.reading.names.likeness import normalise
from tracker.reading.plan import NameKind
from tracker.services.core.errors import Fault
from tracker.services.documents import answers
from tracker.services.documents.names import NameAnswer, settle_names
from tracker.store.documents.drafts import Ask
from tracker.store.models import Assignment, Document, UnitKind
from tracker.store.registry.names import Known, known_names
from tracker.store.registry.units import Choices
from tracker.store.registry.units import choices as registry_choices
from tracker.web.documents.confirmation_page import ConfirmationBoard, ConfirmationView, board, tabs
from tracker.web.documents.drafts import confirm, left_for, supervised, then_or
from tracker.web.kit.access import db, this_act
from tracker.web.kit.fields import Choice, Ids, by_kind, options, trimmed, wrong
from tracker.web.kit.forms import FormPart, PageForm
from tracker.web.kit.links import measure_url
from tracker.web.kit.posting import Answer, Done, Partly, Posting, press
from tracker.web.registry.routes import MAILBOX, PHONE

OTHER, CREATE, SOME, LEFT = "other", "new", "some", "left"


class NameAnswerForm(FormPart):
    """One printed name and whom it means: u<unit>, g<group>, another by its name, a new unit, chosen ones, nobody."""

    printed = StringField("名称", [Length(max=200)], widget=HiddenInput())
    means = RadioField("指谁", choices={}, validate_choice=False, default="")
    other = StringField("其他单位", [Length(max=200)], filters=[trimmed])
    told = StringField("已说明", [Length(max=20)], widget=HiddenInput())  # the body whose lesson was shown
    remember = BooleanField("记住这个名称", default=True)
    chosen = Ids("承办单位")
    sort = Choice("类别", choices=options(UnitKind), default=UnitKind.DEPARTMENT.value)
    email = StringField("邮箱", MAILBOX, filters=[trimmed])
    phone = StringField("电话", PHONE, filters=[trimmed])

    @property
    def way(self) -> str:
        """Return what was chosen; a name typed with nothing chosen is chosen by that."""
        return self.means.data or (OTHER if self.other.data else "")


class NamesForm(PageForm):
    """Every open name; each row is checked by itself, so that one that is wrong holds no other back."""

    rows = FieldList(FormField(NameAnswerForm, "名称"), "名称")

    def validate(self, extra_validators: Any = None) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class NameOffer:
    """A body a printed name may mean, as a choice: its value, its name, and how near it is."""

    value: str
    words: str
    near: str


@dataclass(frozen=True, slots=True)
class OpenName:
    """A printed name that is still open, with the measures it stands in and whom it may mean."""

    printed: str
    places: list[tuple[str, str]]  # a measure's number, and its address
    times: int
    kind: NameKind
    offers: list[NameOffer]

    @property
    def collective(self) -> bool:
        """Whether it may be answered by several chosen units, or be left out."""
        return self.kind is not NameKind.UNIT

    @property
    def teachable(self) -> bool:
        """Whether the registry may learn it: 各有关部门 means others in every document."""
        return self.kind is not NameKind.COLLECTIVE


@dataclass(frozen=True, slots=True)
class NameRow:
    """A name with its fields; `lesson` is the body whose name would be learned, where that had to be said first."""

    name: OpenName
    form: Any
    lesson: str


@dataclass(frozen=True, slots=True)
class NameTable:
    """The open names of a document, and what the registry of its place knows."""

    shown: ConfirmationBoard
    known: Known
    choices: Choices
    names: list[OpenName]

    def words(self, value: str) -> str:
        """Return the name of a choice u<unit> or g<group>; nothing for one the registry does not have."""
        number = int(value[1:]) if value[1:].isdigit() else 0
        found = self.choices.unit_names if value[:1] == "u" else self.choices.group_names
        return found.get(number, "")

    def value(self, typed: str) -> str:
        """Return the choice a typed name stands for; nothing where the registry does not know it."""
        unit_id, group_id = self.known.resolve(typed)
        return f"u{unit_id}" if unit_id is not None else f"g{group_id}" if group_id is not None else ""


@confirm.route("/<int:document_id>/names", methods=["GET", "POST"])
def names(document_id: int) -> Answer:
    """单位名称: unknown and collective names, each answered once for every place it stands in."""
    form = NamesForm()
    typed: dict[str, NameAnswerForm] = {}

    def fresh() -> NamesForm:
        return _form(name_table(document_id), {})

    left = left_for(document_id, form, fresh, lambda url: _page(document_id, _by_name(form), url))
    if left is not None:
        return left

    def verb(_: Document) -> Done | Partly:
        table = name_table(document_id)
        typed.update(_by_name(form))
        given, asked = _answers(table, typed)
        done = settle_names(this_act(), table.shown.edition, given)
        for printed, faults in done.refused.items():
            _show(typed[printed], faults)
        said = f"已确认 {done.names} 个名称，文中共 {done.places} 处。" if done.names else ""
        back = url_for("confirm.names", document_id=document_id)
        if asked or done.refused or any(row.errors for row in typed.values()):
            return Partly(said)
        return Done(said or "还没有选择名称指谁。", then_or(back), "success" if done.names else "info")

    return Posting(form, lambda: supervised(document_id), verb, lambda _: _page(document_id, typed)).answer()


def _by_name(form: NamesForm) -> dict[str, NameAnswerForm]:
    """Return the rows that were sent, by the name each is about."""
    return {row.form.printed.data: row.form for row in form.rows if row.form.printed.data}


def _answers(table: NameTable, typed: dict[str, NameAnswerForm]) -> tuple[list[NameAnswer], int]:
    """Return the answers that can be carried out, and how many wait until what would be learned has been shown."""
    given, asked = [], 0
    for name in table.names:
        row = typed.get(name.printed)
        if row is None or not row.way or not row.validate():
            continue
        way = table.value(row.other.data or "") if row.way == OTHER else row.way
        if not way:
            wrong(row.other, _not_known(row.other.data))
        elif way in (SOME, LEFT) and not name.collective:
            wrong(row.means, "请从列表中选择一项。")
        elif way == SOME and not row.chosen.data:
            wrong(row.chosen, "请勾选承办的单位，或者选“暂不落实”。")
        elif way in (SOME, LEFT):
            picked = tuple(row.chosen.data or ()) if way == SOME else ()
            given.append(NameAnswer(name.printed, chosen=picked, left_out=way == LEFT))
        elif way == CREATE:
            sort, email, phone = UnitKind(row.sort.data), row.email.data, row.phone.data
            given.append(NameAnswer(name.printed, create=True, sort=sort, email=email, phone=phone))
        elif not table.words(way):
            wrong(row.means, "请从列表中选择一项。")
        else:
            learn = name.teachable and bool(row.remember.data)
            if learn and row.way == OTHER and row.told.data != way:
                row.told.data = way
                asked += 1
                continue
            number = int(way[1:])
            unit_id, group_id = (number, None) if way[0] == "u" else (None, number)
            given.append(NameAnswer(name.printed, unit_id=unit_id, group_id=group_id, remember=learn))
    return given, asked


def _not_known(typed: str | None) -> str:
    return f"单位库中没有“{typed}”，请从列表中选择，或者新建。" if typed else "请填写单位的名称。"


def _show(row: NameAnswerForm, faults: Iterable[Fault]) -> None:
    for fault in faults:
        wrong(row[fault.field] if fault.field in ("email", "phone") else row.means, fault.words)


# --- the page --------------------------------------------------------------------------------------------------------


def name_table(document_id: int) -> NameTable:
    """Load the open names of what is being confirmed; the caller has authorised."""
    shown = board(document_id)
    place = shown.document.jurisdiction_id
    known, choices = known_names(db(), place), registry_choices(db(), place)
    # Printed with a blank or in another width it is the same name, answered once.
    found: dict[str, list[tuple[Assignment, tuple[str, str]]]] = {}
    for question in shown.questions:
        if question.ask in (Ask.UNKNOWN_UNIT, Ask.COLLECTIVE) and question.assignment and question.measure:
            at = (question.measure.key, measure_url(document_id, question.measure.id))
            found.setdefault(normalise(question.assignment.printed), []).append((question.assignment, at))
    opened = []
    for rows in found.values():
        first, places = rows[0][0], list(dict.fromkeys(at for _, at in rows))
        opened.append(OpenName(first.printed, places, len(rows), first.kind, _offers(first, known, choices)))
    return NameTable(shown, known, choices, opened)


def _offers(row: Assignment, known: Known, choices: Choices) -> list[NameOffer]:
    """Return the nearest bodies in use; 各有关部门 is like nothing."""
    made = []
    found = known.offered(row.printed) if row.kind is not NameKind.COLLECTIVE else []
    # Names that share some letters alone are offered only where nothing is nearer.
    nearer = [near for near in found if near.closeness is not Closeness.PART]
    for near in nearer or found:
        if near.unit_id is not None and near.unit_id in choices.unit_names:
            made.append(NameOffer(f"u{near.unit_id}", choices.unit_names[near.unit_id], near.closeness.label))
        elif near.group_id is not None and near.group_id in choices.group_names:
            size = choices.group_sizes.get(near.group_id, 0)
            words = f"{choices.group_names[near.group_id]}（{size} 个单位）"
            made.append(NameOffer(f"g{near.group_id}", words, near.closeness.label))
    return made


def _form(table: NameTable, typed: dict[str, NameAnswerForm]) -> NamesForm:
    """Return the form of the names still open; of those that were sent, as they were sent."""
    data = [
        typed[name.printed].data if name.printed in typed else {"printed": name.printed, "remember": name.teachable}
        for name in table.names
    ]
    form = NamesForm(formdata=None, data={"rows": data})
    for entry in form.rows:
        sent = typed.get(entry.form.printed.data)
        for field in entry.form if sent is not None else ():
            field.errors = [*sent[field.short_name].errors]  # type: ignore[index]
    return form


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesPage(ConfirmationView):
    """The names nobody knows yet, and the collective ones."""

    template: ClassVar[str] = "documents/confirm/names.html"
    form: NamesForm
    rows: list[NameRow]
    choices: Choices
    units_by_kind: list[tuple[str, list[tuple[int, str]]]]
    leave_url: str


def _page(document_id: int, typed: dict[str, NameAnswerForm], leave_url: str = "") -> str:
    table = name_table(document_id)
    form = _form(table, typed)
    rows = [
        NameRow(name, entry.form, table.words(entry.form.told.data or ""))
        for name, entry in zip(table.names, form.rows, strict=True)
    ]
    return NamesPage(
        shown=table.shown,
        tabs=tabs(table.shown, "names"),
        form=form,
        rows=rows,
        choices=table.choices,
        units_by_kind=by_kind(table.choices),
        leave_url=leave_url,
    ).render()


@confirm.post("/<int:document_id>/rematch")
def rematch(document_id: int) -> Answer:
    """Look the open names up in the registry again."""
    back = url_for("confirm.names", document_id=document_id)

    def verb(_: Document) -> Done:
        settled = answers.learn_from_registry(this_act(), board(document_id).edition)
        if settled:
            return Done(f"单位库已认得其中 {settled} 处名称。", back)
        return Done("单位库中仍没有这些名称。", back, "info")

    return press(None, lambda: supervised(document_id), verb, back)
