"""单位: the registry of responsible units, kept by supervisors and administrators."""

import re
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

from flask import Blueprint, request, url_for
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from tracker.rules.permissions import PlaceAction
from tracker.services.core.errors import Fault
from tracker.services.registry import units as registry
from tracker.store.documents.sources import places
from tracker.store.models import Jurisdiction, Unit, UnitGroup, UnitKind
from tracker.store.registry.units import (
    GroupRow,
    Person,
    UnitRow,
    choices,
    find_unit,
    groups_of_unit,
    list_groups,
    list_units,
    other_names,
    people_of,
)
from tracker.web.kit.access import actor, db, or_404, page_number, this_act, whole
from tracker.web.kit.fields import Choice, Ids, RowVersion, by_kind, options, trimmed, wrong
from tracker.web.kit.forms import PageForm
from tracker.web.kit.pagination import Links, links
from tracker.web.kit.posting import Answer, Conflict, Done, Posting
from tracker.web.kit.views import View

units = Blueprint("units", __name__, url_prefix="/units")

NAME = [InputRequired("请填写名称。"), Length(max=100)]
EMAIL = re.compile(r"^[^@\s,;，；<>]+@[^@\s,;，；<>]+\.[^@\s,;，；<>]+$")
MAILBOX = [
    Optional(),
    Length(max=200),
    Regexp(EMAIL, message="请填写一个完整的邮箱地址，例如 bgs@example.gov.cn。"),
]
PHONE = [Optional(), Length(max=60)]
LONGEST_NAMES = 2000


class ContactForm(PageForm):
    """邮箱、电话、是否启用"""

    version = RowVersion()
    email = StringField("邮箱", MAILBOX, filters=[trimmed], description="没有承办人账号时，提醒发到这里。")
    phone = StringField("电话", PHONE, filters=[trimmed])
    active = BooleanField("启用", description="停用后不再出现在选单里，已有的责任不受影响。")


class AliasForm(PageForm):
    """文件里的其他写法"""

    printed = StringField("文件里的写法", NAME, filters=[trimmed], description="例如简称、旧称、带括号的挂牌名称。")


class UnitForm(PageForm):
    """新建单位"""

    jurisdiction = Choice("辖区", choices={})
    name = StringField("名称", NAME, filters=[trimmed], description="文件里最完整的写法。")
    kind = Choice("类别", choices=options(UnitKind), default=UnitKind.DEPARTMENT.value)
    aliases = TextAreaField(
        "其他写法",
        [Length(max=LONGEST_NAMES)],
        description="每行一个，可以不填。",
    )
    email = StringField("邮箱", MAILBOX, filters=[trimmed])
    phone = StringField("电话", PHONE, filters=[trimmed])


class GroupForm(PageForm):
    """新建单位组"""

    jurisdiction = Choice("辖区", choices={})
    name = StringField("名称", NAME, filters=[trimmed], description="文件里的写法，例如“各县（市）区政府”。")
    aliases = TextAreaField(
        "其他写法",
        [Length(max=LONGEST_NAMES)],
        description="每行一个，可以不填。",
    )
    members = Ids("成员")

    def validate(self, extra_validators: Any = None) -> bool:
        fine: bool = super().validate(extra_validators)
        if not self.members.data:
            self.members.errors = ["请勾选成员单位。"]
            return False
        return fine


def kept_places() -> set[int]:
    """Return the jurisdictions whose registry the actor keeps."""
    return actor().places(PlaceAction.KEEP_REGISTRY)


def keeps(unit_id: int) -> Unit:
    """Return a unit of a registry the actor keeps."""
    unit = or_404(find_unit(db(), actor(), unit_id))
    this_act().require(PlaceAction.KEEP_REGISTRY, unit.jurisdiction_id)
    return unit


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsPage(View):
    """The units."""

    template: ClassVar[str] = "registry/index.html"
    rows: list[UnitRow]
    page: Links
    places: list[Jurisdiction]
    q: str
    place: int | None


@units.get("/")
def index() -> str:
    words, place = request.args.get("q", ""), request.args.get("jurisdiction", type=whole)
    page = list_units(db(), actor(), words, place, page_number())
    ids = kept_places()
    return UnitsPage(rows=page.rows, page=links(page), places=places(db(), ids), q=words, place=place).render()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsPage(View):
    """The groups of units."""

    template: ClassVar[str] = "registry/groups.html"
    rows: list[GroupRow]
    places: dict[int, str]


@units.get("/groups")
def groups() -> str:
    ids = kept_places()
    found = {p.id: p.name for p in places(db(), ids)}
    return GroupsPage(rows=list_groups(db(), ids), places=found).render()


@units.get("/<int:unit_id>")
def show(unit_id: int) -> str:
    unit = keeps(unit_id)
    return _unit_page(unit, _contact_form(unit), AliasForm(formdata=None))


def _contact_form(unit: Unit) -> ContactForm:
    data = {"version": unit.version, "email": unit.email, "phone": unit.phone, "active": unit.active}
    return ContactForm(formdata=None, data=data)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPage(View):
    """A unit, its names and its people."""

    template: ClassVar[str] = "registry/show.html"
    unit: Unit
    form: ContactForm
    alias_form: AliasForm
    names: list[str]
    people: list[Person]
    groups: list[UnitGroup]
    may_read_duties: bool


def _unit_page(unit: Unit, form: ContactForm, alias_form: AliasForm) -> str:
    names = other_names(db(), [unit.id]).get(unit.id, [])
    return UnitPage(
        unit=unit,
        form=form,
        alias_form=alias_form,
        names=[n for n in names if n != unit.name],
        people=people_of(db(), unit.id),
        groups=groups_of_unit(db(), unit.id),
        may_read_duties=actor().may(PlaceAction.READ_DUTIES, unit.jurisdiction_id),
    ).render()


@units.post("/<int:unit_id>")
def update(unit_id: int) -> Answer:
    """Change a unit's mailbox, telephone and whether it is in use."""
    form = ContactForm()

    def verb(unit: Unit) -> Done:
        registry.update_unit(
            this_act(),
            unit,
            email=form.email.data,
            phone=form.phone.data,
            active=form.active.data,
            version=form.version.data,
        )
        return Done("已保存。", url_for("units.show", unit_id=unit_id))

    def page(unit: Unit) -> str:
        return _unit_page(unit, form, AliasForm(formdata=None))

    def conflict(unit: Unit) -> Conflict:
        now, typed = (
            [("邮箱", of.email or ""), ("电话", of.phone or ""), ("启用", "是" if of.active else "否")]
            for of in (unit, SimpleNamespace(**form.data))
        )
        return Conflict(now, url_for("units.show", unit_id=unit_id), version=unit.version, typed=typed)

    return Posting(form, lambda: keeps(unit_id), verb, page, conflict).answer()


@units.post("/<int:unit_id>/names")
def add_name(unit_id: int) -> Answer:
    """Add another printed name of a unit."""
    form = AliasForm()

    def verb(unit: Unit) -> Done:
        registry.learn_alias(this_act(), unit, form.printed.data or "")
        return Done(f"已记住写法“{form.printed.data}”。", url_for("units.show", unit_id=unit_id))

    def page(unit: Unit) -> str:
        return _unit_page(unit, _contact_form(unit), form)

    return Posting(form, lambda: keeps(unit_id), verb, page).answer()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUnitPage(View):
    """The form of a new unit."""

    template: ClassVar[str] = "registry/new.html"
    form: UnitForm


@units.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """Add a unit to a registry."""
    form = UnitForm()

    def verb(_: None) -> Done:
        unit = registry.create_unit(
            this_act(),
            jurisdiction_id=int(form.jurisdiction.data),
            name=form.name.data or "",
            kind=UnitKind(form.kind.data),
            aliases=split_names(form.aliases.data),
            email=form.email.data,
            phone=form.phone.data,
        )
        return Done(f"已新建单位“{unit.name}”。", url_for("units.show", unit_id=unit.id))

    def page(_: None) -> str:
        return NewUnitPage(form=form).render()

    def place(fault: Fault) -> bool:
        return fault.field == "printed" and not wrong(form.aliases, fault.words)

    return Posting(form, lambda: _offer_places(form), verb, page, offer=lambda _: None, place=place).answer()


@units.route("/groups/new", methods=["GET", "POST"])
def new_group() -> Answer:
    """Add a group: the place first, where the actor keeps several, then its members."""
    form = GroupForm()

    def verb(_: None) -> Done:
        group = registry.create_group(
            this_act(),
            jurisdiction_id=int(form.jurisdiction.data),
            name=form.name.data or "",
            member_ids=tuple(form.members.data),
            aliases=split_names(form.aliases.data),
        )
        return Done(f"已新建单位组“{group.name}”，{len(form.members.data)} 个成员。", url_for("units.groups"))

    return Posting(form, lambda: _offer_places(form), verb, lambda _: _group_page(form), offer=lambda _: None).answer()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewGroupPage(View):
    """The form of a new group."""

    template: ClassVar[str] = "registry/new_group.html"
    form: GroupForm
    units_by_kind: list[tuple[str, list[tuple[int, str]]]]


def _group_page(form: GroupForm) -> str:
    place = int(form.jurisdiction.data) if form.jurisdiction.data in form.jurisdiction_ids else 0
    return NewGroupPage(form=form, units_by_kind=by_kind(choices(db(), place))).render()


def _offer_places(form: Any) -> None:
    """Offer the jurisdictions whose registry the actor keeps; the one asked for in the address comes first."""
    found = places(db(), kept_places())
    form.jurisdiction.choices = {str(p.id): p.name for p in found}
    form.jurisdiction.pairs = [(str(p.id), p.name) for p in found]
    form.jurisdiction_ids = {str(p.id) for p in found}
    if not form.is_submitted():
        form.name.data = request.args.get("name", "")[:100]
        asked = request.args.get("jurisdiction", "")
        form.jurisdiction.data = asked if asked in form.jurisdiction_ids else str(found[0].id)


def split_names(text: str | None) -> tuple[str, ...]:
    """Return the names in a text, one a line."""
    return tuple(dict.fromkeys("".join(line.split())[:200] for line in (text or "").splitlines() if line.strip()))
