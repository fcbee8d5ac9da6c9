"""What each address asks of its reader (权限): a row for every one, in the words of the tables that decide.

`enforce` turns away, before a page does anything, whoever holds no role that lets him do it anywhere.  An address about
one row is decided where the row is found: a stranger finds none (404), who sees it and never may is refused (403).
"""

from dataclasses import dataclass
from enum import Enum, auto

from flask import Flask, request

from tracker.rules.permissions import PlaceAction, whose
from tracker.rules.workflow import Action, CaseAction
from tracker.services.core.act import permit
from tracker.web.kit.access import actor, signed_in

P = PlaceAction


class Open(Enum):
    """What is asked where no table decides."""

    ANYBODY = auto()
    SIGNED_IN = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """Something a place's table decides, about a row: who may do it nowhere is still told that there is no such row."""

    action: PlaceAction


Right = Open | PlaceAction | Row | Action | CaseAction

RIGHTS: dict[str, Right] = {
    "static": Open.ANYBODY,
    "bootstrap.static": Open.ANYBODY,
    "auth.healthz": Open.ANYBODY,
    "auth.login": Open.ANYBODY,
    "auth.logout": Open.ANYBODY,
    "auth.password": Open.SIGNED_IN,
    "home.index": Open.SIGNED_IN,
    "home.sign_all": Open.SIGNED_IN,  # signs what `Action.ACKNOWLEDGE` lets him sign
    "dashboard.index": P.OVERVIEW,
    "dashboard.units": P.OVERVIEW,
    "reviews.index": P.REVIEW,
    # Duties and their dates.
    "duties.index": P.READ_DUTIES,
    "duties.show": Row(P.READ_DUTIES),
    "duties.attachment": Row(P.READ_DUTIES),
    "milestones.show": Row(P.READ_DUTIES),
    "duties.back_to_page": Open.SIGNED_IN,
    "duties.acknowledge": Action.ACKNOWLEDGE,
    "duties.report": Action.REPORT,
    "duties.submit": Action.SUBMIT,
    "duties.complete": Action.COMPLETE,
    "duties.send_back": Action.SEND_BACK,
    "duties.close": Action.CLOSE,
    "duties.revoke": Action.REVOKE,
    "duties.restore": Action.RESTORE,
    "duties.pause": Action.PAUSE,
    "duties.resume": Action.RESUME,
    "duties.extend": Action.EXTEND,
    "duties.decide": Action.DECIDE,
    "duties.add_unit": Row(P.ADD_UNIT),
    # Cases and their ledger.
    "cases.index": P.READ_CASES,
    "ledger_export.export": P.READ_CASES,
    "cases.show": Row(P.READ_CASES),
    "cases.attachment": Row(P.READ_CASES),
    "cases.letter": Row(P.READ_CASES),
    "cases.back_to_page": Open.SIGNED_IN,
    "cases.choose": P.OPEN_CASE,
    "cases.new": P.OPEN_CASE,
    "cases.intake": Row(P.OPEN_CASE),
    "cases.from_duty": Row(P.OPEN_CASE),
    "ledger_import.index": P.IMPORT_CASES,
    "ledger_import.upload": P.IMPORT_CASES,
    "ledger_import.blank": P.IMPORT_CASES,
    "ledger_import.result": P.IMPORT_CASES,  # of one's own upload
    "ledger_import.faults": P.IMPORT_CASES,
    "cases.close_step": CaseAction.STEP,
    "cases.refer": CaseAction.REFER,
    "cases.progress": CaseAction.PROGRESS,
    "cases.extend": CaseAction.EXTEND,
    "cases.decide": CaseAction.DECIDE,
    "cases.sign": CaseAction.SIGN,
    "cases.send_back": CaseAction.RETURN,
    "cases.pause": CaseAction.PAUSE,
    "cases.ask_pause": CaseAction.ASK_PAUSE,
    "cases.decide_pause": CaseAction.PAUSE,
    "cases.resume": CaseAction.RESUME,
    "cases.conclude": CaseAction.CONCLUDE,
    "cases.visit": CaseAction.VISIT,
    "cases.note": CaseAction.NOTE,
    "cases.unmask": CaseAction.UNMASK,
    "recalculation.event": CaseAction.CORRECT,
    "case_types.index": P.READ_TYPES,
    "case_types.show": P.READ_TYPES,
    "case_types.new": P.KEEP_TYPES,
    "case_types.edit": P.KEEP_TYPES,
    "case_types.from_rule": P.KEEP_TYPES,
    "case_types.take": P.KEEP_TYPES,
    "case_types.retire": P.RETIRE_TYPE,
    "case_types.restore": P.RESTORE_TYPE,
    # Documents.
    "documents.index": P.READ_DOCUMENTS,
    "documents.show": Row(P.READ_DOCUMENTS),
    "documents.edition": Row(P.READ_DOCUMENTS),
    "sources.index": P.UPLOAD,
    "sources.show": P.UPLOAD,
    "sources.new": P.UPLOAD,
    "sources.reading": P.UPLOAD,
    "sources.read_again": P.UPLOAD,
    "sources.discard_reading": P.UPLOAD,
    "sources.choose": P.CONFIRM,
    "sources.similar": P.CONFIRM,
    "confirm.index": Open.SIGNED_IN,
    "confirm.show": Row(P.CONFIRM),
    "confirm.text": Row(P.CONFIRM),
    "confirm.facts": Row(P.CONFIRM),
    "confirm.save": Row(P.CONFIRM),
    "confirm.clear": Row(P.CONFIRM),
    "confirm.names": Row(P.CONFIRM),
    "confirm.rematch": Row(P.CONFIRM),
    "confirm.undated": Row(P.CONFIRM),
    "confirm.past": Row(P.CONFIRM),
    "confirm.doubts": Row(P.CONFIRM),
    "confirm.beside": Row(P.CONFIRM),
    "confirm.answer_doubts": Row(P.CONFIRM),
    "confirm.ask_again": Row(P.CONFIRM),
    "confirm.cut": Row(P.CONFIRM),
    "confirm.split": Row(P.CONFIRM),
    "confirm.join": Row(P.CONFIRM),
    "confirm.take_out": Row(P.CONFIRM),
    "confirm.add": Row(P.CONFIRM),
    "confirm.take_back": Row(P.CONFIRM),
    "confirm.level": Row(P.CONFIRM),
    "confirm.publish": Row(P.PUBLISH),
    "recalculation.issue_date": Row(P.CORRECT_ISSUE_DATE),
    "amend.show": Row(P.AMEND),
    "amend.answer": Row(P.AMEND),
    "amend.adopt_all": Row(P.AMEND),
    "amend.apply": Row(P.AMEND),
    "amend.discard": Row(P.AMEND),
    # What a place keeps.
    "units.index": P.KEEP_REGISTRY,
    "units.show": P.KEEP_REGISTRY,
    "units.update": P.KEEP_REGISTRY,
    "units.add_name": P.KEEP_REGISTRY,
    "units.new": P.KEEP_REGISTRY,
    "units.groups": P.KEEP_REGISTRY,
    "units.new_group": P.KEEP_REGISTRY,
    "calendars.index": P.READ_CALENDAR,
    "calendars.day": P.KEEP_CALENDAR,
    "calendars.notice": P.KEEP_CALENDAR,
    "calendars.recount": P.KEEP_CALENDAR,
    "calendars.apply": P.APPLY_CALENDAR,
    "calendars.discard": P.APPLY_CALENDAR,
    # Running and watching.
    "failed_mails.index": P.READ_FAILED_MAILS,
    "failed_mails.again": P.RESEND_MAILS,
    "failed_mails.all_again": P.RESEND_MAILS,
    "mailbox.index": P.READ_MAILBOX,
    "mailbox.show": P.READ_MAILBOX,
    "mailbox.html": P.READ_MAILBOX,
    "audit.index": P.READ_TRAIL,
    "rights.index": P.READ_RIGHTS,
    "rights.holders": P.READ_RIGHTS,
}


ANYBODYS = frozenset(endpoint for endpoint, right in RIGHTS.items() if right is Open.ANYBODY)


def set_up(app: Flask) -> None:
    """Enforce the rows above; an address without one, and one without an address, stops the start."""
    answered = {rule.endpoint for rule in app.url_map.iter_rules()}
    if wrong := answered ^ set(RIGHTS):
        raise RuntimeError(
            f"address and row of tracker.web.core.addresses do not go together: {', '.join(sorted(wrong))}"
        )
    app.before_request(enforce)


def right_here() -> Right:
    """Return what this request's address asks of its reader."""
    return RIGHTS.get(request.endpoint or "", Open.ANYBODY)


def enforce() -> None:
    """Turn away whoever may do nowhere what the address is for."""
    right = right_here()
    if isinstance(right, PlaceAction) and signed_in():
        permit(actor().may(right), whose(right))
