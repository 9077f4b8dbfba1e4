"""Pure. Every answer that an address may give, in the OpenAPI description; the refusals of the gate come on top.

What our errors become (alerts/api.py) follows from what an address is, so it is said here once and not at each route:
whatever names something may not find it, whatever orders something may be refused, and the database may be away.
"""

from __future__ import annotations

from typing import Any

JSON = "application/json"
_WORDS = {
    "type": "object",
    "required": ["en", "zh"],
    "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
}
_TOLD = {
    "type": "object",
    "required": ["detail"],
    "properties": {
        "detail": {"type": "string"},
        "reason": {"type": "string"},
        "why": {"type": "string"},
        "words": _WORDS,
    },
}
_FAULT = {
    "type": "object",
    "required": ["code", "description"],
    "properties": {"code": {"type": "integer"}, "description": {"type": "string"}},
}
_ABSENT = (404, "What is named is not there.")
_REFUSED = (409, "It cannot be done as things stand; `reason` says why.")
_AWAY = (503, "The database cannot be had; nothing was changed.")
_BARE = {"/healthz", "/readyz", "/metrics"}
_MEDIA: dict[tuple[str, str], tuple[str, ...]] = {
    ("get", "/metrics"): ("text/plain",),
    ("get", "/api/v1/events"): ("text/event-stream",),
    ("get", "/api/v1/tickets/{ticket}/bundle"): ("application/zip",),
    ("get", "/api/v1/tickets/{ticket}/attachments/{attachment}"): (
        "image/jpeg", "image/png", "application/pdf", "text/plain",
    ),
}  # fmt: skip
_MORE: dict[tuple[str, str], dict[int, str]] = {
    ("get", "/healthz"): {503: "Frames cannot be taken, or tickets not be written."},
    ("get", "/readyz"): {503: "We do not do our work; `reasons` says why."},
    ("get", "/api/v1/session"): {401: "Nobody is signed in."},
    ("get", "/api/v1/reports/template"): dict([_ABSENT]),
    ("get", "/api/v1/trend"): dict([_ABSENT]) | {503: "Ingest does not answer."},
    ("post", "/api/v1/alarms/{alarm}/remove"): {202: "It waits for a second person."},
    ("post", "/api/v1/tickets/{ticket}/attachments"): {413: "The file is too large."},
}
_PHONE = {404: "The link is none of ours.", 410: "The link is too old, or its call is over."}
_HTML = "text/html"


def told(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every answer in it."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Told"] = _TOLD
    schemas["Open311Fault"] = {"type": "array", "items": _FAULT}
    _widen(schemas)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answers = operation["responses"]
            if media := _MEDIA.get((method, path)):
                answers["200"]["content"] = {each: {} for each in media}
            if path.startswith("/a/"):
                _add(answers, _PHONE, {_HTML: {}})
            elif path.startswith("/open311/"):
                _add(
                    answers,
                    {400: "The report or the question makes no sense.", 404: "No such report."},
                    _of("Open311Fault"),
                )
            if path == "/api/v1/trend":
                _add(answers, {422: "The question makes no sense: what ingest says of it."}, {JSON: {}})
            if "requestBody" in operation:
                _add(answers, {400: "The body cannot be read: it is not UTF-8."}, _of("Told"))
            shape = {JSON: {}} if path in _BARE else _of("Told")
            _add(answers, _usual(method, path) | _MORE.get((method, path), {}), shape)
    return document


def _usual(method: str, path: str) -> dict[int, str]:
    if path in _BARE:
        return {}
    found = dict([_AWAY])
    if "{" in path or method != "get":
        found |= dict([_ABSENT])
    if method != "get":
        found |= dict([_REFUSED])
    return found


def _of(name: str) -> dict[str, Any]:
    return {JSON: {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _add(answers: dict[str, Any], added: dict[int, str], content: dict[str, Any]) -> None:
    for status, words in added.items():
        answers.setdefault(str(status), {"description": words, "content": content})


def _widen(schemas: dict[str, Any]) -> None:
    """422 tells a list of what is wrong with which field, or one sentence."""
    shape = schemas.get("HTTPValidationError", {}).get("properties", {})
    if "detail" in shape:
        shape["detail"] = {"anyOf": [{"type": "string"}, shape["detail"]], "title": "Detail"}
