"""Shell. DuckDB's errors told as ours, so that nobody outside the adapter needs to know them."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from ingest.problem import StoreBrokenError, StoreFullError, StoreLockedError


@contextmanager
def told_as_ours(place: str) -> Iterator[None]:
    """Raise a StoreError instead of what DuckDB or the file system raises inside."""
    try:
        yield
    except duckdb.Error as error:
        text = str(error)
        if "lock on file" in text or "Conflicting lock" in text:
            raise StoreLockedError(f"{place}: {StoreLockedError.__doc__}") from error
        if "No space left" in text or "File too large" in text or "not enough space" in text.lower():
            raise StoreFullError(f"{place}: {text}") from error
        raise StoreBrokenError(f"{place}: {text}") from error
    except OSError as error:
        kind = StoreFullError if error.errno == errno.ENOSPC else StoreBrokenError
        raise kind(f"{place}: {error}") from error
