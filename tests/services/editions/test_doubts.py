"""What the reading of a new edition doubts: answered before stays answered, for the rest it waits."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit import amended
from tests.kit.world import NOW, World
from tracker.reading.plan import DoubtKind
from tracker.services.core.act import begin
from tracker.services.core.errors import Refused
from tracker.services.documents.recut.cutting import take_out
from tracker.services.editions import applying, opening
from tracker.store.models import DoubtAnswer, Edition, EditionDoubt


def doubt(kind: DoubtKind, place: int, seen: str, measure: str | None = None) -> dict[str, Any]:
    return {"kind": kind.value, "span": [place, place + 2], "seen": seen, "measure": measure, "others": []}


@pytest.fixture
def second(draft: World, session: Session) -> Edition:
    """A new edition of which three things are doubted, the first of them answered in the edition before."""
    document = amended.publish_first(session, draft)
    first = session.scalars(select(Edition).where(Edition.document_id == document.id)).one()
    said = EditionDoubt(
        edition_id=first.id, ordinal=1, kind=DoubtKind.SUSPECT, start=0, end=2, seen="附件", others=[],
        answer=DoubtAnswer.NOTHING, answered_by_id=draft.people["supervisor"].id, answered_at=NOW,
    )  # fmt: skip
    session.add(said)
    asked = [
        doubt(DoubtKind.SUSPECT, 0, "附件"), doubt(DoubtKind.SUSPECT, 4, "新的"),
        doubt(DoubtKind.UNSURE_UNIT, 90, "市减负办", "2"),
    ]  # fmt: skip
    edition = amended.open_second(session, draft, document.id, questions=asked)
    assert [m.key for m in edition.measures if m.confirmed_at is not None][:1] == [edition.measures[1].key]
    return edition


def test_what_was_answered_or_confirmed_in_the_same_words_is_not_asked_again(second: Edition) -> None:
    keys = {m.id: m.key for m in second.measures}
    assert [(d.seen, d.answer) for d in second.doubts][:2] == [("附件", DoubtAnswer.NOTHING), ("新的", None)]
    about = second.doubts[2]
    assert (keys[about.measure_id or 0], about.answer) == (second.measures[1].key, DoubtAnswer.CORRECTED)


def test_a_new_edition_waits_for_its_doubts_and_is_not_cut(draft: World, session: Session, second: Edition) -> None:
    boss = begin(session, draft.actor("supervisor"), NOW)
    opening.adopt_all(boss, second, amended.changes(session, second.document_id))
    amended.confirm_rest(session, draft, second.document_id)
    edition = amended.afresh(session, second.document_id)
    with pytest.raises(Refused, match="新的"):
        applying.apply_edition(boss, edition)
    edition = amended.afresh(session, second.document_id)
    with pytest.raises(Refused, match="不能在这里拆分、合并"):
        take_out(boss, edition, edition.measures[0], "说明")


def test_a_new_edition_given_up_leaves_no_doubt_behind(draft: World, session: Session, second: Edition) -> None:
    opening.discard_edition(begin(session, draft.actor("supervisor"), NOW), second)
    session.flush()
    assert [d.seen for d in session.scalars(select(EditionDoubt))] == ["附件"]
