"""One sentence (句) of prose: who stands at the head of each of its clauses, and what is asked of them."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from tracker.reading.names.charge_patterns import (
    ASKS,
    BARE_YEAR,
    BESIDE,
    BY,
    BY_END,
    DATE,
    DUE,
    GROUP,
    LATER_PARTNER,
    MAINLY,
    NAMED,
    NEXT_PART,
    OFFICE_BELOW,
    OPENING,
    PARTNER,
    SHARED_LATER,
    SUBJECT_END,
    VERB,
)
from tracker.reading.names.openers import opening_names
from tracker.reading.names.responsibility import Named
from tracker.reading.names.subjects import (
    begin_of,
    chargeable,
    group_names,
    is_certain,
    is_place,
    is_proper,
    may_act,
    tells,
)
from tracker.reading.plan import Role
from tracker.reading.text.lazy import lazy

# 由教育局核定的招生计划: what is done only describes a thing.
_RELATIVE = lazy(rf"(?:负责|统一|依法|具体|组织|牵头)*(?:[\u4e00-\u9fff]{{2}}|{VERB}{{2}})的")
# 享受主体：各银行机构: who gets something is told nothing.
_GETS = ("主体：", "对象：", "范围：")
_WHOSE = lazy(r"[^，。；]{2,60}的[\u4e00-\u9fff]{1,8}")
_RELATIVE_LATER = lazy(r"[^，。；]{2,24}的[^，。；]{1,6}$")
_CONTENT = ("明确", "规定", "约定", "载明", "注明")
_HELPING = lazy(r"(?:要|应当?|须)(?:积极|主动|密切|全力)*(?:配合|协助)")
_HELPER = lazy(r"(?:配合|协办|协助|参与)(?:部门|单位)$")
_LEADER = lazy(r"牵头(?:部门|单位)$")
_SUBJECT = 130  # characters a subject may have
_TRIES = 4
# 县政府督查室, 县委组织部干部监督室: the office within the body that is named.
_INNER = lazy(r"(?:(?:(?![在向对将按于与和从把并会同报及的])[\u4e00-\u9fff]){2,8}?(?:部(?!门)|[室科股处]|[大支中]队))+")
_MARKS = lazy("[（《“）》”，：]")


class ChargingSentence:
    """Reads one sentence clause by clause: who stands at the head of each, and what is asked of it.

    `ends` are the places where the last word of a body's name may begin.
    """

    def __init__(self, words: str, ends: list[int], *, beside: bool) -> None:
        self.words = words
        self.ends = ends
        self.beside = beside
        self.found: list[Named] = []
        self.told = tells(words)

    def read(self) -> None:
        """Find everybody the sentence charges."""
        self._mainly()
        due = False
        at: int | None = 0
        for a, b in _clauses(self.words):
            self._by(a, b)
            due = self._clause(a, b, due=due, first=a == at)
            if self.words.endswith(_CONTENT, a, b):
                # 请财政部明确，中央高校要…: what follows is what the rule will say.
                break
        self._partners_later()

    def _clause(self, start: int, end: int, *, due: bool, first: bool) -> bool:
        """Read the subject at a clause's head; returns whether a date standing alone asks it of the next clause."""
        words = self.words
        at, asked, dated, told = start, False, False, self.told
        if words.endswith(_GETS, 0, start):
            return False
        for _ in range(3):
            before = at
            opening = OPENING.match(words, at, end)
            at = opening.end() if opening else at
            date = DATE.match(words, at)
            if date and at < date.end() <= end + 1:
                dated = dated or bool(DUE.search(date[0]))
                told = told or BARE_YEAR.fullmatch(date[0]) is not None
                at = date.end()
            asks = ASKS.match(words, at, end)
            if asks:
                asked, at = True, asks.end()
            if at == before:
                break
        if at >= end:
            return dated
        dated = due or dated
        head = at
        while at < end:
            done = self._subject(at, end, asked=asked, dated=dated, first=first, told=told)
            group = GROUP.match(words, at, end) if dated and not done else None
            if group and not any(n.start >= at for n in self.found):
                # 到2023年底，各市、县出租车电动化率不低于50%: a group is charged by the date alone.
                self.found.append(Named(at, group.end(), Role.RESPONSIBLE, "date and subject"))
            if not done and asked:
                self._named(at, "请")
            part = (
                (NEXT_PART.search(words, done, min(end, done + 12)) or BESIDE.match(words, done, end)) if done else None
            )
            if not part:
                break
            at = part.end()
        if (self.found or self.beside) and not told and not any(n.start >= start for n in self.found):
            # 市教育局落实责任，市审计局跟踪审计: beside one that is charged, a clause of the same build charges too.
            names = opening_names(words, head, end)
            self.found.extend(Named(a, b, Role.RESPONSIBLE, "beside") for a, b in names)
        return False

    def _subject(self, start: int, end: int, *, asked: bool, dated: bool, first: bool, told: bool) -> int:
        """The subject that stands at a place, if it is charged; returns where the words after it begin, or 0."""
        words, limit = self.words, min(end, start + _SUBJECT)
        for tries, match in enumerate(self._ending(SUBJECT_END, start, limit)):
            if tries == _TRIES or match.end() > limit:
                break
            a = begin_of(words, start, match.end())
            if any(a < n.end and n.start < match.end() for n in self.found) or any(
                c in "，。；：《" for c in words[a : match.end()]
            ):
                break
            how = match.lastgroup or "does"
            groups = match.groupdict()
            how = next((name for name in _ORDER if groups[name] is not None), how)
            rule = _rule(how, asked=asked, dated=dated)
            names = group_names(words, a, match.end())
            if not names or not all(chargeable(words[x:y], rule, len(names)) for x, y in names):
                continue
            if not may_act(words, a, match.end(), rule, first=first, told=told):
                continue
            if self._supervised(a, match.end()):
                continue
            if how == "does" and is_place(words[a : match.end()]) and self._goes_on(match.end(), end):
                continue
            role = self._role(how, match, groups[how] or "", words[a : match.end()])
            # Whether A会同B leads or is only one of two, annotators do not agree.
            found_by = _WITH_OTHERS if how == "partner" and _JOINS.match(words, match.end()) else rule
            self.found.extend(Named(x, y, role, found_by) for x, y in names)
            self._partners(match.end())
            return match.end()
        return 0

    def _goes_on(self, at: int, end: int) -> bool:
        """Whether a place is only the first half of a name: 镇（街）受理窗口应当…, not 各街道组织网格员对…."""
        if _SETS_TO_WORK.match(self.words, at):
            return False
        limit = min(end, at + 12)
        further = next(self._ending(SUBJECT_END, at + 1, limit), None)
        return further is not None and further.end() <= limit and further["does"] is None

    def _supervised(self, start: int, end: int) -> bool:
        """Whether the sentence set another over a body before: 督促运维单位巡查, …，运维单位须报备."""
        name = self.words[start:end]
        if not self.found or is_certain(name):
            return False
        return any(f"{verb}{name}" in self.words[:start] for verb in ("督促", "监督", "指导", "要求"))

    def _ending(self, pattern: re.Pattern[str], start: int, limit: int) -> Iterator[re.Match[str]]:
        """The ends of names with what the pattern wants behind them, in order, no further than they may begin."""
        at = start
        for n in range(bisect_left(self.ends, start), len(self.ends)):
            place = self.ends[n]
            if place >= limit:
                return
            match = pattern.match(self.words, place) if place >= at else None
            if match:
                at = match.end()
                yield match

    def _role(self, how: str, match: re.Match[str], said: str, name: str) -> Role:
        words, at = self.words, match.end()
        part = NEXT_PART.match(words, at)
        if part and part["part"] == "指导":
            return Role.SUPPORT
        if how == "leads" or _LEADER.search(words, max(0, at - 4), at):
            return Role.LEAD
        if _HELPER.match(name) or (how == "helps" and not said.startswith(("要", "应", "须", "必须"))):
            return Role.SUPPORT
        if how == "must" and _HELPING.match(words, at) and (self.found or is_proper(name)):
            return Role.SUPPORT
        if how == "shares" or SHARED_LATER.match(words, at):
            return Role.EACH
        return Role.RESPONSIBLE

    def _by(self, start: int, end: int) -> None:
        """Who acts behind 由 anywhere in a clause, and those who stand beside: 由A指导、B负责."""
        words = self.words
        if words.find("由", start, end) < 0:
            return
        for opening in BY.finditer(words, start, end):
            at, before = opening.end(), len(self.found)
            if opening.start() > start and _WHOSE.fullmatch(words, at, end):
                # 建立由政府负责人牵头的机制: it says of what kind a thing is.
                continue
            while at:
                at = self._by_one(at, end)
            if len(self.found) == before and not _RELATIVE_LATER.match(words, opening.end(), end):
                self._named(opening.end(), "由")

    def _by_one(self, start: int, end: int) -> int:
        """The agent behind 由; returns where another part of the work begins, or 0."""
        words = self.words
        limit = min(end, start + _SUBJECT)
        for tries, match in enumerate(self._ending(BY_END, start, limit)):
            if tries == _TRIES or match.end() > limit or any(c in "，。；：《" for c in words[start : match.end()]):
                break
            names = group_names(words, start, match.end())
            if not names or not all(chargeable(words[x:y], "由", len(names)) for x, y in names):
                continue
            if _RELATIVE.match(words, match.end()) and not match["leads"]:
                break
            if any(start < n.end and n.start < match.end() for n in self.found):
                break
            how = next((name for name in ("leads", "shares", "partner", "helps", "does") if match[name]), "does")
            role = self._role(how, match, match[how] or "", words[start : match.end()])
            self.found.extend(Named(x, y, role, _agent_rule(how, words[x:y])) for x, y in names)
            self._partners(match.end())
            part = NEXT_PART.match(words, match.end())
            return part.end() if part else 0
        return 0

    def _named(self, start: int, rule: str) -> None:
        """Who is named behind 请 or 由 by a name of its own, where no known word says what it is to do."""
        match = NAMED.match(self.words, start)
        if match is None or any(match.start() < n.end and n.start < match.end() for n in self.found):
            return
        if is_proper(match[0]) and chargeable(match[0], rule, 1):
            inner = _INNER.match(self.words, match.end()) if rule == "由" else None
            self.found.append(Named(start, inner.end() if inner else match.end(), Role.RESPONSIBLE, rule))

    def _mainly(self) -> None:
        """Whose work it mainly is: 以市教育局为主 (以企业为主体 says of what sort something is)."""
        for match in MAINLY.finditer(self.words):
            names = group_names(self.words, *match.span("subject"))
            if all(is_proper(self.words[a:b]) and chargeable(self.words[a:b], "subject", 1) for a, b in names):
                role = Role.RESPONSIBLE if "责任" in match["as"] else Role.LEAD
                self.found.extend(Named(a, b, role, "subject") for a, b in names)

    def _partners(self, at: int) -> None:
        """Those with whom the charged body is to act: 牵头商自治区财政厅, 牵头，会同市财政局."""
        partner = PARTNER.match(self.words, at)
        if partner:
            self._support(partner.span("subject"))

    def _partners_later(self) -> None:
        if "会同" in self.words:
            for match in LATER_PARTNER.finditer(self.words):
                self._support(match.span("subject"))
        if not self.found and "下设" in self.words:
            below = OFFICE_BELOW.search(self.words)
            if below:
                a, b = below.span("subject")
                self.found.append(Named(a, b, Role.RESPONSIBLE, "subject and act"))

    def _support(self, span: tuple[int, int]) -> None:
        if any(span[0] < n.end and n.start < span[1] for n in self.found):
            return
        names = group_names(self.words, *span)
        self.found.extend(Named(x, y, Role.SUPPORT, "会同") for x, y in names if chargeable(self.words[x:y], "会同", 1))


# Whom a place sends, urges or guides acts under it.
_SETS_TO_WORK = lazy(
    r"(?:组织|发动|动员|督促|指导|安排|带领|要求|监督)(?!部|办|科|室|股|处|人员|机构|单位|中心|小组|委|员会)"
)
_WITH_OTHERS = "会同的主语"
_JOINS = lazy(r"会同|商|联合")
_ORDER = (
    "sits",
    "heads",
    "leads",
    "helps",
    "shares",
    "must",
    "partner",
    "is",
    "timed",
    "faces",
    "does",
    "means",
    "barred",
)
_RULES = {
    "sits": "office", "heads": "subject", "leads": "subject", "helps": "subject", "shares": "subject",
    "must": "subject", "partner": "subject", "halts": "subject", "is": "subject",
    "timed": "subject and time", "faces": "subject and case",
    "does": "subject and act", "means": "subject and act", "barred": "barred",
}  # fmt: skip


def _agent_rule(how: str, name: str) -> str:
    """The name of the rule that found an agent behind 由: it may be named, or only its sort (由幼儿园通知)."""
    if how == "partner":
        return _WITH_OTHERS
    return "由" if is_certain(name) else "由某类"


def _rule(how: str, *, asked: bool, dated: bool) -> str:
    """The name of the rule that found a subject: what stood before it counts before what stands behind."""
    if asked:
        return "请"
    rule = _RULES[how]
    return "date and act" if dated and rule == "subject and act" else rule


def _clauses(words: str) -> Iterator[tuple[int, int]]:
    """The pieces of a sentence between ， and ： outside brackets and quotation marks."""
    depth = 0
    at = 0
    for match in _MARKS.finditer(words):
        char = match[0]
        if char in "（《“":
            depth += 1
        elif char in "）》”":
            depth = max(depth - 1, 0)
        elif not depth:
            yield at, match.start()
            at = match.end()
    yield at, len(words)
