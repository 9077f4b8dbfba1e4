"""Golden checks: every file opened again, its fields those of the ticket."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime

import pytest

from alerts.paper import ledger as ledger_module
from alerts.paper.case import Case
from alerts.paper.context import Context
from alerts.paper.ledger import ledger
from alerts.paper.make import Format, written
from alerts.paper.model import Document
from alerts.paper.register import register
from alerts.tickets.model import State
from tests.unit.alerts.paper.campaign import NOW_MS, at, campaign, demo_site
from tests.unit.alerts.paper.opened import fields_of, sheet_of, tables_of, text_of

ZH = Context(demo_site(), NOW_MS, "zh", "court-worker", "supervisor-a")
EN = Context(demo_site(), NOW_MS, "en")


def the_form(number: int, context: Context = ZH) -> Document:
    return register(context, campaign()[number - 1])


def the_ledger(context: Context = ZH) -> Document:
    found = [case for case in campaign() if case.counts and case.opened_ms < at(4, 1, 0)]
    return ledger(context, found, (at(3, 23, 0), at(4, 1, 0)))


def test_the_campaign_has_thirty_hazards_in_nearly_every_state_at_every_committee() -> None:
    states = {case.work.state for case in campaign()}
    committees = {ZH.committee(case.grid) for case in campaign()}

    assert len(campaign()) == 30
    assert set(State) - states == {State.CLASSIFIED, State.SUPERVISED}
    assert committees == {"court-committee", "old-town-committee", "riverside-committee"}


def test_the_form_of_a_major_hazard_that_went_the_whole_way_is_full_of_what_the_ticket_knows() -> None:
    told = fields_of(tables_of(written(the_form(1), Format.DOCX))[0])

    assert told["编号"] == "DEMO-20260324-0001"
    assert told["填报单位"] == "苑里社区居民委员会"
    assert told["隐患级别"] == "重大"
    assert told["隐患名称"] == "1号热水锅炉：系统水压超过允许压力"
    assert told["隐患地点"] == "北苑网格，供热站一号间"
    assert told["网格编码"] == "990101001001001"
    assert told["设备代码"] == "DEMO-11001"
    assert told["发现时间"] == "2026-03-24 10:12"
    assert told["发现方式"] == "传感器监测"
    assert told["隐患类别"] == "特种设备（锅炉）"
    assert told["责任落实（机构、人员）"].startswith("责任单位安全负责人")
    assert told["资金落实（经费、物资）"] == "38000"
    assert told["时限落实"] == "2026-05-08"
    assert told["预案落实（安全措施、应急预案）"].startswith("编制锅炉停运")
    assert told["临时监控措施"].startswith("停用该设备")
    assert told["整改责任人"] == "司炉工甲"
    assert (told["督办单位"], told["督办人"]) == ("社区委办公室", "社区督办员乙")
    assert told["报送至"] == "区安委会办公室"
    assert told["接收时间及凭证"].endswith("区安委办收文〔2026〕031号")
    assert told["传感器验证"] == "传感器已验证恢复"
    assert told["销号日期"] == "2026-04-23"


def test_both_levels_of_acceptance_stand_in_the_form_with_person_opinion_and_day() -> None:
    rows = tables_of(written(the_form(1), Format.DOCX))[0]
    at_ = next(number for number, row in enumerate(rows) if row[0] == "区级验收单位")

    assert rows[at_][3] == "区级验收员甲"
    assert rows[at_ + 1] == ["验收意见", "整改符合要求，同意通过区级验收", "验收日期", "2026-04-21"]
    assert rows[at_ + 2][3] == "市级验收员甲"
    assert rows[at_ + 3] == ["验收意见", "同意销号", "验收日期", "2026-04-23"]


def test_what_nobody_knows_is_left_empty_and_never_made_up() -> None:
    told = fields_of(tables_of(written(the_form(2), Format.DOCX))[0])

    for name in (
        "危害程度和影响范围", "整改难易程度分析", "措施落实（目标、方法）", "时限落实", "临时监控措施", "报送至",
        "接收人", "整改结果", "传感器验证", "销号日期", "验收人", "验收意见", "负责人", "整改责任人",
    ):  # fmt: skip
        assert told[name] == "", name


def test_the_workbook_of_the_form_says_the_same_as_the_word_file() -> None:
    sheet = sheet_of(written(the_form(1), Format.XLSX))
    rows = [[value for value in row if value is not None] for row in sheet.iter_rows(values_only=True)]
    told = fields_of([row for row in rows if len(row) in (2, 4)])

    assert told["编号"] == "DEMO-20260324-0001"
    assert told["发现时间"] == datetime(2026, 3, 24, 10, 12)  # noqa: DTZ001 - a sheet has no zones
    assert told["销号日期"] == datetime(2026, 4, 23)  # noqa: DTZ001
    assert sheet["A1"].value == "重大事故隐患登记表"


def test_the_form_is_signed_with_names_of_the_organisation_and_has_a_foot_on_every_page() -> None:
    text = text_of(written(the_form(1), Format.DOCX))

    assert "填表人：苑里居委会专干甲　　审核人：社区督办员甲" in text
    assert "安澜示范社区" in text
    assert "生成时间：2026-06-01 09:00" in text


def test_the_form_exists_in_english() -> None:
    told = fields_of(tables_of(written(the_form(1, EN), Format.DOCX))[0])

    assert told["Grade"] == "Major"
    assert told["Equipment"] == "Boiler 1"
    assert told["Reported to"] == "District safety committee office"


def test_the_ledger_has_every_column_of_the_form_in_use_in_its_order() -> None:
    head = tables_of(written(the_ledger(), Format.DOCX))[0][0]

    assert head == [
        "序号", "排查时间", "地点/单位", "问题及隐患", "等级", "类型", "排查人员", "整改措施", "整改期限", "整改资金",
        "整改单位", "整改责任人", "完成情况", "验收人", "督办单位", "督办人员", "销号日期", "复查结果", "编号",
    ]  # fmt: skip


def test_the_ledger_counts_neither_void_nor_merged_tickets() -> None:
    sheet = sheet_of(written(the_ledger(), Format.XLSX))
    numbers = [row[18] for row in sheet.iter_rows(min_row=4, values_only=True) if row[18]]

    assert len(numbers) == 27
    assert not {"DEMO-20260327-0013", "DEMO-20260327-0014"} & set(numbers)


def test_dates_and_money_are_dates_and_numbers_in_the_workbook_and_codes_are_text() -> None:
    sheet = sheet_of(written(the_ledger(), Format.XLSX))
    first = sheet[4]

    assert first[0].value == 1
    assert first[1].value == datetime(2026, 3, 24)  # noqa: DTZ001
    assert first[1].number_format == "yyyy-mm-dd"
    assert first[9].value == 38000
    assert first[18].data_type == "s"
    assert first[18].number_format == "@"


@pytest.mark.parametrize(
    ("typed", "kept"), [("38000", 38000), ("1200.50", 1200.5), ("约3000元", "约3000元"), ("", ""), ("0012x", "0012x")]
)
def test_only_a_plain_number_is_money(typed: str, kept: object) -> None:
    assert ledger_module.money(typed) == kept


def _with_title(text: str) -> Case:
    case = campaign()[8]
    return replace(case, title=case.title.model_copy(update={"zh": text, "en": text}))


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_looks_like_a_formula_is_a_text_in_every_file(text: str) -> None:
    document = ledger(ZH, [_with_title(text)], (0, 1))
    cell = sheet_of(written(document, Format.XLSX)).cell(4, 4)
    row = list(csv.reader(io.StringIO(written(document, Format.CSV).decode("utf-8-sig"))))[1]

    assert cell.data_type == "s"
    assert not row[3].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_signs_that_no_file_format_takes_are_left_out() -> None:
    document = ledger(ZH, [_with_title("燃气\x00泄漏\x1b[0m\ud800")], (0, 1))

    assert sheet_of(written(document, Format.XLSX)).cell(4, 4).value.startswith("燃气泄漏[0m")
    assert tables_of(written(document, Format.DOCX))[0][1][3].startswith("燃气泄漏[0m")


def test_the_csv_begins_with_the_mark_by_which_excel_knows_utf_8() -> None:
    data = written(the_ledger(), Format.CSV)
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))

    assert data.startswith(b"\xef\xbb\xbf")
    assert {len(row) for row in rows} == {19}
    assert rows[1][1] == "2026-03-24"


def test_a_period_without_hazards_says_so_since_a_zero_report_is_a_report() -> None:
    document = ledger(ZH, [], (at(7, 1, 0), at(8, 1, 0)))

    assert tables_of(written(document, Format.DOCX))[0][1] == ["本期未发现隐患（零报告）。"]
    assert "隐患数：0" in text_of(written(document, Format.DOCX))


def test_days_are_those_of_the_site_and_not_of_utc() -> None:
    case = replace(campaign()[6], opened_ms=at(3, 31, 23, 59))

    sheet = sheet_of(written(ledger(ZH, [case], (at(3, 23, 0), at(4, 1, 0))), Format.XLSX))

    assert sheet.cell(4, 2).value == datetime(2026, 3, 31)  # noqa: DTZ001
    assert "2026-03-23 至 2026-03-31" in sheet["A2"].value


def test_the_workbook_prints_on_lying_a4_with_its_head_on_every_page() -> None:
    sheet = sheet_of(written(the_ledger(), Format.XLSX))

    assert sheet.page_setup.orientation == "landscape"
    assert str(sheet.page_setup.paperSize) == "9"
    assert sheet.page_setup.fitToWidth == 1
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.oddFooter.right.text == "第 &P 页　共 &N 页"
