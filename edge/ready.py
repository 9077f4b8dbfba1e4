"""Pure. Whether an edge does its work: what it reads is kept, and goes out."""

from __future__ import annotations

from collections.abc import Iterator


def reasons(*, connected: bool, trouble: str | None) -> Iterator[str]:
    """What is missing, each as `part: what`; nothing: it is ready. Devices that do not answer are no reason: their
    readings say so."""
    if not connected:
        yield "broker: not connected; frames wait in the spool"
    if trouble is not None:
        yield f"spool: {trouble}"
