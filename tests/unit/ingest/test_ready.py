"""When ingest says that it does its work."""

from __future__ import annotations

from ingest.ready import reasons


def test_ingest_is_ready_only_while_it_hears_and_what_it_hears_becomes_durable() -> None:
    assert list(reasons(subscribed=True, trouble=None, committing_s=9, within_s=10)) == []
    assert list(reasons(subscribed=False, trouble="locked", committing_s=11, within_s=10)) == [
        "broker: not subscribed", "store: locked", "store: a batch is not durable after 11 s",
    ]  # fmt: skip
