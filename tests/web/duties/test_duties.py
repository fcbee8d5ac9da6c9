"""The list of duties, one duty's page, and every act on it by every sort of person."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tests.kit.pages import post, read, version_in, words
from tests.kit.world import NOW, World, duty
from tracker.reading.plan import Role
from tracker.rules.workflow import State
from tracker.services.core.act import begin
from tracker.services.duties import progress as verbs
from tracker.services.duties import roster
from tracker.store.core.engine import Database
from tracker.store.models import (
    Alert,
    AlertState,
    Attachment,
    AuditEntry,
    Duty,
    Milestone,
    Report,
    ReportKind,
)
from tracker.web.kit import evidence

ClientFor = Callable[[str], FlaskClient]
PDF = b"%PDF-1.4\n%%EOF\n"


class Rows:
    """What the pages have committed so far: every question is asked in a transaction of its own."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def scalars(self, query: Select[Any]) -> Any:
        self.session.rollback()
        return self.session.scalars(query.execution_options(populate_existing=True))

    def duty(self, duty_id: int) -> Duty:
        found: Duty = self.scalars(select(Duty).where(Duty.id == duty_id)).one()
        return found


@pytest.fixture
def rows(database: Database) -> Iterator[Rows]:
    with database.read() as session:
        yield Rows(session)


@pytest.fixture
def reached(database: Database, world: World) -> Callable[..., int]:
    """Bring a duty to a state by the verbs themselves; returns its id."""

    def bring(key: str, unit: str, state: State = State.ASSIGNED, by: str = "lead") -> int:
        with database.write() as session:
            it, who = duty(session, world, key, unit), world.actor(by)
            if state is not State.ASSIGNED:
                verbs.acknowledge(begin(session, who, NOW), it)
            if state not in (State.ASSIGNED, State.ACKNOWLEDGED):
                verbs.report_progress(begin(session, who, NOW), it, percent=40, text="已建台账")
            if state in (State.SUBMITTED, State.COMPLETED, State.CLOSED):
                verbs.submit(begin(session, who, NOW), it, text="已全部完成")
            if state in (State.COMPLETED, State.CLOSED):
                verbs.complete(begin(session, world.actor("supervisor"), NOW), it)
            session.commit()
            return it.id

    return bring


def last_entry(rows: Rows, duty_id: int) -> AuditEntry:
    found = rows.scalars(select(AuditEntry).where(AuditEntry.duty_id == duty_id).order_by(AuditEntry.id.desc())).first()
    assert found is not None
    return found


# --- who may see -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("lead", 200), ("head", 200), ("supervisor", 200), ("leader", 200),
        ("support", 404), ("stranger", 404), ("county", 404), ("administrator", 404), ("auditor", 404),
    ],
)  # fmt: skip
def test_a_leading_duty_is_seen_by_its_unit_and_those_who_oversee(
    client_for: ClientFor, reached: Callable[..., int], person: str, status: int
) -> None:
    read(client_for(person), f"/duties/{reached('一.1', 'gxj')}", status)


def test_the_lead_sees_its_supporters_duty_with_reports(client_for: ClientFor, reached: Callable[..., int]) -> None:
    page = read(client_for("lead"), f"/duties/{reached('一.1', 'czj', State.IN_PROGRESS, by='support')}")
    assert "已建台账" in page
    assert "提交反馈" not in page


def test_a_supporter_sees_its_own_duty_and_of_the_lead_only_name_and_state(
    client_for: ClientFor, reached: Callable[..., int]
) -> None:
    lead_id = reached("一.1", "gxj", State.IN_PROGRESS)
    page = read(client_for("support"), f"/duties/{reached('一.1', 'czj')}")
    assert "市工业和信息化局" in page
    assert "牵头单位 · 办理中" in words(page)
    assert "已建台账" not in page
    assert f"/duties/{lead_id}" not in page


# --- what the page says ----------------------------------------------------------------------------------------------


def test_the_policys_own_words_stand_first_with_unit_and_deadline_marked(
    client_for: ClientFor, reached: Callable[..., int]
) -> None:
    page = read(client_for("lead"), f"/duties/{reached('一.1', 'gxj')}")
    assert '<mark class="unit">市工信局</mark>' in page
    assert '<mark class="deadline">2026年6月底前</mark>' in page
    assert re.search(r'href="/documents/\d+#m\d+"', page)
    assert "6月30日 周二" in page
    assert "为什么是这一天" in page
    assert page.index("原文") < page.index("为什么是这一天")


def test_what_is_offered_follows_the_state(client_for: ClientFor, reached: Callable[..., int]) -> None:
    client = client_for("lead")
    url = f"/duties/{reached('一.1', 'gxj')}"
    page = read(client, url)
    assert f'action="{url}/acknowledge"' in page
    assert f'action="{url}/report"' not in page
    post(client, f"{url}/acknowledge", page)
    page = read(client, url)
    assert f'action="{url}/report"' in page
    assert f'action="{url}/acknowledge"' not in page


@pytest.mark.parametrize("person", ["head", "leader"])
def test_readers_are_offered_nothing(client_for: ClientFor, reached: Callable[..., int], person: str) -> None:
    page = read(client_for(person), f"/duties/{reached('一.1', 'gxj', State.IN_PROGRESS)}")
    assert "/report" not in page
    assert "撤销责任" not in page


def test_a_duty_that_waits_for_an_event_says_so_and_offers_to_register_one(
    client_for: ClientFor, reached: Callable[..., int]
) -> None:
    duty_id = reached("一.2", "dxj")
    page = read(client_for("county"), f"/duties/{duty_id}")
    assert "待触发" in page
    assert f"/duties/{duty_id}/cases/new" in page


def test_nobody_to_tell_is_shown_to_the_supervisor_alone(
    client_for: ClientFor, reached: Callable[..., int], database: Database
) -> None:
    duty_id = reached("一.1", "gxj")
    with database.write() as session:
        unit_id = session.get_one(Duty, duty_id).unit_id
        session.add(
            Alert(
                key=f"duty{duty_id}/assigned/unit{unit_id}",
                level="assigned",
                duty_id=duty_id,
                unit_id=unit_id,
                state=AlertState.UNREACHABLE,
                created_at=NOW,
            )
        )
        session.commit()
    assert "无人可通知" in read(client_for("supervisor"), f"/duties/{duty_id}")
    assert "无人可通知" not in read(client_for("lead"), f"/duties/{duty_id}")


# --- signing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "status"), [("lead", 302), ("support", 404), ("stranger", 404), ("supervisor", 403), ("head", 403)]
)
def test_who_may_sign(client_for: ClientFor, reached: Callable[..., int], rows: Rows, person: str, status: int) -> None:
    duty_id = reached("一.1", "gxj")
    client = client_for(person)
    answer = post(client, f"/duties/{duty_id}/acknowledge", read(client, "/password"), version=1)
    assert answer.status_code == status
    signed = rows.duty(duty_id)
    assert signed.state is (State.ACKNOWLEDGED if status == 302 else State.ASSIGNED)
    if status == 302:
        assert answer.location == f"/duties/{duty_id}"
        assert signed.acknowledged_at == NOW
        assert last_entry(rows, duty_id).verb == "duty.acknowledge"


def test_a_supporter_may_sign_its_own_share(client_for: ClientFor, reached: Callable[..., int], rows: Rows) -> None:
    duty_id = reached("一.1", "czj")
    client = client_for("support")
    answer = post(client, f"/duties/{duty_id}/acknowledge", read(client, f"/duties/{duty_id}"), back="home")
    assert (answer.status_code, answer.location) == (302, "/")
    assert rows.duty(duty_id).state is State.ACKNOWLEDGED


def test_signing_twice_is_one_signature(client_for: ClientFor, reached: Callable[..., int], rows: Rows) -> None:
    duty_id = reached("一.1", "gxj")
    client = client_for("lead")
    page = read(client, f"/duties/{duty_id}")
    post(client, f"/duties/{duty_id}/acknowledge", page)
    answer = post(client, f"/duties/{duty_id}/acknowledge", page)
    assert answer.status_code == 302
    assert "没有重复记录" in read(client, answer.location)
    entries = rows.scalars(select(AuditEntry).where(AuditEntry.duty_id == duty_id)).all()
    assert [e.verb for e in entries] == ["duty.acknowledge"]


# --- reporting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "status"), [("lead", 302), ("support", 404), ("stranger", 404), ("supervisor", 403), ("head", 403)]
)
def test_who_may_report(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows, person: str, status: int
) -> None:
    duty_id = reached("一.1", "gxj", State.ACKNOWLEDGED)
    client = client_for(person)
    answer = post(
        client, f"/duties/{duty_id}/report", read(client, "/password"), version=2, percent="60", text="已转办 6 件。"
    )
    assert answer.status_code == status
    reports = rows.scalars(select(Report)).all()
    assert [(r.text, r.percent, r.kind) for r in reports] == (
        [("已转办 6 件。", 60, ReportKind.PROGRESS)] if status == 302 else []
    )
    assert rows.duty(duty_id).percent == (60 if status == 302 else 0)


def test_a_supporter_may_report_but_is_not_offered_to_submit(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows
) -> None:
    duty_id = reached("一.1", "czj", State.ACKNOWLEDGED, by="support")
    client = client_for("support")
    page = read(client, f"/duties/{duty_id}")
    assert "申请办结</button>" not in page
    assert post(client, f"/duties/{duty_id}/report", page, percent="10", text="配合核对").status_code == 302
    assert client.get(f"/duties/{duty_id}/submit").status_code == 403
    posted = post(client, f"/duties/{duty_id}/submit", read(client, f"/duties/{duty_id}"), text="完成", sure="1")
    assert posted.status_code == 403
    assert rows.duty(duty_id).state is State.IN_PROGRESS


def test_the_next_report_begins_with_the_words_of_the_last(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows
) -> None:
    duty_id = reached("一.1", "gxj", State.IN_PROGRESS)
    client = client_for("lead")
    page = read(client, f"/duties/{duty_id}")
    assert re.search(r"<textarea[^>]*>\s*已建台账</textarea>", page)
    assert 'value="40"' in page
    answer = post(client, f"/duties/{duty_id}/report", page, nothing="1", text="已建台账", percent="40")
    assert answer.status_code == 302
    assert rows.scalars(select(Report.text).order_by(Report.id.desc())).first() == "无新进展"
    assert re.search(r"<textarea[^>]*>\s*已建台账</textarea>", read(client, f"/duties/{duty_id}"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"percent": "六十", "text": "甲乙丙"}, "不是有效的整数。"),
        ({"percent": "120", "text": "甲乙丙"}, "0 到 100 之间"),
        ({"percent": "", "text": "甲乙丙"}, "请填写完成程度"),
        ({"percent": "77", "text": "  "}, "请写明本期做了什么。"),
    ],
)
def test_a_wrong_report_says_what_and_keeps_what_was_typed(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows, typed: dict[str, str], said: str
) -> None:
    duty_id = reached("一.1", "gxj", State.ACKNOWLEDGED)
    client = client_for("lead")
    answer = post(client, f"/duties/{duty_id}/report", read(client, f"/duties/{duty_id}"), **typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert "还没有提交" in page
    assert f'value="{typed["percent"]}"' in page
    assert typed["text"].strip() in page
    assert rows.scalars(select(Report)).all() == []


def test_a_period_is_met_by_its_report_and_the_next_one_opens(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows
) -> None:
    duty_id = reached("一.3", "czj", State.ACKNOWLEDGED, by="support")
    client = client_for("support")
    page = read(client, f"/duties/{duty_id}")
    period = rows.scalars(select(Milestone).where(Milestone.duty_id == duty_id).order_by(Milestone.due_on)).first()
    assert period is not None
    assert f'<option selected value="{period.id}">' in page
    answer = post(client, f"/duties/{duty_id}/report", page, percent="30", text="三月已公布", milestone=str(period.id))
    assert answer.status_code == 302
    assert rows.scalars(select(Milestone.met_at).where(Milestone.id == period.id)).one() == NOW
    again = post(
        client,
        f"/duties/{duty_id}/report",
        read(client, f"/duties/{duty_id}"),
        percent="30",
        text="再来",
        milestone=str(period.id),
    )
    assert again.status_code == 422
    assert "这一期已经反馈过" in again.get_data(as_text=True)


@pytest.mark.parametrize("text", ["已转办", "已答复来电人138 1234 5678"])  # the trail keeps the second masked
def test_a_report_posted_twice_is_written_once(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows, text: str
) -> None:
    duty_id = reached("一.1", "gxj", State.ACKNOWLEDGED)
    client = client_for("lead")
    page = read(client, f"/duties/{duty_id}")
    first = post(client, f"/duties/{duty_id}/report", page, percent="60", text=text)
    second = post(client, f"/duties/{duty_id}/report", page, percent="60", text=text)
    assert (first.status_code, second.status_code) == (302, 302)
    assert len(rows.scalars(select(Report)).all()) == 1


def test_a_stale_report_shows_both_contents_and_can_be_sent_again(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows, database: Database, world: World
) -> None:
    duty_id = reached("一.1", "gxj", State.ACKNOWLEDGED)
    client = client_for("lead")
    page = read(client, f"/duties/{duty_id}")
    with database.write() as session:
        it = duty(session, world, "一.1", "gxj")
        verbs.report_progress(begin(session, world.actor("lead"), NOW), it, percent=20, text="别人先写的")
        session.commit()
    answer = post(client, f"/duties/{duty_id}/report", page, percent="60", text="我写的<b>")
    conflict = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "别人先写的" in conflict
    assert "我写的&lt;b&gt;" in conflict
    assert "60%" in conflict
    assert "20%" in conflict
    assert len(rows.scalars(select(Report)).all()) == 1
    again = post(client, f"/duties/{duty_id}/report", conflict, percent="60", text="我写的<b>")
    assert again.status_code == 302
    assert rows.duty(duty_id).percent == 60


def test_a_form_without_its_version_is_refused(client_for: ClientFor, reached: Callable[..., int]) -> None:
    duty_id = reached("一.1", "gxj", State.ACKNOWLEDGED)
    client = client_for("lead")
    answer = post(client, f"/duties/{duty_id}/report", read(client, "/password"), percent="60", text="x")
    assert answer.status_code == 422
    assert "请重新打开后再提交" in answer.get_data(as_text=True)


# --- evidence --------------------------------------------------------------------------------------------------------


def docx() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    return held.getvalue()


def upload(client: FlaskClient, duty_id: int, *files: tuple[bytes, str], **data: str) -> tuple[int, str]:
    page = read(client, f"/duties/{duty_id}")
    given = {"percent": "50", "text": "附材料", **data}
    answer = post(
        client, f"/duties/{duty_id}/report", page, files=[(io.BytesIO(body), name) for body, name in files], **given
    )
    answer.request.environ["wsgi.input"].close()  # a large body is a temporary file of the test client's
    return answer.status_code, answer.get_data(as_text=True)


def test_evidence_is_kept_and_comes_back_under_its_own_name(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows
) -> None:
    duty_id = reached("一.1", "gxj", State.ACKNOWLEDGED)
    client = client_for("lead")
    status, _ = upload(client, duty_id, (PDF, "台账（三月）.pdf"), (docx(), "说明.docx"))
    assert status == 302
    kept = rows.scalars(select(Attachment).order_by(Attachment.id)).all()
    assert [(a.filename, a.size) for a in kept] == [("台账（三月）.pdf", len(PDF)), ("说明.docx", len(docx()))]
    answer = client.get(f"/duties/attachments/{kept[0].id}")
    assert answer.data == PDF
    assert answer.mimetype == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert "filename*=UTF-8''%E5%8F%B0%E8%B4%A6" in disposition
    answer.close()


@pytest.mark.parametrize(
    ("person", "status"), [("lead", 200), ("head", 200), ("supervisor", 200), ("support", 404), ("stranger", 404)]
)
def test_who_may_fetch_evidence(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows, person: str, status: int
) -> None:
    duty_id = reached("一.1", "gxj", State.ACKNOWLEDGED)
    upload(client_for("lead"), duty_id, (PDF, "a.pdf"))
    answer = client_for(person).get(f"/duties/attachments/{rows.scalars(select(Attachment.id)).one()}")
    assert answer.status_code == status
    answer.close()


@pytest.mark.parametrize(
    ("body", "name", "said"),
    [
        (b"\x89PNG\r\n\x1a\n", "图.txt", "只收 PDF"),
        (b"hello", "假.pdf", "内容不是 PDF 格式"),
        (PDF, "假.docx", "内容不是 DOCX 格式"),
        (b"", "空.pdf", "文件是空的"),
        (b"MZ", "run.exe", "只收 PDF"),
    ],
)
def test_a_file_that_cannot_be_taken_is_named_and_loses_nothing_else(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows, body: bytes, name: str, said: str
) -> None:
    duty_id = reached("一.1", "gxj", State.ACKNOWLEDGED)
    client = client_for("lead")
    status, page = upload(client, duty_id, (PDF, "好.pdf"), (body, name), text="写了很久的话")
    assert status == 422
    assert f"“{name}”没有收下" in page
    assert said in page
    assert "写了很久的话" in page
    assert "好.pdf" in page
    assert rows.scalars(select(Report)).all() == []
    token = re.search(r'name="kept" value="([^"]+)"', page)
    assert token
    again = post(client, f"/duties/{duty_id}/report", page, percent="50", text="写了很久的话", kept=token[1])
    assert again.status_code == 302
    assert rows.scalars(select(Attachment.filename)).all() == ["好.pdf"]


def test_a_kept_file_is_its_owners_alone(client_for: ClientFor, reached: Callable[..., int], rows: Rows) -> None:
    lead_id = reached("一.1", "gxj", State.ACKNOWLEDGED)
    own_id = reached("一.1", "czj", State.ACKNOWLEDGED, by="support")
    _, page = upload(client_for("lead"), lead_id, (PDF, "机密.pdf"), percent="x")
    token = re.search(r'name="kept" value="([^"]+)"', page)
    assert token
    other = client_for("support")
    page = read(other, f"/duties/{own_id}")
    post(other, f"/duties/{own_id}/report", page, percent="5", text="想要", kept=[token[1], "garbage"])
    assert rows.scalars(select(Attachment)).all() == []


def test_a_file_too_large_is_refused_and_what_was_typed_kept(
    client_for: ClientFor, reached: Callable[..., int]
) -> None:
    duty_id = reached("一.1", "gxj", State.ACKNOWLEDGED)
    status, page = upload(client_for("lead"), duty_id, (PDF + b"\0" * 20 * 1024 * 1024, "大.pdf"), text="一句话")
    assert status == 422
    assert "超过 20 MB" in page
    assert "一句话" in page


def test_at_most_ten_files_are_taken_at_once(client_for: ClientFor, reached: Callable[..., int]) -> None:
    duty_id = reached("一.1", "gxj", State.ACKNOWLEDGED)
    files = [(PDF + str(n).encode(), f"{n}.pdf") for n in range(11)]
    status, page = upload(client_for("lead"), duty_id, *files)
    assert status == 422
    assert "“10.pdf”没有收下：一次最多 10 个" in page
    assert page.count('name="kept"') == 10


def test_files_of_somebody_without_a_right_are_not_even_stored(
    client_for: ClientFor, reached: Callable[..., int], settings: object, app: object
) -> None:
    duty_id = reached("一.1", "gxj", State.ACKNOWLEDGED)
    client = client_for("stranger")
    answer = post(
        client,
        f"/duties/{duty_id}/report",
        read(client, "/password"),
        version="2",
        percent="1",
        text="x",
        files=[(io.BytesIO(PDF), "a.pdf")],
    )
    assert answer.status_code == 404
    files = settings.files_dir  # type: ignore[attr-defined]
    assert not files.exists() or not list(files.rglob("*"))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\a\\b\\c.pdf", "c.pdf"),
        ("../../etc/passwd", "passwd"),
        ("报\u202e告\n.pdf", "报告.pdf"),
        ("长" * 300 + ".pdf", "长" * 116 + ".pdf"),
        ("///", "附件"),
    ],
)
def test_a_file_name_is_cleaned(given: str, kept: str) -> None:
    assert evidence.clean_name(given) == kept


# --- submitting and reviewing ----------------------------------------------------------------------------------------


def test_asking_for_completion_takes_over_what_was_typed_and_asks_once_more(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows
) -> None:
    duty_id = reached("一.1", "gxj", State.IN_PROGRESS)
    client = client_for("lead")
    first = post(
        client,
        f"/duties/{duty_id}/submit",
        read(client, f"/duties/{duty_id}"),
        text="清欠完成",
        percent="90",
        files=[(io.BytesIO(PDF), "证明.pdf")],
    )
    page = first.get_data(as_text=True)
    assert first.status_code == 200
    assert "清欠完成" in page
    assert "证明.pdf" in page
    assert rows.duty(duty_id).state is State.IN_PROGRESS
    token = re.search(r'name="kept" value="([^"]+)"', page)
    assert token
    answer = post(client, f"/duties/{duty_id}/submit", page, text="清欠完成", sure="1", kept=token[1])
    assert (answer.status_code, answer.location) == (302, f"/duties/{duty_id}")
    done = rows.duty(duty_id)
    assert (done.state, done.submitted_at) == (State.SUBMITTED, NOW)
    assert rows.scalars(select(Attachment.filename)).all() == ["证明.pdf"]
    clock = rows.scalars(select(Milestone).where(Milestone.duty_id == duty_id)).one()
    assert clock.submitted_at == NOW


@pytest.mark.parametrize(
    ("person", "status"),
    [("supervisor", 302), ("supervisor2", 302), ("lead", 403), ("head", 403), ("leader", 403), ("stranger", 404)],
)
def test_who_may_complete(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows, person: str, status: int
) -> None:
    duty_id = reached("一.1", "gxj", State.SUBMITTED)
    client = client_for(person)
    answer = post(client, f"/duties/{duty_id}/complete", read(client, "/password"), version=rows.duty(duty_id).version)
    assert answer.status_code == status
    assert rows.duty(duty_id).state is (State.COMPLETED if status == 302 else State.SUBMITTED)


def test_a_review_shows_the_submission_and_its_form(client_for: ClientFor, reached: Callable[..., int]) -> None:
    page = read(client_for("supervisor"), f"/duties/{reached('一.1', 'gxj', State.SUBMITTED)}")
    assert 'id="review"' in page
    assert "已全部完成" in page
    assert "同意办结" in page


def test_sending_back_needs_a_reason_that_the_unit_reads(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows
) -> None:
    duty_id = reached("一.1", "gxj", State.SUBMITTED)
    boss = client_for("supervisor")
    page = read(boss, f"/duties/{duty_id}")
    silent = post(boss, f"/duties/{duty_id}/send-back", page, note=" ")
    assert silent.status_code == 422
    assert "请写明退回的原因" in silent.get_data(as_text=True)
    answer = post(boss, f"/duties/{duty_id}/send-back", page, note="请补充名单")
    assert answer.status_code == 302
    again = rows.duty(duty_id)
    assert (again.state, again.percent) == (State.IN_PROGRESS, 40)
    assert "请补充名单" in read(client_for("lead"), f"/duties/{duty_id}")


def test_nobody_reviews_what_he_submitted(client_for: ClientFor, reached: Callable[..., int], rows: Rows) -> None:
    duty_id = reached("一.2", "jfb", State.SUBMITTED, by="supervisor2")
    own = client_for("supervisor2")
    page = read(own, f"/duties/{duty_id}")
    assert "请由另一位督查员审核" in page
    assert post(own, f"/duties/{duty_id}/complete", page).status_code == 403
    other = client_for("supervisor")
    assert post(other, f"/duties/{duty_id}/complete", read(other, f"/duties/{duty_id}")).status_code == 302
    assert rows.duty(duty_id).state is State.COMPLETED


@pytest.mark.parametrize(("person", "status"), [("supervisor", 302), ("lead", 403), ("stranger", 404)])
def test_who_may_close(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows, person: str, status: int
) -> None:
    duty_id = reached("一.1", "gxj", State.COMPLETED)
    client = client_for(person)
    answer = post(client, f"/duties/{duty_id}/close", read(client, "/password"), version=rows.duty(duty_id).version)
    assert answer.status_code == status
    assert rows.duty(duty_id).state is (State.CLOSED if status == 302 else State.COMPLETED)


# --- revoking, restoring, adding -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("person", "status"), [("supervisor", 302), ("lead", 403), ("leader", 403), ("stranger", 404)])
def test_who_may_revoke(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows, person: str, status: int
) -> None:
    duty_id = reached("一.1", "gxj")
    client = client_for(person)
    assert client.get(f"/duties/{duty_id}/revoke").status_code == (200 if status == 302 else status)
    answer = post(client, f"/duties/{duty_id}/revoke", read(client, "/password"), version=1, note="职能已划转")
    assert answer.status_code == status
    assert rows.duty(duty_id).state is (State.REVOKED if status == 302 else State.ASSIGNED)


def test_a_revoked_duty_is_gone_for_its_unit_and_can_be_restored(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows
) -> None:
    duty_id = reached("一.1", "gxj")
    boss = client_for("supervisor")
    asked = read(boss, f"/duties/{duty_id}/revoke")
    assert "撤销市工业和信息化局在 一.1 中的责任" in asked
    silent = post(boss, f"/duties/{duty_id}/revoke", asked, note="")
    assert silent.status_code == 422
    post(boss, f"/duties/{duty_id}/revoke", asked, note="职能已划转")
    clock = rows.scalars(select(Milestone).where(Milestone.duty_id == duty_id)).one()
    assert clock.cancelled_at == NOW
    read(client_for("lead"), f"/duties/{duty_id}", 404)
    page = read(boss, f"/duties/{duty_id}")
    assert "职能已划转" in page
    assert "已撤销" in page
    post(boss, f"/duties/{duty_id}/restore", read(boss, f"/duties/{duty_id}/restore"), note="划转取消")
    assert rows.duty(duty_id).state is State.ASSIGNED
    read(client_for("lead"), f"/duties/{duty_id}")


def test_what_cannot_be_done_now_is_said_and_not_done(client_for: ClientFor, reached: Callable[..., int]) -> None:
    client = client_for("supervisor")
    answer = client.get(f"/duties/{reached('一.1', 'gxj')}/restore")
    assert answer.status_code == 400
    assert "不能恢复责任" in answer.get_data(as_text=True)


def test_a_supervisor_adds_a_unit_with_a_reason(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows, world: World
) -> None:
    duty_id = reached("一.1", "gxj")
    boss = client_for("supervisor")
    page = read(boss, f"/duties/{duty_id}/units")
    assert "市教育局" in page
    assert "市财政局" not in page
    unit = str(world.units["jyj"].id)
    wrong = post(boss, f"/duties/{duty_id}/units", page, unit=unit, role="responsible", note="")
    assert wrong.status_code == 422
    answer = post(boss, f"/duties/{duty_id}/units", page, unit=unit, role="lead", note="会议明确")
    added = rows.scalars(select(Duty).where(Duty.unit_id == world.units["jyj"].id)).one()
    assert (answer.status_code, answer.location) == (302, f"/duties/{added.id}")
    assert (added.role, added.state) == (Role.LEAD, State.ASSIGNED)
    assert rows.scalars(select(Milestone.due_on).where(Milestone.duty_id == added.id)).one().isoformat() == "2026-06-30"
    read(client_for("stranger"), f"/duties/{added.id}")
    taken = post(boss, f"/duties/{duty_id}/units", page, unit=unit, role="support", note="再加一次")
    assert taken.status_code == 422


@pytest.mark.parametrize(("person", "status"), [("lead", 403), ("leader", 403), ("support", 404), ("stranger", 404)])
def test_nobody_else_adds_a_unit(client_for: ClientFor, reached: Callable[..., int], person: str, status: int) -> None:
    read(client_for(person), f"/duties/{reached('一.1', 'gxj')}/units", status)


# --- the list --------------------------------------------------------------------------------------------------------


def keys(page: str) -> list[str]:
    body = page[page.index("<tbody>") : page.index("</tbody>")] if "<tbody>" in page else ""
    return re.findall(r'<span class="key">([^<]+)</span>', body)


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ("lead", ["一.1", "一.1", "一.2"]),
        ("head", ["一.1", "一.1", "一.2"]),
        ("support", ["一.3", "一.1", "一.5"]),
        ("county", ["一.2"]),
        ("stranger", []),
    ],
)
def test_everyone_is_listed_what_is_theirs(
    client_for: ClientFor, world: World, person: str, expected: list[str]
) -> None:
    assert sorted(keys(read(client_for(person), "/duties/"))) == sorted(expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("light=late", []),
        ("light=soon", ["一.3"]),
        ("light=wait&q=一.4", ["一.4"]),
        ("state=unsigned&role=lead", ["一.1"]),
        ("state=done", []),
        ("q=清欠台账", ["一.1", "一.1"]),
        ("q=一.6", ["一.6"]),
        ("q=%25", []),
        ("role=support", ["一.1"]),
        ("light=nonsense&state=nonsense&role=nonsense&document=x&page=-3&q=一.6", ["一.6"]),
    ],
)
def test_the_list_narrows_to_what_the_address_asks(
    client_for: ClientFor, world: World, query: str, expected: list[str]
) -> None:
    assert keys(read(client_for("supervisor"), f"/duties/?{query}")) == expected


def test_the_list_narrows_to_a_unit_a_document_and_a_place(client_for: ClientFor, world: World) -> None:
    boss = client_for("supervisor")
    unit = f"/duties/?unit={world.units['zjj'].id}"
    assert keys(read(boss, unit)) == ["一.4", "一.6"]
    assert keys(read(boss, f"{unit}&document={world.document.id}&jurisdiction={world.jurisdiction.id}")) == [
        "一.4",
        "一.6",
    ]
    assert keys(read(boss, f"{unit}&document={world.document.id + 1}")) == []
    assert keys(read(boss, f"{unit}&jurisdiction={world.jurisdiction.id + 1}")) == []


def test_revoked_duties_are_listed_only_when_asked_for(
    client_for: ClientFor, reached: Callable[..., int], database: Database, world: World
) -> None:
    reached("一.6", "zjj")
    with database.write() as session:
        roster.revoke(begin(session, world.actor("supervisor"), NOW), duty(session, world, "一.6", "zjj"), "不归该局")
        session.commit()
    boss = client_for("supervisor")
    assert "一.6" not in keys(read(boss, "/duties/"))
    assert keys(read(boss, "/duties/?state=revoked")) == ["一.6"]


@pytest.mark.parametrize("sort", ["due", "key", "unit", "state", "nonsense"])
def test_the_list_sorts_and_keeps_its_filters(client_for: ClientFor, world: World, sort: str) -> None:
    page = read(client_for("supervisor"), f"/duties/?sort={sort}&q=一.2")
    assert keys(page) == ["一.2"] * 4
    assert page.count("aria-sort") == 1
    assert "q=%E4%B8%80.2&amp;sort=key" in page or "sort=key&amp;q=%E4%B8%80.2" in page


def test_an_empty_list_offers_a_way_back(client_for: ClientFor, world: World) -> None:
    page = read(client_for("supervisor"), "/duties/?light=late")
    assert "没有符合条件的责任" in page
    assert "清除条件" in page


def test_the_light_of_a_duty_changes_with_the_day(client_for: ClientFor, world: World, clock: object) -> None:
    clock.at = NOW + timedelta(days=4)  # type: ignore[attr-defined]
    page = read(client_for("supervisor"), "/duties/?light=late")
    assert keys(page) == ["一.3"]
    assert "逾期 2 个工作日" in page


def test_the_version_of_a_page_is_that_of_its_row(
    client_for: ClientFor, reached: Callable[..., int], rows: Rows
) -> None:
    duty_id = reached("一.1", "gxj", State.IN_PROGRESS)
    assert version_in(read(client_for("lead"), f"/duties/{duty_id}")) == str(rows.duty(duty_id).version)


@pytest.mark.parametrize("act", ["report", "acknowledge", "complete", "send-back", "close"])
def test_the_address_of_a_refused_form_opened_again_leads_to_the_page(
    client_for: ClientFor, reached: Callable[..., int], act: str
) -> None:
    duty_id = reached("一.1", "gxj")
    answer = client_for("lead").get(f"/duties/{duty_id}/{act}")
    assert (answer.status_code, answer.location) == (302, f"/duties/{duty_id}")


def test_a_line_that_waits_quotes_what_it_waits_for(client_for: ClientFor, world: World) -> None:
    page = read(client_for("county"), "/duties/")
    assert "自正式受理之日起3个工作日内" in page
    assert "待触发" in page
