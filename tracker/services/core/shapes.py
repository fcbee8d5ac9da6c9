"""What a person's number, address or account looks like (号码的样子), however it is written.

Read on text of one width: full-width figures, letters and marks count as their plain ones, and every character keeps
its place, so that what is found can be hidden in the text as it was written.
"""

import re

# Figures, letters and marks of the full-width block, its blank, every dash, and blanks that do not show.
_PLAIN = {0xFF01 + n: 0x21 + n for n in range(94)}
_PLAIN |= dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0xFE63], ord("-"))
_PLAIN |= dict.fromkeys([0x3000, 0xA0, 0x2007, 0x2009, 0x202F, 0xAD, 0x2060, 0xFEFF], ord(" "))
_PLAIN |= dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F)], ord(" "))

# Blanks and dashes between the figures of one number; never a new line: a table's column is many numbers.
_GAP = r"(?:[ \t\-.]{0,3}|[ \t]{1,2}-[ \t]{1,2})"
# A day, a span of years and a case's number are made of figures and dashes as well.
_NO_DAY = r"(?!(?:19|20)\d\d(?:[-./ ]{1,2}[01]?\d[-./ ]{1,2}[0-3]?\d|-\d{3,4})(?!\d))"
_ABROAD = rf"(?:\((?:\+|00)86\)|(?:\+|(?<!\d)00)86){_GAP}"
_IS = r"[\s:()\"'“”]{0,4}(?:是|为|叫)?[\s:()\"'“”]{0,3}"

_MAIL = r"[\w%+][\w.%+-]{0,63} ?@ ?(?=[\w.-]{0,60}[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9.-]{0,62}[A-Za-z0-9])"
_PAPER = r"(?<!\d)\d{6}[ -]{0,3}(?:19|20)\d{6}[ -]{0,3}\d{3}[\dX](?!\d)|\d{17}[\dX]"
_CARD = r"(?<!\d)[3-6]\d{3}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)"
_MOBILE = (
    rf"(?:{_ABROAD}|(?:\(86\)|(?<!\d)86){_GAP}|(?<!\d)){_NO_DAY}"
    rf"(?:1[3-9]\d(?:{_GAP}\d){{8}}|1[ -][3-9](?:[ -]\d){{9}})(?!\d)"
)
_LOCAL = r"(?:\d{3,4}(?:[ -]?| - )\d{4})(?!\d)(?:-\d{1,5}(?!\d)| ?(?:转|分机|ext\.?) ?\d{1,5}(?!\d))?"
_AREA = rf"(?:{_ABROAD}(?:\(0?\d{{2,3}}\)|0?\d{{2,3}})|(?<!\d)(?<!\d-)(?:\(0\d{{2,3}}\)|0\d{{2,3}})){_GAP}{_LOCAL}"
_HOTLINE = r"(?<!\d)(?<!\d-)[48]00[ -]?(?:\d{3}[ -]?\d{4}|\d{4}[ -]?\d{3})(?!\d)"
_CALLED = r"(?:(?<=电话|手机|座机|固话|传真|号码|致电|拨打)|(?<=联系方式))"
# A whole number of another shape first: of 138 1234 5678 the first seven figures would do for a local one.
_WHOLE = "|".join((_PAPER, _CARD, _MOBILE, _AREA, _HOTLINE))
_SAID = rf"{_CALLED}{_IS}{_NO_DAY}(?P<said>{_WHOLE}|\d(?:[ -]?\d){{6,7}}(?!\d))"
_QQ = rf"(?:q ?q|扣扣)(?:号码|号|群号|群)?{_IS}{_NO_DAY}(?P<qq>\d{{5,12}}|\d{{2,4}}(?:[ -]\d{{3,4}}){{1,3}})(?!\d)"
# Told by a word of its own (微信号, 微信：), any account; put beside 微信, one that is no plain word (not 微信PDF).
_ACCOUNT = rf"{_NO_DAY}[A-Za-z0-9][\w-]{{4,29}}"
_WORD = r"(?:微信|薇信|威信|wechat|weixin|v信|vx|wx)"
_TOLD = rf"{_WORD} ?(?:号码|账号|号|id|(?=[:(是为叫])){_IS}(?P<told>{_ACCOUNT})"
_BESIDE = rf"{_WORD}(?:联系|添加)?\s?(?P<beside>(?=[A-Za-z-]*\d|[A-Za-z0-9-]*_){_ACCOUNT})"

_ANY = re.compile(
    "|".join(f"(?:{one})" for one in (_MAIL, _PAPER, _CARD, _QQ, _TOLD, _BESIDE, _SAID, _MOBILE, _AREA, _HOTLINE)),
    re.ASCII | re.IGNORECASE,
)
# Of seven figures or more in a row, a sum of money alone is not hidden; 元旦 and 元月 make no sum.
_LONG = re.compile(r"(?<!\d)\d{7,}[\dXx]?(?!\d|(?:\.\d+)? ?[百千万亿]*元(?![旦月宵]))", re.ASCII)


def plain(text: str) -> str:
    """Return text of one width, every character in its place."""
    return text.translate(_PLAIN)


def find_private(text: str) -> list[tuple[int, int]]:
    """Return where a telephone, a mail address, a paper or an account stands; of an account, without its word."""
    return [match.span(match.lastgroup or 0) for match in _ANY.finditer(plain(text))]


def find_long(text: str) -> list[tuple[int, int]]:
    """Return where a long number stands that could be anything of a person's."""
    return [match.span() for match in _LONG.finditer(plain(text))]
