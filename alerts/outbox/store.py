"""Shell. Pages between rows and senders. Every function is one transaction of the engine's thread.

The law of this file
1. An attempt is a row before it is made (`claim`), its outcome afterwards (`record`). A crash between them leaves the
   page `sending`; the next start sends it again: at least once.
2. A page whose call is over is never claimed. What was on its way then is told by its receipt or its failure, and
   after a crash as not known: it is not sent again, and never said to have been sent.
3. A way that fails for good, or too often, ends its page and opens the same page by the person's next way; the last way
   is tried until the call is over, so no page is lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, select, update

from alerts.database import change, upsert, writing
from alerts.engine import Engine
from alerts.oncall import calls as rows
from alerts.oncall import words
from alerts.oncall.model import PageState
from alerts.oncall.notices import KIND as NOTICE
from alerts.outbox.bucket import longest_ms
from alerts.outbox.digest import Bundle, Waiting
from alerts.outbox.port import Failure, Receipt
from alerts.outbox.tables import calls, channel_states, deliveries, pages
from alerts.tickets.lines import say
from alerts.views import Both, Changes
from vocab.channels import Channel
from vocab.instant import seconds_ms

_KEPT_DELIVERIES_MS = 30 * 86_400_000
_ENDED_MEANWHILE = "the server ended while it was on its way"
_READY = (PageState.DUE.value, PageState.DIGEST.value)

_MINE, _IDS = pages.c.site == bindparam("site"), pages.c.id.in_(bindparam("ids", expanding=True))
_WAITING = select(pages).where(_MINE, pages.c.state.in_(_READY), pages.c.next_ms <= bindparam("now_ms"))
_DELIVERED = select(deliveries.c.at_ms).where(
    deliveries.c.site == bindparam("site"),
    deliveries.c.channel == bindparam("channel"),
    deliveries.c.at_ms > bindparam("since_ms"),
)
_FORGOTTEN = delete(deliveries).where(
    deliveries.c.site == bindparam("site"), deliveries.c.at_ms < bindparam("before_ms")
)
_STATES = select(channel_states).where(channel_states.c.site == bindparam("site"))
_LIVE = (
    select(pages.c.id)
    .join(calls, calls.c.id == pages.c.call)
    .where(_IDS, pages.c.state.in_(_READY), calls.c.ended_ms.is_(None) | (calls.c.kind == NOTICE))
)
_CLAIMED = update(pages).where(_IDS).values(state=PageState.SENDING.value, attempts=pages.c.attempts + 1)
_WITH_CALL = (  # whether its call is over, and when that was answered
    select(
        pages,
        and_(calls.c.ended_ms.is_not(None), calls.c.kind != NOTICE).label("is_over"),
        calls.c.acked_ms.label("answered_ms"),
    )
    .join(calls, calls.c.id == pages.c.call)
    .where(_MINE)
    .order_by(pages.c.id)
)
_SOME = _WITH_CALL.where(_IDS)


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether a channel may be used."""

    disabled: str = ""  # why not
    wait_until_ms: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """What waits, by channel, and how each channel stands."""

    waiting: dict[str, list[Waiting]] = field(default_factory=dict)
    sent_ms: dict[str, list[int]] = field(default_factory=dict)
    gates: dict[str, Gate] = field(default_factory=dict)


def restart(engine: Engine, now_ms: int) -> tuple[int, Changes]:
    """At a start nothing is on its way; what was goes again unless its call is over. How many go, and what is told."""
    on_its_way = _WITH_CALL.where(pages.c.state == PageState.SENDING.value)
    told: set[int] = set()
    again = 0
    with writing(engine.database) as connection:
        for row in connection.execute(on_its_way, {"site": engine.site.id}).mappings().all():
            state = PageState.CANCELLED if row["is_over"] else PageState.DUE
            again += not row["is_over"]
            now = {"state": state.value, "reason": _ENDED_MEANWHILE}
            change(connection, pages, row["id"], now)
            if row["is_over"] and row["ticket"] is not None:
                say(connection, row["ticket"], words.unknown(*_named(engine, row)), now_ms)
                told.add(row["ticket"])
        views = engine.queries.some(connection, sorted(told)) if told else []
    return again, Changes(tickets=tuple(views))


def _named(engine: Engine, row: Any) -> tuple[Both, Both]:
    """A page's person and channel."""
    person, channel = engine.site.org.people.get(row["person"]), engine.site.channels.by_id.get(row["channel"])
    return words.named(person, row["person"]), words.way(channel, row["channel"])


def look(
    connection: Connection, site: str, channels: Mapping[str, Channel], people: Mapping[str, Any], now_ms: int
) -> Look:
    """What is due now. Reads only."""
    found = Look()
    for row in connection.execute(_WAITING, {"site": site, "now_ms": now_ms}):
        person = people.get(row.person)
        page = Waiting(
            row.id, row.call, row.step, row.round, row.person, row.address, Both(row.text_en, row.text_zh),
            row.priority, row.due_ms, row.ticket, row.attempts, row.state == PageState.DIGEST.value, row.drill,
            "zh" if person is None else person.language,
        )  # fmt: skip
        found.waiting.setdefault(row.channel, []).append(page)
    for name in found.waiting:
        span = longest_ms(channels[name].limit) if name in channels else 0
        since = {"site": site, "channel": name, "since_ms": now_ms - span}
        found.sent_ms[name] = list(connection.execute(_DELIVERED, since).scalars()) if span else []
    for row in connection.execute(_STATES, {"site": site}):
        if row.channel in channels and row.config == config_digest(channels[row.channel]):
            found.gates[row.channel] = Gate(row.reason or "" if row.disabled_ms else "", row.wait_until_ms or 0)
    return found


def config_digest(channel: Channel) -> str:
    """Of a channel's settings: other settings are another chance."""
    return hashlib.sha256(channel.model_dump_json().encode()).hexdigest()[:16]


def claim(engine: Engine, channel: str, messages: Sequence[Sequence[int]], now_ms: int) -> list[tuple[int, set[int]]]:
    """For each message (the ids of its pages) the number of its attempt and those of its pages that are still to be
    sent, all in one transaction. Written before any is made."""
    with writing(engine.database) as connection:
        connection.execute(_FORGOTTEN, {"site": engine.site.id, "before_ms": now_ms - _KEPT_DELIVERIES_MS})
        return [_claim(connection, engine.site.id, channel, ids, now_ms) for ids in messages]


def _claim(connection: Connection, site: str, channel: str, ids: Sequence[int], now_ms: int) -> tuple[int, set[int]]:
    taken = set(connection.execute(_LIVE, {"ids": list(ids)}).scalars())
    if not taken:
        return 0, taken
    connection.execute(_CLAIMED, {"ids": sorted(taken)})
    made = deliveries.insert().values(site=site, channel=channel, at_ms=now_ms, pages=json.dumps(sorted(taken)))
    attempt = connection.execute(made).inserted_primary_key
    assert attempt is not None  # noqa: S101 - an insert of one row has one
    return int(attempt[0]), taken


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt; attempt 0: none was made, since the channel cannot be used."""

    attempt: int
    channel: str
    bundle: Bundle
    answer: Receipt | Failure
    at_ms: int
    retry_ms: int = 0


def record(engine: Engine, outcomes: Sequence[Outcome]) -> Changes:
    """Write down what came of some attempts, in one transaction; returns the tickets that tell of it."""
    told: set[int] = set()
    with writing(engine.database) as connection:
        for outcome in outcomes:
            told |= _record(connection, engine, outcome)
        views = engine.queries.some(connection, sorted(told)) if told else []
    return Changes(tickets=tuple(views))


def _record(connection: Connection, engine: Engine, outcome: Outcome) -> set[int]:
    site, answer = engine.site, outcome.answer
    told: set[int] = set()
    if outcome.attempt:
        short = {"receipt": answer.short} if isinstance(answer, Receipt) else {"failure": answer.reason}
        done = {"done_ms": outcome.at_ms, "outcome": json.dumps(short | answer.told, ensure_ascii=False)}
        change(connection, deliveries, outcome.attempt, done)
    mine = {"site": site.id, "ids": [page.id for page in outcome.bundle.pages]}
    for row in connection.execute(_SOME, mine).mappings().all():
        line = _one(connection, engine, row, outcome)
        if line is not None and row["ticket"] is not None:
            say(connection, row["ticket"], line, outcome.at_ms)
            told.add(row["ticket"])
    if isinstance(answer, Failure) and outcome.attempt:
        _gate(connection, site.id, site.channels.by_id[outcome.channel], answer, outcome.at_ms)
    return told


def _one(connection: Connection, engine: Engine, row: Any, outcome: Outcome) -> Both | None:
    answer = outcome.answer
    page = row["id"]
    name, way = _named(engine, row)
    if isinstance(answer, Receipt):
        arrived = PageState.SENT if row["answered_ms"] is None else PageState.ACKED
        receipt = json.dumps(answer.told | {"short": answer.short})
        came = {"state": arrived.value, "sent_ms": outcome.at_ms, "receipt": receipt, "reason": None}
        change(connection, pages, page, came | {"acked_ms": row["answered_ms"]})
        return words.sent(name, way, answer.short, outcome.at_ms - row["due_ms"], drill=row["drill"])
    if row["state"] not in (PageState.SENDING.value, *_READY):
        return None
    if row["is_over"]:  # somebody answered while it went nowhere
        change(connection, pages, page, {"state": PageState.CANCELLED.value, "reason": answer.reason})
        return words.failed(name, way, answer.reason, None, is_over=True)
    others = json.loads(row["others"])
    channel = engine.site.channels.by_id.get(row["channel"])
    tries = 1 if channel is None else channel.attempts
    is_last = answer.recoverable and not others
    spent = row["attempts"] >= tries or not outcome.attempt
    if answer.recoverable and (is_last or not spent):
        next_ms = outcome.at_ms + max(outcome.retry_ms, seconds_ms(answer.wait_s) if not others else 0)
        again = {"state": PageState.DUE.value, "next_ms": next_ms, "reason": answer.reason}
        change(connection, pages, page, again)
        return None
    change(connection, pages, page, {"state": PageState.FAILED.value, "reason": answer.reason})
    return _fall_back(connection, row, others, engine, outcome)


def _fall_back(connection: Connection, row: Any, others: list[list[str]], engine: Engine, outcome: Outcome) -> Both:
    name, way = _named(engine, row)
    reason = outcome.answer.reason if isinstance(outcome.answer, Failure) else ""
    if not others:
        return words.failed(name, way, reason, None)
    (channel, address), rest = others[0], others[1:]
    copied = ("site", "call", "ticket", "step", "round", "person", "due_ms", "text_en", "text_zh", "priority", "drill")
    rows.insert_page(
        connection,
        {key: row[key] for key in copied}
        | {
            "channel": channel, "address": address, "others": json.dumps(rest), "state": PageState.DUE.value,
            "attempts": 0, "next_ms": outcome.at_ms, "created_ms": outcome.at_ms,
        },
    )  # fmt: skip
    return words.failed(name, way, reason, words.way(engine.site.channels.by_id.get(channel), channel))


def _gate(connection: Connection, site: str, channel: Channel, failure: Failure, now_ms: int) -> None:
    """A channel that cannot work as it is, is off until its settings change; one that is told to wait, waits."""
    if failure.recoverable and not failure.wait_s:
        return
    row = {
        "site": site, "channel": channel.id, "config": config_digest(channel), "reason": failure.reason,
        "disabled_ms": None if failure.recoverable else now_ms,
        "wait_until_ms": now_ms + seconds_ms(failure.wait_s) if failure.wait_s else None,
    }  # fmt: skip
    upsert(connection, channel_states, [row])


def enable(engine: Engine, channel: str) -> None:
    """Somebody says that a channel works again."""
    with writing(engine.database) as connection:
        table = channel_states
        connection.execute(delete(table).where(table.c.site == engine.site.id, table.c.channel == channel))
