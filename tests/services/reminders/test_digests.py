"""The words of a mail: the clause quoted, the subject, the sentence that asks."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.adapters.mail.rendering import NEVER_FIRST, NEVER_LAST, flow
from tracker.clock.rules import Kind
from tracker.rules.lights import Light, Signal
from tracker.services.reminders.items import ORDER, Group, Matter, flat
from tracker.services.reminders.lines import LONGEST_QUOTE, clause
from tracker.services.reminders.wording import LONGEST_SUBJECT, lead, reason, subject

G = Group
TODAY_IS = date(2026, 3, 23)
TEXT = """2.完善投诉渠道。落实《保障中小企业款项支付条例》，对审查后的投诉线索，自正式
受理之日起3个工作日内转办处理；每季度通报一次。（责任单位：市减负办）"""


@pytest.mark.parametrize(
    ("text", "quote", "title", "expected"),
    [
        # the sentence of the time limit, over a line break of print
        (TEXT, "自正式受理之日起3个工作日内", "完善投诉渠道",
         "落实《保障中小企业款项支付条例》，对审查后的投诉线索，自正式受理之日起3个工作日内转办处理；"),
        (TEXT, "每季度", "完善投诉渠道", "每季度通报一次。"),
        # without one, what follows the heading
        (TEXT, None, "完善投诉渠道",
         "落实《保障中小企业款项支付条例》，对审查后的投诉线索，自正式受理之日起3个工作日内转办处理；"),
        ("1.建立清欠台账，2026年6月底前完成。（责任单位：市工信局）", "2026年6月底前", "建立清欠台账",
         "建立清欠台账，2026年6月底前完成。"),
        ("加强宣传解读。（责任单位：各有关部门）", None, "加强宣传解读", "加强宣传解读。"),
        # a title that is only the sentence's beginning stays
        ("严格落实代发制度，按照约定的周期和拨付日期及时足额拨付人工费用。", None, "严格落实代发制度…",
         "严格落实代发制度，按照约定的周期和拨付日期及时足额拨付人工费用。"),
        ("每月25日，市财政局公布进度", "每月25日", "每月25日", "每月25日，市财政局公布进度"),
        ("", None, "", ""),
    ],
)  # fmt: skip
def test_the_clause_is_quoted(text: str, quote: str | None, title: str, expected: str) -> None:
    assert clause(text, quote, title) == expected


@given(st.text("办理，；。1(", max_size=400), st.text("办理", max_size=40), st.text("办理，；。1(", max_size=400))
def test_a_long_clause_keeps_its_time_limit(before: str, quote: str, after: str) -> None:
    words = clause(f"{before}{quote}{after}", quote or None)
    assert len(words) <= max(LONGEST_QUOTE, len(quote)) + 4
    assert not quote or flat(quote) in words


def test_a_clause_is_cut_around_its_time_limit() -> None:
    words = clause("甲" * 300 + "3个工作日内" + "乙" * 300, "3个工作日内")
    assert words.startswith("……甲")
    assert words.endswith("乙……")
    assert "3个工作日内" in words


def matter(group: str, words: str = "", *, unit: str = "市财政局", title: str = "线索转办", **more: Any) -> Matter:
    """Return a matter as appeals see it."""
    due_on = more.pop("due_on", date(2026, 3, 25))
    task = SimpleNamespace(key="四.2", title=title)
    duty: Any = SimpleNamespace(task=task, unit=SimpleNamespace(name=unit), id=1)
    rule = SimpleNamespace(kind=more.pop("kind", Kind.ABSOLUTE), act=more.pop("act", None))
    milestone: Any = SimpleNamespace(
        case_step=None,
        label=None,
        rule=rule,
        due_on=due_on,
        due_at=datetime(2026, 3, 25, 16, tzinfo=UTC),
        earliest_on=None,
        watch=more.pop("watch", False),
    )
    light = {G.LATE: Light.LATE, G.AVAILABLE: Light.FINE}.get(group, Light.SOON)
    return Matter(group, Signal(light, words), duty, milestone, as_head=more.pop("as_head", False), **more)


LATE_2 = matter(G.LATE, "逾期 2 个工作日")
LATE_REPORT = matter(G.LATE, "逾期 2 个工作日", kind=Kind.RECURRING)
CASE: Any = SimpleNamespace(number="2026-014", reference="GD-0117", jurisdiction_id=1)
STEP: Any = SimpleNamespace(name="答复", case=CASE)


def order(group: str, words: str, **more: Any) -> Matter:
    """Return a step of a case under no document; it ends at 16:30."""
    milestone: Any = SimpleNamespace(
        case_step=STEP,
        label=None,
        rule=SimpleNamespace(kind=Kind.RELATIVE, act=None),
        unit=SimpleNamespace(name="市财政局"),
        due_on=None,
        due_at=datetime(2026, 3, 23, 8, 30, tzinfo=UTC),
        earliest_on=None,
        watch=False,
    )
    light = Light.LATE if group == G.LATE else Light.SOON
    return Matter(group, Signal(light, words), None, milestone, **more)


REFERRAL: Any = SimpleNamespace(case=CASE, to_unit=SimpleNamespace(name="市财政局"), object_until=date(2026, 3, 30))
HANDED = Matter(G.REFERRED, Signal(Light.WAIT, "请签收"), referral=REFERRAL)
PLACE: Any = SimpleNamespace(id=1, name="某市")
NOTICE = Matter(G.CALENDAR, Signal(Light.WAIT, "请载入放假通知"), place=PLACE, years=(2027,))
BEFORE: Any = SimpleNamespace(due_on=date(2026, 3, 23), due_at=datetime(2026, 3, 23, 16, tzinfo=UTC), earliest_on=None)
MOVED = matter(G.CHANGED, "还有 2 个工作日", was=BEFORE)
ACT, LONG_ACT, WATCHED = (
    matter(G.SOON, "还有 2 个工作日", **more) for more in ({"act": "完成清欠"}, {"act": "长" * 30}, {"watch": True})
)


@pytest.mark.parametrize(
    ("matters", "expected"),
    [
        ([LATE_2], "〔逾期2个工作日〕四.2 线索转办"),
        ([matter(G.TODAY, "今日 16:30 到期")], "〔今日16:30到期〕四.2 线索转办"),
        ([matter(G.NEW, "请签收")], "〔新交办〕四.2 线索转办"),
        ([matter(G.AVAILABLE, "可以申请")], "〔可以申请〕四.2 线索转办"),
        ([matter(G.LATE, "对方逾期 2 个工作日", watch=True)], "〔对方逾期2个工作日〕四.2 线索转办"),
        ([order(G.TODAY, "今日 16:30 到期")], "〔今日16:30到期〕2026-014 答复 GD-0117"),
        ([order(G.LATE, "逾期")], "〔逾期〕2026-014 答复 GD-0117"),
        ([HANDED], "〔新转办〕2026-014 转办 GD-0117"),
        ([MOVED], "〔时限调整〕四.2 线索转办"),
        ([NOTICE], "〔放假安排〕某市2027年放假通知尚未载入"),
        ([HANDED, HANDED], "〔新转办2项〕市财政局请签收"),
        ([MOVED, MOVED], "〔时限调整2项〕市财政局请查看"),
        ([MOVED, NOTICE], "〔时限调整1项、放假安排1项〕共2项待办"),
        ([LATE_2, LATE_2], "〔逾期2项〕市财政局请办理"),
        ([matter(G.NEW), matter(G.NEW)], "〔新交办2项〕市财政局请签收"),
        ([matter(G.SENT_BACK), matter(G.SENT_BACK)], "〔退回修改2项〕市财政局请修改"),
        ([matter(G.SUBMITTED, as_supervisor=True)] * 2, "〔待审核2项〕请审核"),  # not the unit is asked
        ([LATE_2, matter(G.SOON), matter(G.NEW)], "〔逾期1项、临期1项、新交办1项〕市财政局共3项待办"),
        ([LATE_2, matter(G.SOON, unit="市司法局")], "〔逾期1项、临期1项〕共2项待办"),
        (
            [matter(g, unit="市工业和信息化局") for g in Group],
            "〔逾期2项、今日到期1项、临期1项、未签收2项〕共18项待办",
        ),
    ],
)  # fmt: skip
def test_the_subject_says_it_all(matters: list[Matter], expected: str) -> None:
    assert subject(matters) == expected


@given(
    st.lists(st.sampled_from(Group), min_size=1, max_size=200),
    st.text("市县人民政府", min_size=1, max_size=30),
    st.text("建立机制", min_size=1, max_size=80),
)
def test_a_subject_is_never_longer_than_a_line(groups: list[Group], unit: str, title: str) -> None:
    matters = [matter(g, "逾期 120 个工作日", unit=unit, title=title) for g in sorted(groups, key=ORDER.get)]
    words = subject(matters)
    assert len(words) <= LONGEST_SUBJECT
    assert words.startswith("〔")
    assert "\n" not in words


@pytest.mark.parametrize(
    ("matters", "expected"),
    [
        ([LATE_2], "“四.2 线索转办”已逾期 2 个工作日，请市财政局立即办结；还不能完成的，今日反馈进展并写明原因。"),
        ([LATE_REPORT], "“四.2 线索转办”已逾期 2 个工作日，请市财政局立即反馈进展。"),
        ([ACT], "请市财政局在3月25日（周三）24:00 前完成清欠：“四.2 线索转办”。"),
        ([LONG_ACT], "请市财政局在3月25日（周三）24:00 前办结：“四.2 线索转办”。"),
        ([WATCHED], "请市财政局提醒对方在3月25日（周三）24:00 前办结：“四.2 线索转办”。"),
        ([matter(G.NEW)], "请市财政局签收新交办的“四.2 线索转办”，并在3月25日（周三）24:00 前办结。"),
        ([order(G.TODAY, "今日 16:30 到期")],
         "请市财政局在今日（3月23日 周一）16:30 前答复：“2026-014 答复 GD-0117”。"),
        ([order(G.LATE, "逾期")], "“2026-014 答复 GD-0117”已逾期，请市财政局立即答复。"),
        ([order(G.TODAY, ""), matter(G.TODAY)], "请市财政局在今日（3月23日 周一）办完 2 项（最早 16:30 到期）。"),
        ([HANDED],
         "请市财政局签收转来的“2026-014 转办 GD-0117”；不属于本单位职责的，最迟3月30日（周一）退回并写明理由。"),
        ([MOVED], "“四.2 线索转办”的时限由3月23日（周一）调整为3月25日（周三），请市财政局按新的时限办结。"),
        ([NOTICE], "请市财政局载入2027年放假通知：载入之前，2027年的日期只能暂定。"),
        ([matter(G.SENT_BACK), matter(G.SENT_BACK), matter(G.ACCEPTED)],
         "请市财政局修改 2 项被退回的办结申请，查看 1 项审核通过的责任。"),
        ([matter(G.ASKED), matter(G.SUBMITTED), matter(G.SUBMITTED)],
         "请市财政局审批 1 项延期申请，审核 2 项申请办结的责任。"),
        ([matter(G.DECIDED, granted=True)], "“四.2 线索转办”的延期已批准，请市财政局在3月25日（周三）24:00 前办结。"),
        ([HANDED, HANDED, MOVED], "请市财政局签收 2 件新转办的办件，按调整后的时限办理 1 项。"),
        ([LATE_2, matter(G.SOON), matter(G.NEW)],
         "请市财政局立即办理 1 项已逾期的事项，在3月25日（周三）24:00 前办完 1 项，签收 1 项新交办的责任。"),
        ([matter(G.SOON), matter(G.SOON, due_on=date(2026, 3, 26))],
         "请市财政局按期办完 2 项临期的事项（最早3月25日 周三到期）。"),
    ],
)  # fmt: skip
def test_the_lead_asks_who_must_do_what_by_when(matters: list[Matter], expected: str) -> None:
    assert lead(matters, "市财政局", TODAY_IS) == expected


def test_a_head_is_asked_to_urge_and_told_why() -> None:
    mine = matter(G.LATE, "逾期 1 个工作日", as_head=True)
    assert lead([mine], "您", TODAY_IS) == "市财政局的“四.2 线索转办”已逾期 1 个工作日，请督促承办人立即办结。"
    assert lead([mine, mine], "您", TODAY_IS) == "请您督促承办人立即办理 2 项已逾期的事项。"
    assert "单位负责人" in reason([mine], "市减负办", to_person=True)


@pytest.mark.parametrize(
    ("matters", "expected"),
    [
        ([HANDED], "您收到这封邮件，因为您是市财政局的承办人。"),
        ([NOTICE], "您收到这封邮件，因为您是某市的系统管理员。"),
        ([HANDED, NOTICE], "您收到这封邮件，因为您是市财政局的承办人、某市的系统管理员。"),
        ([order(G.LATE, "逾期", as_head=True)],
         "您收到这封邮件，因为您是市财政局的单位负责人：事项逾期或迟迟未签收时，同时告知单位负责人。"),
        ([matter(G.ASKED, as_head=True)], "您收到这封邮件，因为您是市财政局的单位负责人。"),
        ([matter(G.SUBMITTED, as_supervisor=True)], "您收到这封邮件，因为您是市减负办的督查员。"),
    ],
)  # fmt: skip
def test_a_reader_is_told_why_he_gets_the_mail(matters: list[Matter], expected: str) -> None:
    assert reason(matters, "市减负办", to_person=True) == expected


@given(st.text("措施落实，。（）“”A1 9", max_size=400))
def test_text_wraps_between_words_and_loses_nothing(text: str) -> None:
    wrapped = flow(text, "   ")
    assert wrapped.replace("\n   ", "").replace(" ", "") == text.replace(" ", "")
    for line in wrapped.split("\n   ")[1:]:
        assert line[:1] not in NEVER_FIRST
    for line in wrapped.split("\n   ")[:-1]:
        assert line.rstrip()[-1:] not in tuple(NEVER_LAST)
