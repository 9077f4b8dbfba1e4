"""Shell. The page behind a link: the facts, one big button, and what became of it. It works without signing in.

GET changes nothing, since messengers fetch links to show a preview of them.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from alerts.engine import Engine
from alerts.oncall.rolls import KIND
from alerts.outbox import answering
from alerts.outbox.answering import Asked
from alerts.people_api import Desk
from alerts.texts import local

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
}
_STYLE = """
:root{color-scheme:light dark}body{font:18px/1.5 system-ui,sans-serif;margin:0;padding:20px;max-width:36em}
h1{font-size:1.3em;margin:.2em 0}dl{margin:1em 0}dt{opacity:.7;font-size:.85em}dd{margin:0 0 .6em;white-space:pre-line}
button{font:inherit;font-size:1.4em;width:100%;min-height:3.2em;border:0;border-radius:12px;background:#0b57d0;color:#fff}
.note{border-inline-start:4px solid currentColor;padding-inline-start:12px}
"""
_WORDS = {
    "en": {
        "lang": "en", "title": "Call", "button": "Acknowledge", "where": "Where", "since": "Since", "ticket": "Ticket",
        "do": "First", "drill": "DRILL", "you": "You are", "forged": "This link is not valid.",
        "expired": "This link is too old. Sign in to acknowledge.",
        "answered": "Acknowledged by {by} at {at}. Nobody else is called about it.",
        "over": "This call is over; nothing is left to acknowledge.",
        "here": "I am here", "there": "Your answer was taken at {at}.",
        "only": "This only says that you have taken note and see to it. It repairs nothing and resets nothing.",
    },
    "zh": {
        "lang": "zh-Hans", "title": "呼叫", "button": "确认", "where": "位置", "since": "起始", "ticket": "工单",
        "do": "首先", "drill": "演练", "you": "您是", "forged": "此链接无效。",
        "expired": "此链接已过期，请登录后确认。",
        "answered": "{by}已于{at}确认，不再呼叫其他人。",
        "over": "此呼叫已结束，无需确认。",
        "here": "在岗", "there": "已于{at}应答。",
        "only": "点击仅表示您已知悉并负责处置，不代表已修复，也不会复位报警。",
    },
}  # fmt: skip
_HTML: dict[str, Any] = {"content": {"text/html": {"schema": {"type": "string"}}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    404: {"description": "No link of ours."} | _HTML,
    410: {"description": "Too old, or its call is over."} | _HTML,
    503: {"description": "The database refuses: nothing was acknowledged."},
}
_STATUS = {"open": 200, "answered": 200, "over": 410, "expired": 410}


def router(engine: Engine, desk: Desk, say: Callable[..., object] | None = None) -> APIRouter:
    """The routes. `say(what, actor, **about)` writes into the audit log."""
    routes = APIRouter()
    zone = ZoneInfo(engine.site.file.timezone)

    @routes.get("/a/{token}", response_class=HTMLResponse, responses=_RESPONSES)
    async def show(token: str) -> HTMLResponse:
        """What a link asks."""
        now_ms = desk.clock.now_ms()
        return _answer(await run_in_threadpool(lambda: answering.ask(engine, token, now_ms)), engine, zone)

    @routes.post("/a/{token}", response_class=HTMLResponse, responses=_RESPONSES)
    async def acknowledge(token: str) -> HTMLResponse:
        """The button."""
        asked: Asked | None = await desk.give(answering.answer, token)
        if asked is not None and say is not None:
            told = {"call": asked.link.call, "ticket": asked.call["ticket"], "state": asked.state}
            await run_in_threadpool(lambda: say("answered_by_link", asked.link.person, **told))
        return _answer(asked, engine, zone)

    return routes


def _answer(asked: Asked | None, engine: Engine, zone: ZoneInfo) -> HTMLResponse:
    if asked is None:
        both = f"<p>{_WORDS['en']['forged']}</p><p lang=zh-Hans>{_WORDS['zh']['forged']}</p>"
        return HTMLResponse(_page("en", "Anlan", both), 404, headers=_HEADERS)
    body = _body(asked, engine, zone)
    return HTMLResponse(
        _page(asked.language, _WORDS[asked.language]["title"], body), _STATUS[asked.state], headers=_HEADERS
    )


def _page(language: str, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{_WORDS[language]["lang"]}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>'
        f"<style>{_STYLE}</style><main>{body}</main></html>"
    )


def _body(asked: Asked, engine: Engine, zone: ZoneInfo) -> str:
    word, zh = _WORDS[asked.language], asked.language == "zh"
    call, ticket = asked.call, asked.ticket
    parts = [f"<p><strong>{word['drill']}</strong></p>"] if call["drill"] else []
    if ticket is not None:
        grid = ticket.grid_name
        place = " ".join(each.zh if zh else each.en for each in (grid, ticket.location) if each is not None)
        facts = [
            (word["where"], place),
            (word["since"], local(ticket.raised_ms, zone)),
            (word["ticket"], ticket.number),
        ]
        if ticket.procedure is not None:
            facts.append((word["do"], ticket.procedure.zh if zh else ticket.procedure.en))
        parts.append(f"<h1>{escape(ticket.title.zh if zh else ticket.title.en)}</h1><dl>")
        parts += [f"<dt>{name}</dt><dd>{escape(told)}</dd>" for name, told in facts]
        parts.append("</dl>")
    else:
        parts.append(f"<h1>{escape((call['text_zh'] if zh else call['text_en']) or '')}</h1>")
    if asked.state == "open":
        name = escape(asked.name.zh if zh else asked.name.en)
        button, note = (word["button"], word["only"]) if call["kind"] != KIND else (word["here"], "")
        parts.append(f'<form method="post"><button>{button}</button></form>')
        parts.append(f"<p>{word['you']}: {name}</p>" + (f"<p class=note>{note}</p>" if note else ""))
    else:
        parts.append(f"<p class=note>{escape(_told(asked, engine, zone, word[asked.state]))}</p>")
    return "".join(parts)


def _told(asked: Asked, engine: Engine, zone: ZoneInfo, text: str) -> str:
    if asked.state != "answered":
        return text
    if asked.call["kind"] == KIND:
        text = _WORDS[asked.language]["there"]
    by = asked.call["acked_by"] or ""
    person = engine.site.org.people.get(by)
    name = by if person is None else (person.name.zh if asked.language == "zh" else person.name.en)
    return text.format(by=name, at=local(asked.call["acked_ms"], zone))
