"""Parties (责任对象): whom a time limit binds, what is to be done by it, and whom the sentence names."""

import re

from tracker.reading.limits.context import Found, Wording
from tracker.reading.names.bodies import SUFFIX, is_name, names_in
from tracker.reading.text.lazy import lazy

_OTHERS = (
    r"(?:发包人|承包人|招标人|投标人|中标人|当事人|纳税人|(?<!被)申请人|债务人|债权人|经营者|用人单位|施工单位"
    r"|施工总承包单位|分包单位|建设单位|公民|法人|其他组织|利害关系人|"
    r"供应商|被许可人|扣缴义务人|业主|旅行社|个体工商户|企业|投诉人|信访人|家长|考生|群众|居民|市民|行政相对人|劳动者|职工|房东|出租人"
    r"|承租人|项目单位|金融机构|担保机构|银行|平台|被告|原告|第三[方人]|双方|任何一方|所在单位|单位负责人"
    r"|[^，。；、的]{0,6}(?:注册|持有|监护|使用|权利|运营|受让|出让|受益|委托|代理)人)"
)
_FOLLOWS = (
    r"(?=[^，。；的、]{0,8}?(?:应当|应|须|必须|可以|可(?!持)|有权|要求|不服|认为|逐年"
    r"|在|于|自|按|提出|提前|一次性|要|因|未|不能|需要))"
)
_OTHER_SUBJECT = lazy(
    r"(?:^|[，。；：])(?:（[一二三四五六七八九十\d]+）)?(?![对向为给与把将])(?:[^，。；：]{0,12}的)?"
    rf"[^，。；：的对向]{{0,8}}?{_OTHERS}{_FOLLOWS}"
)
# 公民…提起诉讼的，应当自…: the condition names the one who must act, and the main clause nobody else.
_OTHER_OF_CONDITION = lazy(rf"(?:^|[，。；：、者]){_OTHERS}[^，。；]{{1,40}}(?:的|后|时)，(?:应当?|可以|须|必须)$")
_GOVERNMENT = lazy(
    r"(?:^|[，。；：])[^，。；：]{0,24}?(?:机关|部门|政府|法院|检察院|机构|委员会|[局委厅署](?!部)|窗口|单位|负责人|办公室|中心)"
    r"(?=[^，。；的、]{0,8}?(?:应当|应|须|必须|要|将|在|自|于|对|负责|收到|接到))"
)
# 报名时间为4月26日至28日: the days are those of whoever applies.
_APPLICATION = lazy(r"(?:报名|报考|填报志愿|志愿填报|认领|选房)[^，。；]{0,6}(?:时间|期限|时限)[^，。；]{0,6}$")
_OTHER_AFTER = lazy(rf"，(?:[^，。；：]{{0,10}}的)?{_OTHERS}(?:[^，。；]{{1,16}}的，)?(?:应当?|可以?|须|必须|有权)")
_URGED = lazy(r"(?:引导|推动|督促|鼓励|要求|指导)[^，。；]{0,24}?(?:机构|企业|银行|单位|公司|人|商户|业主)")
_APPLIES = lazy(
    r"，?(?:可以?|即可|方可|有权)?(?:再)?(?:提交申请|申请|提起诉讼|起诉|投诉|提起上诉|上诉|提出异议|办理延续)"
)
_IN_COURT = lazy(r"，?[^，。；]{0,12}申请人民法院")
_DEPOSIT = lazy(r"(?:保证金|质保金|押金)[^，。；]{0,20}$")
_RETURNS = lazy(r"[^，。；]{0,4}(?:退还|返还|退回)")
_MAY = lazy(r"(?:可以?|有权)(?:延期|申请|提出|在)?(?:到|在)?$")
_TENDER = lazy(r"招标文件|资格预审|投标|发售")
_NEXT_LIMIT = lazy(r"、(?=\d+个?(?:工作日|日|小时|天))")
_BACK = 300  # characters that are read back for a subject
_ASKS = lazy(r"^(?:请|由|在|要求|各?责令)")
# 2025年3月底前，县卫健局、县医保局推行统一编码: who acts stands right behind the date, whatever the verb.
_NAMED_AFTER = lazy(rf"(?P<name>[^，。；：、的（）]{{1,18}}?(?:{SUFFIX}))(?=[、和及与]|[^，。；：、（）]{{2}})")
_MOST_NAMED = 6
# 应在聘用后30日内报市教育局备案: who is told or asked, and not who acts.
_TO_WHOM = lazy(r"(?:[上呈]?报送?|报请|提请|[抄移报]送|向|会同)(?=[省市县区州旗镇乡国本各])")
_NAMED_BEFORE = lazy(
    rf"(?:^|[，。；：])(?P<name>[^，。；：的]{{1,24}}?(?:{SUFFIX}))(?=(?:应当|应|要|须|必须|将|负责)?(?:于|在"
    rf"|自)?$)"
)


def party_of(wording: Wording, found: Found) -> str:
    """`other` where a body or person that the units only supervise is bound, else `unit`."""
    flat = wording.flat
    # A subject holds beyond a semicolon: 纳税人应当…；发生变化的，应当自变化之日起15日内….
    back = max(0, found.start - _BACK)
    start = max(back, flat.rfind("。", back, found.start) + 1)
    before = flat[start : found.start]
    # The quote's own 自 or 在 may be what shows that a subject stands before it.
    said = flat[start : found.start + 2]
    other, government = _last_end(_OTHER_SUBJECT, said), _last_end(_GOVERNMENT, said)
    if (other and other >= government) or _OTHER_OF_CONDITION.search(flat[start : found.start]):
        return "other"
    if government and found.kind == "relative" and _IN_COURT.match(flat, found.end) and "，" not in said[government:]:
        return "unit"
    if _OTHER_AFTER.match(flat, found.end):
        return "other"
    if found.date_from and found.kind == "absolute" and _APPLICATION.search(wording.left_of(found.start, limit=24)):
        return "other"
    if found.kind != "relative" or (government and not _APPLIES.match(flat, found.end)):
        return "other" if _owes_later(flat, wording, found) else "unit"
    if found.extension:
        return "unit"
    if _APPLIES.match(flat, found.end) or _MAY.search(before):
        return "other"
    after_deposit = _DEPOSIT.search(before) and _RETURNS.match(flat, found.end)
    urged = _URGED.search(before)
    if after_deposit or urged or _TENDER.search(before):
        return "other"
    return "unit"


def _owes_later(flat: str, wording: Wording, found: Found) -> bool:
    """补足保证金期限延至…: those who enjoy a deferral owe the act at its end."""
    if found.kind != "absolute" or "延" not in flat[found.start : found.start + 3]:
        return False
    before = wording.left_of(found.start)
    return bool(re.search(r"还本付息|征缴|缴费|缴纳", before))


def act_of(wording: Wording, found: Found) -> str | None:
    """What is to be done: the rest of the clause behind the wording, else the clause before it."""
    flat = wording.flat
    if found.found_by == "compact rhythm" and flat[found.end : found.end + 1] in "、，。；":
        return None  # 周调度、月通报: the word says itself what is done, and what follows is another's act
    end = wording.clause(found.end)[1] if found.end < len(flat) else len(flat)
    if end <= found.end and found.end < len(flat) and flat[found.end] == "，":
        end = wording.clause(found.end + 1)[1]
    words = _phrase(_NEXT_LIMIT.split(flat[found.end : min(end, found.end + 80)], maxsplit=1)[0])
    if len(words) < 2 and found.kind != "recurring":
        words = _phrase(wording.left_of(found.start))
    return words[:60] or None


def _phrase(words: str) -> str:
    """Words without marks at their ends; none where a quotation is cut open or only the tail of a name is left."""
    bare = re.sub(r"^(?:并且?|且)(?=.{2})", "", words.strip("，。；：、"))
    for opening, closing in ("“”", "‘’", "（）"):
        while bare.startswith(opening) and bare.endswith(closing):
            bare = bare[1:-1]
        if bare.count(opening) != bare.count(closing):
            return ""
    return "" if _TAIL_OF_NAME.fullmatch(bare) else bare


def named_in(wording: Wording, found: Found) -> tuple[str, ...] | None:
    """The body the sentence itself names as the one that acts (每月25日，燃气集团将…)."""
    flat = wording.flat
    after = _named_after(wording, found.end)
    if after:
        return after
    before = flat[max(wording.sentence(found.start)[0], found.start - _BACK) : found.start]
    match = _NAMED_BEFORE.search(before)
    if match and is_name(match["name"]):
        name = match["name"]
        parts = (_ASKS.sub("", name[a:b]) for a, b in names_in(name, 0, len(name)))
        return tuple(part for part in parts if is_name(part)) or None
    return None


def _named_after(wording: Wording, place: int) -> tuple[str, ...] | None:
    """The bodies listed right behind a date, up to what they do."""
    flat, stop = wording.flat, wording.sentence(place)[1]
    place += flat.startswith("，", place)
    names: list[str] = []
    while len(names) < _MOST_NAMED:
        match = _NAMED_AFTER.match(flat, place, stop)
        name = _ASKS.sub("", match["name"]) if match else ""
        if not match or not is_name(name) or _TO_WHOM.match(name):
            break
        names.append(name)
        if flat[match.end()] not in "、和及与":
            return tuple(names)
        place = match.end() + 1
    return None


_TAIL_OF_NAME = lazy(r"(?:等)?(?:工作)?(?:制度|机制|要求|办法|工作|例会|情况|时)?")


def _last_end(pattern: re.Pattern[str], words: str) -> int:
    at = 0
    for match in pattern.finditer(words):
        at = match.end()
    return at
