"""Every blueprint, in one list for create_app."""

from tracker.web.amend import amend
from tracker.web.audit import audit
from tracker.web.auth import auth
from tracker.web.calendars import calendars
from tracker.web.case_types import case_types
from tracker.web.cases import cases
from tracker.web.confirm import confirm
from tracker.web.dashboard import dashboard
from tracker.web.documents import documents
from tracker.web.duties import duties
from tracker.web.failed_mails import failed_mails
from tracker.web.home import home
from tracker.web.ledger_export import ledger_export
from tracker.web.ledger_import import ledger_import
from tracker.web.mailbox import mailbox
from tracker.web.milestones import milestones
from tracker.web.recalculation import recalculation
from tracker.web.reviews import reviews
from tracker.web.sources import sources
from tracker.web.units import units

ALL = (
    auth,
    home,
    duties,
    cases,
    case_types,
    ledger_import,
    ledger_export,
    reviews,
    dashboard,
    documents,
    sources,
    confirm,
    amend,
    units,
    audit,
    mailbox,
    failed_mails,
    milestones,
    recalculation,
    calendars,
)
