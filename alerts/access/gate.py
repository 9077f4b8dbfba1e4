"""Shell. Every request passes here first: who asks, whether they may, in whose name, and what is written down of it.

The law of this file
1. Nothing is ordered that was not written into the audit log before: a log that cannot be written stops orders.
2. What an address needs stands in `needs.TABLE`; what is not there is an administrator's.
3. The name on an order is that of who is signed in. Another `by` in the body needs the scope `act_as`.
4. A browser's session gives orders only from our own pages (Origin, Sec-Fetch-Site), whatever SameSite does.

It stands before the routes and not in each of them, so that no route can forget it.
"""

from __future__ import annotations

import asyncio
import json
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts.access import refusals
from alerts.access.answers import Narrowing, Watched
from alerts.access.door import LOCAL, Door
from alerts.access.needs import Needs, Of, needed
from alerts.access.places import Places
from alerts.access.refusals import Refusal
from alerts.access.request import Request
from alerts.access.rights import Kind, No, Who, may, may_somewhere, sight
from alerts.errors import DatabaseError

log = structlog.get_logger()

COOKIE = "anlan_session"
_MOST_BODY = 2**20
_MOST_LOGGED = 4000
_SECRET = ("password", "old", "new", "token")
_SAFE = ("GET", "HEAD", "OPTIONS")
_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via")
_OWN_NAMES = ("localhost", "127.0.0.1", "::1")


class Gate:
    """ASGI. Puts `who`, `token` and `sight` (grids, None: all) into the request's state."""

    def __init__(self, app: ASGIApp, door: Door, places: Places) -> None:
        self._app = app
        self._door = door
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun: list[Message] = []

        async def answer(message: Message) -> None:
            if not begun:
                begun.append(message)
            await send(message)

        try:
            await self._pass(scope, receive, answer)
        except DatabaseError as error:
            if begun:
                raise
            log.error("nobody can be let in: the database cannot be read", cause=str(error).splitlines()[0])
            await _refuse(send, refusals.NO_DATABASE)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        needs, names = needed(scope["method"], scope["path"])
        token, is_cookie = _token(scope)
        is_open = needs.action is None and needs.of is not Of.PERSON
        is_file = is_open and not scope["path"].startswith("/api/")
        who = None if is_file else await asyncio.to_thread(self._who, scope, token)
        scope.setdefault("state", {}).update(who=who, token=token)
        if not is_file and (is_cookie or token is None) and _is_foreign(scope, is_cookie):
            await _refuse(send, refusals.FOREIGN_PAGE)
        elif is_open:
            await self._app(scope, receive, send)
        elif who is None:
            await _refuse(send, refusals.NOT_SIGNED_IN if token is None else refusals.SESSION_OVER)
        else:
            await self._known(scope, receive, send, needs, names)

    def _who(self, scope: Scope, token: str | None) -> Who | None:
        if token is not None:
            return self._door.who(token)
        if any(_header(scope, name) for name in _FORWARDED):
            return None  # a proxy on this machine speaks for somebody else
        client = scope.get("client")
        host = urlsplit(f"//{_header(scope, b'host')}").hostname
        return LOCAL if host in _OWN_NAMES and self._door.is_open(client and client[0]) else None

    async def _known(self, scope: Scope, receive: Receive, send: Send, needs: Needs, names: dict[str, str]) -> None:
        who: Who = scope["state"]["who"]
        body: Any = None
        is_order = scope["method"] not in _SAFE
        if is_order and _header(scope, b"content-type").startswith("application/json"):
            raw = await _read(receive)
            if raw is None:
                await _refuse(send, refusals.TOO_LARGE)
                return
            body = _parsed(raw)
            if isinstance(body, dict) and needs.of is not Of.PERSON:
                if not _signed(body, who):
                    await self._refused(scope, send, who, refusals.NO_ACT_AS)
                    return
                raw = json.dumps(body).encode()
            receive = _again(raw, receive)
            scope = {**scope, "headers": _with_length(scope, len(raw))}
        scope["state"]["sight"] = sight(who, self._places.grids, self._door.org)
        no = await asyncio.to_thread(self._no, scope, who, needs, names, body)
        if no is not None:
            await self._refused(scope, send, who, refusals.forbidden(no))
        elif is_order and needs.logged:
            await self._order(scope, receive, send, who, body)
        else:
            await self._show(scope, receive, send)

    def _no(self, scope: Scope, who: Who, needs: Needs, names: dict[str, str], body: Any) -> No | None:
        if needs.action is None:
            return None
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        org = self._door.org
        places = self._places.of(needs.of, Request(names, query, body))
        answers = [may(who, needs.action, place, org) for place in places]
        answers = answers or [may_somewhere(who, needs.action, org)]
        return next((answer for answer in answers if isinstance(answer, No)), None)

    async def _order(self, scope: Scope, receive: Receive, send: Send, who: Who, body: Any) -> None:
        """Written down, done, and written down how it ended."""
        told = {"method": scope["method"], "path": scope["path"], "body": _redacted(body), "kind": who.kind}
        actor = body["by"] if isinstance(body, dict) and isinstance(body.get("by"), str) else who.id
        if actor != who.id:
            told["signed_in"] = who.id
        try:
            seq = await asyncio.to_thread(lambda: self._door.say("order", actor, **told))
        except DatabaseError:
            await _refuse(send, refusals.NOT_LOGGED)
            return
        status: list[int] = []

        async def seen(message: Message) -> None:
            if message["type"] == "http.response.start":
                status.append(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            await self._try_say("answer", actor, order=seq, status=status[0] if status else None)

    async def _refused(self, scope: Scope, send: Send, who: Who, refusal: Refusal) -> None:
        await self._try_say("refused", who.id, method=scope["method"], path=scope["path"], reason=refusal.reason)
        await _refuse(send, refusal)

    async def _try_say(self, what: str, actor: str, **about: object) -> None:
        try:
            await asyncio.to_thread(lambda: self._door.say(what, actor, **about))
        except DatabaseError:  # the order itself stands in the log; how it ended is in the tables
            return

    async def _show(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An answer as far as it may be seen, for as long as the session lasts."""
        token, seen = scope["state"]["token"], scope["state"]["sight"]
        watched = Watched(send, lambda: token is None or self._door.who(token) is not None, self._door.settings)
        narrowed = watched if seen is None else Narrowing(watched, seen, self._places.grid_of)
        try:
            await self._app(scope, receive, narrowed)
        except (ConnectionAbortedError, ClientDisconnect):
            if not watched.ended:
                raise


async def _refuse(send: Send, refusal: Refusal) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    if refusal.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if refusal.retry_s is not None:
        headers.append((b"retry-after", str(refusal.retry_s).encode()))
    body = json.dumps(refusal.body(), ensure_ascii=False).encode()
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _token(scope: Scope) -> tuple[str | None, bool]:
    """What was shown, and whether a browser showed it by itself."""
    kind, _, token = _header(scope, b"authorization").partition(" ")
    if kind.lower() == "bearer" and token:
        return token.strip(), False
    try:
        cookie = SimpleCookie(_header(scope, b"cookie")).get(COOKIE)
    except CookieError:
        cookie = None
    return (None, False) if cookie is None or not cookie.value else (cookie.value, True)


def _is_foreign(scope: Scope, is_cookie: bool) -> bool:
    """Whether an order that a browser sends of its own accord may come from another site's page."""
    if scope["method"] in _SAFE:
        return False
    fetched = _header(scope, b"sec-fetch-site")
    if fetched:
        return fetched != "same-origin"
    origin = _header(scope, b"origin")
    if origin:
        return urlsplit(origin).netloc != _header(scope, b"host")
    is_form = scope["method"] == "POST" and not _header(scope, b"content-type").startswith("application/json")
    return is_cookie and is_form  # a form of another site can send no other than this


def _signed(body: dict[str, Any], who: Who) -> bool:
    """Put the name of who is signed in on an order; False if it bears another that they may not use."""
    if who.kind is Kind.LOCAL or (who.act_as and "by" in body):
        return True
    if body.get("by") in (None, "", who.id):
        body["by"] = who.id
        return True
    return False


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None  # the handler tells what is wrong with it


async def _read(receive: Receive) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(chunks)
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > _MOST_BODY:
            return None
        if not message.get("more_body", False):
            return b"".join(chunks)


def _again(raw: bytes, receive: Receive) -> Receive:
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": raw, "more_body": False}

    return once


def _with_length(scope: Scope, length: int) -> list[tuple[bytes, bytes]]:
    others = [
        (name, value) for name, value in scope["headers"] if name not in (b"content-length", b"transfer-encoding")
    ]
    return [*others, (b"content-length", str(length).encode())]


def _redacted(body: Any) -> Any:
    """What is kept of an order: no secret, and not a whole book."""
    if not isinstance(body, dict):
        return None
    kept = {name: "…" if name in _SECRET else value for name, value in body.items()}
    text = json.dumps(kept, ensure_ascii=False)
    return kept if len(text) <= _MOST_LOGGED else {"by": kept.get("by"), "long": text[:_MOST_LOGGED]}
