"""Measures (措施) read closely: one draft of lines becomes text, items, units, contacts and deadlines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Day

from tracker.reading.limits.phrases import deadlines_in, vague_in
from tracker.reading.names import blocks
from tracker.reading.names.bodies import is_actor, is_name, kind_of, names_in
from tracker.reading.names.brackets import Block, blocks_in
from tracker.reading.names.charge_patterns import VERB
from tracker.reading.names.charges import Charge, charges_in
from tracker.reading.names.confidence import ASKED, confidence_of
from tracker.reading.names.contacts import contacts_of
from tracker.reading.names.likeness import same_body
from tracker.reading.names.openers import heads_of_clauses
from tracker.reading.names.responsibility import FIRST_LEADS, Named, label_role, read_list
from tracker.reading.names.subjects import stands_alone
from tracker.reading.outline.clauses import Draft
from tracker.reading.plan import Assignment, Contact, Deadline, Item, Measure, NameKind, Role, Span
from tracker.reading.text.cleaning import Clean
from tracker.reading.text.lazy import lazy
from tracker.reading.text.marks import LABEL_WORD

_TITLE_LIMIT = 40
_UNIT_FIRST = lazy(r"(?P<who>[^。；：，]{2,80}?)(?:的?(?:工作|主要)?职责：|：|。(?=.))")
_LABEL = lazy(LABEL_WORD)
_STOP = lazy(r"[。；]")
_ACT = lazy(rf"{VERB}|建设|发展|打造")
_BODY = lazy(r"[^的]{1,20}(?:[局委办厅署院所站队]|中心|政府|公司|管委会|办事处|委员会|办公室|[^部]部)")
_PHONE_LABEL = lazy(r"[；;，,、\s]*(?:联系)?(?:电话|方式|手机)(?:号码)?\s*[：:]")
_PERSON = lazy(r"(?:责任人|联系人)：(?P<who>[^；。）（]{2,60})")
_PHONES = lazy(r"(?:联系方式|(?:联系|咨询)?电话)：([^；。]{5,60})")
_DIGITS = lazy(r"[\d-]{5,}|（\s*）")
_HEADED = lazy(r"(?:[^、]{1,4}、|（[^（）]{1,4}）|\d{1,3}[.、])?(?P<who>[^，。；：]{2,40}?)(?:（\d+[项条]）)?$")


class MeasureReader:
    """Reads the drafts of one plan in order; 「下同」 in one of them holds for those after it."""

    def __init__(
        self, printed: str, flat: str, year: int | None, *, first_leads: bool, issued: Day | None = None
    ) -> None:
        self.printed = printed
        self.flat = flat
        self.year = year
        self.issued = issued
        self.first_leads = first_leads

    def measure(self, draft: Draft) -> Measure | None:
        """The measure of a draft; None where it turns out to hand out no duty and had to."""
        start = draft.start
        ranges = [(max(line.start, start), line.end) for line in draft.lines]
        clean = Clean(self.printed, self.flat, ranges)
        heading = self._heading(draft)
        if blocks.is_labelled(self.flat, draft.lines):
            items = self._labelled(draft)
        else:
            begin, items = self._running(draft, clean)
            if begin:
                clean = Clean(self.printed, self.flat, _from(ranges, clean.source(begin)))
        if draft.needs_charge and not any(item.assignments for item in items):
            return None
        if draft.background and not any(i.assignments and _dated(i) for i in items):
            return None
        title = heading or _title(clean, [i.span for i in items])
        return Measure(draft.key, draft.section, title, clean.text, clean.span(0, len(clean.text)), tuple(items))

    def _heading(self, draft: Draft) -> str | None:
        if draft.heading is None:
            return None
        return re.sub(r"\s+", "", self.printed[slice(*draft.heading)]).rstrip("。：:.") or None

    def _running(self, draft: Draft, clean: Clean) -> tuple[int, list[Item]]:
        """The items of running text, and where the text begins once a unit printed before it is taken off."""
        flat = clean.flat
        found = blocks_in(flat, clean.breaks)
        if found:
            return 0, self._blocked(clean, found)
        first = _unit_first(flat, 0)
        if first:
            return first.text, self._told_in_turn(clean, first)
        if draft.inherited:
            return 0, [self._inheriting(clean, draft.inherited)]
        charges = _charges(clean)
        headed = self._from_heading(draft)
        if not charges:
            item = self._item(clean, 0, len(flat), () if headed else self._from_section(draft))
            return 0, [self._with_units(item, headed)]
        cuts = [0, *(charge.start for charge in charges[1:]), len(flat)]
        items = [self._item(clean, a, b, one.names) for a, b, one in zip(cuts, cuts[1:], charges, strict=False)]
        return 0, [self._with_units(items[0], headed), *items[1:]]

    def _told_in_turn(self, clean: Clean, first: "_UnitFirst") -> list[Item]:
        """The items of a list of who does what: 市文明办：负责…；市城管局：负责…, each body's words its own."""
        flat = clean.flat
        heads = [first]
        if flat[first.text - 1] == "：":
            places = sorted({*clean.breaks, *(match.end() for match in _STOP.finditer(flat))})
            found = (_unit_first(flat, at) for at in places if at > first.text)
            heads.extend(one for one in found if one and flat[one.text - 1] == "：")
        items = []
        for head, end in zip(heads, [*(one.start for one in heads[1:]), len(flat)], strict=True):
            named = [Named(a, b, Role.RESPONSIBLE, "unit first") for a, b in head.names]
            # …；会同县交警大队开展治超: its partners are named in its text.
            named += [
                one
                for charge in charges_in(flat, head.text, end)
                for one in charge.names
                if one.rule == "会同" and kind_of(flat[one.start : one.end]) is NameKind.UNIT
            ]
            items.append(self._item(clean, head.text, end, named))
        return items

    def _from_heading(self, draft: Draft) -> list[Assignment]:
        """Whom a heading that stands apart charges: （四）供水、供气企业同步采取限供措施."""
        if draft.heading is None:
            return []
        head = Clean(self.printed, self.flat, [draft.heading])
        return [
            self._assignment(head, one) for charge in charges_in(head.flat, 0, len(head.flat)) for one in charge.names
        ]

    def _with_units(self, item: Item, more: Sequence[Assignment]) -> Item:
        if not more:
            return item
        assignments = _strongest([*more, *item.assignments])
        return replace(item, assignments=assignments, deadlines=_bound(item.deadlines, assignments))

    def _inheriting(self, clean: Clean, heading: tuple[int, int]) -> Item:
        """The item of a measure for which the block of its section's heading answers."""
        head = Clean(self.printed, self.flat, [heading])
        named = [
            one
            for block in blocks_in(head.flat)
            for one in self._names(head, block.inner_start, block.inner_end, Role.RESPONSIBLE, "section")
        ]
        assignments = _strongest([self._assignment(head, one) for one in named])
        item = self._item(clean, 0, len(clean.text), ())
        return replace(item, assignments=assignments, deadlines=_bound(item.deadlines, assignments))

    def _from_section(self, draft: Draft) -> Sequence[str]:
        """The unit that a section is headed with (一、县交通运输局), for the measures listed under it."""
        match = _HEADED.match(draft.section or "")
        if not match or draft.background:
            return ()
        names = names_in(match["who"], 0, len(match["who"]))
        texts = [match["who"][a:b] for a, b in names]
        strong = all(is_name(text) and len(text) > 2 and text[-1] in "局委办厅署院" for text in texts)
        return texts if strong else ()

    def _blocked(self, clean: Clean, found: Sequence[Block]) -> list[Item]:
        """One item for each responsibility block; blocks that follow one another directly share an item."""
        items: list[Item] = []
        named: list[Named] = []
        start, at = 0, 0
        for n, block in enumerate(found):
            named.extend(self._names(clean, block.inner_start, block.inner_end, Role.RESPONSIBLE, "bracket"))
            following = found[n + 1].start if n + 1 < len(found) else None
            at = block.end
            while at < len(clean.flat) and clean.flat[at] in "。；，":
                at += 1
            if following is not None and following - at < 2:
                continue
            end = len(clean.flat) if following is None else at
            if all(one.role is Role.SUPPORT for one in named):
                named = [*_leaders(clean.flat, start, block.start, named), *named]
            item = self._item(clean, start, end, named)
            items.append(replace(item, contacts=self._people_in(clean, start, end, item)))
            named, start = [], at
        return items

    def _people_in(self, clean: Clean, start: int, end: int, item: Item) -> tuple[Contact, ...]:
        """The people a bracketed block names (责任人：某某 13900000000)."""
        people, phones = [], []
        for match in _PERSON.finditer(clean.flat, start, end):
            span = clean.span(*match.span("who"))
            words = self.printed[span.start : span.end]
            people.append(_PHONE_LABEL.sub(" ", _DIGITS.sub(" ", words)))
            phones.append(words)
        phones.extend(match[1] for match in _PHONES.finditer(clean.flat, start, end) if people)
        return contacts_of(people, phones, [one.unit for one in item.assignments])

    def _names(self, clean: Clean, start: int, end: int, role: Role, rule: str) -> list[Named]:
        if FIRST_LEADS.search(clean.flat, start, end):
            self.first_leads = True
        return read_list(clean.flat, start, end, role, rule, first_leads=self.first_leads)

    def _labelled(self, draft: Draft) -> list[Item]:
        return [self._group(group) for group in blocks.groups_of(self.flat, draft.lines, draft.start)]

    def _group(self, group: blocks.FieldGroup) -> Item:
        """The item of one group of labelled fields."""
        ranges = [pair for one in group.fields for pair in _whole(one)]
        clean = Clean(self.printed, self.flat, ranges)
        named: list[Named] = []
        for one in group.of(blocks.WHO):
            a, b = clean.index(one.ranges[0][0]), clean.index(one.ranges[-1][1] - 1) + 1
            rule = "label"
            role = label_role(one.label)
            first_leads = self.first_leads and role is Role.RESPONSIBLE
            named.extend(read_list(clean.flat, a, b, role, rule, first_leads=first_leads))
        item = self._item(clean, 0, len(clean.text), named, timed=False)
        times: list[Deadline] = []
        for one in [*group.of(blocks.TEXT), *group.of(blocks.TIME)]:
            a, b = clean.index(_whole(one)[0][0]), clean.index(one.ranges[-1][1] - 1) + 1
            times.extend(deadlines_in(clean, a, b, self.year, self.issued))
        for one in group.of(blocks.WHO):  # 责任单位：某局；完成时限：2025年8月底前 on one line
            a, b = clean.index(one.ranges[0][0]), clean.index(one.ranges[-1][1] - 1) + 1
            told = _TIME_LABEL.search(clean.flat, a, b)
            times.extend(deadlines_in(clean, told.end(), b, self.year, self.issued) if told else ())
        units = [assignment.unit for assignment in item.assignments]
        people = [self.printed[a:b] for one in group.of(blocks.PERSON) for a, b in one.ranges]
        phones = [self.printed[a:b] for one in group.of(blocks.PHONE) for a, b in one.ranges]
        for n, line in enumerate(people):
            # 联系人：某某；联系电话：… on one line.
            people[n], _, phone = _PHONE_LABEL.sub("\n", line, count=1).partition("\n")
            phones.extend([phone] if phone else [])
        whom = [Clean(self.printed, self.flat, one.ranges).text for one in group.of(blocks.BENEFICIARY)]
        return replace(
            item,
            beneficiaries="；".join(whom) or None,
            contacts=contacts_of(_joined(people), phones, units),
            deadlines=_bound(tuple(times), item.assignments),
        )

    def _item(self, clean: Clean, start: int, end: int, named: Sequence[Named | str], *, timed: bool = True) -> Item:
        assignments = tuple(self._assignment(clean, one) for one in named)
        times = _once(deadlines_in(clean, start, end, self.year, self.issued)) if timed else ()
        text = clean.text[start:end]
        return Item(
            text=text,
            span=clean.span(start, end),
            assignments=_strongest(assignments),
            deadlines=_bound(times, assignments),
            vague=vague_in(clean, start, end),
        )

    def _assignment(self, clean: Clean, one: Named | str) -> Assignment:
        if isinstance(one, str):
            here = clean.span(0, 0)
            return Assignment(one, Role.RESPONSIBLE, kind_of(one), here, confidence_of("heading"), "heading")
        name = clean.text[one.start : one.end]
        kind = kind_of(clean.flat[one.start : one.end])
        sure = confidence_of(one.rule) if is_actor(clean.flat[one.start : one.end]) else ASKED
        return Assignment(name, one.role, kind, clean.span(one.start, one.end), sure, one.rule)


_HEAD = 40
_TIME_LABEL = lazy(r"[；，。](?:计划)?(?:完成|办理|落实|工作|实施|整改|任务)?(?:时限|时间|期限|节点)(?:要求|安排)?：")


def _charges(clean: Clean) -> list[Charge]:
    """The charges of a text; a first line without a stop is a heading that the text does not go on."""
    end = next(iter(clean.breaks), 0)
    apart = 0 < end <= _HEAD and not any(char in "。；，、：" for char in clean.flat[:end])
    return charges_in(clean.flat, 0, len(clean.flat), end if apart else 0)


def _leaders(flat: str, start: int, end: int, partners: Sequence[Named]) -> list[Named]:
    """Whom sentences charge before a block that names partners alone: …市统计局完成比对。（配合单位：某局）."""
    helping = [flat[one.start : one.end] for one in partners]
    charged = [one for charge in charges_in(flat, start, end) for one in charge.names]
    names = [(one, flat[one.start : one.end]) for one in charged]
    return [
        one
        for one, name in names
        if kind_of(name) is NameKind.UNIT and not any(same_body(name, other) for other in helping)
    ]


@dataclass(frozen=True, slots=True)
class _UnitFirst:
    """Bodies printed before the words that tell them what to do, and where those words begin."""

    start: int
    names: tuple[tuple[int, int], ...]
    text: int


def _unit_first(flat: str, at: int) -> _UnitFirst | None:
    """The bodies printed before the text that begins at a place, if it begins so."""
    first = _UNIT_FIRST.match(flat, at)
    if first is None or first.end() >= len(flat) or _LABEL.fullmatch(first["who"]):
        return None
    start = first.start() + len(first["who"]) - len(first["who"].lstrip("-●■◆★·"))
    names = names_in(flat, start, first.end("who"))
    return _UnitFirst(at, tuple(names), first.end()) if names and _is_told(flat, first, names) else None


def _is_told(flat: str, first: re.Match[str], names: Sequence[tuple[int, int]]) -> bool:
    """Whether bodies printed before the text are told to do it: behind a stop they may be its topic instead."""
    if not all(is_actor(flat[a:b]) and stands_alone(flat[a:b]) for a, b in names):
        return False
    if flat[first.end() - 1] == "：":
        return True
    topic = flat.startswith(first["who"], first.end()) or _ACT.match(first["who"]) is not None
    if not topic and any(True for _ in heads_of_clauses(flat[first.end() : first.end() + _HEAD])):
        # 街道建设中心。区住建局制定标准: who acts stands behind what it is about.
        topic = True
    return not topic and all(_BODY.fullmatch(flat, a, b) for a, b in names)


def _from(ranges: Sequence[tuple[int, int]], start: int) -> list[tuple[int, int]]:
    return [(max(a, start), b) for a, b in ranges if b > start]


def _whole(one: blocks.Field) -> list[tuple[int, int]]:
    """A field with its label; the first line of a measure begins after its number."""
    first = one.ranges[0][0] if not one.label else one.lines[0].start
    return [(first, one.ranges[0][1]), *one.ranges[1:]]


def _joined(people: Sequence[str]) -> list[str]:
    """Lines of people, where a name that fell on the next line is put back behind its post."""
    lines: list[str] = []
    for line in people:
        words = line.split()
        if lines and len("".join(words)) <= 4 and len(lines[-1].split()) == 1:
            lines[-1] = f"{lines[-1]} {''.join(words)}"
        else:
            lines.append(line)
    return lines


def _dated(item: Item) -> bool:
    return any(deadline.kind == "absolute" for deadline in item.deadlines)


def _strongest(assignments: Sequence[Assignment]) -> tuple[Assignment, ...]:
    """A unit printed twice keeps its strongest role (lead > responsible = each > support)."""
    order = {Role.LEAD: 2, Role.RESPONSIBLE: 1, Role.EACH: 1, Role.SUPPORT: 0}
    best: dict[str, Assignment] = {}
    for one in assignments:
        if one.unit not in best or order[one.role] > order[best[one.unit].role]:
            best[one.unit] = one
    return tuple(best.values())


def _once(deadlines: Sequence[Deadline]) -> tuple[Deadline, ...]:
    """Without a date said again for nothing else (6月底前公布目录。（6月底前完成）): it is one milestone."""
    kept: list[Deadline] = []
    for one in deadlines:
        bare = one.kind == "absolute" and one.date and one.act in (None, "完成")
        if not bare or all((one.kind, one.date) != (other.kind, other.date) for other in kept):
            kept.append(one)
    return tuple(kept)


def _bound(deadlines: Sequence[Deadline], assignments: Sequence[Assignment]) -> tuple[Deadline, ...]:
    """The deadlines with only such bound names as mean a unit of the item."""
    units = [one.unit for one in assignments if one.kind is not NameKind.COLLECTIVE]
    bound = []
    for one in deadlines:
        names = tuple(name for name in one.bound or () if any(same_body(name, unit) for unit in units))
        bound.append(replace(one, bound=names or None))
    return tuple(bound)


def _title(clean: Clean, spans: Sequence[Span]) -> str | None:
    """The lead-in sentence: short, and followed by more than a responsibility block."""
    stop = clean.flat.find("。", 0, _TITLE_LIMIT)
    if stop < 2 or clean.flat.startswith("一是") or stop + 2 >= len(clean.flat) or clean.flat[stop + 1] in "（":
        return None
    return clean.text[:stop]
