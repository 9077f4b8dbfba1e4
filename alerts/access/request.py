"""Pure. What a request names, wherever it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """What a request names: in its path, its query (every value of a name) and its body."""

    names: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    body: Any = None

    def told(self, name: str) -> Any:
        """What the body says under a name, if it is an object."""
        return self.body.get(name) if isinstance(self.body, dict) else None

    def all(self, name: str) -> list[Any]:
        """In the path, else every one of the query, else in the body: a reader may take any of two."""
        if name in self.names:
            return [self.names[name]]
        told = [self.body[name]] if isinstance(self.body, dict) and name in self.body else []
        return [*self.query.get(name, ())] or told
