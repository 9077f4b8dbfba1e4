"""Pure. MQTT topics, built and parsed here and nowhere else: `anlan/v1/{site}/{edge}/{kind}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

ROOT = "anlan"
VERSION = "v1"
ID_PATTERN = r"[a-z0-9-]{1,64}"
_ID = re.compile(ID_PATTERN)


class Kind(StrEnum):
    """What a topic carries."""

    TELE = "tele"  # readings, live lane
    BACKFILL = "backfill"  # readings that waited in the spool; never pages as if it were now
    EVENT = "event"  # an edge's own happenings
    BIRTH = "birth"  # retained: what the edge will send
    STATUS = "status"  # retained, with last will `lost`
    CMD = "cmd"  # to the edge
    ACK = "ack"  # the edge's answer to a cmd


KEPT_BY_INGEST = (Kind.TELE, Kind.BACKFILL)
HEARD_BY_ALERTS = (Kind.TELE, Kind.BACKFILL, Kind.STATUS, Kind.EVENT)


@dataclass(frozen=True, slots=True)
class Topic:
    """Who sent what: the parsed form of a topic."""

    site: str
    edge: str
    kind: Kind

    def __str__(self) -> str:
        return f"{ROOT}/{VERSION}/{self.site}/{self.edge}/{self.kind}"


def is_id(text: str) -> bool:
    """Whether `text` may name a site, an edge or an asset."""
    return _ID.fullmatch(text) is not None


def build(site: str, edge: str, kind: Kind) -> str:
    """The topic text; ValueError where an id breaks the pattern, since a `/` or `+` in it would reach other edges."""
    for name in (site, edge):
        if not is_id(name):
            raise ValueError(f"{name!r} is not an id: it must match {ID_PATTERN}")
    return str(Topic(site, edge, kind))


def parse(topic: str) -> Topic:
    """Take a topic apart; ValueError says what is wrong with it."""
    parts = topic.split("/")
    if len(parts) != 5 or parts[0] != ROOT:
        raise ValueError(f"{topic!r} is not {ROOT}/{VERSION}/SITE/EDGE/KIND")
    if parts[1] != VERSION:
        raise ValueError(f"{topic!r} has version {parts[1]!r}, this build speaks {VERSION}")
    if not (is_id(parts[2]) and is_id(parts[3])):
        raise ValueError(f"{topic!r} has a malformed site or edge id")
    return Topic(parts[2], parts[3], Kind(parts[4]))


def subscription(site: str, kind: Kind) -> str:
    """The filter for one kind from every edge of a site (`+` for every site)."""
    if site != "+" and not is_id(site):
        raise ValueError(f"{site!r} is not a site id: it must match {ID_PATTERN}")
    return f"{ROOT}/{VERSION}/{site}/+/{kind}"
