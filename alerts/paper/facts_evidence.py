"""Shell. What speaks for one ticket, out of its bundle, as paper shows it; photos no larger than paper needs."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from alerts.layout import Watch
from alerts.outbox.views import CallView, PageView
from alerts.paper.case import Case
from alerts.paper.context import Context
from alerts.paper.evidence import Call, Compared, Drawn, Evidence, Photo, evidence
from alerts.paper.make import Format, written
from alerts.tickets.attachments import AttachmentView
from alerts.tickets.bundle import CHECK, EVENT, Bundle
from alerts.tickets.curve import SIZE, Curve
from alerts.tickets.images import JPEG, PNG
from alerts.tickets.pairs import side_by_side, whole
from vocab.point import Point
from vocab.site import Site
from vocab.strict_toml import Text
from vocab.units import UNITS

_MOST_PIXELS = 1400  # of the longer side of a photo on paper
_QUALITY = 82


def evidence_of(context: Context, bundle: Bundle) -> Evidence:
    """As the document wants it."""
    site = context.site
    points = {watch.point.id: watch for watch in bundle.watches if watch.point is not None}
    kind = next((watch.asset.kind for watch in bundle.watches), "")
    pack = site.packs.get(kind)
    pairs = tuple(_compared(bundle))
    paired = {each.sha256 for pair in pairs for each in (pair.before, pair.after)}
    curves = [each for each, _ in (*bundle.curves.get(EVENT, ()), *bundle.curves.get(CHECK, ()))]
    return Evidence(
        event=tuple(_drawn(points, *each) for each in bundle.curves.get(EVENT, ())),
        check=tuple(_drawn(points, *each) for each in bundle.curves.get(CHECK, ())),
        marks=tuple(dict.fromkeys((letter, at_ms) for curve in curves for at_ms, letter in curve.marks)),
        rules=tuple(watch.rule for watch in bundle.watches),
        pack_edition="" if pack is None else str(pack.edition),
        version=bundle.version,
        calls=tuple(_call(site, call, page) for call in bundle.calls for page in call.pages),
        pairs=pairs,
        photos=tuple(_photo(*each) for each in bundle.photos if each[0].sha256 not in paired),
        missing=tuple(bundle.missing),
    )


def evidence_files(context: Context, case: Case, bundle: Bundle | None) -> Mapping[str, bytes]:
    """For the dossier: the document, and everything that it rests on as it was recorded."""
    if bundle is None:
        return {}
    document = evidence(context, case, evidence_of(context, bundle))
    raw = f"{context.say('records', '原始记录')}-{case.number}.zip"
    return {f"{document.names.shown}.docx": written(document, Format.DOCX), raw: bundle.zipped()}


def _drawn(points: Mapping[str, Watch], curve: Curve, picture: bytes) -> Drawn:
    watch = points[curve.point]
    point = watch.point
    name = Text(en=curve.point, zh=curve.point) if point is None else point.name
    asset, codes = watch.asset.name, _codes(point, curve)
    unit = "" if point is None or point.states else UNITS[point.unit].label
    shown = Text(en=f"{asset.en}, {name.en}{codes.en}", zh=f"{asset.zh} {name.zh}{codes.zh}")
    return Drawn(shown, unit, curve.limits, picture, SIZE)


def _codes(point: Point | None, curve: Curve) -> Text:
    """What the numbers of a state mean, of those that occur."""
    there = {value for _, low, high in curve.stretches for value in (low, high)}
    found = [state for state in (() if point is None else point.states) if float(state.code) in there]
    return Text(
        en="".join(f"; {state.code}: {state.name.en}" for state in found),
        zh="".join(f"；{state.code}：{state.name.zh}" for state in found),
    )


def _call(site: Site, call: CallView, page: PageView) -> Call:
    channel = site.channels.by_id.get(page.channel)
    name = Text(en=page.channel, zh=page.channel) if channel is None else channel.name
    receipt: dict[str, Any] = page.receipt or {}
    acked_ms = page.acked_ms if page.acked_ms is not None else None
    return Call(
        page.due_ms, Text(en=page.name.en, zh=page.name.zh), name, page.state, page.sent_ms,
        str(receipt.get("short", "")), acked_ms, page.reason or "",
    )  # fmt: skip


def _compared(bundle: Bundle) -> Iterator[Compared]:
    for pair in whole((told.pair, told.phase, (told, data)) for told, data in bundle.photos):
        both = side_by_side(pair.before[1], pair.after[1])
        if both is not None:
            before, after = (_named(told) for told, _ in (pair.before, pair.after))
            yield Compared(pair.number, before, after, *both)


def _named(told: AttachmentView) -> Photo:
    return Photo(told.name, told.by, told.at_ms, told.note, told.sha256)


def _photo(told: AttachmentView, data: bytes) -> Photo:
    about = (told.name, told.by, told.at_ms, told.note, told.sha256)
    if told.media_type not in (JPEG, PNG):
        return Photo(*about)
    try:
        with Image.open(io.BytesIO(data)) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        picture.thumbnail((_MOST_PIXELS, _MOST_PIXELS))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=_QUALITY)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return Photo(*about)  # named, and whole in the records
    return Photo(*about, out.getvalue(), picture.size)
