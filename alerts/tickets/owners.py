"""Pure. Whose a ticket is, as the columns that keep it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vocab.ownership import Matter, owner
from vocab.site import Site


@dataclass(frozen=True, slots=True)
class Owner:
    """The unit that leads, and those that assist as JSON."""

    lead: str
    assist_json: str
    outside: bool = False  # the duty matrix does not speak of it


def matter_of(site: Site, row: Mapping[Any, Any]) -> Matter:
    """What a ticket is about. The sector is what somebody said, else it follows from the subject."""
    category, hazard, kind = row["category"], row["hazard"], row["kind"]
    return Matter(category, hazard, kind, row.get("sector") or site.taxonomy.of(category, hazard, kind))


def lead_of(site: Site, grid: str, matter: Matter) -> Owner:
    """By the duty matrix. A site without org.toml is one unit, itself: its tickets go to whoever is there."""
    found = owner(site.org, grid, matter)
    return Owner(found.lead or site.id, json.dumps(found.assist), found.outside)
