"""What an export of the ledger reads besides the list's own rows (台账导出)."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.store.models import Complainant


def complainants_of(session: Session, case_ids: Sequence[int]) -> dict[int, Complainant]:
    """Return whom cases are from, by case, in one query; what is shown of them is masked by services.cases.privacy."""
    found = session.scalars(select(Complainant).where(Complainant.case_id.in_(case_ids)))
    return {person.case_id: person for person in found}
