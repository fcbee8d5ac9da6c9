"""The pages on which a draft is cut anew and its doubts are answered: every role, two tabs, and each way back."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit import amended
from tests.kit.browser import sheets
from tests.kit.pages import read, words
from tests.kit.world import NOW, TEXT, World, token_in
from tests.services.documents.test_confirmation import another, edition_of
from tests.services.documents.test_cutting import at, boss, keys, stretch
from tests.services.documents.test_doubts import doubt, three_limits
from tracker.reading.outline.markers import STYLES
from tracker.reading.outline.styles import NumberStyle
from tracker.reading.plan import DoubtKind
from tracker.services.core.act import begin
from tracker.services.documents import confirmation
from tracker.services.documents.recut.cutting import join_measures
from tracker.store.core.engine import Database
from tracker.store.documents.recuts import steps_of
from tracker.store.models import DoubtAnswer, EditionDoubt, Measure

ClientFor = Callable[[str], FlaskClient]

DOUBTS = [
    doubt(DoubtKind.SUSPECT, "一、清理账款"),
    {**doubt(DoubtKind.GAP, "3.每月25日"), "seen": "1 之后是 3"},
    {**doubt(DoubtKind.GAP, "5.加强"), "seen": "1 之后是 3"},
    doubt(DoubtKind.UNSURE_UNIT, "市住建局", "一.4"),
]
OUTLINE = [
    {"style": "han", "key": "一", "depth": 0, "head": [at("一、清理账款"), at("一、清理账款") + 6],
     "span": [at("一、清理账款"), len(TEXT)], "is_measure": False},
    *(
        {"style": "arabic", "key": f"一.{n}", "depth": 1, "head": [at(f"\n{n}.") + 1, at(f"\n{n}.") + 8],
         "span": [at(f"\n{n}.") + 1, at(f"\n{n}.") + 30], "is_measure": True}
        for n in range(1, 7)
    ),
]  # fmt: skip


class Pages:
    """A draft of our own with what its reading doubts, and what has been committed of it."""

    def __init__(self, database: Database, world: World) -> None:
        self.database, self.world = database, world
        with database.write() as session:
            made = another(session, world, lambda p: p.update(questions=DOUBTS, outline=OUTLINE))
            session.commit()
            self.id = made.id
            self.document = made

    def edition(self, session: Session) -> Any:
        return edition_of(session, self.world, self.document)

    def keys(self) -> list[str]:
        with self.database.read() as session:
            return keys(self.edition(session))

    def measure(self, key: str) -> int:
        with self.database.read() as session:
            return int(next(m.id for m in self.edition(session).measures if m.key == key))

    def answers(self) -> list[DoubtAnswer | None]:
        with self.database.read() as session:
            query = select(EditionDoubt).where(EditionDoubt.edition_id == self.edition(session).id)
            return [d.answer for d in session.scalars(query.order_by(EditionDoubt.ordinal))]

    def url(self, rest: str = "") -> str:
        return f"/confirm/{self.id}{rest}"


@pytest.fixture
def pages(database: Database, draft: World) -> Pages:
    return Pages(database, draft)


def send(client: FlaskClient, form: Any, **changes: Any) -> Any:
    for name, value in changes.items():
        form.data.setlist(name, value if isinstance(value, list) else [value])
    return client.post(form.action, data=form.data)


# --- 疑问 ------------------------------------------------------------------------------------------------------------


def test_the_page_of_doubts_asks_like_ones_once_and_says_why(pages: Pages, client_for: ClientFor) -> None:
    said = words(read(client_for("supervisor"), pages.url("/doubts")))
    assert said.count("1 之后是 3") == 1
    assert "相同的 2 处，一并答复" in said
    assert DoubtKind.GAP.why in said
    assert DoubtKind.SUSPECT.label in said
    assert "在措施上的疑问" in said
    assert "4 处" not in said
    assert "疑问 4" in said


def test_one_press_answers_like_doubts_and_another_takes_it_back(pages: Pages, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    page = read(client, pages.url("/doubts"))
    form = next(s for s in sheets(page) if len(s.data.getlist("doubts")) == 2)
    answer = send(client, form, answer="nothing")
    assert answer.status_code == 302
    assert pages.answers().count(DoubtAnswer.NOTHING) == 2
    page = read(client, pages.url("/doubts"))
    assert "已答复 2 处疑问：不需处理。" in words(page)
    again = sheet_of(page, "/doubts/again")
    assert send(client, again).status_code == 302
    assert pages.answers().count(DoubtAnswer.NOTHING) == 1


def test_a_passage_that_needs_nothing_stands_answered_in_the_whole_text(pages: Pages, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    form = next(s for s in sheets(read(client, pages.url("/doubts"))) if len(s.data.getlist("doubts")) == 1)
    send(client, form, answer="nothing")
    assert pages.answers()[0] is DoubtAnswer.NOTHING
    page = read(client, pages.url("/text"))
    said = words(page)
    assert "另有 1 段已答复“不需处理”" in said
    assert "已答复：不需处理 · supervisor同志 今日 10:00 · 作为措施" in said
    heading = html.fromstring(page).xpath("//p[contains(., '一、清理账款') and @id]")[0]
    assert heading.get("class") == "aside"
    assert "似乎写有职责或时限" not in said


def test_three_limits_for_one_thing_are_laid_side_by_side_and_any_of_them_is_kept(
    database: Database, draft: World, client_for: ClientFor
) -> None:
    with database.write() as session:
        number = another(session, draft, three_limits).id
        session.commit()
    client, url = client_for("supervisor"), f"/confirm/{number}/doubts"
    page = html.fromstring(read(client, url))
    boxes = page.xpath("//div[@class='two-limits']/div")
    assert [box.xpath("string(.//p[@class='quote'])") for box in boxes] == ["自正式受理之日起", "3个工作日", "内转办"]
    said = [words(html.tostring(box, encoding="unicode")) for box in boxes]
    assert [amount in one for amount, one in zip(("3个工作日", "10个工作日", "30个工作日"), said, strict=True)] == [
        True
    ] * 3
    form = next(s for s in sheets(read(client, url)) if "kept" in s.data)
    refused = send(client, form, answer="both", kept=[])
    assert "请勾选要保留的时限，至少一个。" in words(client.get(refused.location).text)
    assert send(client, form, answer="both", kept=["1", "3"]).status_code == 302
    said = words(read(client, url))
    assert "已答复：取第一、第三个。" in said
    assert "取第一、第三个 · " in said


def sheet_of(page: str, part: str) -> Any:
    return next(s for s in sheets(page) if s.action.endswith(part))


def test_two_tabs_answer_one_doubt_once(pages: Pages, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    page = read(client, pages.url("/doubts"))
    form = next(s for s in sheets(page) if len(s.data.getlist("doubts")) == 2)
    other = client_for("supervisor2")
    theirs = next(s for s in sheets(read(other, pages.url("/doubts"))) if len(s.data.getlist("doubts")) == 2)
    assert send(other, theirs, answer="nothing").status_code == 302
    assert send(client, form, answer="nothing").status_code == 409


def test_publication_names_what_is_doubted(pages: Pages, client_for: ClientFor) -> None:
    said = words(read(client_for("supervisor"), pages.url("/publish")))
    assert "3 处疑问等您答复" in said
    assert "1 项措施有疑问，要逐项看过" in said


def test_a_measure_with_a_doubt_is_not_counted_as_clear(pages: Pages, client_for: ClientFor) -> None:
    page = read(client_for("supervisor"), pages.url())
    assert "全部确认无疑问的（4）" in words(page)
    assert "责任单位没有把握：“市住建局”" in words(page)


# --- 拆分、合并、移出 -------------------------------------------------------------------------------------------------


def cut_page(pages: Pages, client: FlaskClient, key: str) -> str:
    return read(client, pages.url(f"/measures/{pages.measure(key)}/cut"))


def test_a_measure_is_split_at_a_sentence_and_put_back(pages: Pages, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    with pages.database.write() as session:  # to have two sentences
        edition = pages.edition(session)
        join_measures(boss(pages.world, session), edition, edition.measures[0], edition.measures[1])
        session.commit()
    page = cut_page(pages, client, "一.1")
    form = sheet_of(page, "/split")
    (second,) = [value for name, value in form.boxes if name == "cut"]
    answer = send(client, form, cut=second)
    assert answer.status_code == 302
    assert pages.keys() == ["一.1", "一.1#2", "一.3", "一.4", "一.5", "一.6"]
    page = read(client, answer.location.split("#")[0])
    assert "上一步：把 一.1 拆成 2 项：一.1、一.1#2" in words(page)
    back = read(client, pages.url("/undo"))
    assert "再往前" in back
    answer = send(client, _undo(pages, back))
    assert answer.location.endswith("/undo")
    answer = send(client, _undo(pages, read(client, answer.location)))
    assert answer.location.endswith(pages.url())
    assert pages.keys() == ["一.1", "一.2", "一.3", "一.4", "一.5", "一.6"]
    assert "没有可以撤销的了" in read(client, pages.url("/undo"))


def _undo(pages: Pages, page: str) -> Any:
    found = next(s for s in sheets(page) if "step" in s.data)
    found.action = pages.url("/undo")
    return found


def test_a_split_without_a_sentence_is_refused_beside_the_choice(pages: Pages, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    with pages.database.write() as session:
        edition = pages.edition(session)
        join_measures(boss(pages.world, session), edition, edition.measures[0], edition.measures[1])
        session.commit()
    answer = send(client, sheet_of(cut_page(pages, client, "一.1"), "/split"))
    assert answer.status_code == 422
    assert "请选择从哪一句起另立一项。" in answer.get_data(as_text=True)


def test_neighbours_are_joined_with_one_press(pages: Pages, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    page = cut_page(pages, client, "一.3")
    below = [s for s in sheets(page) if s.action.endswith("/join")][1]
    assert send(client, below).status_code == 302
    assert pages.keys() == ["一.1", "一.2", "一.3", "一.5", "一.6"]


def test_what_is_taken_out_stands_in_the_whole_text_with_its_reason(pages: Pages, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    form = sheet_of(cut_page(pages, client, "一.5"), "/out")
    assert send(client, form).status_code == 422
    form = sheet_of(cut_page(pages, client, "一.5"), "/out")
    assert send(client, form, why="只是宣示").status_code == 302
    assert pages.keys() == ["一.1", "一.2", "一.3", "一.4", "一.6"]
    said = words(read(client, pages.url("/text")))
    assert "已移出：只是宣示" in said


def test_two_tabs_cut_one_draft_once(pages: Pages, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    form = sheet_of(cut_page(pages, client, "一.5"), "/out")
    other = client_for("supervisor2")
    assert send(other, sheet_of(cut_page(pages, other, "一.3"), "/out"), why="说明").status_code == 302
    answer = send(client, form, why="说明")
    assert answer.status_code == 409
    assert "移出 一.3" in answer.get_data(as_text=True)


def test_a_measure_taken_out_meanwhile_is_not_found(pages: Pages, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    gone = pages.measure("一.5")
    form = sheet_of(cut_page(pages, client, "一.5"), "/out")
    send(client, form, why="说明")
    read(client, pages.url(f"/measures/{gone}/cut"), 404)
    read(client, pages.url(f"?m={gone}"), 404)


# --- 新增 ------------------------------------------------------------------------------------------------------------


def test_words_of_no_measure_become_one_by_first_and_last_sentence(pages: Pages, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    page = read(client, pages.url("/text"))
    assert 'data-pick="' in page
    span = stretch("一、清理账款")
    shown = read(client, pages.url(f"/add?first={span.start}&last={span.end}"))
    form = next(s for s in sheets(shown) if "version" in s.data)
    form.action = pages.url("/add")
    assert send(client, form).status_code == 302
    assert pages.keys()[0] == "一"  # its number in the outline
    assert pages.answers()[0] is DoubtAnswer.ADDED


def test_a_selection_is_widened_to_whole_sentences_and_read_before_it_is_added(
    pages: Pages, client_for: ClientFor
) -> None:
    client = client_for("supervisor")
    middle = at("清理账款")
    page = words(read(client, pages.url(f"/add?first={middle + 1}&last={middle + 3}")))
    assert "读成什么" in page
    assert "没有读到，核对时添加" in page
    across = words(read(client, pages.url(f"/add?first={at('市财政局公布')}&last={at('发包人应') + 3}")))
    assert "所选文字有一部分已在措施 一.3、一.4 中" in across


@pytest.mark.parametrize("query", ["", "?first=x&last=y", "?first=999999&last=3", "?first=-5", "?last=2147483647"])
def test_any_place_can_be_asked_for(pages: Pages, client_for: ClientFor, query: str) -> None:
    read(client_for("supervisor"), pages.url(f"/add{query}"))


def test_the_text_of_every_block_is_the_stored_text_from_its_place_on(pages: Pages, client_for: ClientFor) -> None:
    """What a browser counts from a block's beginning is counted in the stored text."""
    tree = html.document_fromstring(read(client_for("supervisor"), pages.url("/text")))
    flows = tree.xpath("//span[@data-start]")
    assert len(flows) > 6
    for flow in flows:
        start, said = int(flow.get("data-start")), flow.text_content()
        assert TEXT[start : start + len(said)] == said


# --- 按哪一级拆分 -----------------------------------------------------------------------------------------------------


def test_the_styles_offered_are_those_the_reading_knows() -> None:
    assert [style.value for style in NumberStyle] == list(STYLES)


def test_a_level_says_what_it_would_give_and_which_confirmed_ones_stay(pages: Pages, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    with pages.database.write() as session:
        confirmation.confirm_clear(begin(session, pages.world.actor("supervisor"), NOW), pages.edition(session))
        session.commit()
    home = read(client, pages.url())
    assert "按“一、”拆分（1 处）" in home
    assert "按“1.”拆分（6 处）　现在" in home
    page = read(client, pages.url("/level?level=han"))
    assert "6 项 → 1 项" in words(page)
    assert "已核对的 4 项要重新核对：一.1、一.2、一.3、一.6" in words(page)
    same = words(read(client, pages.url("/level?level=arabic")))
    assert "现在就是这样拆分的，没有变化。" in same


def level_form(page: str) -> Any:
    found = next(s for s in sheets(page) if "promised" in s.data)
    return found


def test_a_draft_is_cut_at_another_level_and_put_back(pages: Pages, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    answer = send(client, level_form(read(client, pages.url("/level?level=han"))))
    assert answer.status_code == 302
    assert pages.keys() == ["一"]
    page = read(client, pages.url("/level?level=arabic"))
    assert send(client, level_form(page)).status_code == 302
    assert pages.keys() == ["1", "2", "3", "4", "5", "6"]  # as the reading numbers a document of one section
    for _ in range(2):
        send(client, _undo(pages, read(client, pages.url("/undo"))))
    with pages.database.read() as session:
        edition = pages.edition(session)
        assert steps_of(session, edition.id) == []
        assert keys(edition) == ["一.1", "一.2", "一.3", "一.4", "一.5", "一.6"]


def test_what_changed_since_the_result_was_shown_is_shown_again(pages: Pages, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    form = level_form(read(client, pages.url("/level?level=han")))
    with pages.database.write() as session:
        measure = pages.edition(session).measures[0]
        measure.title = "另一个标题"
        session.commit()
    answer = send(client, form)
    assert answer.status_code == 422
    assert "打开这一页之后，措施有变化" in answer.get_data(as_text=True)
    assert len(pages.keys()) == 6


def test_what_a_person_said_to_be_no_measure_is_none_at_another_level(pages: Pages, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    send(client, sheet_of(cut_page(pages, client, "一.5"), "/out"), why="只是宣示")
    page = words(read(client, pages.url("/level?level=arabic")))
    assert "现在就是这样拆分的，没有变化。" in page


@pytest.mark.parametrize("query", ["?level=nothing", "?level=han&branch=x", "?level=circled&branch=0-5", "?branch=9-1"])
def test_any_level_of_any_branch_can_be_asked_for(pages: Pages, client_for: ClientFor, query: str) -> None:
    read(client_for("supervisor"), pages.url(f"/level{query}"))


# --- who -------------------------------------------------------------------------------------------------------------

GETS = ("/doubts", "/measures/{m}/cut", "/add", "/undo", "/level")
POSTS = (
    "/doubts", "/doubts/again", "/measures/{m}/split", "/measures/{m}/join", "/measures/{m}/out", "/add", "/undo",
    "/level",
)  # fmt: skip


@pytest.mark.parametrize("who", ["lead", "support", "stranger", "leader", "administrator"])
def test_nobody_but_a_supervisor_finds_these_pages(pages: Pages, client_for: ClientFor, who: str) -> None:
    client, m = client_for(who), pages.measure("一.1")
    token = {"csrf_token": token_in(read(client, "/password"))}
    statuses = {client.get(pages.url(url.format(m=m))).status_code for url in GETS}
    statuses |= {client.post(pages.url(url.format(m=m)), data=token).status_code for url in POSTS}
    assert statuses <= {403, 404, 422}
    assert len(pages.keys()) == 6


def test_a_new_edition_is_not_cut(pages: Pages, client_for: ClientFor, database: Database) -> None:
    with database.write() as session:
        second = amended.publish_first(session, pages.world)
        amended.open_second(session, pages.world, second.id)
        session.commit()
        document_id = second.id
    client = client_for("supervisor")
    home = read(client, f"/confirm/{document_id}")
    assert "拆得太粗或太细" not in home
    with database.read() as session:
        measure = session.scalars(select(Measure).where(Measure.edition_id.is_not(None)).order_by(-Measure.id)).first()
        assert measure is not None
    for way in (f"measures/{measure.id}/cut", "add", "level?level=han"):
        answer = client.get(f"/confirm/{document_id}/{way}")
        assert answer.location == f"/confirm/{document_id}"
    posted = {"csrf_token": token_in(home), "version": 1, "measure_version": 1, "why": "说明"}
    answer = client.post(f"/confirm/{document_id}/measures/{measure.id}/out", data=posted)
    assert answer.status_code == 422
    assert "不能在这里拆分、合并" in answer.get_data(as_text=True)


def test_an_address_tells_first_and_last(pages: Pages, client_for: ClientFor) -> None:
    page = read(client_for("supervisor"), pages.url("/doubts"))
    tree = html.document_fromstring(page)
    (link,) = tree.xpath("//a[contains(text(), '作为措施')]/@href")
    asked = parse_qs(urlsplit(link).query)
    assert (int(asked["first"][0]), int(asked["last"][0])) == (at("一、清理账款"), at("一、清理账款") + 6)
