"""Confirmation: one form a measure, answers for the whole document, and publication asked first."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, selectinload

from tests.conftest import Clock
from tests.kit.browser import Sheet, sheet
from tests.kit.pages import hidden, post, read, words
from tests.kit.world import NOW, World, token_in
from tracker.clock.rules import CountUnit, Kind
from tracker.reading.plan import NameKind, Role
from tracker.services.core.act import begin
from tracker.services.documents import answers, confirmation
from tracker.store.core.engine import Database
from tracker.store.documents.drafts import working_edition
from tracker.store.models import (
    Alias,
    Assignment,
    AuditEntry,
    DeadlineRule,
    Document,
    DocumentState,
    Duty,
    Item,
    Measure,
    Milestone,
    PastAnswer,
    RuleBinding,
    Task,
)

ClientFor = Callable[[str], FlaskClient]
LATE = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)


class Rows:
    """What has been committed so far: every question is asked in a transaction of its own."""

    def __init__(self, session: Session, world: World) -> None:
        self.session, self.world = session, world

    def scalars(self, query: Select[Any]) -> Any:
        self.session.rollback()
        return self.session.scalars(query.execution_options(populate_existing=True))

    def count(self, model: type) -> int:
        return self.scalars(select(func.count()).select_from(model)).one()

    def measure(self, key: str) -> Measure:
        found: Measure = self.scalars(
            select(Measure)
            .where(Measure.key == key)
            .options(
                selectinload(Measure.items).options(
                    selectinload(Item.assignments).selectinload(Assignment.chosen),
                    selectinload(Item.rules).selectinload(DeadlineRule.bindings),
                )
            )
        ).one()
        return found

    def document(self) -> Document:
        found: Document = self.scalars(select(Document).where(Document.id == self.world.document.id)).one()
        return found

    def last(self, verb: str) -> AuditEntry:
        found: AuditEntry = self.scalars(
            select(AuditEntry).where(AuditEntry.verb == verb).order_by(AuditEntry.id.desc()).limit(1)
        ).one()
        return found


@pytest.fixture
def rows(database: Database, draft: World) -> Iterator[Rows]:
    with database.read() as session:
        yield Rows(session, draft)


@pytest.fixture
def change(database: Database) -> Iterator[Session]:
    """A writing session of the test's own, to bring rows into a state."""
    with database.write() as session:
        yield session


def home(world: World) -> str:
    return f"/confirm/{world.document.id}"


def form_of(client: FlaskClient, rows: Rows, key: str) -> Sheet:
    """Open a measure and return its form as it would be sent."""
    page = read(client, f"{home(rows.world)}?m={rows.measure(key).id}")
    return sheet(page, "here")


def send(client: FlaskClient, form: Sheet, **changes: Any) -> Any:
    for name, value in changes.items():
        form.data.setlist(name.replace("_0_", "-0-"), value if isinstance(value, list) else [value])
    return client.post(form.action, data=form.data)


def make_unknown(change: Session, printed: str, *keys: str) -> None:
    """Let the first name of measures be one the registry does not know."""
    for key in keys:
        row = change.scalars(
            select(Assignment).join(Item).join(Measure).where(Measure.key == key).order_by(Assignment.id)
        ).first()
        assert row is not None
        row.printed, row.unit_id, row.group_id, row.kind = printed, None, None, NameKind.UNIT
    change.commit()


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_text_beside_the_reading(draft: World, client_for: ClientFor, rows: Rows) -> None:
    page = read(client_for("supervisor"), f"{home(draft)}?m={rows.measure('一.2').id}")
    assert '<mark class="deadline">自正式受理之日起3个工作日内</mark>' in page
    assert '<mark class="unit">市减负办</mark>' in page
    said = words(page)
    assert "6 项措施" in said
    assert "已核对 0 / 6" in said
    assert "把握 高" in said
    assert "试算：今天正式受理 → 3月26日 周四" in said
    assert "为什么是这一天" in said
    assert "各县区政府 → 2 个" in said
    assert "一.5 “各有关部门”未指明单位" in said
    assert "disabled>发布（还有 1 处待定、6 项待核对）" in page
    assert "全文 · 覆盖" in said


KEYS = ("一.1", "一.2", "一.3", "一.4", "一.5")


@pytest.mark.parametrize("key", KEYS)
def test_going_on_without_a_change_saves_nothing_and_asks_nothing(
    draft: World, client_for: ClientFor, rows: Rows, key: str
) -> None:
    client = client_for("supervisor")
    form = form_of(client, rows, key)
    answer = send(client, form, go="after")
    assert answer.status_code == 302, words(answer.get_data(as_text=True))
    assert f"m={rows.measure(key).id}#" not in answer.location
    assert rows.measure(key).confirmed_at is None


@pytest.mark.parametrize("way", ["before", "after"])
def test_a_changed_title_survives_going_on(draft: World, client_for: ClientFor, rows: Rows, way: str) -> None:
    client = client_for("supervisor")
    page = read(client, f"{home(draft)}?m={rows.measure('一.2').id}")
    assert f'name="go" value="{way}"' in page
    answer = send(client, form_of(client, rows, "一.2"), title="改过的标题", go=way)
    said = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "改过的标题" in sheet(said, "here").data["title"]
    assert "还没有保存" in said
    assert "放弃改动" in said
    assert rows.measure("一.2").title != "改过的标题"
    kept = send(client, sheet(said, "here"))
    assert kept.status_code == 302
    assert rows.measure("一.2").title == "改过的标题"


def test_users_text_is_escaped(draft: World, client_for: ClientFor, rows: Rows, change: Session) -> None:
    change.get_one(Measure, rows.measure("一.1").id).title = "<script>alert(1)</script>"
    change.commit()
    page = read(client_for("supervisor"), home(draft))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_whole_text_lists_what_is_no_measure(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    edition = working_edition(change, draft.document.id, with_reading=True)
    reading = dict(edition.plan_reading.reading)
    reading["unassigned"] = [
        {"span": [0, 12], "reason": "引言", "suspect": False},
        {"span": [14, 25], "reason": "没有编号", "suspect": True},
    ]
    edition.plan_reading.reading = reading
    change.commit()
    page = read(client_for("supervisor"), f"{home(draft)}/text")
    assert "不是措施：引言" in page
    assert "似乎写有职责或时限，但没有归入任何措施：没有编号" in page
    assert "其中 1 段似乎写有职责或时限" in page
    at_hand = read(client_for("supervisor"), home(draft))
    assert "有 1 段文字似乎写有职责或时限，但没有归入任何措施" in at_hand, "listed where measures are confirmed, too"
    assert f'href="{home(draft)}/text#o14"' in at_hand
    assert "（没有编号）" in at_hand
    assert 'id="o14"' in page


# --- one measure -----------------------------------------------------------------------------------------------------


def test_confirming_a_measure_goes_on_to_the_next(draft: World, client_for: ClientFor, rows: Rows) -> None:
    client, before = client_for("supervisor"), rows.measure("一.1").version
    answer = send(client, form_of(client, rows, "一.1"))
    assert answer.location == f"{home(draft)}?after=1#here"
    measure = rows.measure("一.1")
    assert measure.confirmed_by_id == draft.people["supervisor"].id
    assert measure.confirmed_at == NOW
    assert measure.version > before
    assert [(a.printed, a.role, a.unit_id) for a in measure.items[0].assignments] == [
        ("市工信局", Role.LEAD, draft.units["gxj"].id),
        ("市财政局", Role.SUPPORT, draft.units["czj"].id),
    ]
    rule = measure.items[0].rules[0]
    assert (rule.kind, rule.due_on, rule.act) == (Kind.ABSOLUTE, date(2026, 6, 30), "完成清欠")
    assert [b.assignment_id for b in rule.bindings] == [measure.items[0].assignments[0].id]
    entry = rows.last("measure.confirm")
    assert (entry.subject_id, entry.actor_id) == (measure.id, draft.people["supervisor"].id)
    page = read(client, answer.location)
    assert sheet(page, "here").action.startswith(f"{home(draft)}/measures/{rows.measure('一.2').id}")
    assert "supervisor同志 今日 10:00 核对" in page


@pytest.mark.parametrize("key", ["一.1", "一.2", "一.3", "一.4", "一.6"])
def test_a_form_sent_as_it_stands_changes_nothing(client_for: ClientFor, rows: Rows, key: str) -> None:
    before = confirmation.snapshot(rows.measure(key))
    bound = [[b.assignment_id for b in r.bindings] for i in rows.measure(key).items for r in i.rules]
    client = client_for("supervisor")
    assert send(client, form_of(client, rows, key)).status_code == 302
    assert confirmation.snapshot(rows.measure(key)) == before
    assert [[b.assignment_id for b in r.bindings] for i in rows.measure(key).items for r in i.rules] == bound


def test_title_roles_and_units_are_corrected(draft: World, client_for: ClientFor, rows: Rows) -> None:
    client = client_for("supervisor")
    form = form_of(client, rows, "一.2")
    form.data["title"] = "转办投诉线索"
    form.data["items-0-names-0-role"] = "lead"
    form.data["items-0-names-1-remove"] = "y"
    form.data["items-0-names-3-means"] = f"u{draft.units['jyj'].id}"
    form.data["items-0-names-3-role"] = "lead"
    assert send(client, form).status_code == 302
    measure = rows.measure("一.2")
    assert measure.title == "转办投诉线索"
    held = measure.items[0].assignments
    assert [(a.printed, a.role) for a in held] == [
        ("市减负办", Role.LEAD),
        ("各县区政府", Role.RESPONSIBLE),
        ("市教育局", Role.LEAD),
    ]
    bound = {b.assignment_id for b in measure.items[0].rules[0].bindings}
    assert bound == {a.id for a in held}, "a unit added where all others are bound is bound as they are"
    assert (
        rows.last("measure.confirm").before["items"][0]["names"]
        != rows.last("measure.confirm").after["items"][0]["names"]
    )


def test_whom_a_limit_binds_is_chosen(client_for: ClientFor, rows: Rows) -> None:
    client = client_for("supervisor")
    form = form_of(client, rows, "一.2")
    assert form.data.getlist("items-0-rules-0-bound") == ["0", "1", "2"]
    assert send(client, form, **{"items-0-rules-0-bound": ["0"]}).status_code == 302
    measure = rows.measure("一.2")
    assert [b.assignment_id for b in measure.items[0].rules[0].bindings] == [measure.items[0].assignments[0].id]


def test_a_limit_that_binds_nobody_is_asked_about(client_for: ClientFor, rows: Rows) -> None:
    client = client_for("supervisor")
    form = form_of(client, rows, "一.2")
    form.data["title"] = "留着的标题"
    answer = send(client, form, **{"items-0-rules-0-bound": []})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "未指明约束哪个单位" in page
    assert "留着的标题</textarea>" in page
    assert rows.measure("一.2").confirmed_at is None


def test_a_collective_name_is_answered_by_chosen_units(draft: World, client_for: ClientFor, rows: Rows) -> None:
    client = client_for("supervisor")
    refused = send(client, form_of(client, rows, "一.5"))
    assert refused.status_code == 422
    assert "“各有关部门”未指明单位" in refused.get_data(as_text=True)
    form = form_of(client, rows, "一.5")
    form.data["items-0-names-0-means"] = "some"
    empty = send(client, form)
    assert empty.status_code == 422
    assert "请勾选承办的单位" in empty.get_data(as_text=True)
    wanted = [str(draft.units[c].id) for c in ("czj", "jyj")]
    assert send(client, form, **{"items-0-names-0-chosen": wanted}).status_code == 302
    row = rows.measure("一.5").items[0].assignments[0]
    assert sorted(c.unit_id for c in row.chosen) == sorted(int(i) for i in wanted)


def test_a_collective_name_may_be_left_out(client_for: ClientFor, rows: Rows) -> None:
    client = client_for("supervisor")
    form = form_of(client, rows, "一.5")
    form.data["items-0-names-0-means"] = "left"
    assert send(client, form).status_code == 302
    assert rows.measure("一.5").items[0].assignments[0].left_out


def test_a_measure_that_is_no_task_needs_no_answers(client_for: ClientFor, rows: Rows) -> None:
    client = client_for("supervisor")
    form = form_of(client, rows, "一.5")
    form.data["not_task"] = "y"
    assert send(client, form).status_code == 302
    assert rows.measure("一.5").is_task is False
    assert rows.measure("一.5").confirmed_at == NOW


def test_limits_are_corrected_added_and_removed(client_for: ClientFor, rows: Rows) -> None:
    client = client_for("supervisor")
    form = form_of(client, rows, "一.2")
    form.data["items-0-rules-0-amount"] = "5"
    form.data["items-0-rules-0-unit"] = "day"
    form.data["items-0-rules-1-kind"] = "recurring"
    form.data["items-0-rules-1-rhythm"] = "month"
    form.data["items-0-rules-1-day"] = "25"
    assert send(client, form).status_code == 302
    first, second = rows.measure("一.2").items[0].rules
    assert (first.amount, first.unit, first.set_by_id) == (5, CountUnit.DAY, None)
    assert (second.kind, second.rrule) == (Kind.RECURRING, "FREQ=MONTHLY;BYMONTHDAY=25")
    assert second.set_by_id == rows.world.people["supervisor"].id
    assert len(second.bindings) == 3
    form = form_of(client, rows, "一.2")
    form.data["items-0-rules-1-remove"] = "y"
    form.data["items-0-rules-2-kind"] = "absolute"
    form.data["items-0-rules-2-due_on"] = "2026-12-31"
    assert send(client, form).status_code == 302
    _, dated = rows.measure("一.2").items[0].rules
    assert (dated.kind, dated.due_on) == (Kind.ABSOLUTE, date(2026, 12, 31))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "absolute"}, "请填写日期"),
        ({"kind": "absolute", "due_on": "31.12."}, "2026-03-23 的样子"),
        ({"kind": "relative", "amount": "3"}, "请填写数量并选择单位"),
        ({"kind": "relative", "amount": "三", "unit": "day"}, "不是有效的整数"),
        ({"kind": "recurring"}, "请选择周期"),
        ({"kind": "recurring", "rhythm": "week", "day": "25"}, "这个周期不能指定这一天"),
        ({"kind": "weekly"}, "请选择时限类型"),
    ],
)
def test_a_limit_that_cannot_be_counted_is_refused_with_what_was_typed(
    client_for: ClientFor, rows: Rows, fields: dict[str, str], said: str
) -> None:
    client = client_for("supervisor")
    form = form_of(client, rows, "一.2")
    form.data["items-0-rules-1-act"] = "说过的话"
    answer = send(client, form, **{f"items-0-rules-1-{k}": v for k, v in fields.items()})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert 'value="说过的话"' in page
    assert rows.measure("一.2").confirmed_at is None
    assert len(rows.measure("一.2").items[0].rules) == 1


def test_a_printed_day_is_counted_as_a_workday_where_a_law_says_so(
    draft: World, client_for: ClientFor, rows: Rows
) -> None:
    client = client_for("supervisor")
    form = form_of(client, rows, "一.2")
    assert form.data["items-0-rules-0-counts_as"] == ""
    by_law = {"amount": "15", "unit": "day", "counts_as": "行政处罚法第八十五条"}
    refused = send(client, form, **{f"items-0-rules-0-{k}": v for k, v in by_law.items()})
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "15日请按自然日计算" in page
    assert sheet(page, "here").data["items-0-rules-0-counts_as"] == "行政处罚法第八十五条"
    assert send(client, form, **{"items-0-rules-0-counts_as": "行政许可法第八十二条"}).status_code == 302
    rule = rows.measure("一.2").items[0].rules[0]
    assert (rule.amount, rule.counts_as_workday, rule.article) == (15, True, "行政许可法第八十二条")
    page = read(client, f"{home(draft)}?m={rows.measure('一.2').id}")
    assert "15日内（按工作日计）" in page
    assert sheet(page, "here").data["items-0-rules-0-counts_as"] == "行政许可法第八十二条"


def test_an_article_the_document_names_is_offered_and_kept(client_for: ClientFor, rows: Rows, change: Session) -> None:
    rule = change.get_one(DeadlineRule, rows.measure("一.2").items[0].rules[0].id)
    rule.unit, rule.counts_as_workday, rule.article = CountUnit.DAY, True, "本办法第三十条"
    change.commit()
    client = client_for("supervisor")
    form = form_of(client, rows, "一.2")
    assert form.data["items-0-rules-0-counts_as"] == "本办法第三十条"
    assert send(client, form).status_code == 302
    kept = rows.measure("一.2").items[0].rules[0]
    assert (kept.counts_as_workday, kept.article) == (True, "本办法第三十条")


def test_one_more_row_keeps_what_was_typed_and_saves_nothing(draft: World, client_for: ClientFor, rows: Rows) -> None:
    client = client_for("supervisor")
    form = form_of(client, rows, "一.1")
    form.data["title"] = "还没保存"
    form.data["items-0-names-2-means"] = f"u{draft.units['jyj'].id}"
    form.data["do"] = "name-0"
    answer = client.post(form.action, data=form.data)
    again = sheet(answer.get_data(as_text=True), "here")
    assert answer.status_code == 200
    assert again.data["title"] == "还没保存"
    assert again.data["items-0-names-2-means"] == f"u{draft.units['jyj'].id}"
    assert "items-0-names-3-means" in again.data
    assert rows.measure("一.1").title != "还没保存"
    again.data["items-0-names-3-means"] = f"g{rows.scalars(select(Alias.group_id).where(Alias.group_id > 0)).first()}"
    assert send(client, again).status_code == 302
    assert len(rows.measure("一.1").items[0].assignments) == 4


def test_a_unit_of_another_place_is_refused(foreigner: World, client_for: ClientFor, rows: Rows) -> None:
    client = client_for("supervisor")
    form = form_of(client, rows, "一.1")
    form.data["items-0-names-2-means"] = f"u{foreigner.units['foreign'].id}"
    answer = send(client, form)
    assert answer.status_code == 422
    assert "请从本辖区的单位库中选择单位" in answer.get_data(as_text=True)
    assert len(rows.measure("一.1").items[0].assignments) == 2


def test_a_stale_form_shows_both_and_changes_nothing(draft: World, client_for: ClientFor, rows: Rows) -> None:
    mine, theirs = client_for("supervisor"), client_for("supervisor2")
    old = form_of(mine, rows, "一.1")
    assert send(theirs, form_of(theirs, rows, "一.1"), title="别人改的").status_code == 302
    old.data["title"] = "我写的"
    answer = send(mine, old)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "我写的" in page
    assert "别人改的" in page
    assert rows.measure("一.1").title == "别人改的"


def test_an_answer_for_the_whole_document_makes_older_forms_stale(
    draft: World, client_for: ClientFor, rows: Rows
) -> None:
    client = client_for("supervisor")
    old = form_of(client, rows, "一.5")
    old.data["items-0-names-0-means"] = "left"
    page = read(client, f"{home(draft)}/undated")
    assert post(client, f"{home(draft)}/undated", page, way="rhythm", rhythm="month", day="").status_code == 302
    assert send(client, old).status_code == 409
    assert len(rows.measure("一.5").items[0].rules) == 1, "the older form would have removed it"


def test_a_past_date_is_answered_in_its_measure(draft: World, client_for: ClientFor, rows: Rows, clock: Clock) -> None:
    clock.at = LATE
    client = client_for("supervisor")
    refused = send(client, form_of(client, rows, "一.1"))
    assert refused.status_code == 422
    assert "已过期，请说明是否已完成" in refused.get_data(as_text=True)
    form = form_of(client, rows, "一.1")
    form.data["items-0-rules-0-past_answer"] = "open"
    assert "请填写新的日期" in send(client, form).get_data(as_text=True)
    form.data["items-0-rules-0-renewed_on"] = "2026-07-01"
    assert "新的日期不能早于今天" in send(client, form).get_data(as_text=True)
    form.data["items-0-rules-0-renewed_on"] = "2026-09-30"
    assert send(client, form).status_code == 302
    rule = rows.measure("一.1").items[0].rules[0]
    assert (rule.past_answer, rule.renewed_on, rule.due_on) == (PastAnswer.OPEN, date(2026, 9, 30), date(2026, 6, 30))


# --- the whole document ----------------------------------------------------------------------------------------------


def test_every_measure_without_a_question_is_confirmed_at_once(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    rule = change.get_one(DeadlineRule, rows.measure("一.4").items[0].rules[0].id)
    rule.confidence = 0.4
    change.commit()
    client = client_for("supervisor")
    page = read(client, home(draft))
    assert "全部确认无疑问的（4）" in page
    assert f"“{rule.quote}”可能没有读全，请对照原文看过" in page, "the question says what was read by half"
    answer = post(client, f"{home(draft)}/clear", page)
    assert answer.location == home(draft)
    open_ones = rows.scalars(select(Measure.key).where(Measure.confirmed_at.is_(None)).order_by(Measure.ordinal)).all()
    assert open_ones == ["一.4", "一.5"], "a question is open, or it was read with little confidence"


def test_facts_are_corrected(draft: World, client_for: ClientFor, rows: Rows) -> None:
    client, url = client_for("supervisor"), f"{home(draft)}/facts"
    given = {"title": "某市减负措施", "doc_no": " 某政发〔2026〕6号 ", "issued_on": "2026-03-03", "effective_on": "",
             "expires_on": "2027-12-31"}  # fmt: skip
    assert post(client, url, read(client, url), **given).location == home(draft)
    document = rows.document()
    assert (document.title, document.doc_no) == ("某市减负措施", "某政发〔2026〕6号")
    assert (document.issued_on, document.expires_on) == (date(2026, 3, 3), date(2027, 12, 31))
    assert rows.last("document.facts").before["doc_no"] == "某政发〔2026〕5号"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "", "请填写标题"),
        ("issued_on", "", "请填写印发日期"),
        ("issued_on", "2026-04-01", "不能晚于今天"),
        ("issued_on", "三月三日", "2026-03-23 的样子"),
        ("expires_on", "2026-01-01", "不能早于印发日期"),
    ],
)
def test_wrong_facts_are_refused_with_what_was_typed(
    draft: World, client_for: ClientFor, rows: Rows, field: str, value: str, said: str
) -> None:
    client, url = client_for("supervisor"), f"{home(draft)}/facts"
    given = {"title": "某市减负措施", "doc_no": "留着的文号", "issued_on": "2026-03-03", field: value}
    answer = post(client, url, read(client, url), **given)
    assert answer.status_code == 422
    assert said in words(answer.get_data(as_text=True)).replace("标题 ：请填写文件标题", "请填写标题")
    assert 'value="留着的文号"' in answer.get_data(as_text=True)
    assert rows.document().doc_no == "某政发〔2026〕5号"


def test_stale_facts_show_both_and_can_be_sent_again(draft: World, client_for: ClientFor, rows: Rows) -> None:
    client, url = client_for("supervisor"), f"{home(draft)}/facts"
    old = read(client, url)
    post(client, url, old, title="别人的", issued_on="2026-03-02")
    answer = post(client, url, old, title="我的", issued_on="2026-03-02")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "别人的" in page
    assert rows.document().title == "别人的"
    again = sheet(page, url)
    assert client.post(url, data=again.data).status_code == 302
    assert rows.document().title == "我的"


def test_a_document_out_of_force_is_asked_about_and_may_be_filed_away(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    change.get_one(Document, draft.document.id).expires_on = date(2026, 3, 10)
    edition = working_edition(change, draft.document.id)
    answers.settle_collective(begin(change, draft.actor("supervisor"), NOW), edition, "各有关部门", left_out=True)
    confirmation.confirm_clear(begin(change, draft.actor("supervisor"), NOW), edition)
    change.commit()
    client, url = client_for("supervisor"), f"{home(draft)}/facts"
    assert "已经届满" in read(client, home(draft))
    page = read(client, url)
    given = {"title": "某市减负措施", "issued_on": "2026-03-02", "expires_on": "2026-03-10"}
    assert post(client, url, page, **given, expired_answer="untracked").status_code == 302
    ask = read(client, f"{home(draft)}/publish")
    assert "归档" in ask
    assert post(client, f"{home(draft)}/publish", ask).status_code == 302
    assert rows.document().state is DocumentState.WITHDRAWN
    assert rows.count(Task) == 0


def test_what_the_registry_has_learnt_since_is_looked_up_again(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    make_unknown(change, "市住房城乡局", "一.4")
    client, url = client_for("supervisor"), f"{home(draft)}/names"
    page = read(client, url)
    change.add(
        Alias(
            jurisdiction_id=draft.jurisdiction.id,
            key="市住房城乡局",
            printed="市住房城乡局",
            unit_id=draft.units["zjj"].id,
        )
    )
    change.commit()
    assert post(client, f"{home(draft)}/rematch", page).location == url
    assert rows.measure("一.4").items[0].assignments[0].unit_id == draft.units["zjj"].id


def test_many_unknown_names_stand_in_one_line_and_in_one_breath(
    draft: World, client_for: ClientFor, change: Session
) -> None:
    for key, printed in (("一.1", "县水利局"), ("一.2", "县林业局"), ("一.4", "县审计局")):
        make_unknown(change, printed, key)
    page = words(read(client_for("supervisor"), home(draft)))
    assert "4 个单位名称还不知道指谁" in page
    assert "一.2 “县林业局”不在单位库中；" not in page


def test_a_limit_of_a_unit_that_only_supported_binds_it_once_it_answers(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    change.execute(
        update(Assignment).values(role=Role.SUPPORT).where(Assignment.item_id == rows.measure("一.5").items[0].id)
    )
    change.commit()
    client = client_for("supervisor")
    page = read(client, f"{home(draft)}/undated")
    assert post(client, f"{home(draft)}/undated", page, way="rhythm", rhythm="month", day="").status_code == 302
    page = words(read(client, f"{home(draft)}?m={rows.measure('一.5').id}"))
    assert "只有配合单位" in page
    assert "未指明约束哪个单位" not in page, "who answers is asked already"
    form = form_of(client, rows, "一.5")
    form.data["items-0-names-0-role"] = "lead"
    form.data["items-0-names-0-means"] = "left"
    assert send(client, form).status_code == 302
    assert len(rows.measure("一.5").items[0].rules[0].bindings) == 1


def test_undated_measures_get_a_date_or_a_rhythm_at_once(draft: World, client_for: ClientFor, rows: Rows) -> None:
    client, url = client_for("supervisor"), f"{home(draft)}/undated"
    page = read(client, url)
    assert "为这 1 项设定时限" in page
    assert post(client, url, page, way="date", due_on="").status_code == 422
    early = post(client, url, page, way="date", due_on="2026-03-01")
    assert early.status_code == 422
    assert "不能早于今天" in early.get_data(as_text=True)
    assert post(client, url, page, way="rhythm", rhythm="week", day="25").status_code == 422
    assert post(client, url, page, way="date", due_on="2026-12-31").status_code == 302
    rule = rows.measure("一.5").items[0].rules[0]
    assert (rule.due_on, rule.set_by_id) == (date(2026, 12, 31), draft.people["supervisor"].id)
    assert "督查员设定" in read(client, f"{home(draft)}?m={rows.measure('一.5').id}")
    assert "每项措施都有时限" in read(client, url)


def test_past_dates_are_answered_at_once(draft: World, client_for: ClientFor, rows: Rows, clock: Clock) -> None:
    clock.at = LATE
    client, url = client_for("supervisor"), f"{home(draft)}/past"
    page = read(client, url)
    assert "2026年6月底前" in page
    assert post(client, url, page).status_code == 422
    assert post(client, url, page, answer="open").status_code == 422
    assert post(client, url, page, answer="open", renewed_on="2026-08-01").status_code == 422
    assert post(client, url, page, answer="done").location == home(draft)
    assert rows.measure("一.1").items[0].rules[0].past_answer is PastAnswer.DONE
    assert "没有待答复的已过日期" in read(client, url)


# --- publication -----------------------------------------------------------------------------------------------------


def answer_all(world: World, change: Session) -> None:
    edition = working_edition(change, world.document.id)
    boss = world.actor("supervisor")
    answers.settle_collective(begin(change, boss, NOW), edition, "各有关部门", unit_ids=[world.units["czj"].id])
    confirmation.confirm_clear(begin(change, boss, NOW), edition)
    change.commit()


def test_publication_waits_for_every_answer(draft: World, client_for: ClientFor, rows: Rows) -> None:
    client, url = client_for("supervisor"), f"{home(draft)}/publish"
    page = read(client, url)
    assert "还不能发布" in page
    assert "6 项措施尚未核对" in page
    token = {"csrf_token": token_in(page), "version": str(rows.document().version)}
    refused = client.post(url, data=token)
    assert refused.status_code == 422
    assert "处需要您决定" in refused.get_data(as_text=True)
    assert rows.document().state is DocumentState.DRAFT
    assert rows.count(Task) == 0


def test_publication_says_what_it_will_make_and_makes_it_once(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    answer_all(draft, change)
    client, url = client_for("supervisor"), f"{home(draft)}/publish"
    assert f'href="{url}">发布</a>' in read(client, home(draft))
    page = read(client, url)
    assert "6 项" in words(page)
    assert "10 个，分给 6 个单位" in words(page)
    answer = post(client, url, page)
    assert answer.location == f"/documents/{draft.document.id}"
    assert (rows.count(Task), rows.count(Duty)) == (6, 10)
    assert rows.count(Milestone) > 0
    document = rows.document()
    assert (document.state, document.published_by_id) == (DocumentState.PUBLISHED, draft.people["supervisor"].id)
    assert rows.last("document.publish").after["duties"] == 10
    assert post(client, url, page).location == f"/documents/{draft.document.id}"
    assert rows.count(Task) == 6
    assert "没有重复记录" in read(client, f"/documents/{draft.document.id}")
    assert post(client, url, page, form_token="another page's").location == f"/documents/{draft.document.id}"
    assert "不能再改核对结果" in read(client, f"/documents/{draft.document.id}")


def facts_of(page: str) -> dict[str, str]:
    """Return the rows of a page's list of facts."""
    rows = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.S)
    return {words(name).strip(): words(value).strip() for name, value in rows}


def test_the_page_promises_in_duties_and_dates_what_then_stands_in_the_lists(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    row = change.scalars(
        select(DeadlineRule).where(DeadlineRule.trigger == "正式受理", DeadlineRule.item_id.is_not(None))
    ).one()
    row.trigger, row.amount, row.unit = "印发之日", 15, CountUnit.WORKDAY  # 印发之日起15个工作日: nothing to register
    answer_all(draft, change)
    client, url = client_for("supervisor"), f"{home(draft)}/publish"
    page = read(client, url)
    promised = facts_of(page)
    assert promised["节点"] == "7 个"
    assert promised["固定日期"] == "5 个节点"
    assert promised["周期"] == "2 个节点，先生成本期和下期"
    assert promised["等待事件"] == "2 个责任，登记事件后起算"
    assert promised["无时限"] == "2 个责任，其中配合责任 1 个"
    assert promised["责任"] == "10 个，分给 6 个单位：牵头单位 1、责任单位 8、配合单位 1"
    found = re.findall(r'<a href="[^"]*">(一\.\d)</a>(.*?)</tr>', page.split("逐个时限会生成什么")[1], re.S)
    said = {key: words(row) for key, row in found}
    assert "自正式受理之日起3个工作日内 4 4 今日" in said["一.2"], "four duties, four milestones, and the day"
    assert "每月25日 1 2 本期 2026年3月25日 周三，下期 2026年4月25日 周六；文件没有写有效期" in said["一.3"]
    assert "14天内 1 接到返还申请登记后起算" in said["一.4"]
    assert post(client, url, page, promised=hidden(page, "promised")).status_code == 302
    assert rows.count(Milestone) == 7
    assert rows.scalars(select(func.count()).select_from(Duty).where(Duty.awaits_event)).one() == 2
    assert "已发布：6 项任务、10 个责任、7 个节点" in words(read(client, f"/documents/{draft.document.id}"))


def test_a_limit_that_starts_nothing_because_its_name_is_left_out_is_said_before_publication(
    draft: World, client_for: ClientFor, change: Session
) -> None:
    left = [a for a in change.scalars(select(Assignment).join(Item).join(Measure).where(Measure.key == "一.4"))]
    for assignment in left:
        assignment.unit_id, assignment.left_out = None, True
    answer_all(draft, change)
    page = read(client_for("supervisor"), f"{home(draft)}/publish")
    said = words(page.split("暂不落实，不生成责任")[1])
    assert "一.4" in said
    assert "14天内" in said
    assert f"“{left[0].printed}”没有分给单位，这里的时限不起算" in said


def test_what_a_colleague_changes_while_the_page_is_open_is_shown_before_it_is_published(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    answer_all(draft, change)
    client, url = client_for("supervisor"), f"{home(draft)}/publish"
    page = read(client, url)
    change.get_one(Measure, rows.measure("一.3").id).is_task = False
    change.commit()
    refused = post(client, url, page, promised=hidden(page, "promised"))
    assert refused.status_code == 422
    again = refused.get_data(as_text=True)
    assert "要生成的内容有变化" in again
    assert facts_of(again)["任务"] == "5 项，另有 1 项措施不作为任务"
    assert rows.count(Task) == 0
    assert post(client, url, again, promised=hidden(again, "promised")).status_code == 302
    assert rows.count(Task) == 5


def test_rhythms_of_a_document_out_of_force_are_named_and_answered_before_publication(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    answer_all(draft, change)
    change.get_one(Document, draft.document.id).expires_on = date(2026, 3, 20)
    change.get_one(Document, draft.document.id).expired_answer = PastAnswer.OPEN
    change.commit()
    client, url = client_for("supervisor"), f"{home(draft)}/publish"
    page = read(client, url)
    assert "还不能发布" in page
    assert "一.3 “每月25日”在有效期（至2026年03月20日）内没有一期可办" in words(page)
    assert "请改为固定日期、说明不再跟踪，或更正有效期" in words(page)
    measure = read(client, f"{home(draft)}?m={rows.measure('一.3').id}")
    assert "有效期内没有一期可办，怎么处理" in words(measure)
    past = read(client, f"{home(draft)}/past")
    assert "有效期内没有一期可办" in words(past)
    assert post(client, f"{home(draft)}/past", past, answer="open", renewed_on="2026-09-30").status_code == 302
    page = read(client, url)
    assert facts_of(page)["固定日期"] == "2 个节点"
    assert "周期" not in facts_of(page)
    assert post(client, url, page, promised=hidden(page, "promised")).status_code == 302
    assert rows.count(Milestone) == 2


def test_a_rhythm_that_is_over_is_answered_in_its_measure_and_stays_answered(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    answer_all(draft, change)
    change.get_one(Document, draft.document.id).expires_on = date(2026, 3, 20)
    change.get_one(Document, draft.document.id).expired_answer = PastAnswer.OPEN
    change.commit()
    client = client_for("supervisor")
    field = "items_0_rules_0_past_answer".replace("_0_", "-0-")
    unanswered = form_of(client, rows, "一.3")
    assert client.post(unanswered.action, data=unanswered.data).status_code == 422
    unanswered.data.setlist(field, ["untracked"])
    assert client.post(unanswered.action, data=unanswered.data).status_code == 302
    again = form_of(client, rows, "一.3")
    assert again.data.getlist(field) == ["untracked"]
    assert client.post(again.action, data=again.data).status_code == 302
    assert rows.measure("一.3").items[0].rules[0].past_answer is PastAnswer.UNTRACKED


def test_a_document_changed_meanwhile_is_not_published_unseen(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    answer_all(draft, change)
    client = client_for("supervisor")
    page = read(client, f"{home(draft)}/publish")
    facts = read(client, f"{home(draft)}/facts")
    post(client, f"{home(draft)}/facts", facts, title="改过的", issued_on="2026-03-02")
    assert post(client, f"{home(draft)}/publish", page).status_code == 409
    assert rows.document().state is DocumentState.DRAFT


def test_a_group_without_members_holds_publication_back(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    answer_all(draft, change)
    group_id = rows.scalars(select(Alias.group_id).where(Alias.group_id > 0)).first()
    from tracker.store.models import GroupMember

    for member in change.scalars(select(GroupMember).where(GroupMember.group_id == group_id)):
        change.delete(member)
    change.commit()
    client, url = client_for("supervisor"), f"{home(draft)}/publish"
    page = read(client, url)
    assert "“各县区政府”在单位库中还没有成员单位" in page
    token = {"csrf_token": token_in(page), "version": str(rows.document().version)}
    assert client.post(url, data=token).status_code == 422
    assert rows.count(Task) == 0


# --- who -------------------------------------------------------------------------------------------------------------

PAGES = ("", "/text", "/facts", "/names", "/undated", "/past", "/publish")
ACTS = ("/clear", "/facts", "/names", "/rematch", "/undated", "/past", "/publish")


@pytest.mark.parametrize(
    "login", ["foreigner", "lead", "support", "stranger", "head", "leader", "auditor", "administrator"]
)
def test_nobody_else_finds_a_draft(foreigner: World, client_for: ClientFor, rows: Rows, login: str) -> None:
    client = client_for(login)
    measure = rows.measure("一.1")
    for page in PAGES:
        read(client, home(foreigner) + page, 404)
    token = {"csrf_token": token_in(read(client, "/password"))}
    for act in (*ACTS, f"/measures/{measure.id}"):
        assert client.post(home(foreigner) + act, data=token).status_code == 404, act
    assert rows.measure("一.1").version == measure.version
    assert rows.count(RuleBinding) > 0


def test_an_agency_may_read_a_published_document_but_not_confirm_it(world: World, client_for: ClientFor) -> None:
    for login in ("lead", "support", "leader"):
        client = client_for(login)
        for page in PAGES:
            read(client, f"/confirm/{world.document.id}{page}", 403)
        token = {"csrf_token": token_in(read(client, "/password"))}
        for act in ACTS:
            assert client.post(f"/confirm/{world.document.id}{act}", data=token).status_code == 403, act


def test_a_published_document_leads_its_supervisor_to_its_page(world: World, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    for page in PAGES:
        answer = client.get(f"/confirm/{world.document.id}{page}")
        assert (answer.status_code, answer.location) == (302, f"/documents/{world.document.id}")


def test_a_measure_of_another_document_is_not_found_under_this_one(
    draft: World, client_for: ClientFor, rows: Rows
) -> None:
    client = client_for("supervisor")
    read(client, f"{home(draft)}?m=999999", 404)
    token = {"csrf_token": token_in(read(client, "/password")), "title": "x", "version": "1"}
    assert client.post(f"{home(draft)}/measures/999999", data=token).status_code == 404


def test_a_limit_whose_date_could_not_be_read_is_asked_about(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    rule = change.get_one(DeadlineRule, rows.measure("一.1").items[0].rules[0].id)
    rule.due_on = None
    change.commit()
    client = client_for("supervisor")
    assert "没有读到可用的日期" in read(client, home(draft))
    form = form_of(client, rows, "一.1")
    assert "请填写日期" in send(client, form).get_data(as_text=True)
    assert send(client, form, **{"items-0-rules-0-due_on": "2026-06-30"}).status_code == 302
    assert rows.measure("一.1").items[0].rules[0].due_on == date(2026, 6, 30)
