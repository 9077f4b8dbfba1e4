"""Pure. What can be wrong with the store. The batch is kept and tried again; nothing of it is acknowledged."""

from __future__ import annotations


class IngestError(Exception):
    """Root of everything that ingest raises."""


class StoreError(IngestError):
    """The store did not take or give what it was asked for. Open it again before the next attempt."""


class StoreLockedError(StoreError):
    """Another process has the store open: only one may write. End it, or give this one another file."""


class StoreFullError(StoreError):
    """There is no room left on the disk of the store."""


class StoreBrokenError(StoreError):
    """The store cannot be read or written."""


class NotClosedError(IngestError):
    """A period could not be closed. Its rows stay as they are, and everything else goes on."""


class UnknownSeriesError(IngestError):
    """The site files know no such asset or point."""
