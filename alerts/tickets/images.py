"""Pure. What a file is, by its first bytes, and the same picture without what tells where and by whom it was taken.

Only what can be cleaned is taken: JPEG (JFIF/Exif, segments as in ITU-T T.81 annex B), PNG (chunks, W3C PNG), plain
text, and PDF, in which nothing is changed. The way a picture is to be turned is kept, everything else of Exif, XMP and
comments goes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

JPEG, PNG, PDF, TEXT = "image/jpeg", "image/png", "application/pdf", "text/plain; charset=utf-8"
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs")
)
_SOS, _APP0, _APP15, _APP1, _COM = 0xDA, 0xE0, 0xEF, 0xE1, 0xFE
_KEPT_APPS = frozenset((0xE0, 0xE2, 0xEE))  # JFIF, colour profile, Adobe's colour transform
_NO_LENGTH = frozenset((0x01, *range(0xD0, 0xD8)))
_ORIENTATION = 0x0112


class NotTakenError(ValueError):
    """The file is none of those that are taken, or is broken."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is kept."""

    media_type: str
    data: bytes


def cleaned(data: bytes) -> Cleaned:
    """The file as it may be kept; NotTakenError if it may not."""
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return Cleaned(JPEG, _jpeg(data))
        if data.startswith(_PNG):
            return Cleaned(PNG, _png(data))
    except (struct.error, IndexError) as error:
        raise NotTakenError("the picture is cut off") from error
    if data.startswith(b"%PDF-"):
        return Cleaned(PDF, data)
    return Cleaned(TEXT, _text(data))


def _text(data: bytes) -> bytes:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotTakenError("neither a JPEG or PNG picture, a PDF, nor plain text") from error
    if any(ord(sign) < 32 and sign not in "\n\r\t" for sign in text) or not text.strip():
        raise NotTakenError("neither a JPEG or PNG picture, a PDF, nor plain text")
    return data


def _png(data: bytes) -> bytes:
    out, at = [_PNG], len(_PNG)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data):
            raise NotTakenError("the picture is cut off")
        if kind in _PNG_KEPT:
            out.append(data[at:end])
        at = end
        if kind == b"IEND":
            return b"".join(out)  # what hangs behind it is dropped
    raise NotTakenError("the picture is cut off")


def _jpeg(data: bytes) -> bytes:
    out, at, turned = [data[:2]], 2, 1
    while True:
        if data[at] != 0xFF:
            raise NotTakenError("the picture is broken")
        while data[at + 1] == 0xFF:  # fill bytes
            at += 1
        marker = data[at + 1]
        if marker in _NO_LENGTH:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise NotTakenError("the picture is cut off")
        segment = data[at:end]
        if marker == _SOS:
            last = data.rfind(b"\xff\xd9")
            if last < end:
                raise NotTakenError("the picture is cut off")
            turn = [] if turned == 1 else [_exif_of(turned)]
            return b"".join([out[0], *turn, *out[1:], data[at : last + 2]])
        if marker == _APP1:
            turned = _orientation(segment) or turned
        elif marker != _COM and (marker in _KEPT_APPS or not _APP0 <= marker <= _APP15):
            out.append(segment)
        at = end


def _orientation(segment: bytes) -> int | None:
    """The way the picture is to be turned, 1 to 8, of an Exif segment; None if it says nothing of it."""
    if segment[4:10] != b"Exif\0\0":
        return None
    tiff = segment[10:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for number in range(count):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
            if tag == _ORIENTATION:
                return value if 1 <= value <= 8 else None
    except struct.error:
        return None
    return None


def _exif_of(turned: int) -> bytes:
    """An Exif segment that says nothing but how the picture is to be turned."""
    ifd = struct.pack(">HHHIHHI", 1, _ORIENTATION, 3, 1, turned, 0, 0)
    body = b"Exif\0\0" + b"MM\0*" + struct.pack(">I", 8) + ifd
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
