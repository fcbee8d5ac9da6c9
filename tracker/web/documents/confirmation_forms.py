"""The form of confirmation: one measure with its names and time limits, from rows and to what the verb takes."""

from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from tracker.clock.rules import CountUnit, DayOff, Kind, Sense
from tracker.clock.statutes import STATUTES
from tracker.reading.plan import Role
from tracker.services.documents.corrections import ItemInput, MeasureInput, NameInput, RuleInput
from tracker.store.models import Assignment, DeadlineRule, Measure, Party, PastAnswer
from tracker.web.deadlines.rhythms import AS_READ, BAD_DAY, DAY_CHOICES, RHYTHM_CHOICES, Chosen, chosen, rrule
from tracker.web.kit.fields import Choice, DayField, Ids, RowVersion, TimeOfDayField, Whole, options, trimmed, wrong
from tracker.web.kit.forms import FormPart, PageForm


class RowId(Whole):
    """The id of the row a group of fields belongs to; empty for one being added."""

    widget = HiddenInput()


class NameForm(FormPart):
    """One responsible unit: its role and whom the printed name means.

    `means` is u<unit id>, g<group id>, some (the units in `chosen`), left (暂不落实), new (a unit of that name) or
    empty, which leaves the name open.
    """

    id = RowId()
    role = Choice("角色", choices=options(Role), default=Role.RESPONSIBLE.value)
    means = StringField("指哪个单位")
    chosen = Ids("所选单位")
    told = StringField("已说明", widget=HiddenInput())  # the choice of which was shown what would be learned
    remember = BooleanField("记住这个名称")
    remove = BooleanField("去掉")

    @property
    def blank(self) -> bool:
        return self.id.data is None and not self.means.data

    def said(self) -> NameInput:
        """Return what was chosen; ValueError for what no page of ours sends."""
        means, given = self.means.data or "", NameInput(role=Role(self.role.data), id=self.id.data)
        if means in ("", "some", "left", "new"):
            picked = tuple(self.chosen.data or ()) if means == "some" else ()
            return NameInput(given.role, given.id, chosen=picked, left_out=means == "left", create=means == "new")
        sort, number = means[0], int(means[1:])
        learn = bool(self.remember.data) and self.told.data == means
        if sort == "u":
            return NameInput(given.role, given.id, unit_id=number, remember=learn)
        if sort == "g":
            return NameInput(given.role, given.id, group_id=number, remember=learn)
        raise ValueError(means)

    def tell(self) -> bool:
        """Offer to learn what was chosen for an unknown name, once for each choice; False where that was shown."""
        means = self.means.data or ""
        if self.remove.data or means[:1] not in ("u", "g") or self.told.data == means:
            return False
        self.told.data, self.remember.data = means, True
        return True

    def validate(self, extra_validators: Any = None) -> bool:
        fine: bool = super().validate(extra_validators)
        if self.remove.data:
            return True
        try:
            said = self.said()
        except ValueError:
            return wrong(self.means, "请从列表中选择单位。")
        if said.id is None and not self.blank and not (said.unit_id or said.group_id):
            return wrong(self.means, "请从单位库中选择单位。")
        if self.means.data == "some" and not said.chosen:
            return wrong(self.means, "请勾选承办的单位，或者选“暂不落实”。")
        return fine


COUNTS_AS = {"": "按自然日计", **{s.article: f"按工作日计（{s.name}）" for s in STATUTES}}


class RuleForm(FormPart):
    """One time limit; the fields of the kind that is chosen count."""

    id = RowId()
    kind = RadioField("时限类型", choices={"": "不设", **options(Kind)}, validate_choice=False, default="")
    sense = Choice("要求", choices=options(Sense), default=Sense.WITHIN.value)
    due_on = DayField("日期", [Optional()])
    until = DayField("有效期至", [Optional()])
    trigger = StringField("起算事件", [Length(max=200)], filters=[trimmed])
    direction = Choice("方向", choices={"after": "之后", "before": "之前", "until": "前的期间内"}, default="after")
    amount = Whole("数量", [Optional(), NumberRange(0, 9999)])
    unit = Choice("单位", choices={"": "请选择", **options(CountUnit)}, default="")
    # The verb checks it: an article the document names is none of ours and may stay.
    counts_as = Choice("日的算法", choices=COUNTS_AS, validate_choice=False, default="")
    rhythm = Choice("周期", choices={"": "请选择", **RHYTHM_CHOICES, AS_READ: "按原文"}, default="")
    day = Choice("每期哪一天", choices=DAY_CHOICES, default="")
    due_time = TimeOfDayField("当日几时前", [Optional()])
    act = StringField("办理什么", [Length(max=200)], filters=[trimmed])
    party = Choice("谁的时限", choices=options(Party), default=Party.UNIT.value)
    day_off = Choice("遇休息日", choices={"": "按规则", **options(DayOff)}, default="")
    past_answer = RadioField(
        "这个日期已过", choices=options(PastAnswer), validators=[Optional()], validate_choice=False, default=None
    )
    renewed_on = DayField("新的日期", [Optional()])
    bound = Ids("约束")
    remove = BooleanField("删去这个时限")

    @property
    def blank(self) -> bool:
        return self.id.data is None and not self.kind.data

    def validate(self, extra_validators: Any = None) -> bool:
        if self.remove.data or self.blank:
            return True
        fine: bool = super().validate(extra_validators)
        kind = self.kind.data
        if kind not in set(Kind):
            return wrong(self.kind, "请选择时限类型，或者删去这个时限。")
        if kind == Kind.ABSOLUTE and self.due_on.data is None and not self.due_on.errors:
            return wrong(self.due_on, "请填写日期。")
        if kind == Kind.RELATIVE and (self.amount.data is None or not self.unit.data) and not self.amount.errors:
            return wrong(self.amount, "请填写数量并选择单位，例如 3 个工作日。")
        if kind == Kind.RECURRING and not self.rhythm.data:
            return wrong(self.rhythm, "请选择周期。")
        if kind == Kind.RECURRING and self.rhythm.data != AS_READ and not rrule(self.rhythm.data, self.day.data or ""):
            return wrong(self.day, BAD_DAY)
        if kind == Kind.ABSOLUTE and self.past_answer.data == PastAnswer.OPEN and self.renewed_on.data is None:
            return wrong(self.renewed_on, "仍需办理的，请填写新的日期。")
        return fine


class ItemForm(FormPart):
    """One responsibility item: its names and its time limits."""

    id = RowId()
    names = FieldList(FormField(NameForm, "责任单位"), "责任单位")
    rules = FieldList(FormField(RuleForm, "时限"), "时限")


class MeasureForm(PageForm):
    """One measure (措施)."""

    version = RowVersion()
    title = TextAreaField("标题", [InputRequired("请填写标题。"), Length(max=500)])
    not_task = BooleanField("不作为任务", description="只是说明或宣示，不需要谁办理。")
    items = FieldList(FormField(ItemForm, "责任项"), "责任项")


# --- from rows to the form ------------------------------------------------------------------------------------------


def measure_values(measure: Measure) -> dict[str, Any]:
    """Return a measure as the form's data, with one empty name and one empty time limit for each item."""
    items = []
    for item in measure.items:
        places = {a.id: n for n, a in enumerate(item.assignments)}
        names = [_name_values(a) for a in item.assignments]
        rules = [_rule_values(r, places) for r in item.rules]
        added = {"role": Role.RESPONSIBLE.value, "means": ""}
        items.append(
            {"id": item.id, "names": [*names, added], "rules": [*rules, {"bound": proposed(item.assignments)}]}
        )
    return {"version": measure.version, "title": measure.title, "not_task": not measure.is_task, "items": items}


def proposed(assignments: list[Assignment]) -> list[int]:
    """Return whom a new time limit is proposed to bind, by place: the leads, else everybody but the supporting."""
    leads = [n for n, a in enumerate(assignments) if a.role is Role.LEAD]
    able = [n for n, a in enumerate(assignments) if a.role is not Role.SUPPORT]
    return leads or able


def means(assignment: Assignment) -> str:
    """Return whom a name means, as the form says it."""
    if assignment.unit_id is not None:
        return f"u{assignment.unit_id}"
    if assignment.group_id is not None:
        return f"g{assignment.group_id}"
    if assignment.chosen:
        return "some"
    return "left" if assignment.left_out else ""


def _name_values(assignment: Assignment) -> dict[str, Any]:
    return {
        "id": assignment.id,
        "role": assignment.role.value,
        "means": means(assignment),
        "chosen": [c.unit_id for c in assignment.chosen],
    }


def _rule_values(rule: DeadlineRule, places: dict[int, int]) -> dict[str, Any]:
    finer = rule.offset is not None or rule.nth_workday is not None
    rhythm = Chosen(AS_READ) if finer else chosen(rule.rrule)
    dated = rule.kind is Kind.ABSOLUTE
    return {
        "id": rule.id,
        "kind": rule.kind.value,
        "sense": rule.sense.value,
        "due_on": (rule.due_on or rule.date_from) if dated else None,
        "until": rule.due_on if rule.kind is Kind.VALIDITY else None,
        "trigger": rule.trigger,
        "direction": rule.direction,
        "amount": rule.amount,
        "unit": rule.unit.value if rule.unit else "",
        "counts_as": (rule.article or "") if rule.counts_as_workday else "",
        "rhythm": rhythm.rhythm,
        "day": rhythm.day,
        "due_time": rule.due_time,
        "act": rule.act,
        "party": rule.party.value,
        "day_off": rule.day_off.value if rule.day_off else "",
        "past_answer": rule.past_answer.value if rule.past_answer else None,
        "renewed_on": rule.renewed_on,
        "bound": [places[b.assignment_id] for b in rule.bindings if b.assignment_id in places],
    }


# --- from the form to what the service takes --------------------------------------------------------------------------


def measure_input(form: MeasureForm, measure: Measure) -> MeasureInput:
    """Return a valid form as the verb takes it; rows of other measures are left aside."""
    rules = {r.id: r for i in measure.items for r in i.rules}
    held = {i.id for i in measure.items}
    boxed = {a.id for i in measure.items for a in i.assignments if a.role is not Role.SUPPORT}
    items = tuple(_item_input(entry.form, rules, boxed) for entry in form.items if entry.form.id.data in held)
    return MeasureInput(title=form.title.data or "", is_task=not form.not_task.data, items=items)


def _item_input(form: ItemForm, rows: dict[int, DeadlineRule], boxed: set[int]) -> ItemInput:
    kept = [(n, e.form.said()) for n, e in enumerate(form.names) if not e.form.remove.data and not e.form.blank]
    limits = [e.form for e in form.rules if not e.form.remove.data and not e.form.blank]
    names = tuple(said for _, said in kept)
    return ItemInput(form.id.data, names, tuple(_rule_input(r, rows, _bound(r, kept, boxed)) for r in limits))


def _bound(form: RuleForm, kept: list[tuple[int, NameInput]], boxed: set[int]) -> tuple[int, ...]:
    """Return whom a time limit binds, as places among the kept names; `boxed`: the names that had a box to tick.

    A unit added in the same form has no box yet: it is bound where all others of its role are. Nor has one that only
    supported till now: it is bound where nobody else could be.
    """
    ticked = set(form.bound.data or ())
    held = [(n, said) for n, said in kept if said.id in boxed and said.role is not Role.SUPPORT]
    found = []
    for place, (n, said) in enumerate(kept):
        peers = [m for m, other in held if other.role is said.role] or [m for m, _ in held]
        follows = said.id is None or not held
        if n in ticked or (follows and said.role is not Role.SUPPORT and set(peers) <= ticked):
            found.append(place)
    return tuple(found)


def _rule_input(form: RuleForm, rows: dict[int, DeadlineRule], bound: tuple[int, ...]) -> RuleInput:
    kind, row = Kind(form.kind.data), rows.get(form.id.data)
    counted = kind in (Kind.RELATIVE, Kind.VALIDITY)
    kept = row if form.rhythm.data == AS_READ and kind is Kind.RECURRING else None
    rhythm = kept.rrule if kept else rrule(form.rhythm.data or "", form.day.data or "")
    return RuleInput(
        kind=kind,
        sense=Sense.SPAN if kind is Kind.VALIDITY else Sense(form.sense.data),
        id=form.id.data,
        amount=form.amount.data if counted else None,
        unit=CountUnit(form.unit.data) if counted and form.unit.data else None,
        due_on={Kind.ABSOLUTE: form.due_on.data, Kind.VALIDITY: form.until.data}.get(kind),
        rrule=rhythm if kind is Kind.RECURRING else None,
        direction=form.direction.data if kind is Kind.RELATIVE else kept.direction if kept else "after",
        offset=kept.offset if kept else None,
        nth_workday=kept.nth_workday if kept else None,
        due_time=form.due_time.data,
        trigger=form.trigger.data if counted else None,
        act=form.act.data,
        party=Party(form.party.data),
        day_off=DayOff(form.day_off.data) if form.day_off.data else None,
        past_answer=PastAnswer(form.past_answer.data) if form.past_answer.data in set(PastAnswer) else None,
        renewed_on=form.renewed_on.data,
        bound=bound,
        counts_as=(form.counts_as.data or None) if kind is Kind.RELATIVE and form.unit.data == CountUnit.DAY else None,
    )
