"""Pure. Whether alerts does its work: it hears, it judges, and what follows is durable.

A process that does not answer at all is not ready either: it answers only once its database is there and its tables are
those of this version.
"""

from __future__ import annotations

from collections.abc import Iterator


def reasons(
    *, subscribed: bool, failing: bool, caught_up: bool, judged_s: float | None, within_s: float
) -> Iterator[str]:
    """What is missing, each as `part: what`; nothing: it is ready. `judged_s`: since the rules were gone through."""
    if not subscribed:
        yield "broker: not subscribed"
    if failing:
        yield "database: refuses writes"
    if not caught_up:
        yield "duties: what fell due while we were away is not gone through yet"
    if judged_s is None:
        yield "kernel: the rules were not gone through yet"
    elif judged_s > within_s:
        yield f"kernel: the rules were not gone through for {judged_s:.0f} s"
