"""How late silences are found, as numbers for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from alerts.detection import NAME, Detection
from alerts.engine import Engine
from alerts.views import TransitionView
from tests.unit.alerts.plant import Cabinet, at, plant


def raised(alarm: str, error_s: float, because: str = "raised", *, late: bool = False) -> TransitionView:
    asset, rule = alarm.split(".")
    return TransitionView(
        alarm, asset, rule, "normal", "unacked", at(0), at(error_s), because, None, None, None, late
    )  # fmt: skip


def page(*transitions: TransitionView) -> str:
    detection = Detection(plant)
    detection.saw(transitions)
    registry = CollectorRegistry()
    registry.register(detection)
    return generate_latest(registry).decode()


def test_an_error_is_from_due_to_written_down_by_whose_time_judges() -> None:
    told = page(raised("b1.no_data", 2.5), raised("b2.no_data", 0.25), raised("e1.edge_lost", 8.0))

    assert f'{NAME}_sum{{clock="edge",late="no"}} 2.75' in told
    assert f'{NAME}_max{{clock="edge",late="no"}} 2.5' in told
    assert f'{NAME}_bucket{{clock="edge",late="no",le="0.5"}} 1.0' in told
    assert f'{NAME}_count{{clock="edge",late="no"}} 2.0' in told
    assert f'{NAME}_max{{clock="server",late="no"}} 8.0' in told


def test_what_is_no_silence_and_what_is_no_raising_is_not_counted() -> None:
    told = page(raised("b1.temp_high", 9), raised("b1.no_data", 9, "cleared"), raised("gone.no_data", 9))

    assert f'{NAME}_count{{clock="edge",late="no"}} 0.0' in told


def test_a_hidden_silence_counts_and_a_late_one_counts_apart() -> None:
    told = page(raised("b1.no_data", 1, "hidden_raised"), raised("b1.no_data", 5000, late=True))

    assert f'{NAME}_max{{clock="edge",late="no"}} 1.0' in told
    assert f'{NAME}_max{{clock="edge",late="yes"}} 5000.0' in told


def test_the_engine_knows_when_the_next_silence_is_complete(engine: Engine, cabinet: Cabinet) -> None:
    engine.apply([cabinet.frame(0, temp=80.0)], at(0))
    assert engine.next_silence_ms() == at(60)

    engine.apply([cabinet.frame(20, temp=80.0)], at(20))
    assert engine.next_silence_ms() == at(80)
    engine.tick(at(80))
    assert engine.next_silence_ms() > at(1_000_000), "it was found, and nothing else is waited for"
