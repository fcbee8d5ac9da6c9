"""The trail's ready-made statements read what visible_audit gives, page after page."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tests.kit.world import NOW, World
from tests.web.kit.test_statement_counts import fill
from tracker.store.core import trail
from tracker.store.core.actors import SYSTEM, Actor, Post
from tracker.store.core.trail import AuditFilter, TrailPlace, TrailRows, list_audit
from tracker.store.core.visible import visible_audit
from tracker.store.models import AuditEntry, Case, MemberRole

FILTERS = (
    AuditFilter(),
    AuditFilter(verb="case.note"),
    AuditFilter(login="lead"),
    AuditFilter(login="nobody"),
    AuditFilter(since=NOW, until=NOW + timedelta(hours=5)),
)


@pytest.fixture
def written(world: World, session: Session) -> World:
    """Entries of the place, of none, and about cases that complain of two units."""
    fill(session, world, 30)
    cases = session.scalars(select(Case).order_by(Case.id)).all()
    for n, case in enumerate(cases):
        case.accused_unit_id = world.units[("gxj", "czj", "dxj")[n % 3]].id if n % 2 else None
    for n in range(40):
        case = cases[n % len(cases)]
        session.add(AuditEntry(
            at=NOW + timedelta(hours=n), verb="case.note" if n % 4 else "user.password",
            subject="case" if n % 4 else "user", subject_id=case.id,
            actor_id=world.people["lead"].id if n % 3 else None,
            unit_id=world.units["gxj"].id if n % 3 else None,
            jurisdiction_id=world.jurisdiction.id if n % 5 else None,
        ))  # fmt: skip
    session.flush()
    return world


def auditors(world: World) -> dict[str, Actor]:
    def of(*units: str) -> Actor:
        posts = (Post(world.units[u].id, u, world.jurisdiction.id, MemberRole.AUDITOR) for u in units)
        return Actor(world.people["auditor"].id, "审计员", tuple(posts))

    return {"place": world.actor("auditor"), "unit": of("gxj"), "two": of("czj", "dxj"), "none": world.actor("lead")}


@pytest.mark.parametrize("who", ["place", "unit", "two", "none"])
def test_every_page_is_what_may_be_seen_narrowed(written: World, session: Session, who: str) -> None:
    it = auditors(written)[who]
    loaded = visible_audit(it).options(joinedload(AuditEntry.actor), joinedload(AuditEntry.unit))
    seen = list(session.scalars(loaded.order_by(AuditEntry.id.desc())))
    assert bool(seen) is (who != "none")
    for wanted in FILTERS:
        expected = [
            e for e in seen
            if wanted.verb in (None, e.verb)
            and (wanted.login is None or (e.actor is not None and e.actor.login == wanted.login))
            and (wanted.since is None or wanted.since <= e.at)
            and (wanted.until is None or e.at < wanted.until)
        ]  # fmt: skip
        page = list_audit(session, it, wanted, per_page=500)
        assert [row.id for row in page.rows] == [e.id for e in expected], wanted
        assert [row.actor for row in page.rows] == [e.actor.name if e.actor else None for e in expected]
        assert [row.unit for row in page.rows] == [e.unit.name if e.unit else None for e in expected]
        assert (page.total, page.more) == (len(expected), False)
    assert list_audit(session, SYSTEM, AuditFilter()).rows == []


def test_pages_lead_to_the_oldest_entry_and_back(
    written: World, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "COUNTED", 20)
    it = written.actor("auditor")
    whole = [e.id for e in session.scalars(visible_audit(it).order_by(AuditEntry.id.desc()))]
    assert len(whole) > 40

    def at(place: TrailPlace) -> TrailRows:
        return list_audit(session, it, AuditFilter(), place, per_page=10)

    first, second = at(TrailPlace()), at(TrailPlace(2))
    assert (first.total, first.more, first.later, first.earlier) == (20, True, False, True)
    assert [row.id for row in (*first.rows, *second.rows)] == whole[:20]
    read, page = list(whole[:20]), second
    while page.earlier:
        page = at(TrailPlace(before=read[-1]))
        read += [row.id for row in page.rows]
    assert read == whole
    page = at(TrailPlace(after=0))
    assert ([row.id for row in page.rows], page.earlier, page.later) == (whole[-10:], False, True)
    assert at(TrailPlace(99)) == page  # a number nobody counts to
    back = [row.id for row in page.rows]
    while page.later:
        page = at(TrailPlace(after=back[0]))
        back = [*(row.id for row in page.rows), *back]
    assert back == whole


def test_a_short_trail_has_numbered_pages_to_its_end(written: World, session: Session) -> None:
    it = written.actor("auditor")
    last = list_audit(session, it, AuditFilter(), TrailPlace(10**6), per_page=10)
    assert last.number == -(-last.total // 10)
    assert (last.earlier, last.later, last.more) == (False, True, False)
