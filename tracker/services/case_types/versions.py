"""Case types (办件类型): made, revised in versions, taken out of use and put back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.services.case_types.checks import check
from tracker.services.case_types.steps import TypeInput, input_of, outline, rows_of, settled
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused, check_version
from tracker.store.core.stages import stage_of_type
from tracker.store.models import CaseType, CaseTypeVersion, Document


def create_type(act: Act, jurisdiction_id: int, given: TypeInput, code: str | None = None) -> CaseType:
    """Add a case type in its first version.

    `code` is a shipped type's own, or the key of the form: the same one posted twice returns the type it made.
    """
    act.require(PlaceAction.KEEP_TYPES, jurisdiction_id)
    check(given)
    made, new = claim(act.session, jurisdiction_id, code or uuid4().hex, given.name.strip())
    if new:
        version = add_version(act, made, 1, given)
        record(act, made, Verb.CASE_TYPE_CREATE, after={"name": made.name, **outline(version)})
    return made


def claim(session: Session, jurisdiction_id: int, code: str, name: str, **origin: Any) -> tuple[CaseType, bool]:
    """Return a place's type of that code and whether it was made now: pressed twice at once, it is made once."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(CaseType).values(
        jurisdiction_id=jurisdiction_id, code=code, name=name, active=True, version=1, **origin
    )
    keys = ["jurisdiction_id", "code"]
    new = session.execute(row.on_conflict_do_nothing(index_elements=keys).returning(CaseType.id)).first() is not None
    of_code = select(CaseType).where(CaseType.jurisdiction_id == jurisdiction_id, CaseType.code == code)
    return session.scalars(of_code).one(), new


def add_version(act: Act, of: CaseType, number: int, given: TypeInput) -> CaseTypeVersion:
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
    made = add_version(act, of, current.number + 1, given)
    note = f"{of.name} 第 {made.number} 版：{given.note.strip()}"
    record(act, of, Verb.CASE_TYPE_REVISE, before, {"name": of.name, **outline(made)}, note)
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
    record(act, of, verb, {"active": not active}, {"active": active})


def record(  # noqa: PLR0913 - its parts, each named
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
