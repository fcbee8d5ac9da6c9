"""Reading (读取) a whole source: text in, plans, measures, items, units and deadlines out."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tracker.reading.limits.phrases import deadlines_in
from tracker.reading.loss.doubts import with_doubts
from tracker.reading.loss.outside import TERM
from tracker.reading.measures import MeasureReader
from tracker.reading.names.charges import charges_in
from tracker.reading.names.responsibility import FIRST_LEADS
from tracker.reading.outline.clauses import Draft
from tracker.reading.outline.drafts import outline_of
from tracker.reading.outline.layout import MOST_LINES, TOO_LONG, Layout, Line, laid_out
from tracker.reading.outline.markers import MOST, RANKS
from tracker.reading.outline.titles import Head, PlanPart, head_of, parts_of, under_letter
from tracker.reading.plan import Doubt, DoubtKind, Measure, Plan, Reading, Span, Unassigned
from tracker.reading.tables.stacked import stacked_in
from tracker.reading.tables.task_rows import with_tables
from tracker.reading.tables.task_tables import SpanIndex, tables_in
from tracker.reading.text.cleaning import Clean, fold, unveil
from tracker.reading.text.marks import hands_out

# Why a line that stands as a heading is listed all the same.
SWALLOWED = "标题中写有责任或时限"
_REMEMBERED, _MOST_KEPT = 400, 2048  # characters of a paragraph, and paragraphs, that are known to charge nobody


def read(text: str, level: str | None = None) -> Reading:
    """Read every plan of a source text; never raises, whatever the text.

    A level is the style of number (`outline.markers.STYLES`) that is to be a measure wherever a plan has it.
    """
    printed = unveil(text)
    flat = fold(printed)
    tables = sorted([*tables_in(flat), *stacked_in(flat)], key=lambda table: table.start)
    layout = laid_out(printed, flat, SpanIndex(tables))
    loose = tuple(Unassigned(span, reason) for span, reason in layout.furniture)
    if layout.rest is not None:
        loose += (Unassigned(layout.rest, TOO_LONG),)
    plans: list[Plan] = []
    years: list[int | None] = []
    year = None
    letter: tuple[PlanPart, Head] | None = None
    for part in parts_of(layout):
        head = under_letter(layout, letter, part, head_of(layout, part, year))
        letter, year = letter or (part, head), head.year
        plans.append(_plan(printed, flat, layout, part, head, level))
        years.append(year)
    if "\t" in flat or "|" in flat or tables:
        plans = with_tables(printed, flat, plans, years, tables)
        plans = [replace(plan, measures=tuple(_with_own_keys(plan.measures))) for plan in plans]
    reading = _settled(plans, loose)
    reading = replace(reading, doubts=(*reading.doubts, *_too_many(text, layout)))
    return with_doubts(printed, flat, reading)


def measure_of(text: str, span: Span, *, key: str, section: str | None = None, year: int | None = None) -> Measure:
    """Read any stretch of a source as one measure: what a person splits, joins or adds by hand.

    Raises ValueError where the stretch holds no words.
    """
    printed = unveil(text)
    flat = fold(printed)
    # What a person marks may begin in the middle of a line, with its number or without.
    inside = "".join(char if span.start <= n < span.end else " " for n, char in enumerate(flat))
    layout = laid_out(printed, inside)
    lines = tuple(layout.sourced(line) for line in layout.lines)
    if not lines:
        raise ValueError("no words")
    first = lines[0]
    body = first.number.body if first.number else first.start
    reader = MeasureReader(printed, flat, year, first_leads=False)
    measure = reader.measure(Draft(key, section, None, max(body, first.start), lines))
    if measure is None:  # only a draft that needs a charge is none, and this one does not
        raise ValueError(key)
    return measure


def recut(text: str, span: Span, level: str) -> tuple[Measure, ...]:
    """The measures of a plan, or of one branch of it, cut where numbers of another style stand.

    Keys, sections and everything else are those that a reading of the whole text at this level gives.
    """
    return tuple(
        measure
        for plan in read(text, level).plans
        for measure in plan.measures
        if span.start <= measure.span.start < span.end
    )


def levels_of(plan: Plan) -> tuple[tuple[str, int], ...]:
    """The styles of number a plan may be cut at, the outermost first, each with how many numbers it has."""
    count: dict[str, int] = {}
    depth: dict[str, int] = {}
    for node in plan.outline:
        count[node.style] = count.get(node.style, 0) + 1
        depth[node.style] = min(depth.get(node.style, node.depth), node.depth)
    return tuple((style, count[style]) for style in sorted(count, key=lambda style: (depth[style], RANKS[style])))


def _too_many(text: str, layout: Layout) -> Iterator[Doubt]:
    """What was left unread of a text that has more numbers, or more paragraphs, than any document."""
    if layout.last_number is not None:
        rest = Span(layout.last_number, len(text))
        yield Doubt(DoubtKind.UNREAD, rest, f"编号超过 {MOST} 处，从“{_head(text, rest)}”起没有再分条")
    if layout.rest is not None:
        seen = f"段落超过 {MOST_LINES} 段，从“{_head(text, layout.rest)}”起没有再读"
        yield Doubt(DoubtKind.UNREAD, layout.rest, seen)


def _head(text: str, span: Span) -> str:
    return text[span.start : span.start + 20].strip()


def _settled(plans: list[Plan], loose: tuple[Unassigned, ...]) -> Reading:
    """The reading, where a part without a single measure is only left-over text."""
    kept = [plan for plan in plans if plan.measures]
    doubts: tuple[Doubt, ...] = ()
    for plan in plans:
        if not plan.measures:
            doubts += plan.doubts
            loose += plan.unassigned + tuple(Unassigned(span, "标题") for span in plan.headings)
    return Reading(tuple(kept), tuple(sorted(loose, key=lambda one: one.span.start)), doubts)


def _plan(printed: str, flat: str, layout: Layout, part: PlanPart, head: Head, level: str | None) -> Plan:
    outline = outline_of(layout, part.body, level)
    first_leads = any(FIRST_LEADS.search(layout.bare, line.start, line.end) for line in part.front)
    reader = MeasureReader(printed, flat, head.year, first_leads=first_leads, issued=head.issued_on)
    measures: list[Measure] = []
    taken: set[int] = set()
    silent: set[str] = set()
    left = [(layout.sourced(line), reason) for line, reason in [*((x, "引言") for x in part.front), *outline.left]]
    for draft in outline.drafts:
        words = _words_alone(flat, draft)
        measure = None if words in silent else reader.measure(draft)
        if measure is None and words and len(silent) < _MOST_KEPT:
            silent.add(words)
        if measure is None:
            left.extend((line, "总体要求" if draft.background else "说明") for line in draft.lines)
        else:
            measures.append(measure)
            taken.add(draft.start)
    spans = [layout.span(line) for line in (*part.title_lines, *part.front, *part.body)]
    whole = Span(min((one.start for one in spans), default=0), max((one.end for one in spans), default=0))
    # A heading that charges somebody or sets a limit is none: it is listed, for no measure holds its words.
    found = [layout.sourced(line) for line in outline.headings]
    swallowed = [line for line in found if _is_swallowed(printed, flat, line, head.year)]
    left.extend((line, SWALLOWED) for line in swallowed)
    headings = [*map(layout.sourced, part.title_lines), *(line for line in found if line not in swallowed)]
    return Plan(
        title=part.title,
        span=whole,
        measures=tuple(_with_own_keys(measures)),
        jurisdiction=head.jurisdiction,
        doc_no=head.doc_no,
        issued_on=head.issued_on,
        effective_on=head.effective_on,
        expires_on=head.expires_on,
        # Which of these are suspect is said by the rule of loss, which reads everything beside the measures.
        unassigned=tuple(
            sorted((Unassigned(Span(line.start, line.end), why) for line, why in left), key=lambda one: one.span.start)
        ),
        headings=tuple(Span(line.start, line.end) for line in headings),
        outline=outline.marked(taken),
        doubts=(*outline.doubts, *_passed_over(printed, layout, whole)),
    )


def _words_alone(flat: str, draft: Draft) -> str:
    """The words of a draft that make it a measure by themselves, if they charge somebody; else nothing.

    A text that says one thing over and over is so read once.
    """
    line = draft.lines[0]
    alone = draft.heading is None and draft.inherited is None and draft.section is None and not line.number
    whole = len(draft.lines) == 1 and draft.start == line.start and line.end - line.start <= _REMEMBERED
    return flat[line.start : line.end] if alone and whole and draft.needs_charge and not draft.background else ""


def _passed_over(printed: str, layout: Layout, whole: Span) -> Iterator[Doubt]:
    """One question about the numbers of a plan that fit into none of its series: 一、三、二、."""
    strays = [one for one in layout.strays if whole.start <= one.start < whole.end]
    if strays:
        words = "".join(f"「{printed[one.start : one.end].strip()}」" for one in strays[:3])
        more = f"等{len(strays)}处" if len(strays) > 3 else ""
        yield Doubt(DoubtKind.GAP, strays[0], f"{words}{more}没有当作编号", None, tuple(strays[1:]))


def _with_own_keys(measures: Iterable[Measure]) -> Iterator[Measure]:
    """The measures with keys that differ; unnumbered ones are counted anew."""
    seen: dict[str, int] = {}
    plain = 0
    for measure in measures:
        key = measure.key
        if key.startswith("#"):
            plain += 1
            key = f"#{plain}"
        seen[key] = seen.get(key, 0) + 1
        # A document that prints one number twice must still give every measure a key of its own.
        own = key if seen[key] == 1 else f"{key}#{seen[key]}"
        yield measure if own == measure.key else replace(measure, key=own)


def _charges(printed: str, flat: str, line: Line, year: int | None) -> bool:
    """Whether a line outside the measures charges a body, or sets a limit for what is to be done."""
    if hands_out(flat, line.start, line.end):
        return True
    if TERM.search(flat, line.start, line.end):
        return True
    clean = Clean(printed, flat, [(line.start, line.end)])
    if charges_in(clean.flat, 0, len(clean.flat)):
        return "负责解释" not in clean.flat
    return any(one.kind != "validity" for one in deadlines_in(clean, 0, len(clean.flat), year))


def _is_swallowed(printed: str, flat: str, line: Line, year: int | None) -> bool:
    """Whether a heading states a duty itself; one with a responsibility block has given it to its measures."""
    return not hands_out(flat, line.start, line.end) and _charges(printed, flat, line, year)


__all__ = ["Draft", "levels_of", "measure_of", "read", "recut"]
