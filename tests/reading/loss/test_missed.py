"""A time, an event or an actor in a measure that nothing took up is a doubt; what only tells of times is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.lengths import examples
from tests.reading.loss.test_outside import HEAD, doubts_of
from tracker.reading.extraction import read
from tracker.reading.loss.stretches import Held, held_by
from tracker.reading.plan import Doubt, DoubtKind, Reading

UNIT = "（责任单位：县水务局）"


def asked(body: str, head: str = HEAD) -> list[Doubt]:
    return [one for one in doubts_of(read(f"{head}一、{body}\n二、开展检查。（县住建局）\n")) if one.measure == "一"]


def limits_of(reading: Reading) -> Held:
    """Every place that a limit holds, and every place that is asked about."""
    spans = [d.span for plan in reading.plans for m in plan.measures for i in m.items for d in i.deadlines]
    return Held([*spans, *(doubt.span for doubt in doubts_of(reading))])


TIMES = [
    "5月20日前", "2027年6月底前", "3个工作日内", "24小时内", "十个工作日内", "每月25日", "每季度", "每学期",
    "开学前3日", "5日前", "上半年", "年内", "四季度", "次日", "下月", "每4小时", "30分钟内", "一周之内",
]  # fmt: skip
WORDS = [
    "县水务局要",
    "完成管网改造",
    "报送进展",
    "答复",
    "、",
    "，",
    "。",
    "并",
    "由县住建局",
    "应当",
    "在",
    "于",
    "自受理之日起",
]


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.sampled_from(TIMES + WORDS), min_size=1, max_size=14).map("".join))
def test_no_time_of_a_measure_is_passed_over_in_silence(body: str) -> None:
    """Whatever the words around it: it is in a limit, or a doubt lies on it, or the measure has been asked about."""
    text = f"{HEAD}一、推进工作。{body}。{UNIT}\n二、开展检查。（县住建局）\n"
    reading = read(text)
    seen = limits_of(reading)
    measures = Held(span for plan in reading.plans for span in held_by(plan.measures))
    many = [doubt for doubt in doubts_of(reading) if doubt.kind is DoubtKind.HALF_LIMIT]
    for word in TIMES:
        at = text.find(word, len(HEAD))
        if at >= 0 and measures.touches(at, at + len(word)) and len(many) < 6:
            assert seen.touches(at, at + len(word)), (word, [doubt.seen for doubt in many])


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ("自查工作应于开学前3日完成。" + UNIT, "前3日"),
        ("每学期期末公示收支。" + UNIT, "每学期"),
        ("达到汛限水位时每4小时巡查1次。" + UNIT, "每4小时"),
        ("16时以后收件的，次日上午分发。" + UNIT, "次日"),
    ],
)
def test_a_time_that_no_rule_reads_is_a_question_with_the_words_around_it(body: str, seen: str) -> None:
    doubts = [one for one in asked(body) if one.kind is DoubtKind.HALF_LIMIT]
    limits = [d.quote for m in read(HEAD + "一、" + body).plans[0].measures for i in m.items for d in i.deadlines]
    assert any(seen in one.seen for one in doubts) or any(seen in quote for quote in limits)


@pytest.mark.parametrize(
    "body",
    [
        "离校2年内未就业高校毕业生可以申请。" + UNIT,
        "对2021年第四季度、2022年第一季度税费予以缓缴。" + UNIT,
        "企业每年不超过两次享受。" + UNIT,
        "发车间隔不超过30分钟。" + UNIT,
        "对2000年底前建成的住宅逐栋摸底。" + UNIT,
        "陪餐记录保存6个月以上。" + UNIT,
        "会议控制在90分钟内。" + UNIT,
        "推进改造。" + UNIT,
    ],
)
def test_a_time_that_is_only_told_of_is_no_question(body: str) -> None:
    assert [one.seen for one in asked(body)] == []


@pytest.mark.parametrize(
    "body",
    [
        "发生突发事件，考点须5分钟内报告。" + UNIT,
        "奖励资金由县财政局表彰决定印发后2个月内兑现。" + UNIT,
        "会上提出的问题会后7日内书面答复。" + UNIT,
        "县水务局应当自受理之日起5日内办结，经批准可以延长3日。",
    ],
)
def test_a_limit_whose_event_is_mixed_or_open_is_a_question(body: str) -> None:
    limits = [d for m in read(HEAD + "一、" + body).plans[0].measures for i in m.items for d in i.deadlines]
    bare = {"突发事件", "表彰决定印发", "会", "受理"}
    read_right = all(d.trigger and d.trigger.removeprefix("发生") in bare for d in limits if not d.extension)
    assert read_right or [one.kind for one in asked(body) if one.kind is DoubtKind.HALF_LIMIT]


def test_a_date_that_was_over_when_the_plan_was_issued_is_a_question() -> None:
    text = (
        "云岭县防汛方案\n云政办发〔2026〕3号\n2026年3月1日\n针对2025年汛期暴露的问题，制定本方案。\n"
        "一、各镇要根据2025年汛期情况，2月20日前完成预案修订。\n二、各镇要开展演练。\n"
    )
    reading = read(text)
    (limit,) = [d for m in reading.plans[0].measures for i in m.items for d in i.deadlines]
    assert (
        limit.date is None
        or limit.date.year != 2025
        or [one for one in doubts_of(reading) if one.kind is DoubtKind.HALF_LIMIT]
    )


@pytest.mark.parametrize(
    ("body", "actor"),
    [
        ("管线单位要派员监护，县水务局负责协调。建设单位应当在开工前通知管线单位。", "建设单位"),
        ("规范经营行为，保护老字号。（归口：县商务局联动：县公安局）", "县商务局"),
    ],
)
def test_who_acts_and_is_not_among_the_units_is_a_question(body: str, actor: str) -> None:
    units = [a.unit for m in read(HEAD + "一、" + body).plans[0].measures for i in m.items for a in i.assignments]
    doubts = [one for one in asked(body) if one.kind in (DoubtKind.UNSURE_UNIT, DoubtKind.NO_UNIT)]
    assert actor in units or any(actor in one.seen for one in doubts)


def test_a_measure_with_a_limit_and_nobody_to_keep_it_is_a_question() -> None:
    kinds = [one.kind for one in asked("函告后2个工作日内落实停供。")]
    assert kinds == [DoubtKind.NO_UNIT]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("具体安排由幼儿园另行通知。", DoubtKind.UNSURE_UNIT),
        ("县水务局会同县住建局制定细则。", DoubtKind.UNSURE_UNIT),
        ("实行错时执法，汛期（4月15日至9月30日）加密巡查。" + UNIT, DoubtKind.HALF_LIMIT),
        ("每年可提取一次住房公积金。" + UNIT, DoubtKind.HALF_LIMIT),
        ("预收服务费最长不得超过12个月。" + UNIT, DoubtKind.HALF_LIMIT),
    ],
)
def test_what_two_good_readers_read_in_two_ways_is_a_question_where_it_is_read_at_all(
    body: str, kind: DoubtKind
) -> None:
    (measure,) = read(f"{HEAD}一、{body}\n").plans[0].measures
    found = [limit for item in measure.items for limit in item.deadlines if limit.kind != "validity"]
    leads = any(str(one.role) == "lead" for item in measure.items for one in item.assignments)
    kinds = [one.kind for one in asked(body)]
    assert kind in kinds or (kind is DoubtKind.HALF_LIMIT and not found) or leads


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        # own wordings of times that no rule counts, each lost in silence before
        ("县水务局6月上旬启动，7月中旬完成，8月下旬验收。", "8月下旬"),
        ("县水务局9月份完成。", "9月份"),
        ("县水务局15日（含）前报送。", "15日（含）前"),
        ("县水务局6·30前完成。", "6·30前"),
        ("县水务局隔月报送一次。", "隔月"),
        ("县水务局每满3年评估一次。", "每满3年"),
        ("县水务局力争用3个月时间完成改造。", "用3个月时间"),
        ("县水务局为期三个月开展整治。", "为期三个月"),
        ("县水务局原则上10天完成审核，复杂的20天完成。", "20天"),
        ("县水务局于年中前完成建设。", "年中前"),
        ("县水务局“两会”前完成检查。", "两会”前"),
        ("县水务局开学前一周完成检查。", "前一周"),
        ("县水务局于汛前补充物资。" + UNIT, "汛前"),
        ("县水务局每两月检查一次，春节等节点前全覆盖。" + UNIT, "节点前"),
        ("遇暴雨每半小时通报一次。" + UNIT, "每半小时"),
        ("化解后第3个月回访一次。" + UNIT, "后第3个月"),
        ("年中、年末各检查一次。" + UNIT, "年"),
        ("从4月起每月开展检查。" + UNIT, "从4月起"),
        ("5月16日上午9:00组织笔试。" + UNIT, "5月16日"),
        ("2026年4月8日9:00至4月12日17:00网上报名。" + UNIT, "4月8日"),
        ("对拟聘人员公示7个工作日。" + UNIT, "7个工作日"),
        ("建章立制，2028年巩固提升。" + UNIT, "2028年"),
        ("整改期限一般不超过3个月。" + UNIT, "3个月"),
        ("留言一般5个工作日、复杂15个工作日答复。" + UNIT, "5个工作日"),
        ("断网须10分钟内处置、30分钟恢复。" + UNIT, "30分钟恢复"),
        ("居家监测，第1、3、7天检测。" + UNIT, "第1、3、7天"),
        ("季后15日、年后20日提供季报、年报。" + UNIT, "季后15日"),
        ("每季度首月10日前拨付，年底清算。" + UNIT, "年底清算"),
        ("国庆节期间（10月1日—7日）实行日报告。" + UNIT, "日报告"),
        ("汛期每10天排查一次。" + UNIT, "每10天"),
        ("每年秋季接种一轮。" + UNIT, "每年秋季"),
        ("每月10日左右召开调度会。" + UNIT, "每月10日左右"),
    ],
)
def test_a_time_in_words_of_its_own_is_asked(body: str, seen: str) -> None:
    doubts = [one.seen for one in asked(f"完善制度。{body}") if one.kind is DoubtKind.HALF_LIMIT]
    assert any(seen in words for words in doubts), doubts


@pytest.mark.parametrize(
    "body",
    [
        "由县教育局、县公安局等部门分头抓落实。",
        "责任单位为县教育局。",
        "县教育局9月份完成。",
        "县教育局主要领导亲自抓。",
        "牵头领导：王明副县长，牵头单位：县教育局，责任单位：县财政局。",
    ],
)
def test_an_office_in_a_measure_that_charges_nobody_is_asked(body: str) -> None:
    found = asked(f"抓好报送。{body}")
    assert {DoubtKind.NO_UNIT, DoubtKind.UNSURE_UNIT} & {one.kind for one in found}


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ("县教育局（牵头）、县财政局于5月底前出台文件。", "县教育局（牵头）"),
    ],
)
def test_a_body_read_by_half_is_asked(body: str, seen: str) -> None:
    found = [one.seen for one in asked(body) if one.kind is DoubtKind.UNSURE_UNIT]
    assert any(seen in words for words in found), found


@pytest.mark.parametrize(
    "body",
    [
        "县教育局负责组织考试。考点主考须5分钟内口头报告。",
        "安全环保部每月组织检查，各项目部每周自查，工程管理部对在建项目逐一建档。",
        "各子公司完善预案。养护公司储备物资。",
        "压实责任。各单位“一把手”是第一责任人。",
        "县商务局要优化系统。从事回收的市场主体，应当在取得执照后30日内备案。",
        "申请人应当委托具有相应资质的单位进行设计、施工、监理，并在开工7日前书面告知县住建局。县住建局应当出具意见。",
        "县住建局应当办结审核。符合条件的项目，市、县财政按照每台20万元的标准给予补助。",
        "县住建局负责兑现，5月31日前通过验收的，每台另行奖励2万元。",
        "县市监局应当在投入使用前办理登记。",
        "县邮政局负责开通邮路，到2026年底覆盖全部乡镇，邮件投递时限由3天压缩至1天以内。",
    ],
)
def test_who_acts_in_words_that_no_rule_knows_is_a_question(body: str) -> None:
    assert asked(body)


@pytest.mark.parametrize(
    "body",
    [
        "县商务局应当在取得执照信息后30日内备案。",
        "县住建局应当委托单位施工，并在开工7日前书面告知。",
        "县住建局应当办结审核，县财政局给予补助。",
        "县住建局应当在当前形势下办结审核。",
    ],
)
def test_who_acts_and_is_among_the_units_is_no_question(body: str) -> None:
    assert not [one for one in asked(body) if one.kind in (DoubtKind.UNSURE_UNIT, DoubtKind.HALF_LIMIT)]


def test_whom_a_paper_is_only_sent_to_answers_for_nothing() -> None:
    reading = read(
        f"{HEAD}一、县水务局要开展检查。\n二、县住建局要开展检查。\n抄送：县委办公室，县人大常委会办公室。\n"
    )
    units = [a.unit for m in reading.plans[0].measures for i in m.items for a in i.assignments]
    assert units == ["县水务局", "县住建局"]
