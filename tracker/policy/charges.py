"""Charges (交办) in prose: sentences that say who is to act, where no list of units is printed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tracker.policy.duties import Named
from tracker.policy.names import SUFFIX, is_name, kind_of, names_in
from tracker.policy.plan import NameKind, Role
from tracker.policy.units import same_body

_PIECE = r"[^，。；：、“”《》（）]"
# A subject: names joined by 、 or 和, the last of which ends like the name of a body.
_SUBJECT = (
    rf"(?P<subject>(?:{_PIECE}{{1,22}}(?:（[^（）]{{1,20}}）)?、){{0,8}}{_PIECE}{{0,28}}?(?:（[^（）]{{1,30}}）)?"
    rf"(?:{SUFFIX}|各市、县|设区的?市|市、县|各[市县]（[^（）]{{1,8}}）区?)(?:（[^（）]{{1,16}}）)?)"
)
_DATE = (
    r"(?:(?:到|在|于|自|从)?(?:20\d\d年)?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:年?底|年?末|上半年|下半年)?(?:之?前|起"
    r"|内)?，)?"
)
_MUST = (
    r"(?:要(?!求|素|件|点)|应当?(?!急|用|对|届|付|收)|必须|须|需(?![求]|要)|负责(?!人|同志|领导)|牵头(?!单位|部门"
    r"|人|领导)|会同(?=[^，。；]{2,30}(?:于"
    r"|每|在|制定|组织|开展|研究|建立|做好|负责))|将(?=于|会|在\d|组织|适时|对[^，。；]{2,40}(?:进行|开展)))"
)
_SHARES = r"(?:按照?(?:各自)?职责(?:分工)?|分别|共同)(?:负责|落实|抓好|做好|尽快|抓紧|加强|组织|推进|配合)"
_PLAIN = re.compile(rf"(?:^|[，：])(?:其中，|同时，|此外，)?{_SUBJECT}(?P<must>{_SHARES}|{_MUST})"
)
_ADVERBIAL = re.compile(
    rf"^{_DATE}{_SUBJECT}(?=在|对|于|按照?|根据|依据|结合"
    rf"|通过)[^，。；]{{1,60}}，(?:[^，。；]{{1,40}}，)?(?:都)?{_MUST}"
)
_ANSWERS = re.compile(rf"(?:^|，){_SUBJECT}对[^，。；]{{1,80}}负(?:总|主要|直接|领导|主体)?责")
_BY = re.compile(
    rf"(?<![自理缘事])(?<!可)由{_SUBJECT}(?P<act>牵头(?!单位|部门|人)|负责(?!人|同志)|会同|统一|统筹|具体|组织|按"
    rf"|将|向|对|商|转|制定|研究|审"
    rf"|报|联|另行|汇总|定期|依法|给予|提出|办理)"
)
_BY_DATE = re.compile(
    rf"^(?:到|在|于)?(?:20\d\d年|年)(?:\d{{1,2}}月)?(?:\d{{1,2}}日)?(?:年?底|年?末)?(?:之?前)?，{_SUBJECT}"
)
_TIMED = re.compile(rf"(?:^{_DATE}|，){_SUBJECT}(?=每(?:年|月|周|季|半年|两周|日)|于(?:20\d\d年|\d{{1,2}}月|每))")
_LEVEL_PLACE = re.compile(
    rf"^{_DATE}(?P<subject>(?:各|每个)(?:设区的?)?(?:市|县|州|区|旗|乡镇)(?:、(?:市|县|州|区"
    rf"|旗))*(?:（[^（）]{{1,8}}）)?)(?=[^的，。；、]{{1,4}}(?:要|应|须))"
)
_ASKED = re.compile(rf"(?:^|，)请{_SUBJECT}(?=在|于|按|抓紧|尽快|认真|结合|根据|将|对|，|加强|做好|研究|组织|落实)")
_SHARED = re.compile(r"按照?(?:各自)?职责|分别")
_LEADS = re.compile(r"(?:要|应当?|须|必须|负责)?牵头")
_PARTNER = re.compile(
    rf"^(?:会同|商|联合)(?P<subject>[^，。；]{{2,60}}?(?:{SUFFIX}))(?=[^，。；]{{0,2}}"
    r"(?:研究|制定|提出|负责|组织|开展|建立|落实|推进|做好|[，。；于在每按对编加共统完指出审实发起明抓办印]|$))"
)
_HELPERS = re.compile(
    rf"^(?:[^，。；]{{0,12}})，(?P<subject>[^，。；]{{2,80}}?(?:{SUFFIX})(?:等)?)(?=(?:按照?职责(?:分工)?)?(?:配合"
    rf"|协助|参与|协同))"
)
_ENTERPRISE = re.compile(r"(?:企业|公司|集团)$")
_NO_BODY = re.compile(
    r"(?:^|.)(?:工作|任务|政策|措施|服务|项目|平台|产业|系统|设施|建设|网站|市场|社会|机会|学会了|一会|将会|不会"
    r"|机组|小组长|首部|全部|内部|外部|干部|局部|中部|西部|东部|总部|院校|关于)$"
)


_PATTERNS = (
    (_BY, "由"), (_ADVERBIAL, "subject"), (_ANSWERS, "subject"), (_PLAIN, "subject"), (_ASKED, "请"),
    (_LEVEL_PLACE, "subject"), (_TIMED, "subject"), (_BY_DATE, "date and subject"),
)  # fmt: skip


# A charge names a body and says that it must; most sentences do neither.
_HINT = re.compile(rf"(?:{SUFFIX}|市、县|设区的?市|各[市县州区])")
_READ = 1200  # characters of one sentence that are looked at


@dataclass(frozen=True, slots=True)
class Charge:
    """One sentence that charges somebody."""

    start: int
    names: tuple[Named, ...]


def charges_in(flat: str, start: int, end: int) -> list[Charge]:
    """The sentences of a text that charge a body, one for each that charges somebody else."""
    found: list[Charge] = []
    known: list[str] = []
    for a, b in _sentences(flat, start, end):
        names = _of_sentence(flat, a, min(b, a + _READ)) if b - a > 3 else []
        fresh = [n for n in names if not any(_same(flat[n.start : n.end], other) for other in known)]
        if names and (fresh or not found):
            known.extend(flat[n.start : n.end] for n in fresh)
            found.append(Charge(a, tuple(names)))
    return found


def _same(name: str, other: str) -> bool:
    return name == other or same_body(name, other) or same_body(other, name)


def _sentences(flat: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for match in re.finditer("[。；！]", flat[start:end]):
        yield at, start + match.start()
        at = start + match.end()
    if at < end:
        yield at, end


def _of_sentence(flat: str, start: int, end: int) -> list[Named]:
    """The bodies one sentence charges, in the order of its words."""
    sentence = flat[start:end]
    found: list[Named] = []
    if not _HINT.search(sentence):
        return found
    for pattern, rule in _PATTERNS:
        for match in pattern.finditer(sentence):
            if any(start + match.start("subject") < n.end and n.start < start + match.end("subject") for n in found):
                continue
            found.extend(_read(flat, start, match, rule))
    return sorted(found, key=lambda named: named.start)


def _read(flat: str, shift: int, match: re.Match[str], rule: str) -> list[Named]:
    sentence = match.string
    words = match.groupdict()
    tail = (words.get("must") or words.get("act") or "") + sentence[match.end() : match.end() + 2]
    role = Role.LEAD if _LEADS.match(tail) else Role.EACH if _SHARED.match(tail) else Role.RESPONSIBLE
    a, b = shift + match.start("subject"), shift + match.end("subject")
    if match["subject"].endswith("主要"):
        return []
    names = [Named(x, y, role, rule) for x, y in names_in(flat, a, b)]
    if not names or not all(_chargeable(flat[n.start : n.end], rule, len(names)) for n in names):
        return []
    if rule == "date and subject" and kind_of(flat[a:b]) is NameKind.UNIT:
        return []
    names.extend(_partners(flat, shift, match, tail))
    return names


def _partners(flat: str, shift: int, match: re.Match[str], tail: str) -> Iterator[Named]:
    """Those with whom the charged body is to act: 牵头商自治区财政厅, 会同市财政局."""
    sentence = match.string
    at = match.end()
    if tail.startswith(("会同", "商")):
        at = match.start("act" if "act" in match.groupdict() else "must")
    partner = _PARTNER.match(sentence[at:]) or _HELPERS.match(sentence[at:])
    if partner:
        a, b = shift + at + partner.start("subject"), shift + at + partner.end("subject")
        for x, y in names_in(flat, a, b):
            if _chargeable(flat[x:y], "partner", 1):
                yield Named(x, y, Role.SUPPORT, "会同")


def _chargeable(name: str, rule: str, count: int) -> bool:
    """Whether a subject is a body that can be given a duty."""
    if len(name) < 2 or len(name) > 46 or _NO_BODY.search(name):
        return False
    if "由" in name or name.startswith(("我", "本", "该", "其")) or name[0] in "的和及对把将使让并或因为":
        return False
    if not is_name(name) and not name.endswith(("各市、县", "市、县", "设区市")):
        return count > 1 and rule == "由" and len(name) <= 6
    return not (rule == "由" and _ENTERPRISE.search(name))
