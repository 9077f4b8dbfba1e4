"""Shell. Rule versions of a running alerts, over its API."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx

from vocab.problem import Code, Problem

TOKEN = "ANLAN_TOKEN"  # noqa: S105 - the name of a variable
_TIMEOUT_S = 120.0  # laying out a large site takes its time
_ASK_EVERY_S = 0.5
Json = dict[str, Any]


def bearer() -> dict[str, str]:
    """The header by which our own commands are let in: a token of `anlan access token create`, from the environment."""
    token = os.environ.get(TOKEN)
    return {"Authorization": f"Bearer {token}"} if token else {}


class RefusedError(Exception):
    """Alerts did not do it; the message says why. `problems`: the faults of a draft."""

    def __init__(self, detail: str, problems: tuple[Problem, ...] = ()) -> None:
        self.problems = problems
        super().__init__(detail)


class UnreachableError(Exception):
    """There is no alerts at that address."""


class VersionsClient:
    """Asks and orders; RefusedError, UnreachableError."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._client = httpx.Client(base_url=self.url, timeout=_TIMEOUT_S, trust_env=False, headers=bearer())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._client.close()

    def site(self) -> Json:
        """The site."""
        return self._ask("GET", "/api/v1/site")

    def all(self, limit: int) -> Json:
        """The rules in force, and the versions."""
        return self._ask("GET", f"/api/v1/rules/versions?limit={limit}")

    def one(self, version: int, part: str = "") -> Json:
        """A version, or its `/backtest` or `/shadow`."""
        return self._ask("GET", f"/api/v1/rules/versions/{version}{part}")

    def draft(self, text: str, file: str, by: str, reason: str) -> Json:
        """A new version."""
        return self._ask("POST", "/api/v1/rules/versions", {"text": text, "file": file, "by": by, "reason": reason})

    def move(self, version: int, verb: str, by: str, why: str) -> Json:
        """`shadow`, `live`, `retire` or `reject` it."""
        return self._ask("POST", f"/api/v1/rules/versions/{version}/{verb}", {"by": by, "why": why})

    def backtest(self, version: int, by: str, from_ms: int | None, to_ms: int | None) -> Json:
        """Start one."""
        asked = {"by": by, "from_ms": from_ms, "to_ms": to_ms}
        return self._ask("POST", f"/api/v1/rules/versions/{version}/backtest", asked)

    def until_done(self, version: int, step: Callable[[float], None]) -> Json:
        """Its backtest once it no longer runs; `step(progress)` meanwhile."""
        while True:
            told = self.one(version, "/backtest")
            step(told["progress"])
            if told["state"] != "running":
                return told
            time.sleep(_ASK_EVERY_S)

    def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        told: Json = self.ask(method, path, body)
        return told

    def ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """What alerts answers; RefusedError, UnreachableError."""
        try:
            answer = self._client.request(method, path, json=body)
            told: Any = answer.json()
        except httpx.HTTPError as error:
            raise UnreachableError(f"{self.url}: {error or type(error).__name__}") from error
        except ValueError as error:
            raise UnreachableError(f"{self.url} does not answer like alerts does") from error
        if answer.is_success:
            return told
        detail = told.get("detail", answer.text)
        if not isinstance(detail, str):  # the body was not as it should be: a list of places
            detail = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in detail)
        problems = tuple(Problem(**each | {"code": Code(each["code"])}) for each in told.get("problems", ()))
        raise RefusedError(detail, problems)
