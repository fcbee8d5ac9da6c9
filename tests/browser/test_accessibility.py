"""Every page as axe reads it: nothing that keeps a person with a screen reader or a keyboard from using it."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Town
from tests.browser.test_widths import OFFICER, OTHERS, SUPERVISOR, lengthened
from tests.kit.world import published_world

Enter = Callable[[str], Page]

pytestmark = [pytest.mark.browser, pytest.mark.long]

GRAVE = {"serious", "critical"}


def test_axe_finds_nothing_grave_on_any_page(town: Town, enter: Enter) -> None:
    rows = lengthened(town, published_world(town.database))
    found: dict[str, set[str]] = {}
    for login, pages in {"supervisor": SUPERVISOR, "lead": OFFICER, **OTHERS}.items():
        page = enter(login)
        for address in pages:
            page.goto(town.url + address.format(**rows))
            for violation in Axe().run(page).response["violations"]:
                if violation["impact"] in GRAVE:
                    where = violation["nodes"][0]
                    words = f"{violation['id']}: {violation['help']} ({len(violation['nodes'])})  {where['html'][:160]}"
                    found.setdefault(words, set()).add(f"{login} {address}")
    assert found == {}, "\n".join(f"{words}: {sorted(where)}" for words, where in found.items())
