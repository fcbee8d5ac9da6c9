"""版本比对: a new edition is uploaded, shown change by change, answered, and takes effect after a page that asks."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit import amended
from tests.kit.amended import SECOND
from tests.kit.browser import sheet
from tests.kit.pages import post, read, words
from tests.kit.statements import counted
from tests.kit.world import World, token_in
from tests.web.conftest import settle_foreigner
from tests.web.documents.test_sources import start, text_of, upload
from tracker.rules.workflow import State
from tracker.store.core.engine import Database
from tracker.store.models import (
    AuditEntry,
    ChangeAnswer,
    Document,
    Duty,
    Edition,
    EditionChange,
    EditionState,
    Measure,
    Task,
)

ClientFor = Callable[[str], FlaskClient]


@pytest.fixture
def document_id(database: Database, world: World) -> int:
    """A second published document, the one that is amended."""
    with database.write() as session:
        found = amended.publish_first(session, world).id
        session.commit()
    return found


@pytest.fixture
def draft(database: Database, world: World, document_id: int) -> int:
    """The document with a new edition opened."""
    with database.write() as session:
        amended.open_second(session, world, document_id)
        session.commit()
    return document_id


@pytest.fixture
def rows(database: Database) -> Iterator[Callable[[], Session]]:
    """A fresh look at what is committed."""
    with database.read() as session:

        def again() -> Session:
            session.rollback()
            session.expire_all()
            return session

        yield again


def change_of(session: Session, words_in: str) -> EditionChange:
    """Return a change by words of one of its measures."""
    query = select(EditionChange).join(
        Measure, (Measure.id == EditionChange.new_measure_id) | (Measure.id == EditionChange.old_measure_id)
    )
    return session.scalars(query.where(Measure.text.contains(words_in)).order_by(EditionChange.id)).unique().first()  # type: ignore[return-value]


def confirm_all(client: FlaskClient, document_id: int) -> None:
    page = read(client, f"/confirm/{document_id}")
    assert client.post(f"/confirm/{document_id}/clear", data={"csrf_token": token_in(page)}).status_code == 302


def adopt_all(client: FlaskClient, document_id: int) -> None:
    page = read(client, f"/amend/{document_id}")
    assert client.post(f"/amend/{document_id}/all", data={"csrf_token": token_in(page)}).status_code == 302


def test_a_new_edition_is_uploaded_from_the_documents_page(
    world: World, document_id: int, client_for: ClientFor, rows: Callable[[], Session]
) -> None:
    client = client_for("supervisor")
    page = read(client, f"/documents/{document_id}")
    assert f'href="/sources/new?document={document_id}"' in page
    assert "某市优化政务服务若干措施" in read(client, f"/sources/new?document={document_id}")
    answer = upload(client, SECOND.encode(), "修订.txt", document=str(document_id))
    assert answer.location.endswith(f"?document={document_id}")
    source = int(answer.location.split("/")[2].split("?")[0])
    assert "比对新版本" in read(client, answer.location)
    went = start(client, source, document=str(document_id))
    assert went.location == f"/amend/{document_id}"
    edition = rows().scalars(select(Edition).where(Edition.document_id == document_id, Edition.number == 2)).one()
    assert edition.state is EditionState.DRAFT
    assert start(client, source, document=str(document_id)).location == f"/amend/{document_id}"
    assert upload(client, SECOND.encode(), document=str(document_id)).status_code == 422
    assert "核对新版本" in read(client, f"/documents/{document_id}")


def test_a_page_left_open_since_before_publication_is_overtaken_and_keeps_what_was_typed(
    world: World, draft: int, client_for: ClientFor, rows: Callable[[], Session]
) -> None:
    in_force = select(Measure.id).join(Edition).where(Edition.document_id == draft, Edition.number == 1)
    old = rows().scalars(in_force.order_by(Measure.ordinal)).first()
    client = client_for("supervisor")
    page = read(client, f"/confirm/{draft}")
    for typed in ({"title": "我改的标题"}, {"do": "rule-0", "title": "我改的标题"}):
        answer = client.post(
            f"/confirm/{draft}/measures/{old}", data={"csrf_token": token_in(page), "version": "1", **typed}
        )
        assert answer.status_code in (409, 422)
    assert answer.status_code == 409
    assert "我改的标题" in answer.get_data(as_text=True)


def test_a_second_new_edition_waits_for_the_first(
    world: World, draft: int, client_for: ClientFor, rows: Callable[[], Session]
) -> None:
    client = client_for("supervisor")
    answer = upload(client, (SECOND + "\n8.再加一条。（责任单位：市教育局）\n").encode(), document=str(draft))
    source = int(answer.location.split("/")[2].split("?")[0])
    refused = start(client, source, document=str(draft))
    assert refused.status_code == 422
    assert "正在核对" in text_of(refused)
    assert len(rows().scalars(select(Edition).where(Edition.document_id == draft)).all()) == 2


def test_the_page_shows_every_change_with_the_differing_words_marked(draft: int, client_for: ClientFor) -> None:
    page = read(client_for("supervisor"), f"/amend/{draft}")
    shown = words(page)
    assert '<del><mark class="removed">6</mark></del>' in page
    assert '<ins><mark class="added">8</mark></ins>' in page
    for said in (
        "改写 2",
        "新增 1",
        "取消 1",
        "移动 2",
        "不变 2",
        "不再是配合单位：市财政局",
        "增加配合单位：市教育局",
        "序号：6 → 4",
        "章节：一、提高效率 → 二、改进作风",
        "时限：固定日期 · 2026年6月30日前",
        "2026年8月31日前",
        "新版本没有这一项",
        "现行版本没有这一项",
    ):
        assert said in shown, said
    assert "对企业诉求" not in shown
    same = words(read(client_for("supervisor"), f"/amend/{draft}?kind=same"))
    assert "对企业诉求" in same
    assert "采用 保留原样" not in same


def test_one_change_is_adopted_and_another_left_as_it_is(
    world: World, draft: int, client_for: ClientFor, rows: Callable[[], Session]
) -> None:
    client = client_for("supervisor")
    first, gone = change_of(rows(), "8月底前").id, change_of(rows(), "开展窗口").id
    for change_id, answer in ((first, "adopt"), (gone, "keep")):
        form = sheet(read(client, f"/amend/{draft}"), f"changes/{change_id}")
        went = client.post(form.action, data={**form.data.to_dict(), "answer": answer})
        assert went.location == f"/amend/{draft}#c{change_id}"
    session = rows()
    assert session.get_one(EditionChange, first).answer is ChangeAnswer.ADOPT
    assert session.get_one(EditionChange, gone).answer is ChangeAnswer.KEEP
    entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "edition.change")).all()[-1]
    assert (entry.actor_id, entry.document_id) == (world.people["supervisor"].id, draft)
    assert "仍按现行的文字、单位和日期办理" in read(client, f"/amend/{draft}")
    assert session.scalars(select(Edition.state).where(Edition.number == 2)).one() is EditionState.DRAFT


def test_an_answer_on_an_old_page_is_shown_beside_what_stands_now(
    draft: int, client_for: ClientFor, rows: Callable[[], Session]
) -> None:
    client, change_id = client_for("supervisor"), change_of(rows(), "8月底前").id
    form = sheet(read(client, f"/amend/{draft}"), f"changes/{change_id}")
    assert client.post(form.action, data={**form.data.to_dict(), "answer": "adopt"}).status_code == 302
    other = client_for("supervisor2")
    token = token_in(read(other, f"/amend/{draft}"))
    late = other.post(form.action, data={"csrf_token": token, "version": form.data["version"], "answer": "keep"})
    assert late.status_code == 409
    assert "保留原样" in text_of(late)
    assert rows().get_one(EditionChange, change_id).answer is ChangeAnswer.ADOPT


def test_nothing_but_the_two_answers_is_taken(draft: int, client_for: ClientFor, rows: Callable[[], Session]) -> None:
    client, change_id = client_for("supervisor"), change_of(rows(), "8月底前").id
    form = sheet(read(client, f"/amend/{draft}"), f"changes/{change_id}")
    client.post(form.action, data={**form.data.to_dict(), "answer": "maybe"})
    assert rows().get_one(EditionChange, change_id).answer is None
    assert "请选择" in read(client, f"/amend/{draft}")


def test_it_takes_effect_after_a_page_that_says_what_it_will_do(
    world: World, draft: int, client_for: ClientFor, rows: Callable[[], Session]
) -> None:
    client = client_for("supervisor")
    page = read(client, f"/amend/{draft}/apply")
    assert "还不能生效" in page
    adopt_all(client, draft)
    confirm_all(client, draft)
    assert "生效（还有" not in read(client, f"/amend/{draft}")
    page = read(client, f"/amend/{draft}/apply")
    shown = words(page)
    for said in ("1 项措施，生成任务和时限", "1 项措施，撤销 1 个还在办理的责任", "取消的措施", "开展窗口人员业务培训"):
        assert said in shown, said
    went = post(client, f"/amend/{draft}/apply", page)
    assert went.location == f"/documents/{draft}"
    session = rows()
    assert session.get_one(Document, draft).doc_no == "某政发〔2026〕20号"
    revoked = session.scalars(select(Duty).join(Task).where(Task.document_id == draft, Duty.state == State.REVOKED))
    assert len(revoked.all()) == 2
    assert post(client, f"/amend/{draft}/apply", page).location == f"/documents/{draft}"  # the button pressed twice
    assert len(rows().scalars(select(AuditEntry).where(AuditEntry.verb == "edition.apply")).all()) == 1
    document = read(client, f"/documents/{draft}")
    assert "建立企业首席服务员制度" in document
    assert f'href="/documents/{draft}/editions/1"' in document
    old = read(client, f"/documents/{draft}/editions/1")
    assert "开展窗口人员业务培训" in old
    assert "某政发〔2026〕7号" in old
    read(client, f"/amend/{draft}", 302)


def test_the_changed_date_stands_in_the_duties_history(
    world: World, draft: int, client_for: ClientFor, rows: Callable[[], Session]
) -> None:
    client = client_for("supervisor")
    adopt_all(client, draft)
    confirm_all(client, draft)
    post(client, f"/amend/{draft}/apply", read(client, f"/amend/{draft}/apply"))
    query = (
        select(Duty.id)
        .join(Task)
        .where(Task.document_id == draft, Task.key == "1", Duty.unit_id == world.units["gxj"].id)
    )
    page = words(read(client_for("lead"), f"/duties/{rows().scalars(query).one()}"))
    assert "新版本（某政发〔2026〕20号）调整" in page
    assert "8月31日" in page
    assert "6月30日" in page


def test_readers_see_the_edition_in_force_while_a_new_one_is_confirmed(
    world: World, draft: int, client_for: ClientFor
) -> None:
    for login in ("lead", "support", "county", "head", "leader"):
        page = read(client_for(login), f"/documents/{draft}")
        assert "开展窗口人员业务培训" in page
        assert "首席服务员" not in page
        assert "导入新版本" not in page
        assert f"/amend/{draft}" not in page
        read(client_for(login), f"/documents/{draft}/editions/2", 404)
    listed = words(read(client_for("supervisor"), "/documents/"))
    assert "14" not in listed.split("某市优化政务服务若干措施")[1][:60]


def test_what_was_not_adopted_stands_beneath_the_new_words(
    world: World, draft: int, client_for: ClientFor, rows: Callable[[], Session]
) -> None:
    client = client_for("supervisor")
    for said in ("8月底前", "开展窗口"):
        change_id = change_of(rows(), said).id
        form = sheet(read(client, f"/amend/{draft}"), f"changes/{change_id}")
        client.post(form.action, data={**form.data.to_dict(), "answer": "keep"})
    adopt_all(client, draft)
    confirm_all(client, draft)
    post(client, f"/amend/{draft}/apply", read(client, f"/amend/{draft}/apply"))
    page = words(read(client, f"/documents/{draft}"))
    assert "没有采用新的文字，仍按原来的办理" in page
    assert "不在现行文字中的任务" in page


def test_the_draft_is_confirmed_on_the_pages_of_confirmation(
    world: World, draft: int, client_for: ClientFor, rows: Callable[[], Session]
) -> None:
    client = client_for("supervisor")
    for part in ("", "/names", "/undated", "/past", "/facts", "/text"):
        assert "版本比对" in read(client, f"/confirm/{draft}{part}"), part
    assert client.get(f"/confirm/{draft}/publish").location == f"/amend/{draft}"
    page = read(client, f"/confirm/{draft}/facts")
    went = post(
        client,
        f"/confirm/{draft}/facts",
        page,
        title="改过的标题",
        doc_no="某政发〔2026〕20号",
        issued_on="2026-03-20",
        effective_on="",
        expires_on="",
    )
    assert went.status_code == 302
    session = rows()
    assert session.scalars(select(Edition.title).where(Edition.number == 2)).one() == "改过的标题"
    assert session.get_one(Document, draft).title == "某市优化政务服务若干措施"
    wanted = session.scalars(select(Measure).where(Measure.text.contains("首席服务员"))).one()
    opened = sheet(read(client, f"/confirm/{draft}?m={wanted.id}"), "here")
    assert client.post(opened.action, data=opened.data).status_code == 302
    assert rows().get_one(Measure, wanted.id).confirmed_at is not None


def test_a_new_edition_is_given_up_after_a_page_that_asks(
    world: World, draft: int, client_for: ClientFor, rows: Callable[[], Session]
) -> None:
    client = client_for("supervisor")
    page = read(client, f"/amend/{draft}/discard")
    assert "放弃" in page
    assert post(client, f"/amend/{draft}/discard", page).location == f"/documents/{draft}"
    assert [e.number for e in rows().scalars(select(Edition).where(Edition.document_id == draft))] == [1]
    assert "导入新版本" in read(client, f"/documents/{draft}")


def test_only_a_supervisor_of_the_place_compares_editions(
    database: Database, world: World, draft: int, client_for: ClientFor, rows: Callable[[], Session]
) -> None:
    settle_foreigner(database, world)
    change_id = change_of(rows(), "8月底前").id
    gets = (f"/amend/{draft}", f"/amend/{draft}/apply", f"/amend/{draft}/discard")
    posts = (
        f"/amend/{draft}/changes/{change_id}",
        f"/amend/{draft}/all",
        f"/amend/{draft}/apply",
        f"/amend/{draft}/discard",
    )
    wanted = {
        "lead": 403, "support": 403, "head": 403, "county": 403, "leader": 403, "stranger": 403,
        "administrator": 404, "auditor": 404, "foreigner": 404,
    }  # fmt: skip
    for login, status in wanted.items():
        client = client_for(login)
        for url in gets:
            read(client, url, status)
        token = token_in(read(client, "/password"))
        for url in posts:
            data = {"csrf_token": token, "version": "1", "answer": "adopt"}
            assert client.post(url, data=data).status_code == status, (login, url)
    session = rows()
    assert session.scalars(select(Edition.state).where(Edition.number == 2)).one() is EditionState.DRAFT
    assert set(session.scalars(select(EditionChange.answer))) == {None}


def test_a_change_of_another_document_is_not_found(world: World, draft: int, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    token = token_in(read(client, f"/amend/{draft}"))
    answer = client.post(f"/amend/{draft}/changes/9999", data={"csrf_token": token, "version": "1", "answer": "adopt"})
    assert answer.status_code == 404


def test_the_number_of_statements_does_not_grow_with_the_changes(
    database: Database, draft: int, client_for: ClientFor
) -> None:
    client = client_for("supervisor")
    with counted(database) as few:
        read(client, f"/amend/{draft}?kind=new")
    with counted(database) as many:
        read(client, f"/amend/{draft}")
    assert 0 < len(many) <= len(few)
