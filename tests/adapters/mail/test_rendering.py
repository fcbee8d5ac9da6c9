"""A mail is at most 60 KB as it is sent: the most urgent stays, what is beyond is counted and linked."""

import re
from datetime import UTC, datetime
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.adapters.mail import rendering
from tracker.adapters.mail.rendering import MOST_BYTES, Digest, MailGroup, MailLine, MailList, Rendered, render
from tracker.adapters.mail.sending import Mail, build

# Names as long as a column holds them.
LONG_NAME = "某市政务服务和数据管理局" * 10
FROM = f"{LONG_NAME[:60]} <jfb@mou.example>"
AT = datetime(2026, 3, 23, 2, 0, tzinfo=UTC)
LISTS = tuple(MailList(f"责任 · {name}", f"https://tz.example/duties/?light={name}&own=1") for name in ("逾期", "临期"))


def line(number: int, words: str = "建立健全机制", longest: int = 200) -> MailLine:
    """Return a line whose every part is as long as it can get."""
    long = words * (longest // len(words))
    return MailLine(
        key=f"四.{number}",
        title=f"{number:04}号{long}",
        quote=long[:124],
        basis=long,
        doc=long[:80],
        date_words="2026年3月25日 周三（原为2026年3月24日）",
        why=long[:160],
        light_words="逾期 18 个工作日",
        url=f"https://tz.example/duties/{number}",
    )


def mail(*groups: MailGroup) -> Digest:
    return Digest(
        "〔逾期500项〕" + "局" * 20, LONG_NAME, "请立即办理。", groups, LONG_NAME, "因为", "https://tz.example"
    )


def sent(written: Rendered) -> int:
    """Return the bytes of the mail as SMTP gets them."""
    message = Mail("<1@mou.example>", LONG_NAME, "wl@mou.example", written.subject, written.text, written.html, AT)
    built = build(message, FROM)
    return max(len(built.as_bytes()), len(built.as_bytes(policy=SMTP)))


def shown(form: str) -> list[int]:
    """Return the numbers of the lines printed, in order."""
    return [int(number) for number in re.findall(r"(\d{4})号", form)]


def left_out(form: str) -> int:
    return sum(int(number) for number in re.findall(r"(?:另有|共) (\d+) 项", re.sub(r"<[^>]*>", "", form)))


words = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=40) | st.sampled_from(
    ("<b>&\"'</b>", "a", "𠮷", "Q&A—")
)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 500), st.integers(1, 30), words, st.integers(1, 400)), min_size=1, max_size=17),
)
def test_whatever_it_tells_a_mail_is_small_and_loses_nothing(
    wanted: list[tuple[int, int, str, int]],
) -> None:
    groups, number = [], 0
    for place, (total, printable, text, longest) in enumerate(wanted):
        lines = tuple(line(number + n, text, max(longest, len(text))) for n in range(min(total, printable)))
        number += len(lines)
        lists = tuple(LISTS[n % 2] for n in range(total))
        groups.append(MailGroup(f"第{place}组", lines, lists, "late", "■"))
    written = render(mail(*groups))
    assert sent(written) <= MOST_BYTES
    told = sum(total for total, *_ in wanted)
    for form in (written.text, written.html):
        assert shown(form) == shown(written.text)
        assert len(shown(form)) + left_out(form) == told
        for place, (total, *_) in enumerate(wanted):
            assert f"第{place}组 · {total} 项" in form
    # The first stay: nothing less urgent slips in behind a line that was left out.
    everything = [int(one.title[:4]) for group in groups for one in group.lines]
    assert shown(written.text) == everything[: len(shown(written.text))]


def test_what_a_big_unit_is_told_first_fits_and_the_room_is_used() -> None:
    late, new = (tuple(line(n) for n in range(start, start + 30)) for start in (0, 100))
    written = render(
        mail(
            MailGroup("逾期", late, (LISTS[0],) * 200, "late", "■"),
            MailGroup("新交办", new, (LISTS[1],) * 300, "new", "○"),
        )
    )
    assert MOST_BYTES * 0.85 < sent(written) <= MOST_BYTES
    kept = len(shown(written.text))
    assert kept >= 5  # each has 760 characters
    assert f"另有 {200 - kept} 项，全部列在责任 · 逾期：https://tz.example/duties/?light=逾期&own=1" in written.text
    assert "共 300 项，全部列在责任 · 临期：" in written.text
    assert 'href="https://tz.example/duties/?light=临期&amp;own=1"' in written.html


def test_a_mail_with_room_says_everything() -> None:
    written = render(mail(MailGroup("逾期", tuple(line(n) for n in range(5)), (LISTS[0],) * 5, "late", "■")))
    assert shown(written.html) == [0, 1, 2, 3, 4]
    assert left_out(written.text + written.html) == 0


def test_every_line_is_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    template = rendering._template

    def noted(name: str) -> object:
        made.append(name)
        return template(name)

    monkeypatch.setattr(rendering, "_template", noted)
    render(mail(MailGroup("逾期", tuple(line(n) for n in range(30)), (LISTS[0],) * 500, "late", "■")))
    assert made.count("digest.html") == 2  # once to measure what stands whatever is left out
    assert made.count("line.html") <= 30
