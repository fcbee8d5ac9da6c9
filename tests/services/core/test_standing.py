"""The standing of duties and cases is what their milestones say, after whatever history; the tally is their sum."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random
from threading import Barrier

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, joinedload

from tests.kit import registered
from tests.kit.lengths import examples
from tests.kit.world import NOW, World, duty
from tests.services.duties.test_duties import bring_to
from tracker.reading.plan import Role
from tracker.rules.phases import BEYOND, NOTHING_KNOWN, WATCHED, Phase, day_of
from tracker.rules.workflow import PARTITION, State
from tracker.services.case_types.limits import waiting_rules
from tracker.services.cases import pauses as case_pauses
from tracker.services.core import standing
from tracker.services.core.act import Act, begin
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.deadlines.upkeep import extend_duties
from tracker.services.duties import extensions, pauses, progress, roster
from tracker.store.cases.page import find_case
from tracker.store.core.engine import Database
from tracker.store.models import (
    Case,
    CaseTally,
    DocumentDay,
    DocumentTally,
    Duty,
    DutyTally,
    Extension,
    ExtensionState,
    Milestone,
    UnitDay,
    UnitTally,
)

ACTS, MOST_TRIES = 14, 400
WHY = {"reason": "正在听证", "authority": "行政许可法 45"}
OFFICERS = {"gxj": "lead", "czj": "support", "dxj": "county", "jfb": "supervisor2", "zjj": "stranger"}
SHARES = (
    ("一.1", "gxj"), ("一.1", "czj"), ("一.2", "jfb"), ("一.2", "gxj"), ("一.2", "dxj"), ("一.3", "czj"),
    ("一.5", "czj"), ("一.6", "zjj"), ("一.4", "zjj"),
)  # fmt: skip


def case_of(session: Session, world: World, luck: Random) -> Case:
    ids = session.scalars(select(Case.id).order_by(Case.id)).all()
    found = find_case(session, world.actor("supervisor"), luck.choice(ids)) if ids else None
    if found is None:
        raise Refused("还没有办件。")
    return found


def put_off(act: Act, it: Duty, luck: Random) -> None:
    (*_, last) = extensions.extendable(act.session, it) or [None]
    if last is None or last.due_on is None:
        raise Refused("没有可延期的时限。")
    extensions.ask(act, it, last.id, last.due_on + timedelta(days=luck.randint(1, 40)), "资料不全")


def decide(act: Act, it: Duty, luck: Random) -> None:
    asked = act.session.scalars(
        select(Extension)
        .join(Milestone, Extension.milestone_id == Milestone.id)
        .where(Milestone.duty_id == it.id, Extension.state == ExtensionState.PENDING)
    ).first()
    if asked is None:
        raise Refused("没有申请。")
    extensions.decide(act, it, asked, luck.random() < 0.7, "按程序")


def report(act: Act, it: Duty, _luck: Random) -> None:
    ids = select(Milestone.id).where(Milestone.duty_id == it.id, Milestone.opens_on.is_not(None))
    period = act.session.scalars(ids.where(Milestone.met_at.is_(None)).order_by(Milestone.due_at)).first()
    progress.report_progress(act, it, percent=50, text="已办", milestone_id=period)


def an_event(act: Act, it: Duty, luck: Random) -> None:
    if not waiting_rules(it.task.item):
        raise Refused("没有等待事件的时限。")
    happened_at = act.now - timedelta(days=luck.randint(0, 9))
    registered.register(act, it, happened_at=happened_at, form_key=f"{luck.random()}")


Move = Callable[[Act, Duty, Random], object]
OWN: tuple[Move, ...] = (
    lambda act, it, _: progress.acknowledge(act, it),
    report,
    lambda act, it, _: progress.submit(act, it, text="已全部完成"),
    put_off,
    an_event,
)
OVER: tuple[Move, ...] = (
    lambda act, it, _: progress.complete(act, it, "同意"),
    lambda act, it, _: progress.send_back(act, it, "请补充"),
    lambda act, it, _: progress.close(act, it),
    lambda act, it, _: roster.revoke(act, it, "职责已划转"),
    lambda act, it, _: roster.restore(act, it, "划转取消"),
    lambda act, it, _: pauses.pause_duty(act, it, **WHY),
    lambda act, it, _: pauses.resume_duty(act, it),
    decide,
    lambda act, it, _: extend_duties(act, [it.id]),
)
OF_CASES: tuple[Callable[[Act, Case], object], ...] = (
    lambda act, case: registered.close(act, case, "已办结"),
    lambda act, case: case_pauses.pause_case(act, case, **WHY),
    lambda act, case: case_pauses.resume_case(act, case),
)


def money_moves(case: Case, luck: Random) -> None:
    """Let a sum become known, be put right or be paid back, as a step or an import writes it."""
    case.owed_fen = luck.choice((None, luck.randint(1, 10**11)))
    case.refunded_fen += luck.randint(1, 10**6)


def act_somehow(session: Session, world: World, luck: Random, now: datetime) -> bool:
    """Do one thing somebody may do, or try what he may not; says whether it was done."""
    boss, (key, unit) = world.actor("supervisor"), luck.choice(SHARES)
    officer = world.actor(OFFICERS[unit if luck.random() < 0.9 else "zjj"])
    try:
        match luck.random():
            case part if part < 0.05:
                money_moves(case_of(session, world, luck), luck)
            case part if part < 0.15:
                luck.choice(OF_CASES)(begin(session, boss, now), case_of(session, world, luck))
            case part if part < 0.55:
                luck.choice(OWN)(begin(session, officer, now), duty(session, world, key, unit), luck)
            case _:
                luck.choice(OVER)(begin(session, boss, now), duty(session, world, key, unit), luck)
    except (Refused, NotPermitted, Stale):
        session.rollback()
        return False
    session.commit()
    return True


def as_the_milestones_say(session: Session) -> None:
    """Compare every row with what its milestones say, read one by one."""
    clocks = session.scalars(select(Milestone).order_by(Milestone.id)).all()
    counted: Counter[tuple[object, ...]] = Counter()
    for it in session.scalars(select(Duty).options(joinedload(Duty.task)).execution_options(populate_existing=True)):
        mine = [m for m in clocks if m.answering_duty_id == it.id and m.cancelled_at is None]
        running = [m for m in mine if m.met_at is None and m.paused_at is None]
        own = [m.due_at for m in running if m.due_at and not m.watch and m.submitted_at is None]
        if it.state in (State.COMPLETED, State.CLOSED, State.REVOKED):
            assert (it.phase, it.next_at) == (Phase.DONE, BEYOND[Phase.DONE])
        elif it.paused_at is None and own:
            assert (it.phase, it.next_at) == (Phase.DATED, min(own))
        else:
            assert it.next_at > datetime(7999, 1, 1, tzinfo=NOW.tzinfo)
            assert (it.phase is Phase.PAUSED) or it.paused_at is None
        others = [m.due_at for m in running if m.due_at and m.watch]
        assert it.watch_at == min(others, default=None)
        ended = [m for m in mine if (m.met_at or m.missed_at) and not m.watch and m.due_at]
        assert it.decided == len(ended)
        assert it.met_by_present == sum(
            1 for m in ended if m.met_at and m.due_at and m.met_at < m.due_at and not m.missed_at
        )
        assert (it.ordinal, it.document_id) == (it.task.ordinal, it.task.document_id)
        counted[it.jurisdiction_id, it.document_id, it.unit_id, it.role, it.state, it.phase] += 1
    tallied = {
        (t.jurisdiction_id, t.document_id, t.unit_id, t.role, t.state, t.phase): t.number
        for t in session.scalars(select(DutyTally).execution_options(populate_existing=True))
        if t.number
    }
    assert tallied == dict(counted)
    cases_add_up(session)
    the_boards_say_so(session, clocks)


def cases_add_up(session: Session) -> None:
    """Compare the cases' tally with the cases, added up one by one."""
    counted: dict[tuple[object, ...], list[int]] = {}
    for case in session.scalars(select(Case).execution_options(populate_existing=True)):
        known = case.owed_fen is not None
        sums = (1, case.owed_fen or 0, case.refunded_fen if known else 0, 0 if known else case.refunded_fen)
        key = (case.jurisdiction_id, case.unit_id, case.type_version_id, case.phase)
        counted[key] = [a + b for a, b in zip(counted.get(key, [0] * 4), sums, strict=True)]
        assert case.left_fen == (case.owed_fen - case.refunded_fen if case.owed_fen is not None else NOTHING_KNOWN)
        assert (case.phase is Phase.DONE) is (case.closed_at is not None)
        assert (case.next_at > BEYOND[Phase.DONE]) is (case.closed_at is not None)
    tallied = {tuple(row[:4]): list(row[4:]) for row in session.execute(select(CaseTally.__table__)) if row.number}
    assert tallied == counted


def the_boards_say_so(session: Session, clocks: Sequence[Milestone]) -> None:
    """Compare what boards show with the live duties and their open dates, counted one by one."""
    live = [it for it in session.scalars(select(Duty)) if it.state is not State.REVOKED]
    of = {it.id: it.document_id for it in live}
    days: dict[str, Counter[tuple[object, ...]]] = {name: Counter() for name in ("due", "running", "duties", "unit")}
    for m in clocks:
        if m.answering_duty_id in of and not (m.met_at or m.cancelled_at or m.submitted_at or m.watch):
            if m.due_on:
                days["due"][of[m.answering_duty_id], m.due_on] += 1
            if m.due_at and not (m.paused_at or m.missed_at):
                days["running"][of[m.answering_duty_id], day_of(m.due_at)] += 1
    for it in live:
        if it.next_at < WATCHED:
            days["duties"][it.document_id, day_of(it.next_at)] += 1
            days["unit"][it.unit_id, day_of(it.next_at)] += 1
    kept = session.scalars(select(DocumentDay).execution_options(populate_existing=True)).all()
    for name in ("due", "running", "duties"):
        assert {(d.document_id, d.day): getattr(d, name) for d in kept if getattr(d, name)} == dict(days[name]), name
    of_units = session.scalars(select(UnitDay).execution_options(populate_existing=True))
    assert {(u.unit_id, u.day): u.duties for u in of_units if u.duties} == dict(days["unit"])
    (board,) = session.scalars(select(DocumentTally).execution_options(populate_existing=True)).all()
    lines = session.scalars(select(UnitTally).execution_options(populate_existing=True)).all()
    for phase in Phase:
        holders = Counter(it.unit_id for it in live if it.phase is phase)
        assert getattr(board, f"in_{phase}") == holders.total()
        assert {u.unit_id: n for u in lines if (n := getattr(u, f"in_{phase}"))} == dict(holders)
    for name, states in PARTITION.items():
        assert getattr(board, f"at_{name}") == sum(1 for it in live if it.state in states)
    for name in ("decided", "met_by_first", "met_by_present"):
        assert getattr(board, name) == sum(getattr(it, name) for it in live)


@pytest.mark.parametrize("seed", range(examples(3)))
def test_standing_and_tally_follow_any_history(world: World, database: Database, seed: int) -> None:
    luck, now, done = Random(f"standing {seed}"), NOW, 0  # noqa: S311 - a history, no secret
    with database.write() as session:
        for _ in range(MOST_TRIES):
            if done == ACTS:
                break
            now += timedelta(hours=luck.randint(1, 100))
            if act_somehow(session, world, luck, now):
                done += 1
                as_the_milestones_say(session)
                session.rollback()
        assert not standing.examine(session)
    assert done == ACTS


def test_what_is_rolled_back_is_forgotten(world: World, database: Database) -> None:
    with database.write() as session:
        progress.acknowledge(begin(session, world.actor("lead"), NOW), duty(session, world, "一.1", "gxj"))
        session.flush()
        session.rollback()
        assert standing.NOTED not in session.info
        as_the_milestones_say(session)


def test_what_was_done_is_settled_before_a_commit_where_a_count_is_asked_for(world: World, database: Database) -> None:
    with database.write() as session:
        act = begin(session, world.actor("lead"), NOW)
        progress.acknowledge(act, duty(session, world, "一.1", "gxj"))
        standing.settle(session)
        assert standing.NOTED not in session.info
        as_the_milestones_say(session)


def test_what_bypasses_the_unit_of_work_is_touched(world: World, database: Database) -> None:
    with database.write() as session:
        it = duty(session, world, "一.1", "gxj")
        later = NOW + timedelta(days=300)
        session.execute(update(Milestone).where(Milestone.duty_id == it.id).values(due_at=later))
        standing.touch(session, duties=[it.id])
        session.commit()
        assert session.scalars(select(Duty.next_at).where(Duty.id == it.id)).one() == later


def test_examining_finds_what_disagrees_and_mends_it(world: World, database: Database) -> None:
    with database.write() as session:
        it = duty(session, world, "一.1", "gxj")
        case = registered.register(
            begin(session, world.actor("lead"), NOW), duty(session, world, "一.2", "gxj"), happened_at=NOW
        )
        session.commit()
        assert not standing.examine(session)
        session.execute(text("UPDATE duties SET phase = 'undated' WHERE id = :id"), {"id": it.id})
        session.execute(text("UPDATE cases SET phase = 'undated' WHERE id = :id"), {"id": case.id})
        session.execute(
            text("UPDATE duty_tallies SET number = number + 5 WHERE document_id = :d"), {"d": it.document_id}
        )
        session.execute(text("UPDATE case_tallies SET beside_fen = 5"))
        found = standing.examine(session)
        assert (found.duties, found.cases) == ([it.id], [case.id])
        assert [said for said in found.tallies if "type_version_id=" in said]
        assert [said for said in found.tallies if "document_id=" in said]
        standing.examine(session, mend=True)
        session.commit()
        assert not standing.examine(session)
        as_the_milestones_say(session)


def test_many_units_beside_a_review_end_without_deadlock_and_nothing_is_lost(world: World, database: Database) -> None:
    """Everybody at once on the same document: each report, signature, acceptance and added unit is counted."""
    shares = [
        ("一.1", "gxj", "lead"),
        ("一.1", "czj", "support"),
        ("一.3", "czj", "support"),
        ("一.2", "dxj", "county"),
    ]
    with database.write() as session:
        for key, unit, who in shares:
            bring_to(session, world, duty(session, world, key, unit), State.ACKNOWLEDGED, who)
        waits = bring_to(session, world, duty(session, world, "一.2", "gxj"), State.SUBMITTED)
        task_key, waiting = "一.1", waits.id
        session.commit()
    rounds, start = 6, Barrier(len(shares) + 2)

    def reporting(key: str, unit: str, who: str) -> int:
        start.wait()
        for n in range(rounds):
            with database.write() as session:
                act = begin(session, world.actor(who), NOW + timedelta(minutes=n + 1))
                progress.report_progress(act, duty(session, world, key, unit), percent=n, text=f"第{n}次")
                session.commit()
        return rounds

    def reviewing() -> int:
        start.wait()
        for n in range(rounds):
            with database.write() as session:
                it = duty(session, world, "一.2", "gxj")
                boss, now = world.actor("supervisor"), NOW + timedelta(minutes=2 * n + 1)
                if it.state is State.SUBMITTED:
                    progress.send_back(begin(session, boss, now), it, "请补充")
                else:
                    progress.submit(begin(session, world.actor("lead"), now), it, text="已补充")
                session.commit()
        return rounds

    def adding() -> int:
        start.wait()
        for unit in ("jyj", "zjj", "xxj", "jfb"):
            with database.write() as session:
                task = duty(session, world, task_key, "gxj").task
                act = begin(session, world.actor("supervisor"), NOW + timedelta(minutes=1))
                roster.add_unit(act, task, session.merge(world.units[unit], load=False), Role.SUPPORT, "补充")
                session.commit()
        return 4

    with ThreadPoolExecutor(len(shares) + 2) as pool:
        jobs = [pool.submit(reporting, *share) for share in shares] + [pool.submit(reviewing), pool.submit(adding)]
        assert [job.result() for job in jobs] == [rounds] * (len(shares) + 1) + [4]
    with database.write() as session:
        as_the_milestones_say(session)
        assert not standing.examine(session)
        assert session.get_one(Duty, waiting).state is State.SUBMITTED
