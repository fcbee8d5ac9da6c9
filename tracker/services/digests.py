"""The digest (提醒邮件): from the alerts of one reader to the groups and lines of one mail."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from tracker.adapters.mail_rendering import Digest, Group, Line
from tracker.clock.calendar import WorkCalendar
from tracker.clock.wording import date_words, shanghai
from tracker.ladder import Light, Signal, light_of
from tracker.services.appeals import lead, reason, subject
from tracker.services.matters import AVAILABLE, GROUPS, LATE, NEW, SOON, TODAY, Matter, cut, day_of, flat
from tracker.store.models import Alert, MemberRole, Milestone, MilestoneDate

# A longer list is read in the ledger: the mail says how many there are.
MOST_LINES = 30
LONGEST_QUOTE = 120
LONGEST_WHY = 160
_NUMBERING = re.compile(r"\s*(?:[（(]?[一二三四五六七八九十百]+[）)、.．]|[（(]?\d+[）)、.．](?!\d)|[①-⑳])\s*")
_DATE_ALONE = re.compile(r"(?:\d+年)?\d+月\d+日（[^）]*）24:00 截止")
_UNITS = re.compile(r"[（(][^（()）]{0,6}单位[:：].*\Z")


@dataclass(frozen=True, slots=True)
class Facts:
    """What digests need besides their alerts."""

    dates: Mapping[int, MilestoneDate]  # each clock's present date, by milestone
    nearest: Mapping[int, Milestone]  # the first date of a new duty, by duty
    offices: Mapping[int, str]  # who sends, by jurisdiction
    posts: Mapping[int, set[tuple[int, MemberRole]]]  # (unit, role) by user


@dataclass(frozen=True, slots=True)
class Scene:
    """When a mail is written, by which calendar, and where its links lead."""

    now: datetime
    calendar: WorkCalendar
    base_url: str

    @property
    def today(self) -> date:
        return shanghai(self.now).date()


def digest(alerts: Sequence[Alert], facts: Facts, scene: Scene) -> Digest:
    """Return the one mail of a reader's alerts; all of them are to the same user or unit address."""
    matters = _matters(alerts, facts, scene)
    units = list(dict.fromkeys(m.duty.unit.name for m in matters))
    who = "您" if len(units) > 1 or all(m.as_head for m in matters) else units[0]
    places = dict.fromkeys(m.duty.task.document.jurisdiction_id for m in matters)
    sender = "、".join(facts.offices[place] for place in places)
    user = alerts[0].user
    named = [*(units if len(units) == 1 else ()), *([user.name] if user else ())]
    return Digest(
        subject=subject(matters),
        greeting=" ".join(named),
        lead=lead(matters, who, scene.today),
        groups=tuple(_groups(matters, facts, scene, name_unit=len(units) > 1)),
        sender=sender,
        reason=reason(matters, units, sender, to_person=user is not None),
        base_url=scene.base_url,
    )


def _matters(alerts: Sequence[Alert], facts: Facts, scene: Scene) -> list[Matter]:
    """Return each thing once, most urgent first: a new duty whose own clock is told of is not told twice."""
    clocks: dict[int, Matter] = {}
    new: dict[int, Matter] = {}
    for alert in alerts:
        if alert.duty is None or alert.duty_id is None:
            continue
        as_head = alert.user_id is not None and (alert.duty.unit_id, MemberRole.OFFICER) not in facts.posts.get(
            alert.user_id, set()
        )
        milestone = alert.milestone
        if milestone is None:
            nearest = facts.nearest.get(alert.duty_id)
            new[alert.duty_id] = Matter(alert.duty, nearest, NEW, Signal(Light.WAIT, "请签收"), as_head, unsigned=True)
        else:
            signal = _signal(milestone, scene)
            group = _group(milestone, signal, scene.today)
            clocks[milestone.id] = Matter(alert.duty, milestone, group, signal, as_head, unsigned=False)
    for matter in clocks.values():
        matter.unsigned = matter.milestone is not None and matter.milestone.duty_id in new
    told = {m.duty.id for m in clocks.values() if m.unsigned}
    return sorted([*clocks.values(), *(m for duty_id, m in new.items() if duty_id not in told)], key=_urgency)


def _urgency(matter: Matter) -> tuple[int, date, int, int, int]:
    task = matter.duty.task
    return GROUPS.index(matter.group), matter.due_day or date.max, task.document_id, task.ordinal, matter.duty.id


def _signal(milestone: Milestone, scene: Scene) -> Signal:
    return light_of(
        state="in_progress",
        now=scene.now,
        calendar=scene.calendar,
        due_at=milestone.due_at,
        due_on=milestone.due_on,
        earliest_on=milestone.earliest_on,
        watch=milestone.watch,
    )


def _group(milestone: Milestone, signal: Signal, today: date) -> str:
    """Group by how it stands when the mail is written, which may be later than when it was swept."""
    if signal.light in (Light.LATE, Light.WATCH):
        return LATE
    if milestone.due_at is None:
        return AVAILABLE
    return TODAY if day_of(milestone) == today else SOON


# --- Lines ------------------------------------------------------------------------------------------------------------


def _groups(matters: Sequence[Matter], facts: Facts, scene: Scene, *, name_unit: bool) -> Iterator[Group]:
    for label in GROUPS:
        mine = [m for m in matters if m.group == label]
        if mine:
            lines = [_line(m, facts, scene, name_unit=name_unit) for m in mine[:MOST_LINES]]
            yield Group(label, tuple(_not_repeated(lines)), len(mine))


def _not_repeated(lines: Sequence[Line]) -> Iterator[Line]:
    """Give the same reason once: a quarter's reports are all due on its last workday."""
    before = ""
    for line in lines:
        yield replace(line, why="同上") if line.why and line.why == before else line
        before = line.why


def _line(matter: Matter, facts: Facts, scene: Scene, *, name_unit: bool) -> Line:
    duty, milestone = matter.duty, matter.milestone
    document = duty.task.document
    named = f"《{cut(flat(document.title), 40)}》" + (f"（{document.doc_no}）" if document.doc_no else "")
    quoted = milestone.rule.quote if milestone is not None else None
    case_id = milestone.case_step.case_id if milestone is not None and milestone.case_step is not None else None
    return Line(
        key=duty.task.key,
        title=matter.title,
        quote=clause(duty.task.item.text, quoted, title=duty.task.title),
        doc=f"{duty.unit.name} · {named}" if name_unit else named,
        date_words=_date_words(milestone, scene.today.year),
        why=_why(facts.dates.get(milestone.id)) if milestone is not None else "",
        light_words=_light_words(matter),
        url=f"{scene.base_url}/cases/{case_id}" if case_id else f"{scene.base_url}/duties/{duty.id}",
    )


def _light_words(matter: Matter) -> str:
    words = matter.signal.words
    if matter.watch and matter.group != NEW:
        return f"{words}，请督促对方" if matter.group == LATE else f"对方的时限，{words}"
    return f"{words}，尚未签收" if matter.unsigned and matter.group != NEW else words


def _date_words(milestone: Milestone | None, year: int) -> str:
    """Return a date in full, never 今日: a mail may be read another day."""
    if milestone is None:
        return ""
    doubt = "（暂定）" if milestone.provisional else ""
    if milestone.due_on is not None:
        return date_words(milestone.due_on, year) + doubt
    if milestone.due_at is not None:
        local = shanghai(milestone.due_at)
        return f"{date_words(local.date(), year)} {local:%H:%M}{doubt}"
    return f"{date_words(milestone.earliest_on, year)}起{doubt}" if milestone.earliest_on else ""


def _why(row: MilestoneDate | None) -> str:
    """Return the explanation of the date it has now in one line."""
    if row is None:
        return ""
    steps = [str(step["text"]).rstrip("。") for step in row.explanation]
    if len(steps) > 1 and _DATE_ALONE.fullmatch(steps[-1]):
        steps.pop()  # the date stands above
    return cut("；".join(steps), LONGEST_WHY)


def clause(text: str, quote: str | None, title: str = "") -> str:
    """Return the sentence of a measure that names the time limit; without one, its first that says something."""
    whole = flat(text)
    sought = flat(quote) if quote else ""
    at = whole.find(sought) if sought else -1
    if at < 0:
        return _opening(whole, flat(title))
    start = max(whole.rfind(mark, 0, at) for mark in "。；;") + 1
    stops = [found for mark in "。；;" if (found := whole.find(mark, at + len(sought))) >= 0]
    end = min(stops, default=len(whole) - 1) + 1
    numbering = _NUMBERING.match(whole[start:at])
    start += numbering.end() if numbering else 0
    if end - start <= LONGEST_QUOTE:
        return whole[start:end].strip()
    first = max(start, min(at - LONGEST_QUOTE // 3, end - LONGEST_QUOTE))
    last = min(end, max(first + LONGEST_QUOTE, at + len(sought)))
    return ("……" if first > start else "") + whole[first:last].strip() + ("……" if last < end else "")


def _opening(whole: str, title: str) -> str:
    """Return the first sentence, without numbering and the list of units, and without a heading where more follows."""
    numbering = _NUMBERING.match(whole)
    rest = _UNITS.sub("", whole[numbering.end() :] if numbering else whole)
    heading = title.rstrip("。…")
    after = rest[len(heading) :]
    if heading and rest.startswith(heading) and after[:1] in tuple("。；;：: ") and len(after) > 20:
        rest = after.lstrip("。；;：: ")
    stops = [match.end() for match in re.finditer("[。；;]", rest) if 20 <= match.end() <= LONGEST_QUOTE]
    return rest[: stops[0]] if stops else cut(rest, LONGEST_QUOTE)
