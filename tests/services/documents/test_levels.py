"""Another level: said before it is done, nothing lost by it, what stays the same kept, and all of it put back."""

from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from tests.kit.amended import take_in
from tests.kit.builders import SEEDS
from tests.kit.world import NOW, World
from tests.services.documents.test_confirmation import correct, edition_of
from tests.services.documents.test_cutting import boss, told, undo
from tracker.reading.extraction import measure_of, recut
from tracker.reading.plan import DoubtKind, Span
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.documents import intake
from tracker.services.documents.recut.cutting import add_measures
from tracker.services.documents.recut.levels import Proposal, cut_at_level, propose
from tracker.store.documents.doubts import open_doubts
from tracker.store.documents.recuts import left_by_hand
from tracker.store.models import Document, Edition, PlanAnswer

LEVELS = """某市优化服务若干措施

一、提高效率

（一）开展培训。（责任单位：市教育局）

（二）梳理事项。市工信局牵头。

1.梳理清单，2026年6月底前公布。（责任单位：市工信局）

2.每月25日，通报办件情况。（责任单位：市财政局）

二、改进作风

（三）完善好差评制度。（责任单位：市财政局）
"""


@dataclass
class Taken:
    """A document read from a text, and that text."""

    document: Document
    text: str

    def where(self, session: Session, world: World) -> tuple[Edition, Span]:
        edition = edition_of(session, world, self.document)
        return edition, Span(0, len(self.text))


def taken(session: Session, world: World, text: str) -> Taken:
    source = take_in(session, world, text)
    document = intake.choose_plan(boss(world, session), source.plans[0], source, PlanAnswer.ANOTHER)
    assert document is not None
    return Taken(document, text)


def laid(session: Session, world: World, of: Taken, level: str, span: Span | None = None) -> tuple[Edition, Proposal]:
    edition, whole = of.where(session, world)
    span = span or whole
    return edition, propose(edition, recut(of.text, span, level), span, [])


def cut(session: Session, world: World, of: Taken, level: str, span: Span | None = None) -> Edition:
    edition, proposal = laid(session, world, of, level, span)
    whole = span or Span(0, len(of.text))
    cut_at_level(boss(world, session), edition, proposal, whole, "换一级", promised=proposal.mark)
    return edition_of(session, world, of.document)


@pytest.fixture
def levels(draft: World, session: Session) -> Taken:
    return taken(session, draft, LEVELS)


def shape(edition: Edition) -> list[str]:
    return [f"{m.key} {m.text.splitlines()[0][:6]}" for m in edition.measures]


def test_the_level_of_the_reading_changes_nothing(draft: World, session: Session, levels: Taken) -> None:
    _, proposal = laid(session, draft, levels, "arabic")
    assert not proposal.changes
    with pytest.raises(Refused, match="现在就是这样拆分的"):
        cut(session, draft, levels, "arabic")


def test_one_branch_is_cut_and_the_others_stay_as_they_were(draft: World, session: Session, levels: Taken) -> None:
    edition = cut(session, draft, levels, "han_paren")
    assert [m.key for m in edition.measures] == ["一.一", "一.二", "二.三"]
    kept = (edition.measures[0].id, edition.measures[2].id)
    correct(session, draft, "一.一", document=levels.document)
    branch = Span(LEVELS.index("（二）"), LEVELS.index("二、改进"))
    edition = cut(session, draft, levels, "arabic", branch)
    assert len(edition.measures) > 3
    assert (edition.measures[0].id, edition.measures[-1].id) == kept
    assert edition.measures[0].confirmed_at == NOW
    assert [m.ordinal for m in edition.measures] == list(range(1, len(edition.measures) + 1))


def test_a_duty_that_a_level_leaves_in_a_heading_is_asked_about(draft: World, session: Session, levels: Taken) -> None:
    edition = cut(session, draft, levels, "han_paren")
    held = {d.id for d in open_doubts(edition)}
    branch = Span(LEVELS.index("（二）"), LEVELS.index("二、改进"))
    points = [Span(LEVELS.index(a), LEVELS.index(b)) for a, b in (("1.梳理", "2.每月"), ("2.每月", "二、改进"))]
    read = [measure_of(LEVELS, span, key=f"{n}") for n, span in enumerate(points, 1)]
    proposal = propose(edition, read, branch, [])
    cut_at_level(boss(draft, session), edition, proposal, branch, "换一级")
    edition, _ = levels.where(session, draft)
    asked = [d for d in open_doubts(edition) if d.id not in held]
    assert [(d.kind, d.seen) for d in asked] == [(DoubtKind.SUSPECT, "市工信局牵头。")]
    undo(session, draft, levels.document)
    assert {d.id for d in open_doubts(levels.where(session, draft)[0])} == held


def test_what_stays_the_same_keeps_its_row_and_its_confirmation(draft: World, session: Session, levels: Taken) -> None:
    edition, _ = levels.where(session, draft)
    alone = next(m for m in edition.measures if m.text.startswith("开展培训"))
    number = alone.id
    correct(session, draft, alone.key, document=levels.document)
    edition = cut(session, draft, levels, "han_paren")
    kept = next(m for m in edition.measures if m.text.startswith("开展培训"))
    assert (kept.id, kept.confirmed_at) == (number, NOW)


def test_what_would_be_made_is_what_was_shown(draft: World, session: Session, levels: Taken) -> None:
    edition, proposal = laid(session, draft, levels, "han")
    span = Span(0, len(LEVELS))
    with pytest.raises(Refused, match="措施有变化"):
        cut_at_level(boss(draft, session), edition, proposal, span, "换一级", promised="another")
    with pytest.raises(Stale):
        cut_at_level(boss(draft, session), edition, proposal, span, "换一级", version=edition.version + 1)
    with pytest.raises(NotPermitted):
        cut_at_level(boss(draft, session, "lead"), edition, proposal, span, "换一级")


def test_what_a_person_added_stays_where_no_level_reads_it(draft: World, session: Session, levels: Taken) -> None:
    edition, _ = levels.where(session, draft)
    head = LEVELS.index("某市优化")
    add_measures(boss(draft, session), edition, [Span(head, head + 10)])
    edition = cut(session, draft, levels, "han")
    assert edition.measures[0].text == "某市优化服务若干措施"
    assert len(edition.measures) == 3


DOCUMENTS = ("fukang-implementation-plan.txt", "jining-resumption-opinions.txt")


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("level", ["han", "han_paren", "arabic"])
def test_no_level_loses_a_word_unasked_and_all_is_put_back(
    draft: World, session: Session, name: str, level: str
) -> None:
    of = taken(session, draft, (SEEDS / name).read_text("utf-8"))
    before, _ = of.where(session, draft)
    saw, held = told(before), [(m.start, m.end) for m in before.measures]
    _, proposal = laid(session, draft, of, level)
    if not proposal.changes:
        return
    edition = cut(session, draft, of, level)
    now = [(m.start, m.end) for m in edition.measures]
    left = [(start, end) for start, end, _ in left_by_hand(session, edition.id)]
    for start, end in held:
        inside = [place for place in range(start, end) if any(a <= place < b for a, b in [*now, *left])]
        assert len(inside) == end - start
    assert len({m.key for m in edition.measures}) == len(edition.measures)
    about = {d.kind for d in before.doubts if d.open}
    assert {d.kind for d in open_doubts(edition)} <= {*about, DoubtKind.SUSPECT}
    assert told(undo(session, draft, of.document)) == saw
