"""Sources come in by upload or paste; bad input is told apart and loses nothing; one plan is chosen."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

import config
from tests.kit.browser import sheets
from tests.kit.pages import read, words
from tests.kit.world import TEXT, World, token_in
from tests.web.conftest import settle_foreigner
from tracker.store.core.engine import Database
from tracker.store.documents.places import same_place
from tracker.store.models import AuditEntry, Document, Edition, Jurisdiction, Measure, PlanAnswer, PlanReading, Source
from tracker.web.documents import readings

ClientFor = Callable[[str], FlaskClient]

OTHER = """某市优化服务若干措施

某政发〔2026〕9号

一、提高效率

1.推行首问负责，2026年9月底前全部窗口落实。（责任单位：市财政局）

2.对咨询事项，自收到之日起2个工作日内答复。（责任单位：市教育局）

二、改进作风

1.每季度公布办理情况。（责任单位：市工信局、市财政局）
"""
# The world's document with a word changed in one of its six measures.
NEARLY = TEXT.replace("加强宣传解读", "加强政策宣传和解读") + "\n"


@pytest.fixture
def rows(database: Database, world: World) -> Callable[[type], int]:
    """Count the rows of a table as committed so far."""

    def counted(model: type) -> int:
        with database.read() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    return counted


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.read() as opened:
        yield opened


def upload(client: FlaskClient, data: bytes | None = None, name: str = "a.txt", **more: str) -> TestResponse:
    page = read(client, "/sources/new")
    fields: dict[str, Any] = {"csrf_token": token_in(page), "paste": "", "title": "", **more}
    if data is not None:
        fields["file"] = FileStorage(io.BytesIO(data), name)
    boundary, body = encode_multipart(fields)
    return client.post("/sources/new", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def text_of(answer: TestResponse) -> str:
    return words(answer.get_data(as_text=True))


def start(client: FlaskClient, source_id: int, ordinal: int = 1, **more: str) -> TestResponse:
    page = read(client, f"/sources/{source_id}")
    return client.post(f"/sources/{source_id}/plans/{ordinal}", data={"csrf_token": token_in(page), **more})


@pytest.mark.usefixtures("read_apart")
def test_an_uploaded_file_is_kept_and_read(app: Flask, world: World, client_for: ClientFor, session: Session) -> None:
    answer = upload(client_for("supervisor"), OTHER.encode(), "措施.txt")
    source = session.scalars(select(Source).order_by(Source.id.desc())).first()
    assert source is not None
    assert answer.location == f"/sources/{source.id}"
    assert (source.filename, source.encoding, source.pasted) == ("措施.txt", "utf-8", False)
    assert session.scalars(select(Source.text).where(Source.id == source.id)).one() == OTHER
    assert app.extensions["tracker"].files.path(source.sha256).read_bytes() == OTHER.encode()
    plan = session.scalars(select(PlanReading).where(PlanReading.source_id == source.id)).one()
    assert plan.measure_count == 3
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.verb == "source.take_in").order_by(-AuditEntry.id)
    ).first()
    assert entry is not None
    assert entry.actor_id == world.people["supervisor"].id


def test_a_pasted_text_is_read_with_the_browsers_line_ends(
    world: World, client_for: ClientFor, session: Session
) -> None:
    client = client_for("supervisor")
    answer = upload(client, paste=OTHER.replace("\n", "\r\n"), title="优化服务")
    assert answer.status_code == 302
    source = session.scalars(select(Source).order_by(Source.id.desc())).first()
    assert source is not None
    assert (source.filename, source.pasted) == ("优化服务", True)
    assert session.scalars(select(Source.text).where(Source.id == source.id)).one() == OTHER
    assert "某市优化服务若干措施" in read(client, answer.location)


def test_a_file_in_gb18030_is_read(world: World, client_for: ClientFor, session: Session) -> None:
    assert upload(client_for("supervisor"), OTHER.encode("gb18030")).status_code == 302
    source = session.scalars(select(Source).order_by(Source.id.desc())).first()
    assert source is not None
    assert source.encoding == "gb18030"


def test_a_nul_in_a_text_does_not_stop_it(world: World, client_for: ClientFor, session: Session) -> None:
    assert upload(client_for("supervisor"), paste=OTHER.replace("改进作风", "改进\x00作风")).status_code == 302
    text = session.scalars(select(Source.text).order_by(Source.id.desc())).first()
    assert text is not None
    assert "改进作风" in text


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.txt", "文件是空的"),
        (b" \n\t\n", "a.txt", "没有文字内容"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a.txt", "PNG 图片"),
        (b"PK\x03\x04", "a.docx", "已损坏"),
        (b"plain words", "a.doc", "旧版 Word"),
        (OTHER.encode(), "a.key", ".key"),
        ("只是一句话，没有编号。".encode(), "a.txt", "没有读到任何措施"),
        (None, "", "请选择一个文件，或者粘贴正文"),
    ],
)
def test_what_cannot_be_read_is_told_apart(
    client_for: ClientFor, rows: Callable[[type], int], data: bytes | None, name: str, said: str
) -> None:
    before = rows(Source)
    answer = upload(client_for("supervisor"), data, name)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert ("请重新选择文件" in text_of(answer)) is (data is not None)
    assert rows(Source) == before


def test_a_page_hardly_read_is_refused_on_the_upload_page_with_the_title_kept(
    client_for: ClientFor, rows: Callable[[type], int]
) -> None:
    before = rows(Source)
    article = "".join(f"<p>{line}</p>" for line in OTHER.split("\n") * 3)
    page = f"<html><body><p>正在加载</p><div style='visibility:hidden'>{article}</div></body></html>"
    answer = upload(client_for("supervisor"), page.encode(), "措施.html", title="优化服务")
    assert answer.status_code == 422
    said = text_of(answer)
    assert "只读出了约 4 字" in said
    assert "不到五分之一" in said
    assert "粘贴到“或者粘贴正文”一栏" in said
    assert "请重新选择文件" in said
    assert 'value="优化服务"' in answer.get_data(as_text=True)
    assert rows(Source) == before


def test_a_refused_paste_stays_in_the_form(client_for: ClientFor, rows: Callable[[type], int]) -> None:
    before = rows(Source)
    answer = upload(client_for("supervisor"), paste="没有编号的<b>正文</b>。", title="某名称")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "没有编号的&lt;b&gt;正文&lt;/b&gt;。</textarea>" in page
    assert 'value="某名称"' in page
    assert rows(Source) == before


def test_a_file_and_a_paste_at_once_are_not_guessed_at(client_for: ClientFor, rows: Callable[[type], int]) -> None:
    before = rows(Source)
    answer = upload(client_for("supervisor"), OTHER.encode(), paste=OTHER)
    assert answer.status_code == 422
    assert "只能选一种" in text_of(answer)
    assert "推行首问负责" in text_of(answer)
    assert rows(Source) == before


def test_too_long_a_paste_is_refused_and_kept(client_for: ClientFor, rows: Callable[[type], int]) -> None:
    before = rows(Source)
    answer = upload(client_for("supervisor"), paste="字" * (config.MAX_PASTE_BYTES // 3 + 1))
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "超过 2 MB" in page
    assert page.count("字") > config.MAX_PASTE_BYTES // 3
    assert rows(Source) == before


@pytest.mark.parametrize(
    ("size", "status", "said"),
    [(config.MAX_UPLOAD_BYTES + 1, 422, "20 MB"), (config.MAX_CONTENT_LENGTH, 413, "太大")],
)
def test_too_large_a_file_is_refused(
    client_for: ClientFor, rows: Callable[[type], int], size: int, status: int, said: str
) -> None:
    before = rows(Source)
    answer = upload(client_for("supervisor"), b"1" * size)
    assert answer.status_code == status
    assert said in text_of(answer)
    assert rows(Source) == before


def test_the_same_source_is_refused_with_the_way_to_it(
    world: World, client_for: ClientFor, rows: Callable[[type], int]
) -> None:
    client = client_for("supervisor")
    for data in (TEXT.encode(), b"\xef\xbb\xbf" + TEXT.encode(), TEXT.encode("gb18030")):
        before = rows(Source)
        answer = upload(client, data)
        assert answer.status_code == 422
        assert "2026年3月23日上传过" in text_of(answer)
        assert f'href="/sources/{world.source.id}"' in answer.get_data(as_text=True)
        assert rows(Source) == before


def test_one_form_posted_twice_makes_one_source(client_for: ClientFor, rows: Callable[[type], int]) -> None:
    client, before = client_for("supervisor"), rows(Source)
    assert upload(client, OTHER.encode()).status_code == 302
    assert upload(client, OTHER.encode()).status_code == 422
    assert rows(Source) == before + 1


def test_choosing_a_plan_opens_one_draft_however_often_it_is_pressed(
    world: World, client_for: ClientFor, session: Session, rows: Callable[[type], int]
) -> None:
    client, before = client_for("supervisor"), rows(Document)
    source = int(upload(client, OTHER.encode()).location.rsplit("/", 1)[1])
    first, second = start(client, source), start(client, source)
    document = session.scalars(select(Document).order_by(Document.id.desc())).first()
    assert document is not None
    assert first.location == second.location == f"/confirm/{document.id}"
    assert (document.title, document.doc_no) == ("某市优化服务若干措施", "某政发〔2026〕9号")
    assert rows(Document) == before + 1
    keys = session.scalars(
        select(Measure.key).join(Edition, Measure.edition_id == Edition.id).where(Edition.document_id == document.id)
    ).all()
    assert len(keys) == 3
    assert "继续核对" in read(client, f"/sources/{source}")
    assert "某市优化服务若干措施" in read(client, "/sources/")


def test_a_plan_that_nearly_agrees_is_shown_beside_the_one_already_in(
    world: World, client_for: ClientFor, rows: Callable[[type], int]
) -> None:
    client, before = client_for("supervisor"), rows(Document)
    source = int(upload(client, NEARLY.encode()).location.rsplit("/", 1)[1])
    answer = start(client, source)
    assert answer.location == f"/sources/{source}/plans/1/similar"
    page = read(client, answer.location)
    assert world.document.title in page
    assert "相近" in page
    assert page.count("相同") >= 5
    for word in ("同一文件", "新版本", "另一文件"):
        assert word in page
    again = start(client, source, asked="1")
    assert again.status_code == 422
    assert "请选择一种" in text_of(again)
    assert rows(Document) == before


@pytest.mark.parametrize("answer", list(PlanAnswer))
def test_each_answer_about_a_nearly_equal_plan_is_kept(
    world: World, client_for: ClientFor, session: Session, rows: Callable[[type], int], answer: PlanAnswer
) -> None:
    client, before = client_for("supervisor"), rows(Document)
    source = int(upload(client, NEARLY.encode()).location.rsplit("/", 1)[1])
    went = start(client, source, asked="1", answer=answer.value)
    plan = session.scalars(select(PlanReading).where(PlanReading.source_id == source)).one()
    assert (plan.answer, plan.similar_to_id) == (answer, world.document.id)
    assert rows(Document) == before + (answer is PlanAnswer.ANOTHER)
    if answer is PlanAnswer.NEW_EDITION:
        assert went.location == f"/amend/{world.document.id}"
        assert plan.document_id == world.document.id
        assert "版本比对" in read(client, f"/sources/{source}")
    elif answer is PlanAnswer.SAME:
        assert went.location == f"/documents/{world.document.id}"
    else:
        assert went.location == f"/confirm/{plan.document_id}"


def test_only_a_supervisor_of_the_place_sees_its_uploads(
    database: Database, world: World, client_for: ClientFor, rows: Callable[[type], int]
) -> None:
    settle_foreigner(database, world)
    before = rows(Source), rows(Document)
    for login in ("lead", "support", "stranger", "head", "leader", "auditor", "administrator"):
        client = client_for(login)
        for url in ("/sources/", "/sources/new", f"/sources/{world.source.id}"):
            read(client, url, 403)
        token = token_in(read(client, "/password"))
        assert client.post("/sources/new", data={"csrf_token": token, "paste": OTHER}).status_code == 403
        assert client.post(f"/sources/{world.source.id}/plans/1", data={"csrf_token": token}).status_code == 403
    client = client_for("foreigner")
    assert world.source.filename not in read(client, "/sources/")
    for url in (f"/sources/{world.source.id}", f"/sources/{world.source.id}/plans/1/similar"):
        read(client, url, 404)
    token = token_in(read(client, "/password"))
    assert client.post(f"/sources/{world.source.id}/plans/1", data={"csrf_token": token}).status_code == 404
    assert (rows(Source), rows(Document)) == before


def test_a_supervisor_cannot_upload_into_another_place(
    database: Database, world: World, client_for: ClientFor, session: Session
) -> None:
    settle_foreigner(database, world)
    answer = upload(client_for("foreigner"), OTHER.encode(), jurisdiction=str(world.jurisdiction.id))
    source = session.scalars(select(Source).order_by(Source.id.desc())).first()
    assert source is not None
    assert answer.status_code == 302
    assert source.jurisdiction_id != world.jurisdiction.id


def test_a_person_printed_under_two_names_is_shown_and_not_merged(world: World, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    text = (config.ROOT / "seeds" / "documents" / "anshan-policy-compilation.txt").read_text("utf-8")
    page = upload(client, paste=text)
    shown = client.get(page.headers["Location"]).get_data(as_text=True)
    assert "原文可能有笔误" in shown
    assert "殷义勇" in shown
    assert "岐义勇" in shown


# --- 辖区 ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a reading however busy the machine is."""
    monkeypatch.setattr(readings, "PATIENCE_S", 60)


@pytest.mark.usefixtures("patient")
def test_a_document_of_another_place_is_asked_about_where_it_comes_in_and_until_somebody_answers(
    world: World, client_for: ClientFor
) -> None:
    client = client_for("supervisor")
    here = upload(client, OTHER.replace("某市优化", "临江市优化").encode()).location
    warning = "正文像是“临江市”的文件，上传时选的辖区是“某市”"
    assert warning in words(read(client, here))
    confirming = start(client, int(here.rsplit("/", 1)[1])).location
    assert f"{warning}，请确认" in words(read(client, confirming))
    doubts = read(client, f"{confirming}/doubts")
    assert "确属本辖区" in words(doubts)
    form = next(s for s in sheets(doubts) if "doubts" in s.data)
    form.data["answer"] = "nothing"
    client.post(form.action, data=form.data)
    said = words(read(client, confirming))
    assert warning not in said
    assert "已答复 1 处疑问：确属本辖区。" in said
    said = words(read(client, f"{confirming}/doubts"))
    assert "确属本辖区 · " in said
    assert "不需处理" not in said


@pytest.mark.usefixtures("patient")
def test_a_document_of_the_place_it_was_uploaded_for_asks_nothing(world: World, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    here = upload(client, OTHER.encode()).location
    assert "上传时选的辖区" not in words(read(client, here))


@pytest.mark.parametrize(
    ("place", "own", "same"),
    [
        ("鞍山市", "鞍山市", True),
        ("山东省济宁市", "济宁市", True),
        ("城区", "阳泉市城区", True),
        ("广西", "广西壮族自治区", True),
        ("天河县", "天河区", True),
        ("鞍山市", "济宁市", False),
        ("鞍山市铁东区", "鞍山市", False),
        ("阳泉市", "阳泉市城区", False),
        ("全国", "鞍山市", False),
    ],
)
def test_two_names_of_one_place_are_told_from_those_of_two(place: str, own: str, same: bool) -> None:
    assert same_place(place, own) is same


@pytest.mark.usefixtures("patient")
def test_a_text_that_names_no_place_in_its_head_is_of_the_one_known_that_it_names(
    world: World, database: Database, client_for: ClientFor
) -> None:
    with database.write() as session:
        session.add(Jurisdiction(code="990200", name="临江市", level="city"))
        session.commit()
    bare = OTHER.replace("某市优化", "优化").replace("（责任单位：市财政局）", "（责任单位：临江银保监分局）")
    here = upload(client_for("supervisor"), bare.encode()).location
    assert "正文像是“临江市”的文件" in words(read(client_for("supervisor"), here))
