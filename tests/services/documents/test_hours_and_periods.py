"""What a limit was read with beside its date (hour, offset, n-th workday) lives from the reading to the duty's date."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.world import NOW, World
from tests.services.documents.test_confirmation import another, as_shown, measure_of, publish
from tracker.clock.calendar import national
from tracker.clock.rules import CountUnit, DayOff, Kind
from tracker.now import SHANGHAI
from tracker.rules.lights import Light, light_of
from tracker.services.core.act import begin
from tracker.services.documents import confirmation
from tracker.store.models import DeadlineRule, Document, Item, Measure, Milestone

MONTHLY, QUARTERLY = "FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=3"


def limit_of(number: int, **values: Any) -> Callable[[dict[str, Any]], None]:
    """Let the limit of one of the plan's measures say something else."""

    def edit(read: dict[str, Any]) -> None:
        limit = read["measures"][number]["items"][0]["deadlines"][0]
        for name in ("trigger", "amount", "unit", "date", "rrule"):
            limit.pop(name, None)
        limit.update(**values)

    return edit


def rule_in(session: Session, document: Document, key: str) -> DeadlineRule:
    session.expire_all()
    query = select(DeadlineRule).join(DeadlineRule.item).join(Item.measure).where(Measure.key == key)
    return session.scalars(query.where(Measure.edition.has(document_id=document.id))).one()


def dates(session: Session, rule: DeadlineRule) -> list[Milestone]:
    query = select(Milestone).where(Milestone.rule_id == rule.id).order_by(Milestone.occurrence, Milestone.id)
    return list(session.scalars(query))


@pytest.mark.parametrize(
    ("values", "due"),
    [
        ({"kind": "recurring", "rrule": QUARTERLY, "offset": {"amount": 15, "unit": "day"}}, "2026-04-15 24:00"),
        ({"kind": "recurring", "rrule": MONTHLY, "nth_workday": 5}, "2026-04-08 24:00"),
        ({"kind": "recurring", "rrule": "FREQ=WEEKLY;BYDAY=FR", "time": "17:00"}, "2026-03-27 17:00"),
        ({"kind": "absolute", "date": "2026-12-10", "time": "17:00"}, "2026-12-10 17:00"),
        ({"kind": "absolute", "date": "2026-10-05", "day_off": "next"}, "2026-10-08 24:00"),
        ({"kind": "recurring", "rrule": "FREQ=MONTHLY;BYMONTHDAY=5", "day_off": "previous"}, "2026-04-03 24:00"),
    ],
)
def test_what_was_read_beside_a_date_makes_the_duty_s_date(
    draft: World, session: Session, values: dict[str, Any], due: str
) -> None:
    made = another(session, draft, limit_of(2, sense="within", **values))
    rule = rule_in(session, made, "一.3")
    publish(session, draft, document=made)
    first = dates(session, rule)[0]
    assert first.due_at is not None
    local = first.due_at.astimezone(SHANGHAI)
    said = f"{first.due_on} {'24:00' if local.time() == time() else f'{local:%H:%M}'}"
    assert said == due


def test_a_form_saved_as_it_stands_drops_nothing(draft: World, session: Session) -> None:
    """Nothing was typed: the offset, the hour, the first day and the way with days off stay."""
    values = {"kind": "recurring", "sense": "within", "rrule": QUARTERLY, "date_from": "2026-01-01"}
    values |= {"offset": {"amount": 15, "unit": "day"}, "time": "12:00", "day_off": "previous"}
    made = another(session, draft, limit_of(2, **values))
    rule = rule_in(session, made, "一.3")
    before, beside = rule.as_rule(), {"due_time": rule.due_time, "offset": rule.offset}
    measure = measure_of(session, draft, "一.3", made)
    wanted = as_shown(measure)
    (item,) = wanted.items
    kept = tuple(replace(r, **beside) if r.kind is Kind.RECURRING else r for r in item.rules)
    shown = replace(wanted, items=(replace(item, rules=kept),))
    confirmation.correct_measure(begin(session, draft.actor("supervisor"), NOW), measure, shown)
    session.flush()
    after = rule_in(session, made, "一.3")
    assert after.as_rule() == before
    assert (after.offset, after.due_time, after.day_off) == ((15, CountUnit.DAY), time(12), DayOff.PREVIOUS)
    assert after.date_from == date(2026, 1, 1)


def test_another_rhythm_has_neither_offset_nor_first_day(draft: World, session: Session) -> None:
    values = {"kind": "recurring", "sense": "within", "rrule": QUARTERLY, "date_from": "2026-01-01"}
    made = another(session, draft, limit_of(2, **values, offset={"amount": 15, "unit": "day"}))
    measure = measure_of(session, draft, "一.3", made)
    wanted = as_shown(measure)
    (item,) = wanted.items
    changed = tuple(replace(r, rrule=MONTHLY) if r.kind is Kind.RECURRING else r for r in item.rules)
    confirmation.correct_measure(
        begin(session, draft.actor("supervisor"), NOW), measure, replace(wanted, items=(replace(item, rules=changed),))
    )
    session.flush()
    rule = rule_in(session, made, "一.3")
    assert (rule.rrule, rule.offset, rule.date_from) == (MONTHLY, None, None)


def test_leave_to_extend_runs_no_clock_of_its_own(draft: World, session: Session) -> None:
    made = another(
        session, draft, limit_of(2, kind="relative", sense="within", amount=10, unit="workday", extension=True)
    )
    query = select(Item).join(Item.measure).where(Measure.key == "一.3", Measure.edition.has(document_id=made.id))
    item = session.scalars(query).one()
    assert item.vague == ["每月25日"]
    assert session.scalars(select(DeadlineRule).where(DeadlineRule.item_id == item.id)).all() == []


def test_a_date_with_an_hour_is_late_from_that_hour(draft: World, session: Session) -> None:
    made = another(session, draft, limit_of(2, kind="absolute", sense="within", date="2026-12-10", time="17:00"))
    rule = rule_in(session, made, "一.3")
    publish(session, draft, document=made)
    (milestone,) = dates(session, rule)
    lights = [
        light_of(
            state="in_progress",
            now=datetime(2026, 12, 10, hour, minute, tzinfo=SHANGHAI),
            calendar=national(),
            due_at=milestone.due_at,
            due_on=milestone.due_on,
        )
        for hour, minute in ((9, 0), (16, 30), (17, 30))
    ]
    assert [(one.light, one.words) for one in lights] == [
        (Light.SOON, "今日 17:00 到期"),
        (Light.SOON, "还有 30 分钟"),
        (Light.LATE, "逾期 30 分钟"),
    ]
