"""Outcomes are told: what waits for review, what was decided, a case registered for a unit or returned by one."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

import config
from tests.kit import world as w
from tests.kit.ledger_types import add_types, load_version
from tests.kit.orders import SECRETS, clocks, limit, order
from tests.kit.statements import counted
from tests.kit.world import NOW, World
from tests.services.ledger_import.test_ledger_import import rows
from tests.services.reminders.test_case_mails import joined
from tests.services.reminders.test_dispatch import BASE, Desk, a_pass, compose, quiet, to
from tests.services.reminders.test_sweep import at, clock, in_two_threads
from tracker.adapters.mail.sending import Permanent
from tracker.clock.calendar import national
from tracker.clock.rules import CountUnit
from tracker.services.cases import conclusion, ledger, referrals
from tracker.services.cases import extensions as case_extensions
from tracker.services.cases.acts import StepFacts
from tracker.services.cases.ledger import NewCase
from tracker.services.core.act import begin
from tracker.services.core.standing import settle
from tracker.services.deadlines import extensions
from tracker.services.deadlines.extensions import Wish
from tracker.services.duties import extensions as duty_extensions
from tracker.services.duties import progress, roster
from tracker.services.ledger_import.rows import FromFile, import_rows
from tracker.services.people import accounts
from tracker.services.reminders.items import Group
from tracker.services.reminders.sweep import sweep
from tracker.store.cases.page import find_case
from tracker.store.core.actors import SYSTEM
from tracker.store.core.engine import Database
from tracker.store.models import (
    Alert,
    AlertState,
    Case,
    MemberRole,
    Membership,
    Report,
    ReportKind,
    Unit,
    User,
)
from tracker.store.reminders.messages import failed_messages
from tracker.store.reminders.untold_outcomes import outcomes_untold

CALENDAR = national()


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    return config.load(
        {
            "TRACKER_ENV": "test",
            "SECRET_KEY": "x",
            "TRACKER_DATA": str(tmp_path / "var"),
            "BASE_URL": BASE,
            "MAIL_FROM": "市减负办 <jfb@mou.example>",
        }
    )


Work = Callable[[Session], object]
Told = Callable[..., Desk]


@pytest.fixture
def told(database: Database, settings: config.Settings, world: World) -> Told:
    """Do some work, then let the worker pass; returns what was mailed."""
    quiet(database, settings)

    def work(*acts: Work, now: datetime = NOW + timedelta(hours=1)) -> Desk:
        for act in acts:
            with database.write() as session:
                act(session)
                session.commit()
        desk = Desk()
        a_pass(database, settings, now, desk)
        return desk

    return work


def readers(desk: Desk) -> set[str]:
    return {m.to_address.partition("@")[0] for m in desk.taken}


# --- review -----------------------------------------------------------------------------------------------------------


def submitted(world: World, key: str = "一.1", unit: str = "gxj", who: str = "lead", now: datetime = NOW) -> Work:
    def act(session: Session) -> None:
        duty, actor = w.duty(session, world, key, unit), world.actor(who)
        progress.acknowledge(begin(session, actor, now), duty)
        progress.submit(begin(session, actor, now), duty, text="台账已建立")

    return act


def sent_back(world: World, now: datetime = NOW, why: str = "请补充清欠凭证，联系 13812345678") -> Work:
    return lambda session: progress.send_back(
        begin(session, world.actor("supervisor"), now), w.duty(session, world, "一.1", "gxj"), why
    )


def accepted(world: World, note: str = "") -> Work:
    return lambda session: progress.complete(
        begin(session, world.actor("supervisor"), NOW), w.duty(session, world, "一.1", "gxj"), note
    )


def test_supervisors_are_told_what_waits_for_review_in_one_mail(world: World, told: Told) -> None:
    desk = told(submitted(world), submitted(world, "一.2", "dxj", "county"))
    assert readers(desk) == {"supervisor", "supervisor2"}
    mail = to(desk, "supervisor")
    assert mail.subject == "〔待审核2项〕请审核"
    for said in (
        "supervisor同志：",
        "请您审核 2 项申请办结的责任。",
        "【待审核 · 2 项】",
        "状态：市工业和信息化局3月23日提交，请审核",
        "状态：东县政府3月23日提交，请审核",
        "因为您是市减负办的督查员",
    ):
        assert said in joined(mail.text), mail.text


def test_one_submission_is_named_in_the_subject_and_leads_to_its_page(
    database: Database, world: World, told: Told
) -> None:
    mail = to(told(submitted(world)), "supervisor")
    assert mail.subject.startswith("〔待审核〕一.1 建立清欠台账")
    with database.read() as session:
        assert f"办理：{BASE}/duties/{w.duty(session, world, '一.1', 'gxj').id}" in mail.text
    assert "市工业和信息化局申请办结“一.1 建立清欠台账" in joined(mail.text)


def test_what_comes_in_soon_after_waits_for_the_next_mail_of_reviews(world: World, told: Told) -> None:
    """Forty agencies that hand in on one day are a few mails to a supervisor, not forty."""
    told(submitted(world), now=at(3, 23, 11))
    assert readers(told(submitted(world, "一.2", "dxj", "county"), now=at(3, 23, 12))) == set()
    assert to(told(now=at(3, 23, 13)), "supervisor").subject.startswith("〔待审核〕一.2")
    assert not any("待审核" in m.text for m in told(now=at(3, 24)).taken)


def test_nobody_is_asked_to_review_his_own_submission(world: World, told: Told) -> None:
    desk = told(submitted(world, "一.2", "jfb", "supervisor2"))
    assert readers(desk) == {"supervisor"}


@pytest.mark.parametrize("end", ["sent back", "accepted"])
def test_what_was_reviewed_before_the_mail_goes_out_is_not_asked_for(
    world: World, told: Told, database: Database, end: str
) -> None:
    with database.write() as session:
        submitted(world)(session)
        session.flush()
        sweep(session, NOW)
        session.commit()
    desk = told(sent_back(world) if end == "sent back" else accepted(world))
    assert readers(desk) == {"lead"}


def test_the_officer_is_told_that_his_submission_was_sent_back_and_why(
    database: Database, world: World, told: Told
) -> None:
    told(submitted(world))
    mail = to(told(sent_back(world)), "lead")
    assert mail.subject.startswith("〔退回修改〕一.1 建立清欠台账")
    for said in (
        "“一.1 建立清欠台账，2026年6月底前完成清欠”的办结申请被退回，请市工业和信息化局修改后重新申请办结，时限不变。",
        "退回原因：请补充清欠凭证，联系 ****",
        "时限：6月30日 周二",
        "因为您是市工业和信息化局的承办人",
    ):
        assert said in joined(mail.text), mail.text
    assert "13812345678" not in mail.text + mail.html
    assert "退回原因：请补充清欠凭证" in mail.html


def test_a_submission_handed_in_again_withdraws_its_send_back(database: Database, world: World, told: Told) -> None:
    def again(session: Session) -> None:
        progress.submit(begin(session, world.actor("lead"), NOW), w.duty(session, world, "一.1", "gxj"), text="已补充")

    told(submitted(world))
    desk = told(sent_back(world), again, now=NOW + timedelta(hours=4))
    assert readers(desk) == {"supervisor", "supervisor2"}  # the second submission, under a key of its own
    with database.read() as session:
        keys = session.scalars(select(Alert.key).where(Alert.key.contains("/submitted/"))).all()
        reports = session.scalars(select(Report.id).where(Report.kind == ReportKind.SUBMISSION)).all()
    assert {key.split("/")[0] for key in keys} == {f"report{n}" for n in reports}
    assert len(keys) == 4


def test_every_send_back_is_told_once(world: World, told: Told) -> None:
    def again(session: Session) -> None:
        progress.submit(begin(session, world.actor("lead"), NOW), w.duty(session, world, "一.1", "gxj"), text="已补充")

    told(submitted(world))
    assert readers(told(sent_back(world))) == {"lead"}
    assert readers(told()) == set()
    told(again, now=NOW + timedelta(hours=4))
    assert readers(told(sent_back(world, why="仍缺凭证"), now=NOW + timedelta(hours=5))) == {"lead"}


def test_the_officer_is_told_of_an_acceptance(world: World, told: Told) -> None:
    told(submitted(world))
    mail = to(told(accepted(world, "材料齐全")), "lead")
    assert mail.subject.startswith("〔审核通过〕一.1 建立清欠台账")
    assert "的办结申请已审核通过。" in joined(mail.text)
    assert "审核意见：材料齐全" in mail.text


def test_a_unit_without_officers_left_is_told_of_the_outcome_at_its_address(
    database: Database, world: World, told: Told
) -> None:
    def leave(session: Session) -> None:
        session.get_one(User, world.people["lead"].id).active = False
        session.get_one(Unit, world.units["gxj"].id).email = "gxj@mou.example"

    told(submitted(world))
    assert "gxj" in readers(told(sent_back(world), leave))


def dead(login: str) -> Work:
    return lambda session: session.execute(update(User).where(User.login == login).values(refused_address=User.email))


def colleague(world: World) -> Work:
    return lambda session: accounts.add_user(
        begin(session, SYSTEM, NOW),
        login="other",
        name="同事",
        password_hash=w.PASSWORD_HASH,
        email="other@mou.example",
        posts=[(world.units["gxj"].id, MemberRole.OFFICER)],
    )


def test_a_colleagues_dead_address_is_no_matter_of_who_handed_in(
    database: Database, settings: config.Settings, world: World, told: Told
) -> None:
    told(colleague(world), dead("other"))
    assert readers(told(submitted(world), sent_back(world))) == {"lead"}


def test_a_head_who_stands_in_for_a_dead_address_reads_why(world: World, told: Told) -> None:
    desk = told(dead("lead"))
    mail = to(told(submitted(world), accepted(world), now=NOW + timedelta(hours=2)), "head")
    assert mail.subject.startswith("〔审核通过〕")
    assert "您是市工业和信息化局的单位负责人：承办人的邮箱收不到邮件，因此告知单位负责人。" in joined(mail.text)
    assert "单位负责人：承办人的邮箱收不到邮件" in joined(to(desk, "head").text)


def test_who_left_the_unit_is_not_told_of_the_outcome(database: Database, world: World, told: Told) -> None:
    told(submitted(world))
    with database.write() as session:
        sent_back(world)(session)
        session.flush()
        sweep(session, NOW)
        session.delete(session.scalars(select(Membership).where(Membership.user_id == world.people["lead"].id)).one())
        session.flush()
        compose(session, NOW, "jfb@mou.example", BASE)
        states = session.scalars(select(Alert.state).where(Alert.key.contains("/sent_back/")))
        assert set(states) == {AlertState.DROPPED}
        session.rollback()


def test_a_revoked_duty_has_no_outcome_to_tell(world: World, told: Told) -> None:
    told(submitted(world))
    desk = told(
        sent_back(world),
        lambda s: roster.revoke(begin(s, world.actor("supervisor"), NOW), w.duty(s, world, "一.1", "gxj"), "机构改革"),
    )
    assert readers(desk) == set()


def test_an_outcome_long_past_is_not_told_anew(world: World, told: Told) -> None:
    told(submitted(world))
    desk = told(accepted(world), now=NOW + timedelta(days=31))
    assert desk.taken  # of what is late by then
    assert not any(Group.ACCEPTED.label in mail.subject + mail.text for mail in desk.taken)


# --- more time --------------------------------------------------------------------------------------------------------


def asked(world: World) -> Work:
    def act(session: Session) -> None:
        duty = w.duty(session, world, "一.1", "gxj")
        progress.acknowledge(begin(session, world.actor("lead"), NOW), duty)
        date_of = clock(session, world, "一.1", "gxj")
        duty_extensions.ask(
            begin(session, world.actor("lead"), NOW), duty, date_of.id, date(2026, 7, 31), "企业改制，账目未清"
        )

    return act


def decided(world: World, grant: bool, note: str = "", who: str = "supervisor") -> Work:
    def act(session: Session) -> None:
        duty = w.duty(session, world, "一.1", "gxj")
        wish = extensions.pending_extension(session, clock(session, world, "一.1", "gxj").id)
        assert wish is not None
        duty_extensions.decide(begin(session, world.actor(who), NOW), duty, wish, grant, note)

    return act


def test_supervisors_are_told_that_more_time_is_asked_for(world: World, told: Told) -> None:
    desk = told(asked(world))
    assert readers(desk) == {"supervisor", "supervisor2"}
    mail = to(desk, "supervisor")
    assert mail.subject.startswith("〔延期申请〕一.1 建立清欠台账")
    for said in (
        "市工业和信息化局为“一.1 建立清欠台账，2026年6月底前完成清欠”申请延期，请您审批。",
        "申请延至7月31日：企业改制，账目未清",
        "时限：6月30日 周二",
    ):
        assert said in joined(mail.text), mail.text


@pytest.mark.parametrize(
    ("grant", "note", "expected"),
    [
        (True, "", ("延期已批准", "时限：7月31日 周五（原为6月30日）")),
        (False, "理由不充分", ("延期未获批准", "不批准的原因：理由不充分", "时限：6月30日 周二")),
    ],
)  # fmt: skip
def test_who_asked_for_more_time_is_told_the_decision(
    world: World, told: Told, grant: bool, note: str, expected: tuple[str, ...]
) -> None:
    told(asked(world))
    desk = told(decided(world, grant, note))
    assert readers(desk) == {"lead"}
    mail = to(desk, "lead")
    assert mail.subject.startswith("〔延期决定〕一.1 建立清欠台账")
    for said in expected:
        assert said in joined(mail.text), mail.text


def test_a_request_decided_before_the_mail_goes_out_is_not_asked_for(
    database: Database, world: World, told: Told
) -> None:
    with database.write() as session:
        asked(world)(session)
        session.flush()
        sweep(session, NOW)
        session.commit()
    assert readers(told(decided(world, True))) == {"lead"}


def test_more_time_for_a_case_is_asked_of_the_head_and_never_of_the_unit_complained_of(
    database: Database, world: World, told: Told
) -> None:
    who, phone, *_ = SECRETS
    case_id = 0

    def ask(session: Session) -> None:
        nonlocal case_id
        rule = limit(amount=30, unit=CountUnit.DAY, extend_amount=90, extend_unit=CountUnit.DAY)
        step = order(session, world, NOW, rule)
        case_id = step.case_id
        session.get_one(Case, case_id).accused_unit_id = world.units["czj"].id
        post = Membership(user_id=world.people["supervisor2"].id, unit_id=world.units["czj"].id, role=MemberRole.HEAD)
        session.add(post)
        session.flush()
        session.expire_all()
        case = find_case(session, world.actor("lead"), case_id)
        assert case is not None
        case_extensions.ask_extension(
            begin(session, world.actor("lead"), NOW), case, case.steps[0], Wish(60), f"{who}（{phone}）的材料未齐"
        )

    def refuse(session: Session) -> None:
        case = find_case(session, world.actor("head"), case_id)
        assert case is not None
        wish = extensions.pending_extension(session, clocks(session, case.steps[0])[0].id)
        assert wish is not None
        case_extensions.decide_extension(begin(session, world.actor("head"), NOW), case, wish, False, f"请先联系{who}")

    desk = told(ask)
    assert readers(desk) == {"head", "supervisor", "lead"}  # to the last, that it was registered for his unit
    mail = to(desk, "head")
    assert "申请将总期限延长至60日：张**（****）的材料未齐" in joined(mail.text)
    assert "因为您是市工业和信息化局的单位负责人。" in joined(mail.text)
    desk = told(refuse)
    assert readers(desk) == {"lead"}
    assert "不批准的原因：请先联系张**" in to(desk, "lead").text
    assert f"{BASE}/cases/{case_id}" in to(desk, "lead").text


# --- cases ------------------------------------------------------------------------------------------------------------


def taken_in(world: World, unit: str, who: str, **more: object) -> Work:
    def act(session: Session) -> None:
        version = load_version(session, add_types(session, world)["complaint"])
        new = NewCase(
            unit_id=world.units[unit].id,
            happened_at=NOW,
            reference="工程款拖欠",
            form_key="one",
            name="张三丰",
            phone="13900001111",
            content="欠我工程款不还",
            firm="某某商贸公司",
            **more,
        )
        ledger.open_case(begin(session, world.actor(who), NOW), version, new)

    return act


def test_a_case_registered_for_another_unit_is_told_to_it(database: Database, world: World, told: Told) -> None:
    desk = told(taken_in(world, "gxj", "supervisor"))
    assert readers(desk) == {"lead"}
    mail = to(desk, "lead")
    assert mail.subject == "〔新登记办件〕2026-001 工程款拖欠"
    for said in (
        "请市工业和信息化局办理新登记的办件“2026-001 工程款拖欠”。",
        "出自：拖欠账款投诉",
        "3月23日登记，请办理",
    ):
        assert said in joined(mail.text), mail.text
    with database.read() as session:
        assert f"{BASE}/cases/{session.scalars(select(Case.id)).one()}" in mail.text
    assert not any(secret in mail.text + mail.html for secret in (*SECRETS, "欠我工程款不还"))


def test_who_registers_a_case_for_his_own_unit_is_told_nothing(world: World, told: Told) -> None:
    assert readers(told(taken_in(world, "gxj", "lead"))) == set()


def test_the_unit_complained_of_hears_of_no_case_registered(world: World, told: Told) -> None:
    def also(session: Session) -> None:
        czj = world.units["czj"].id
        session.add(Membership(user_id=world.people["lead"].id, unit_id=czj, role=MemberRole.OFFICER))
        session.add(
            Membership(user_id=world.people["stranger"].id, unit_id=world.units["gxj"].id, role=MemberRole.OFFICER)
        )

    desk = told(taken_in(world, "gxj", "supervisor", accused_unit_id=world.units["czj"].id), also)
    mail = to(desk, "stranger")
    assert "〔新登记办件" in mail.subject or "新登记办件" in mail.text
    assert not any("工程款拖欠" in m.text for m in desk.taken if m is not mail)


def test_a_case_worked_on_or_closed_before_the_mail_goes_out_is_not_new(
    database: Database, world: World, told: Told
) -> None:
    with database.write() as session:
        taken_in(world, "gxj", "supervisor")(session)
        session.flush()
        sweep(session, NOW)
        session.commit()

    def accept(session: Session) -> None:
        case = find_case(session, world.actor("lead"), session.scalars(select(Case.id)).one())
        assert case is not None
        conclusion.add_note(
            begin(session, world.actor("lead"), NOW + timedelta(minutes=5)), case, StepFacts("已联系来件人")
        )

    assert readers(told(accept)) == set()


def test_a_case_whose_clock_is_told_of_is_said_once_and_as_new(world: World, told: Told) -> None:
    mail = to(told(lambda session: order(session, world, NOW, limit())), "lead")
    assert mail.subject == "〔1小时内到期〕2026-001 办理 GD-0117"
    assert "新登记" in mail.text
    assert "新登记办件" not in mail.text


def imported(world: World, *given: dict[str, str]) -> Work:
    def act(session: Session) -> None:
        version = load_version(session, add_types(session, world)["complaint"])
        done = import_rows(
            begin(session, world.actor("supervisor"), NOW),
            version,
            rows(*given),
            FromFile("台账.xlsx", "a" * 64),
        )
        assert not done.faults

    return act


def test_an_import_tells_each_unit_of_its_open_cases_in_one_mail(world: World, told: Told) -> None:
    row = {"received_on": "2026-02-13", "name": "张三丰", "phone": "13812345678"}
    old = {**row, "unit": "市工信局", "closed_on": "2026-02-27", "conclusion": "已付清"}
    desk = told(
        imported(
            world,
            *({**row, "unit": "市工信局", "reference": f"工程款拖欠 {n}"} for n in range(3)),
            {**row, "unit": "东县政府", "reference": "货款拖欠"},
            *({**old, "reference": f"旧账 {n}"} for n in range(3)),
        )
    )
    assert readers(desk) == {"lead", "county"}
    mail = to(desk, "lead")
    assert mail.subject == "〔新登记办件3项〕市工业和信息化局请办理"
    assert "旧账" not in mail.text
    assert "张三丰" not in mail.text


def handed(world: World) -> Work:
    def act(session: Session) -> None:
        taken_in(world, "jfb", "supervisor2", accepted_at=NOW)(session)
        session.flush()
        session.expire_all()
        case = find_case(session, world.actor("supervisor2"), session.scalars(select(Case.id)).one())
        assert case is not None
        step = next(s for s in case.steps if s.name == "转办")
        referrals.refer(
            begin(session, world.actor("supervisor2"), NOW),
            case,
            step,
            session.get_one(Unit, world.units["dxj"].id),
            "请依法办理",
        )

    return act


def returned(world: World) -> Work:
    def act(session: Session) -> None:
        case = find_case(session, world.actor("county"), session.scalars(select(Case.id)).one())
        assert case is not None
        referrals.send_back(begin(session, world.actor("county"), NOW), case, "张三丰的公司在西县，属西县管辖")

    return act


def test_who_handed_a_case_on_learns_that_it_was_returned_and_why(world: World, told: Told) -> None:
    assert readers(told(handed(world))) == {"county"}
    desk = told(returned(world))
    assert readers(desk) == {"supervisor2"}
    mail = to(desk, "supervisor2")
    assert "退回的办件" in mail.text
    for said in ("东县政府3月23日退回，请重新转办", "退回理由：张**的公司在西县，属西县管辖"):
        assert said in joined(mail.text), mail.text
    assert not any(secret in mail.text + mail.html for secret in (*SECRETS, "欠我工程款不还"))


def test_a_returned_case_handed_on_anew_is_not_told_as_returned(world: World, told: Told) -> None:
    def anew(session: Session) -> None:
        case = find_case(session, world.actor("supervisor2"), session.scalars(select(Case.id)).one())
        assert case is not None
        step = next(s for s in case.steps if s.name == "再次转办")
        referrals.refer(
            begin(session, world.actor("supervisor2"), NOW + timedelta(minutes=1)),
            case,
            step,
            session.get_one(Unit, world.units["xxj"].id),
            "请依法办理",
        )

    told(handed(world))
    assert readers(told(returned(world), anew)) == {"xi"}


# --- the worker -------------------------------------------------------------------------------------------------------


def much(session: Session, world: World) -> None:
    """Let one of each outcome wait to be told."""
    submitted(world, "一.2", "gxj")(session)
    asked(world)(session)
    decided(world, False, "理由不足")(session)
    handed(world)(session)
    session.flush()
    session.expire_all()
    returned(world)(session)
    session.flush()


def test_two_workers_tell_every_outcome_once(database: Database, world: World, told: Told) -> None:
    with database.write() as session:
        much(session, world)
        session.commit()

    def work() -> int:
        with database.write() as session:
            made = sweep(session, NOW + timedelta(hours=1))
            session.commit()
            return made

    made = in_two_threads(work)
    with database.read() as session:
        keys = session.scalars(select(Alert.key).where(Alert.created_at == NOW + timedelta(hours=1))).all()
    assert sum(made) == len(keys) > 4
    assert {key.split("/")[1] for key in keys} >= {"submitted", "extension_decided", "returned"}


def test_a_worker_that_stood_still_tells_them_when_it_runs_again(world: World, told: Told) -> None:
    told(submitted(world))
    assert "lead" in readers(told(sent_back(world), now=NOW + timedelta(days=21)))


def test_the_questions_do_not_grow_with_the_outcomes(database: Database, session: Session, world: World) -> None:
    much(session, world)
    session.commit()
    session.connection()

    def asked_now() -> tuple[int, int]:
        with counted(database) as sent:
            sweep(session, NOW + timedelta(hours=1))
            compose(session, NOW + timedelta(hours=1), "jfb@mou.example", BASE)
        return sum(not s.startswith("INSERT INTO messages") for s in sent), session.scalar(
            select(func.count()).select_from(Alert)
        ) or 0

    few, alerts = asked_now()
    session.rollback()
    for n in range(30):
        duty = w.duty(session, world, "一.2", "gxj")
        session.add(
            Report(
                duty_id=duty.id,
                kind=ReportKind.SUBMISSION,
                percent=100,
                text="x",
                by_id=world.people["lead"].id,
                at=NOW,
            )
        )
        order(session, world, NOW, limit(amount=60, unit=CountUnit.WORKDAY), number=f"2026-1{n:02d}")
    settle(session)
    more, told_of = asked_now()
    assert more == few
    assert told_of > alerts + 60


def test_no_question_reads_every_alert_there_ever_was(database: Database, session: Session, world: World) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("the plan of SQLite")
    with counted(database) as sent:
        list(outcomes_untold(session, NOW, NOW))
    plans = [
        row[3]
        for statement in sent
        for row in session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {statement}", (None,) * statement.count("?")
        )
    ]
    assert any("alerts" in step for step in plans)
    assert not [step for step in plans if step.startswith("SCAN alerts")]


def test_a_failed_mail_of_a_registered_case_is_the_supervisors_to_know(
    database: Database, settings: config.Settings, world: World, told: Told
) -> None:
    with database.write() as session:
        taken_in(world, "gxj", "supervisor")(session)
        session.commit()
    a_pass(database, settings, NOW + timedelta(hours=1), Desk(lambda mail: Permanent("550")))
    with database.read() as session:
        failed = failed_messages(session, world.actor("supervisor"), NOW + timedelta(minutes=30))
    assert [m.to_address for m in failed] == ["lead@mou.example"]
