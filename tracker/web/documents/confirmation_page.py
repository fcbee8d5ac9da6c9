"""What the pages of confirmation show: how far it is, what is still open, and one measure in full."""

from dataclasses import dataclass
from functools import cached_property

from flask import url_for

from tracker.clock.rules import Kind
from tracker.reading.plan import DoubtKind
from tracker.reading.slips import Slip
from tracker.services.documents.answers import undated_items
from tracker.services.documents.beside import beside_questions
from tracker.services.documents.publication import Foreseen, empty_groups, foresee, groups_of
from tracker.store.documents.drafts import Ask, Question, questions, slips_in_edition, unsure, working_edition
from tracker.store.documents.recuts import Undoable, steps_of
from tracker.store.models import Document, Edition
from tracker.store.registry.units import members_of
from tracker.web.documents.drafts import supervised
from tracker.web.kit.access import calendar, db, now, this_day
from tracker.web.kit.links import measure_url
from tracker.web.kit.pagination import Tab
from tracker.web.kit.views import View

# Doubts that say of what was read with little confidence why that is.
UNSURE_KINDS = (DoubtKind.UNSURE_UNIT, DoubtKind.HALF_LIMIT)

# How many matters of one kind are told one by one; more of them stand in one line with their number.
TOLD_ONE_BY_ONE = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing still open, and where it is answered."""

    words: str
    url: str


@dataclass(frozen=True)
class ConfirmationBoard:
    """An edition under confirmation with everything its pages count."""

    edition: Edition
    questions: list[Question]
    foreseen: Foreseen
    empty_groups: list[str]

    @property
    def document(self) -> Document:
        return self.edition.document

    @property
    def total(self) -> int:
        return len(self.edition.measures)

    @cached_property
    def unconfirmed(self) -> int:
        return sum(1 for m in self.edition.measures if m.confirmed_at is None)

    @property
    def confirmed(self) -> int:
        return self.total - self.unconfirmed

    @property
    def percent(self) -> int:
        return 100 * self.confirmed // self.total if self.total else 0

    @cached_property
    def rules(self) -> int:
        return sum(
            1
            for m in self.edition.measures
            if m.is_task
            for i in m.items
            for r in i.rules
            if r.kind is not Kind.VALIDITY
        )

    @cached_property
    def open(self) -> list[Asked]:
        """What still has to be decided, apart from measures nobody has looked at; one line for each matter."""
        return [*_about_document(self), *_about_doubts(self), *_about_names(self), *_about_measures(self)]

    @cached_property
    def doubts(self) -> dict[int, list[str]]:
        """By measure, what is open in it; little confidence counts until somebody has confirmed it."""
        found: dict[int, list[str]] = {}
        for measure in self.edition.measures:
            if asked := [q for q in self.questions if q.measure is measure and q.ask is not Ask.UNCONFIRMED]:
                found[measure.id] = _said_together(asked)
        said_already = {q.measure.id for q in self.questions if q.measure and q.doubt and q.doubt.kind in UNSURE_KINDS}
        for measure in self.edition.measures:
            told = measure.confirmed_at is not None or not measure.is_task or measure.id in said_already
            half = [] if told else unsure(measure)
            if half:
                said = "、".join(f"“{words}”" for words in half)
                found.setdefault(measure.id, []).append(f"{said}可能没有读全，请对照原文看过")
        return found

    @cached_property
    def steps(self) -> list[Undoable]:
        """What was done to the measures by hand and can be taken back, the last first."""
        return steps_of(db(), self.edition.id)

    @cached_property
    def slips(self) -> list[Slip]:
        """Contacts that the source may have misprinted: shown, never merged."""
        return slips_in_edition(self.edition)

    @property
    def clear(self) -> int:
        """How many measures 全部确认无疑问的 would confirm."""
        return sum(1 for m in self.edition.measures if m.confirmed_at is None and m.id not in self.doubts)

    @property
    def ready(self) -> bool:
        return not self.open and not self.unconfirmed

    @property
    def wanting(self) -> str:
        """What publication waits for, in the words of its button."""
        parts = [f"{len(self.open)} 处待定"] if self.open else []
        if self.unconfirmed:
            parts.append(f"{self.unconfirmed} 项待核对")
        return "、".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationView(View):
    """A page in the frame of confirmation: how far it is, and the way between its pages."""

    shown: ConfirmationBoard
    tabs: list[Tab]


def board(document_id: int, *, with_reading: bool = False) -> ConfirmationBoard:
    """Load an edition with what its pages count; the caller has authorised."""
    edition = working_edition(db(), document_id, with_reading=with_reading)
    members, days = members_of(db(), groups_of(edition)), calendar(edition.document.jurisdiction_id)
    foreseen = foresee(edition, members, days, now())
    asked = [*questions(edition, this_day(), days), *beside_questions(db(), edition)]
    return ConfirmationBoard(edition, asked, foreseen, empty_groups(edition, members))


def supervised_board(document_id: int) -> ConfirmationBoard:
    """Return what is being confirmed, where the actor may."""
    supervised(document_id)
    return board(document_id)


def _bare(question: Question) -> str:
    """Return a question's words without the measure's number in front."""
    key = question.measure.key if question.measure else ""
    return question.words.removeprefix(key).strip()


def _said_together(asked: list[Question]) -> list[str]:
    """Return what is open in one measure in words, the names that the registry lacks in one breath."""
    unknown = [f"“{q.assignment.printed}”" for q in asked if q.ask is Ask.UNKNOWN_UNIT and q.assignment is not None]
    names = [f"{'、'.join(dict.fromkeys(unknown))}不在单位库中"] if unknown else []
    return names + [_bare(q) for q in asked if q.ask is not Ask.UNKNOWN_UNIT]


def _about_document(shown: ConfirmationBoard) -> list[Asked]:
    url = url_for("confirm.facts", document_id=shown.document.id)
    found = [Asked(q.words, url) for q in shown.questions if q.ask in (Ask.ISSUE_DATE, Ask.EXPIRED)]
    if shown.empty_groups:
        said = "、".join(f"“{name}”" for name in shown.empty_groups)
        found.append(Asked(f"{said}在单位库中还没有成员单位", url_for("units.groups")))
    return found


def _about_doubts(shown: ConfirmationBoard) -> list[Asked]:
    """Say what the reading doubts in one line for each page it is answered on."""
    asked = [q.doubt for q in shown.questions if q.doubt is not None]
    looked_at = {d.measure_id for d in asked if d.measure_id is not None and d.kind is not DoubtKind.CONFLICT}
    answered = [d for d in asked if d.measure_id is None or d.kind is DoubtKind.CONFLICT]
    made, url = [], url_for("confirm.doubts", document_id=shown.document.id)
    # Whose document it is comes before all that is in it.
    made += [Asked(f"{d.seen}，请确认", url) for d in answered if d.kind is DoubtKind.PLACE]
    answered = [d for d in answered if d.kind is not DoubtKind.PLACE]
    if answered:
        made.append(Asked(f"{len(answered)} 处疑问等您答复", url))
    if looked_at:
        url = url_for("confirm.show", document_id=shown.document.id, only="doubt")
        made.append(Asked(f"{len(looked_at)} 项措施有疑问，要逐项看过", url))
    return made


def _about_names(shown: ConfirmationBoard) -> list[Asked]:
    places: dict[tuple[str, Ask], list[str]] = {}
    for q in shown.questions:
        if q.ask in (Ask.UNKNOWN_UNIT, Ask.COLLECTIVE) and q.assignment is not None and q.measure is not None:
            places.setdefault((q.assignment.printed, q.ask), []).append(q.measure.key)
    url = url_for("confirm.names", document_id=shown.document.id)
    if len(places) > TOLD_ONE_BY_ONE:
        return [Asked(f"{len(places)} 个单位名称还不知道指谁", url)]
    made = []
    for (printed, ask), keys in places.items():
        says = "未指明单位" if ask is Ask.COLLECTIVE else "不在单位库中"
        where = keys[0] if len(keys) == 1 else f"{keys[0]} 等 {len(keys)} 处"
        made.append(Asked(f"{where} “{printed}”{says}", url))
    return made


def _about_measures(shown: ConfirmationBoard) -> list[Asked]:
    document_id = shown.document.id
    past = [q for q in shown.questions if q.ask is Ask.PAST_DATE]
    over = [q for q in shown.questions if q.ask is Ask.NO_PERIOD]
    single = [q for q in shown.questions if q.ask in (Ask.NO_UNIT, Ask.UNBOUND, Ask.NO_DATE)]
    beside = url_for("confirm.beside", document_id=document_id)
    made = [Asked(q.words, beside) for q in shown.questions if q.ask is Ask.BESIDE]
    nobody = [q for q in single if q.ask is Ask.NO_UNIT]
    if len(nobody) > TOLD_ONE_BY_ONE:
        keys = "、".join(dict.fromkeys(q.measure.key for q in nobody if q.measure is not None))
        url = url_for("confirm.show", document_id=document_id, only="doubt")
        made.append(Asked(f"{len(nobody)} 处没有牵头或责任单位（{keys}）", url))
        single = [q for q in single if q.ask is not Ask.NO_UNIT]
    if len(past) > 1:
        url = url_for("confirm.past", document_id=document_id)
        made.append(Asked(f"{len(past)} 个日期已过，请说明是否已完成", url))
    else:
        single = past + single
    if len(over) > 1:
        keys = "、".join(dict.fromkeys(q.measure.key for q in over if q.measure is not None))
        url = url_for("confirm.past", document_id=document_id)
        made.append(Asked(f"{len(over)} 个周期时限在有效期内没有一期可办（{keys}），请说明怎么处理", url))
    else:
        single = over + single
    return made + [Asked(q.words, measure_url(document_id, q.measure.id)) for q in single if q.measure is not None]


def tabs(shown: ConfirmationBoard, here: str) -> list[Tab]:
    """Return the pages of confirmation with what is open on each."""
    asks = [q.ask for q in shown.questions]
    names = {
        q.assignment.printed for q in shown.questions if q.ask in (Ask.UNKNOWN_UNIT, Ask.COLLECTIVE) and q.assignment
    }
    counted = [
        ("核对一览", "show", shown.unconfirmed),
        ("疑问", "doubts", asks.count(Ask.DOUBT)),
        ("单位名称", "names", len(names)),
        ("无时限措施", "undated", len(undated_items(shown.edition))),
        ("已过日期", "past", asks.count(Ask.PAST_DATE) + asks.count(Ask.NO_PERIOD)),
        *([("法定时限", "beside", asks.count(Ask.BESIDE))] if Ask.BESIDE in asks or here == "beside" else []),
        ("文件信息", "facts", asks.count(Ask.ISSUE_DATE) + asks.count(Ask.EXPIRED)),
        ("全文", "text", 0),
    ]
    return [
        Tab(words, url_for(f"confirm.{name}", document_id=shown.document.id), name == here, count or None)
        for words, name, count in counted
    ]
