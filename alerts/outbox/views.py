"""Shell. What the API tells of pages and channels, and what Prometheus is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from sqlalchemy import Connection, func, select

from alerts.database import reading
from alerts.engine import Engine
from alerts.errors import DatabaseError
from alerts.oncall.model import PageState
from alerts.outbox.tables import calls, channel_states, pages
from alerts.views import Both
from vocab.site import Site

_BOUNDS_S = (60, 120, 300, 600, 900, 1800, 3600)
_UNSENT = (PageState.DUE.value, PageState.SENDING.value)


class PageView(msgspec.Struct, frozen=True):
    """One page as it stands. `delay_ms`: from the moment it was due until the receipt."""

    id: int
    step: int
    round: int
    person: str
    name: Both
    channel: str
    due_ms: int
    state: str
    attempts: int
    sent_ms: int | None
    acked_ms: int | None
    delay_ms: int | None
    receipt: dict[str, Any] | None
    reason: str | None
    drill: bool


class CallView(msgspec.Struct, frozen=True):
    """One time that people were asked to answer, with its pages."""

    number: int
    why: str
    at_ms: int
    policy: str
    priority: int
    late: bool
    drill: bool
    acked_ms: int | None
    acked_by: str | None
    acked_how: str | None
    answer_ms: int | None  # from the call until the answer
    ended_ms: int | None
    ended_why: str | None
    pages: tuple[PageView, ...]


def time_line(connection: Connection, site: Site, ticket: int) -> list[CallView]:
    """Every call of a ticket, the oldest first, with every page."""
    statement = (
        select(pages).where(pages.c.site == site.id, pages.c.ticket == ticket).order_by(pages.c.due_ms, pages.c.id)
    )
    by_call: dict[int, list[PageView]] = {}
    for row in connection.execute(statement):
        by_call.setdefault(row.call, []).append(_page(row, site))
    wanted = select(calls).where(calls.c.site == site.id, calls.c.ticket == ticket).order_by(calls.c.number)
    return [
        CallView(
            row.number, row.why, row.at_ms, row.policy, row.priority, row.late, row.drill, row.acked_ms, row.acked_by,
            row.acked_how, None if row.acked_ms is None else row.acked_ms - row.at_ms, row.ended_ms, row.ended_why,
            tuple(by_call.get(row.id, ())),
        )
        for row in connection.execute(wanted)
    ]  # fmt: skip


def _page(row: Any, site: Site) -> PageView:
    person = site.org.people.get(row.person)
    name = Both(row.person, row.person) if person is None else Both(person.name.en, person.name.zh)
    delay = None if row.sent_ms is None else row.sent_ms - row.due_ms
    receipt = None if row.receipt is None else json.loads(row.receipt)
    return PageView(
        row.id, row.step, row.round, row.person, name, row.channel, row.due_ms, row.state, row.attempts, row.sent_ms,
        row.acked_ms, delay, receipt, row.reason, row.drill,
    )  # fmt: skip


def channels(connection: Connection, site: Site) -> list[dict[str, Any]]:
    """Every channel and how it stands; no secret, no address."""
    states = {
        row.channel: row for row in connection.execute(select(channel_states).where(channel_states.c.site == site.id))
    }
    return [
        {
            "id": channel.id,
            "name": {"en": channel.name.en, "zh": channel.name.zh},
            "type": channel.type,
            "enabled": channel.enabled,
            "disabled_ms": states[channel.id].disabled_ms if channel.id in states else None,
            "wait_until_ms": states[channel.id].wait_until_ms if channel.id in states else None,
            "reason": states[channel.id].reason if channel.id in states else None,
        }
        for channel in site.channels.by_id.values()
    ]


def oldest_unsent_ms(connection: Connection, site: str, now_ms: int) -> int:
    """How long the oldest page that is due waits; 0 without one."""
    statement = select(func.min(pages.c.due_ms)).where(pages.c.site == site, pages.c.state.in_(_UNSENT))
    oldest = connection.execute(statement).scalar_one()
    return 0 if oldest is None else max(0, now_ms - oldest)


def metrics(engine: Engine, now_ms: int) -> Iterator[Metric]:
    """The outbox's age, pages by state, channels that are off, and how soon people answer."""
    site = engine.site
    if not site.oncall:
        return
    try:
        with reading(engine.database) as connection:
            age_ms = oldest_unsent_ms(connection, site.id, now_ms)
            by_state = select(pages.c.state, func.count()).where(pages.c.site == site.id).group_by(pages.c.state)
            counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(by_state)}
            answered = select(calls.c.acked_ms - calls.c.at_ms).where(
                calls.c.site == site.id,
                calls.c.kind == "ticket",
                calls.c.acked_ms.is_not(None),
                calls.c.drill.is_(False),
            )
            taken_s = [each / 1000 for each in connection.execute(answered).scalars()]
            off = {each["id"]: each["disabled_ms"] is not None for each in channels(connection, site)}
    except DatabaseError:
        return
    yield GaugeMetricFamily(
        "anlan_alerts_outbox_age_seconds", "the oldest page that is due waits so long", value=age_ms / 1000
    )
    family = GaugeMetricFamily("anlan_alerts_pages", "pages by state", labels=["state"])
    for state in PageState:
        family.add_metric([state.value], counts.get(state.value, 0))
    yield family
    disabled = GaugeMetricFamily("anlan_alerts_channel_off", "1: it cannot work as it is", labels=["channel"])
    for name, is_off in off.items():
        disabled.add_metric([name], float(is_off))
    yield disabled
    buckets = [(str(bound), float(sum(each <= bound for each in taken_s))) for bound in _BOUNDS_S]
    buckets.append(("+Inf", float(len(taken_s))))
    histogram = HistogramMetricFamily("anlan_alerts_answer_seconds", "from a call until somebody answered")
    histogram.add_metric([], buckets, sum(taken_s))
    yield histogram
