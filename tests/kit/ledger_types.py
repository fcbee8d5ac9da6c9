"""Types of cases for tests of the ledger, of our own making: a complaint that is referred, and a refund by another."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from tests.kit.world import NOW, World
from tracker.clock.rules import CountUnit, Kind, Sense
from tracker.store.models import (
    Bound,
    CaseType,
    CaseTypeStep,
    CaseTypeVersion,
    DeadlineRule,
    Party,
    Starts,
    StepKind,
)

ARTICLE = "保障中小企业款项支付条例 25"


def limit(amount: int, unit: CountUnit, trigger: str, **more: object) -> DeadlineRule:
    given = {"sense": Sense.WITHIN, "quote": None, "article": ARTICLE, "party": Party.UNIT, **more}
    return DeadlineRule(
        ordinal=1,
        kind=Kind.RELATIVE,
        trigger=trigger,
        amount=amount,
        unit=unit,
        confidence=1.0,
        bindings=[],
        direction="after",
        counts_as_workday=False,
        **given,
    )


def rhythm(rrule: str) -> DeadlineRule:
    return DeadlineRule(
        ordinal=1,
        kind=Kind.RECURRING,
        sense=Sense.WITHIN,
        rrule=rrule,
        confidence=1.0,
        bindings=[],
        direction="after",
        counts_as_workday=False,
        party=Party.UNIT,
        act="反馈进展",
    )


def step(key: str, name: str, kind: StepKind, starts: Starts, **more: object) -> CaseTypeStep:
    return CaseTypeStep(key=key, name=name, kind=kind, starts=starts, **more)


def complaint_steps() -> list[CaseTypeStep]:
    return [
        step("accept", "受理", StepKind.ACCEPT, Starts.EVENT),
        step(
            "refer",
            "转办",
            StepKind.REFER,
            Starts.ACCEPTED,
            rule=limit(3, CountUnit.WORKDAY, "正式受理", quote="3个工作日内转办"),
            statute_rule=limit(10, CountUnit.WORKDAY, "正式受理"),
        ),
        step(
            "handle",
            "处理",
            StepKind.HANDLE,
            Starts.AFTER,
            after_key="refer",
            bound=Bound.REFERRED,
            rule=limit(30, CountUnit.DAY, "收到投诉材料", extend_amount=90, extend_unit=CountUnit.DAY),
        ),
        step(
            "answer",
            "答复投诉人",
            StepKind.ANSWER,
            Starts.AFTER,
            after_key="refer",
            bound=Bound.REFERRED,
            rule=limit(30, CountUnit.DAY, "收到投诉材料", extend_amount=90, extend_unit=CountUnit.DAY),
        ),
        step("letter", "发督办书", StepKind.LETTER, Starts.LATE, after_key="handle", optional=True),
        step("visit", "回访", StepKind.VISIT, Starts.AFTER, after_key="answer", optional=True),
    ]


def refund_steps() -> list[CaseTypeStep]:
    other = {"bound": Bound.OTHER}
    return [
        step(
            "verify",
            "核实",
            StepKind.VERIFY,
            Starts.EVENT,
            rule=limit(14, CountUnit.DAY, "接到返还申请", party=Party.OTHER),
            **other,
        ),
        step(
            "refund",
            "返还",
            StepKind.REFUND,
            Starts.AFTER,
            after_key="verify",
            rule=limit(14, CountUnit.DAY, "核实", party=Party.OTHER),
            **other,
        ),
    ]


def wage_steps() -> list[CaseTypeStep]:
    return [
        step("publicise", "公示", StepKind.PUBLICISE, Starts.EVENT),
        step(
            "claim",
            "申请返还",
            StepKind.CLAIM,
            Starts.AFTER,
            after_key="publicise",
            rule=limit(30, CountUnit.DAY, "公示", sense=Sense.NOT_BEFORE),
        ),
    ]


def order_steps() -> list[CaseTypeStep]:
    return [
        step(
            "urgent",
            "办结",
            StepKind.ANSWER,
            Starts.EVENT,
            variant="特殊情况",
            rule=limit(2, CountUnit.HOUR, "接到派单"),
        ),
        step(
            "report",
            "反馈进展",
            StepKind.PROGRESS,
            Starts.EVENT,
            variant="转派工单",
            rule=rhythm("FREQ=DAILY;INTERVAL=3"),
        ),
        step("answer", "答复", StepKind.ANSWER, Starts.EVENT, variant="转派工单"),
    ]


def add_type(session: Session, world: World, code: str, name: str, event: str, steps: list[CaseTypeStep]) -> int:
    """Add a type with one version; returns the version's id."""
    kind = CaseType(jurisdiction_id=world.jurisdiction.id, code=code, name=name, active=True)
    version = CaseTypeVersion(type=kind, number=1, event=event, created_at=NOW, steps=steps)
    for ordinal, one in enumerate(steps, 1):
        one.ordinal = ordinal
    session.add_all([kind, version])
    session.flush()
    return version.id


def add_types(session: Session, world: World) -> dict[str, int]:
    """Add the four types; returns their versions' ids by code."""
    return {
        "complaint": add_type(session, world, "complaint", "拖欠账款投诉", "收到投诉", complaint_steps()),
        "refund": add_type(session, world, "refund", "质量保证金返还", "接到返还申请", refund_steps()),
        "wage": add_type(session, world, "wage", "工资保证金返还", "作出书面承诺", wage_steps()),
        "order": add_type(session, world, "order", "12345工单", "接到派单", order_steps()),
    }


def load_version(session: Session, version_id: int) -> CaseTypeVersion:
    """Return a version as opening a case needs it."""
    return session.scalars(
        select(CaseTypeVersion)
        .where(CaseTypeVersion.id == version_id)
        .options(
            joinedload(CaseTypeVersion.type),
            selectinload(CaseTypeVersion.steps).options(
                joinedload(CaseTypeStep.rule), joinedload(CaseTypeStep.statute_rule)
            ),
        )
    ).one()
