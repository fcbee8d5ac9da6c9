"""Jurisdictions, responsible units, their groups and their many printed names."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.rules.labels import Labelled
from tracker.store.core.base import Base, Key, Short, choice
from tracker.store.models.versioned import Versioned


class UnitKind(Labelled):
    """What sort of body a unit is."""

    DEPARTMENT = "department", "政府部门"
    PARTY = "party", "党群部门"
    COURT = "court", "司法机关"
    COUNTY = "county", "县区政府"
    ZONE = "zone", "开发区、功能区"
    TOWNSHIP = "township", "乡镇、街道"
    ENTERPRISE = "enterprise", "企业"
    BANK = "bank", "金融机构"
    INSTITUTION = "institution", "事业单位"
    OFFICE = "office", "办公室"
    GROUP_OFFICE = "group_office", "领导小组、指挥部办公室"
    OTHER = "other", "其他"


class Jurisdiction(Base):
    """辖区: a place whose government issues documents."""

    __tablename__ = "jurisdictions"
    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[Short] = mapped_column(unique=True)
    level: Mapped[str] = mapped_column(String(20))
    parent: Mapped[str | None] = mapped_column(String(200))


class Unit(Versioned, Base):
    """责任单位: one body, under the name its place prints in full."""

    __tablename__ = "units"
    __table_args__ = (UniqueConstraint("jurisdiction_id", "name"),)
    id: Mapped[Key]
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"))
    code: Mapped[str | None] = mapped_column(String(40))
    name: Mapped[Short]
    kind: Mapped[UnitKind] = mapped_column(choice(UnitKind, "kind"), default=UnitKind.DEPARTMENT)
    email: Mapped[str | None] = mapped_column(String(200))
    refused_address: Mapped[str | None] = mapped_column(String(200))  # the mail server refused it for good
    phone: Mapped[str | None] = mapped_column(String(60))
    supervises: Mapped[bool] = mapped_column(default=False)  # 减负办 or its like: runs the supervision here
    active: Mapped[bool] = mapped_column(default=True)
    jurisdiction: Mapped[Jurisdiction] = relationship(lazy="raise")


class UnitGroup(Base):
    """单位组: a printed name that stands for several units (各县〔市〕区政府)."""

    __tablename__ = "unit_groups"
    __table_args__ = (UniqueConstraint("jurisdiction_id", "name"),)
    id: Mapped[Key]
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"))
    name: Mapped[Short]


class GroupMember(Base):
    """A unit's membership of a group; publication copies it, so later members do not slip in."""

    __tablename__ = "group_members"
    group_id: Mapped[int] = mapped_column(ForeignKey("unit_groups.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True, index=True)


class Alias(Base):
    """A name under which a unit or a group is printed, its own name included; unique within a jurisdiction."""

    __tablename__ = "aliases"
    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "key"),
        CheckConstraint("(unit_id IS NULL) <> (group_id IS NULL)", name="one_holder"),
        Index(None, "unit_id"),
        Index(None, "group_id"),
    )
    id: Mapped[Key]
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"))
    key: Mapped[Short]  # the normalised form that is looked up
    printed: Mapped[Short]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("unit_groups.id"))
