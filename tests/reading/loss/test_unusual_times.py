"""Times in the short words of a clerk, without 内 or 前: each is read as a limit, or asked about."""

import pytest

from tests.reading.loss.test_missed import UNIT, asked
from tests.reading.loss.test_outside import HEAD
from tracker.reading.extraction import read
from tracker.reading.plan import DoubtKind


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        # a length with its act behind it, or with its stop
        ("低压用户从报装到送电不超过5天，外线施工不超3天。" + UNIT, "不超过5天"),
        ("用户报修，半小时到场、四小时修复。" + UNIT, "四小时修复"),
        ("选址由县资规局把关，限10个工作日；接入归县供电公司，限15个工作日。", "限15个工作日"),
        ("县医保局对参保申请，5个工作日（法定30个工作日）办结。", "5个工作日（"),
        ("县卫健局对疫情2小时网报、12小时出初报。", "12小时出"),
        ("遗失补发，5日。" + UNIT, "5日"),
        ("立行立改类，10天；限期整改类，2个月。" + UNIT, "2个月"),
        ("县住建局自收到变更之日起20个工作日公开。", "20个工作日"),
        ("县法院要在立案后三十日速裁。", "三十日速裁"),
        ("县财政局收到来函后，10日拨到企业。", "10日拨到"),
        ("县住建局将施工许可由7个工作日减至2个。", "减至2个"),
        ("权属单位接单后不出三日处置到位，县应急局盯办。" + UNIT, "不出三日"),
        ("登记费由县税务局代收，T+1日划转。", "T+1日"),
        ("秋收后一个月，县粮食局要结清收购款。", "秋收后一个月"),
        ("企业开办：1天→0.5天；不动产登记：5个工作日→3个工作日。" + UNIT, "→3个工作日"),
        ("办理时限：承诺3个工作日；责任领导：王某某。" + UNIT, "承诺3个工作日"),
        ("县发改局自停工之日起每满30日会商一次。", "每满30日"),
        ("县人社局对退休审批，到龄当月办结。", "当月办结"),
        # months and days without the word that makes them a limit
        ("县财政局统筹安排，分两批下达，首批4月，次批8月。", "首批4月"),
        ("县教育局负责体检，4至6月集中开展，8月出具报告。", "4至6月"),
        ("县教育局负责体检，8月出具报告。", "8月出具"),
        ("县农业农村局负责植树，三月植树、六月抚育。", "三月植树"),
        ("4月10日，县住建局完成摸底。", "4月10日"),
        ("打造街区，5月1日开街。" + UNIT, "5月1日"),
        ("县发改局、县住建局，即日起至4月10日完成摸排。", "4月10日"),
        ("翌年一月报计划。" + UNIT, "翌年一月"),
        ("县水务局：完成水源地整治，5月份。", "5月份"),
        ("县总工会今年培育10名，明年再培育20名。", "明年"),
        ("县纪委监委在约谈之日的下一个工作日通报。", "下一个工作日"),
        ("县应急局要在汛期来临之前修订预案。", "来临之前"),
        ("县总工会每两年评选一次，五一前后表彰。", "五一前后"),
        ("评选结果公布后一月兑现。" + UNIT, "一月兑现"),
        ("接件后立即转办，原则上不超过一个月办结，由县水务局盯办。", "不超过一个月"),
        ("时限压缩一半（由20个工作日压至10个）。" + UNIT, "压至10个"),
        # rhythms
        ("由县发改局建档，月度过堂、季度过会、年度过账。", "月度过堂"),
        ("县数据局负总责，月月晒成绩单，季季拉清单。", "月月"),
        ("补贴一年一兑付。" + UNIT, "一年一兑"),
        ("垃圾清运一日两清。" + UNIT, "一日两清"),
        ("县民政局要年年查。", "年年查"),
        ("县教育局每季度头一个月上旬发布报告。", "头一个月"),
        ("县医院每周一三五开设门诊。", "每周一三五"),
        ("县委政法委每月初研判、月中调度、月末通报。", "每月初"),
        ("县消防大队每年“119”前集中检查。", "119"),
        ("各乡镇每月上中下旬各报一次。", "上中下旬"),
        ("县融媒体中心每天早、中、晚各播一次。", "早、中"),
        ("建立“周调度、月小结、季讲评”制度。" + UNIT, "季讲评"),
    ],
)
def test_a_time_in_short_words_is_read_or_asked(body: str, seen: str) -> None:
    doubts = [one.seen for one in asked(f"完善制度。{body}") if one.kind is DoubtKind.HALF_LIMIT]
    text = f"{HEAD}一、完善制度。{body}\n"
    quotes = [d.quote for m in read(text).plans[0].measures for i in m.items for d in i.deadlines]
    assert any(seen in words for words in (*doubts, *quotes)), (doubts, quotes)


@pytest.mark.parametrize(
    "body",
    [
        "全年举办活动200天以上。" + UNIT,
        "对2025年4月1日施行的办法进行修订。" + UNIT,
        "年产值增长5%，培育企业10家。" + UNIT,
        "打造15分钟生活圈。" + UNIT,
        "落实24小时值班制度。" + UNIT,
        "享受不超过30天的护理假。" + UNIT,
    ],
)
def test_a_length_that_only_describes_is_no_question(body: str) -> None:
    assert [one.seen for one in asked(body)] == []


def test_a_period_of_nothing_is_asked() -> None:
    assert DoubtKind.HALF_LIMIT in [one.kind for one in asked("完善制度。县交通局应当在0个工作日内办结。")]


def test_a_month_that_no_year_has_is_asked() -> None:
    assert DoubtKind.HALF_LIMIT in [one.kind for one in asked("完善制度。县交通局每年13月前报送。")]
