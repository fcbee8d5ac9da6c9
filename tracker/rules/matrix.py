"""The tables of permissions as a matrix a person reads (权限表): acts as lines, standings as columns.  Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.rules.labels import Labelled
from tracker.rules.permissions import CASE_OTHER_EYES, OTHER_EYES, PERMISSIONS, PlaceAction, Reach, Topic
from tracker.rules.roles import MemberRole
from tracker.rules.workflow import (
    CASE_PERMITTED,
    TRANSITIONS,
    Action,
    CaseAction,
    CaseStanding,
    CaseState,
    Standing,
    State,
)

MAY = "可以"
OWN = "限本单位"
OTHERS = "不得办理本人提出的"


@dataclass(frozen=True, slots=True)
class ActLine:
    """One act: when it can be done, what goes with it, and a cell for each standing, empty where it may not."""

    act: str
    when: str
    notes: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The acts on one sort of thing."""

    title: str
    standings: tuple[str, ...]
    lines: tuple[ActLine, ...]


def matrices() -> list[Matrix]:
    """Return everything the tables say, in the order in which it is read."""
    return [_of_duties(), _of_cases(), *(_of_topic(topic) for topic in Topic)]


# Who is a stranger may do nothing: nothing to read in such a column.
_DUTY_STANDINGS = tuple(s for s in Standing if s is not Standing.STRANGER)
_CASE_STANDINGS = tuple(s for s in CaseStanding if s is not CaseStanding.STRANGER)


def _of_duties() -> Matrix:
    def notes(action: Action) -> tuple[str, ...]:
        steps = [t for (_, a, _), t in TRANSITIONS.items() if a is action]
        led = dict.fromkeys(t.to.label for t in steps if t.to is not None)
        found = [f"之后为“{state}”" for state in led]
        found += ["须写说明"] if any(t.needs_reason for t in steps) else []
        return (*found, *([OTHERS] if action in OTHER_EYES else []))

    lines = [
        _line(
            action.label,
            State,
            [[state for state in State if (state, action, standing) in TRANSITIONS] for standing in _DUTY_STANDINGS],
            notes(action),
        )
        for action in Action
    ]
    return Matrix("办理责任", tuple(s.label for s in _DUTY_STANDINGS), tuple(lines))


def _of_cases() -> Matrix:
    lines = [
        _line(
            action.label,
            CaseState,
            [[f for f in CaseState if (f, action, standing) in CASE_PERMITTED] for standing in _CASE_STANDINGS],
            (OTHERS,) if action in CASE_OTHER_EYES else (),
        )
        for action in CaseAction
    ]
    return Matrix("办理办件", tuple(s.label for s in _CASE_STANDINGS), tuple(lines))


def _line(act: str, states: Iterable[Labelled], held: Sequence[Sequence[Labelled]], notes: tuple[str, ...]) -> ActLine:
    """Return the line of an act from the states in which each standing may do it.

    A cell names them only where the standing has not all that the line names.
    """
    every = [state for state in states if any(state in own for own in held)]
    when = "任何状态" if every == list(states) else "、".join(state.label for state in every)

    def cell(own: Sequence[Labelled]) -> str:
        if not own:
            return ""
        return MAY if list(own) == every else "、".join(state.label for state in own)

    return ActLine(act, when, notes, tuple(cell(own) for own in held))


def _of_topic(topic: Topic) -> Matrix:
    lines = []
    for action in PlaceAction:
        row = PERMISSIONS[action]
        if row.topic is not topic:
            continue
        cells = tuple(
            "" if role not in row.standings else MAY if row.standings[role] is Reach.PLACE else OWN
            for role in MemberRole
        )
        when = "、".join(stage.label for stage in row.stages)
        lines.append(ActLine(action.label, when, (row.note,) if row.note else (), cells))
    return Matrix(topic.label, tuple(role.label for role in MemberRole), tuple(lines))
