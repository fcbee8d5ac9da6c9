"""Triggers (起算事件): the words that name the event from which a period is counted."""

import re

from tracker.reading.limits.context import Wording
from tracker.reading.text.lazy import lazy

_EVENT = (
    r"(?:收到|接到|接报|接获|收悉|受理|签订|签署|签收|完成|通过|批准|公示|验收|结束|届满|期满|发布|印发|取得|申请"
    r"|发生|变更|成立|到达|抵达|交付|提交|作出|立案|"
    r"登记|领取|开立|告知|送达|知道|确认|公布|公告|备案|审核|审批|出台|下达|下发|解除|报送|报告|到账|受案|召开|开工"
    r"|竣工|完工|投产|履行|转办|交办|施行|实施|反馈|整改|认定|齐全)"
)
_MARK = lazy(r"(?P<mark>之日起算?|之日|之时起|日起|时起|起|之后|以后|后)(?:的|，|，?应当?|，?须|，?要|，?必须|，?在)?$")
_PREPOSITION = lazy(
    r"自(?![然行愿主身动觉助筹治由贸])|从(?![事业严重快简])|(?<![存所现正])在(?![线校职建编册岗途地])"
    r"|(?<![关由属用对基位处低高等])于(?![是此])"
)
_CAN_BE_EVENT = lazy(_EVENT)
_MODAL = lazy(r"应当|必须|可以|有权|应|须|需|要(?!求)|可")
_SHORTENED = lazy(r"(?:压缩|缩短|压减|缩减|控制)(?:至|到|在|为)")
_GETS = lazy(r"收到|接到|接报|接获|收悉")
# 发生突发事件，学校应当30分钟内报告.
_HAPPENS = lazy(r"(?:如|若|凡|一旦|对)?(?:发生|发现|出现|遇有|遭遇|接报)(?=.{2,30}$)")
# 发现有害信息须在1小时内处置: the event stands before the modal of its own clause.
_MUST_BEFORE = lazy(
    r"((?:发生|发现|出现|接到|收到)[^，]{2,24}?)(?:之?后|的|时)?(?:应当?|须|必须|要|立即){1,2}(?:在|于)?$"
)
_SUBJECT_VERB = lazy(r"(?:[局委办厅部院署门关位构府司]|中心|公司|集团|机关|本级)(?=" + _EVENT + ")")
# 奖励资金由市财政局表彰决定印发后: who acts is no part of the event.
_BY_AGENT = lazy(r"[^，。；]{0,10}由[^，。；]{2,12}?(?:[局委办厅署院]|部门|中心|公司)(?=[^，。；]{2})")
_LEAD_IN = lazy(r"(?:延期?[到至]|延长[到至]|顺延至|其中|同时|此外|并且|并|且|对于|对|经|凡|如|若|一般|特别是)+[，、]?")


def trigger_before(wording: Wording, place: int) -> tuple[int, tuple[int, int]] | None:
    """The event right before a period: where the quote begins, and the event's own words."""
    flat = wording.flat
    left = wording.left_of(place)
    clause = place - len(left)
    mark = _MARK.search(left)
    if mark is None and flat[clause - 1 : clause] == "，" and clause and not left:
        return None
    if mark:
        return _marked(flat, clause, clause + mark.start(), mark["mark"])
    # 在接到承包人返还保证金申请14天内: no mark at all, but a preposition and an event.
    preposition = _last(_PREPOSITION, left)
    if preposition is not None:
        words = left[preposition + 1 :]
        if len(words) > 1 and _CAN_BE_EVENT.search(words) and not words.startswith(("规定", "上述", "法定")):
            return clause + preposition, (clause + preposition + 1, place)
    event = re.search(r"(?:收到|接到|接报|受理|签订)[^，。；、]{0,20}$", left)
    if event:
        return clause + event.start(), (clause + event.start(), place)
    return None


def _marked(flat: str, clause: int, end: int, mark: str) -> tuple[int, tuple[int, int]] | None:
    """The event between a preposition and its mark: 自…之日起, 在…后; or the words from the clause's start."""
    words = flat[clause:end]
    strong = next((m for m in re.finditer(r"自(?![然行愿主身动觉助筹治由贸])|从(?![事业严重快简])", words)), None)
    preposition = strong.start() if strong and "起" in mark else _last(_PREPOSITION, words)
    if preposition is None and strong:
        preposition = strong.start()
    if preposition is not None and preposition + 1 < len(words):
        return clause + preposition, (clause + preposition + 1, end)
    modal = max(_last_end(_MODAL, words), _last_end(_SHORTENED, words))
    start = clause + modal
    subject = _last_end(_SUBJECT_VERB, flat[start:end])
    start += subject
    lead = _LEAD_IN.match(flat, start, end)
    start = lead.end() if lead and lead.end() < end else start
    if flat[end - 1] == "会" and "的" in flat[start : end - 1]:
        start = end - 1  # 会上提出的问题会后7日内答复
    agent = _BY_AGENT.match(flat, start, end)
    start = agent.end() if agent and end - agent.end() >= 2 else start
    short = end - start < 2 and flat[start:end] != "会"
    if short or (mark in ("起", "之日") and not _CAN_BE_EVENT.search(flat, start, end)):
        return None
    return start, (start, end)


def trigger_of_sentence(wording: Wording, place: int) -> tuple[int, int] | None:
    """The event an earlier clause of the sentence names: 收到委托书后，应当在三十日内; 材料齐全的，当日办结."""
    flat = wording.flat
    sentence = max(wording.sentence(place)[0], place - 240)
    own = wording.left_of(place)
    clause = place - len(own)
    happens = _MUST_BEFORE.search(own)
    if happens:
        return clause + happens.start(1), clause + happens.end(1)
    if own.endswith(("的", "的，")) and len(own) > 4:
        return _trimmed(flat, clause, place - 1)
    for _ in range(4):
        if clause <= sentence:
            return None
        end = clause - 1
        clause = max(wording.clause(end - 1)[0], sentence) if end > sentence else sentence
        words = flat[clause:end]
        gets = _GETS.search(words) or _HAPPENS.match(words)
        if gets:
            stop = end - 1 if words.endswith(("后", "的", "时")) else end
            return clause + gets.start(), stop
        if words.endswith(("的", "后", "之后", "以后", "时")) and len(words) > 3:
            return _trimmed(flat, clause, end - (2 if words.endswith(("之后", "以后")) else 1))
    return None


def _trimmed(flat: str, start: int, end: int) -> tuple[int, int]:
    """An event without the words that lead up to it."""
    lead = _LEAD_IN.match(flat, start, end)
    start = lead.end() if lead and end - lead.end() > 2 else start
    inner = flat.rfind("的", start, end)
    if inner >= 0 and end - inner > 6:
        start = inner + 1
    return start, end


def _last(pattern: re.Pattern[str], words: str) -> int | None:
    at = None
    for match in pattern.finditer(words):
        at = match.start()
    return at


def _last_end(pattern: re.Pattern[str], words: str) -> int:
    at = 0
    for match in pattern.finditer(words):
        at = match.end()
    return at
