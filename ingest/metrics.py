"""Shell. What ingest counts about itself since it started, for Prometheus and for the wall's health page."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client import Counter as Count

from ingest.port import Batch
from runtime.sparing import is_worth_a_line
from vocab.topics import Kind
from wire.verdict import Refusal, Rejected

log = structlog.get_logger()


class Metrics:
    """Every metric of the process; they are listed in docs/reference/wire.md."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        lane = ["lane"]
        self._frames = Count("anlan_ingest_frames", "frames stored", lane, registry=self.registry)
        self._readings = Count("anlan_ingest_readings", "readings stored", lane, registry=self.registry)
        self._duplicates = Count("anlan_ingest_duplicates", "frames that had come before", registry=self.registry)
        self._rejected = Count("anlan_ingest_rejected", "messages rejected", ["reason"], registry=self.registry)
        self._refused = Count(
            "anlan_ingest_refused_readings",
            "readings refused alone",
            ["reason"],
            registry=self.registry,
        )
        self.commit_seconds = Histogram("anlan_ingest_commit_seconds", "one group commit", registry=self.registry)
        self._lag = Gauge("anlan_ingest_lag_seconds", "age of the newest live frame", registry=self.registry)
        self._rejects: Counter[Refusal] = Counter()
        self.lag_ms: int | None = None
        self.stored_ms: int | None = None  # when live frames were stored last
        self._began_s: float | None = None  # when the batch that is being stored was begun

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Around the storing of a batch."""
        self._began_s = time.monotonic()
        try:
            yield
            self.commit_seconds.observe(time.monotonic() - self._began_s)
        finally:
            self._began_s = None

    @property
    def committing_s(self) -> float:
        """How long the batch that is being stored has taken so far; 0 without one."""
        began_s = self._began_s
        return 0.0 if began_s is None else time.monotonic() - began_s

    def stored(self, batch: Batch, stored_ms: int) -> None:
        """A batch is durable."""
        for frame in batch.frames:
            self._frames.labels(frame.lane).inc()
            self._readings.labels(frame.lane).inc(len(frame))
            for refused in frame.refused:
                self._refused.labels(refused.reason).inc()
        for reject in batch.rejects:
            self._rejected.labels(reject.reason).inc()
            self._tell(reject)
        self._duplicates.inc(sum(batch.duplicates.values()))
        live = [frame.ts_ms for frame in batch.frames if frame.lane is Kind.TELE]
        if live:
            self.lag_ms, self.stored_ms = stored_ms - max(live), stored_ms
            self._lag.set(self.lag_ms / 1000)

    def _tell(self, reject: Rejected) -> None:
        count = self._rejects[reject.reason]
        self._rejects[reject.reason] = count + 1
        if is_worth_a_line(count, count + 1):
            told = {"reason": reject.reason.value, "topic": reject.topic, "cause": reject.detail}
            log.warning("message rejected", **told, so_far=count + 1)

    def text(self) -> bytes:
        """The page that Prometheus reads."""
        return generate_latest(self.registry)
