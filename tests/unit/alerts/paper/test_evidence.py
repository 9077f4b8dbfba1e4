"""What speaks for a ticket, on paper: drawn curves, rules, calls with receipts, steps, photos; and what is missing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from docx import Document as open_docx
from PIL import Image

from alerts.database import reading, writing
from alerts.engine import Engine
from alerts.oncall.model import PageState
from alerts.outbox.views import CallView, PageView
from alerts.paper import make
from alerts.paper.context import Context
from alerts.paper.evidence import evidence
from alerts.paper.evidence_words import STATES, VERBS
from alerts.paper.facts_evidence import evidence_of
from alerts.paper.make import Format, written
from alerts.tables import tickets
from alerts.tickets.bundle import CHECK, EVENT, WHOLE, Bundle, add_signal, collect
from alerts.tickets.commands import Verb
from alerts.tickets.curve import SIZE, Curve, _moments, _range, png
from alerts.views import Both
from tests.unit.alerts.access.house import House, house
from tests.unit.alerts.paper.campaign import HOUR_MS, NOW_MS, ZONE, at, demo_site, kept
from tests.unit.alerts.paper.opened import tables_of, text_of

ASSET, POINT = "gas-lpg", "ch4"
ZH = Context(demo_site(), NOW_MS, "zh", "court-worker", "supervisor-a")


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1600, 1200), "gray").save(out, "JPEG")
    return out.getvalue()


def answer(point: str, begin_ms: int) -> dict[str, object]:
    """Of ingest: an hour of a rising gas level with a stretch of nothing."""
    times = [begin_ms + number * 60_000 for number in range(60)]
    values: list[float | None] = [None if 20 <= number < 25 else float(number) for number in range(60)]
    return {"series": [{"point": point, "t": times, "min": values, "max": values}], "bucket_ms": 60_000, "raw": False}


def bundle_of(engine: Engine, ticket: int) -> Bundle:
    """With curves and a call, as the demo has them."""
    made, signals = collect(engine, None, ticket, NOW_MS)
    assert [each.name for each in signals] == [WHOLE, EVENT, CHECK]
    for signal in signals:
        add_signal(made, signal, answer(signal.points[0], signal.from_ms), ZONE)
    page = PageView(
        1, 0, 0, "duty-b", Both("Duty officer B", "值班员乙"), "log", at(3, 26), "acked", 1, at(3, 26) + 5000,
        at(3, 26) + 65_000, 5000, {"short": "No. 7"}, None, False,
    )  # fmt: skip
    when = at(3, 26)
    made.calls = [
        CallView(
            1, "raised", when, "gas", 1, False, False, when + 65_000, "duty-b", "link", 65_000, None, None, (page,)
        )
    ]
    return made


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[tuple[House, dict[int, int]]]:
    async with house(tmp_path) as here:
        with writing(here.engine.database) as connection:
            ids = kept(connection)
            repaired = tickets.update().where(tickets.c.id == ids[3])
            connection.execute(repaired.values(repaired_ms=at(3, 27), rule="ch4_level2"))
        yield here, ids


async def test_the_sheet_has_curves_rules_calls_steps_and_photos(place: tuple[House, dict[int, int]]) -> None:
    here, ids = place
    client, path = here.client(), f"/api/v1/tickets/{ids[3]}/attachments"
    told = {"by": "property-a", "name": "更换后阀门.jpg", "note": "整改后"}
    assert (await client.post(path, params=told, content=photo())).status_code == 201
    made = bundle_of(here.engine, ids[3])
    assert made.missing == ["attachment 1: no attachments are kept here"]
    with reading(here.engine.database) as connection:
        case = make.one_case(connection, ZH, ids[3])
    data = written(evidence(ZH, case, evidence_of(ZH, made)), Format.DOCX)

    text, tables = text_of(data), tables_of(data)
    assert len(open_docx(io.BytesIO(data)).inline_shapes) == 2, "the event, and the time after the repair"
    assert "A：报警 2026-03-26 08:58；B：标记整改完成 2026-03-27 09:00。时间为站点当地时间。" in text
    assert "虚线为限值" in text
    assert "attachment 1: no attachments are kept here" in text
    rules = {row[0]: row[3] for row in tables[1][1:]}
    assert rules["ch4_level2"] == "重大"
    assert tables[2][1] == [
        "2026-03-26 09:00:00", "值班员乙", "演示日志", "已确认", "2026-03-26 09:00:05", "No. 7", "2026-03-26 09:01:05",
    ]  # fmt: skip
    steps = {row[1]: row[3] for row in tables[3][1:]}
    assert steps["上报"] == "区安委会办公室"
    assert steps["接收回执"].startswith("区安委办收文〔2026〕031号")
    assert {"signal.csv", f"curves/event-{POINT}.png", f"curves/verification-{POINT}.png"} <= made.files.keys()


async def test_over_http_it_holds_the_photo_and_says_that_there_is_no_history(
    place: tuple[House, dict[int, int]],
) -> None:
    here, ids = place
    client = here.client()
    path = f"/api/v1/tickets/{ids[3]}/attachments"
    for content in (photo(), b"what the expert wrote"):
        assert (await client.post(path, params={"by": "property-a"}, content=content)).status_code == 201
    sheet = await client.get(f"/api/v1/paper/evidence/{ids[3]}.docx")
    missing = await client.get("/api/v1/paper/evidence/99999.docx")
    span = {"from_ms": at(3, 23, 0), "to_ms": at(4, 1, 0)}
    dossier = await client.get("/api/v1/paper/dossier.zip", params=span)
    worker = await here.signed_in("court-grid")
    refused = await worker.get(f"/api/v1/paper/evidence/{ids[3]}.docx")

    assert (sheet.status_code, missing.status_code) == (200, 404)
    assert (refused.status_code, refused.json()["reason"]) == (403, "foreign_place")
    assert len(open_docx(io.BytesIO(sheet.content)).inline_shapes) == 1
    assert "signal.csv: the history is not available" in text_of(sheet.content)
    assert "无该时段监测数据。" in text_of(sheet.content)
    with zipfile.ZipFile(io.BytesIO(dossier.content)) as archive:
        names = archive.namelist()
        (records,) = [name for name in names if "原始记录" in name and "0003" in name]
        with zipfile.ZipFile(io.BytesIO(archive.read(records))) as raw:
            assert {"manifest.json", "ticket.json", "events.json", "rule.json"} <= set(raw.namelist())
            assert sum(name.startswith("attachments/") for name in raw.namelist()) == 2
    assert sum("证据材料-" in name for name in names) == sum("登记表" in name for name in names) == 6


def test_a_curve_is_a_picture_that_shows_its_values_limits_and_marks() -> None:
    begin = at(3, 26)
    known = tuple((begin + number * 60_000, float(number), number + 2.0) for number in range(60))
    curve = Curve(POINT, known, (begin, begin + HOUR_MS), (25.0,), ((begin + HOUR_MS // 2, "A"),))
    picture = Image.open(io.BytesIO(png(curve, ZONE)))
    colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 24) or []}

    assert picture.size == SIZE
    assert {(20, 84, 160), (190, 30, 30), (110, 60, 140)} <= colours
    assert _range(curve) == (0.0, 70.0, 20.0) or _range(curve)[0] == 0.0
    assert _range(curve)[1] >= 61


@pytest.mark.parametrize("minutes", [1, 7, 60, 180, 1440, 14_400, 525_600])
def test_the_scale_of_time_has_a_few_round_moments_whatever_the_span(minutes: int) -> None:
    begin = at(3, 26, 9, 7)
    found = list(_moments((begin, begin + minutes * 60_000), ZoneInfo("Asia/Shanghai")))

    assert 0 <= len(found) <= 12
    assert all(moment % 60_000 == 0 for moment in found)


@pytest.mark.parametrize("values", [(), (5.0,), (0.1, 0.12), (-3e6, 4e6), (1e-7, 3e-7)])
def test_the_scale_holds_every_value(values: tuple[float, ...]) -> None:
    low, high, step = _range(Curve(POINT, tuple((1, value, value) for value in values), (0, 1)))

    assert step > 0
    assert all(low <= value <= high for value in values)
    assert (high - low) / step <= 9


def test_every_step_and_every_state_of_a_page_has_words() -> None:
    assert {verb.value for verb in Verb} <= VERBS.keys()
    assert {state.value for state in PageState} <= STATES.keys()
