"""Pure. Moments as they travel: integer milliseconds since 1970 in UTC.

Columns of a million readings cannot be `datetime` objects, so inside the pipeline a moment is an `int` whose name ends
in `_ms`. People and files get aware `datetime`s, made and taken apart only here.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MS_PER_SECOND = 1000


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 UTC of an aware `moment`; a naive one raises ValueError, since it names no instant."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"{moment.isoformat()} has no UTC offset, so it names no instant")
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def from_ms(moment_ms: int) -> datetime:
    """The aware UTC datetime of `moment_ms`."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment_ms)


def iso(moment_ms: int) -> str:
    """RFC 3339 in UTC with milliseconds, such as 2026-03-23T00:15:02.350Z."""
    return from_ms(moment_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_ms(seconds: float) -> int:
    """A duration in seconds as whole milliseconds."""
    return round(seconds * MS_PER_SECOND)
