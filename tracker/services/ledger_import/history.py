"""Old cases of an imported ledger (以往的办件): how they ended and what was paid back, as the ledger says."""

from datetime import date, datetime

from tracker.now import today
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Verb
from tracker.services.cases.acts import StepFacts
from tracker.services.cases.checks import noon
from tracker.services.cases.handlers import handling_units
from tracker.services.cases.taken import TakenCase, end_steps
from tracker.services.core.act import Act, permit
from tracker.services.core.errors import Refused
from tracker.services.core.texts import words
from tracker.store.core.actors import Actor
from tracker.store.models import Case, RecordKind


def close_imported(act: Act, taken: TakenCase, closed_on: date, conclusion: str) -> None:
    """Close a case just imported as of the day its ledger names (按导入的台账办结).

    Nothing says when each of its steps was done: what is open of it is cancelled with its clocks, so that it is
    neither late nor in time.  Acceptance, which the ledger dates, stays as it was taken in.
    """
    case = taken.case
    _check(act.actor, act.now, case)
    said = words(conclusion, "有“办结日期”，请填写“办理结果”。")
    if closed_on > today(act.now):
        raise Refused("办结日期不能晚于今天。")
    if closed_on < case.happened_on:
        raise Refused(f"办结日期不能早于{case.event}的日期。")
    if case.accepted_at is not None and closed_on < today(case.accepted_at):
        raise Refused("办结日期不能早于受理日期。")
    end_steps(act, taken)
    # The day's noon stands for the day; what happened later on the same day still comes first.
    case.closed_at = max(noon(closed_on, act.now), case.happened_at, case.accepted_at or case.happened_at)
    case.conclusion = said
    taken.records.append((RecordKind.CONCLUSION, StepFacts(said)))
    taken.told.append((Verb.CASE_IMPORT_CLOSED, {"closed_on": closed_on}, "按导入的台账办结"))


def refund_imported(act: Act, taken: TakenCase, amount_fen: int, on: date) -> None:
    """Record what was paid back before a case was imported (已返还); at most what is owed, where that is known."""
    case = taken.case
    _check(act.actor, act.now, case)
    if on > today(act.now):
        raise Refused("返还日期不能晚于今天。")
    if on < case.happened_on:
        raise Refused(f"返还日期不能早于{case.event}的日期。")
    if amount_fen <= 0 or (case.owed_fen is not None and case.refunded_fen + amount_fen > case.owed_fen):
        raise Refused("已返还的金额不能多于涉及金额，请核对。")
    case.refunded_fen += amount_fen
    facts = StepFacts("按导入的台账登记", amount_fen=amount_fen, from_on=on)
    taken.records.append((RecordKind.REFUND, facts))


def _check(actor: Actor, now: datetime, case: Case) -> None:
    """Let through who may take the case in, in the import that does: any later, it is handled step by step."""
    own = handling_units(actor, case.jurisdiction_id)
    may = actor.may(PlaceAction.IMPORT_CASES, case.jurisdiction_id) and (own is None or case.unit_id in own)
    permit(may, "只有本辖区的督查员或办理单位的承办人可以导入以往的办件。")
    if case.opened_at != now or case.closed_at is not None:
        raise Refused("这件办件已经登记，请到办件页面办理。")
