"""Pure. Whether ingest does its work: it hears, and what it hears becomes durable in time."""

from __future__ import annotations

from collections.abc import Iterator


def reasons(*, subscribed: bool, trouble: str | None, committing_s: float, within_s: float) -> Iterator[str]:
    """What is missing, each as `part: what`; nothing: it is ready. `committing_s`: since the batch that is being stored
    was begun, 0 without one."""
    if not subscribed:
        yield "broker: not subscribed"
    if trouble is not None:
        yield f"store: {trouble}"
    if committing_s > within_s:
        yield f"store: a batch is not durable after {committing_s:.0f} s"
