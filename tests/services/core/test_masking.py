"""What looks like a person's number, address or account is hidden however it is written; sums and dates are not."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit import cpu
from tests.kit.ledger_types import add_types, load_version
from tests.kit.world import NOW, World
from tracker.rules.verbs import Subject, Verb
from tracker.services.cases import conclusion, ledger, pauses
from tracker.services.cases.acts import StepFacts
from tracker.services.cases.ledger import NewCase
from tracker.services.core.act import begin
from tracker.services.core.errors import Refused
from tracker.services.core.masking import looks_private, mask_phone, mask_text
from tracker.store.cases.page import find_case
from tracker.store.core.actors import SYSTEM
from tracker.store.models import AuditEntry, Recalculation

HIDDEN = [
    # Mobile numbers
    "13812345678", "138 1234 5678", "138-1234-5678", "138 12345678", "1381234 5678", "138 12 34 56 78",
    "138—1234—5678", "138.1234.5678", "138 - 1234 - 5678", "138　1234　5678", "１３８１２３４５６７８",
    "１３８－１２３４－５６７８", "+8613812345678", "+86 138 1234 5678", "＋86-138-1234-5678", "86 13812345678",
    "0086 138 1234 5678", "(+86) 138 1234 5678", "（86）138-1234-5678", "1 3 8 1 2 3 4 5 6 7 8",
    "138\N{NO-BREAK SPACE}1234\N{NO-BREAK SPACE}5678", "138\N{NON-BREAKING HYPHEN}1234\N{NON-BREAKING HYPHEN}5678",
    "138\N{ZERO WIDTH SPACE}1234\N{ZERO WIDTH SPACE}5678",
    # Fixed lines
    "0412-2345678", "0412 234 5678", "(0412)2345678", "（0412） 234-5678", "010-6655 1234", "021—6655—1234",
    "0412-2345678-801", "0412-2345678转801", "+86 412 234 5678", "+86-10-66551234", "电话：234 5678", "座机6655-1234",
    "400-123-4567", "400 1234 567",
    # Mail
    "zhang.san@163.com", "zhang_san+1@mail.mou.example", "12345678@qq.com",
    "zhangsan \N{FULLWIDTH COMMERCIAL AT} 163.com",
    # QQ and 微信
    "QQ：12345678", "QQ:12345", "qq 123456", "QQ号12345678", "QQ号码是 12345678", "QQ（12345678）",
    "\uff31\uff31：１２３４５６",
    "QQ 123 456 789", "扣扣123456", "微信：abc_123", "微信号：zhang-san88", "微信号abc_123", "微信zhangsan_88",
    "微信（zhangsan88）", "微信号码为zhangsan", "微信 abc123456", "VX:abc123456", "WeChat: zhangsan",
    "微信ID：zhangsan",
    "微信 ID：zhangsan", "微信联系zhangsan_88",
    # Blanks on both sides of a dash, marks that do not show, other words for a telephone
    "138  -  1234  -  5678", "0412 - 234 - 5678", "0412 - 6655 1234", "固话6655-1234", "联系方式：234 5678",
    "138\N{SOFT HYPHEN}1234\N{SOFT HYPHEN}5678",
    "\N{LEFT-TO-RIGHT EMBEDDING}138\N{LEFT-TO-RIGHT MARK}1234\N{LEFT-TO-RIGHT MARK}5678",
    # Papers, in blanks as well
    "21030019800101123X", "210300 19800101 123X", "6222 0212 3456 7890 123", "20250012345",
]  # fmt: skip
SHOWN = [
    "2026年12月10日", "2026-12-10", "2026.12.10", "2026/12/10", "2026-12-10 10:30", "1998-12-10至1999-01-10",
    "1998年12月10日", "2023-2026", "2023—2026年", "12月1日—12月31日", "2026 年 12 月 10 日", "８月２５日",
    "〔2026〕12号", "鞍政办发〔2026〕12号", "国办发[2026]138号", "第12345号", "2026-001", "2026-0012", "XS-0117",
    "1,234,567.89元", "1234567.89元", "1234567元", "1 234 567 元", "1,234,567,890.12元", "12.5万元", "12345678 元",
    "3000万元", "10000000.00元", "欠款12万元、35.6万元", "1.38亿元", "35%", "12345热线", "12345工单", "0.138",
    "3—5个工作日", "2026 - 2027", "12 - 15项", "联系方式2026-12-10已变更",
    "第一百三十八条", "138项", "138、139、150", "13,812,345,678元", "QQ群2026年3月建立", "QQ沟通", "微信公众号",
    "微信小程序",
    "微信群", "微信告知", "微信PDF", "加微信", "（微信同号）", "电话告知2026-001", "电话：2026-12-10已回复",
    "电话回访3次", "微信2026-03-10沟通",
    "单价3@5元", "1380元", "9:00-17:30", "08:30—17:30", "GB/T 22239-2019",
]  # fmt: skip


PARTS = ("1234", "5678", "3456", "6789", "2345", "abc", "zhang", "san", "163")
PLAIN_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")


def hidden_within(written: str, around: str) -> bool:
    """Whether nothing of what was written can be read in its surroundings, which stay as they were."""
    said = mask_text(around.format(written), None)
    left = said.replace("****", "").translate(PLAIN_DIGITS)
    before, after = around.split("{}")
    whole = said.startswith(before) and said.endswith(after)
    # Masked again, it stays as it is: what the trail keeps can be compared.
    return "****" in said and whole and not any(part in left for part in PARTS) and mask_text(said, None) == said


@pytest.mark.parametrize(
    "around",
    ["{}", "请联系{}。", "联系电话：{}", "手机 {}（晚）", "他说{}，可以打", "（{}）", "一、{}\n二、2026年"],
)
def test_what_leads_to_a_person_is_hidden_however_it_is_written(around: str) -> None:
    assert [written for written in HIDDEN if not hidden_within(written, around)] == []


@pytest.mark.parametrize("around", ["{}", "按{}办理", "共{}；", "1.{}\n2.同上"])
def test_sums_dates_and_numbers_of_papers_are_not(around: str) -> None:
    texts = [around.format(written) for written in SHOWN]
    assert [text for text in texts if mask_text(text, None) != text] == []


def test_a_credit_code_is_treated_as_ever() -> None:
    assert mask_text("统一社会信用代码91210300MA0UABC12K", None) == "统一社会信用代码****MA0UABC12K"
    assert mask_text("统一社会信用代码912103007123456789", None) == "统一社会信用代码****"


def test_what_is_hidden_leaves_the_words_around_it() -> None:
    said = "张三（138 1234 5678，QQ：12345678，微信号 abc_123，z@163.com）2026年3月1日来电，欠1,234,567.89元。"
    assert mask_text(said, "张三") == "张*（****，QQ：****，微信号 ****，****）2026年3月1日来电，欠1,234,567.89元。"


@pytest.mark.parametrize("written", ["张三丰", "张 三 丰", "张　三丰", "张三\n丰"])
def test_a_name_is_hidden_with_blanks_in_it_too(written: str) -> None:
    assert mask_text(f"来件人{written}称", "张三丰") == "来件人张**称"
    assert mask_text(f"来件人{written}称", "张 三丰") == "来件人张**称"


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("138 1234 5678", "138****5678"), ("138-1234-5678", "138****5678"), ("+86 138 1234 5678", "138****5678"),
        ("8613812345678", "138****5678"), ("１３８１２３４５６７８", "138****5678"), ("0412 234 5678", "****5678"),
        ("0412-2345678转801", "****8801"), ("z@163.com", "****"), ("微信abc_123", "****"), ("QQ12345", "****"),
    ],
)  # fmt: skip
def test_a_telephone_of_any_shape_keeps_its_ends_alone(kept: str, shown: str) -> None:
    assert mask_phone(kept) == shown


def test_masking_costs_little_whatever_is_repeated() -> None:
    with cpu.at_most(20):
        for said in ("1", "1 ", "a", "a.a", "QQ", "微信 ", "0-", "(86)", "电话：", "20-"):
            mask_text(said * 20_000, None)


@pytest.mark.parametrize(
    "reference", ["张某 138 1234 5678", "QQ：12345678", "微信abc_123", "z@163.com", "0412 234 5678"]
)
def test_a_reference_takes_none_of_them_either(world: World, session: Session, reference: str) -> None:
    assert looks_private(reference)
    version = load_version(session, add_types(session, world)["complaint"])
    new = NewCase(unit_id=world.units["jfb"].id, happened_at=NOW, reference=reference, form_key="r")
    with pytest.raises(Refused, match="电话"):
        ledger.open_case(begin(session, world.actor("supervisor2"), NOW), version, new)


def test_the_trail_keeps_masked_words_whatever_field_they_were_typed_into(world: World, session: Session) -> None:
    who = world.actor("supervisor2")
    version = load_version(session, add_types(session, world)["complaint"])
    new = NewCase(
        unit_id=world.units["jfb"].id, happened_at=NOW, accepted_at=NOW, reference="XS-1", form_key="t", name="张三丰"
    )
    case_id = ledger.open_case(begin(session, who, NOW), version, new).id
    said = "张 三丰 138 1234 5678、QQ：12345678、微信abc_123、z@163.com"
    case = find_case(session, who, case_id)
    assert case is not None
    conclusion.add_note(begin(session, who, NOW), case, StepFacts(said))
    other = world.actor("supervisor")  # nobody stops his own clock
    pauses.pause_case(begin(session, other, NOW), case, reason=said, authority=f"来电 {said}")
    session.flush()
    pauses.resume_case(begin(session, who, NOW), case)
    # Whatever else is written down, by any verb of any room.
    begin(session, SYSTEM, NOW).record(
        Verb.CASE_NOTE, Subject.CASE, case_id, note=said, after={"said": [said], "of": {"it": said}}
    )
    begin(session, who, NOW).record(Verb.DUTY_REPORT, Subject.DUTY, 1, note=said)
    session.flush()
    for entry in session.scalars(select(AuditEntry)):
        told = f"{entry.note} {entry.before} {entry.after}"
        for part in ("1234", "5678", "abc_123", "163.com"):
            assert part not in told, (entry.verb, told)
    for why in session.scalars(select(Recalculation.why)):
        assert "1234" not in why


def test_the_trail_of_a_document_keeps_its_public_telephones(world: World, session: Session) -> None:
    facts: dict[str, Any] = {"contacts": [{"name": "王科长", "phone": "0412-5551234"}]}
    begin(session, SYSTEM, NOW).record(Verb.NAME_SETTLE, Subject.MEASURE, 1, after=facts)
    session.flush()
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.verb == Verb.NAME_SETTLE))
    assert entry.after == facts
