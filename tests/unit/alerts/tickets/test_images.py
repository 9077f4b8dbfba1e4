"""What a file is, and what is taken out of it."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.tickets.images import JPEG, PDF, PNG, TEXT, NotTakenError, cleaned

GPS = b"GPS-39.9042N-116.4074E"


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes((marker,)) + struct.pack(">H", len(body) + 2) + body


def exif(turned: int, order: str = "<") -> bytes:
    head = b"II*\0" if order == "<" else b"MM\0*"
    ifd = struct.pack(f"{order}H", 1) + struct.pack(f"{order}HHIHH", 0x0112, 3, 1, turned, 0) + b"\0\0\0\0"
    return segment(0xE1, b"Exif\0\0" + head + struct.pack(f"{order}I", 8) + ifd + GPS)


def jpeg(*segments: bytes) -> bytes:
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\x34\xff\x00\x56"
    return b"\xff\xd8" + segment(0xE0, b"JFIF\0") + b"".join(segments) + segment(0xDB, bytes(65)) + scan + b"\xff\xd9"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*more: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + data + chunk(b"IEND", b"")


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photo_forgets_where_it_was_taken_but_not_how_it_is_turned(order: str) -> None:
    kept = cleaned(jpeg(exif(6, order), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + GPS), segment(0xFE, GPS)))

    assert kept.media_type == JPEG
    assert GPS not in kept.data
    assert cleaned(kept.data).data == kept.data, "cleaning twice changes nothing"
    assert b"Exif\0\0MM\0*" in kept.data
    assert kept.data.endswith(b"\x12\x34\xff\x00\x56\xff\xd9")


def test_a_photo_that_is_upright_has_no_exif_left() -> None:
    assert cleaned(jpeg(exif(1))).data == jpeg()


def test_what_hangs_behind_a_picture_is_dropped() -> None:
    assert cleaned(jpeg() + b"<script>" + GPS).data == jpeg()
    assert cleaned(png() + GPS).data == png()


def test_a_png_forgets_its_texts() -> None:
    kept = cleaned(png(chunk(b"eXIf", GPS), chunk(b"tEXt", GPS), chunk(b"tIME", b"1234567")))

    assert (kept.media_type, kept.data) == (PNG, png())


def test_papers_are_taken_as_they_are() -> None:
    assert cleaned(b"%PDF-1.7 ...").media_type == PDF
    assert cleaned("已更换阀门\n".encode()).media_type == TEXT


@pytest.mark.parametrize(
    "data",
    [b"", b"  \n", b"MZ\x90\x00", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", jpeg()[:-2], png()[:-12], b"GIF89a\x01\xff",
     b"\xff\xd8\xff\xe0\xff\xff", b"PK\x03\x04", b"\x00\x01text"],
)  # fmt: skip
def test_what_is_nothing_of_that_or_broken_is_not_taken(data: bytes) -> None:
    with pytest.raises(NotTakenError):
        cleaned(data)


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_no_bytes_break_it(data: bytes, head: bytes) -> None:
    try:
        kept = cleaned(head + data)
    except NotTakenError:
        return
    assert cleaned(kept.data) == kept
