"""Pure. The chain of the audit log: canonical JSON, hashes, and where a chain is broken.

hash(n) = SHA-256(hash(n-1) + newline + body(n)); the first row's predecessor is 64 zeros. A head (site, seq, hash)
signed with a key that is kept outside the database shows that rows at the end are gone, which the chain alone cannot.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is kept."""

    seq: int
    previous: str
    body: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest row that was signed."""

    site: str
    seq: int
    hash: str
    signature: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that is not as it was written."""

    seq: int
    why: str


def canonical(body: dict[str, Any]) -> str:
    """The one way to write it."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(previous: str, body: str) -> str:
    """Of a row."""
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def following(last: Row | None, body: dict[str, Any]) -> Row:
    """The next row; its number is part of what is hashed."""
    seq, previous = (1, FIRST) if last is None else (last.seq + 1, last.hash)
    text = canonical(body | {"seq": seq})
    return Row(seq, previous, text, hash_of(previous, text))


def signed(site: str, row: Row, key: bytes) -> Head:
    """A head for safekeeping."""
    return Head(site, row.seq, row.hash, _signature(site, row.seq, row.hash, key))


def first_broken(rows: Iterable[Row], head: Head | None = None, key: bytes | None = None) -> Broken | None:
    """None if the chain holds from its first row on, and as far as the head."""
    last: Row | None = None
    at_head: str | None = None
    for row in rows:
        wanted = 1 if last is None else last.seq + 1
        if row.seq != wanted:
            return Broken(wanted, "the row is missing")
        if row.previous != (FIRST if last is None else last.hash):
            return Broken(row.seq, "it does not follow from the row before")
        if row.hash != hash_of(row.previous, row.body):
            return Broken(row.seq, "its content is not what was hashed")
        if json.loads(row.body).get("seq") != row.seq:
            return Broken(row.seq, "it bears another row's number")
        if head is not None and row.seq == head.seq:
            at_head = row.hash
        last = row
    return None if head is None else _against(head, key, last, at_head)


def _against(head: Head, key: bytes | None, last: Row | None, at_head: str | None) -> Broken | None:
    good = key is not None and hmac.compare_digest(head.signature, _signature(head.site, head.seq, head.hash, key))
    if not good:
        return Broken(head.seq, "the signature of the head is wrong")
    if at_head is None:
        end = 0 if last is None else last.seq
        return Broken(end + 1, f"rows up to {head.seq} were written, and are gone")
    return None if at_head == head.hash else Broken(head.seq, "it is not the row that was signed")


def _signature(site: str, seq: int, digest: str, key: bytes) -> str:
    return hmac.new(key, f"{site}\n{seq}\n{digest}".encode(), hashlib.sha256).hexdigest()
