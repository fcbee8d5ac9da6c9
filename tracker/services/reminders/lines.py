"""The lines of a mail (提醒的条目): each thing with its clause, its date, why that date, and where to go."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from tracker.adapters.mail.rendering import MailGroup, MailLine
from tracker.clock.describing import describe_rule
from tracker.clock.wording import date_words, month_day
from tracker.now import shanghai
from tracker.rules.lights import Light, hour_of
from tracker.services.core.masking import mask_text
from tracker.services.reminders.items import OUTCOME_GROUPS, Group, Matter, cut, day_of, flat
from tracker.services.reminders.lists import list_of
from tracker.store.calendars.versions import Calendars
from tracker.store.models import DeadlineRule, MemberRole, Milestone, MilestoneDate

# A longer list is read in the ledger: the mail says how many there are.
MOST_LINES = 30
LONGEST_QUOTE = 120
LONGEST_WHY = 160
_NUMBERING = re.compile(r"\s*(?:[（(]?[一二三四五六七八九十百]+[）)、.．]|[（(]?\d+[）)、.．](?!\d)|[①-⑳])\s*")
_DATE_ALONE = re.compile(r"(?:\d+年)?\d+月\d+日（[^）]*）24:00 截止")
_UNITS = re.compile(r"[（(][^（()）]{0,6}单位[:：].*\Z")


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """What digests need besides their alerts."""

    dates: Mapping[int, tuple[MilestoneDate, ...]]  # each clock's present date, last, and the one before, by milestone
    names: Mapping[int, str]  # whom a case is from, by milestone
    nearest: Mapping[int, Milestone]  # the first date of a new duty, by duty
    offices: Mapping[int, str]  # who sends, by jurisdiction
    posts: Mapping[int, set[tuple[int, MemberRole]]]  # (unit, role) by user
    missing: Mapping[int, Sequence[int]]  # the years whose holiday notice is missing, by jurisdiction
    complainants: Mapping[int, str]  # whom a returned case is from, by case


@dataclass(frozen=True, slots=True)
class Scene:
    """When a mail is written, by which calendars, and where its links lead."""

    now: datetime
    calendars: Calendars
    base_url: str

    @property
    def today(self) -> date:
        return shanghai(self.now).date()


def groups(
    matters: Sequence[Matter], facts: DigestFacts, scene: Scene, mail: str, *, name_unit: bool
) -> Iterator[MailGroup]:
    """Yield the groups that hold something, most urgent first, each of a length one reads."""
    for group in Group:
        mine = [m for m in matters if m.group is group]
        if mine:
            lines = [_line(m, facts, scene, name_unit=name_unit) for m in mine[:MOST_LINES]]
            lists = tuple(list_of(m, scene.base_url, mail) for m in mine)
            yield MailGroup(group.label, tuple(_not_repeated(lines)), lists, group.plain.value, group.light.shape)


def _not_repeated(lines: Sequence[MailLine]) -> Iterator[MailLine]:
    """Give the same reason once: a quarter's reports are all due on its last workday."""
    before = ""
    for line in lines:
        yield replace(line, why="同上") if line.why and line.why == before else line
        before = line.why


def _line(matter: Matter, facts: DigestFacts, scene: Scene, *, name_unit: bool) -> MailLine:
    milestone = matter.milestone
    dates = facts.dates.get(milestone.id, ()) if milestone is not None else ()
    source = _source(matter)
    unit = matter.unit.name if name_unit and matter.unit is not None else ""
    return MailLine(
        key=matter.key,
        title=matter.title,
        quote=_quote(matter),
        basis=_basis(matter, scene.today),
        doc=" · ".join(words for words in (unit, source) if words),
        date_label=_date_label(matter),
        date_words=_date_words(matter, scene.today.year),
        why=_why(dates[-1] if dates else None, facts),
        light_words=_light_words(matter),
        url=f"{scene.base_url}{_path(matter)}",
    )


def _path(matter: Matter) -> str:
    if matter.case is not None:
        return f"/cases/{matter.case.id}"
    return f"/duties/{matter.duty.id}" if matter.duty is not None else "/calendars/"


def _source(matter: Matter) -> str:
    """Return where it comes from: the document, or the type of a case outside any."""
    case = matter.case
    task = matter.duty.task if matter.duty is not None else case.task if case is not None else None
    if task is not None:
        document = task.document
        return f"《{cut(flat(document.title), 40)}》" + (f"（{document.doc_no}）" if document.doc_no else "")
    return case.type_version.type.name if case is not None else ""


def _quote(matter: Matter) -> str:
    """Return the clause that names the time limit, as its document words it."""
    rule = matter.milestone.rule if matter.milestone is not None else None
    if matter.duty is not None:
        task = matter.duty.task
        return clause(task.item.text, rule.quote if rule is not None else None, title=task.title)
    return cut(flat(rule.quote), LONGEST_QUOTE) if rule is not None and rule.quote else ""


def _basis(matter: Matter, today: date) -> str:
    """Say what is relied on where no document's words can be quoted, or what else one should know."""
    if matter.said:
        return matter.said
    if matter.referral is not None and matter.chased:
        return ""
    if matter.referral is not None and matter.referral.object_until < today:
        return "退回的期限已过，不属于本单位职责的，请与转办单位协商。"
    if matter.referral is not None:
        return "不属于本单位职责的，可在期限内退回，并写明理由。"
    if matter.place is not None:
        years = "、".join(f"{year}年" for year in matter.years)
        return (
            f"载入之前，{years}的日期按周末和法定节假日暂定，不含调休；"
            "国务院办公厅的放假通知发布后，请在工作日历中载入。"
        )
    if matter.milestone is None or matter.duty is not None or matter.milestone.rule.quote:
        return ""
    return _rule_words(matter.milestone.rule)


def _rule_words(rule: DeadlineRule) -> str:
    event = rule.trigger if rule.direction == "before" or not rule.trigger else f"自{rule.trigger}起"
    words = describe_rule(rule.as_rule(), event_name=event)
    words = words.removesuffix("（自发布日起算）")  # a case's periods run from its own day, as the explanation says
    return f"规定：{words}（{rule.article}）" if rule.article else f"规定：{words}"


def _light_words(matter: Matter) -> str:
    words = matter.signal.words
    dated = matter.milestone is not None
    if (
        dated
        and matter.group in (Group.CHANGED, *OUTCOME_GROUPS)
        and matter.signal.light in (Light.FINE, Light.WAITING)
    ):
        words = ""  # nothing presses
    if matter.group in OUTCOME_GROUPS:
        return words
    if matter.watch and matter.group is not Group.NEW:
        if matter.group is Group.LATE:
            return f"{words}，请督促对方"
        return f"对方的时限，{words}" if words else "对方的时限"
    told = matter.group in (Group.NEW, Group.UNSIGNED, Group.UNSIGNED_CHASED)
    unsigned = "尚未签收" if matter.unsigned and not told else ""
    registered = "新登记" if matter.registered else ""
    return "，".join(said for said in (words, unsigned, registered) if said)


def _date_label(matter: Matter) -> str:
    if matter.referral is not None:
        return "最迟退回"
    waits = matter.milestone is not None and matter.milestone.due_at is None
    return "可申请日" if waits else "时限"


def _date_words(matter: Matter, year: int) -> str:
    """Return a date in full, never 今日: a mail may be read another day."""
    if matter.referral is not None:
        return date_words(matter.referral.object_until, year)
    if matter.milestone is None:
        return ""
    words = _instant_words(matter.milestone, year)
    return f"{words}（原为{_short(matter.was, year)}）" if matter.was is not None and words else words


def _instant_words(milestone: Milestone, year: int) -> str:
    doubt = "（暂定）" if milestone.provisional else ""
    if milestone.due_on is not None:
        hour = hour_of(milestone.due_at)
        return date_words(milestone.due_on, year) + (f" {hour}" if hour else "") + doubt
    if milestone.due_at is not None:
        local = shanghai(milestone.due_at)
        return f"{date_words(local.date(), year)} {local:%H:%M}{doubt}"
    return f"{date_words(milestone.earliest_on, year)}起{doubt}" if milestone.earliest_on else ""


def _short(dated: MilestoneDate, year: int) -> str:
    day = day_of(dated)
    of_hours = dated.due_at is not None and (dated.due_on is None or bool(hour_of(dated.due_at)))
    hour = f" {shanghai(dated.due_at):%H:%M}" if of_hours and dated.due_at is not None else ""
    return f"{month_day(day, year)}{hour}" if day is not None else "未定"


def _why(row: MilestoneDate | None, facts: DigestFacts) -> str:
    """Return the explanation of the date it has now in one line; the reasons of pauses in it name no complainant."""
    if row is None:
        return ""
    name = facts.names.get(row.milestone_id)
    steps = [mask_text(str(step["text"]), name).rstrip("。") for step in row.explanation]
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
