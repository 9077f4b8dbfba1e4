"""Pure. Dotted paths into vendors' JSON: `services.0.properties.t`, and `@json` where a string holds JSON again."""

from __future__ import annotations

from typing import Any

import msgspec

OPEN = "@json"


class MissingError(LookupError):
    """The path leads nowhere."""


def parse(text: str | bytes) -> Any:
    """The document; ValueError where it is none (or is nested too deeply to be one)."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def find(document: Any, path: tuple[str, ...]) -> Any:
    """What stands at `path`; MissingError if nothing does, ValueError where `@json` meets no JSON."""
    for part in path:
        if part == OPEN:
            if not isinstance(document, str):
                raise MissingError(part)
            document = parse(document)
        else:
            document = _step(document, part)
    return document


def _step(document: Any, part: str) -> Any:
    if isinstance(document, dict) and part in document:
        return document[part]
    if isinstance(document, list) and part.isdecimal() and int(part) < len(document):
        return document[int(part)]
    raise MissingError(part)


def drop(document: Any, path: tuple[str, ...]) -> Any:
    """The document without what stands at `path`. Strings that hold JSON are rewritten without it."""
    if not path:
        return document
    head, rest = path[0], path[1:]
    try:
        if head == OPEN:
            if isinstance(document, str):
                return msgspec.json.encode(drop(parse(document), rest)).decode()
            return document
        inner = _step(document, head)
    except (MissingError, ValueError):
        return document
    if isinstance(document, dict):
        others = {key: value for key, value in document.items() if key != head}
        return {**others, head: drop(inner, rest)} if rest else others
    kept = list(document)
    kept[int(head)] = drop(inner, rest) if rest else None
    return kept
