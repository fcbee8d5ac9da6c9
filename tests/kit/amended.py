"""A published document and the text of its next edition, of our own writing, for the tests of amendments."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.world import NOW, World
from tracker.clock.calendar import national
from tracker.reading.extraction import read
from tracker.reading.rendering import as_json
from tracker.services.core.act import begin
from tracker.services.documents import answers, intake, publication
from tracker.services.editions import opening
from tracker.store.documents import drafts
from tracker.store.duties.duty import find_duty
from tracker.store.editions import changes as amendments
from tracker.store.models import Document, Duty, Edition, Milestone, MilestoneDate, PlanAnswer, Source, Task

CALENDAR = national()

FIRST = """某市优化政务服务若干措施

某政发〔2026〕7号

一、提高效率

1.梳理政务服务事项清单，2026年6月底前向社会公布。（牵头单位：市工信局，配合单位：市财政局）

2.对企业诉求，自正式受理之日起3个工作日内答复。（责任单位：市减负办、市工信局，各县区政府）

3.每月25日，通报窗口办件情况。（责任单位：市财政局）

4.开展窗口人员业务培训，提升帮办代办能力。（责任单位：市教育局）

5.做好政策宣传解读，扩大社会知晓面。（责任单位：各有关部门）

6.推进水电气联合报装，2026年9月底前实现一窗受理。（责任单位：市住建局）

二、改进作风

7.完善好差评制度，差评件全部整改。（责任单位：市财政局）
"""

# 1: an earlier 6月底 is now 8月底 and finance is gone for education; 2 unchanged; 3: quarterly; 4 gone; 5 moved to part
# two as 6; 6 is now 4, unchanged; 5 is new; 7 unchanged.
SECOND = """某市优化政务服务若干措施（修订）

某政发〔2026〕20号

一、提高效率

1.梳理政务服务事项清单，2026年8月底前向社会公布。（牵头单位：市工信局，配合单位：市教育局）

2.对企业诉求，自正式受理之日起3个工作日内答复。（责任单位：市减负办、市工信局，各县区政府）

3.每季度末，通报窗口办件情况。（责任单位：市财政局）

4.推进水电气联合报装，2026年9月底前实现一窗受理。（责任单位：市住建局）

5.建立企业首席服务员制度，2026年10月底前覆盖重点企业。（责任单位：市工信局、市教育局）

二、改进作风

6.做好政策宣传解读，扩大社会知晓面。（责任单位：各有关部门）

7.完善好差评制度，差评件全部整改。（责任单位：市财政局）
"""


@dataclass
class Place:
    """The world with the document that is amended."""

    world: World
    document_id: int
    sources: dict[str, int] = field(default_factory=dict)


def take_in(
    session: Session, world: World, text: str, now: datetime = NOW, issued_on: str = "2026-03-02", **more: Any
) -> Source:
    """Take a text in as the supervisor, read by the reader."""
    plans = as_json(read(text))["plans"]
    for plan in plans:
        plan.update({"issued_on": issued_on, **more})
    new = intake.NewSource(
        jurisdiction_id=world.jurisdiction.id,
        filename="措施.txt",
        pasted=False,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        size=len(text),
        encoding="utf-8",
        text=text,
        plans=plans,
    )
    source = intake.take_in(begin(session, world.actor("supervisor"), now), new)
    session.flush()
    return source


def publish_first(session: Session, world: World, text: str = FIRST, now: datetime = NOW) -> Document:
    """Take the first edition in, answer its questions, and publish it."""
    boss = world.actor("supervisor")
    source = take_in(session, world, text, now)
    document = intake.choose_plan(begin(session, boss, now), source.plans[0], source, PlanAnswer.ANOTHER)
    assert document is not None
    edition = afresh(session, document.id)
    answers.settle_collective(begin(session, boss, now), edition, "各有关部门", unit_ids=[world.units["jyj"].id])
    confirm_rest(session, world, document.id, now)
    publication.publish(begin(session, boss, now), afresh(session, document.id))
    session.flush()
    return document


def confirm_rest(session: Session, world: World, document_id: int, now: datetime = NOW) -> None:
    """Confirm every measure nobody has looked at, as if each were read one by one."""
    for measure in afresh(session, document_id).measures:
        if measure.confirmed_at is None:
            measure.confirmed_at, measure.confirmed_by_id = now, world.people["supervisor"].id
    session.flush()


def afresh(session: Session, document_id: int) -> Edition:
    """Return the edition under work, read back as a page would."""
    session.flush()
    session.expire_all()
    return drafts.working_edition(session, document_id)


def open_second(
    session: Session, world: World, document_id: int, text: str = SECOND, now: datetime = NOW, **more: Any
) -> Edition:
    """Open a new edition of a document from a text."""
    source = take_in(session, world, text, now, **{"issued_on": "2026-03-20", **more})
    document = session.get_one(Document, document_id)
    opening.choose_plan(begin(session, world.actor("supervisor"), now), source.plans[0], source, None, document)
    return afresh(session, document_id)


def changes(session: Session, document_id: int) -> list[amendments.Compared]:
    """Return the changes of the edition under work."""
    return [amendments.compared(c) for c in amendments.changes_of(session, afresh(session, document_id))]


def task(session: Session, document_id: int, title: str) -> Task:
    """Return a task by a word of its title."""
    session.flush()
    session.expire_all()
    found = [t for t in amendments.tasks_of(session, document_id) if title in t.title]
    assert len(found) == 1, [t.title for t in found]
    return found[0]


def duty(session: Session, world: World, document_id: int, title: str, unit: str) -> Duty:
    """Return a duty by a word of its task's title and its unit's code, loaded as the verbs need it."""
    wanted = task(session, document_id, title)
    found = next(d.id for d in wanted.duties if d.unit_id == world.units[unit].id)
    loaded = find_duty(session, world.actor("supervisor"), found)
    assert loaded is not None
    return loaded


def clocks(session: Session, duty_id: int) -> list[Milestone]:
    session.flush()
    query = select(Milestone).where(Milestone.duty_id == duty_id).order_by(Milestone.due_at, Milestone.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def dates(session: Session, milestone_id: int) -> list[MilestoneDate]:
    query = select(MilestoneDate).where(MilestoneDate.milestone_id == milestone_id).order_by(MilestoneDate.version)
    return list(session.scalars(query))
