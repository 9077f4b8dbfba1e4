"""Papers over HTTP, behind the real gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest

from alerts.database import writing
from alerts.paper import fonts
from alerts.paper.api import disposition
from alerts.paper.errors import NoFontError
from alerts.paper.model import Names
from tests.unit.alerts.access.house import House, house
from tests.unit.alerts.paper.campaign import at, kept
from tests.unit.alerts.paper.opened import sheet_of, tables_of

PAPER = "/api/v1/paper"
SPRING = {"from_ms": at(3, 23, 0), "to_ms": at(4, 1, 0)}


def filled(here: House) -> dict[int, int]:
    with writing(here.engine.database) as connection:
        return kept(connection)


async def test_the_form_comes_with_a_chinese_name_and_an_ascii_one(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        ids = filled(here)
        answer = await here.client().get(f"{PAPER}/major-hazard/{ids[1]}.docx")

    told = answer.headers["content-disposition"]
    assert answer.status_code == 200
    assert answer.headers["content-type"].endswith("wordprocessingml.document")
    assert 'filename="major-hazard-DEMO-20260324-' in told
    assert unquote(told.split("filename*=UTF-8''")[1]).startswith("重大事故隐患登记表-DEMO-20260324-")
    assert tables_of(answer.content)[0][0][3] == "重大"


async def test_every_paper_in_every_format_is_answered(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        ids = filled(here)
        wanted = {
            f"major-hazard/{ids[5]}": ("docx", "xlsx", "pdf"),
            "ledger": ("xlsx", "csv", "docx", "pdf"),
            "bulletin": ("docx", "xlsx", "pdf"),
            "handover": ("docx", "pdf"),
            "dossier": ("zip",),
        }
        answers = {
            f"{name}.{form}": await here.client().get(f"{PAPER}/{name}.{form}", params=SPRING)
            for name, forms in wanted.items()
            for form in forms
            if form != "pdf" or _has_font()
        }

    assert {answer.status_code for answer in answers.values()} == {200}
    begins = {"docx": b"PK", "xlsx": b"PK", "zip": b"PK", "pdf": b"%PDF", "csv": b"\xef\xbb\xbf"}
    assert all(answer.content.startswith(begins[name.rsplit(".", 1)[1]]) for name, answer in answers.items())


def _has_font() -> bool:
    try:
        fonts.found()
    except NoFontError:
        return False
    return True


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("major-hazard/999999.docx", {}, 404),
        ("major-hazard/99999999999999999999999.docx", {}, 404),
        ("report/1.docx", {}, 404),
        ("ledger.xlsx", {}, 422),
        ("ledger.exe", SPRING, 422),
        ("ledger.xlsx", {"from_ms": 2, "to_ms": 1}, 422),
        ("ledger.xlsx", {"from_ms": 0, "to_ms": 10**18}, 422),
        ("ledger.xlsx", SPRING | {"preparer": "a", "reviewer": "a"}, 422),
    ],
)
async def test_what_makes_no_sense_is_refused(tmp_path: Path, path: str, params: dict[str, Any], status: int) -> None:
    async with house(tmp_path) as here:
        answer = await here.client().get(f"{PAPER}/{path}", params=params)

    assert answer.status_code == status


async def test_a_general_hazard_is_refused_with_a_reason(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        ids = filled(here)
        answer = await here.client().get(f"{PAPER}/major-hazard/{ids[7]}.docx")

    assert (answer.status_code, answer.json()["reason"]) == (409, "not_major")


async def test_without_a_font_a_pdf_is_501_with_words_and_a_word_file_is_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "_FOLDERS", (str(tmp_path / "nothing"),))
    monkeypatch.delenv(fonts.VARIABLE, raising=False)
    fonts.found.cache_clear()
    try:
        async with house(tmp_path) as here:
            refused = await here.client().get(f"{PAPER}/bulletin.pdf", params=SPRING)
            made = await here.client().get(f"{PAPER}/bulletin.docx", params=SPRING)
    finally:
        fonts.found.cache_clear()

    assert (refused.status_code, refused.json()["reason"]) == (501, "no_font")
    assert "fonts-noto-cjk" in refused.json()["detail"]
    assert made.status_code == 200


async def test_who_is_bound_to_a_village_gets_the_village_only_and_signs_with_their_own_name(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        ids = filled(here)
        client = await here.signed_in("riverside-grid")
        ledger = await client.get(f"{PAPER}/ledger.xlsx", params=SPRING | {"preparer": "supervisor-a"})
        foreign = await client.get(f"{PAPER}/major-hazard/{ids[1]}.docx")
        mine = await client.get(f"{PAPER}/major-hazard/{ids[6]}.docx")

    rows = [row for row in sheet_of(ledger.content).iter_rows(values_only=True) if isinstance(row[0], int)]
    signed = [row[0] for row in sheet_of(ledger.content).iter_rows(values_only=True) if "填表人" in str(row[0])]
    assert len(rows) == 5
    assert all("河畔村" in row[2] for row in rows)
    assert "河畔村网格员甲" in signed[0]
    assert "督办" not in signed[0]
    assert (foreign.status_code, mine.status_code) == (403, 200)


def test_a_file_name_cannot_break_the_header() -> None:
    told = disposition(Names('台账"\r\nX: y', 'a"b\r\nc'), "/api/v1/paper/ledger.xlsx")

    assert told.startswith('attachment; filename="a_b__c.xlsx"; ')
    assert told.endswith(f"filename*=UTF-8''{quote('台账', safe='')}%22%0D%0AX%3A%20y.xlsx")
