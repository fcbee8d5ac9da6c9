"""发布: what will be made, counted exactly and limit by limit, before it is made."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import redirect, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from tracker.clock.rules import Kind
from tracker.services.case_types.limits import UNNAMED_EVENT, gets_its_own, offers_for, type_name, waiting_rules
from tracker.services.documents import publication
from tracker.services.documents.publication import ForeseenLimit, Published
from tracker.store.deadlines.coming import MOST_COUNTED, periods_within
from tracker.store.models import Measure, PastAnswer
from tracker.store.reminders.recipients import unreached
from tracker.web.documents.confirmation_page import ConfirmationBoard, supervised_board
from tracker.web.documents.drafts import confirm
from tracker.web.documents.glance import ROLES
from tracker.web.documents.measure import counted, rule_words
from tracker.web.kit.access import calendar, db, this_act, this_day
from tracker.web.kit.fields import RowVersion
from tracker.web.kit.forms import PageForm
from tracker.web.kit.links import measure_url
from tracker.web.kit.posting import Answer, Conflict, Done, Posting, refused_words
from tracker.web.kit.views import View
from tracker.web.kit.words import full_day

# How the page groups the limits: a day of their own, a rhythm, or an event somebody registers.
SORTS = (Kind.ABSOLUTE.label, Kind.RECURRING.label, "等待事件")

# Answered so, a date is over with and starts nothing by the supervisor's own word.
OVER = (PastAnswer.DONE, PastAnswer.UNTRACKED)


class PublishForm(PageForm):
    """发布"""

    version = RowVersion()
    promised = StringField("要生成的内容")  # the mark of what the page showed


@confirm.route("/<int:document_id>/publish", methods=["GET", "POST"])
def publish(document_id: int) -> Answer:
    """发布: say first what will be made, then make it."""
    form = PublishForm()

    def verb(shown: ConfirmationBoard) -> Done:
        made = publication.publish(this_act(), shown.edition, form.version.data, form.promised.data or None)
        words = f"已发布：{made.tasks} 项任务、{made.duties} 个责任、{made.milestones} 个节点。"
        if shown.document.expired_answer is PastAnswer.UNTRACKED:
            words = "已归档：文件已过有效期，不生成任务。"
        return Done(words, url_for("documents.show", document_id=document_id))

    def page(shown: ConfirmationBoard) -> Response | str:
        if shown.edition.amends:
            return redirect(url_for("amend.show", document_id=document_id))
        return _publish_page(shown, "".join(refused_words(form)))

    def conflict(shown: ConfirmationBoard) -> Conflict:
        now = [("措施", f"{len(shown.edition.measures)} 项"), ("待核对", f"{len(shown.questions)} 处")]
        return Conflict(now, url_for("confirm.publish", document_id=document_id))

    return Posting(form, lambda: supervised_board(document_id), verb, page, conflict).answer()


@dataclass(frozen=True, slots=True)
class Kinds:
    """The case types of the limits that wait for an event: those made, those taken, those that could be."""

    made: list[tuple[str, str, str]]  # the url of its measure, its name, its event
    taken: list[str]
    offered: list[tuple[str, str, str]]  # the url of the measure, the limit's words, the type's name


@dataclass(slots=True)
class LimitPromise:
    """What time limits of the same words make together: for how many duties, how many dates, and which."""

    words: str
    makes: str
    measures: list[tuple[Measure, str]]  # each with the address of its form
    duties: int = 0
    milestones: int = 0


@dataclass(frozen=True, slots=True)
class LimitGroup:
    """The limits of one sort."""

    sort: str
    limits: list[LimitPromise]


@dataclass(frozen=True, slots=True)
class Ungiven:
    """Names nobody carries out for now (暂不落实) in one task, with the limits that start nothing for want of them."""

    measure: Measure
    url: str
    names: str
    limits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPage(View):
    """What publication will make, or what is still in its way."""

    template: ClassVar[str] = "documents/confirm/publish.html"
    shown: ConfirmationBoard
    wrong: str
    made: Published
    outcome: PastAnswer | None
    expired_words: str
    not_tasks: int
    kinds: Kinds
    roles: str
    groups: list[LimitGroup]
    idle: list[tuple[Measure, str, int]]  # measures with duties that have no date, and how many
    left_out: list[Ungiven]
    unreached: list[str]


def _publish_page(shown: ConfirmationBoard, wrong: str = "") -> str:
    return PublishPage(
        shown=shown,
        wrong=wrong,
        made=shown.foreseen.figures,
        outcome=shown.document.expired_answer,
        expired_words=full_day(shown.document.expires_on),
        not_tasks=_not_tasks(shown.edition.measures),
        kinds=_kinds(shown),
        roles=_roles(shown.foreseen.figures),
        groups=_groups(shown),
        idle=[(i.measure, measure_url(shown.document.id, i.measure.id), n) for i, n in shown.foreseen.idle],
        left_out=_left_out(shown),
        unreached=unreached(db(), shown.foreseen.unit_ids),
    ).render()


def _left_out(shown: ConfirmationBoard) -> list[Ungiven]:
    """Return what publication will not make though the document says it: what nobody is given is said, not dropped."""
    started = {limit.start.rule.id for limit in shown.foreseen.limits}
    found = []
    for item in (i for m in shown.edition.measures if m.is_task for i in m.items):
        names = "、".join(f"“{a.printed}”" for a in item.assignments if a.left_out)
        idle = [
            r for r in item.rules if r.id not in started and r.kind is not Kind.VALIDITY and r.past_answer not in OVER
        ]
        limits = "、".join(r.quote or rule_words(r) for r in idle)
        if names:
            found.append(Ungiven(item.measure, measure_url(shown.document.id, item.measure.id), names, limits))
    return found


def _roles(made: Published) -> str:
    """Say how many duties there are of each role."""
    return "、".join(f"{role.label} {made.of_role(role)}" for role in ROLES if made.of_role(role))


def _groups(shown: ConfirmationBoard) -> list[LimitGroup]:
    """Return what the time limits make, those of a day first, then rhythms, then what waits for an event.

    Limits of the same words that come to the same days stand in one line, as those set for all the undated at once.
    """
    found: dict[str, dict[tuple[str, str], LimitPromise]] = {label: {} for label in SORTS}
    for limit in shown.foreseen.limits:
        start, measure = limit.start, limit.item.measure
        sort = SORTS[0 if start.dated else 1 if start.periods else 2]
        words, makes = start.rule.quote or rule_words(start.rule), _makes(shown, limit)
        row = found[sort].setdefault((words, makes), LimitPromise(words, makes, []))
        row.measures.append((measure, measure_url(shown.document.id, measure.id)))
        row.duties += limit.duties
        row.milestones += limit.milestones
    return [LimitGroup(sort, list(rows.values())) for sort, rows in found.items() if rows]


def _makes(shown: ConfirmationBoard, limit: ForeseenLimit) -> str:
    """Say what a limit starts: its day, its running period and the next with how many there are, or its event."""
    start, rule = limit.start, limit.start.rule
    if start.dated:
        return counted(rule, shown.edition.facts).words
    if not start.periods:
        return f"{rule.trigger or UNNAMED_EVENT}登记后起算"
    dates = zip(("本期", "下期"), start.periods, strict=False)
    coming = "，".join(f"{which} {full_day(period.resolved.due_on)}" for which, period in dates)
    days = calendar(shown.document.jurisdiction_id)
    within = periods_within(rule, limit.item, shown.edition.facts, published_on=this_day(), calendar=days)
    if within is None:
        return f"{coming}；文件没有写有效期，按期一直生成"
    return f"{coming}；有效期内共 {within} 期" + ("以上" if within == MOST_COUNTED else "")


def _kinds(shown: ConfirmationBoard) -> Kinds:
    rules = [r for m in shown.edition.measures if m.is_task for i in m.items for r in waiting_rules(i)]
    bare = [r for r in rules if gets_its_own(r, shown.document.id)]
    names = [r.case_type.name for r in rules if r.case_type is not None and r not in bare]
    offers = offers_for(db(), bare, shown.document.jurisdiction_id)
    urls = {r.id: measure_url(shown.document.id, r.item.measure.id) for r in bare}
    made = [(urls[r.id], type_name(r), r.trigger or UNNAMED_EVENT) for r in bare]
    offered = [
        (urls[r.id], f"{r.item.measure.key} {r.quote or r.act or ''}".strip(), offers[r.id][0].version.type.name)
        for r in bare
        if offers[r.id]
    ]
    return Kinds(made, list(dict.fromkeys(names)), offered)


def _not_tasks(measures: Iterable[Any]) -> int:
    return sum(1 for m in measures if not m.is_task)
