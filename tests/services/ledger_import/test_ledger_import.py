"""Import of a ledger: good rows are cases, once; the others come back with a reason a person can act on."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from tests.kit.batches import ledger_rows
from tests.kit.ledger_types import add_types, load_version
from tests.kit.statements import counted
from tests.kit.world import NOW, World
from tests.services.duties.test_duties import at
from tracker.adapters.ledger.rows import COLUMNS, LedgerRow, Sheet, read_rows
from tracker.clock.calendar import national
from tracker.rules.ladder import bounds
from tracker.services.cases import ledger
from tracker.services.cases.taken import TakenCase
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused
from tracker.services.core.standing import settle
from tracker.services.ledger_import import rows as ledger_import
from tracker.services.ledger_import.history import close_imported, refund_imported
from tracker.services.ledger_import.rows import FromFile, Imported, import_rows
from tracker.store.cases.lists import list_cases
from tracker.store.cases.narrowing import CaseFilter
from tracker.store.core.engine import Database
from tracker.store.duties.lights import Moment
from tracker.store.models import (
    AuditEntry,
    Case,
    CaseRecord,
    CaseStep,
    CaseType,
    Complainant,
    Milestone,
    RecordKind,
    Unit,
)
from tracker.store.reminders.clocks import clocks_reached

CALENDAR = national()
FILE = FromFile("台账.xlsx", "a" * 64)
TITLES = {c.key: c.title for c in COLUMNS}
GOOD = {
    "unit": "市减负办",
    "received_on": "2026-02-13",
    "reference": "工程款拖欠",
    "name": "张三丰",
    "phone": "13812345678",
}


@pytest.fixture
def types(world: World, session: Session) -> dict[str, int]:
    return add_types(session, world)


def rows(*given: dict[str, str]) -> list[LedgerRow]:
    keys = list(dict.fromkeys(key for one in given for key in one))
    lines = [(n, tuple(one.get(key, "") for key in keys)) for n, one in enumerate(given, 2)]
    return read_rows(Sheet(tuple(TITLES[key] for key in keys), tuple(lines)))


def take(session: Session, world: World, version_id: int, *given: dict[str, str], who: str = "supervisor") -> Imported:
    version = load_version(session, version_id)
    done = import_rows(begin(session, world.actor(who), NOW), version, rows(*given), FILE)
    session.flush()
    session.expire_all()
    return done


def cases(session: Session) -> list[Case]:
    return list(session.scalars(select(Case).order_by(Case.id)))


def many(number: int) -> list[dict[str, str]]:
    return [
        {**GOOD, "reference": f"工程款拖欠 {n}", "owed": f"{n + 1}万元", "accepted_on": "2026-02-14"}
        for n in range(number)
    ]


# --- What comes in ---------------------------------------------------------------------------------------------------


def test_a_row_is_a_case_with_its_clocks_and_its_complainant_apart(
    world: World, session: Session, types: dict[str, int]
) -> None:
    done = take(
        session,
        world,
        types["complaint"],
        {
            **GOOD,
            "number": "A-7",
            "received_time": "9:30",
            "accepted_on": "2026年2月14日",
            "owed": "1.2万元",
            "accused": "市住建局",
            "channel": "来信",
            "firm": "某某公司",
            "address": "某路 1 号",
            "content": "第一行\n第二行",
        },
    )
    assert (done.new, done.already, done.faults) == (("2026-001",), 0, ())
    case = cases(session)[0]
    assert (case.happened_at, case.accepted_at) == (at(2, 13, 9, 30), at(2, 14, 12))
    assert (case.owed_fen, case.accused_unit_id) == (1_200_000, world.units["zjj"].id)
    assert (case.channel, case.firm, case.content) == ("来信", "某某公司", "原编号：A-7\n第一行\n第二行")
    person = session.get_one(Complainant, case.id)
    assert (person.name, person.phone, person.address) == ("张三丰", "13812345678", "某路 1 号")
    clock = session.scalars(select(Milestone).join(CaseStep).where(CaseStep.name == "转办")).one()
    assert clock.due_on == date(2026, 2, 26)


def test_the_trail_says_which_file_and_holds_no_personal_data(
    world: World, session: Session, types: dict[str, int]
) -> None:
    take(session, world, types["complaint"], GOOD, {**GOOD, "reference": ""})
    entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "case.import")).one()
    assert entry.after == {"file": "台账.xlsx", "sha256": "a" * 64, "new": 1, "already": 0, "faults": 1}
    assert entry.jurisdiction_id == world.jurisdiction.id
    assert "张三丰" not in str([entry.note, entry.after])
    assert session.scalar(select(func.count()).where(AuditEntry.verb == "case.open")) == 1


def test_the_same_file_again_adds_nothing(world: World, session: Session, types: dict[str, int]) -> None:
    given = [GOOD, {**GOOD, "number": "7", "reference": "另一件"}]
    assert len(take(session, world, types["complaint"], *given).new) == 2
    again = take(session, world, types["complaint"], *given)
    assert (again.new, again.already, again.faults) == ((), 2, ())
    assert len(cases(session)) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"received_on": "2026年2月13日"},
        {"unit": "市减负办 "},
        {"phone": "13812345678.0"},
        {"reference": "工程款 拖欠"},
        {"owed": "/"},
    ],
)
def test_the_same_row_written_otherwise_is_the_same(
    world: World, session: Session, types: dict[str, int], changes: dict[str, str]
) -> None:
    take(session, world, types["complaint"], GOOD)
    assert take(session, world, types["complaint"], {**GOOD, **changes}).already == 1


def test_the_same_row_as_another_type_or_of_another_unit_is_another_case(
    world: World, session: Session, types: dict[str, int]
) -> None:
    row = {**GOOD, "number": "1"}
    take(session, world, types["complaint"], row)
    assert len(take(session, world, types["refund"], row).new) == 1
    assert len(take(session, world, types["complaint"], {**row, "unit": "市财政局"}).new) == 1
    assert len(take(session, world, types["complaint"], {**row, "received_on": "2025-02-13"}).new) == 1


def test_a_number_stands_for_its_row_even_when_the_row_was_polished(
    world: World, session: Session, types: dict[str, int]
) -> None:
    row = {**GOOD, "number": "1"}
    take(session, world, types["complaint"], row)
    assert take(session, world, types["complaint"], {**row, "reference": "工程款拖欠（已核）"}).already == 1
    other = take(session, world, types["complaint"], {**row, "reference": "保证金", "received_on": "2026-02-14"})
    assert (other.new, other.already) == ((), 0)
    assert "已经登记为办件 2026-001" in other.faults[0].reason


def test_two_identical_rows_of_one_file_are_one_case_and_a_question(
    world: World, session: Session, types: dict[str, int]
) -> None:
    done = take(session, world, types["complaint"], GOOD, GOOD)
    assert len(done.new) == 1
    assert [(f.line, f.reason) for f in done.faults] == [
        (3, "与第 2 行完全相同。是同一件的，请删去本行；不是同一件的，请给本行填一个原编号。")
    ]
    answered = take(session, world, types["complaint"], {**GOOD, "number": "2"})
    assert len(answered.new) == 1
    same_number = take(
        session, world, types["complaint"], {**GOOD, "number": "9"}, {**GOOD, "number": "9", "firm": "x"}
    )
    assert same_number.faults[0].reason.startswith("原编号与第 2 行相同")


def test_a_refused_row_leaves_the_others_in_and_no_trace_of_its_own(
    world: World, session: Session, types: dict[str, int]
) -> None:
    done = take(
        session,
        world,
        types["complaint"],
        {**GOOD, "reference": "一"},
        {**GOOD, "reference": "张三丰投诉"},
        {**GOOD, "reference": "三"},
    )
    assert done.new == ("2026-001", "2026-002")
    assert [f.line for f in done.faults] == [3]
    assert [c.reference for c in cases(session)] == ["一", "三"]
    assert session.scalar(select(func.count()).select_from(Complainant)) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reference": ""}, "缺少“摘要”"),
        ({"received_on": ""}, "缺少“收到日期”"),
        ({"unit": ""}, "缺少“办理单位”"),
        ({"unit": "市工信"}, "相近的有：市工信局"),
        ({"unit": "各县区政府"}, "是单位组"),
        ({"accused": "市住健局"}, "在名称后加（库外）"),
        ({"accused": "市减负办"}, "不能由它办理"),
        ({"received_on": "2026-02-30"}, "“2026-02-30”看不懂"),
        ({"received_on": "2月13日"}, "看不懂"),
        ({"received_on": "1926-02-13"}, "请核对年份"),
        ({"received_on": "2026-12-31"}, "不能晚于现在"),
        ({"accepted_on": "2026-02-12"}, "受理时间不能早于"),
        ({"accepted_on": "", "accepted_time": "9:30"}, "缺少“受理日期”"),
        ({"received_time": "25:00"}, "请写成 9:30"),
        ({"owed": "一千"}, "“一千”看不懂"),
        ({"owed": "0"}, "大于 0"),
        ({"reference": "字" * 61}, "超过 60 个字"),
        ({"firm": "字" * 201}, "“企业名称”超过 200 个字"),
        ({"name": "字" * 101}, "“来件人姓名”超过 100 个字"),
        ({"phone": "1" * 61}, "“联系电话”超过 60 个字"),
        ({"phone": "1.38123E+10"}, "少了位数"),
        ({"number": "2.02602E14"}, "少了位数"),
        ({"address": "字" * 201}, "“地址”超过 200 个字"),
        ({"channel": "字" * 41}, "“来源”超过 40 个字"),
        ({"accused": "字" * 201}, "“被投诉单位”超过 200 个字"),
        ({"owed": "#REF!"}, "公式算不出结果"),
        ({"reference": "13812345678 投诉"}, "不要写姓名"),
    ],
)
def test_a_row_that_cannot_be_right_says_why(
    world: World, session: Session, types: dict[str, int], changes: dict[str, str], words: str
) -> None:
    done = take(session, world, types["complaint"], {**GOOD, **changes})
    assert done.new == ()
    assert words in done.faults[0].reason
    assert done.faults[0].reason.endswith("。")
    assert cases(session) == []


def test_a_row_says_everything_that_is_wrong_with_it_at_once(
    world: World, session: Session, types: dict[str, int]
) -> None:
    reason = (
        take(session, world, types["complaint"], {**GOOD, "unit": "", "owed": "x", "accepted_on": "x"}).faults[0].reason
    )
    assert all(words in reason for words in ("涉及金额", "受理日期", "办理单位"))


@pytest.mark.parametrize(
    ("accused", "unit", "words"),
    [
        ("市住建局", "zjj", None),
        ("市住健局（库外）", None, "市住健局"),
        ("某某建设集团有限公司", None, "某某建设集团有限公司"),
        ("市公共交通总公司", None, "市公共交通总公司"),
    ],
)
def test_the_body_complained_of_is_a_unit_by_any_of_its_names_or_a_text_when_it_is_none(
    world: World, session: Session, types: dict[str, int], accused: str, unit: str | None, words: str | None
) -> None:
    take(session, world, types["complaint"], {**GOOD, "accused": accused})
    case = cases(session)[0]
    assert (case.accused_unit_id, case.accused) == (world.units[unit].id if unit else None, words)


def test_a_sort_is_asked_for_where_the_type_tells_them_apart_and_hours_need_a_time(
    world: World, session: Session, types: dict[str, int]
) -> None:
    given = [
        GOOD, {**GOOD, "variant": "加急"}, {**GOOD, "variant": "特殊情况"},
        {**GOOD, "variant": "特殊情况", "received_time": "9:30"}, {**GOOD, "variant": "转派工单"},
    ]  # fmt: skip
    done = take(session, world, types["order"], *given)
    assert [f.line for f in done.faults] == [2, 3, 4]
    assert "特殊情况、转派工单" in done.faults[0].reason
    assert "请填写“收到时刻”" in done.faults[2].reason
    assert [c.variant for c in cases(session)] == ["特殊情况", "转派工单"]


@pytest.mark.parametrize(
    ("times", "received", "accepted"),
    [
        ({}, at(2, 13, 12), at(2, 13, 12)),
        ({"received_time": "15:00"}, at(2, 13, 15), at(2, 13, 15)),
        ({"accepted_time": "9:00"}, at(2, 13, 9), at(2, 13, 9)),
        ({"received_time": "8:00"}, at(2, 13, 8), at(2, 13, 12)),
    ],
)
def test_received_and_accepted_on_one_day_stay_in_order_where_a_time_is_left_out(
    world: World, session: Session, types: dict[str, int], times: dict[str, str], received: Any, accepted: Any
) -> None:
    assert take(session, world, types["complaint"], {**GOOD, "accepted_on": "2026-02-13", **times}).faults == ()
    case = cases(session)[0]
    assert (case.happened_at, case.accepted_at) == (received, accepted)


def test_what_was_received_today_without_a_time_is_not_in_the_future(
    world: World, session: Session, types: dict[str, int]
) -> None:
    take(session, world, types["complaint"], {**GOOD, "received_on": "2026-03-23", "accepted_on": "2026-03-23"})
    assert (cases(session)[0].happened_at, cases(session)[0].accepted_at) == (NOW, NOW)


# --- Cases that ended before ------------------------------------------------------------------------------------------

OLD = {
    **GOOD, "received_on": "2024-05-06", "accepted_on": "2024-05-07", "closed_on": "2024-06-03",
    "conclusion": "已全部付清", "owed": "12345.60", "refunded": "12345.60", "refunded_on": "2024-05-30",
}  # fmt: skip


def step_clocks(session: Session) -> list[Milestone]:
    return list(session.scalars(select(Milestone).where(Milestone.case_step_id.is_not(None))))


def test_an_old_case_comes_in_closed_as_of_its_day_with_what_was_paid_back(
    world: World, session: Session, types: dict[str, int]
) -> None:
    assert take(session, world, types["complaint"], OLD).new == ("2026-001",)
    (case,) = cases(session)
    assert (case.closed_at, case.conclusion) == (at(6, 3, 12).replace(year=2024), "已全部付清")
    assert (case.owed_fen, case.refunded_fen) == (1_234_560, 1_234_560)
    kept = {r.kind: r for r in session.scalars(select(CaseRecord).where(CaseRecord.case_id == case.id))}
    assert set(kept) == {RecordKind.INTAKE, RecordKind.REFUND, RecordKind.CONCLUSION}
    assert (kept[RecordKind.REFUND].amount_fen, kept[RecordKind.REFUND].from_on) == (1_234_560, date(2024, 5, 30))
    assert kept[RecordKind.CONCLUSION].text == "已全部付清"
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.verb == "case.import_closed"))
    assert entry.note == "2026-001 按导入的台账办结"
    assert entry.after == {"number": "2026-001", "closed_on": "2024-06-03"}
    assert entry.duty_id == case.duty_id


def test_an_old_case_enters_no_figure_it_cannot_know_and_nobody_is_told_of_it(
    world: World, session: Session, types: dict[str, int]
) -> None:
    take(session, world, types["complaint"], OLD)
    clocks = step_clocks(session)
    assert clocks  # 转办 began with the acceptance
    assert all(clock.cancelled_at == NOW and clock.met_at is None for clock in clocks)
    steps = list(session.scalars(select(CaseStep).order_by(CaseStep.ordinal)))
    assert [(s.name, s.done_at is not None, s.cancelled_at is not None) for s in steps] == [
        ("受理", True, False),
        *((name, False, True) for name in ("转办", "处理", "答复投诉人", "发督办书", "回访")),
    ]
    moment = Moment(NOW, NOW + timedelta(days=3), {})
    boss = world.actor("supervisor")
    assert list_cases(session, boss, moment, CaseFilter(light="late")).total == 0
    told = {due.milestone_id for due in clocks_reached(session, bounds(NOW, CALENDAR))}
    assert told.isdisjoint(c.id for c in clocks)
    running = {key: OLD[key] for key in (*GOOD, "accepted_on")}
    # The same case, still open, is late and told.
    take(session, world, types["complaint"], {**running, "reference": "没有办结"})
    assert list_cases(session, boss, moment, CaseFilter(light="late")).total == 1
    told = {due.milestone_id for due in clocks_reached(session, bounds(NOW, CALENDAR))}
    assert {c.id for c in step_clocks(session) if c.cancelled_at is None} & told


def test_a_ledger_of_old_and_running_cases_keeps_them_apart_and_is_taken_in_once(
    world: World, session: Session, types: dict[str, int]
) -> None:
    given = [OLD, {**GOOD, "reference": "在办"}]
    assert len(take(session, world, types["complaint"], *given).new) == 2
    assert [c.closed_at is None for c in cases(session)] == [False, True]
    again = take(session, world, types["complaint"], *given)
    assert (again.new, again.already, again.faults) == ((), 2, ())
    assert [c.refunded_fen for c in cases(session)] == [1_234_560, 0]
    assert session.scalar(select(func.count()).where(AuditEntry.verb == "case.import_closed")) == 1


def test_a_case_taken_in_as_running_is_not_closed_by_an_upload_and_the_row_says_so(
    world: World, session: Session, types: dict[str, int]
) -> None:
    take(session, world, types["complaint"], GOOD)
    done = take(session, world, types["complaint"], {**GOOD, "closed_on": "2026-03-01", "conclusion": "付清"})
    assert (done.new, done.already) == ((), 0)
    assert "已经登记为办件 2026-001，还没有办结" in done.faults[0].reason
    assert cases(session)[0].closed_at is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"closed_on": "2026-03-24"}, "办结日期不能晚于今天"),
        ({"closed_on": "2024-05-05"}, "办结日期不能早于收到投诉的日期"),
        ({"closed_on": "2024-05-06"}, "办结日期不能早于受理日期"),
        ({"closed_on": "去年"}, "“办结日期”写的“去年”看不懂"),
        ({"closed_on": "1924-06-03"}, "“办结日期”是 1924 年"),
        ({"conclusion": ""}, "有“办结日期”，缺少“办理结果”"),
        ({"conclusion": "字" * 1001}, "“办理结果”超过 1000 个字"),
        ({"closed_on": ""}, "有“办理结果”，缺少“办结日期”"),
        ({"refunded_on": ""}, "有“已返还金额”，缺少“返还日期”"),
        ({"refunded": ""}, "有“返还日期”，缺少“已返还金额”"),
        ({"refunded": "12345.61"}, "不能多于涉及金额"),
        ({"refunded": "若干"}, "“已返还金额”写的“若干”看不懂"),
        ({"refunded_on": "2026-03-24"}, "返还日期不能晚于今天"),
        ({"refunded_on": "2024-05-05"}, "返还日期不能早于收到投诉的日期"),
    ],
)
def test_an_old_case_that_cannot_be_right_says_why_and_leaves_nothing(
    world: World, session: Session, types: dict[str, int], changes: dict[str, str], words: str
) -> None:
    done = take(session, world, types["complaint"], {**OLD, **changes})
    assert words in done.faults[0].reason
    assert cases(session) == []
    assert session.scalar(select(func.count()).select_from(CaseRecord)) == 0


@pytest.mark.parametrize(
    ("changes", "refunded"),
    [({"refunded": "0"}, 0), ({"refunded": "/", "refunded_on": "/"}, 0), ({"owed": ""}, 1_234_560)],
)
def test_nothing_paid_back_and_an_unknown_sum_are_taken(
    world: World, session: Session, types: dict[str, int], changes: dict[str, str], refunded: int
) -> None:
    assert take(session, world, types["complaint"], {**OLD, **changes}).faults == ()
    assert cases(session)[0].refunded_fen == refunded


def test_what_was_closed_on_the_day_it_came_in_is_closed_after_it_came(
    world: World, session: Session, types: dict[str, int]
) -> None:
    blank = {"accepted_on": "", "refunded": "", "refunded_on": ""}
    same_day = {**blank, "received_on": "2024-05-06", "closed_on": "2024-05-06"}
    take(session, world, types["complaint"], {**OLD, **same_day, "received_time": "16:30"})
    today = {**same_day, "received_on": "2026-03-23", "closed_on": "2026-03-23", "reference": "今天"}
    take(session, world, types["complaint"], {**OLD, **today})
    assert [c.closed_at for c in cases(session)] == [at(5, 6, 16, 30).replace(year=2024), NOW]


def test_hours_need_no_time_in_a_case_that_is_closed(world: World, session: Session, types: dict[str, int]) -> None:
    row = {**GOOD, "variant": "特殊情况", "closed_on": "2026-02-14", "conclusion": "已答复"}
    assert take(session, world, types["order"], row).faults == ()
    assert [c.cancelled_at for c in step_clocks(session)] == [NOW]


def test_part_paid_back_of_a_running_case_is_kept_and_all_of_it_asks_how_it_ended(
    world: World, session: Session, types: dict[str, int]
) -> None:
    row = {**GOOD, "owed": "100", "refunded": "40", "refunded_on": "2026-03-02"}
    take(session, world, types["refund"], row, {**row, "reference": "另一件", "refunded": "100"})
    (case,) = cases(session)
    assert (case.refunded_fen, case.closed_at) == (4_000, None)
    done = take(session, world, types["refund"], {**row, "reference": "另一件", "refunded": "100"})
    assert "已经全部返还的，请填写“办结日期”" in done.faults[0].reason


def test_only_a_case_just_imported_is_closed_by_its_ledger_and_by_whom_may_take_it_in(
    world: World, session: Session, types: dict[str, int]
) -> None:
    take(session, world, types["complaint"], GOOD)
    (case,) = session.scalars(select(Case).options(selectinload(Case.steps)))
    for who in ("support", "stranger", "head", "leader", "county"):
        with pytest.raises(NotPermitted):
            close_imported(begin(session, world.actor(who), NOW), TakenCase(case), date(2026, 3, 1), "付清")
        with pytest.raises(NotPermitted):
            refund_imported(begin(session, world.actor(who), NOW), TakenCase(case), 100, date(2026, 3, 1))
    later = NOW + timedelta(minutes=1)
    with pytest.raises(Refused, match="请到办件页面办理"):
        close_imported(begin(session, world.actor("supervisor"), later), TakenCase(case), date(2026, 3, 1), "付清")
    with pytest.raises(Refused, match="请到办件页面办理"):
        refund_imported(begin(session, world.actor("supervisor"), later), TakenCase(case), 100, date(2026, 3, 1))


# --- Who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["head", "leader", "administrator", "auditor"])
def test_who_takes_no_case_in_imports_none(world: World, session: Session, types: dict[str, int], who: str) -> None:
    with pytest.raises(NotPermitted):
        take(session, world, types["complaint"], GOOD, who=who)


def test_an_officer_imports_for_his_own_unit_and_may_leave_it_out(
    world: World, session: Session, types: dict[str, int]
) -> None:
    own = {k: v for k, v in GOOD.items() if k != "unit"}
    done = take(session, world, types["complaint"], own, {**GOOD, "reference": "别的单位"}, who="stranger")
    assert [c.unit_id for c in cases(session)] == [world.units["jyj"].id]
    assert "由本单位办理" in done.faults[0].reason


def test_a_unit_no_longer_in_use_is_said_to_be(world: World, session: Session, types: dict[str, int]) -> None:
    session.get_one(Unit, world.units["jyj"].id).active = False
    reason = take(session, world, types["complaint"], {**GOOD, "unit": "市教育局"}).faults[0].reason
    assert reason == "“办理单位”写的“市教育局”已停用，请写现在的单位。"


def test_a_retired_type_takes_nothing_in(world: World, session: Session, types: dict[str, int]) -> None:
    session.scalars(select(CaseType).where(CaseType.code == "complaint")).one().active = False
    with pytest.raises(Refused, match="已停用"):
        take(session, world, types["complaint"], GOOD)


# --- Many, and at once -----------------------------------------------------------------------------------------------


def test_twice_the_rows_take_hardly_more_statements(
    world: World, database: Database, session: Session, types: dict[str, int]
) -> None:
    version, sent = load_version(session, types["complaint"]), dict[int, int]()
    given = ledger_rows(90)
    for some in (given[:30], given[30:]):
        settle(session)  # a commit's work, and none of the import's
        with counted(database) as asked:
            done = import_rows(begin(session, world.actor("supervisor"), NOW), version, some, FILE)
        assert (len(done.new), done.faults) == (len(some), ())
        sent[len(some)] = len(asked)
    assert sent[60] <= sent[30] + 3
    assert sent[60] < 40
    # Of each row its records and its entries, in the order they were made.
    told = select(AuditEntry.verb, AuditEntry.subject_id).where(AuditEntry.subject == "case").order_by(AuditEntry.id)
    assert session.execute(told).all() == [
        (verb, case.id)
        for case in cases(session)
        for verb in ["case.open", *(["case.import_closed"] if case.closed_at else [])]
    ]
    kinds = select(CaseRecord.kind).join(Case, Case.id == CaseRecord.case_id).where(Case.number == "2026-001")
    assert session.scalars(kinds.order_by(CaseRecord.id)).all() == [
        RecordKind.INTAKE,
        RecordKind.REFUND,
        RecordKind.CONCLUSION,
    ]


def test_a_row_refused_between_others_leaves_nothing_and_takes_no_number(
    world: World, session: Session, types: dict[str, int]
) -> None:
    late = {"closed_on": "2026-02-01", "conclusion": "办结"}  # before it came in: found when all else is in order
    done = take(
        session, world, types["complaint"], GOOD, {**GOOD, **late, "reference": "颠倒"}, {**GOOD, "reference": "另一件"}
    )
    assert done.new == ("2026-001", "2026-002")
    assert [fault.line for fault in done.faults] == [3]
    for table in (Case, Complainant, CaseRecord):
        assert session.scalar(select(func.count()).select_from(table)) == 2
    assert {case.reference for case in cases(session)} == {"工程款拖欠", "另一件"}


@pytest.mark.long
def test_five_hundred_rows_come_in_within_reason_and_cost_next_to_nothing_the_second_time(
    world: World, database: Database, session: Session, types: dict[str, int]
) -> None:
    given, version = rows(*many(500)), load_version(session, types["complaint"])
    boss = world.actor("supervisor")
    with counted(database) as asked:
        import_rows(begin(session, boss, NOW), version, given, FILE)
    assert 0 < len(asked) < 50
    settle(session)  # a commit's work, and none of the import's
    with counted(database) as again:
        import_rows(begin(session, boss, NOW), version, given, FILE)
    assert len(again) < 12
    assert len(cases(session)) == 500


def test_the_same_file_uploaded_twice_at_once_adds_each_row_once(world: World, database: Database) -> None:
    with database.write() as session:
        version_id = add_types(session, world)["complaint"]
        session.commit()
    given, start = rows(*many(20)), Barrier(3)

    def upload(_: int) -> Imported:
        start.wait()
        with database.write() as session:
            version = load_version(session, version_id)
            done = import_rows(begin(session, world.actor("supervisor"), NOW), version, given, FILE)
            session.commit()
            return done

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(upload, range(3)))
    assert sorted((len(one.new), one.already, len(one.faults)) for one in done) == [(0, 20, 0), (0, 20, 0), (20, 0, 0)]
    with database.read() as session:
        assert len(cases(session)) == 20


def test_an_import_beside_somebody_taking_cases_in_by_hand_gives_every_case_its_own_number(
    world: World, database: Database
) -> None:
    with database.write() as session:
        version_id = add_types(session, world)["complaint"]
        session.commit()
    given, start = rows(*many(10)), Barrier(2)

    def upload() -> None:
        start.wait()
        with database.write() as session:
            version = load_version(session, version_id)
            import_rows(begin(session, world.actor("supervisor"), NOW), version, given, FILE)
            session.commit()

    def by_hand() -> None:
        start.wait()
        for n in range(5):
            with database.write() as session:
                new = ledger.NewCase(world.units["jfb"].id, NOW, f"手工 {n}", f"hand-{n}")
                version = load_version(session, version_id)
                ledger.open_case(begin(session, world.actor("supervisor"), NOW), version, new)
                session.commit()

    with ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(upload), pool.submit(by_hand)]:
            future.result()
    with database.read() as session:
        assert sorted(c.number for c in cases(session)) == [f"2026-{n:03d}" for n in range(1, 16)]


def test_a_key_is_of_its_place_and_fits_its_column(world: World, session: Session, types: dict[str, int]) -> None:
    version = load_version(session, types["complaint"])
    reader = ledger_import._Reader(session, world.actor("supervisor"), NOW, version)
    new, _ = reader.read(rows(GOOD)[0])
    assert new is not None
    assert len(new.form_key) == 40
    reader.place += 1
    other, _ = reader.read(replace(rows(GOOD)[0], line=9))
    assert other is not None
    assert other.form_key != new.form_key
