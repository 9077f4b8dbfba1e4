"""Shell. The edge's numbers for Prometheus, and whether it is ready; read when they are asked for, polling waits for
nobody."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Iterator
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from edge.breaker import State
from edge.cabinet import Cabinet
from edge.post import Post
from edge.ready import reasons
from edge.spool import Spool
from edge.uplink import Uplink

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


class Numbers:
    """A Prometheus collector over the parts of one edge."""

    def __init__(self, cabinet: Cabinet, spool: Spool, uplink: Uplink, post: Post) -> None:
        self._cabinet = cabinet
        self._spool = spool
        self._uplink = uplink
        self._post = post

    def not_ready(self) -> list[str]:
        """Every reason why the edge does not do its work."""
        return list(reasons(connected=self._uplink.connected, trouble=self._spool.trouble))

    def collect(self) -> Iterator[Metric]:
        """prometheus_client: the present values."""
        tally, spool, sent = self._cabinet.tally, self._spool, self._uplink.sent
        yield _counter("anlan_edge_requests", "Read requests that were answered or failed", tally.asked)
        yield _counter("anlan_edge_answers", "Read requests that were answered", tally.answered)
        yield _counter("anlan_edge_slots_skipped", "Polling slots left out because polling was late",
                       self._cabinet.skipped)  # fmt: skip
        words = "Device messages that made no sense"
        rejected = CounterMetricFamily("anlan_edge_messages_rejected", words, labels=["reason"])
        for why, count in tally.rejects.items():
            rejected.add_metric([why], count)
        yield rejected
        yield _counter("anlan_edge_messages_duplicate", "Device messages that came twice", tally.duplicates)
        yield _counter("anlan_edge_readings", "Readings reported", tally.reported)
        frames = CounterMetricFamily("anlan_edge_frames_sent", "Frames confirmed by the broker", labels=["lane"])
        frames.add_metric(["live"], sent.live)
        frames.add_metric(["backfill"], sent.backfill)
        yield frames
        yield _counter("anlan_edge_frames_dropped", "Frames dropped because the spool was full", spool.dropped_frames)
        yield _counter("anlan_edge_readings_dropped", "Readings in dropped frames", spool.dropped_readings)
        yield _counter("anlan_edge_alarm_readings_dropped", "Readings of alarms among them", spool.dropped_alarms)
        yield _counter("anlan_edge_outages", "Times the broker was away", sent.outages)
        yield _gauge("anlan_edge_uplink", "1 while connected to the broker", float(self._uplink.connected))
        yield _gauge("anlan_edge_spool_frames", "Frames waiting", spool.frames)
        yield _gauge("anlan_edge_spool_bytes", "Bytes of frames waiting", spool.waiting_bytes)
        yield _gauge(
            "anlan_edge_spool_age_seconds", "Age of the oldest frame waiting", self._cabinet.vitals.spool_age_s
        )
        yield _gauge("anlan_edge_spool_room_hours", "Hours without the broker that the spool has room for, at the "
                     "present rate", self._cabinet.vitals.spool_room_h)  # fmt: skip
        yield _gauge("anlan_edge_spool_lost_bytes", "Torn or spoilt bytes found at the start", spool.lost_bytes)
        yield _gauge("anlan_edge_spool_refused", "1 while the disk refuses", float(spool.trouble is not None))
        slaves = GaugeMetricFamily("anlan_edge_slaves", "Polled devices by state of their breaker", labels=["state"])
        states = [breaker.state for breaker in self._cabinet.breakers().values()]
        for state in State:
            slaves.add_metric([state.value], states.count(state))
        yield slaves
        yield from self._safety()

    def _safety(self) -> Iterator[Metric]:
        post, guard = self._post, self._post.guard
        yield _gauge("anlan_edge_safety_rules", "Safety alarms judged here", guard.rules)
        yield _gauge("anlan_edge_safety_active", "Safety alarms that stand, as judged here", len(guard.active()))
        yield _counter("anlan_edge_safety_raised", "Safety alarms raised here", guard.raised)
        yield _counter("anlan_edge_safety_cleared", "Safety alarms cleared here", guard.cleared)
        yield _counter("anlan_edge_events_sent", "Local events confirmed by the broker", self._uplink.sent.events)
        yield _counter("anlan_edge_orders_refused", "Orders that made no sense", post.orders_refused)
        on = GaugeMetricFamily("anlan_edge_annunciator_on", "1 while it sounds, as it says itself", labels=["id"])
        failed = GaugeMetricFamily("anlan_edge_annunciator_failed", "1 while it does not obey", labels=["id"])
        writes = CounterMetricFamily("anlan_edge_annunciator_writes", "Times its coil was set", labels=["id"])
        for horn in post.horns:
            on.add_metric([horn.annunciator.id], float(bool(horn.is_on)))
            failed.add_metric([horn.annunciator.id], float(horn.failed))
            writes.add_metric([horn.annunciator.id], horn.writes)
        yield from (on, failed, writes)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _ServerOf6(_Server):
    address_family = socket.AF_INET6


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def publish(numbers: Numbers, port: int, host: str) -> WSGIServer:
    """Serve /metrics, /healthz and /readyz until the returned server is shut down; OSError if the port is taken."""
    registry = CollectorRegistry()
    registry.register(numbers)
    metrics = make_wsgi_app(registry)

    def answer(environment: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environment["PATH_INFO"] not in ("/healthz", "/readyz"):
            page: Iterable[bytes] = metrics(environment, start)
            return page
        is_asked = environment["PATH_INFO"] == "/readyz"  # that we answer at all is our health
        found = numbers.not_ready() if is_asked else []
        start("503 Service Unavailable" if found else "200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"ready": not found, "reasons": found} if is_asked else {"ok": True}).encode()]

    server = make_server(host, port, answer, _ServerOf6 if ":" in host else _Server, _Quiet)
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value=value)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)
