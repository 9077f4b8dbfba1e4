"""Shell. Lines of evidence that no alarm told: of pages, answers and steps."""

from __future__ import annotations

from sqlalchemy import Connection

from alerts.database import insert
from alerts.tables import evidence
from alerts.views import Both


def say(connection: Connection, ticket: int, text: Both, at_ms: int) -> None:
    """One more line of a ticket, of what happened and is written down at this moment."""
    insert(connection, evidence, {"ticket": ticket, "at_ms": at_ms, "recorded_ms": at_ms, "en": text.en, "zh": text.zh})
