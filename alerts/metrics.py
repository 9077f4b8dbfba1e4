"""Shell. What alerts tells Prometheus. Listed in docs/reference/api.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric


class Metrics:
    """Reads the numbers where they are counted, when somebody asks."""

    def __init__(
        self,
        counts: Callable[[], Mapping[str, int]],
        rejected: Callable[[], Mapping[str, int]],
        gauges: Callable[[], Mapping[str, float]],
        *more: Callable[[], Iterable[Metric]],
    ) -> None:
        self._counts, self._rejected, self._gauges, self._more = counts, rejected, gauges, more
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """Called by the registry."""
        for name, count in self._counts().items():
            yield CounterMetricFamily(f"anlan_alerts_{name}", f"{name} since the start", value=count)
        family = CounterMetricFamily("anlan_alerts_rejected", "messages and readings refused", labels=["reason"])
        for reason, count in self._rejected().items():
            family.add_metric([reason], count)
        yield family
        for name, value in self._gauges().items():
            yield GaugeMetricFamily(f"anlan_alerts_{name}", name.replace("_", " "), value=value)
        for collect in self._more:
            yield from collect()

    def text(self) -> bytes:
        """The page that Prometheus reads."""
        return generate_latest(self._registry)
