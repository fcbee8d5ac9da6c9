"""One act on the measures of a draft (拆分、合并…), kept so that it can be taken back (撤销上一步)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, bindparam, delete, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from tracker.reading import plan as reading
from tracker.reading.loss.apart import Apart
from tracker.reading.plan import Doubt, DoubtKind, Span
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused, Stale, check_version
from tracker.services.documents.answers import guard
from tracker.store.documents.recuts import last_step
from tracker.store.models import (
    Assignment,
    AssignmentChoice,
    Contact,
    DeadlineRule,
    DoubtAnswer,
    Edition,
    EditionDoubt,
    Item,
    Measure,
    Recut,
    RecutKind,
    RuleBinding,
)

VERBS = {
    RecutKind.SPLIT: Verb.MEASURE_SPLIT,
    RecutKind.JOIN: Verb.MEASURE_JOIN,
    RecutKind.ADD: Verb.MEASURE_ADD,
    RecutKind.TAKE_OUT: Verb.MEASURE_TAKE_OUT,
    RecutKind.LEVEL: Verb.EDITION_RECUT,
}
NOT_CUT = "新版本的措施要和现行版本逐项比对，不能在这里拆分、合并。请放弃这个新版本，把原文按要拆的样子编号后重新上传。"
_PARTS = (Measure, Item, Assignment, AssignmentChoice, DeadlineRule, RuleBinding, Contact, EditionDoubt, Recut)
# An edition's numbers are unique at every moment: while they change places they stand below zero.
_TABLE = cast(Table, Measure.__table__)


@dataclass(frozen=True, slots=True)
class Cut:
    """What an act makes of a draft: its measures from now on, in order, and the stretch it is about."""

    kind: RecutKind
    words: str
    measures: Sequence[Measure]
    span: Span
    read: Sequence[reading.Measure] = ()  # those read anew, by the numbers they stand under now
    note: str | None = None


def guard_draft(act: Act, edition: Edition, version: int | None) -> None:
    """Let supervisors of the place cut a first draft anew; a new edition answers to the one in force, part by part."""
    guard(act, edition)
    if edition.amends:
        raise Refused(NOT_CUT)
    check_version(edition.version, version)


def year_of(edition: Edition) -> int | None:
    """Return the year that dates without one are read in."""
    issued = edition.facts.issued_on
    return issued.year if issued else None


def carry_out(act: Act, edition: Edition, cut: Cut, text: str) -> Recut:
    """Give a draft other measures; what it no longer has waits, whole, for the act to be taken back."""
    session = act.session
    out = [m for m in edition.measures if m not in cut.measures]
    made = [m for m in cut.measures if m.id is None]
    step = Recut(
        edition_id=edition.id,
        number=1 + (session.scalar(select(func.max(Recut.number)).where(Recut.edition_id == edition.id)) or 0),
        kind=cut.kind,
        words=cut.words,
        note=cut.note,
        order=[m.id for m in edition.measures],
        by_id=act.by_id,
        at=act.now,
    )
    session.add(step)
    session.flush()  # what it takes out and what it makes name it
    last = max((m.ordinal for m in edition.measures), default=0)
    for measure in out:
        edition.measures.remove(measure)
        measure.taken_by_id = step.id
    for n, measure in enumerate(made, 1):
        measure.made_by_id, measure.ordinal = step.id, last + n
        edition.measures.append(measure)
    edition.touch()
    session.flush()
    _number(session, edition.id, [m.id for m in cut.measures])
    for n, measure in enumerate(cut.measures, 1):
        set_committed_value(measure, "ordinal", n)
    set_committed_value(edition, "measures", list(cut.measures))
    _ask_on(act, edition, step, cut, out, text)
    act.record(
        VERBS[cut.kind],
        Subject.EDITION,
        edition.id,
        document=edition.document,
        before={"measures": [m.key for m in out]},
        after={"measures": [m.key for m in made], "words": cut.words},
        note=cut.note,
    )
    return step


def _number(session: Session, edition_id: int, ids: Sequence[int]) -> None:
    """Number an edition's measures anew; their versions stay, since nothing of them changed."""
    held = _TABLE.c.edition_id == edition_id
    session.execute(_TABLE.update().where(held).values(ordinal=-_TABLE.c.id))
    numbered = _TABLE.update().where(_TABLE.c.id == bindparam("row")).values(ordinal=bindparam("place"))
    if ids:
        session.execute(numbered, [{"row": i, "place": n} for n, i in enumerate(ids, 1)])


# --- what is doubted of the measures that are gone -------------------------------------------------------------------


def _ask_on(act: Act, edition: Edition, step: Recut, cut: Cut, out: Sequence[Measure], text: str) -> None:
    """Ask what is doubted of the new measures and of what the act left; settle what it has answered."""
    gone, made = {m.id for m in out}, [m for m in cut.measures if m.made_by_id == step.id]
    apart = Apart(text, year_of(edition))
    before = [d for d in edition.doubts if d.measure_id in gone]
    fresh = [d for d in _anew(apart, cut, made) if not any(_same(d, old) and not old.open for old in before)]
    for doubt in (d for d in before if d.open):
        heir = _heir(doubt, out, made)
        again = any(_same(doubt, one) for one in fresh)
        if heir is not None and not again and not (doubt.kind is DoubtKind.NO_UNIT and _charges(heir)):
            fresh.append(_again(doubt, heir))
    for doubt in (d for d in edition.doubts if d.open and d.measure_id is None):
        if _answered(doubt, cut, edition.measures, apart):
            doubt.answer = DoubtAnswer.ADDED if doubt.kind is DoubtKind.SUSPECT else DoubtAnswer.CORRECTED
            doubt.answered_by_id, doubt.answered_at, doubt.settled_by_id = act.by_id, act.now, step.id
    if cut.kind is not RecutKind.TAKE_OUT:  # there a person has read it, and said why
        gaps = _uncovered([Span(m.start, m.end) for m in out], edition.measures)
        fresh += [_row(doubt, None) for doubt in apart.left(gaps)]
    last = max((d.ordinal for d in edition.doubts), default=0)
    for n, doubt in enumerate(fresh, 1):
        doubt.ordinal, doubt.made_by_id = last + n, step.id
        edition.doubts.append(doubt)
    act.session.flush()


def _anew(apart: Apart, cut: Cut, made: Sequence[Measure]) -> list[EditionDoubt]:
    """Return what is doubted of the measures read anew."""
    by_key = {m.key: m for m in made}
    return [_row(doubt, by_key.get((doubt.measure or "")[:60])) for doubt in apart.about(cut.read)]


def _row(doubt: Doubt, measure: Measure | None) -> EditionDoubt:
    return EditionDoubt(
        kind=doubt.kind,
        start=doubt.span.start,
        end=doubt.span.end,
        seen=doubt.seen,
        others=[[one.start, one.end] for one in doubt.others],
        measure=measure,
    )


def _same(a: EditionDoubt, b: EditionDoubt) -> bool:
    return a.kind is b.kind and a.start < b.end and b.start < a.end


def _heir(doubt: EditionDoubt, out: Sequence[Measure], made: Sequence[Measure]) -> Measure | None:
    """Return the new measure that holds what was doubted, or the nearest cut from the same one."""
    gone = next(m for m in out if m.id == doubt.measure_id)
    parts = [m for m in made if m.start < gone.end and gone.start < m.end]
    here = [m for m in parts if m.start < doubt.end and doubt.start < m.end]
    return here[0] if here else min(parts, key=lambda m: abs(m.start - doubt.start), default=None)


def _charges(measure: Measure) -> bool:
    return all(i.assignments for i in measure.items)


def _again(doubt: EditionDoubt, heir: Measure) -> EditionDoubt:
    return EditionDoubt(
        kind=doubt.kind, start=doubt.start, end=doubt.end, seen=doubt.seen, others=doubt.others, measure=heir
    )


def _answered(doubt: EditionDoubt, cut: Cut, now: Sequence[Measure], apart: Apart) -> bool:
    """Whether an act answers a doubt of no measure: the level is chosen, or its words are in measures now.

    What a person left out of the measure she made must state no duty itself: else it is still to be asked.
    """
    if doubt.start >= cut.span.end or doubt.end <= cut.span.start:
        return False
    if doubt.kind is DoubtKind.LEVEL:
        return cut.kind is RecutKind.LEVEL
    if doubt.kind is not DoubtKind.SUSPECT:
        return False
    left = _uncovered([Span(doubt.start, doubt.end)], now)
    return left != [Span(doubt.start, doubt.end)] and not apart.left(left)


def _uncovered(spans: Sequence[Span], now: Sequence[Measure]) -> list[Span]:
    """Return of stretches what no measure holds."""
    held = sorted((m.start, m.end) for m in now)
    found: list[Span] = []
    for span in spans:
        place = span.start
        for start, end in held:
            if end <= place or start >= span.end:
                continue
            if start > place:
                found.append(Span(place, start))
            place = max(place, end)
        if place < span.end:
            found.append(Span(place, span.end))
    return found


# --- 撤销上一步 ------------------------------------------------------------------------------------------------------


def take_back(act: Act, edition: Edition, step_id: int, version: int | None = None) -> str:
    """Take back the last act on a draft's measures; returns what it was.  Refuses where another came after it."""
    guard_draft(act, edition, version)
    step = last_step(act.session, edition.id)
    if step is None or step.id != step_id:
        raise Stale
    session, edition_id = act.session, edition.id
    made = list(session.scalars(select(Measure.id).where(Measure.made_by_id == step.id)))
    taken = list(session.scalars(select(Measure.id).where(Measure.taken_by_id == step.id)))
    words, order = step.words, list(step.order)
    edition.touch()
    act.record(
        Verb.EDITION_TAKE_BACK,
        Subject.EDITION,
        edition_id,
        document=edition.document,
        before={"measures": len(edition.measures)},
        after={"measures": len(order), "words": words},
    )
    session.flush()
    _let_go(session)
    settled = {"answer": None, "answered_by_id": None, "answered_at": None, "settled_by_id": None}
    for statement in (
        delete(EditionDoubt).where(EditionDoubt.made_by_id == step_id),
        delete(EditionDoubt).where(EditionDoubt.measure_id.in_(made)),
        update(EditionDoubt).where(EditionDoubt.settled_by_id == step_id).values(settled),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})
    remove_measures(session, made)
    _number(session, edition_id, order)
    back = _TABLE.update().where(_TABLE.c.id.in_(taken)).values(edition_id=edition_id, taken_by_id=None)
    session.execute(back)
    session.execute(delete(Recut).where(Recut.id == step_id), execution_options={"synchronize_session": False})
    return words


def _let_go(session: Session) -> None:
    """Forget the rows of drafts that are at hand: from here on they come and go behind the session's back."""
    for row in list(session.identity_map.values()):
        if isinstance(row, _PARTS) and row in session:
            session.expunge(row)
    session.expire_all()


def remove_measures(session: Session, ids: Sequence[int]) -> None:
    """Delete measures of a draft with all they hold."""
    items = select(Item.id).where(Item.measure_id.in_(ids))
    rules = select(DeadlineRule.id).where(DeadlineRule.item_id.in_(items))
    names = select(Assignment.id).where(Assignment.item_id.in_(items))
    for statement in (
        delete(RuleBinding).where(RuleBinding.rule_id.in_(rules)),
        delete(AssignmentChoice).where(AssignmentChoice.assignment_id.in_(names)),
        delete(Assignment).where(Assignment.item_id.in_(items)),
        delete(DeadlineRule).where(DeadlineRule.item_id.in_(items)),
        delete(Contact).where(Contact.item_id.in_(items)),
        delete(Item).where(Item.measure_id.in_(ids)),
        delete(Measure).where(Measure.id.in_(ids)),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})
