"""What the line breaks of a template print: nothing."""

import pytest
from jinja2 import DictLoader, Environment

from tracker.adapters.line_breaks import LineBreaks


def printed(source: str, name: str = "page.html", **context: object) -> str:
    made = Environment(loader=DictLoader({name: source}), extensions=[LineBreaks], autoescape=True)
    return made.get_template(name).render(**context)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("<p>\n  牵头\n  <b>单位</b>\n</p>", "<p>牵头<b>单位</b></p>"),
        ("{% if a %}\n  甲\n{% endif %}\n乙", "甲乙"),
        ("甲 \n\n\t 乙", "甲乙"),
        ("<b>甲</b> <b>乙</b>", "<b>甲</b> <b>乙</b>"),
        ("甲{{ ' ' }}\n乙", "甲 乙"),
        ("甲\n　乙", "甲　乙"),
        (
            '<a class="x"\n   href="/{{ a }}"\n   {% if a %} hidden{% endif %}>甲</a>',
            '<a class="x" href="/1"  hidden>甲</a>',
        ),
        ('<a title="甲\n乙">', '<a title="甲\n乙">'),
        ("<a title='>\n'>\n甲", "<a title='>\n'>甲"),
        ("3 < 4\n甲", "3 < 4甲"),
        ("{{ text }}", "甲\n乙"),
    ],
)
def test_a_line_break_lays_the_source_out_and_prints_nothing(source: str, said: str) -> None:
    assert printed(source, a=1, text="甲\n乙") == said


def test_a_mail_as_text_keeps_its_lines() -> None:
    assert printed("甲\n乙", "mail.txt") == "甲\n乙"
