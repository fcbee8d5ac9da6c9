"""Every blueprint, in one list for create_app."""

from tracker.web.boards.dashboard import dashboard
from tracker.web.boards.home import home
from tracker.web.boards.reviews import reviews
from tracker.web.calendars.routes import calendars
from tracker.web.case_types.routes import case_types
from tracker.web.cases.export import ledger_export
from tracker.web.cases.routes import cases
from tracker.web.core.rights import rights
from tracker.web.core.trail import audit
from tracker.web.deadlines.recalculation import recalculation
from tracker.web.deadlines.sheet import milestones
from tracker.web.documents.confirmation import confirm
from tracker.web.documents.routes import documents
from tracker.web.documents.sources import sources
from tracker.web.duties.routes import duties
from tracker.web.editions.routes import amend
from tracker.web.ledger_import.routes import ledger_import
from tracker.web.people.sign_in import auth
from tracker.web.registry.routes import units
from tracker.web.reminders.failed_mails import failed_mails
from tracker.web.reminders.mailbox import mailbox

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
    rights,
    mailbox,
    failed_mails,
    milestones,
    recalculation,
    calendars,
)
