"""计算单 on paper: ordinary limits fit on one A4 page, and no sheet scrolls sideways on a phone."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import joinedload

from tests.browser.conftest import Town
from tests.kit import registered
from tests.kit.recounted import clock_of, pause, register
from tests.kit.world import NOW, World, duty, published_world
from tracker.clock.calendar import national
from tracker.clock.rules import CountUnit
from tracker.services.core.act import begin
from tracker.services.deadlines.milestones import append_date, count_again
from tracker.store.core.actors import SYSTEM
from tracker.store.deadlines.pauses import suspensions_of
from tracker.store.models import CaseStep, Extension, ExtensionState, Milestone

Enter = Callable[[str], Page]

pytestmark = pytest.mark.browser

# 10 February 2026: the Spring Festival with its two make-up days lies within.
EVENT = datetime(2026, 2, 10, 3, tzinfo=UTC)


def made(town: Town, world: World, amount: int, unit: CountUnit, *, eventful: bool = False) -> int:
    """Make a date so long after its event; an eventful one was paused, and extended by half."""
    with town.database.write() as session:
        boss = begin(session, world.actor("supervisor"), NOW)
        rule = registered.counted_by(boss, duty(session, world, "一.2", "gxj"))
        rule.amount, rule.unit = amount, unit
        session.flush()
        milestone_id = clock_of(session, register(session, world, at=EVENT)).id
        milestone = session.get_one(Milestone, milestone_id, options=[joinedload(Milestone.rule)])
        if eventful:
            boss, step = world.people["supervisor"].id, session.get_one(CaseStep, milestone.case_step_id)
            began, ended = datetime(2026, 3, 2, 3, tzinfo=UTC), datetime(2026, 3, 9, 3, tzinfo=UTC)
            pause(session, world, began, ended, case_id=step.case_id)
            session.add(
                Extension(
                    milestone_id=milestone.id,
                    amount=amount * 3 // 2,
                    reason="案情复杂，需要向多个单位核实账款",
                    state=ExtensionState.GRANTED,
                    by_id=boss,
                    at=NOW,
                    decided_by_id=boss,
                    decided_at=NOW,
                    note="同意",
                )
            )
            milestone.granted_amount = amount * 3 // 2
            resolved = count_again(milestone, national(), suspensions_of(session, [milestone.id])[milestone.id])
            append_date(
                begin(session, replace(SYSTEM, user_id=boss), NOW),
                milestone,
                resolved,
                national(),
                "批准延期：案情复杂",
            )
        session.commit()
        return milestone_id


@pytest.mark.parametrize(
    ("amount", "unit", "eventful"),
    [
        (3, CountUnit.WORKDAY, False),
        (20, CountUnit.WORKDAY, True),
        (30, CountUnit.DAY, False),
        (90, CountUnit.DAY, False),
        (2, CountUnit.HOUR, False),
    ],
)
def test_an_ordinary_limit_is_one_sheet_of_paper(
    town: Town, enter: Enter, amount: int, unit: CountUnit, eventful: bool
) -> None:
    milestone_id = made(town, published_world(town.database), amount, unit, eventful=eventful)
    page = enter("supervisor")
    page.goto(f"{town.url}/milestones/{milestone_id}")
    assert page.get_by_role("heading", name="逐日计算").is_visible()
    assert page.get_by_role("button", name="打印").is_visible()
    printed = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
