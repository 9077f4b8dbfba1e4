"""The register and the major-hazard form of a campaign as files, over HTTP, read again by the programs of others."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from alerts.database import writing
from alerts.paper import fonts
from alerts.paper.errors import NoFontError
from tests.unit.alerts.access.house import house
from tests.unit.alerts.paper.campaign import at, campaign, kept
from tests.unit.alerts.paper.opened import fields_of, sheet_of, tables_of
from tests.unit.alerts.paper.test_pdf import read

PAPER, SPRING = "/api/v1/paper", {"from_ms": at(3, 23, 0), "to_ms": at(4, 1, 0)}
HANDS = {"preparer": "court-worker", "reviewer": "supervisor-a"}
FOUND = [case for case in campaign() if case.counts and at(3, 23, 0) <= case.opened_ms < at(4, 1, 0)]
# Of the hazard that went the whole way, as they must stand in whatever form.
TOLD = {
    "隐患名称": "1号热水锅炉：系统水压超过允许压力",
    "发现方式": "传感器监测",
    "责任落实（机构、人员）": "责任单位安全负责人牵头，社区督办员甲跟踪",
    "报送至": "区安委会办公室",
    "传感器验证": "传感器已验证恢复",
    "验收意见": "整改符合要求，同意通过区级验收",
    "重新立案次数": "0",
}


def plain(value: Any) -> str:
    """A cell as text, moments to the minute."""
    if isinstance(value, datetime) and (value.hour or value.minute):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.strftime("%Y-%m-%d") if isinstance(value, date) else "" if value is None else str(value)


async def fetched(client: httpx.AsyncClient, path: str, **params: Any) -> bytes:
    answer = await client.get(f"{PAPER}/{path}", params=HANDS | params)
    assert answer.status_code == 200, answer.text
    return answer.content


async def test_the_register_and_the_form_say_the_same_as_word_excel_and_pdf(tmp_path: Path) -> None:
    try:
        fonts.found()
    except NoFontError:
        pytest.skip("no Chinese font: as root, run tests/fetch-system-packages")
    async with house(tmp_path) as here:
        with writing(here.engine.database) as connection:
            ids = kept(connection)
        client = here.client()
        form = {kind: await fetched(client, f"major-hazard/{ids[1]}.{kind}") for kind in ("docx", "xlsx", "pdf")}
        book = {kind: await fetched(client, f"ledger.{kind}", **SPRING) for kind in ("docx", "xlsx", "pdf")}

    (table,) = tables_of(form["docx"])
    word = fields_of(table)
    excel = fields_of([list(row) for row in sheet_of(form["xlsx"]).values])
    text = "".join(read(form["pdf"], tmp_path).split())
    for caption, told in TOLD.items():
        assert (word[caption], plain(excel[caption])) == (told, told), caption
        assert "".join(told.split()) in text, caption
    assert word["发现时间"] == plain(excel["发现时间"]) == "2026-03-24 10:12", "by the site's clock"
    assert "2026-03-2410:12" in text

    (rows,) = tables_of(book["docx"])
    sheet = [row for row in sheet_of(book["xlsx"]).values if isinstance(row[0], int)]
    lines = read(book["pdf"], tmp_path)
    assert len(rows) - 1 == len(sheet) == len(FOUND) > 20
    assert [row[:1] + row[3:6] for row in rows[1:]] == [
        [plain(cell) for cell in (*row[:1], *row[3:6])] for row in sheet
    ]
    assert all(
        isinstance(row[1], date) and plain(row[1]) == cells[1] for row, cells in zip(sheet, rows[1:], strict=True)
    )
    assert {row[9] for row in sheet if row[9] is not None} == {38000}, "money is a number, in yuan"
    assert len(re.findall(r"DEMO-\s*2026", lines)) == len(FOUND)
    assert "填表人：苑里居委会专干甲" in "".join(lines.split())
    assert "□" not in lines + text
    assert "〔U+" not in lines + text, "every sign is in the font"
