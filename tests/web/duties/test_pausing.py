"""暂停计时 on a duty's page: asked for with reason and authority, shown while it lasts, ended by one button."""

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.kit.pages import post, read, words
from tests.kit.world import World, duty
from tests.services.duties.test_duties import at
from tracker.store.core.engine import Database

ClientFor = Callable[[str], FlaskClient]
WHY = {"reason": "正在听证", "authority": "行政许可法 45"}


def test_a_supervisor_pauses_and_resumes_a_duty(
    world: World, database: Database, client_for: ClientFor, clock: Clock
) -> None:
    with database.read() as session:
        url = f"/duties/{duty(session, world, '一.1', 'gxj').id}"
    boss = client_for("supervisor")
    asked = read(boss, f"{url}/pause")
    short = post(boss, f"{url}/pause", asked, reason="正在听证")
    assert short.status_code == 422
    assert "正在听证" in short.get_data(as_text=True)
    assert post(boss, f"{url}/pause", asked, **WHY).status_code == 302
    page = read(boss, url)
    assert "正在听证（行政许可法 45）" in words(page)
    assert "‖" in page or "暂停" in words(page)
    clock.at = at(4, 10)
    assert "恢复计时" not in words(read(client_for("lead"), url))
    assert post(boss, f"{url}/resume", page).status_code == 302
    assert "恢复计时（正在听证）" in words(read(boss, url))


def test_nobody_else_opens_the_page(world: World, database: Database, client_for: ClientFor) -> None:
    with database.read() as session:
        url = f"/duties/{duty(session, world, '一.1', 'gxj').id}"
    for who, status in (("lead", 403), ("leader", 403), ("stranger", 404)):
        client = client_for(who)
        read(client, f"{url}/pause", status)
        page = read(client, "/password")
        assert post(client, f"{url}/resume", page, version="1").status_code == status
