"""Demonstration cases (演示办件): a ledger with some life in it, made by the verbs people use at earlier instants."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.now import today
from tracker.services.cases import conclusion, extensions, ledger, referrals, steps
from tracker.services.cases import pauses as case_pauses
from tracker.services.cases.acts import StepFacts
from tracker.services.cases.checks import StepAct
from tracker.services.cases.ledger import NewCase
from tracker.services.core.act import begin
from tracker.services.deadlines import pauses
from tracker.services.deadlines.extensions import Wish
from tracker.store.case_types.versions import find_type_version
from tracker.store.cases.page import find_case
from tracker.store.core.actors import Actor
from tracker.store.models import Case, CaseStep, CaseType, MemberRole, Satisfaction, StepKind, Unit
from tracker.store.registry.names import known_names

PLACE, OTHER_PLACE = "鞍山市", "阜康市"


def keep_ledger(session: Session, people: Mapping[str, Actor], now: datetime, places: Mapping[str, int]) -> None:
    """Take some cases in and work on them: done with a return visit, handed on, paused, late, refunded in part."""
    here = _Ledger(session, people, now, places[PLACE])
    finished = here.open(
        "jianfuban",
        "payment-complaint",
        40,
        "QK-031",
        accepted=39,
        channel="来信",
        firm="鞍山宏远建材有限公司",
        owed=356_800,
        name="王建国",
        phone="13841234567",
        content="2024年供货后尾款至今未付，多次催要无果。",
    )
    here.refer("jianfuban", finished, 37, "海城市政府", "请核实欠款并责令付款，30日内书面答复投诉人。")
    here.sign("haicheng", finished, 36)
    here.close("haicheng", finished, StepKind.HANDLE, 12, "经核实欠款属实，双方签订分期付款协议，首期已到账。")
    here.close("haicheng", finished, StepKind.ANSWER, 11, "已书面答复投诉人并抄送市减负办。")
    here.conclude("jianfuban", finished, 9, "双方达成分期付款协议，投诉人认可。")
    here.visit("jianfuban", finished, 6, Satisfaction.CONTENT, "电话回访，投诉人表示满意。")
    handed = here.open(
        "jianfuban",
        "payment-complaint",
        20,
        "QK-036",
        accepted=19,
        channel="12345热线",
        firm="海城市顺达运输服务部",
        owed=82_400,
        name="刘敏",
        phone="13500001234",
        content="运输费用拖欠一年以上。",
    )
    here.refer("jianfuban", handed, 18, "海城市政府", "请依法处理。")
    here.sign("haicheng", handed, 17)
    here.pause("haicheng", "ducha1", handed, 5)
    longer = here.open(
        "jianfuban",
        "payment-complaint",
        28,
        "QK-034",
        accepted=28,
        channel="网上",
        firm="辽宁立信机电安装有限公司",
        owed=1_260_000,
        name="赵立新",
        phone="0412-5550188",
        content="工程款结算存在争议，涉及多个标段。",
    )
    here.refer("jianfuban", longer, 26, "海城市政府", "涉及多个标段，请查清后处理。")
    here.ask_for_time("haicheng", longer, 4, 60, "涉及多个标段，账目需要逐一核对。")
    late = here.open(
        "jianfuban",
        "payment-complaint",
        10,
        "QK-039",
        accepted=9,
        channel="来访",
        owed=45_000,
        name="孙丽",
        phone="13000005678",
        accused="市住房城乡建设局",
        content="绿化养护费用拖欠。",
    )
    here.note("jianfuban", late, 8, "材料已收齐，正在确定转办单位。")
    clue = here.open("jianfuban", "payment-complaint", 31, "XS-0117", accepted=30)
    here.refer("jianfuban", clue, 28, "海城市政府", "请依法处理。")
    here.sign("haicheng", clue, 27)
    here.close("haicheng", clue, StepKind.HANDLE, 15, "欠款已全部付清。")
    here.close("haicheng", clue, StepKind.ANSWER, 14, "已书面答复投诉人。")
    here.conclude("jianfuban", clue, 13, "欠款已付清。")
    here.open("jianfuban", "payment-complaint", 12, "XS-0132", accepted=12)
    here.open("zhujian", "quality-bond", 22, "ZB-026")
    bond = here.open("zhujian", "quality-bond", 30, "ZB-031", firm="鞍山第三建筑工程有限公司", owed=480_000)
    here.close("zhujian", bond, StepKind.VERIFY, 20, "发包人已会同承包人核实，无异议。")
    here.refund("zhujian", bond, 12, 300_000, "先返还 30 万元，其余待保函替换。", more=True)
    there = _Ledger(session, people, now, places[OTHER_PLACE])
    there.open(
        "ducha1", "hotline-order", 0.05, "GD-0712", variant="特殊情况", channel="12345热线", unit="市政务服务中心"
    )


@dataclass(frozen=True, slots=True)
class _Ledger:
    """One place's cases, each act at so many days before now."""

    session: Session
    people: Mapping[str, Actor]
    now: datetime
    place: int

    def _at(self, days: float) -> datetime:
        return self.now - timedelta(days=days)

    def _unit(self, name: str) -> int:
        unit_id = known_names(self.session, self.place).resolve(name)[0]
        if unit_id is None:
            raise LookupError(f"the registry has no {name}")
        return unit_id

    def _case(self, case_id: int) -> Case:
        self.session.flush()
        self.session.expire_all()
        found = find_case(self.session, self.people["ducha1"], case_id)
        if found is None:
            raise LookupError(f"no case {case_id}")
        return found

    def _step(self, case: Case, kind: StepKind) -> CaseStep:
        return next(s for s in case.steps if s.kind is kind and s.done_at is None and s.cancelled_at is None)

    def open(  # noqa: PLR0913 - the facts of a demonstration case, each named
        self,
        login: str,
        code: str,
        days: float,
        reference: str,
        *,
        accepted: float | None = None,
        owed: int | None = None,
        accused: str | None = None,
        unit: str | None = None,
        **facts: Any,
    ) -> int:
        actor = self.people[login]
        query = select(CaseType.id).where(CaseType.jurisdiction_id == self.place, CaseType.code == code)
        version = find_type_version(self.session, actor, self.session.scalars(query).one())
        if version is None:
            raise LookupError(f"no type {code}")
        new = NewCase(
            unit_id=self._unit(unit) if unit else min(actor.units(MemberRole.OFFICER)),
            happened_at=self._at(days),
            accepted_at=self._at(accepted) if accepted is not None else None,
            reference=reference,
            form_key=f"demo-{code}-{reference}"[:40],
            owed_fen=owed * 100 if owed is not None else None,
            accused_unit_id=self._unit(accused) if accused else None,
            **facts,
        )
        at = self._at(days if accepted is None else accepted)
        return ledger.open_case(begin(self.session, actor, at), version, new).id

    def refer(self, login: str, case_id: int, days: float, to: str, note: str) -> None:
        case, unit = self._case(case_id), self.session.get_one(Unit, self._unit(to))
        referrals.refer(
            begin(self.session, self.people[login], self._at(days)),
            case,
            self._step(case, StepKind.REFER),
            unit,
            note,
        )

    def sign(self, login: str, case_id: int, days: float) -> None:
        referrals.sign(begin(self.session, self.people[login], self._at(days)), self._case(case_id))

    def close(self, login: str, case_id: int, kind: StepKind, days: float, text: str) -> None:
        case = self._case(case_id)
        steps.close_step(
            begin(self.session, self.people[login], self._at(days)),
            case,
            self._step(case, kind),
            StepAct(StepFacts(text)),
        )

    def refund(self, login: str, case_id: int, days: float, yuan: int, text: str, *, more: bool) -> None:
        case = self._case(case_id)
        facts = StepFacts(text, amount_fen=yuan * 100, from_on=today(self._at(days)))
        steps.close_step(
            begin(self.session, self.people[login], self._at(days)),
            case,
            self._step(case, StepKind.REFUND),
            StepAct(facts, more_to_come=more),
        )

    def pause(self, login: str, supervisor: str, case_id: int, days: float) -> None:
        asked = case_pauses.ask_pause(
            begin(self.session, self.people[login], self._at(days)),
            self._case(case_id),
            reason="双方申请对账，正在等待第三方审计结果",
            authority=pauses.AUTHORITIES[0],
        )
        self.session.flush()
        boss, case = self.people[supervisor], self._case(case_id)
        case_pauses.decide_pause(begin(self.session, boss, self._at(days)), case, asked, True, "")

    def ask_for_time(self, login: str, case_id: int, days: float, amount: int, reason: str) -> None:
        case = self._case(case_id)
        step = self._step(case, StepKind.HANDLE)
        extensions.ask_extension(
            begin(self.session, self.people[login], self._at(days)), case, step, Wish(amount), reason
        )

    def note(self, login: str, case_id: int, days: float, text: str) -> None:
        conclusion.add_note(
            begin(self.session, self.people[login], self._at(days)), self._case(case_id), StepFacts(text)
        )

    def conclude(self, login: str, case_id: int, days: float, text: str) -> None:
        conclusion.conclude(begin(self.session, self.people[login], self._at(days)), self._case(case_id), text)

    def visit(self, login: str, case_id: int, days: float, answer: Satisfaction, text: str) -> None:
        conclusion.visit(begin(self.session, self.people[login], self._at(days)), self._case(case_id), answer, text)
