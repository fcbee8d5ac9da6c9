"""The supervisor's figures, the reviews and the trail."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.kit.ledger_types import add_types, load_version
from tests.kit.world import NOW, World, duty
from tests.services.duties.test_duties import at
from tracker.services.cases import ledger
from tracker.services.cases.ledger import NewCase
from tracker.services.core.act import begin
from tracker.services.duties import progress
from tracker.store.core.engine import Database
from tracker.store.duties.lights import LIGHTS
from tracker.store.models import AuditEntry

ClientFor = Callable[[str], FlaskClient]


def figures(page: str) -> dict[str, int]:
    """Return the numbers of the figures row, by their links' query."""
    found = re.findall(r'<a class="figure[^"]*" href="([^"]+)"><b>(\d+)</b>', page)
    return {url.replace("&amp;", "&"): int(count) for url, count in found}


def rows_behind(client: FlaskClient, url: str) -> int:
    page = client.get(url).get_data(as_text=True)
    found = re.search(r"共 (\d+) 项", page)
    return int(found.group(1)) if found else 0


def test_every_figure_leads_to_exactly_its_rows(world: World, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    shown = figures(client.get("/dashboard/").get_data(as_text=True))
    assert len(shown) >= 6
    for url, count in shown.items():
        assert rows_behind(client, url) == count, url


def test_both_partitions_add_up_to_the_total(world: World, client_for: ClientFor) -> None:
    page = client_for("supervisor").get("/dashboard/").get_data(as_text=True)
    shown = figures(page)
    total = next(count for url, count in shown.items() if "light=" not in url)
    by_light = sum(count for url, count in shown.items() if "light=" in url)
    by_state = sum(int(n) for n in re.findall(r'href="[^"]*state=\w+[^"]*">[^<]+<b>(\d+)</b>', page))
    assert total == by_light == by_state == 10


def test_a_narrowed_dashboard_counts_only_its_document(world: World, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    shown = figures(client.get(f"/dashboard/?document={world.document.id}").get_data(as_text=True))
    assert all(f"document={world.document.id}" in url for url in shown)
    assert figures(client.get("/dashboard/?document=999").get_data(as_text=True)).popitem()[1] == 0


@pytest.mark.parametrize("name", ["lead", "support", "stranger", "head", "administrator", "auditor"])
def test_only_those_who_oversee_see_the_dashboard(world: World, client_for: ClientFor, name: str) -> None:
    assert client_for(name).get("/dashboard/").status_code == 403


def test_a_leader_reads_the_dashboard_and_cannot_review(world: World, client_for: ClientFor) -> None:
    client = client_for("leader")
    assert client.get("/dashboard/").status_code == 200
    assert client.get("/reviews/").status_code == 403


def test_a_submission_waits_in_the_reviews_and_in_the_top_bar(
    world: World, client_for: ClientFor, database: Database
) -> None:
    with database.write() as session:
        held = duty(session, world, "一.1", "gxj")
        progress.acknowledge(begin(session, world.actor("lead"), NOW), held)
        progress.submit(begin(session, world.actor("lead"), NOW), held, text="已完成。")
        session.commit()
    client = client_for("supervisor")
    page = client.get("/reviews/").get_data(as_text=True)
    assert "建立清欠台账" in page
    assert 'class="badge-n">1<' in page


def test_the_light_of_a_report_due_soon_is_counted_as_soon(world: World, client_for: ClientFor) -> None:
    shown = figures(client_for("supervisor").get("/dashboard/").get_data(as_text=True))
    lights = {re.search(r"light=(\w+)", url).group(1): n for url, n in shown.items() if "light=" in url}  # type: ignore[union-attr]
    assert set(lights) <= set(LIGHTS)
    assert lights["soon"] == 1  # 一.3, 25 March, two workdays away
    assert lights["wait"] == 6  # 一.2 (four units), 一.4, 一.6 wait for their events


def test_only_an_auditor_reads_the_trail(world: World, client_for: ClientFor) -> None:
    assert client_for("supervisor").get("/audit/").status_code == 403
    page = client_for("auditor").get("/audit/").get_data(as_text=True)
    assert "发布文件" in page
    assert "supervisor同志" in page


def test_the_trail_can_be_narrowed_by_act_person_and_day(
    world: World, client_for: ClientFor, database: Database
) -> None:
    client = client_for("auditor")
    with database.read() as session:
        published = session.scalars(select(AuditEntry).where(AuditEntry.verb == "document.publish")).all()
    assert len(published) == 1
    assert rows_behind(client, "/audit/?verb=document.publish") == 1
    assert rows_behind(client, "/audit/?verb=document.publish&who=lead") == 0
    assert rows_behind(client, "/audit/?verb=document.publish&since=2026-03-24") == 0
    assert rows_behind(client, "/audit/?verb=document.publish&since=nonsense") == 1


def test_the_open_cases_stand_beside_the_duties_and_lead_to_their_rows(
    world: World, database: Database, client_for: ClientFor
) -> None:
    with database.write() as session:
        version = load_version(session, add_types(session, world)["complaint"])
        for key in ("a", "b"):
            new = NewCase(world.units["jfb"].id, at(3, 2), key, key, accepted_at=at(3, 2))
            ledger.open_case(begin(session, world.actor("supervisor2"), NOW), version, new)
        session.commit()
    boss = client_for("supervisor")
    page = boss.get("/dashboard/").get_data(as_text=True)
    link = re.search(r'<a href="(/cases/[^"]+)">逾期 <b>2</b></a>', page)
    assert link
    assert rows_behind(boss, link[1].replace("&amp;", "&")) == 2
    assert "在办办件" not in boss.get(f"/dashboard/?document={world.document.id}").get_data(as_text=True)
