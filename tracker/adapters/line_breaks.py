"""How a template's line breaks are read: they lay the source out and print nothing.

Between Chinese characters a browser shows a broken line as a blank.  So a line may be broken anywhere outside a tag's
quotes, and a blank is written as one: on its line, or as {{ ' ' }} where a line ends.
"""

import re
from collections.abc import Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

BREAK = re.compile(r"[ \t]*\n[ \t\n]*")  # a wide blank is a character
# What ends each state: text runs to a tag, a tag to its end or a quoted value, a value to its quote.
TEXT, TAG = "text", "tag"
ENDS = {
    TEXT: re.compile(r"<(?=[A-Za-z/!])"),
    TAG: re.compile(r"[>\"']"),
    '"': re.compile('"'),
    "'": re.compile("'"),
}
PRINTS = {TEXT: "", TAG: " "}


class LineBreaks(Extension):
    """Takes the line breaks out of a page's markup, indentation and all; between the parts of a tag a blank stays."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        plain = (stream.name or "").endswith(".txt")
        state = TEXT
        for token in stream:
            if token.type != "data" or plain:
                yield token
            else:
                text, state = joined(token.value, state)
                yield Token(token.lineno, "data", text)


def joined(markup: str, state: str) -> tuple[str, str]:
    """Return markup without its line breaks, and whether it ends in text, in a tag or in a quoted value."""
    pieces, start = [], 0
    while True:
        end = ENDS[state].search(markup, start)
        stop = end.end() if end else len(markup)
        piece = markup[start:stop]
        pieces.append(BREAK.sub(PRINTS[state], piece) if state in PRINTS else piece)
        if end is None:
            return "".join(pieces), state
        start = stop
        if state is TEXT:
            state = TAG
        elif state is TAG:
            state = TEXT if end[0] == ">" else end[0]
        else:
            state = TAG
