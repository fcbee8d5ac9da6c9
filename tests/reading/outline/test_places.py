"""The place a plan is of is the one its head names, and never a piece of other words."""

import pytest

from tracker.reading.extraction import read

BODY = "\n一、清理账款。2026年6月底前完成。（责任单位：市财政局）\n二、减免租金。（责任单位：市国资委）\n"


@pytest.mark.parametrize(
    ("head", "place"),
    [
        ("临江市减轻企业负担若干措施", "临江市"),
        ("关于印发《若干措施》的通知\n临市场监管规〔2026〕1号\n减轻企业负担若干措施", None),
        ("关于印发《若干措施》的通知津市场监管规〔2026〕1号\n减轻企业负担若干措施", None),
    ],
)
def test_a_piece_of_a_number_or_a_notice_is_no_place(head: str, place: str | None) -> None:
    (plan,) = read(head + BODY).plans
    assert plan.jurisdiction == place
