"""The list of documents and a document's whole text: who sees which, and that long ones stay quick."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit import cpu
from tests.kit.pages import read, words
from tests.kit.statements import counted
from tests.kit.world import NOW, TEXT, World
from tests.web.conftest import settle_foreigner
from tracker.clock.rules import Kind, Sense
from tracker.reading.plan import NameKind, Role
from tracker.store.core.engine import Database
from tracker.store.documents.drafts import working_edition
from tracker.store.models import Assignment, DeadlineRule, Document, Duty, Item, Measure, Source, Task

ClientFor = Callable[[str], FlaskClient]


def grow(session: Session, world: World, number: int) -> None:
    """Give the document so many more measures, at the end of a text that grows with them."""
    edition = working_edition(session, world.document.id, with_reading=True)
    source = session.get_one(Source, world.source.id)
    text, made = TEXT, []
    for n in range(number):
        line = f"{n + 7}.开展第 {n} 项工作，2026年9月底前完成，并逐项说明办理经过和下一步打算。（责任单位：市财政局）"
        start = len(text)
        text += line + "\n\n"
        unit = start + line.index("市财政局")
        limit = start + line.index("2026年9月底前")
        item = Item(ordinal=1, start=start, end=start + len(line), text=line)
        item.assignments = [
            Assignment(ordinal=1, printed="市财政局", role=Role.RESPONSIBLE, kind=NameKind.UNIT, start=unit,
                       end=unit + 4, unit_id=world.units["czj"].id)
        ]  # fmt: skip
        item.rules = [
            DeadlineRule(ordinal=1, quote="2026年9月底前", start=limit, end=limit + 9, kind=Kind.RECURRING,
                         rrule="FREQ=MONTHLY", sense=Sense.WITHIN)
        ]  # fmt: skip
        made.append(
            Measure(
                edition_id=edition.id,
                ordinal=n + 7,
                key=f"一.{n + 7}",
                section=f"第 {n // 10} 部分",
                title=f"第 {n} 项",
                start=start,
                end=start + len(line),
                text=line,
                items=[item],
            )
        )
    session.add_all(made)
    source.text = text
    edition.plan_reading.reading = {**edition.plan_reading.reading, "span": [0, len(text)]}
    session.flush()
    if edition.document.published_at is not None:
        tasks = [
            Task(
                document=edition.document,
                item_id=m.items[0].id,
                key=m.key,
                ordinal=m.ordinal,
                title=m.title,
                created_at=NOW,
            )
            for m in made
        ]
        session.add_all(tasks)
        session.add_all(Duty.of_task(task, world.units["czj"].id, Role.RESPONSIBLE, NOW) for task in tasks)
    session.commit()


def test_a_supervisor_sees_drafts_first_with_the_way_on(draft: World, client_for: ClientFor) -> None:
    said = words(read(client_for("supervisor"), "/documents/"))
    assert "某市减轻企业负担若干措施" in said
    assert "待核对" in said
    assert "已核对 0 / 6" in said
    assert "继续核对" in said
    assert "上传文件" in said


def test_a_published_document_shows_its_duties_by_light(world: World, client_for: ClientFor) -> None:
    page = read(client_for("supervisor"), "/documents/")
    assert f'href="/duties/?document={world.document.id}">10</a>' in page
    assert re.search(rf'href="/duties/\?document={world.document.id}&amp;light=\w+"', page)
    assert "继续核对" not in page


def test_an_agency_sees_the_published_documents_it_has_duties_in(world: World, client_for: ClientFor) -> None:
    page = read(client_for("support"), "/documents/")
    assert world.document.title in page
    assert "您单位的责任" in page
    assert "上传文件" not in page
    assert world.document.title not in read(client_for("stranger"), "/documents/")


def test_a_draft_is_no_agencys_business(draft: World, client_for: ClientFor) -> None:
    for login in ("lead", "head", "leader"):
        client = client_for(login)
        assert draft.document.title not in read(client, "/documents/")
        read(client, f"/documents/{draft.document.id}", 404)
    assert client_for("supervisor").get(f"/documents/{draft.document.id}").location == f"/confirm/{draft.document.id}"


def test_a_stranger_finds_no_document(database: Database, world: World, client_for: ClientFor) -> None:
    settle_foreigner(database, world)
    for login in ("stranger", "foreigner", "auditor", "administrator"):
        read(client_for(login), f"/documents/{world.document.id}", 404)
    for login in ("auditor", "administrator"):
        read(client_for(login), "/documents/", 403)


def test_the_list_is_narrowed_by_words_and_state(world: World, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    assert world.document.title in read(client, "/documents/?q=某政发")
    assert "没有符合条件的文件" in read(client, "/documents/?q=%25")
    assert "没有符合条件的文件" in read(client, "/documents/?state=draft")
    assert world.document.title in read(client, "/documents/?state=published")
    assert world.document.title in read(client, "/documents/?state=nonsense&page=99")


def test_the_whole_text_leads_from_each_measure_to_its_duties(world: World, client_for: ClientFor) -> None:
    page = read(client_for("supervisor"), f"/documents/{world.document.id}")
    assert "某市减轻企业负担若干措施" in page
    assert '<mark class="deadline">每月25日</mark>' in page
    for measure_id in re.findall(r'href="#m(\d+)"', page):
        assert f'id="m{measure_id}"' in page
    assert f"/duties/?document={world.document.id}&amp;q=一.2" in page or "q=%E4%B8%80.2" in page
    assert "各县区政府 → 2 个" in words(page)
    assert "待触发" in page


def test_an_agency_reads_the_text_and_its_co_units_names_but_not_their_lights(
    world: World, client_for: ClientFor
) -> None:
    page = read(client_for("support"), f"/documents/{world.document.id}")
    said = words(page)
    assert "2.对投诉线索" in said
    assert "市工业和信息化局" in said
    assert "待触发" not in said, "the clue is none of its duties"
    assert len(re.findall(r'href="/duties/\d+"', page)) == 3, "its own three duties alone are linked"


@pytest.mark.parametrize("path", ["/documents/", "/documents/{id}"])
def test_a_published_documents_pages_ask_no_more_for_more_measures(
    database: Database, world: World, client_for: ClientFor, path: str
) -> None:
    client, url = client_for("supervisor"), path.format(id=world.document.id)
    with counted(database) as few:
        read(client, url)
    with database.write() as session:
        grow(session, world, 60)
    with counted(database) as many:
        read(client, url)
    assert len(many) == len(few), many


@pytest.mark.parametrize("path", ["", "?m={m}", "/text", "/names", "/undated", "/publish"])
def test_a_drafts_pages_ask_no_more_for_more_measures(
    database: Database, draft: World, client_for: ClientFor, path: str
) -> None:
    client = client_for("supervisor")
    with database.read() as session:
        url = f"/confirm/{draft.document.id}" + path.format(m=session.scalars(select(Measure.id)).first())
    with counted(database) as few:
        read(client, url)
    with database.write() as session:
        grow(session, draft, 60)
    with counted(database) as many:
        read(client, url)
    assert len(many) == len(few), many


@pytest.mark.timeout(60)
def test_a_text_of_a_hundred_kilobytes_is_shown_at_once(
    database: Database, draft: World, client_for: ClientFor
) -> None:
    client, paths = client_for("supervisor"), ("", "/text")
    for path in paths:
        read(client, f"/confirm/{draft.document.id}{path}")  # templates are compiled once
    with database.write() as session:
        grow(session, draft, 600)
        length = len(session.scalars(select(Source.text).where(Source.id == draft.source.id)).one().encode())
    assert length > 80_000
    for path in paths:
        with cpu.at_most(3):
            read(client, f"/confirm/{draft.document.id}{path}")


def test_a_filed_document_can_still_be_read(database: Database, draft: World, client_for: ClientFor) -> None:
    from tracker.store.models import DocumentState

    with database.write() as session:
        session.get_one(Document, draft.document.id).state = DocumentState.WITHDRAWN
        session.commit()
    assert "不跟踪" in read(client_for("supervisor"), f"/documents/{draft.document.id}")
