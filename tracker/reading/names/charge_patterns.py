"""How a sentence charges a body (交办用语): the wordings, in the order in which they are tried."""

from tracker.reading.names.bodies import SUFFIX, SUFFIX_BEGINS
from tracker.reading.text.lazy import lazy

# A remark in brackets inside a name counts as one of its characters: 县（市、区）民政部门.
_PIECE = r"(?:[^，。；：、“”《》（）]|（[^（），。；]{1,16}）)"
_PLACES = r"(?:各市、县|设区的?市|市、县|[各每][省市县区州盟旗]（[^（）]{1,8}）区?|[各每][省市县区州盟旗])"
# A subject: names joined by 、 or 和, the last of which ends like the name of a body.
SUBJECT = (
    rf"(?P<subject>(?:{_PIECE}{{1,22}}、){{0,14}}{_PIECE}{{0,28}}?(?=[{SUFFIX_BEGINS}各每设市])"
    rf"(?:{SUFFIX}|{_PLACES})(?:（[^（）]{{1,16}}）)?)"
)
_DATE = (
    r"(?:(?:到|在|于|自|从)?(?:20\d\d年)?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:年?底|年?末|上半年|下半年)?(?:之?前|起"
    r"|内)?，?)?"
)
_MUST = (
    r"(?:都|均|也|还)?"
    r"(?:要(?!求|素|件|点)|应当?(?!急|用|对|届|付|收)|必须|须|需(?![求]|要)|负责(?!人|同志|领导)|牵头(?!单位|部门"
    r"|人|领导)|将(?=于|会|在\d|组织|适时|定期|不定期|加强|牵头|对[^，。；]{2,40}(?:进行|开展)))"
)
# What a body is told to do, where no 要 or 应 stands before it.
_DOES = (
    r"(?:(?:制定|制订|印发|出台|发布|公布)(?!《)|编制|研究|组织|开展|建立|健全|完善|成立|组建|筛选|公开|报送|上报|报(?=[^告考名道])|完成"
    r"|落实|做好|抓好|抓|加强|强化|统筹|协调|推进|推动|监督|指导|督促|监测|负责(?!制|人)|加快|审核|审定|核定|汇总|安排|细化|明确|牵头(?!负责制|单位|部门|人)"
    r"|进行|召开|实施|承担|配合|严格|调整|选派|推荐|填报|转发|梳理|排查|提出(?!：)|启动|确定|开发|搭建|设立|履行)"
)
_HOW = (
    r"(?:及时|务必|抓紧|尽快|认真|切实|具体|共同|联合|依法|统一|定期|适时|分别|全面|积极|主动|逐级|继续|进一步|按时|同步|逐一"
    r"|每[年季月周](?:度)?|自行|统筹|集中|合理|按规定|综合后?)*"
)
_VERB = rf"(?:{_HOW}{_DOES}(?!{_DOES}?(?:的|了|过)))"
# 以县为单位，对…进行排查: words between the subject and what it does.
_BY_MEANS = (
    r"(?:(?:以(?![及外上下内来后前])|对|按照?|根据|依据|依托|结合|对照|围绕|通过|把|将|为|在(?=\d|20))[^，。；]{1,60}?(?:，[^，。；]{1,60}?)?"
    rf"(?:，)?{_VERB})"
)
_PARTNERS = rf"[^，。；：]{{2,200}}?(?:{_VERB}|于|每|在|按|对)"
_SHARES = r"(?:按照?(?:各自)?职责(?:分工)?|分别|共同)(?:负责|落实|抓好|做好|尽快|抓紧|加强|组织|推进|配合)"
_OPENING = r"(?:其中，|同时，|此外，)?"

_PLAIN = lazy(rf"(?:^|[，：]){_OPENING}{SUBJECT}(?P<must>{_SHARES}|{_MUST}|会同(?={_PARTNERS}))")
_ADVERBIAL = lazy(
    rf"^{_DATE}{SUBJECT}(?=在|对|于|按照?|根据|依据|结合"
    rf"|通过|作为|是[^，。；]{{2,40}}(?:主体|部门|单位|人)，)[^，。；]{{1,60}}，(?:[^，。；]{{1,40}}，)?{_MUST}"
)
_ABOUT = lazy(rf"(?:^|，){SUBJECT}(?=[对在][^，。；]{{1,24}}(?:要(?!求)|应当|必须))")
_ANSWERS = lazy(rf"(?:^|，){SUBJECT}对[^，。；]{{1,80}}负(?:总|主要|直接|领导|主体)?责")
_BY = lazy(
    rf"(?<![自理缘事])(?<!可)由{SUBJECT}(?P<act>牵头(?!单位|部门|人)|负责(?!人|同志)|会同|统一|统筹|具体|组织|按"
    rf"|将|向|对|商|转|制定|研究|审"
    rf"|报|联|另行|汇总|定期|依法|给予|提出|办理|推荐|筛选|综合|办成|核[定实查]|认定|[在于](?=[\d一二三五七十])|监督|指导|协调|解决|落实(?!的))"
)
# 2021年6月底前, 到年底, 每年2月底前: what may stand before the subject and shows that something is due.
_UNTIL = (
    r"(?:^|，)(?:到|在|于|自|从)?(?!(?:20\d\d年|今年|年)[^\d上下年底末初前起，])"
    r"(?:(?:20\d\d年|今年|年|每[年季月]度?)(?:\d{1,2}月)?(?:\d{1,2}日)?(?:年?底|年?末|[上下]半年)?(?:之?前|起)?"
    r"|\d{1,2}月(?:\d{1,2}日|底|末)?前)，?"
)
_BY_DATE = lazy(rf"{_UNTIL}{SUBJECT}(?={_VERB}|{_BY_MEANS}|每年|[于在](?=\d|每))")
# 到2023年底，各市、县出租车电动化率不低于50%: a group is charged by the date alone.
_GROUP_BY_DATE = lazy(rf"{_UNTIL}(?=各|每个){SUBJECT}(?![^，。；]{{0,2}}的)")
_TIMED = lazy(
    rf"(?:^{_DATE}|，){SUBJECT}(?=每(?:年|月|周|季|半年|两周|日)|(?:(?:汇总|审核|初审|核实)后?)?于(?:20\d\d年|\d{{1,2}}月|每|[单双]月)|在20\d\d年)"
)
_LEVEL_PLACE = lazy(
    rf"^{_DATE}(?P<subject>(?:各|每个)(?:设区的?)?(?:市|县|州|区|旗|乡镇)(?:、(?:市|县|州|区"
    rf"|旗))*(?:（[^（）]{{1,8}}）)?)(?=[^的，。；、]{{1,4}}(?:要|应|须))"
)
_ASKED = lazy(
    rf"(?:^|，)请(?!示){SUBJECT}(?={_HOW}(?:在|于|以(?![及外上下内])|按|抓紧|尽快|认真|结合|根据|将|把|对|，|会同|参照|登录|{_DOES}))"
)
# Charged by what they do alone: groups and fields of work anywhere, a single body only where a sentence begins.
_DOING = lazy(rf"(?:^|，){SUBJECT}(?={_VERB}|{_BY_MEANS})")
_BARRED = lazy(rf"(?:^|，){SUBJECT}(?=不得)")

PATTERNS = (
    (_BY, "由"), (_ADVERBIAL, "subject"), (_ANSWERS, "subject"), (_PLAIN, "subject"), (_ABOUT, "subject"),
    (_ASKED, "请"), (_LEVEL_PLACE, "subject"), (_TIMED, "subject"), (_BY_DATE, "date and act"),
    (_GROUP_BY_DATE, "date and subject"),
    (_DOING, "subject and act"), (_BARRED, "barred"),
)  # fmt: skip

SHARED = lazy(r"按照?(?:各自)?职责|分别")
LEADS = lazy(r"(?:要|应当?|须|必须|负责)?牵头")
PARTNER = lazy(
    rf"^(?:会同|商|联合)(?P<subject>[^，。；：]{{0,200}}?(?:{SUFFIX}))(?=(?:等)?(?:{_VERB}|[，。；于在每按对编加共统完指出审实发起明抓办印]|$))"
)
HELPERS = lazy(
    rf"^(?:[^，。；]{{0,12}})，(?P<subject>[^，。；]{{2,80}}?(?:{SUFFIX})(?:等)?)(?=(?:按照?职责(?:分工)?)?(?:配合"
    rf"|协助|参与|协同))"
)
# 加大协调力度，会同有关部门建立机制: a partner of whoever was charged before.
LATER_PARTNER = lazy(
    rf"，(?:并|要|将)?会同(?P<subject>[^，。；：]{{0,120}}?(?:{SUFFIX}))(?=(?:等)?{_VERB}|对[^，。；]{{1,40}}{_VERB})"
)
# A charge names a body and says that it must; most sentences do neither.
HINT = lazy(rf"(?=[{SUFFIX_BEGINS}各每设市])(?:{SUFFIX}|市、县|设区的?市|[各每][省市县区州盟旗])")
