"""Shell. History from a running ingest, over HTTP: the same frames, in the same order, as from its file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pyarrow as pa

from ingest.arrivals import numbers_of, settled
from ingest.history import Chunk, Stretch
from ingest.history_stream import decoded, names_in
from ingest.problem import StoreError
from wire.catalogue import Catalogue

TIMEOUT_S = 60.0  # between two chunks; the first question may scan every frame of the site


class HttpHistory:
    """`ingest.history.History` on the address of an ingest, such as http://127.0.0.1:8081."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._client = httpx.Client(base_url=self.url, timeout=TIMEOUT_S, trust_env=False)

    def close(self) -> None:
        """See `History`."""
        self._client.close()

    def stretch(self, site: str, from_ms: int | None, to_ms: int | None) -> Stretch | None:
        """See `History`."""
        asked = {"site": site, "from_ms": from_ms, "to_ms": to_ms}
        with self._told_as_ours():
            answer = self._client.get(
                "/api/v1/history", params={name: each for name, each in asked.items() if each is not None}
            )
            _must_be_well(answer)
            told = answer.json()["stretch"]
            return None if told is None else Stretch(**told)

    def frames(self, stretch: Stretch, catalogue: Catalogue) -> Iterator[Chunk]:
        """See `History`. StoreError if fewer frames come than the stretch has: they were forgotten meanwhile, or
        ingest or its store went away."""
        asked: dict[str, str | int] = {"site": stretch.site, "first": stretch.first, "last": stretch.last}
        came, was_opening = 0, False
        with self._told_as_ours(), self._client.stream("GET", "/api/v1/history/frames", params=asked) as answer:
            if answer.status_code != httpx.codes.OK:
                answer.read()
            _must_be_well(answer)
            with pa.ipc.open_stream(io.BufferedReader(Body(answer.iter_bytes()))) as batches:
                numbers = numbers_of(names_in(batches.schema), stretch.site, catalogue)
                for batch in batches:
                    found, is_opening = decoded(batch, stretch.site)
                    came += len(found)
                    was_opening |= is_opening
                    frames = settled(found, catalogue, numbers)
                    if len(frames):
                        yield Chunk(frames, was_opening)
                        was_opening = False
        if came != stretch.frames:
            raise StoreError(f"{self.url}: {came} of {stretch.frames} frames came, then the history broke off")

    @contextmanager
    def _told_as_ours(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            raise StoreError(f"{self.url}: {error or type(error).__name__}") from error
        except (pa.ArrowException, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{self.url}: this is no history of ours: {error}") from error


def _must_be_well(answer: httpx.Response) -> None:
    if answer.status_code != httpx.codes.OK:
        raise StoreError(f"{answer.url}: {answer.status_code} {answer.text[:500]}")


class Body(io.RawIOBase):
    """The body of an answer as a file."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        room = memoryview(buffer)
        while not len(self._left):
            part = next(self._parts, None)
            if part is None:
                return 0
            self._left = memoryview(part)
        taken = min(len(room), len(self._left))
        room[:taken] = self._left[:taken]
        self._left = self._left[taken:]
        return taken
