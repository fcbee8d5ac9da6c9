"""Time wording (时限): each case is one wording, the document it is taken from or modelled on, and what it says."""

from datetime import date

import pytest

from tracker.reading.limits.phrases import read_phrases
from tracker.reading.plan import Deadline


def one(sentence: str, year: int | None = 2022) -> Deadline:
    """The single deadline of a wording."""
    found = read_phrases(sentence, year=year)
    assert len(found) == 1, [(d.kind, d.quote) for d in found]
    return found[0]


@pytest.mark.parametrize(
    ("sentence", "quote", "trigger", "amount", "unit"),
    [
        ("自正式受理之日起3个工作日内转办处理", "自正式受理之日起3个工作日内", "正式受理", 3, "workday"),  # 鞍山 四.2
        ("投标保证金在签订书面合同后5日内退还。", "在签订书面合同后5日内", "签订书面合同", 5, "day"),  # 鞍山 五.1
        ("自受理行政许可申请之日起二十日内作出决定", "自受理行政许可申请之日起二十日内", "受理行政许可申请", 20, "day"),
        (
            "在本意见印发之日起30日内,制定出台具体实施办法",
            "在本意见印发之日起30日内",
            "本意见印发",
            30,
            "day",
        ),  # 国发〔2018〕39号
        ("人民法院应当在立案之日起两个月内审结。", "在立案之日起两个月内", "立案", 2, "month"),
        ("采取羁押性强制措施的,48小时内将审批表报送备案", "48小时内", "采取羁押性强制措施", 48, "hour"),  # 汇编一 28
        ("材料齐全合法的,当日办结", "当日办结", "材料齐全合法", 0, "day"),  # 阜康 2
        ("实现企业开办一日内办结", "一日内", None, 1, "day"),  # 汇编一 17
        ("审批时间由120个工作日压减到80个工作日", "压减到80个工作日", None, 80, "workday"),
        ("付款期限最长不得超过60日", "最长不得超过60日", None, 60, "day"),
        ("一般性涉疫诉求24小时办结", "24小时办结", None, 24, "hour"),  # 阜康 31
    ],
)
def test_a_period_is_counted_from_its_event(
    sentence: str, quote: str, trigger: str | None, amount: int, unit: str
) -> None:
    found = one(sentence)
    assert (found.kind, found.sense) == ("relative", "within")
    assert (found.quote, found.trigger, found.amount, found.unit) == (quote, trigger, amount, unit)


@pytest.mark.parametrize(
    ("sentence", "trigger", "amount", "unit"),
    [
        ("应当在开庭三日前通知当事人", "开庭", 3, "day"),  # 民事诉讼法 139
        ("应当提前30日向社会公告", None, 30, "day"),
        ("在该行政许可有效期届满前作出是否准予延续的决定", "该行政许可有效期届满", None, None),  # 行政许可法 50
    ],
)
def test_some_periods_are_counted_back(
    sentence: str, trigger: str | None, amount: int | None, unit: str | None
) -> None:
    found = one(sentence)
    assert (found.direction, found.trigger, found.amount, found.unit) == ("before", trigger, amount, unit)


@pytest.mark.parametrize(
    ("sentence", "amount"),
    [("在网站公示30日后,可以申请返还工资保证金", 30), ("公示期不少于7日", 7), ("公告期间不得少于六十日", 60)],
)
def test_a_waiting_period_is_no_due_date(sentence: str, amount: int) -> None:
    found = one(sentence)
    assert (found.sense, found.amount, found.date) == ("not_before", amount, None)


def test_added_time_is_told_from_the_first_limit() -> None:
    first, added = read_phrases(
        "应当自收到申请之日起20个工作日内予以答复;经负责人同意,延长的期限最长不得超过20个工作日。"
    )
    assert (first.extension, added.extension) == (False, True)


@pytest.mark.parametrize(
    ("sentence", "quote", "day"),
    [
        ("2024年底前完成清偿", "2024年底前", date(2024, 12, 31)),
        ("于2018年12月底前报送备案", "2018年12月底前", date(2018, 12, 31)),  # 国办函〔2018〕71号
        ("2022年6月30日前建成", "2022年6月30日前", date(2022, 6, 30)),
        ("6月前完成", "6月前", date(2022, 5, 31)),
        ("到2023年纳入再担保体系的业务费率降至1%以下", "到2023年", date(2023, 12, 31)),  # 汇编一 10
        ("争取在5月开工建设", "在5月开工建设", date(2022, 5, 31)),  # 汇编二 16
        ("2020年上半年全部完成", "2020年上半年", date(2020, 6, 30)),
        ("今年年底前实现全覆盖", "今年年底前", date(2022, 12, 31)),
        ("补足保证金期限延至2023年3月31日", "延至2023年3月31日", date(2023, 3, 31)),  # 汇编三 25
        ("完成时限:2022年12月", "2022年12月", date(2022, 12, 31)),
        ("到“十四五”末建成", "到“十四五”末", date(2025, 12, 31)),
        ("二〇二五年十月底前完成", "二〇二五年十月底前", date(2025, 10, 31)),
    ],
)
def test_a_date_is_due_on_its_last_day(sentence: str, quote: str, day: date) -> None:
    found = one(sentence)
    assert (found.kind, found.quote, found.date) == ("absolute", quote, day)


def test_a_missing_year_is_the_last_one_printed_in_the_sentence() -> None:
    read = read_phrases("2021年12月底前完成试点,6月底前总结。10月底前推广。", year=2022)
    assert [found.date for found in read] == [date(2021, 12, 31), date(2021, 6, 30), date(2022, 10, 31)]


def test_a_date_without_any_year_stays_open() -> None:
    found = one("6月底前完成", year=None)
    assert (found.kind, found.date) == ("absolute", None)
    assert found.confidence < 0.5


@pytest.mark.parametrize(
    ("sentence", "rrule", "sense"),
    [
        ("每月25日,燃气集团将积分结转", "FREQ=MONTHLY;BYMONTHDAY=25", "on"),  # 鞍山 三.1
        ("每年3月31日前公开", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31", "within"),
        ("每年11月30日前报送", "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=30", "within"),
        ("每两周进行一次项目调度", "FREQ=WEEKLY;INTERVAL=2", "within"),  # 汇编二 20
        ("每3天反馈一次", "FREQ=DAILY;INTERVAL=3", "within"),  # 阜康 31
        ("活动时间:每周二和每周四", "FREQ=WEEKLY;BYDAY=TU,TH", "on"),  # 汇编七
        ("每季度开展一次政策宣传", "FREQ=MONTHLY;INTERVAL=3", "within"),  # 阜康 28
        ("每半年更新发布1次", "FREQ=MONTHLY;INTERVAL=6", "within"),
        ("按季度对申请进行审核汇总", "FREQ=MONTHLY;INTERVAL=3", "within"),  # 汇编一 11
        ("一月一调度", "FREQ=MONTHLY", "within"),
        ("每季度首月10日前通报", "FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=10", "within"),
    ],
)
def test_a_rhythm_becomes_a_recurrence_rule(sentence: str, rrule: str, sense: str) -> None:
    found = one(sentence)
    assert (found.kind, found.rrule, found.sense) == ("recurring", rrule, sense)


def test_three_rhythms_in_one_quotation_are_three() -> None:
    read = read_phrases("实行“月调度、季研判、年考核”制度")  # 阜康 26
    assert [found.rrule for found in read] == ["FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=3", "FREQ=YEARLY"]


def test_a_day_no_calendar_has_is_left_out_of_the_rule() -> None:
    assert one("每月45日报送").rrule == "FREQ=MONTHLY"


@pytest.mark.parametrize(
    ("sentence", "first", "last"),
    [
        ("2019年1月1日至12月31日,返还标准可提高", date(2019, 1, 1), date(2019, 12, 31)),  # 国发〔2018〕39号
        ("优惠时间从2022年3月起持续至2022年12月底", date(2022, 3, 1), date(2022, 12, 31)),  # 汇编三 17
        ("2022年延续实施阶段性降低失业保险费率政策", date(2022, 1, 1), date(2022, 12, 31)),  # 汇编二 12
        ("执行门票半价政策(有效期截至2023年4月30日)", None, date(2023, 4, 30)),  # 阜康 21
    ],
)
def test_the_span_of_an_offer_is_a_validity(sentence: str, first: date | None, last: date) -> None:
    found = one(sentence)
    assert (found.kind, found.sense, found.date_from, found.date) == ("validity", "span", first, last)


def test_a_phase_of_work_is_due_at_its_end() -> None:
    found = one("集中整治阶段(2024年4月1日至10月31日)")
    assert (found.kind, found.date_from, found.date) == ("absolute", date(2024, 4, 1), date(2024, 10, 31))


@pytest.mark.parametrize(
    "sentence",
    [
        "提供最长不超过15日的延期缴费服务",  # 鞍山 三.2: the length of an entitlement
        "可申请最长不超过3年的个人创业担保贷款",  # 汇编一 11: a loan's term
        "无法正常生产经营7日以上的企业",  # 阜康 八: eligibility
        "离校2年内未就业高校毕业生",
        "签订1年以上劳动合同",
        "实行24小时值班制度",  # service hours
        "设立24小时在线客服,在3分钟内响应",  # 广西 一.三
        "按照2019年11月11日公布的参考手册执行",  # a past date
        "(辽政办〔2022〕13号)",  # a document's number
        "企业可按季度享受优惠",  # 汇编二 1: how often an entitlement is enjoyed
        "每人每年只享受一次",
        "在规定期限内申请",
        "定期组织企业座谈,及时总结",  # promptness without a measure
        "自2020年9月1日起施行",
        "3年内2次以上串通投标",
        "付款期限自约定的检验期限届满之日起算",
        "第一时间将情况报告",
        "制定三年行动计划",
        "前期出台六月前到期的减税政策",
        "申请日前12个月内发生",
        "逾期超过15日未整改的",
    ],
)
def test_what_only_looks_like_a_limit_is_none(sentence: str) -> None:
    assert [(found.kind, found.quote) for found in read_phrases(sentence, year=2022)] == []


@pytest.mark.parametrize(
    ("sentence", "party"),
    [
        ("发包人应在接到承包人返还保证金申请14天内进行核实", "other"),  # 鞍山 五.2
        ("当事人应当自收到决定书之日起十五日内缴纳罚款", "other"),
        ("纳税人应当自领取营业执照之日起30日内申报", "other"),
        ("行政机关应当自受理之日起二十日内作出决定", "unit"),
        ("对审查后的投诉线索,自正式受理之日起3个工作日内转办处理", "unit"),
    ],
)
def test_the_subject_decides_whom_a_limit_binds(sentence: str, party: str) -> None:
    assert one(sentence).party == party


@pytest.mark.parametrize(
    ("sentence", "counts_as", "by"),
    [
        ("自受理行政许可申请之日起二十日内作出行政许可决定", "workday", "行政许可法第八十二条"),
        ("行政复议机关应当在七日内转送", "workday", "行政复议法第八十八条"),
        ("行政复议机关应当在三十日内依法处理", None, None),
        ("自接到申请之日起5日内办结", None, None),
    ],
)
def test_a_printed_day_is_a_working_day_where_a_law_says_so(
    sentence: str, counts_as: str | None, by: str | None
) -> None:
    found = one(sentence)
    assert (found.unit, found.counts_as, found.by) == ("day", counts_as, by)


def test_offsets_are_those_of_the_wording_as_typed() -> None:
    wording = "对线索， 自正式受理 之日起 3 个工作日\n内转办"
    found = one(wording)
    assert found.quote == "自正式受理之日起3个工作日内"
    assert wording[found.span.start : found.span.end] == "自正式受理 之日起 3 个工作日\n内"


def test_a_limit_may_be_extended_to_a_longer_one() -> None:
    found = one("应当自受理之日起30日内办结；情况复杂的，经批准可以延长至90日。")
    assert (found.amount, found.extendable_to) == (30, (90, "day"))


def test_an_offer_may_end_a_while_after_an_event() -> None:
    found = one("该举措有效时间为当地被列为中高风险地区之日起至解除封控后1个月")  # 汇编三 17
    assert (found.kind, found.trigger, found.amount, found.unit, found.date) == (
        "validity",
        "解除封控",
        1,
        "month",
        None,
    )
