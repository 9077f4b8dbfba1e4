"""Pure. Whose a ticket is, as the columns that keep it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from vocab.ownership import owner
from vocab.site import Site


@dataclass(frozen=True, slots=True)
class Owner:
    """The unit that leads, and those that assist as JSON."""

    lead: str
    assist_json: str


def lead_of(site: Site, grid: str, category: str, hazard: str, kind: str) -> Owner:
    """By the duty matrix. A site without org.toml is one unit, itself: its tickets go to whoever is there."""
    found = owner(site.org, grid, category, hazard, kind)
    return Owner(found.lead or site.id, json.dumps(found.assist))
