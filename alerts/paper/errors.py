"""Pure. What can go wrong with paper."""

from __future__ import annotations

from alerts.errors import AlertsError, NotThereError, RefusedError


class NoFontError(AlertsError):
    """No font with Chinese signs is on this machine, so that a PDF would be boxes."""


class PaperError(RefusedError):
    """What was asked for cannot be put on paper; `reason` is a code for programs."""


class NoSuchReportError(NotThereError):
    """No report of that number is kept."""
