"""Demonstration data (演示): accounts, five documents ready to confirm, one of them published with some life in it.

Everything is done by the verbs people use, at stated earlier instants, so that nothing here is special.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.clock.calendar import WorkCalendar
from tracker.now import today
from tracker.reading.plan import DoubtKind
from tracker.services.case_types import limits
from tracker.services.core.act import Act, begin
from tracker.services.core.errors import Refused
from tracker.services.deadlines.milestones import open_milestones
from tracker.services.deadlines.periods import reportable
from tracker.services.demo.ledger import keep_ledger
from tracker.services.documents import answers, confirmation, doubts, intake, publication
from tracker.services.documents.facts import set_facts
from tracker.services.duties import progress
from tracker.services.people import accounts
from tracker.store.core.actors import SYSTEM, Actor, actor_of
from tracker.store.documents import drafts
from tracker.store.documents.doubts import open_doubts
from tracker.store.duties.duty import find_duty
from tracker.store.models import Document, DoubtAnswer, Duty, Edition, Jurisdiction, MemberRole, Task, Unit, User
from tracker.store.registry.names import Known, known_names

# The rhythm the demonstration's supervisor sets for measures without a date.
RHYTHM = "FREQ=MONTHLY;INTERVAL=3"
PUBLISHED_BEFORE = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account: its posts are (jurisdiction, unit, role); unit None is the place's supervising one."""

    login: str
    name: str
    about: str
    posts: tuple[tuple[str, str | None, MemberRole], ...]


def _in(place: str, unit: str | None, role: MemberRole) -> tuple[tuple[str, str | None, MemberRole], ...]:
    return ((place, unit, role),)


PLACES = ("鞍山市", "阳泉市城区", "阜康市", "济宁市")
EVERYWHERE = tuple((place, None, MemberRole.SUPERVISOR) for place in PLACES)
ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount("ducha1", "周明远", "督查员：导入、核对、发布、审核", EVERYWHERE),
    DemoAccount("ducha2", "许文静", "另一位督查员", EVERYWHERE),
    DemoAccount("jianfuban", "郑立", "市减负办承办人（线索转办）", _in("鞍山市", None, MemberRole.OFFICER)),
    DemoAccount("gongdian", "何建平", "国网鞍山供电公司承办人", _in("鞍山市", "国网鞍山供电公司", MemberRole.OFFICER)),
    DemoAccount("ranqi", "沈丹", "市燃气集团承办人", _in("鞍山市", "市燃气集团有限公司", MemberRole.OFFICER)),
    DemoAccount("zhujian", "吴海涛", "市住房城乡建设局承办人", _in("鞍山市", "市住房城乡建设局", MemberRole.OFFICER)),
    DemoAccount("zhujian-ld", "陈国栋", "市住房城乡建设局负责人", _in("鞍山市", "市住房城乡建设局", MemberRole.HEAD)),
    DemoAccount(
        "renshe", "林晓燕", "市人力资源社会保障局承办人", _in("鞍山市", "市人力资源社会保障局", MemberRole.OFFICER)
    ),
    DemoAccount("haicheng", "马俊", "海城市政府承办人", _in("鞍山市", "海城市政府", MemberRole.OFFICER)),
    DemoAccount("lingdao", "高志强", "领导：只看总览", _in("鞍山市", None, MemberRole.LEADER)),
    DemoAccount("guanli", "田宇", "系统管理员：单位库、日历、本机信箱", _in("鞍山市", None, MemberRole.ADMINISTRATOR)),
    DemoAccount("anquan", "程立新", "安全管理员：权限表", _in("鞍山市", None, MemberRole.SECURITY)),
    DemoAccount("shenji", "孙慧", "审计员：审计记录、权限表", _in("鞍山市", None, MemberRole.AUDITOR)),
)


def refuse_unfit(session: Session, production: bool) -> bool:
    """Whether demonstration data is in already; refuses in production, or where real accounts exist."""
    if production:
        raise Refused("生产环境不能载入演示数据。")
    if session.scalar(select(func.count()).select_from(User).where(User.demo.is_(False))):
        raise Refused("这里已有正式账号，不能再载入演示数据。")
    return bool(session.scalar(select(func.count()).select_from(User).where(User.demo.is_(True))))


def seed_demo(
    session: Session,
    now: datetime,
    calendar: WorkCalendar,
    sources: Sequence[tuple[str, intake.NewSource]],
    password_hashes: Mapping[str, str],
) -> None:
    """Add the accounts and take in the sources; the first one is confirmed, published and worked on.

    `sources` are (place, source) with the jurisdiction left to be filled in here.
    """
    people = _add_people(session, now, password_hashes)
    boss = people["ducha1"]
    opened: list[Document] = []
    places = {j.name: j.id for j in session.scalars(select(Jurisdiction))}
    for place, source in sources:
        taken = intake.take_in(begin(session, boss, now - PUBLISHED_BEFORE), _placed(source, places[place]))
        if len(taken.plans) == 1:
            document = intake.choose_plan(begin(session, boss, now - PUBLISHED_BEFORE), taken.plans[0], taken)
            if document is not None:
                opened.append(document)
    _publish(session, boss, now - PUBLISHED_BEFORE, calendar, opened[0])
    _live(session, people, now, calendar, opened[0])
    keep_ledger(session, people, now, places)


def _placed(source: intake.NewSource, jurisdiction_id: int) -> intake.NewSource:
    return replace(source, jurisdiction_id=jurisdiction_id)


def _add_people(session: Session, now: datetime, password_hashes: Mapping[str, str]) -> dict[str, Actor]:
    places = {j.name: j.id for j in session.scalars(select(Jurisdiction))}
    known = {place: known_names(session, places[place]) for place in PLACES}
    heads = {u.jurisdiction_id: u.id for u in session.scalars(select(Unit).where(Unit.supervises))}
    offices = {place: heads[places[place]] for place in PLACES}
    people: dict[str, Actor] = {}
    for account in ACCOUNTS:
        user = accounts.add_user(
            begin(session, SYSTEM, now - PUBLISHED_BEFORE),
            login=account.login,
            name=account.name,
            email=f"{account.login}@demo.example",
            password_hash=password_hashes[account.login],
            posts=[
                (offices[place] if unit is None else _unit_id(known[place], place, unit), role)
                for place, unit, role in account.posts
            ],
            demo=True,
        )
        session.flush()  # the actor is read back from the memberships
        people[account.login] = actor_of(session, user)
    return people


def _unit_id(known: Known, place: str, unit: str) -> int:
    found, _ = known.resolve(unit)
    if found is None:
        raise Refused(f"单位库中没有{place}的“{unit}”，演示数据无法载入。")
    return found


def _publish(session: Session, boss: Actor, at: datetime, calendar: WorkCalendar, document: Document) -> None:
    """Answer every question as a supervisor would, and publish."""
    session.flush()
    session.expire_all()  # read the edition back as a page would
    edition = drafts.working_edition(session, document.id)
    document = edition.document
    set_facts(
        begin(session, boss, at),
        document,
        title="鞍山市减轻中小微企业生产经营负担的若干措施",
        doc_no=document.doc_no,
        issued_on=document.issued_on or date(2022, 4, 30),
        effective_on=document.effective_on,
        expires_on=document.expires_on,
    )
    day = at.date()
    while unknown := next((q for q in drafts.questions(edition, day) if q.ask is drafts.Ask.UNKNOWN_UNIT), None):
        assert unknown.assignment is not None  # noqa: S101 - a question of this kind always names one
        _settle(session, boss, at, edition, unknown.assignment.printed)
    names = {a.printed for m in edition.measures for i in m.items for a in i.assignments if not a.answered}
    for printed in sorted(names):
        answers.settle_collective(begin(session, boss, at), edition, printed, left_out=True)
    answers.date_undated(begin(session, boss, at), edition, due_on=None, rrule=RHYTHM)
    confirmation.confirm_clear(begin(session, boss, at), edition)
    _answer_doubts(begin(session, boss, at), edition)
    _take_types(session, boss, at, edition)
    session.flush()
    publication.publish(begin(session, boss, at), edition)
    session.flush()


def _answer_doubts(act: Act, edition: Edition) -> None:
    """Look at what the reading doubts: of measures one by one, the rest at once."""
    for measure in edition.measures:
        if measure.confirmed_at is None:
            confirmation.confirm_as_read(act, measure)
    act.session.flush()
    for kind, answer in ((True, DoubtAnswer.BOTH), (False, DoubtAnswer.NOTHING)):
        left = [d.id for d in open_doubts(edition) if (d.kind is DoubtKind.CONFLICT) is kind]
        if left:
            doubts.answer_doubts(act, edition, left, answer)


def _take_types(session: Session, boss: Actor, at: datetime, edition: Edition) -> None:
    """Let each limit take the shipped case type that counts its event by the same limit (四.2: 拖欠账款投诉)."""
    rules = [r for m in edition.measures for i in m.items for r in limits.waiting_rules(i)]
    offers = limits.offers_for(session, rules, edition.document.jurisdiction_id)
    for rule in rules:
        if offers[rule.id]:
            limits.take(begin(session, boss, at), rule, offers[rule.id][0].version)


def _settle(session: Session, boss: Actor, at: datetime, edition: Edition, printed: str) -> None:
    known = known_names(session, edition.document.jurisdiction_id)
    nearest = known.nearest(printed, 1)
    unit = session.get(Unit, nearest[0][1]) if nearest else None
    answers.settle_name(begin(session, boss, at), edition, printed, unit=unit, create=unit is None, remember=True)


def _live(
    session: Session, people: Mapping[str, Actor], now: datetime, calendar: WorkCalendar, document: Document
) -> None:
    """Some weeks of work: signing, reports, a completion, a submission, one sent back, cases on time and late."""
    stage = _Stage(session, people, now, calendar, document)
    for login, days in (("gongdian", 44), ("ranqi", 44), ("zhujian", 43), ("jianfuban", 44), ("haicheng", 41)):
        stage.sign_all(login, days, most=6 if login == "haicheng" else 99)
    stage.report("gongdian", "一.1", 30, 60, "已与 4 家银行对接，“电e贷”累计宣传企业 126 户。")
    stage.report("gongdian", "一.6", 28, 80, "160 千伏安及以下小微企业“三零”服务已全部上线，10 月办结 73 户。")
    stage.report("ranqi", "三.1", 24, 50, "10 月 25 日已完成 38 户积分结转。", period=True)
    stage.report("zhujian", "五.1", 20, 40, "已梳理在建项目保证金台账，约谈 2 家逾期未退单位。")
    stage.submit("gongdian", "一.7", 18, "供电方案答复环节已取消，流程文件已下发，附办电时长对照。")
    stage.review("ducha1", "一.7", "gongdian", 16, accept=True)
    stage.submit("gongdian", "一.9", 12, "表计巡检已完成。")
    stage.review("ducha2", "一.9", "gongdian", 11, accept=False, note="请补充三季度表计巡检的户数和不合格处理结果。")
    stage.submit("gongdian", "二.1", 3, "“转供电费码”知晓率抽查 92%，应用企业 1,204 户。")


@dataclass(frozen=True, slots=True)
class _Stage:
    """The people at work on one document, each act at its own instant."""

    session: Session
    people: Mapping[str, Actor]
    now: datetime
    calendar: WorkCalendar
    document: Document

    def _at(self, days: int) -> datetime:
        return self.now - timedelta(days=days)

    def _duty(self, login: str, key: str) -> Duty | None:
        """Return a person's duty of a measure, loaded as the verbs need it; None where the reading has no such one."""
        actor = self.people[login]
        self.session.flush()
        found = self.session.scalar(
            select(Duty.id)
            .join(Task, Duty.task_id == Task.id)
            .where(Task.document_id == self.document.id, Task.key == key)
            .where(Duty.unit_id.in_(actor.units(MemberRole.OFFICER)))
        )
        return find_duty(self.session, actor, found) if found else None

    def sign_all(self, login: str, days: int, most: int) -> None:
        actor = self.people[login]
        rows = self.session.scalars(
            select(Duty.id)
            .join(Task, Duty.task_id == Task.id)
            .where(Task.document_id == self.document.id, Duty.unit_id.in_(actor.units(MemberRole.OFFICER)))
            .order_by(Task.ordinal)
            .limit(most)
        ).all()
        for duty_id in rows:
            duty = find_duty(self.session, actor, duty_id)
            if duty is not None:
                progress.acknowledge(begin(self.session, actor, self._at(days)), duty)

    def report(self, login: str, key: str, days: int, percent: int, text: str, period: bool = False) -> None:
        duty = self._duty(login, key)
        if duty is None:
            return
        at = self._at(days)
        open_now = reportable(open_milestones(self.session, duty), today(at)) if period else []
        progress.report_progress(
            begin(self.session, self.people[login], at),
            duty,
            percent=percent,
            text=text,
            milestone_id=open_now[0].id if open_now else None,
        )

    def submit(self, login: str, key: str, days: int, text: str) -> None:
        duty = self._duty(login, key)
        if duty is not None:
            progress.submit(begin(self.session, self.people[login], self._at(days)), duty, text=text)

    def review(self, boss: str, key: str, login: str, days: int, accept: bool, note: str = "") -> None:
        duty = self._duty(login, key)
        if duty is None:
            return
        verb = progress.complete if accept else progress.send_back
        verb(begin(self.session, self.people[boss], self._at(days)), duty, note)
