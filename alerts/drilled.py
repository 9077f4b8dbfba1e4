"""Pure. Drills go the way of real hazards and are in no count: neither in indicators nor in registers and reports."""

from __future__ import annotations

from alerts.tables import tickets
from vocab.duties import DRILL_HAZARD
from vocab.site import Site

IS_REAL = tickets.c.hazard != DRILL_HAZARD  # of a ticket, in SQL


def drill_alarms(site: Site) -> frozenset[str]:
    """The alarms that only a drill raises."""
    found = ((asset.id, rule) for asset in site.assets for rule in site.rules_of(asset))
    return frozenset(f"{asset}.{rule.id}" for asset, rule in found if rule.hazard == DRILL_HAZARD)
