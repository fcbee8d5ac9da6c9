"""Case types of a document's time limits (时限的办件类型): each that waits for an event has one, made or taken."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from tracker.clock.rules import Kind, Sense
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Verb
from tracker.services.case_types.checks import check
from tracker.services.case_types.steps import (
    LONGEST_NAME,
    StepInput,
    TypeInput,
    input_of,
    limit_input,
    limit_words,
    outline,
)
from tracker.services.case_types.versions import add_version, claim, record
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.store.case_types.versions import newest_versions, own_types, types_in_use
from tracker.store.deadlines.rules import counts_from_document
from tracker.store.models import (
    BesideAnswer,
    Bound,
    CaseType,
    CaseTypeStep,
    CaseTypeVersion,
    DeadlineRule,
    Document,
    DocumentState,
    EditionState,
    Item,
    Party,
    PastAnswer,
    StepKind,
)

# What the words of an act say of its kind; the first that is found counts.
_KINDS: tuple[tuple[str, StepKind], ...] = (
    ("转办", StepKind.REFER),
    ("转交", StepKind.REFER),
    ("交办", StepKind.REFER),
    ("移送", StepKind.REFER),
    ("核实", StepKind.VERIFY),
    ("审核", StepKind.VERIFY),
    ("审查", StepKind.VERIFY),
    ("初审", StepKind.VERIFY),
    ("复审", StepKind.VERIFY),
    ("退还", StepKind.REFUND),
    ("返还", StepKind.REFUND),
    ("公示", StepKind.PUBLICISE),
    ("答复", StepKind.ANSWER),
    ("回复", StepKind.ANSWER),
)
UNNAMED_EVENT = "事件发生"


def waits_for_event(rule: DeadlineRule) -> bool:
    """Whether a time limit counts from an event somebody registers, so that its cases are kept in a ledger."""
    return rule.kind is Kind.RELATIVE and not counts_from_document(rule)


def waiting_rules(item: Item) -> list[DeadlineRule]:
    """Return the limits of an item that wait for an event somebody registers, and are still to be followed."""
    over = (PastAnswer.DONE, PastAnswer.UNTRACKED)
    return [r for r in item.rules if waits_for_event(r) and r.past_answer not in over]


def rule_code(rule: DeadlineRule) -> str:
    """Return the code of the type a time limit is made into; rule.item.rules and its measure must be loaded.

    It stands on the printed words, not on the row: a correction of the number, or the copy in a new edition that
    carries the same words, is still the same ledger.
    """
    item = rule.item
    words = _words(rule)
    alike = [r.id for r in item.rules if _words(r) == words]
    measure = item.measure
    told = "|".join((measure.key, str(item.ordinal), words, str(alike.index(rule.id))))
    return f"d{measure.edition.document_id}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _words(rule: DeadlineRule) -> str:
    return rule.quote or f"{rule.trigger or ''} {rule.act or ''}"


def guess_kind(rule: DeadlineRule) -> StepKind:
    """Return what sort of act a time limit asks for, by its words."""
    if rule.sense is Sense.NOT_BEFORE:
        return StepKind.CLAIM
    act = rule.act or ""
    return next((kind for words, kind in _KINDS if words in act), StepKind.HANDLE)


# --- Made -------------------------------------------------------------------------------------------------------------


def give_types(act: Act, item: Item) -> None:
    """Give each waiting limit of a published item a type of its own unless it took another.

    One made of it in the draft says by now what the limit says: it may have been corrected since.
    """
    document_id = item.measure.edition.document_id
    for rule in (r for r in waiting_rules(item) if gets_its_own(r, document_id)):
        kind = rule.case_type
        if kind is None or kind.document_id != document_id or kind.code == rule_code(rule):
            make_from_rule(act, rule)


def gets_its_own(rule: DeadlineRule, document_id: int) -> bool:
    """Whether a limit's type will be one of its own: it took none, or one that has been taken out of use since."""
    kind = rule.case_type
    return kind is None or kind.document_id == document_id or not kind.active


def make_from_rule(act: Act, rule: DeadlineRule) -> CaseType:
    """Give a limit a type of its own, of one step; done twice, it is the one made before, in use again.

    Needs the rule as store.case_types.versions.find_rule loads it: its item with rules, measure, edition and document.
    """
    measure = rule.item.measure
    document = measure.edition.document
    act.require(PlaceAction.KEEP_TYPES, document.jurisdiction_id)
    _refuse(rule, document, measure.edition.state)
    what = (rule.act or "办理").strip()
    name = type_name(rule)
    step = step_of(act.session, rule, what)
    given = TypeInput(name, rule.trigger or UNNAMED_EVENT, (step,), _origin(document, rule) + _left_out(rule, step))
    check(given)
    made, new = claim(
        act.session,
        document.jurisdiction_id,
        rule_code(rule),
        name,
        document_id=document.id,
        measure_key=_printed_key(rule.item),
    )
    rule.case_type = made
    if new:
        version = add_version(act, made, 1, given)
        after = {"name": name, "rule": rule.id, **outline(version)}
        record(
            act, made, Verb.CASE_TYPE_FROM_RULE, after=after, note=f"{name}：{rule.quote or what}", document=document
        )
        return made
    if not made.active:
        _put_back(act, made, document)
    _follow(act, made, given, document)
    act.session.flush()
    return made


def type_name(rule: DeadlineRule) -> str:
    """Return what a limit's own type is called: by its act, by its printed words where it names none."""
    what = (rule.act or rule.quote or "办理").strip()
    return f"{what[:40]}（{rule.item.measure.key}）"[:LONGEST_NAME]


def _follow(act: Act, made: CaseType, given: TypeInput, document: Document) -> None:
    """Let a type nobody has revised follow the limit it was made of, which was corrected since."""
    (newest,) = newest_versions(act.session, [made.id])
    present = input_of(newest, made.name)
    same = (present.event, present.steps[0].limit) == (given.event, given.steps[0].limit)
    if newest.number == 1 and not same:
        version = add_version(act, made, 2, given)
        record(act, made, Verb.CASE_TYPE_REVISE, after={"name": made.name, **outline(version)}, document=document)


def _refuse(rule: DeadlineRule, document: Document, edition: EditionState) -> None:
    if not waits_for_event(rule):
        raise Refused("只有从某个事件起算的时限可以建立台账。")
    if document.state is DocumentState.WITHDRAWN:
        raise Refused("这份文件已归档，不跟踪，不能据此建立台账。")
    if edition is EditionState.SUPERSEDED:
        raise Refused("这是已被替代的版本，请从现行版本的时限建立台账。")


def step_of(session: Session, rule: DeadlineRule, act: str) -> StepInput:
    """Return the one step of a limit's own type; the statute's outer limit is beside it where both count."""
    both = rule.beside_answer is BesideAnswer.BOTH and rule.beside_id is not None
    outer = limit_input(session.get_one(DeadlineRule, rule.beside_id)) if both else None
    copied = limit_input(rule)
    if copied is not None and (copied.extend_unit is not copied.unit or _shorter(rule)):
        copied = replace(copied, extend_amount=None, extend_unit=None)  # an extension is granted in the limit's unit
    kind = guess_kind(rule)
    bound = Bound.OTHER if rule.party is Party.OTHER else Bound.HANDLER
    return StepInput(
        key="step1", name=act[:LONGEST_NAME], kind=kind, bound=bound, limit=copied, statute=outer if copied else None
    )


def _shorter(rule: DeadlineRule) -> bool:
    return rule.extend_amount is not None and rule.extend_amount < (rule.amount or 0)


def _origin(document: Document, rule: DeadlineRule) -> str:
    return f"依据《{document.title[:100]}》{document.doc_no or ''}{rule.item.measure.key}"


def _left_out(rule: DeadlineRule, step: StepInput) -> str:
    """Say what the document allows and the ledger's step cannot hold, for whoever revises the type."""
    if rule.extend_amount is None or step.limit is None or step.limit.extend_amount is not None:
        return ""
    return f"；文件写明“{limit_words(rule)}”，延期与时限的单位不同，没有带入"


def _printed_key(item: Item) -> str:
    """Return the number a clause is cited by."""
    measure = item.measure
    return (measure.key if len(measure.items) == 1 else f"{measure.key}-{item.ordinal}")[:60]


# --- Taken ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """A type in use whose event and limit agree with a document's limit, and the step that has them."""

    version: CaseTypeVersion
    step: CaseTypeStep

    @property
    def words(self) -> str:
        """Say the step and its limit, the statute's beside it."""
        said = f"{self.step.name} {limit_words(self.step.rule)}"
        return f"{said}，法定 {limit_words(self.step.statute_rule)}" if self.step.statute_rule is not None else said


def agreeing(rule: DeadlineRule, versions: Iterable[CaseTypeVersion]) -> list[Taken]:
    """Return the types that count the same event by the same limit, but for the one the limit has."""
    found = []
    for version in versions:
        step = next((s for s in version.steps if s.rule is not None and _agree(rule, s.rule)), None)
        if step is not None and version.type_id != rule.case_type_id:
            found.append(Taken(version, step))
    return found


def _agree(one: DeadlineRule, other: DeadlineRule) -> bool:
    a, b = one.as_rule(), other.as_rule()
    counted = (a.kind, a.sense, a.amount, a.unit, a.direction) == (b.kind, b.sense, b.amount, b.unit, b.direction)
    counted = counted and a.due_time == b.due_time
    return counted and one.party is other.party and _same_event(one.trigger or "", other.trigger or "")


@dataclass(frozen=True, slots=True)
class Beside:
    """A step of a type in use that sets another limit for the act of a document's limit, and that limit."""

    version: CaseTypeVersion
    step: CaseTypeStep
    limit: DeadlineRule

    @property
    def words(self) -> str:
        return f"{self.step.name} {limit_words(self.limit)}"


def differing(rule: DeadlineRule, versions: Sequence[CaseTypeVersion]) -> list[Beside]:
    """Return the steps that ask for the same act after the same event, but within another time.

    None where a type has the limit as it is, or the limit has taken a type: there the two stand beside each other
    already.
    """
    kind = rule.case_type
    if (kind is not None and kind.document_id is None) or agreeing(rule, versions):
        return []
    found = []
    for version in versions:
        for step in version.steps:
            limit = step.statute_rule or step.rule
            if version.type.document_id is None and limit is not None and _same_act(rule, step, limit):
                found.append(Beside(version, step, limit))
    return found


def _same_act(rule: DeadlineRule, step: CaseTypeStep, limit: DeadlineRule) -> bool:
    """Whether a step asks for a document's act after the same event, counted the same way, but within another time."""
    a, b = rule.as_rule(), limit.as_rule()
    if (a.kind, a.sense, a.direction) != (b.kind, b.sense, b.direction) or (a.amount, a.unit) == (b.amount, b.unit):
        return False
    what = guess_kind(rule)
    alike = what is step.kind and (what is not StepKind.HANDLE or (rule.act or "") == step.name)
    return alike and rule.party is limit.party and _same_event(rule.trigger or "", limit.trigger or "")


def _same_event(one: str, other: str) -> bool:
    """Whether one wording is the other with words left out: 接到返还申请, 接到承包人返还保证金申请."""
    short, long = sorted((one, other), key=len)
    rest = iter(long)
    return len(short) > 1 and all(letter in rest for letter in short)


def take(act: Act, rule: DeadlineRule, of: CaseTypeVersion) -> None:
    """沿用: let the cases of a limit's event be those of a type that exists; its own type is taken out of use.

    One event is never counted by two.  Needs the rule as store.case_types.versions.find_rule loads it.
    """
    edition = rule.item.measure.edition
    document = edition.document
    act.require(PlaceAction.KEEP_TYPES, document.jurisdiction_id)
    _refuse(rule, document, edition.state)
    if of.type.jurisdiction_id != document.jurisdiction_id or not of.type.active:
        raise Refused("请选择本辖区在用的办件类型。")
    if not agreeing(rule, [of]):
        raise Refused(f"“{of.type.name}”没有同一事件、同样长的时限，不能沿用。")
    before, rule.case_type = rule.case_type, of.type
    act.session.flush()
    note = f"{of.type.name}：{rule.quote or rule.act or ''}"
    after = {"name": of.type.name, "rule": rule.id}
    record(act, of.type, Verb.CASE_TYPE_TAKE, {"name": before.name} if before else None, after, note, document)
    leave_out(act, document)


def leave_out(act: Act, document: Document) -> int:
    """Take out of use the types made of a document's limits that none of its limits in force has any more.

    Cases already open keep their steps.  Returns how many.
    """
    left = [own.type for own in own_types(act.session, document.id) if not own.linked and own.type.active]
    for kind in left:
        kind.active = False
        record(act, kind, Verb.CASE_TYPE_RETIRE, {"active": True}, {"active": False}, document=document)
    return len(left)


def _put_back(act: Act, kind: CaseType, document: Document) -> None:
    kind.active = True
    record(act, kind, Verb.CASE_TYPE_RESTORE, {"active": False}, {"active": True}, document=document)


def offers_for(session: Session, rules: Sequence[DeadlineRule], jurisdiction_id: int) -> dict[int, list[Taken]]:
    """Return, by limit, the types of the place it could take instead of its own."""
    in_use = types_in_use(session, jurisdiction_id) if rules else []
    return {rule.id: agreeing(rule, in_use) for rule in rules}
