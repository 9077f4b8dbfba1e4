"""PDF: real pages with real signs; a machine without a Chinese font is told so."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from alerts.paper import fonts
from alerts.paper.context import Context
from alerts.paper.errors import NoFontError
from alerts.paper.ledger import ledger
from alerts.paper.make import Format, written
from alerts.paper.model import Cell, Document, Names, Table
from alerts.paper.register import register
from alerts.paper.write_pdf import pdf
from tests.unit.alerts.paper.campaign import NOW_MS, at, campaign, demo_site

ZH = Context(demo_site(), NOW_MS, "zh", "court-worker", "supervisor-a")


@pytest.fixture(scope="module")
def face() -> fonts.Fonts:
    try:
        return fonts.found()
    except NoFontError:
        pytest.skip("no Chinese font: as root, run tests/fetch-system-packages")


def read(data: bytes, folder: Path) -> str:
    """The text of a PDF, by a reader of somebody else."""
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("no pdftotext: as root, run tests/fetch-system-packages")
    file = folder / "paper.pdf"
    file.write_bytes(data)
    done = subprocess.run([reader, "-layout", str(file), "-"], capture_output=True, check=True, timeout=60)
    return done.stdout.decode("utf-8")


@pytest.mark.usefixtures("face")
def test_the_form_as_pdf_can_be_read_and_searched(tmp_path: Path) -> None:
    text = read(written(register(ZH, campaign()[0]), Format.PDF), tmp_path)

    for words in ("重大事故隐患登记表", "DEMO-20260324-0001", "1号热水锅炉：系统水压超过允许压力"):
        assert words in text
    for words in ("区安委会办公室", "填表人：苑里居委会专干甲", "第2页共2页"):
        assert words in "".join(text.split())


@pytest.mark.usefixtures("face")
def test_a_long_ledger_goes_over_pages_and_every_page_has_the_head(tmp_path: Path) -> None:
    document = ledger(ZH, [case for case in campaign() if case.counts], (at(3, 23, 0), at(6, 1, 0)))

    pages = read(written(document, Format.PDF), tmp_path).split("\f")[:-1]

    assert len(pages) >= 3
    assert all("问题及隐患" in page and "第" in page for page in pages)


def _reason(text: str) -> Table:
    return Table((20.0, 60.0), ((Cell("原因", label=True), Cell(text)),))


def test_a_cell_that_is_higher_than_a_page_is_cut_and_nothing_of_it_is_lost(face: fonts.Fonts, tmp_path: Path) -> None:
    text = "".join(f"第{number}条。" for number in range(2000))
    document = Document("长文", (_reason(text),), Names("长文", "long"))

    told = "".join(read(pdf(document, face), tmp_path).split())

    assert all(f"第{number}条" in told for number in (0, 999, 1999))


def test_a_sign_that_the_font_does_not_have_is_named_and_is_no_box(face: fonts.Fonts, tmp_path: Path) -> None:
    document = Document("表", (Table((20.0,), ((Cell("着火\U0001f525了"),),)),), Names("表", "t"))

    assert "着火〔U+1F525〕了" in read(pdf(document, face), tmp_path)


def test_a_machine_without_a_chinese_font_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "_FOLDERS", (str(tmp_path),))
    monkeypatch.delenv(fonts.VARIABLE, raising=False)
    fonts.found.cache_clear()
    try:
        with pytest.raises(NoFontError, match="fonts-noto-cjk"):
            fonts.found()
    finally:
        fonts.found.cache_clear()


def test_a_chosen_file_that_is_no_chinese_font_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.ttf").write_bytes(b"not a font")

    with pytest.raises(NoFontError, match="no font with Chinese signs"):
        fonts.found(str(tmp_path / "no.ttf"))
