"""States and actions of duties (责任) and cases (办件): the tables that both decide and draw the buttons.  Pure."""

from dataclasses import dataclass

from tracker.rules.labels import Labelled


class State(Labelled):
    """Where a duty stands."""

    ASSIGNED = "assigned", "未签收"
    ACKNOWLEDGED = "acknowledged", "已签收"
    IN_PROGRESS = "in_progress", "办理中"
    SUBMITTED = "submitted", "待审核"
    COMPLETED = "completed", "办结"
    CLOSED = "closed", "已销号"
    REVOKED = "revoked", "已撤销"


class Action(Labelled):
    """What can be done to a duty."""

    ACKNOWLEDGE = "acknowledge", "签收"
    REPORT = "report", "反馈进展"
    SUBMIT = "submit", "申请办结"
    COMPLETE = "complete", "同意办结"
    SEND_BACK = "send_back", "退回"
    CLOSE = "close", "销号"
    REVOKE = "revoke", "撤销责任"
    RESTORE = "restore", "恢复责任"
    PAUSE = "pause", "暂停计时"
    RESUME = "resume", "恢复计时"
    EXTEND = "extend", "申请延期"
    DECIDE = "decide", "审批延期"


class Standing(Labelled):
    """What an actor is to a duty: derived from memberships, never stored."""

    HANDLER = "handler", "责任单位承办人"  # the duty not a supporting one
    SUPPORTER = "supporter", "配合单位承办人"
    SUPERVISOR = "supervisor", "督查员"  # of the jurisdiction
    READER = "reader", "单位负责人、领导"
    STRANGER = "stranger", "其他人员"


@dataclass(frozen=True, slots=True)
class Transition:
    """One permitted step: the state it leads to (None: the state stays) and whether words are required."""

    to: State | None
    needs_reason: bool = False


_HANDS_ON = (State.ACKNOWLEDGED, State.IN_PROGRESS)
_LIVE = (State.ASSIGNED, State.ACKNOWLEDGED, State.IN_PROGRESS, State.SUBMITTED)


def _table() -> dict[tuple[State, Action, Standing], Transition]:
    table: dict[tuple[State, Action, Standing], Transition] = {}
    for standing in (Standing.HANDLER, Standing.SUPPORTER):
        table[State.ASSIGNED, Action.ACKNOWLEDGE, standing] = Transition(State.ACKNOWLEDGED)
        for state in _HANDS_ON:
            table[state, Action.REPORT, standing] = Transition(State.IN_PROGRESS)
    for state in _HANDS_ON:
        # A supporting unit does not submit: its duty is completed with the task.
        table[state, Action.SUBMIT, Standing.HANDLER] = Transition(State.SUBMITTED, needs_reason=True)
    table[State.SUBMITTED, Action.COMPLETE, Standing.SUPERVISOR] = Transition(State.COMPLETED)
    table[State.SUBMITTED, Action.SEND_BACK, Standing.SUPERVISOR] = Transition(State.IN_PROGRESS, needs_reason=True)
    table[State.COMPLETED, Action.CLOSE, Standing.SUPERVISOR] = Transition(State.CLOSED)
    for state in _LIVE:
        table[state, Action.REVOKE, Standing.SUPERVISOR] = Transition(State.REVOKED, needs_reason=True)
    table[State.REVOKED, Action.RESTORE, Standing.SUPERVISOR] = Transition(State.ASSIGNED, needs_reason=True)
    for state in (State.ASSIGNED, *_HANDS_ON):
        # Paused is no state of its own: what a unit may do goes on, only its clocks stand.
        table[state, Action.PAUSE, Standing.SUPERVISOR] = Transition(None, needs_reason=True)
        table[state, Action.RESUME, Standing.SUPERVISOR] = Transition(None)
        table[state, Action.DECIDE, Standing.SUPERVISOR] = Transition(None)
    for state in _HANDS_ON:
        table[state, Action.EXTEND, Standing.HANDLER] = Transition(None, needs_reason=True)
    return table


TRANSITIONS = _table()


class StateClass(Labelled):
    """The four classes of the partition by state (按状态)."""

    UNSIGNED = "unsigned", "未签收"
    WORKING = "working", "办理中"
    REVIEW = "review", "待审核"
    DONE = "done", "办结"


PARTITION: dict[StateClass, tuple[State, ...]] = {
    StateClass.UNSIGNED: (State.ASSIGNED,),
    StateClass.WORKING: (State.ACKNOWLEDGED, State.IN_PROGRESS),
    StateClass.REVIEW: (State.SUBMITTED,),
    StateClass.DONE: (State.COMPLETED, State.CLOSED),
}

# Finished either way: no clock runs.
ENDED = (State.COMPLETED, State.CLOSED, State.REVOKED)


def transition(state: State, action: Action, standing: Standing) -> Transition | None:
    """Return what the table says of this step; None where it is refused."""
    return TRANSITIONS.get((state, action, standing))


# --- Cases (办件): the same for the ledger ----------------------------------------------------------------------------


class CaseState(Labelled):
    """Where a case stands; derived from its row, never stored."""

    OPEN = "open", "在办"
    PAUSED = "paused", "暂停"
    CLOSED = "closed", "已办结"


class CaseAction(Labelled):
    """What can be done in a case."""

    STEP = "step", "办理"  # one step: accept, answer, verify, publicise, refund, …
    REFER = "refer", "转办"
    SIGN = "sign", "签收"  # what was referred
    RETURN = "return", "退回转办"  # not ours
    PROGRESS = "progress", "反馈进展"
    ASK_PAUSE = "ask_pause", "申请暂停"
    PAUSE = "pause", "暂停计时"  # of itself, or as it was asked for
    RESUME = "resume", "恢复计时"
    EXTEND = "extend", "申请延期"
    DECIDE = "decide", "审批延期"
    CONCLUDE = "conclude", "办结"
    VISIT = "visit", "回访"
    NOTE = "note", "补充说明"
    CORRECT = "correct", "更正时间"
    UNMASK = "unmask", "查看来件人信息"


class CaseStanding(Labelled):
    """What an actor is to a case: derived from memberships, never stored."""

    HANDLER = "handler", "办理单位承办人"
    REFERRED = "referred", "接收转办单位承办人"
    HEAD = "head", "单位负责人"  # of either
    SUPERVISOR = "supervisor", "督查员"
    NEAR = "near", "经办单位人员"  # at work in a unit that handles it or was handed it, or who took it in
    READER = "reader", "领导"
    STRANGER = "stranger", "其他人员"


# Who has a clock asks for it to be stopped; only who supervises stops it.
_HANDLING = (
    CaseAction.STEP, CaseAction.PROGRESS, CaseAction.ASK_PAUSE, CaseAction.EXTEND, CaseAction.NOTE,
)  # fmt: skip

CASE_PERMITTED: frozenset[tuple[CaseState, CaseAction, CaseStanding]] = frozenset(
    [
        (CaseState.OPEN, action, standing)
        for action in _HANDLING
        for standing in (CaseStanding.HANDLER, CaseStanding.REFERRED)
    ]
    + [(CaseState.OPEN, action, CaseStanding.HANDLER) for action in (CaseAction.REFER, CaseAction.CONCLUDE)]
    + [(CaseState.OPEN, action, CaseStanding.REFERRED) for action in (CaseAction.SIGN, CaseAction.RETURN)]
    + [
        (CaseState.OPEN, action, CaseStanding.SUPERVISOR)
        for action in (
            CaseAction.STEP,
            CaseAction.REFER,
            CaseAction.PAUSE,
            CaseAction.DECIDE,
            CaseAction.CONCLUDE,
            CaseAction.NOTE,
        )
    ]
    + [(CaseState.OPEN, CaseAction.DECIDE, CaseStanding.HEAD)]
    + [
        (CaseState.PAUSED, action, standing)
        for action in (CaseAction.RESUME, CaseAction.NOTE)
        for standing in (CaseStanding.HANDLER, CaseStanding.REFERRED, CaseStanding.SUPERVISOR)
    ]
    # A unit still signs for what it was handed while the clocks stand.
    + [(CaseState.PAUSED, CaseAction.SIGN, CaseStanding.REFERRED)]
    + [
        (state, CaseAction.CORRECT, standing)
        for state in (CaseState.OPEN, CaseState.PAUSED)
        for standing in (CaseStanding.HANDLER, CaseStanding.SUPERVISOR)
    ]
    + [(state, CaseAction.UNMASK, CaseStanding.NEAR) for state in CaseState]
    + [(CaseState.CLOSED, CaseAction.VISIT, standing) for standing in (CaseStanding.HANDLER, CaseStanding.SUPERVISOR)]
)


def case_permits(state: CaseState, action: CaseAction, standing: CaseStanding) -> bool:
    """Whether the table lets somebody of this standing do this to a case in this state."""
    return (state, action, standing) in CASE_PERMITTED
