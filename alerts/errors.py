"""Pure. What can go wrong in alerts."""

from __future__ import annotations


class AlertsError(Exception):
    """Root of every error of this part."""


class DatabaseError(AlertsError):
    """The ticket database cannot be read or written; nothing was changed, and nothing was acknowledged."""


class NoSuchAlarmError(AlertsError):
    """No alarm of that id is watched."""


class NoSuchTicketError(AlertsError):
    """No ticket of that id is kept."""


class NothingToDoError(AlertsError):
    """The order means nothing in the present state."""


class BrokenOrderError(AlertsError):
    """A change of state that its life cycle does not know."""
