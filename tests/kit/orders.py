"""Cases outside any document (12345 orders), made as rows: for tests of the worker, the home page and the mails."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.world import World
from tracker.clock.calendar import national
from tracker.clock.rules import CountUnit, Kind, Sense
from tracker.now import SHANGHAI
from tracker.services.core.act import begin
from tracker.services.deadlines.milestones import open_for_step
from tracker.services.deadlines.periods import open_step_periods
from tracker.store.core.actors import SYSTEM
from tracker.store.models import (
    Case,
    CaseStep,
    CaseType,
    CaseTypeVersion,
    Complainant,
    DeadlineRule,
    Jurisdiction,
    Milestone,
    Party,
    Referral,
    StepKind,
    Unit,
)

TYPE_NAME = "12345热线工单"
SECRETS = ("张三丰", "13900001111", "某某商贸公司", "水管爆裂，家中进水")


def limit(**given: Any) -> DeadlineRule:
    """Return a type's own time limit: 2小时内 unless said otherwise."""
    fields = {"kind": Kind.RELATIVE, "sense": Sense.WITHIN, "party": Party.UNIT, "ordinal": 1, **given}
    if fields["kind"] is Kind.RELATIVE:
        fields = {"amount": 2, "unit": CountUnit.HOUR, "trigger": "派单", **fields}
    return DeadlineRule(**fields)


def every_3_days() -> DeadlineRule:
    return limit(kind=Kind.RECURRING, sense=Sense.ON, rrule="FREQ=DAILY;INTERVAL=3", article="某市热线工单规定第9条")


def order(
    session: Session,
    world: World,
    at: datetime,
    rule: DeadlineRule | None = None,
    *,
    unit: str = "gxj",
    place: Jurisdiction | None = None,
    handler: Unit | None = None,
    kind: StepKind = StepKind.HANDLE,
    name: str = "办理",
    number: str = "2026-001",
    reference: str = "GD-0117",
    opened_at: datetime | None = None,
) -> CaseStep:
    """Register an order at an instant: a case of a type, under no document, with one step and its clock."""
    place_id = (place or world.jurisdiction).id
    rule = rule or limit()
    session.add(rule)
    code = f"hotline{place_id}"
    version = session.scalars(
        select(CaseTypeVersion).join(CaseTypeVersion.type).where(CaseType.code == code)
    ).one_or_none()
    if version is None:
        kind_of = CaseType(jurisdiction_id=place_id, code=code, name=TYPE_NAME)
        version = CaseTypeVersion(type=kind_of, number=1, event="派单", created_at=at)
    who, phone, firm, content = SECRETS
    case = Case(
        jurisdiction_id=place_id,
        number=number,
        type_version=version,
        unit_id=(handler or world.units[unit]).id,
        event="派单",
        happened_at=at,
        happened_on=at.astimezone(SHANGHAI).date(),
        accepted_at=at,
        reference=reference,
        firm=firm,
        content=content,
        form_key=f"{place_id}-{number}",
        opened_by_id=world.people["supervisor"].id,
        opened_at=opened_at or at,
    )
    session.add(case)
    session.flush()
    session.add(Complainant(case_id=case.id, name=who, phone=phone, address=None))
    return add_step(session, case, at, rule, kind=kind, name=name, now=opened_at or at)


def add_step(
    session: Session,
    case: Case,
    at: datetime,
    rule: DeadlineRule,
    *,
    kind: StepKind = StepKind.HANDLE,
    name: str = "办理",
    ordinal: int = 1,
    now: datetime | None = None,
    unit_id: int | None = None,
) -> CaseStep:
    """Give a case a step that has started, with its clock."""
    session.add(rule)
    session.flush()
    step = CaseStep(
        case=case,
        ordinal=ordinal,
        name=name,
        kind=kind,
        unit_id=unit_id or case.unit_id,
        rule_id=rule.id,
        started_at=at,
    )
    session.add(step)
    session.flush()
    if rule.kind is Kind.RECURRING:
        open_step_periods(begin(session, SYSTEM, now or at), step, rule, national())
    else:
        open_for_step(begin(session, SYSTEM, now or at), step, rule, national(), event_at=at)
    return step


def refer(session: Session, world: World, step: CaseStep, to: str, at: datetime, until: date | None = None) -> Referral:
    """Hand a case to a unit, which has not signed."""
    until = until or at.astimezone(SHANGHAI).date() + timedelta(days=7)
    made = Referral(
        case_id=step.case_id,
        step_id=step.id,
        to_unit_id=world.units[to].id,
        by_id=world.people["supervisor"].id,
        at=at,
        object_until=until,
    )
    session.add(made)
    session.flush()
    return made


def clocks(session: Session, step: CaseStep) -> list[Milestone]:
    """Return a step's milestones in order."""
    query = select(Milestone).where(Milestone.case_step_id == step.id).order_by(Milestone.occurrence)
    return list(session.scalars(query))
