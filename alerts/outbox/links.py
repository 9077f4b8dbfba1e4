"""Pure. Links by which one person answers one call, and can do nothing else: signed, and over after a time.

A token is `KEY.CALL.EXPIRES.PERSON.SIGNATURE`: the number of the key, the call, the last second in base 36, the person,
and the first 16 bytes of HMAC-SHA256 over all of that and the site. Nothing in it is secret but the signature.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SIGNED_BYTES = 16
_PARTS = 5
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Link:
    """What a genuine token says."""

    key: int
    call: int
    person: str
    expires_ms: int


class ForgedError(Exception):
    """No token of ours."""


def sign(link: Link, secret: bytes, site: str) -> str:
    """The token."""
    told = f"{link.key}.{link.call}.{_base36(link.expires_ms // 1000)}.{link.person}"
    return f"{told}.{_signature(told, secret, site)}"


def read(token: str, keys: Mapping[int, bytes], site: str) -> Link:
    """What a token says, whether it is over or not; ForgedError."""
    parts = token.split(".")
    if len(parts) != _PARTS or len(token) > _LONGEST or not token.isascii():
        raise ForgedError
    key, call, expires, person, signature = parts
    if not (key.isdigit() and call.isdigit() and expires.isalnum()) or int(key) not in keys:
        raise ForgedError
    expected = _signature(".".join(parts[:-1]), keys[int(key)], site)
    if not hmac.compare_digest(expected, signature):
        raise ForgedError
    return Link(int(key), int(call), person, int(expires, 36) * 1000)


def _signature(told: str, secret: bytes, site: str) -> str:
    digest = hmac.new(secret, f"anlan-link\n{site}\n{told}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_SIGNED_BYTES]).decode().rstrip("=")


def _base36(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = _DIGITS[rest] + text
    return text or "0"
