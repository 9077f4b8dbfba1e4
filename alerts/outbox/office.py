"""Shell. The sender loop: what is due goes out, each channel by itself, so that a slow one delays no other."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog
from fastapi.concurrency import run_in_threadpool

from alerts.database import reading, writing
from alerts.engine import Engine
from alerts.errors import DatabaseError
from alerts.news import News
from alerts.outbox import store
from alerts.outbox.bucket import room
from alerts.outbox.digest import Bundle, Waiting, fitted, plan, text_of
from alerts.outbox.keys import newest
from alerts.outbox.links import Link, sign
from alerts.outbox.port import Failure, Message, Receipt, Sender
from alerts.outbox.secrets import NoSecretError
from alerts.outbox.senders import sender_of
from alerts.views import Both, Changes
from alerts.writer import Writer
from runtime.clock import Clock
from vocab.channels import Channel
from vocab.instant import seconds_ms

log = structlog.get_logger()

LOOK_EVERY_S = 0.25
_JITTER = 0.3
_QUICK_S, _MOST_AT_ONCE = 0.25, 16
_KEY_ASKED_MS = 3_600_000
_TITLE = Both("Anlan: call", "安澜：呼叫")
_ANSWER = Both("Acknowledge", "确认")


@dataclass(slots=True)
class Office:
    """Everything that leaves the house goes through here."""

    engine: Engine
    writer: Writer
    clock: Clock
    base_url: str  # as phones reach us
    folder: Path  # for channels of type log
    absorb: Callable[[Changes], None]
    dice: random.Random = field(default_factory=random.Random)
    _senders: dict[str, tuple[str, Sender]] = field(default_factory=dict)
    _busy: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _key: tuple[int, bytes, int] = (0, b"", 0)  # what signs links, and when to ask for the newest again
    news: News = field(default_factory=News)  # a page may have come
    looked_ms: int | None = None  # when it last looked, for health
    stuck: dict[str, str] = field(default_factory=dict)  # channels that cannot be used, and why

    async def run(self) -> None:
        """Until cancelled."""
        again, told = await self.writer.insist(store.restart, self.clock.now_ms())
        self.absorb(told)
        if again:
            log.warning("pages were on their way when we ended; they go again", pages=again)
        try:
            while True:
                try:
                    await self.look()
                except DatabaseError as error:
                    log.error("the outbox cannot read its pages", cause=str(error).splitlines()[0])
                await self.news.wait(LOOK_EVERY_S)
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)
            for _, sender in self._senders.values():
                await sender.close()

    def health(self) -> dict[str, Any]:
        """What is wrong with the sending of pages: channels that are off, and how long ago it last looked."""
        silent_s = None if self.looked_ms is None else (self.clock.now_ms() - self.looked_ms) / 1000 / self.clock.speed
        return {"looked_s_ago": silent_s, "off": dict(self.stuck)}

    async def look(self, *, wait: bool = False) -> None:
        """Start what can be sent now, one channel beside the other; with `wait` until that is done."""
        now_ms = self.clock.now_ms()
        found = await run_in_threadpool(self._read, now_ms)
        self.looked_ms = now_ms
        self._busy = {name: task for name, task in self._busy.items() if not task.done()}
        self.stuck = {name: gate.disabled for name, gate in found.gates.items() if gate.disabled}
        for name, waiting in found.waiting.items():
            if name not in self._busy:
                work = self._channel(name, waiting, found, now_ms)
                self._busy[name] = asyncio.create_task(work, name=f"send-{name}")
        if wait and self._busy:
            await asyncio.gather(*self._busy.values())

    def _read(self, now_ms: int) -> store.Look:
        site = self.engine.site
        with reading(self.engine.database) as connection:
            return store.look(connection, site.id, site.channels.by_id, site.org.people, now_ms)

    async def _channel(self, name: str, waiting: list[Waiting], found: store.Look, now_ms: int) -> None:
        channel = self.engine.site.channels.by_id.get(name)
        gate = found.gates.get(name, store.Gate())
        refused = self._refused(channel, gate)
        if channel is None or refused:
            everything = Bundle(tuple(waiting))
            await self._record(0, name, everything, Failure(refused or "no such channel", recoverable=False))
            return
        if gate.wait_until_ms > now_ms:
            await self._past_the_wait(channel, waiting, gate)
            return
        space = room(found.sent_ms.get(name, ()), channel.limit, now_ms)
        planned = plan(waiting, space, shared=channel.is_shared)
        size = 1
        while planned:
            some, planned = planned[:size], planned[size:]
            # Few transactions where a channel is quick; where it is slow, nothing is claimed long before it goes. Only
            # the channel's own time counts: while the database is busy, single pages would be the slowest way of all.
            size = min(_MOST_AT_ONCE, size * 2) if await self._send(channel, some) < _QUICK_S else 1

    def _refused(self, channel: Channel | None, gate: store.Gate) -> str:
        if channel is None or not channel.enabled:
            return "the channel is off"
        if gate.disabled:
            return f"the channel is off since it answered {gate.disabled}"
        try:
            self._sender(channel)
        except NoSecretError as error:
            return str(error)
        return ""

    async def _past_the_wait(self, channel: Channel, waiting: list[Waiting], gate: store.Gate) -> None:
        """While a channel has to wait, what is most urgent goes by the person's next way."""
        urgent = tuple(page for page in waiting if page.priority == 1)
        if urgent:
            reason = f"{channel.id} has to wait"
            self.stuck.setdefault(channel.id, reason)
            await self._record(0, channel.id, Bundle(urgent), Failure(reason, told={"until": gate.wait_until_ms}))

    async def _send(self, channel: Channel, bundles: list[Bundle]) -> float:
        """Claim some messages, send one after the other, record what came of them; seconds that the channel took."""
        fits = [fitted(each, self._language(channel, each), channel.longest_bytes) for each in bundles]
        ids = [[page.id for page in each.pages] for each in fits]
        claimed = await self.writer.insist(store.claim, channel.id, ids, self.clock.now_ms())
        outcomes = []
        began_s = time.monotonic()
        for bundle, (attempt, taken) in zip(fits, claimed, strict=True):
            if taken:
                left = replace(bundle, pages=tuple(page for page in bundle.pages if page.id in taken))
                outcomes.append(self._outcome(attempt, channel.id, left, await self._once(channel, left)))
        took_s = time.monotonic() - began_s
        if outcomes:
            self.absorb(await self.writer.insist(store.record, outcomes))
        return took_s

    async def _once(self, channel: Channel, bundle: Bundle) -> Receipt | Failure:
        now_ms = self.clock.now_ms()
        message = await self._message(channel, bundle, self._language(channel, bundle), now_ms)
        try:
            return await self._sender(channel).send(message, now_ms)
        except Exception as error:  # whatever a library throws must not stop the outbox
            log.exception("a sender broke", channel=channel.id)
            return Failure(f"{type(error).__name__}")

    async def _record(self, attempt: int, name: str, bundle: Bundle, answer: Receipt | Failure) -> None:
        self.absorb(await self.writer.insist(store.record, [self._outcome(attempt, name, bundle, answer)]))

    def _outcome(self, attempt: int, name: str, bundle: Bundle, answer: Receipt | Failure) -> store.Outcome:
        if isinstance(answer, Failure):
            say = log.warning if answer.recoverable else log.error
            say("page not delivered", channel=name, pages=len(bundle.pages), cause=answer.reason)
        else:
            tickets = sorted({page.ticket for page in bundle.pages if page.ticket is not None})
            log.info("page delivered", channel=name, pages=[page.id for page in bundle.pages], tickets=tickets)
        channel = self.engine.site.channels.by_id.get(name)
        retry = 0 if channel is None else self._retry_ms(channel, max(page.attempts for page in bundle.pages))
        return store.Outcome(attempt, name, bundle, answer, self.clock.now_ms(), retry)

    def _retry_ms(self, channel: Channel, attempts: int) -> int:
        """Twice as long after each attempt, within bounds, with jitter so that many do not come at once."""
        wait_s = min(channel.retry_most_s, channel.retry_s * 2 ** min(attempts, 16))
        return seconds_ms(wait_s * (1 + _JITTER * self.dice.random()))

    def _sender(self, channel: Channel) -> Sender:
        config = store.config_digest(channel)
        known = self._senders.get(channel.id)
        if known is None or known[0] != config:
            known = self._senders[channel.id] = (config, sender_of(channel, self.folder))
        return known[1]

    def _language(self, channel: Channel, bundle: Bundle) -> str:
        if channel.language is not None:
            return channel.language
        languages = {page.language for page in bundle.pages}
        return languages.pop() if len(languages) == 1 else "both"

    async def _message(self, channel: Channel, bundle: Bundle, language: str, now_ms: int) -> Message:
        links = await self._links(bundle, now_ms)
        shown = _answers(bundle, links, language)
        text = text_of(bundle, language, max(200, channel.longest_bytes - len(shown.encode())))
        drill = any(page.drill for page in bundle.pages)
        lead = bundle.pages[0].text.zh if language == "zh" else bundle.pages[0].text.en
        return Message(
            key=f"{self.engine.site.id}-{'-'.join(str(page.id) for page in bundle.pages[:20])}",
            title=lead.split("\n")[0] or _TITLE.en,
            text=text + shown,
            addresses=bundle.addresses,
            priority=bundle.priority,
            urgent=bundle.priority == 1,
            pages=tuple(page.id for page in bundle.pages),
            tickets=tuple(dict.fromkeys(page.ticket for page in bundle.pages if page.ticket is not None)),
            people=tuple(dict.fromkeys(page.person for page in bundle.pages)),
            links=tuple(links.values()),
            drill=drill,
        )

    async def _links(self, bundle: Bundle, now_ms: int) -> dict[tuple[int, str], str]:
        """A link for each person and call; none in a digest, which asks nobody to answer."""
        if bundle.is_digest and all(page.digest for page in bundle.pages):
            return {}
        site = self.engine.site
        valid_ms = seconds_ms(site.channels.links.valid_s)

        number, secret, until_ms = self._key
        if now_ms >= until_ms:
            number, secret = await self.writer.insist(_newest_key, now_ms)
            self._key = (number, secret, now_ms + _KEY_ASKED_MS)
        found: dict[tuple[int, str], str] = {}
        for page in bundle.pages:
            link = Link(number, page.call, page.person, now_ms + valid_ms)
            found[page.call, page.person] = f"{self.base_url}/a/{sign(link, secret, site.id)}"
        return found


def _newest_key(engine: Engine, now_ms: int) -> tuple[int, bytes]:
    site = engine.site
    with writing(engine.database) as connection:
        return newest(connection, site.id, site.channels.links, now_ms)


def _answers(bundle: Bundle, links: Mapping[tuple[int, str], str], language: str) -> str:
    """The links, after the text; in a digest for want of room only that of the most urgent call."""
    if not links:
        return ""
    word = _ANSWER.en if language == "en" else _ANSWER.zh
    if bundle.is_digest:
        first = bundle.pages[0]
        return f"\n{word}: {links[first.call, first.person]}"
    return "".join(f"\n{word}{f' ({person})' if len(links) > 1 else ''}: {url}" for (_, person), url in links.items())
