"""Shell. Photos from before and after as pairs: which belongs to which, and both beside each other as one picture."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import Connection, select

from alerts.errors import TicketRefusedError, WrongOrderError
from alerts.tickets.images import JPEG, PNG
from alerts.tickets.judged import AFTER, BEFORE
from alerts.tickets.tables import attachments

_T = TypeVar("_T")
PHASES = (BEFORE, AFTER)
MOST_PAIRS = 20
_HIGH, _GAP = 700, 24  # pixels: of both pictures, and the white between them
_WIDEST = 1400  # of one of them
_QUALITY = 82


def place(connection: Connection, ticket: int, media_type: str, phase: str, pair: int | None) -> int | None:
    """The number of the pair to which a photo belongs; None: to none.

    Without a number a photo from before begins the next pair, and one from after ends the first that waits for it.
    """
    if not phase:
        if pair is not None:
            raise WrongOrderError("phase_missing", "a photo of a pair is from before or from after")
        return None
    if media_type not in (JPEG, PNG):
        raise WrongOrderError("wrong_type", "before and after are shown by pictures (JPEG, PNG)")
    mine = select(attachments.c.pair, attachments.c.phase).where(
        attachments.c.ticket == ticket, attachments.c.pair.is_not(None)
    )
    there = {(int(row.pair), row.phase) for row in connection.execute(mine)}
    found = _free(there, phase) if pair is None else pair
    if (found, phase) in there:
        raise TicketRefusedError("pair_taken", f"pair {found} has that photo", f"第{found}组已有该照片")
    if phase == AFTER and (found, BEFORE) not in there:
        raise TicketRefusedError(
            "no_before", "there is no photo from before that waits for one from after", "没有待对比的整改前照片"
        )
    if found > MOST_PAIRS:
        raise WrongOrderError("too_many", f"at most {MOST_PAIRS} pairs per ticket")
    return found


def _free(there: set[tuple[int, str]], phase: str) -> int:
    if phase == BEFORE:
        return max((number for number, _ in there), default=0) + 1
    waiting = sorted(number for number, known in there if known == BEFORE and (number, AFTER) not in there)
    return waiting[0] if waiting else 0


@dataclass(frozen=True, slots=True)
class Pair(Generic[_T]):
    """Both of them."""

    number: int
    before: _T
    after: _T


def whole(told: Iterable[tuple[int | None, str, _T]]) -> list[Pair[_T]]:
    """The pairs of which both are there, of (pair, phase, photo)."""
    by_pair: dict[int, dict[str, _T]] = {}
    for number, phase, photo in told:
        if number is not None:
            by_pair.setdefault(number, {})[phase] = photo
    return [
        Pair(number, both[BEFORE], both[AFTER])
        for number, both in sorted(by_pair.items())
        if both.keys() >= set(PHASES)
    ]


def side_by_side(before: bytes, after: bytes) -> tuple[bytes, tuple[int, int]] | None:
    """One JPEG, the earlier on the left, and its width and height; None if one of them cannot be read."""
    try:
        pictures = [_scaled(data) for data in (before, after)]
        width = sum(each.width for each in pictures) + _GAP
        sheet = Image.new("RGB", (width, _HIGH), "white")
        left = 0
        for each in pictures:
            sheet.paste(each, (left, (_HIGH - each.height) // 2))
            left += each.width + _GAP
        out = io.BytesIO()
        sheet.save(out, "JPEG", quality=_QUALITY)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return out.getvalue(), sheet.size


def _scaled(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    scale = min(_HIGH / picture.height, _WIDEST / picture.width)
    return picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))


def told_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    """For the step of a ticket."""
    return {} if row["pair"] is None else {"phase": row["phase"], "pair": row["pair"]}
