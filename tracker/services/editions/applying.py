"""生效: an approved new edition takes the place of the one in force, in one transaction; tasks and history go on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.clock.rules import Kind
from tracker.now import today
from tracker.reading.pairing import ChangeKind
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.services.case_types.limits import give_types, leave_out
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused, check_version
from tracker.services.documents.publication import empty_groups, key_of, new_task, open_tasks
from tracker.services.editions.applying_duties import Amendment, amend_task, cancel_lapsed, cancel_task
from tracker.store.editions.changes import (
    Compared,
    ItemPair,
    RulePair,
    changes_of,
    compared,
    current_of,
    item_pairs,
    open_questions,
    rule_pairs,
    same_limit,
    tasks_of,
)
from tracker.store.models import ChangeAnswer, Edition, EditionState, Item, Task
from tracker.store.registry.units import members_of

FACTS = ("title", "doc_no", "issued_on", "effective_on", "expires_on")


@dataclass(slots=True)
class Applied:
    """What a new edition made, changed and ended."""

    tasks: int = 0
    duties: int = 0
    revoked: int = 0
    dates: int = 0
    amended: int = 0  # tasks that went on with other words, units or dates


@dataclass(frozen=True, slots=True)
class Turn:
    """What becomes of one responsibility item: its task so far, what it is compared with, and its new item."""

    task: Task | None
    old: Item | None
    new: Item | None
    kept: bool = False
    pairs: list[tuple[RulePair, bool]] = field(default_factory=list)  # time limits, and whether they are the same

    @property
    def ends_otherwise(self) -> bool:
        """Whether the item's own validity is another."""
        return any(r is not None and r.kind is Kind.VALIDITY for pair, same in self.pairs if not same for r in pair)


def apply_edition(act: Act, edition: Edition, version: int | None = None) -> Applied:
    """Let a new edition take effect; refuses while a change or a question is open, and a second time.

    The edition must be fully loaded.  Task, duty, report, case and every earlier date stay what they are.
    """
    calendar = act.calendar(edition.document.jurisdiction_id)
    document = edition.document
    act.require(PlaceAction.AMEND, document.jurisdiction_id)
    act.session.refresh(document, ["state", "version"], with_for_update=True)
    act.session.refresh(edition, ["state", "version"])
    if not edition.amends:
        raise Refused("这个新版本已经生效，不能重复生效。")
    check_version(edition.version, version)
    found = [compared(c) for c in changes_of(act.session, edition)]
    _refuse_open(edition, found, act.now)
    tasks = tasks_of(act.session, document.id)
    members = members_of(act.session, _groups(found, tasks))
    adopted = {c.change.new_measure_id for c in found if not c.kept}
    if empty := [n for n in empty_groups(edition, members) if n in _printed(edition, adopted)]:
        raise Refused(f"“{'”“'.join(empty)}”还没有成员单位，请先在单位库中补上成员。")
    turns = _turns(found, tasks)  # compared while each edition still counts from its own dates
    why = f"新版本（{edition.doc_no}）调整" if edition.doc_no else f"新版本（第{edition.number}版）调整"
    ended_before = document.expires_on
    _supersede(act, edition, found)
    change = Amendment(act, calendar, members, why, validity_moved=ended_before != document.expires_on)
    done = _carry_out(change, edition, turns)
    for item in [turn.new for turn in turns if turn.new is not None]:
        give_types(act, item)
    leave_out(act, document)
    after = {"number": edition.number, "doc_no": edition.doc_no, **_counts(done)}
    act.record(Verb.EDITION_APPLY, Subject.EDITION, edition.id, document=document, after=after)
    return done


def _counts(done: Applied) -> dict[str, int]:
    return {name: getattr(done, name) for name in ("tasks", "amended", "duties", "revoked", "dates")}


def _refuse_open(edition: Edition, found: Sequence[Compared], now: datetime) -> None:
    waiting = sum(1 for c in found if c.open)
    if waiting:
        raise Refused(f"还有 {waiting} 处变化没有答复：请逐项选择“采用”或“保留原样”。")
    asked = open_questions(edition, found, today(now))
    if asked:
        raise Refused(f"还有 {len(asked)} 处需要您决定：{'；'.join(q.words for q in asked[:3])}。")


def _groups(found: Sequence[Compared], tasks: Sequence[Task]) -> set[int]:
    """Return the groups named by either edition."""
    items = [i for c in found for m in (c.change.old, c.change.new) if m is not None for i in m.items]
    items += [t.item for t in tasks]
    return {a.group_id for i in items for a in i.assignments if a.group_id is not None}


def _printed(edition: Edition, measures: set[int | None]) -> set[str]:
    return {
        a.printed for m in edition.measures if m.is_task and m.id in measures for i in m.items for a in i.assignments
    }


# --- what becomes of each item ---------------------------------------------------------------------------------------


def _turns(found: Sequence[Compared], tasks: Sequence[Task]) -> list[Turn]:
    """Return what becomes of every item, in the new edition's order."""
    by_item = {t.item_id: t for t in tasks}
    made: list[Turn] = []
    for one in found:
        old, new = one.change.old, one.change.new
        if one.kept:
            items = old.items if old is not None else []
            made += [Turn(by_item.get(i.id), i, None, kept=True) for i in items]
            continue
        will = new is not None and new.is_task
        for before, after in _pairs(one, will):
            task = by_item.get(before.id) if before is not None else None
            if task is None and after is None:
                continue
            pairs = rule_pairs(before, after) if task is not None and after is not None else []
            told = [((a, b), a is not None and b is not None and same_limit(a, b)) for a, b in pairs]
            made.append(Turn(task, before, after, pairs=told))
    return made


def _pairs(one: Compared, will: bool) -> list[ItemPair]:
    old = one.change.old.items if one.change.old is not None else []
    new = one.change.new.items if one.change.new is not None and will else []
    return item_pairs(old, new)


def _supersede(act: Act, edition: Edition, found: Sequence[Compared]) -> None:
    """Change the editions' states, keep what the document said of itself, and answer what nobody had to."""
    document = edition.document
    before = {name: getattr(document, name) for name in FACTS}
    last = current_of(act.session, document.id)
    last.state = EditionState.SUPERSEDED
    for name in FACTS:
        setattr(last, name, before[name])
        setattr(document, name, getattr(edition, name))
    edition.state, edition.applied_at = EditionState.CURRENT, act.now
    if document.expires_on is None or document.expires_on >= today(act.now):
        document.expired_answer = None  # in force again
    for one in found:
        if one.change.answer is None:
            one.change.answer, one.change.answered_at = ChangeAnswer.ADOPT, act.now
    after = {name: getattr(document, name) for name in FACTS}
    if before != after:
        act.record(
            Verb.DOCUMENT_FACTS,
            Subject.DOCUMENT,
            document.id,
            document=document,
            before=before,
            after=after,
        )


def _carry_out(change: Amendment, edition: Edition, turns: Sequence[Turn]) -> Applied:
    done = Applied()
    keys = _renumber(change.act.session, edition, turns)
    for ordinal, (turn, key) in enumerate(zip(turns, keys, strict=True), 1):
        if turn.task is None:
            if turn.new is not None:
                task = new_task(edition.document, turn.new, key, ordinal, change.act.now)
                made = open_tasks(change.act, [(task, turn.new)], change.members, change.calendar)
                done.tasks, done.duties = done.tasks + made.tasks, done.duties + made.duties
            continue
        turn.task.ordinal = ordinal
        if turn.new is not None and turn.old is not None:
            changed = amend_task(change, turn.task, turn.old, turn.new, turn.pairs)
            done.duties, done.revoked = done.duties + changed.added, done.revoked + changed.revoked
            done.dates, done.amended = done.dates + changed.dates, done.amended + bool(changed.any)
        elif not turn.kept:
            done.revoked += cancel_task(change, turn.task)
        if (change.validity_moved or turn.ends_otherwise) and (turn.new is not None or turn.kept):
            cancel_lapsed(change, turn.task)
    return done


def _renumber(session: Session, edition: Edition, turns: Sequence[Turn]) -> list[str]:
    """Give the tasks the new edition's numbers; one that is not in it keeps its own, marked where it is taken."""
    taken: set[str] = set()
    keys = {id(t): key_of(t.new, taken) for t in turns if t.new is not None}
    for turn in turns:
        if turn.new is None and turn.task is not None:
            key, base, serial = turn.task.key, turn.task.key.split("（旧")[0], 1
            while key in taken:
                key = f"{base}（旧{serial if serial > 1 else ''}）"
                serial += 1
            taken.add(key)
            keys[id(turn)] = key
    moved = [t for t in turns if t.task is not None and t.task.key != keys[id(t)]]
    for turn in moved:  # two tasks may change places: no number twice at any time
        if turn.task is not None:
            turn.task.key = f"~{turn.task.id}"
    session.flush()
    for turn in moved:
        if turn.task is not None:
            turn.task.key = keys[id(turn)]
    session.flush()
    return [keys.get(id(t), "") for t in turns]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What taking effect would do, said before it is done."""

    new: list[Compared]
    changed: list[Compared]
    gone: list[Compared]
    kept: int
    duties_ending: int


def look_ahead(found: Sequence[Compared], live: dict[int, int]) -> Ahead:
    """Sort the changes by what they would do; `live` is how many duties run by measure."""
    used = [c for c in found if not c.kept and c.asked]
    gone = [c for c in used if c.task[0] and not c.task[1]]
    return Ahead(
        new=[c for c in used if c.task[1] and (c.change.kind is ChangeKind.NEW or not c.task[0])],
        changed=[c for c in used if c.task == (True, True) and c.change.kind is not ChangeKind.NEW],
        gone=gone,
        kept=sum(1 for c in found if c.kept),
        duties_ending=sum(live.get(c.change.old_measure_id or 0, 0) for c in gone),
    )
