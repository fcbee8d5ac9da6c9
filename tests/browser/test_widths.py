"""No page is wider than a phone, however long a document's title and a unit's name are."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from tests.browser.conftest import Town
from tests.kit.ledger_types import add_types
from tests.kit.world import World, duty, published_world
from tests.services.cases.test_ledger import referred
from tracker.services.cases.pauses import ask_pause
from tracker.services.core.act import begin
from tracker.store.models import Document, Edition, Milestone, Task, Unit

Enter = Callable[[str], Page]

pytestmark = pytest.mark.browser

TITLE = ("某市人民政府关于印发进一步优化营商环境减轻企业负担促进民营经济高质量发展若干措施的通知" * 2)[:80]
UNIT = ("某市人力资源和社会保障局（某市机关事业单位社会保险服务中心某市劳动监察" * 2)[:40]


def lengthened(town: Town, world: World) -> dict[str, int]:
    """Give everything the longest name it may have in practice; return the rows whose pages are opened."""
    with town.database.write() as session:
        case = referred(session, world, add_types(session, world))
        ask_pause(begin(session, world.actor("county"), town.clock.at), case, reason="等" * 200, authority="法" * 80)
        for document in session.scalars(select(Document)):
            document.title, document.doc_no = TITLE, "某政办发〔2026〕1234号"
        for edition in session.scalars(select(Edition)):
            edition.title = TITLE
        for n, unit in enumerate(session.scalars(select(Unit))):
            unit.name = f"{UNIT[:-1]}{n}"
        for task in session.scalars(select(Task)):
            task.title = TITLE
        it = duty(session, world, "一.1", "gxj")
        clock = session.scalars(select(Milestone.id).where(Milestone.duty_id == it.id)).first()
        assert clock is not None
        session.commit()
        return {"duty": it.id, "case": case.id, "document": world.document.id, "clock": clock}


SUPERVISOR = (
    "/dashboard/", "/dashboard/units", "/duties/", "/reviews/", "/cases", "/documents/", "/documents/{document}",
    "/units/", "/calendars/", "/duties/{duty}", "/cases/{case}", "/milestones/{clock}", "/sources/new",
)  # fmt: skip
OFFICER = (
    "/", "/duties/", "/cases", "/documents/", "/documents/{document}", "/duties/{duty}", "/milestones/{clock}",
    "/password",
)  # fmt: skip
OTHERS = {
    "auditor": ("/audit/", "/rights/", "/rights/holders"),
    "county": ("/", "/cases", "/cases/{case}"),
    "leader": ("/dashboard/", "/duties/"),
}


@pytest.mark.long
def test_no_page_is_wider_than_a_phone(town: Town, enter: Enter) -> None:
    world = published_world(town.database)
    rows = lengthened(town, world)
    wide: dict[str, int] = {}
    for login, pages in {"supervisor": SUPERVISOR, "lead": OFFICER, **OTHERS}.items():
        page = enter(login)
        page.set_viewport_size({"width": 390, "height": 844})
        for address in pages:
            answer = page.goto(town.url + address.format(**rows))
            assert answer is not None
            assert answer.status == 200, f"{login} {address}"
            taken = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            if taken > 0:
                wide[f"{login} {address}"] = taken
    assert wide == {}
