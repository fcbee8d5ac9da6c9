"""Openers (句首单位): who stands at a clause's head by a name of its own, whatever verb comes behind it.

No list of verbs is ever whole (跟踪审计, 足额配套, 开设专栏): beside clauses that charge others by known words, a
clause of the same build charges too.
"""

from collections.abc import Iterator

from tracker.reading.names.bodies import names_in
from tracker.reading.names.charge_patterns import OPENING, VERB
from tracker.reading.names.subjects import is_proper, stands_alone
from tracker.reading.text.lazy import lazy

_OFFICE_END = (
    r"(?:分局|局(?!面|部|限|长)|委员会|委(?!托|员|派)|办公室|办(?!理|法|好|结|学|公|事|案|成|会)|厅(?!长)|署(?!名)|法院"
    r"|检察院|院(?!校|长|内|线)|站(?!点|位)|电视台|社(?!会|区|保)|支队|大队|中队|中心(?!城|区|任|镇|村|校|组)|公司|集团"
    r"|银行|支行|分行|[联协学商]合?会|总工会|残联|妇联|团委|科协|工商联|管委会|政府(?!采购|投资|购买|网站|信息|性|债)"
    r"|部(?!门|分|署|位|件|级|长|队|委|省|市|属))"
)
_LEVEL = (
    r"(?:(?!市场(?!监)|市民|市容(?!环)|市政(?!府|公|管|局|工|园)|区域|区块|区间|县域|省域|市域|乡村(?!振)|镇区|市区"
    r"|[省市县区镇乡州][内直级属外])(?:[省市县区州旗镇乡]|国家|全国|中国))"
)
_GROUP_END = (
    r"(?:乡镇|镇街|乡|镇|街道(?:办事处)?|[县区旗州](?:（[^（）]{1,8}）)?区?|县市区|区县|市|村居?|社区"
    r"|(?:有关|相关|成员|责任|主管|职能)?(?:单位|部门)|子公司|分公司|企业|高校|学校|医院|学院|处室|科室|项目部|园区"
    r"|开发区|支队|大队|派出所)"
)
# What stands behind a name that only belongs to a thing of its: 县财政局专户, 各部门职责分工.
_THING = (
    r"(?!可(?!视|再|研)|有权|已|未(?!来)|不再|的|之间|等|为|是|、|和|及|与|或|以及|网站|门户|官网|官方|专户|账户|大楼|大厅"
    r"|门口|会议室|领导|主要|分管|局长|主任|书记|工作人员|人员"
    r"|负责人|负责同志|职责|职能|情况|工作(?:职责|任务|情况|方案|实际)|任务|信息系统|系统|数据|业务|内部?|下属|所属|直属"
    r"|系列|年度|关于|印发的|备案|批准|审批同意|同意|名单|统一部署|认可|认定|指定|办公室设|办公地点|参考|监制|联系|电话"
    r"|地址|[主副]|[一二三四五六七八九十]|规定|要求|文件)"
)
# 市公安局交警大队, 市委宣传部: the name may go on, so that only a reader can tell where it ends.
_GOES_ON = lazy(rf"[\u4e00-\u9fff]{{0,6}}?{_OFFICE_END}")
_NAME = rf"(?:{_LEVEL}[^，。；：、的（）《“]{{1,14}}?{_OFFICE_END}|各{_GROUP_END})"
_OPENER = lazy(
    rf"(?P<names>{_NAME}(?:（[^（）]{{1,12}}）)?(?:、{_NAME}){{0,9}}){_THING}(?=[\u4e00-\u9fff“《][\u4e00-\u9fff《]{{2}})"
)


# 工程管理部逐一建档, 各镇受理窗口收件: of a firm, a school or an office; only its end says that it is a body.
_PART = (
    r"(?:[\u4e00-\u9fff]{2,8}?(?:(?<![全内外西东中南北局首一])部(?!门|分|署|位|件|级|长|队|委|省|市|属)|(?<![好之各何])处(?![理置罚级分于在长方以所境室遇])"
    r"|(?<![全专本])科(?![技学研普目协教室创])|公司|分局|中队|大队|支队|(?<=纪工)委|(?<=党工)委|(?<![教课居])室(?!内|外)|机构(?!改|编|设)|学校|医院|学院(?!派)|派出所|服务站|窗口(?!期)|专班))"
)
_HEAD = lazy(
    rf"(?:^|[，。；：！）])(?<!人：)(?<!电话：)(?:{OPENING.pattern})?(?P<names>(?:{_NAME}|{_PART})(?:（[^（）]{{1,12}}）)?(?:、(?:{_NAME}|{_PART})){{0,9}})"
    rf"{_THING}(?=[\u4e00-\u9fff“《][\u4e00-\u9fff《]{{2}})"
)

_ACT = lazy(rf"{VERB}(?=[省市县区镇乡州各])")  # 承担区防指办公室工作


def opening_names(words: str, start: int, end: int) -> list[tuple[int, int]]:
    """The names at the head of a clause that say whose body each is; none where what follows is only a thing of it."""
    match = _OPENER.match(words, start, end)
    if match is None or _GOES_ON.match(words, match.end("names"), end):
        return []
    names = names_in(words, *match.span("names"))
    return names if all(stands_alone(words[a:b]) for a, b in names) else []


def heads_of_clauses(words: str) -> Iterator[tuple[int, int]]:
    """What reads like a body at the head of each clause of a text, whatever is said of it."""
    for match in _HEAD.finditer(words):
        name = match["names"]
        if stands_alone(name) and (is_proper(name) or not _ACT.match(name)):
            yield match.span("names")
