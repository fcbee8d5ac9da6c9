"""Case types (办件类型): made, revised in versions, taken out of use, and made from a document's time limit."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.clock.rules import Kind, Sense
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.services.case_types.checks import check
from tracker.services.case_types.steps import (
    LONGEST_NAME,
    LimitInput,
    StepInput,
    TypeInput,
    input_of,
    limit_input,
    limit_words,
    outline,
    rows_of,
    settled,
)
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused, check_version
from tracker.store.core.stages import stage_of_type
from tracker.store.deadlines.rules import counts_from_document
from tracker.store.models import (
    Bound,
    CaseType,
    CaseTypeVersion,
    DeadlineRule,
    Document,
    DocumentState,
    EditionState,
    Party,
    StepKind,
    Task,
)

__all__ = [
    "LimitInput", "StepInput", "TypeInput", "create_type", "guess_kind", "made_of_earlier_words", "make_from_rule",
    "restore_type", "retire_type", "revise_type", "rule_code", "waits_for_event",
]  # fmt: skip

# What the words of an act say of its kind; the first that is found counts.
_KINDS: tuple[tuple[str, StepKind], ...] = (
    ("转办", StepKind.REFER),
    ("转交", StepKind.REFER),
    ("交办", StepKind.REFER),
    ("移送", StepKind.REFER),
    ("核实", StepKind.VERIFY),
    ("审核", StepKind.VERIFY),
    ("审查", StepKind.VERIFY),
    ("初审", StepKind.VERIFY),
    ("复审", StepKind.VERIFY),
    ("退还", StepKind.REFUND),
    ("返还", StepKind.REFUND),
    ("公示", StepKind.PUBLICISE),
    ("答复", StepKind.ANSWER),
    ("回复", StepKind.ANSWER),
)


def create_type(act: Act, jurisdiction_id: int, given: TypeInput, code: str | None = None) -> CaseType:
    """Add a case type in its first version.

    `code` is a shipped type's own, or the key of the form: the same one posted twice returns the type it made.
    """
    act.require(PlaceAction.KEEP_TYPES, jurisdiction_id)
    check(given)
    made, new = _claim(act.session, jurisdiction_id, code or uuid4().hex, given.name.strip())
    if new:
        version = _add_version(act, made, 1, given)
        _write(act, made, Verb.CASE_TYPE_CREATE, after={"name": made.name, **outline(version)})
    return made


def _claim(session: Session, jurisdiction_id: int, code: str, name: str, **origin: Any) -> tuple[CaseType, bool]:
    """Return a place's type of that code and whether it was made now: pressed twice at once, it is made once."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(CaseType).values(
        jurisdiction_id=jurisdiction_id, code=code, name=name, active=True, version=1, **origin
    )
    keys = ["jurisdiction_id", "code"]
    new = session.execute(row.on_conflict_do_nothing(index_elements=keys).returning(CaseType.id)).first() is not None
    of_code = select(CaseType).where(CaseType.jurisdiction_id == jurisdiction_id, CaseType.code == code)
    return session.scalars(of_code).one(), new


def _add_version(act: Act, of: CaseType, number: int, given: TypeInput) -> CaseTypeVersion:
    version = CaseTypeVersion(
        type_id=of.id,
        number=number,
        event=given.event.strip(),
        note=given.note.strip() or None,
        created_at=act.now,
        created_by_id=act.actor.user_id,
        steps=rows_of(given, act.actor.user_id),
    )
    act.session.add(version)
    act.session.flush()  # who opens a case next must find it
    return version


def revise_type(
    act: Act,
    current: CaseTypeVersion,
    given: TypeInput,
    version: int | None = None,
) -> CaseTypeVersion:
    """Make the next version of a type; cases already opened keep theirs.

    `current` is the newest version with its type, steps and limits loaded; `version` is the type's, as the form had it.
    """
    of = current.type
    act.require(PlaceAction.KEEP_TYPES, of.jurisdiction_id)
    check_version(of.version, version)
    if not given.note.strip():
        raise Refused("请写明为什么修改，以后在版本记录里看得到。")
    check(given)
    if _same(given, current):
        raise Refused("没有改动，不必产生新版本。")
    before = {"name": of.name, **outline(current)}
    of.name = given.name.strip()
    of.touch()  # a form opened before must show as old although only its versions changed
    made = _add_version(act, of, current.number + 1, given)
    note = f"{of.name} 第 {made.number} 版：{given.note.strip()}"
    _write(act, of, Verb.CASE_TYPE_REVISE, before, {"name": of.name, **outline(made)}, note)
    return made


def _same(given: TypeInput, current: CaseTypeVersion) -> bool:
    steps = tuple(settled(step) for step in given.steps)
    plain = replace(given, name=given.name.strip(), event=given.event.strip(), note="", steps=steps)
    return plain == input_of(current, current.type.name)


def retire_type(act: Act, of: CaseType, version: int | None = None) -> None:
    """Take a type out of use: no new cases, running ones go on."""
    _switch(act, of, version, active=False)


def restore_type(act: Act, of: CaseType, version: int | None = None) -> None:
    """Put a type back into use."""
    _switch(act, of, version, active=True)


def _switch(act: Act, of: CaseType, version: int | None, *, active: bool) -> None:
    action = PlaceAction.RESTORE_TYPE if active else PlaceAction.RETIRE_TYPE
    act.require(action, of.jurisdiction_id)
    check_version(of.version, version)
    act.require(action, of.jurisdiction_id, stage_of_type(of))
    of.active = active
    verb = Verb.CASE_TYPE_RESTORE if active else Verb.CASE_TYPE_RETIRE
    _write(act, of, verb, {"active": not active}, {"active": active})


# --- From a document's time limit -------------------------------------------------------------------------------------


def waits_for_event(rule: DeadlineRule) -> bool:
    """Whether a time limit counts from an event somebody registers, so that a ledger can be made of it."""
    return rule.kind is Kind.RELATIVE and not counts_from_document(rule)


def rule_code(rule: DeadlineRule) -> str:
    """Return the code of the type a time limit is made into; rule.item.rules and its measure must be loaded.

    It stands on the printed words, not on the row: a correction of the number, or the copy in a new edition that
    carries the same words, is still the same ledger.
    """
    item = rule.item
    words = _words(rule)
    alike = [r.id for r in item.rules if _words(r) == words]
    measure = item.measure
    told = "|".join((measure.key, str(item.ordinal), words, str(alike.index(rule.id))))
    return f"d{measure.edition.document_id}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def made_of_earlier_words(rule: DeadlineRule, made: Mapping[str, CaseType]) -> CaseType | None:
    """Return a type made of this item's limits that none of them says any more: a new edition put it differently.

    `made` are the document's types by code.  Nothing follows by itself: the supervisor revises it, or makes another.
    """
    item = rule.item
    current = {rule_code(r) for r in item.rules}
    keys = {item.measure.key, f"{item.measure.key}-{item.ordinal}"}
    return next((t for code, t in made.items() if t.measure_key in keys and code not in current), None)


def _words(rule: DeadlineRule) -> str:
    return rule.quote or f"{rule.trigger or ''} {rule.act or ''}"


def guess_kind(rule: DeadlineRule) -> StepKind:
    """Return what sort of act a time limit asks for, by its words."""
    if rule.sense is Sense.NOT_BEFORE:
        return StepKind.CLAIM
    act = rule.act or ""
    return next((kind for words, kind in _KINDS if words in act), StepKind.HANDLE)


def make_from_rule(act: Act, rule: DeadlineRule) -> CaseType:
    """Make a ledger of a document's time limit (据此建立台账); pressed twice, it returns the one made.

    Needs the rule as store.case_types.versions.find_rule loads it: its item with rules, measure, edition and document.
    """
    measure = rule.item.measure
    document = measure.edition.document
    act.require(PlaceAction.KEEP_TYPES, document.jurisdiction_id)
    _refuse(rule, document, measure.edition.state)
    what = (rule.act or "办理").strip()
    name = f"{what[:40]}（{measure.key}）"[:LONGEST_NAME]
    step = _step_of(rule, what)
    given = TypeInput(name, rule.trigger or "事件发生", (step,), _origin(document, rule) + _left_out(rule, step))
    check(given)
    code = rule_code(rule)
    made, new = _claim(
        act.session,
        document.jurisdiction_id,
        code,
        name,
        document_id=document.id,
        measure_key=_task_key(act.session, rule),
    )
    if not new:
        return made
    version = _add_version(act, made, 1, given)
    _write(
        act,
        made,
        Verb.CASE_TYPE_FROM_RULE,
        after={"name": name, "rule": rule.id, **outline(version)},
        note=f"{name}：{rule.quote or what}",
        document=document,
    )
    return made


def _refuse(rule: DeadlineRule, document: Document, edition: EditionState) -> None:
    if not waits_for_event(rule):
        raise Refused("只有从某个事件起算的时限可以建立台账。")
    if document.state is DocumentState.WITHDRAWN:
        raise Refused("这份文件已归档，不跟踪，不能据此建立台账。")
    if edition is EditionState.SUPERSEDED:
        raise Refused("这是已被替代的版本，请从现行版本的时限建立台账。")


def _step_of(rule: DeadlineRule, act: str) -> StepInput:
    copied = limit_input(rule)
    if copied is not None and copied.extend_unit is not copied.unit:
        copied = replace(copied, extend_amount=None, extend_unit=None)  # an extension is granted in the limit's unit
    kind = guess_kind(rule)
    bound = Bound.OTHER if rule.party is Party.OTHER else Bound.HANDLER
    return StepInput(key="step1", name=act[:LONGEST_NAME], kind=kind, bound=bound, limit=copied)


def _origin(document: Document, rule: DeadlineRule) -> str:
    return f"依据《{document.title[:100]}》{document.doc_no or ''}{rule.item.measure.key}"


def _left_out(rule: DeadlineRule, step: StepInput) -> str:
    """Say what the document allows and the ledger's step cannot hold, for whoever revises the type."""
    if rule.extend_amount is None or step.limit is None or step.limit.extend_amount is not None:
        return ""
    return f"；文件写明“{limit_words(rule)}”，延期与时限的单位不同，没有带入"


def _task_key(session: Session, rule: DeadlineRule) -> str:
    """Return the number of the task the rule's item has, or will have once it is published."""
    item = rule.item
    key = session.scalar(select(Task.key).where(Task.item_id == item.id))
    measure = item.measure
    return key or (measure.key if len(measure.items) == 1 else f"{measure.key}-{item.ordinal}")[:60]


def _write(  # noqa: PLR0913 - its parts, each named
    act: Act,
    of: CaseType,
    verb: Verb,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str | None = None,
    document: Document | None = None,
) -> None:
    act.record(
        verb,
        Subject.CASE_TYPE,
        of.id,
        jurisdiction_id=of.jurisdiction_id,
        document=document,
        before=before,
        after=after,
        note=note or of.name,
    )
