"""Pure. The refusals of the gate in the OpenAPI description: what every address may answer beside its own answers."""

from __future__ import annotations

from typing import Any

from alerts.access.needs import Of, needed

_REFUSAL = {
    "type": "object",
    "required": ["detail", "reason", "words"],
    "properties": {
        "detail": {"type": "string"},
        "reason": {"type": "string"},
        "words": {
            "type": "object",
            "required": ["en", "zh"],
            "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
        },
    },
}
_CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
_SCHEMES = {
    "session": {"type": "apiKey", "in": "cookie", "name": "anlan_session"},
    "token": {"type": "http", "scheme": "bearer"},
}
_ALWAYS = {
    401: "Not signed in, or no longer.",
    403: "Not permitted to whoever is signed in.",
    503: "The database cannot be had, so nobody can be let in.",
}
_ORDERS = {413: "The order is too long.", 503: "The audit log cannot be written: nothing was ordered."}


def described(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the gate's answers in it."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Refusal"] = _REFUSAL
    document["components"]["securitySchemes"] = _SCHEMES
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            needs, _ = needed(method.upper(), path)
            is_session = path.startswith("/api/v1/session")
            if needs.action is None and needs.of is not Of.PERSON and not is_session:
                continue
            answers = _ALWAYS | (_ORDERS if method != "get" else {})
            if is_session and method == "post":
                answers |= {429: "Too many failed attempts."}
            for status, words in answers.items():
                operation["responses"].setdefault(str(status), {"description": words, "content": _CONTENT})
            operation["security"] = [{"session": []}, {"token": []}]
    return document
