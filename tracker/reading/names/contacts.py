"""Contacts (责任人、联系方式): people and telephone numbers of a responsibility block, printed as they stand."""

import re
from collections.abc import Sequence

from tracker.reading.plan import Contact
from tracker.reading.text.lazy import lazy

_PHONE = lazy(r"(?<!\d)((?:0\d{2,3}[-—– ]?)?\d{7,8}(?:[-转]\d{1,5})?|1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\d{5,6})(?!\d)")
_KIND = r"(?:传真|电话|手机|办公室|座机)"
_KIND_BEFORE = lazy(rf"({_KIND})[:： ]*$")
_KIND_AFTER = lazy(rf"\s*[(（]({_KIND})[)）]")
_POST = lazy(
    r"(?:副?(?:科长|处长|局长|主任|部长|股长|所长|站长|队长|大队长|院长|校长|主席|书记|秘书长|经理|总经理|厅长|区长"
    r"|县长|镇长|市长|行长|会长|组长|调研员|负责人)|科员|干部|专员|"
    r"主管|一级主任科员|二级主任科员|三级主任科员|四级主任科员|主任科员|科|处|股|室|部|办公室)"
)
_BODY = lazy(r".*?(?:人民政府|政府|管委会|委员会|办公室|中心|公司|集团|银行|支行|[局委厅院署])(?=.)")


def contacts_of(people: Sequence[str], phones: Sequence[str], units: Sequence[str]) -> tuple[Contact, ...]:
    """The contacts of a block from its lines of people and of numbers; the first unit stands where a line names none.

    One number for each person is given to each, with the fax that follows it; any other count belongs to all of them.
    """
    unit = units[0] if units else None
    persons = [person for line in people for person in _persons(line, units)]
    numbers = [number for line in phones for number in _numbers(line)]
    if not persons:
        return (Contact(unit, None, None, tuple(numbers)),) if numbers else ()
    own: list[list[str]] = []
    for number in numbers:
        if "传真" in number and own:
            own[-1].append(number)
        else:
            own.append([number])
    if len(persons) > 1 and len(own) == len(persons):
        return tuple(Contact(u, p, n, tuple(theirs)) for (u, p, n), theirs in zip(persons, own, strict=True))
    return tuple(Contact(u, p, n, tuple(numbers)) for u, p, n in persons)


def _persons(line: str, units: Sequence[str]) -> list[tuple[str | None, str | None, str | None]]:
    """The people of one line: body, post and name, as far as each is printed."""
    found: list[tuple[str | None, str | None, str | None]] = []
    for part in re.split(r"[、；;，,]", line):
        words = part.split()
        if not words:
            continue
        whole = "".join(words)
        if len(words) > 2 and len(words[-1]) == len(words[-2]) == 1:
            words = [*words[:-2], words[-2] + words[-1]]
        if len(words) > 1 and len(words[-1]) <= 4:
            head, name = "".join(words[:-1]), words[-1]
        else:
            head, name = _cut_name(whole)
        known = max((unit for unit in units if head.startswith(unit)), key=len, default="")
        body, post = (known, head[len(known) :] or None) if known else _cut_body(head)
        found.append((body or (units[0] if units else None), post, name))
    return found


def _cut_name(whole: str) -> tuple[str, str | None]:
    """Post and name where no blank parts them: the name stands behind the last word for a post."""
    last = None
    for match in _POST.finditer(whole):
        last = match
    if last is None:
        return ("", whole) if 2 <= len(whole) <= 4 else (whole, None)
    name = whole[last.end() :]
    return whole[: last.end()], name if 1 < len(name) <= 4 else None


def _cut_body(head: str) -> tuple[str | None, str | None]:
    """The body and the post of 市税务局所得税科科长."""
    match = _BODY.match(head)
    if not match:
        return None, head or None
    body, post = match[0], head[match.end() :]
    longer = re.match(r"(?:委员会|公司|中心|办公室)", post)
    if longer:
        body, post = body + longer[0], post[longer.end() :]
    return body, post or None


def _numbers(line: str) -> list[str]:
    """The telephone numbers of a line; a fax number keeps the word."""
    found: list[str] = []
    for match in _PHONE.finditer(line):
        before, after = _KIND_BEFORE.search(line, 0, match.start()), _KIND_AFTER.match(line, match.end())
        kind = after[1] if after else before[1] if before else ""
        found.append(re.sub(r"\s", "", match[1]) + ("（传真）" if kind == "传真" else ""))
    return found
