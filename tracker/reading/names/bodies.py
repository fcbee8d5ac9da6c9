"""Names (名称) of bodies as they are printed: what ends one, which are groups, and lists of them taken apart."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from tracker.reading.plan import NameKind
from tracker.reading.text.lazy import lazy

# Words a name of a body ends in, longest first where one holds another. What a short one must not be followed by
# keeps 统筹组织 from ending in 组, and 社会 from ending in 社.
SUFFIX = (
    r"(?:人民政府办公[厅室]|人民政府|政府|管理委员会|委员会|管委会|居委会|村委会|办公[厅室]|街道办事处|办事处"
    r"|联席会议|领导小组|指挥部|推进组|专班"
    r"|工作组|办公室（[^（）]{1,20}）|厅(?!长)|(?<![格布结变大])局(?!面|部|限|长)|委(?!托|员|派|会(?!同|商))|办(?!理|法|好|结|学|公|事|案|成)|署(?!名)|院(?!校|长|内)"
    r"|中心支行|支行|分行|银行|分局|总局|海关|总工会|工会|联合会"
    r"|工商联|妇联|团委|残联|文联|科协|侨联"
    r"|贸促会|促进会|协会|学会|商会|基金会|供销合作社|供销社|法院|检察院|集团有限公司|有限责任公司|股份有限公司"
    r"|有限公司|分公司|集团公司|公司|集团"
    r"|中心(?!城|区|任)|总队|支队|大队|中队|(?<![场处])所(?!有|在|需|属|以|得)|(?<![网基])站(?!点|位)|(?<![平舞出])台(?!账|阶)|馆|校(?!园|外|长)|学院|大学|学校|高校|医院"
    r"|智库|党委|党组|工委|机关工委|成员单位|牵头单位|责任单位"
    r"|金融机构|单位|部门|机构(?!编制)|机关(?!事)|(?:有关|相关)方面|(?:有关|相关)各方"
    r"|督查室|研究室|高新区|开发区|示范区|新区|园区|功能区|自贸区|保税区|乡镇|街道|镇街|各地区|各地方|地区|各地"
    r"|县区|区县|区市县|县市区|市区|州市|省份|试点城市|试点地区|旗县|设区市|地市|市州"
    r"|(?:科|处|股|卫生|调解|警务|教研|秘书|值班|督导|监察|信访|审计)室|(?<![全专本学理文内外儿妇前百工])科(?![技学研普目协教室创室])|(?<![好之益坏随各何去用])处(?![理置罚级分于在长方以所境室遇])|股(?![份权东票长室市])|司(?!法|机|长|空)|宣传部|组织部|统战部|政法委|网信办|编办|交警|海警|武警|警备区|消防救援|公安部|部(?!门|分|署|长|队|级|位|件)"
    r"|会(?!同|议|计|上|展|商|有)|社(?!会|区|保)|组(?!织|建|成|长|团)|兵团|军区|电台|电视台|企业"
    r"|幼儿园|(?<=各)园(?!区|林)|窗口(?!期|单位)|医联体(?!牵头)|医共体(?!牵头))"
)
# Places that stand for their governments: 各县（市、区）, 县（市）区, 你县, 各村（居）.
PLACES = (
    r"(?:各[省市州](?:、[州盟县区旗])+|设区的?市|市、县|[各每]?[省市县区州盟旗]（[^（）]{1,8}）区?|[各每][省市县区州盟旗]|你[省市县区州]"
    r"|(?:各|属地)?(?:乡镇|镇|村|社区)（[^（）]{1,6}）|(?:各|属地)(?:乡镇|村居?|镇|街道|社区)|乡镇一级|试点(?:[省市县区镇村]|乡镇)(?:（[^（）]{1,8}）)?)"
)
# Who acts in a post of his own (乡级河长, 包村干部), and 市财政, which stands for its purse.
ACTOR = (
    r"(?:总?(?:路|河|湖|林|田|楼|街|片|链|警|井|园)长|(?:专管|网格|协管|护林|信息|安全|联络|指导)员|干部(?!职工|队伍|任)"
    r"|家庭医生(?!签约|服务|团队|的)|团队(?!建|成|的|管)|组织(?=（以下[统简]称)|(?:各级|[省市县区]级|县区|[市县]直)[^，。；、主]{0,8}领导(?!小组|班子|下|和|机构|力量)"
    r"|(?:[省市县州]|(?<!治)区|各级|同级|本级)财政(?!局|厅|部|所|资|预|补|拨|收|支|承))"
)
# The characters such a word can begin with: a search asks for one of them before it tries every word.
SUFFIX_BEGINS = "".join(sorted(set(re.findall(r"[|(:]([\u4e00-\u9fff])", re.sub(r"\(\?<?[!=][^)]*\)", "", SUFFIX)))))
_SUFFIX_END = lazy(SUFFIX + r"(?:（[^（）]{1,30}）)?$")
_ACTOR_END = lazy(rf"(?:{PLACES}|{ACTOR})(?:（[^（）]{{1,30}}）)?$")
# Levels of government: alone they are the first half of a group (各市、州、县人民政府).
_LEVEL = (
    r"(?:省|自治区|直辖市|设区的?市|地级市|市|州|自治州|盟|地|地区|县|自治县|市辖区|区|旗|自治旗|县级市|乡|民族乡"
    r"|镇|乡镇|街道|师|团|区县|县区|县市|市县)"
)
_LEVELS = lazy(rf"(?:各|全|有关|相关|各有关|各级|每个?)?{_LEVEL}{{1,3}}(?:（[^（）]{{1,14}}）)?{_LEVEL}{{0,2}}")
_GROUP_TAIL = lazy(
    rf"{_LEVEL}{{1,3}}(?:（[^（）]{{1,14}}）)?{_LEVEL}{{0,2}}(?:[两三四]?级)?(?:人民政府|政府|党委|管委会|办事处"
    rf"|行政公署)(?:（[^（）]{{1,14}}）)?"
)
_COLLECTIVE = lazy(
    r"(?:国务院|省|市|县|区|州|自治区|省级|市级|县级|区级|市直|省直|县直|区直|中央|其他|其它|各|各级|各类|各个"
    r"|全[省市县区]|在[^、，]{1,4})?(?:各|各级)?"
    r"(?:有关|相关|责任|成员|职能|主管|行业主管|行业|行业监管|业务|直属|涉及|各)+(?:地方|地区)?(?:部门|单位|机构"
    r"|委办局|厅局|科室|处室|企业|方面)"
    r"(?:和|及|、)?(?:单位|机构|部门|企业|地区)?|各(?:部门|单位|机构|方面|责任单位|成员单位)|(?:有关|相关)(?:方面|各方)"
    r"|(?:省|市|县|区|州)(?:直|级)(?:各)?(?:有关|相关)?(?:部门|单位)|(?:有关|相关)(?:部门|单位)(?:和|及)(?:有关"
    r"|相关)?(?:单位|机构|部门)"
)
# Two levels side by side stand for many bodies (市县人民政府), the same character twice does not (市市场监管局), nor do
# the villages in a bureau's business (县乡村振兴局).
_GROUP = lazy(
    rf"(?:各|全[省市县区州]|每个|有关|相关|辖区|所有|驻).+|.*成员单位|.*牵头单位|功能区管委会|开发区管委会|开发区"
    rf"|经济开发区|高新区"
    rf"|(?!(.)\1|.?乡村(?:振兴|建设|旅游|教育)){_LEVEL}{{2,}}.*|(?:地方)?各级.*|地方.{{0,4}}政府|试点(?:地区|单位|城市|省份|市|县|区)(?:人民)?(?:政府)?|.{{0,6}}金融机构"
    rf"|保险机构|银行机构"
)
_EACH_EACH = lazy(
    r"(各地区?|各部门|各县[（区市]\S{0,6}?|各乡镇|各镇街)(?=各(?:有关|相关|级|直属)?(?:部门|单位|机关|学?校|高校|医院))"
)
_ALL_LEVELS = lazy(r"(?:全[区省市县州旗]|地方|省市|市县)?各级|各地")
_AND = lazy(r"以及|及|和|与|暨|或者?")
_NOT_AFTER_AND = lazy(
    r"(?:单位|部门|机构|个人|政府|企业|人民团体)?$|(?:信息化|社会保障|改革|旅游|自然资源|城乡建设|技术|科技|体育"
    r"|商务|医疗|应急).{0,6}(?:局|委|厅|部)$"
)
_BARE_ETC = lazy(r"(?:等|等等)?(?:\d+个|[一二三四五六七八九十]+个|各|多个|几个|多)?(?:部门|单位|机构|有关|相关|方面)?$")


_REMEMBERED = 100  # characters: a plan prints the names of a few dozen bodies again and again


def kind_of(name: str) -> NameKind:
    """Whether a printed name is one body, a group with members, or a collective that a person must resolve."""
    return _kind_of(name) if len(name) <= _REMEMBERED else _kind_of.__wrapped__(name)


@lru_cache(maxsize=4096)
def _kind_of(name: str) -> NameKind:
    if _COLLECTIVE.fullmatch(name):
        return NameKind.COLLECTIVE
    if _GROUP.fullmatch(name) or "、" in name:
        return NameKind.GROUP
    return NameKind.UNIT


_LONGEST = 60  # characters of a name


# What stands between names without being one: when, how, and remarks on the list itself.
_REMARK = lazy(
    r"\d+月|\d{4}年|年[底内末]前?|上半年|下半年|季度|长期|持续|不再|下同|涉及|适时|立即|完成$|出台|启动|任务|按照"
    r"|根据|同时|其中|以及其他|以上|每年|每月"
)


def is_remark(text: str) -> bool:
    """Whether a piece of a list says when or how, and names nobody."""
    return bool(_REMARK.search(text)) and not (is_name(text) and not re.search(r"\d+月|\d{4}年|涉及|以下|均需", text))


def is_name(text: str) -> bool:
    """Whether a piece of a list may be the name of a body at all."""
    return 1 < len(text) <= _LONGEST and _is_name(text)


@lru_cache(maxsize=4096)
def _is_name(text: str) -> bool:
    return "：" not in text and bool(_SUFFIX_END.search(text) or _COLLECTIVE.fullmatch(text) or _LEVELS.fullmatch(text))


def is_actor(text: str) -> bool:
    """Whether a subject of a sentence may be one who acts: a body, a place for its government, or a post."""
    return is_name(text) or (1 < len(text) <= _LONGEST and _ACTOR_END.search(text) is not None)


def top_level_cuts(flat: str, start: int, end: int, marks: str = "、，；。") -> Iterator[tuple[int, int]]:
    """The pieces between separators that stand outside brackets, book titles and quotation marks."""
    depth = 0
    at = start
    for match in _marks(marks).finditer(flat, start, end):
        char = match[0]
        if char in "（《〈“<":
            depth += 1
        elif char in "）》〉”>":
            depth = max(depth - 1, 0)
        elif not depth:
            yield at, match.start()
            at = match.end()
    yield at, end


@cache
def _marks(marks: str) -> re.Pattern[str]:
    return re.compile(f"[（《〈“<）》〉”>{marks}]")


def names_in(flat: str, start: int, end: int) -> list[tuple[int, int]]:
    """The names of a list: 、 and ， part them, except inside a group (各市、州、县人民政府)."""
    found: list[tuple[int, int]] = []
    pieces = [
        part for a, b in top_level_cuts(flat, start, end, "、，；。 ") if b > a for part in _before_level(flat, a, b)
    ]
    at = 0
    while at < len(pieces):
        first, last = pieces[at]
        taken = _group_end(flat, pieces, at)
        if taken > at:
            last = pieces[taken][1]
            found.extend(_parts_by_and(flat, first, last))
        else:
            found.extend(_parts_by_and(flat, first, last))
        at = taken + 1
    names = [pair for a, b in found for pair in _apart(flat, a, b)]
    return _of_one_place(flat, names)


_EACH_PLACE = lazy(r"各[省市县区州]?(?:（[^（）]{1,8}）)?区?[^、，（）]{2,20}[局委办]")
_BARE_OFFICE = lazy(r"(?![省市县区州镇各])[^、，（）]{2,10}[局委办]")


def _of_one_place(flat: str, names: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The names of a list, where 各县（区）人社局、财政局 names both offices of every county as one group."""
    kept: list[tuple[int, int]] = []
    for start, end in names:
        beside = kept and flat[kept[-1][1] : start] == "、" and _EACH_PLACE.match(flat, *kept[-1])
        if beside and _BARE_OFFICE.fullmatch(flat, start, end):
            kept[-1] = (kept[-1][0], end)
        else:
            kept.append((start, end))
    return kept


def _apart(flat: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """One piece as names: without 等, and 各地各部门 as two."""
    for a, b in _without_etc(flat, start, end):
        both = _EACH_EACH.match(flat, a, b)
        if both:
            yield a, both.end(1)
            yield both.end(1), b
        else:
            yield a, b


def _before_level(flat: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A piece whose end begins a group, cut before it: 省直有关部门和各市、县人民政府."""
    for match in _AND.finditer(flat, start, end):
        if _LEVELS.fullmatch(flat, match.end(), end) and is_name(flat[start : match.start()]):
            yield start, match.start()
            yield match.end(), end
            return
    yield start, end


def _group_end(flat: str, pieces: list[tuple[int, int]], at: int) -> int:
    """The last piece of the group that begins here; the piece itself where none does."""
    if _ALL_LEVELS.match(flat, *pieces[at]) and not is_actor(flat[slice(*pieces[at])]):
        # 全区各级交通运输、市场监管等部门: fields of work, named once as 部门 at the end.
        for place in range(at + 1, len(pieces)):
            if flat[pieces[place][0] - 1] != "、":
                break
            if flat[slice(*pieces[place])].endswith(("部门", "单位", "机构")):
                return place
    if not is_name(flat[slice(*pieces[at])]):
        # 财政、发展改革、教育等部门: the same without a level in front, where no piece before the last is a name.
        for place in range(at + 1, len(pieces)):
            piece = flat[slice(*pieces[place])]
            if flat[pieces[place][0] - 1] != "、" or len(piece) > 24:
                break
            if piece.endswith(("部门", "等单位", "机构", "企业")) and not _COLLECTIVE.fullmatch(piece):
                return place
            if is_name(piece):
                break
    if flat[slice(*pieces[at])].endswith("党委") and at + 1 < len(pieces):
        # 各县区党委、政府 is one address.
        return at + 1 if flat[slice(*pieces[at + 1])] in ("政府", "人民政府", "管委会") else at
    if not _LEVELS.fullmatch(flat, *pieces[at]):
        return at
    place = at
    while place + 1 < len(pieces) and flat[pieces[place][1]] == "、":
        following = pieces[place + 1]
        if _LEVELS.fullmatch(flat, *following):
            place += 1
            continue
        if _GROUP_TAIL.match(flat, *following) or _goes_down(flat, pieces[at : place + 1], following):
            return place + 1
        break
    # 「各市、县」 names one group; 「各县（市）区、高新区」 does not.
    return place


_RANKS = {"省": 0, "市": 1, "州": 1, "盟": 1, "区": 2, "县": 2, "旗": 2, "乡": 3, "镇": 3, "街": 3, "村": 4}
_ONE_LEVEL = lazy(r"各?[省市州盟区县旗乡镇]")


def _goes_down(flat: str, levels: list[tuple[int, int]], following: tuple[int, int]) -> bool:
    """Whether levels of government go on downwards into one name: 各市、州、县住建局, 市、区民政部门."""
    if not all(_ONE_LEVEL.fullmatch(flat, *one) for one in levels):
        return False
    rank = _RANKS.get(flat[following[0]], -1)
    # 各区、市财政局 are two: what stands lower does not go on upwards.
    return rank >= max(_RANKS[flat[b - 1]] for _, b in levels) and is_name(flat[slice(*following)])


def _parts_by_and(flat: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A piece cut at 和 or 及 where a whole name stands on either side."""
    for match in _AND.finditer(flat, start, end):
        if flat.count("（", start, match.start()) != flat.count("）", start, match.start()):
            continue
        left, right = flat[start : match.start()], flat[match.end() : end]
        if match[0] in ("或", "或者") and not is_actor(right):
            continue
        if not is_name(left.removesuffix("等")) or _NOT_AFTER_AND.fullmatch(right) or len(right) < 2:
            continue
        if match[0] in "和与" and not (is_name(_head(right)) or _LEVELS.match(right)):
            continue
        yield start, match.start()
        yield from _parts_by_and(flat, match.end(), end)
        return
    yield start, end


def _head(text: str) -> str:
    """A name without the remark in brackets behind it."""
    return text.split("（", 1)[0] or text


def _without_etc(flat: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A name without 等; what follows 等 is a name of its own where it says more than 部门."""
    while start < end and flat[start] in "：、，；。 ":
        start += 1
    while start < end and flat[end - 1] in "：、，；。 ":
        end -= 1
    etc = flat.rfind("等", start, end)
    if etc > start:
        tail = flat[etc:end]
        if _BARE_ETC.fullmatch(tail):
            if "、" in flat[start:etc] and tail != "等":
                # 民政、残联等部门: fields of work that only the last word makes bodies of.
                yield start, end
            elif is_name(flat[start:etc]) or not flat[etc + 1 : end]:
                yield start, etc
            else:
                yield start, end
            return
        if _COLLECTIVE.fullmatch(flat[etc + 1 : end]):
            yield start, etc
            yield etc + 1, end
            return
    if start < end:
        yield start, end
