"""Publication (发布): a confirmed edition becomes tasks, duties and milestones in one transaction."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from tracker.clock.calendar import WorkCalendar
from tracker.now import today
from tracker.reading.plan import Role
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.rules.workflow import State
from tracker.services.case_types.limits import give_types, leave_out
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused, check_version
from tracker.services.deadlines.starting import Clocks, Start, Starting, clocks_of, starts_of
from tracker.services.documents.beside import beside_questions
from tracker.services.documents.rows import first_words
from tracker.store.core.stages import stage_of_document
from tracker.store.documents.drafts import questions
from tracker.store.models import (
    Assignment,
    DeadlineRule,
    Document,
    DocumentState,
    Duty,
    Edition,
    EditionState,
    Item,
    PastAnswer,
    Task,
)
from tracker.store.registry.units import members_of

# A unit named twice keeps the strongest role.
STRENGTH = {Role.LEAD: 3, Role.RESPONSIBLE: 2, Role.EACH: 2, Role.SUPPORT: 1}


@dataclass(frozen=True, slots=True)
class Share:
    """What publication gives one unit of a task: its role, and the group it came through."""

    role: Role
    via_group_id: int | None


@dataclass(frozen=True, slots=True)
class Published:
    """How much a publication makes: the same figures promised before and counted after."""

    tasks: int = 0
    duties: int = 0
    dated: int = 0  # milestones of a day of their own
    periods: int = 0  # milestones of a rhythm: the running period and the next
    waiting: int = 0  # duties that wait for an event
    undated: int = 0  # duties with neither
    lead: int = 0  # duties by role
    responsible: int = 0
    each: int = 0
    support: int = 0

    @property
    def milestones(self) -> int:
        return self.dated + self.periods

    def plus(self, other: "Published") -> "Published":
        return Published(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def of_role(self, role: Role) -> int:
        """Return how many duties of a role there are."""
        return int(getattr(self, role.value))

    @classmethod
    def task(cls, given: Sequence[tuple[Role, Clocks]], running: bool) -> "Published":
        """Return the figures of one task, by the role of each of its duties and what it is given."""
        roles, clocks = [role for role, _ in given], [clock for _, clock in given]
        return cls(
            tasks=1,
            duties=len(clocks),
            dated=sum(c.dated for c in clocks),
            periods=sum(c.periods for c in clocks),
            waiting=sum(c.waits for c in clocks),
            undated=clocks.count(Clocks()) if running else 0,
            **{role.value: roles.count(role) for role in Role},
        )


def publish(
    act: Act,
    edition: Edition,
    version: int | None = None,
    promised: str | None = None,
) -> Published:
    """Publish a fully loaded edition; refuses while any question is open, and a second time.

    `promised` is the mark of what was shown before; raises Refused where something else would be made by now.
    """
    calendar = act.calendar(edition.document.jurisdiction_id)
    document = edition.document
    act.require(PlaceAction.PUBLISH, document.jurisdiction_id, stage_of_document(document))
    check_version(document.version, version)
    asked = [*questions(edition, today(act.now), calendar), *beside_questions(act.session, edition)]
    if asked:
        raise Refused(f"还有 {len(asked)} 处需要您决定：{'；'.join(q.words for q in asked[:3])}。")
    if document.expired_answer is PastAnswer.UNTRACKED:
        return _file_away(act, document)
    if not any(m.is_task for m in edition.measures):
        raise Refused("所有措施都标为“不作为任务”，没有可发布的内容。")
    members = members_of(act.session, groups_of(edition))
    if empty := empty_groups(edition, members):
        raise Refused(f"“{'”“'.join(empty)}”还没有成员单位，请先在单位库中补上成员，再发布。")
    if promised is not None and promised != foresee(edition, members, calendar, act.now).mark:
        raise Refused("打开这一页之后，要生成的内容有变化。请看过新的数字，再点“发布”。")
    document.state, document.published_at, document.published_by_id = (
        DocumentState.PUBLISHED,
        act.now,
        act.actor.user_id,
    )
    edition.state = EditionState.CURRENT
    tasks = _tasks(edition, act.now)
    made = open_tasks(act, tasks, members, calendar)
    for _, item in tasks:
        if document.expired_answer is not PastAnswer.DONE:
            give_types(act, item)
    leave_out(act, document)  # what was made in the draft of a limit that is gone by now
    after = {"tasks": made.tasks, "duties": made.duties, "milestones": made.milestones}
    act.record(Verb.DOCUMENT_PUBLISH, Subject.DOCUMENT, document.id, document=document, after=after)
    return made


def open_tasks(
    act: Act,
    tasks: Sequence[tuple[Task, Item]],
    members: dict[int, list[int]],
    calendar: WorkCalendar,
) -> Published:
    """Add new tasks, each with its duties and their milestones; returns how much was made.

    All tasks and duties are stored by one flush, their milestones by the next: one of each would cost far more.
    """
    for task, item in tasks:
        task.duties = [
            Duty.of_task(task, unit_id, share.role, act.now, share.via_group_id)
            for unit_id, share in shares_of(item, members).items()
        ]
        if task.document.expired_answer is PastAnswer.DONE:
            _complete_before(task, act.now)  # nothing of it runs any more
    act.session.add_all([task for task, _ in tasks])
    act.session.flush()  # milestones need the ids of their duties
    made = Published()
    for task, item in tasks:
        made = made.plus(_start(act, task, item, members, calendar))
    return made


def _start(act: Act, task: Task, item: Item, members: dict[int, list[int]], calendar: WorkCalendar) -> Published:
    """Give the new duties of a task their milestones."""
    if task.completed_at is not None:
        return Published.task([(duty.role, Clocks()) for duty in task.duties], running=False)
    starting, given = Starting(act, item, item.rules, task.document, calendar), []
    for duty in task.duties:
        bound = [rule for rule in item.rules if binds(rule, duty, item, members)]
        given.append((duty.role, starting.give(duty, bound, new=True)))
    return Published.task(given, running=True)


def _file_away(act: Act, document: Document) -> Published:
    """Keep a document that is out of force and not to be tracked, without tasks."""
    document.state = DocumentState.WITHDRAWN
    act.record(Verb.DOCUMENT_FILE_AWAY, Subject.DOCUMENT, document.id, document=document)
    return Published()


def _tasks(edition: Edition, now: datetime) -> list[tuple[Task, Item]]:
    """Return one task for each responsibility item, keyed by its measure's number, in the document's order."""
    made: list[tuple[Task, Item]] = []
    taken: set[str] = set()
    for measure in edition.measures:
        if not measure.is_task:
            continue
        for item in measure.items:
            made.append((new_task(edition.document, item, key_of(item, taken), len(made) + 1, now), item))
    return made


def new_task(document: Document, item: Item, key: str, ordinal: int, now: datetime) -> Task:
    return Task(document=document, item=item, key=key, ordinal=ordinal, title=title_of(item), created_at=now)


def title_of(item: Item) -> str:
    """Return what an item's task is called: its measure's title, or, of several in one prose paragraph, its own words.

    The title of such a paragraph is its first clause, which charges the unit of its first item alone.
    """
    measure = item.measure
    several = len(measure.items) > 1 and measure.title == first_words(measure.text)
    return first_words(item.text) or measure.title if several else measure.title


def key_of(item: Item, taken: set[str]) -> str:
    """Return the number of an item's task, unlike those taken, and take it."""
    measure = item.measure
    key = measure.key if len(measure.items) == 1 else f"{measure.key}-{item.ordinal}"
    serial, base = 1, key
    while key in taken:  # a document that numbers two measures alike
        serial += 1
        key = f"{base}#{serial}"
    taken.add(key)
    return key


def groups_of(edition: Edition) -> set[int]:
    """Return the groups an edition's tasks name."""
    tasks = [m for m in edition.measures if m.is_task]
    return {a.group_id for m in tasks for i in m.items for a in i.assignments if a.group_id and not a.left_out}


def empty_groups(edition: Edition, members: dict[int, list[int]]) -> list[str]:
    """Return the printed names that would give nobody a duty: their group has no members."""
    empty = {group for group, units in members.items() if not units}
    names = [a.printed for m in edition.measures for i in m.items for a in i.assignments if a.group_id in empty]
    return list(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class ForeseenLimit:
    """What one time limit would start, and for how many duties."""

    item: Item
    start: Start
    duties: int

    @property
    def milestones(self) -> int:
        return self.duties * (self.start.dated + len(self.start.periods))


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What publishing would make, said before it is done."""

    figures: Published
    unit_ids: frozenset[int]
    limits: list[ForeseenLimit]  # in the document's order, those alone that bind a duty
    idle: list[tuple[Item, int]]  # items with duties that get no date and wait for nothing, and how many
    mark: str  # stands for all of it: who gets what, and by which clocks

    @property
    def units(self) -> int:
        return len(self.unit_ids)

    @property
    def supporting(self) -> int:
        """Return how many duties never have a date."""
        return self.figures.support


def foresee(edition: Edition, members: dict[int, list[int]], calendar: WorkCalendar, now: datetime) -> Foreseen:
    """Count what publishing a fully loaded edition would make; nothing is written."""
    document = edition.facts
    on = today(now)
    running = edition.document.expired_answer is not PastAnswer.DONE
    figures, given = Published(), []
    limits: list[ForeseenLimit] = []
    idle: list[tuple[Item, int]] = []
    for measure in edition.measures:
        for item in measure.items if measure.is_task else ():
            starts = starts_of(item.rules, item, document, calendar, on=on, published_on=on) if running else []
            duties: list[tuple[Role, Clocks]] = []
            binding = dict.fromkeys((s.rule.id for s in starts), 0)
            for unit_id, share in shares_of(item, members).items():
                bound = [s for s in starts if share.role is not Role.SUPPORT and _names(s.rule, unit_id, item, members)]
                for start in bound:
                    binding[start.rule.id] += 1
                duties.append((share.role, clocks_of(bound)))
                given.append((item.id, unit_id, share, [s.words() for s in bound]))
            made = Published.task(duties, running)
            figures = figures.plus(made)
            limits += [ForeseenLimit(item, s, binding[s.rule.id]) for s in starts if binding[s.rule.id]]
            if made.undated:
                idle.append((item, made.undated))
    return Foreseen(
        figures=figures,
        unit_ids=frozenset(unit_id for _, unit_id, _, _ in given),
        limits=limits,
        idle=idle,
        mark=hashlib.sha256(repr((calendar.version, running, given)).encode()).hexdigest(),
    )


def units_of(assignment: Assignment, members: dict[int, list[int]]) -> list[int]:
    """Return the units a settled name means: one, a group's members, or those chosen."""
    if assignment.left_out:
        return []
    if assignment.group_id is not None:
        return members[assignment.group_id]
    if assignment.unit_id is not None:
        return [assignment.unit_id]
    return [c.unit_id for c in assignment.chosen]


def shares_of(item: Item, members: dict[int, list[int]]) -> dict[int, Share]:
    """Return each unit's share of an item: printed twice, or by name and through a group, the strongest role counts."""
    shares: dict[int, Share] = {}
    for assignment in item.assignments:
        for unit_id in units_of(assignment, members):
            held = shares.get(unit_id)
            if held is None or STRENGTH[assignment.role] > STRENGTH[held.role]:
                shares[unit_id] = Share(assignment.role, assignment.group_id)
    return shares


def binds(rule: DeadlineRule, duty: Duty, item: Item, members: dict[int, list[int]]) -> bool:
    """Whether a rule binds a duty; never a supporting one."""
    return not duty.supporting and _names(rule, duty.unit_id, item, members)


def _names(rule: DeadlineRule, unit_id: int, item: Item, members: dict[int, list[int]]) -> bool:
    """Whether one of the names a rule is bound to means a unit."""
    bound = {b.assignment_id for b in rule.bindings}
    return any(unit_id in units_of(a, members) for a in item.assignments if a.id in bound)


def _complete_before(task: Task, now: datetime) -> None:
    """Mark the duties of a document that was already carried out when it came in."""
    task.completed_at = now
    for duty in task.duties:
        duty.state, duty.completed_at, duty.percent = State.COMPLETED, now, 100
