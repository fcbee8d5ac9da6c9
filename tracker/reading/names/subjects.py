"""Subjects (主语) of sentences: where one begins, whom it names, and whether it can be given a duty."""

from functools import lru_cache

from tracker.reading.names.bodies import PLACES, is_actor, kind_of, names_in
from tracker.reading.plan import NameKind
from tracker.reading.text.lazy import lazy

_ENTERPRISE = lazy(r"(?:企业|公司|集团)$")
_PLAIN_ENTERPRISE = lazy(r"[^各、]{0,8}企业$")
_NO_BODY = lazy(
    r"(?:^|、)(?:部门|政府|单位|政府主导)$|(?:^|.)(?:工作|任务|政策|措施|服务|项目|平台|产业|系统|设施|建设|网站|市场|社会|机会|学会了|一会|将会|不会"
    r"|[交转承举催代申补速]办|机组|小组长|首部|全部|内部|外部|局部|中部|西部|东部|总部|院校|关于|申报单位|被查单位)$"
)
# Words before a noun that make it what is acted on, not who acts: 鼓励各地开展, 对企业加强.
_ACTED_ON = lazy(
    r"(?:鼓励|支持|引导|严禁|禁止|杜绝|推[动进行]|指导|督促|要求|允许|建立|加强|加[快大]|完善|组织|依托|通过|充分|积极|实施|落实|发挥"
    r"|做好|开展|强化|健全|优化|提[升高供]|深化|探索|协[调助]|负责|配合|会同|联合(?!图审|执法|调查|工作)|帮助|授权|委托|确保|促进|整合|规范|聚焦|严格"
    r"|坚持|打造|培育|集中|全面|重点|着力|大力|深入|持续|进一步|统筹|纳入|列入|涉及|包括|成立|设立|明确|结合|围绕|针对|使用"
    r"|带动|防止|联系|商(?![务业会标贸])|报(?!社)|可|你(?![省市县区州局委厅])|起草|凡|如|若|为|在|以|从|按|根据|向|与|同|给|经(?![开济信贸办发])|当|是|有的|已|未|不"
    r"|任何|企业|公司|银行|其中|直接|必要时|主动|共同|下设|增设|增强|保障|压实|夯实|拓展|构建|推广|待|由|完成)"
)
# Before a subject whatever is asked of it: 按照法律规定企业应当…, 强化组织领导各部门要….
_NOT_OF_IT = lazy(
    r"(?:鼓励|支持|引导|严禁|禁止|杜绝|推动|督促|要求|允许|加强|加快|加大|完善|依托|通过|强化|健全|优化|提[升高]|深化|确保|促进|按照?|根据|依照|依据"
    r"|凡|如果|若|为了|除|经(?![开济信贸办发])|当|对于|关于|有的|任何|压实|夯实|严格|与|和|及)"
)
_HEADING = lazy(r"(?:加强|强化|压实|夯实|严格|健全|完善|深化|优化|落实|提升|提高|明确|抓好)")
# 组织各地区…, 指导有关部门…: the verb has those for its object.
_DIRECTS = lazy(r"(?:组织|指导|协调|推进|帮助|发动|动员|带动|支持)(?=各|有关|相关|所属|辖区|全[省市县区])")
_EVERY = lazy(r"各(?:有关|相关|级|部门|单位|地区?|县|市|区|乡镇|镇街|街道|成员)")
# A subject that itself says what somebody must do has swallowed the true one.
_SPEAKS = lazy(
    r"^(?:责任|牵头|配合|主办|承办|协办)(?:单位|部门)(?=[省市县区州旗]..)|(?<=[局委办厅署])联合(?!执法|惩戒|会)|第[〇零一二三四五六七八九十百\d]{1,5}条|^[一二三四五六七八九十]{1,3}、|梳理|不得|要(?!点|素)|应(?!急|对|用|届)|必须|可(?=[在向到由按以])|会同|[向将把]|对(?![外口台接])|实行|采取|委托|建议|依托|通过|\d[日月年个]|指派|派出(?!所|机构)|担任(?!务)|兼任|组成|纳入|前往|就读|是指|引导|未(?!来|成年)|没有|明确"
)
# 由中小企业提供的政府采购: what is of something is no agent, unless it is whose office it is.
_OF = lazy(r"的(?!举办|主管|牵头|责任|上级)")
_POINTS = lazy(r"[该其](?![他它余])|我(?![局委办厅部院中])|本(?![局委办厅院级]|部(?!门))|你(?![省市县区州局委厅])")
# Bodies that the units only supervise: they are bound, but nothing is assigned to them.
_OUTSIDE = lazy(
    r".{0,6}(?:用人|施工|建设|分包|监理|勘察|承包|中标|投标|生产经营|参保|项目承担|项目实施|项目申报|申请|申报|供货|承租|受托|被[^、，]{1,3})单位"
    r"|单位主管部门|(?:主要|分管|有关|单位)?(?:领导|负责人|领导干部)|第三方机构"
)
_TOLD = lazy(
    r"近年来|[年月]以来|(?<!自)已经?(?=[^，。；]{1,8}[，。；]|[建完成印出开实落全基])|取得[^，。；]{0,10}(?:成效|成果|进展)|成效(?:明显|显著)|率先|(?<!\d)日前|过去"
)
_CONDITION = lazy(r"[^，。；]*的(?:，|$)")
# 天津市滨海新区搭建平台: a place that is spoken of, unless its government is named.
_PLACE = lazy(r"[^各每你（）、]*(?:[市县区州盟旗省]|地区|新区|园区)$")
# 各部门报送国务院的公文，应当符合…: what is done only describes the thing of which the sentence speaks.
_DESCRIBES = lazy(r"[^，。；]{1,24}的[^，。；的]{1,10}，(?:由|应当?|须|必须|要)")
# 市（州）抽查: a title of two words and no sentence.
_TITLE = 12
_ONLY_ACT = lazy(r"[\u4e00-\u9fff]{2,3}")
_PLACES = lazy(PLACES)
_FIELD = lazy(r".*(?:部门|机关)$")
_LEVELLED = lazy(r"各?(?:有关|相关)?(?:[省市县区州旗乡镇村]|街道|社区|地|部门|单位|成员|责任)|.*(?:[局委办厅署]|政府)$")
_BEGINS_LIST = lazy(r"各(?!级|地|市|县|区|省|州|乡|镇|村|街|有关|相关|部门|单位|成员)")
_CALLED = lazy(r"（以下(?:统称|合称)[^（）]{1,20}）$")
_OWN = lazy(r"[各省市县区镇乡州]|有关|相关|自治区|中央|国家|国务院")
_PROPER = lazy(
    r"(?:[省市县区镇乡州你我村]|属地|辖区|社区|自治区|国家|国务院)[^、，的]{0,20}"
    r"(?:局|委|办|厅|中心|院|队|所|站|政府|委员会|办公室|公司|支行|机关|部|联|会|署|科|科室|处室?|股|窗口)"
)

# 每日巡查2次⏎各镇要…: the end of a sentence without a stop is no part of the next one's subject.
_SO_OFTEN = lazy(r"每[日天周旬月季年][^，。；、]{0,10}?[\d一二两三四]次(?=[^，。；、]{2})")

WEAK = frozenset(("subject and act", "date and act", "subject and time", "subject and case", "barred", "office"))


def begin_of(words: str, start: int, end: int) -> int:
    """Where a subject begins: behind 是指, or a heading that a lost line end joined to it (强化领导各部门要…)."""
    meant = words.rfind("是指", start, end)
    start = meant + 2 if meant >= 0 else start
    often = _SO_OFTEN.match(words, start, end)
    start = often.end() if often else start
    if _HEADING.match(words, start, end):
        for match in _EVERY.finditer(words, start + 4, end):
            return start if words[match.start() - 1] in "及和、对与给" else match.start()
    return start


def is_proper(name: str) -> bool:
    """Whether a name is one body's own: its level or place in front, and what it is behind."""
    return is_place(name) or _PROPER.fullmatch(name) is not None


def is_certain(name: str) -> bool:
    """Whether a name says which body is meant, not only of what sort (由幼儿园通知): by its level, place or field."""
    return is_proper(name) or _FIELD.fullmatch(name) is not None or _LEVELLED.match(name) is not None


def stands_alone(name: str) -> bool:
    """Whether words by themselves name a body, and are no phrase that ends like one (组织企业参加各类展会)."""
    return chargeable(name, "bracket", 1) and not _ACTED_ON.match(name)


def is_place(name: str) -> bool:
    """Whether a name is no more than a place that stands for its government: 各县（市）, 镇（街）."""
    return _PLACES.fullmatch(name) is not None


def tells(sentence: str) -> bool:
    """Whether a sentence tells what was done, so that an act alone charges nobody."""
    return _TOLD.search(sentence) is not None


def group_names(words: str, start: int, end: int) -> list[tuple[int, int]]:
    """The names of a subject; one 各 before a list of sorts of bodies makes one group of them."""
    names = names_in(words, start, end)
    if _CALLED.search(words, start, end):
        # 行政机关和法律、法规授权的组织（以下统称政策制定机关）: one name for them all.
        return [(names[0][0], end)] if names else []
    if len(names) < 2:
        return names
    texts = [words[a:b] for a, b in names]
    others = next((n for n, text in enumerate(texts) if "等其他" in text), 0)
    if others and not any(_OWN.match(text) for text in texts[: others + 1]):
        # 机关、部队等其他部门办幼儿园: whose they are comes first, what they are last.
        return [(names[0][0], names[others][1]), *names[others + 1 :]]
    listed = _BEGINS_LIST.match(texts[0])
    if listed and not any(_OWN.match(text) for text in texts[1:]):
        return [(names[0][0], names[-1][1])]
    return names


def chargeable(name: str, rule: str, count: int) -> bool:
    """Whether a subject is a body that can be given a duty."""
    return 2 <= len(name) <= (80 if "、" in name else 46) and _chargeable(name, rule, count)


@lru_cache(maxsize=4096)
def _chargeable(name: str, rule: str, count: int) -> bool:
    if _NO_BODY.search(name) or _OUTSIDE.fullmatch(name):
        return False
    if "由" in name or _SPEAKS.search(name) or _POINTS.match(name) or name[0] in "的和及对把将使让并或因为":
        return False
    if not is_actor(name) and not name.endswith(("各市、县", "市、县", "设区市")):
        return count > 1 and rule == "由" and len(name) <= 6
    if name.endswith("财政") and rule != "由":
        # 自治区财政统筹安排资金: it says where money comes from.
        return False
    if _DIRECTS.match(name) or (rule == "由" and _OF.search(name)):
        return False
    stripped = _NOT_OF_IT.match(name)
    if stripped and is_actor(name[stripped.end() :]) and len(name) - stripped.end() > 2:
        return False
    if _PLAIN_ENTERPRISE.fullmatch(name) and (rule in WEAK or rule == "由" or len(name) <= 4):
        return False
    return not (
        rule == "由"
        and _ENTERPRISE.search(name)
        and not _PROPER.fullmatch(name)
        and (len(name) < 6 or name.endswith("企业"))
    )


def may_act(words: str, start: int, end: int, rule: str, *, first: bool, told: bool) -> bool:
    """Whether a subject that only its act shows to be charged may be: a group, a field, or who opens a sentence."""
    name = words[start:end].removesuffix("等")
    if rule not in WEAK:
        return True
    if (
        told
        or _ACTED_ON.match(name)
        or (_ENTERPRISE.search(name) and not (name.startswith("各") or "、" in name or _PROPER.fullmatch(name)))
    ):
        return False
    if rule != "subject and case" and (_CONDITION.match(words, end) or _DESCRIBES.match(words, end)):
        return False
    if first and len(words) < _TITLE and start == 0 and _ONLY_ACT.fullmatch(words, end):
        return False
    kind = NameKind.GROUP if is_place(name) else kind_of(name)
    if kind is NameKind.UNIT and ((len(name) < 3 and name[0] != "我") or _PLACE.fullmatch(name)):
        return False
    if rule in ("date and act", "office"):
        return True
    if rule == "barred":
        return kind is not NameKind.UNIT
    if rule == "subject and case":
        return kind is not NameKind.UNIT or bool(_FIELD.fullmatch(name) or _PROPER.fullmatch(name))
    return first or kind is not NameKind.UNIT or bool(_FIELD.fullmatch(name) or _PROPER.fullmatch(name))
