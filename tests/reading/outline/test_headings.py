"""Headings that ran into their text, where the line ends are lost, end where they ended."""

import pytest

from tracker.reading.extraction import read

TITLE = "云岭县扶持家庭农场若干措施"
FIRST = "为贯彻落实省、市关于发展新型农业经营主体的部署，增强家庭农场的带动能力，结合我县实际，制定以下措施。"
LAST = [
    "保障措施",
    "（一）加强组织领导。县农业农村局统筹推进各项工作，及时研究解决遇到的困难和问题，重要情况随时报告。",
    "（二）加强宣传引导。各乡镇政府通过多种形式宣传政策，总结推广好的经验做法，营造良好的发展环境。",
    "（三）加强督促检查。县政府督查室每半年通报一次落实情况，对工作不力的单位督促整改，限期完成。",
]
# Each a heading, and the paragraph that stands on a line of its own below it.
PLANS = {
    "tasks": [
        ("一、实施家庭农场培育提升行动", "围绕全县特色产业，县农业农村局每年培育家庭农场二十家，建立名录并动态更新。"),
        ("二、加大信贷投放力度", "鼓励银行机构开发适合家庭农场的产品，县金融办每季度通报一次投放情况。"),
        ("三、强化政策支持", "各乡镇要结合实际，抓紧制定具体办法，于2025年6月底前报县农业农村局备案。"),
        ("四、完善防灾减灾体系", "完善应急预案，县应急局、县气象局在灾害预警发布后2小时内通知到场到户。"),
    ],
    "parts": [
        ("一、考核对象", "各乡镇人民政府、县直有关部门和承担任务的国有企业，由县政府办公室牵头组织考核。"),
        ("二、现场核查安排", "县农业农村局将组织人员实地核查，抽查比例不低于百分之二十，并于2025年9月底前完成。"),
    ],
    "said again": [
        ("一、考核结果应用", "考核结果由县政府办公室全县通报，并报县委、县政府，作为年度评先评优的依据。"),
        ("二、专项资金管理", "专项资金由县财政局负责监管，于每年12月底前完成绩效评价，结果向社会公开。"),
    ],
    "steps": [
        ("一、报名", ""),
        ("（一）公办园。公办园于5月10日前开放报名系统，由县教育局统一受理。", ""),
        ("（二）民办园。民办园于5月20日前完成报名，由县教育局统一公布。", ""),
        ("二、录取", "公办幼儿园于6月5日前发出录取通知书，未被录取的由县教育局统筹安排到就近园所就读。"),
        ("三、注册", "县教育局负责核对注册信息，并在6月20日前上传管理平台，逾期未注册的视为自动放弃。"),
    ],
}


@pytest.mark.parametrize("name", PLANS)
def test_a_heading_that_ran_into_its_text_is_parted_from_it(name: str) -> None:
    lines = [TITLE, FIRST, *(line for pair in PLANS[name] for line in pair if line), *LAST]
    lines[-4] = f"{'二三四五六七'[sum(line[1] == '、' for line in lines) - 1]}、{lines[-4]}"
    parted, joined = (read(mark.join(lines)).plans[0].measures for mark in ("\n", ""))
    assert [one.text for one in joined] == [one.text for one in parted]
    assert {text for _, text in PLANS[name] if text} <= {one.text for one in joined}


def test_a_sentence_without_a_heading_keeps_its_first_words() -> None:
    words = ("加强技术服务", "支持扩大规模", "推动加快建设步伐", "做好宣传引导")
    rest = "，由县农业农村局负责，力争三年内建成示范家庭农场五十家，并总结推广经验。"
    lines = [
        TITLE,
        FIRST,
        *(f"{n}、{one}{rest}" for n, one in zip("一二三四", words, strict=True)),
        f"五、{LAST[0]}",
        *LAST[1:],
    ]
    assert [m.text[:4] for m in read("".join(lines)).plans[0].measures][:4] == [one[:4] for one in words]


def test_a_heading_with_a_stop_is_read_as_one_that_begins_its_paragraph() -> None:
    lines = [TITLE, "一、组织体系", "（一）县级层面。", "成立领导小组，县农业农村局每半年召开一次会议。"]
    lines += ["（二）乡镇层面。", "设立工作站，各乡镇政府于2025年5月底前配备专人。"]
    parted, joined = (read(mark.join(lines)).plans[0].measures for mark in ("\n", ""))
    assert [one.text for one in parted] == [one.text for one in joined]
    assert [one.text[:5] for one in joined] == ["县级层面。", "乡镇层面。"]
