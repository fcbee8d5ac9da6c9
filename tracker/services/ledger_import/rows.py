"""Import of a ledger (台账导入): each row a case, once, however often its file is uploaded."""

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.adapters.ledger.rows import LedgerRow
from tracker.clock.rules import CountUnit
from tracker.clock.wording import month_day
from tracker.now import SHANGHAI, today
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.services.cases.handlers import handling_units
from tracker.services.cases.ledger import Desk, NewCase
from tracker.services.cases.respondent import Accused, accused_by_name, unknown_words
from tracker.services.cases.taken import TakenCase, store, store_rest
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.services.ledger_import.history import close_imported, refund_imported
from tracker.store.case_types.versions import steps_for, variants_of
from tracker.store.core.actors import Actor
from tracker.store.core.portions import portions
from tracker.store.models import Case, CaseType, CaseTypeVersion, Starts, StepKind, Unit
from tracker.store.registry.names import Known, known_names

AT_ONCE = 500  # keys asked for by one query


@dataclass(frozen=True, slots=True)
class FromFile:
    """Where rows come from, for the trail."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that was not taken in, and why, in words that say what to do."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file's rows: numbers of the cases opened, how many were in already, and the faults."""

    new: tuple[str, ...]
    already: int
    faults: tuple[RowFault, ...]


@dataclass(frozen=True, slots=True)
class _Earlier:
    """A case an earlier import opened under the same key."""

    number: str
    reference: str
    happened_on: date
    closed: bool


def import_rows(
    act: Act,
    version: CaseTypeVersion,
    rows: Sequence[LedgerRow],
    file: FromFile,
) -> Imported:
    """Take a ledger's rows in (导入): what is refused is refused before anything is stored, and the others go in.

    `version` with type, steps and rules must be loaded.  However many rows there are, one query each asks for the lock,
    the names, the units and the tasks, one for every 500 keys; the new ones are stored together, 500 at a time.
    """
    kind = version.type
    act.require(PlaceAction.IMPORT_CASES, kind.jurisdiction_id)
    if not kind.active:
        raise Refused(f"“{kind.name}”已停用，请选择其他办件类型。")
    # One import of a type at a time: the second one sees what the first has taken in.
    act.session.scalars(select(CaseType.id).where(CaseType.id == kind.id).with_for_update(key_share=True)).one()
    reader = _Reader(act.session, act.actor, act.now, version)
    read = [(row, *reader.read(row)) for row in rows]
    earlier = _in_already(act.session, [new.form_key for _, new, _ in read if new is not None])
    desk = Desk(act, version)
    fresh: list[TakenCase] = []
    faults: list[RowFault] = []
    already, lines = 0, dict[str, int]()
    for row, new, wrong in read:
        said = wrong if new is None else _clash(row, new, lines, earlier)
        if new is not None and not said:
            lines[new.form_key] = row.line
            if new.form_key in earlier:
                already += 1
                continue
            try:
                fresh.append(_take_in(act, desk, row, new))
            except Refused as refusal:
                said = str(refusal)
        if said:
            faults.append(RowFault(row.line, said))
    for some in portions(fresh):
        store(act, some)
        store_rest(act, some)
    numbers = [taken.case.number for taken in fresh]
    act.record(
        Verb.CASE_IMPORT,
        Subject.CASE_TYPE,
        kind.id,
        jurisdiction_id=kind.jurisdiction_id,
        after={
            "file": file.name,
            "sha256": file.sha256,
            "new": len(numbers),
            "already": already,
            "faults": len(faults),
        },
        note=f"{kind.name}：{file.name}，新增 {len(numbers)} 件，已有 {already} 件，有误 {len(faults)} 行",
    )
    act.session.flush()
    return Imported(tuple(numbers), already, tuple(faults))


def _take_in(act: Act, desk: Desk, row: LedgerRow, new: NewCase) -> TakenCase:
    """Take a row's case in, with what was paid back; closed at once where the ledger says when it was."""
    taken = desk.take(new)
    if row.refunded_fen is not None and row.refunded_on is not None:
        refund_imported(act, taken, row.refunded_fen, row.refunded_on)
    if row.closed_on is not None:
        close_imported(act, taken, row.closed_on, row.text("conclusion") or "")
    return taken


class _Reader:
    """Turns rows into forms: names into units, days into instants, content into a key."""

    def __init__(self, session: Session, actor: Actor, now: datetime, version: CaseTypeVersion) -> None:
        self.now, self.version, self.place = now, version, version.type.jurisdiction_id
        self.known: Known = known_names(session, self.place)
        # Held, so that the desk finds each unit without asking again.
        self.units = {u.id: u for u in session.scalars(select(Unit).where(Unit.jurisdiction_id == self.place))}
        own = handling_units(actor, self.place)
        self.only = next(iter(own)) if own is not None and len(own) == 1 else None
        self.sorts = variants_of(version)
        self.named: dict[str, Accused] = {}

    def read(self, row: LedgerRow) -> tuple[NewCase | None, str]:
        """Return the form a row fills in, or None and everything that is wrong with it."""
        wrong = list(row.wrong)
        variant = row.text("variant") if self.sorts else None
        if self.sorts and variant not in self.sorts:
            wrong.append(f"“类别”请填其中之一：{'、'.join(self.sorts)}")
        unit_id = self._handler(row, wrong)
        accused_id, accused = self._accused(row, wrong)
        if row.received_on is not None and not wrong:
            self._hours(row, variant, wrong)
            self._paid_back(row, variant, wrong)
        if wrong or unit_id is None or row.received_on is None:
            return None, "；".join(wrong) + "。"
        received, accepted = _instants(row, row.received_on, self.now)
        number = row.text("number")
        content = row.text("content")
        return NewCase(
            unit_id=unit_id,
            happened_at=received,
            reference=row.text("reference") or "",
            form_key=self._key(row, unit_id, accused_id, variant),
            variant=variant,
            accepted_at=accepted,
            channel=row.text("channel"),
            firm=row.text("firm"),
            content="\n".join(part for part in (f"原编号：{number}" if number else None, content) if part) or None,
            owed_fen=row.owed_fen,
            accused_unit_id=accused_id,
            accused=accused,
            looked_up=True,
            name=row.text("name"),
            phone=row.text("phone"),
            address=row.text("address"),
        ), ""

    def _handler(self, row: LedgerRow, wrong: list[str]) -> int | None:
        printed = row.text("unit")
        if printed is None:
            if self.only is None:
                wrong.append("缺少“办理单位”")
            return self.only
        unit_id, _ = self.known.resolve(printed)
        if unit_id is None:
            wrong.append(unknown_words(self.known, "办理单位", printed))
        elif not self.units[unit_id].active:
            wrong.append(f"“办理单位”写的“{printed}”已停用，请写现在的单位")
        return unit_id

    def _accused(self, row: LedgerRow, wrong: list[str]) -> tuple[int | None, str | None]:
        """Return the unit complained of, or its name where it is none of the registry."""
        printed = row.text("accused")
        if printed is None:
            return None, None
        if printed not in self.named:  # some milliseconds a name: the same firm is complained of again and again
            self.named[printed] = accused_by_name(self.known, printed)
        found = self.named[printed]
        if found.wrong:
            wrong.append(found.wrong)
        return found.unit_id, found.name

    def _hours(self, row: LedgerRow, variant: str | None, wrong: list[str]) -> None:
        """Ask for the time where a clock of hours would start at it; none goes on running in a case that is closed."""
        if row.closed_on is not None and row.accepted_on is None:
            return
        for starts, on, at, title in (
            (Starts.EVENT, row.received_on, row.received_time, "收到时刻"),
            (Starts.ACCEPTED, row.accepted_on, row.accepted_time, "受理时刻"),
        ):
            if on is not None and at is None and starts_hours(self.version, variant, starts):
                wrong.append(f"这类办件按小时计算时限，请填写“{title}”")

    def _paid_back(self, row: LedgerRow, variant: str | None, wrong: list[str]) -> None:
        """Refuse a case that is open although all is paid back: its step 返还 would have nothing left to record."""
        whole = row.refunded_fen is not None and row.refunded_fen == row.owed_fen
        if (
            whole
            and row.closed_on is None
            and any(step.kind is StepKind.REFUND for step in steps_for(self.version, variant))
        ):
            wrong.append("已经全部返还的，请填写“办结日期”和“办理结果”；还没有办结的，不填返还，登记后在办件页面记录")

    def _key(self, row: LedgerRow, unit_id: int, accused_id: int | None, variant: str | None) -> str:
        """Return what makes a row itself: its number in its unit's year, where it has one, else all it says."""
        number = row.text("number")
        if number and row.received_on is not None:
            said: list[object] = ["number", row.received_on.year, _same(number)]
        else:
            days = (row.received_on, row.received_time, row.accepted_on, row.accepted_time)
            words = ("channel", "firm", "name", "phone", "address", "reference", "content")
            accused = accused_id or _same(row.text("accused"))
            said = ["row", variant, *map(str, days), row.owed_fen, accused, *(_same(row.text(w)) for w in words)]
        text = json.dumps([self.place, self.version.type_id, unit_id, *said], ensure_ascii=False)
        return f"row-{hashlib.sha256(text.encode()).hexdigest()[:36]}"


def starts_hours(version: CaseTypeVersion, variant: str | None, starts: Starts) -> bool:
    """Whether a limit in hours starts with a case's event, or with its acceptance."""
    rules = (s.rule for s in steps_for(version, variant) if s.starts is starts and s.rule is not None)
    return any(rule.unit is CountUnit.HOUR for rule in rules)


def _same(text: str | None) -> str:
    """Return words as they are compared: width and blanks aside."""
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def _instants(row: LedgerRow, received_on: date, now: datetime) -> tuple[datetime, datetime | None]:
    """Return when a case was received and accepted; a day without its time is its noon, the two kept in order."""
    received = _at(received_on, row.received_time, now)
    if row.accepted_on is None:
        return received, None
    accepted = _at(row.accepted_on, row.accepted_time, now)
    if row.accepted_on == received_on and accepted < received:
        if row.accepted_time is None:
            accepted = received
        elif row.received_time is None:
            received = accepted
    return received, accepted


def _at(day: date, at: time | None, now: datetime) -> datetime:
    if at is None and day == today(now):
        return min(datetime.combine(day, time(12), SHANGHAI), now)
    return datetime.combine(day, at or time(12), SHANGHAI)


def _in_already(session: Session, keys: Sequence[str]) -> dict[str, _Earlier]:
    found: dict[str, _Earlier] = {}
    for first in range(0, len(keys), AT_ONCE):
        query = select(Case.form_key, Case.number, Case.reference, Case.happened_on, Case.closed_at)
        for key, number, reference, day, closed_at in session.execute(
            query.where(Case.form_key.in_(keys[first : first + AT_ONCE]))
        ):
            found[key] = _Earlier(number, reference, day, closed_at is not None)
    return found


def _differs(new: NewCase, earlier: _Earlier) -> bool:
    """Whether two cases under one number have neither summary nor day in common: then they are two."""
    return _same(new.reference) != _same(earlier.reference) and today(new.happened_at) != earlier.happened_on


def _clash(row: LedgerRow, new: NewCase, lines: dict[str, int], earlier: dict[str, _Earlier]) -> str:
    """Return what is wrong with a row beside the others of its file and those in already; empty when nothing is."""
    line = lines.get(new.form_key)
    if line is not None and row.text("number"):
        return f"原编号与第 {line} 行相同。是同一件的，请删去本行；不是同一件的，请更正原编号。"
    if line is not None:
        return f"与第 {line} 行完全相同。是同一件的，请删去本行；不是同一件的，请给本行填一个原编号。"
    if new.form_key in earlier and _differs(new, earlier[new.form_key]):
        return _taken(row, earlier[new.form_key])
    if new.form_key in earlier and row.closed_on is not None and not earlier[new.form_key].closed:
        # Said, not passed over: who sends it believes that it is closed now.
        return f"已经登记为办件 {earlier[new.form_key].number}，还没有办结；导入不改动已登记的办件，请到办件页面办结。"
    return ""


def _taken(row: LedgerRow, earlier: _Earlier) -> str:
    return (
        f"原编号“{row.text('number')}”已经登记为办件 {earlier.number}（{month_day(earlier.happened_on)}，"
        f"{earlier.reference}），与本行不是同一件。请更正原编号。"
    )
