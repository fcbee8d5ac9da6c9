"""Charges (交办) in prose: sentences that say who is to act, where no list of units is printed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tracker.reading.names.bodies import is_name, kind_of, names_in
from tracker.reading.names.charge_patterns import HELPERS, HINT, LATER_PARTNER, LEADS, PARTNER, PATTERNS, SHARED
from tracker.reading.names.likeness import same_body
from tracker.reading.names.responsibility import Named
from tracker.reading.plan import NameKind, Role
from tracker.reading.text.lazy import lazy

_ENTERPRISE = lazy(r"(?:企业|公司|集团)$")
_NO_BODY = lazy(
    r"(?:^|.)(?:工作|任务|政策|措施|服务|项目|平台|产业|系统|设施|建设|网站|市场|社会|机会|学会了|一会|将会|不会"
    r"|机组|小组长|首部|全部|内部|外部|干部|局部|中部|西部|东部|总部|院校|关于)$"
)
# Words before a noun that make it what is acted on, not who acts: 鼓励各地开展, 对企业加强.
_ACTED_ON = lazy(
    r"(?:鼓励|支持|引导|推[动进行]|指导|督促|要求|允许|建立|加强|加[快大]|完善|组织|依托|通过|充分|积极|实施|落实|发挥"
    r"|做好|开展|强化|健全|优化|提[升高供]|深化|探索|协[调助]|配合|会同|联合|帮助|授权|委托|确保|促进|整合|规范|聚焦|严格"
    r"|坚持|打造|培育|集中|全面|重点|着力|大力|深入|持续|进一步|统筹|纳入|列入|涉及|包括|成立|设立|明确|结合|围绕|针对|使用"
    r"|带动|防止|联系|商(?![务业会标贸])|报(?!社)|可|你|我|起草|凡|如|若|为|在|以|从|按|根据|向|与|同|给|经|当|是|有的|已|未|不|任何|企业|公司|银行|其中|直接|必要时|主动|共同)"
)
# A subject that itself says what somebody must do has swallowed the true one.
_SPEAKS = lazy(
    r"不得|要(?!点|素)|应(?!急|对|用)|必须|可以|会同|[向将把]|对(?![外口台接])|实行|采取|委托|建议|协助|依托|通过|\d[日月年]"
)
_POINTS = lazy(r"[我本该]|其(?![他它余])")
# Bodies that the units only supervise: they are bound, but nothing is assigned to them.
_OUTSIDE = lazy(r".{0,6}(?:用人|施工|建设|分包|监理|勘察|承包|中标|投标|生产经营|参保)单位")
_CONDITION = lazy(r"[^，。；]*的(?:，|$)")
_LEAD_IN = lazy(
    r"(?:到|在|于)?(?=[\d每年上下])(?:20\d\d年|每[年季月]度?)?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:年?[底末]|[上下]半年)?(?:之?前|起)(?=.{2})|请"
)
# 天津市滨海新区搭建平台: a place that is spoken of, unless its government is named.
_PLACE = lazy(r".*(?:[市县区州盟旗省]|地区|新区|园区)$")
# 各部门报送国务院的公文，应当符合…: what is done only describes the thing of which the sentence speaks.
_DESCRIBES = lazy(r"[^，。；]{1,24}的[^，。；的]{1,10}，(?:由|应当?|须|必须|要)")
_POINT = lazy(r"（[\d一二三四五六七八九十]{1,2}）")
_FIELD = lazy(r".*部门$")


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
        if all(n.role is Role.SUPPORT for n in names):
            # A partner whose leader an earlier sentence named belongs to that sentence.
            if found and fresh:
                known.extend(flat[n.start : n.end] for n in fresh)
                found[-1] = Charge(found[-1].start, (*found[-1].names, *fresh))
        elif fresh or not found:
            known.extend(flat[n.start : n.end] for n in fresh)
            found.append(Charge(a, tuple(names)))
    return found


def _same(name: str, other: str) -> bool:
    if name == other:
        return True
    # 地方各级行政执法机关 are not the 行政执法机关 that was named before.
    kind = kind_of(name)
    if kind is NameKind.COLLECTIVE:
        return False
    return kind is kind_of(other) and (same_body(name, other) or same_body(other, name))


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
    if not HINT.search(sentence):
        return found
    for pattern, rule in PATTERNS:
        for match in pattern.finditer(sentence):
            if any(start + match.start("subject") < n.end and n.start < start + match.end("subject") for n in found):
                continue
            found.extend(_read(flat, start, match, rule))
    for match in LATER_PARTNER.finditer(sentence):
        a, b = start + match.start("subject"), start + match.end("subject")
        if not any(a < n.end and n.start < b for n in found):
            names = [Named(x, y, Role.SUPPORT, "会同") for x, y in names_in(flat, a, b)]
            found.extend(n for n in names if _chargeable(flat[n.start : n.end], "partner", 1))
    return sorted(found, key=lambda named: named.start)


def _read(flat: str, shift: int, match: re.Match[str], rule: str) -> list[Named]:
    sentence = match.string
    words = match.groupdict()
    tail = (words.get("must") or words.get("act") or "") + sentence[match.end() : match.end() + 2]
    role = Role.LEAD if LEADS.match(tail) else Role.EACH if SHARED.match(tail) else Role.RESPONSIBLE
    a, b = shift + match.start("subject"), shift + match.end("subject")
    point = _POINT.match(flat, a, b)
    a = point.end() if point else a
    lead_in = _LEAD_IN.match(flat, a, b)
    a = lead_in.end() if lead_in else a
    if match["subject"].endswith("主要") or not _may_act(flat, a, b, match, rule):
        return []
    names = [Named(x, y, role, rule) for x, y in names_in(flat, a, b)]
    if not names or not all(_chargeable(flat[n.start : n.end], rule, len(names)) for n in names):
        return []
    names.extend(_partners(flat, shift, match, tail))
    return names


def _may_act(flat: str, start: int, end: int, match: re.Match[str], rule: str) -> bool:
    """Whether a subject that only its act shows to be charged may be: a group, a field, or who opens a sentence."""
    name = flat[start:end]
    if name.startswith("经") and rule != "由":
        # 经某局组织评审通过后: a condition.
        return False
    if rule not in ("subject and act", "barred", "date and subject", "date and act"):
        return True
    if _ACTED_ON.match(name) or (_ENTERPRISE.search(name) and not name.startswith("各")):
        return False
    behind = match.end("subject")
    if _CONDITION.match(match.string, behind) or _DESCRIBES.match(match.string, behind):
        return False
    kind = kind_of(name)
    if kind is NameKind.UNIT and (len(name) < 3 or _PLACE.fullmatch(name)):
        return False
    if rule == "date and act":
        return True
    if rule != "subject and act":
        return kind is not NameKind.UNIT
    return match.start() == 0 or kind is not NameKind.UNIT or bool(_FIELD.fullmatch(name))


def _partners(flat: str, shift: int, match: re.Match[str], tail: str) -> Iterator[Named]:
    """Those with whom the charged body is to act: 牵头商自治区财政厅, 会同市财政局."""
    sentence = match.string
    at = match.end()
    if tail.startswith(("会同", "商")):
        at = match.start("act" if "act" in match.groupdict() else "must")
    partner = PARTNER.match(sentence[at:]) or HELPERS.match(sentence[at:])
    if partner:
        a, b = shift + at + partner.start("subject"), shift + at + partner.end("subject")
        for x, y in names_in(flat, a, b):
            if _chargeable(flat[x:y], "partner", 1):
                yield Named(x, y, Role.SUPPORT, "会同")


def _chargeable(name: str, rule: str, count: int) -> bool:
    """Whether a subject is a body that can be given a duty."""
    if len(name) < 2 or len(name) > (80 if "、" in name else 46) or _NO_BODY.search(name) or _OUTSIDE.fullmatch(name):
        return False
    if "由" in name or _SPEAKS.search(name) or _POINTS.match(name) or name[0] in "的和及对把将使让并或因为":
        return False
    if not is_name(name) and not name.endswith(("各市、县", "市、县", "设区市")):
        return count > 1 and rule == "由" and len(name) <= 6
    return not (rule == "由" and _ENTERPRISE.search(name))
