"""Pure. The organisation as GET /api/v1/org tells it: names for the ids of places, units and people. No contacts."""

from __future__ import annotations

from typing import Any

from vocab.org import Org
from vocab.strict_toml import Text


def org_view(org: Org) -> dict[str, Any]:
    """Places, units with their kinds, and people by their roles; how they are reached is nobody's business here."""
    file = org.file
    return {
        "places": [
            {"id": each.id, "name": _both(each.name), "level": each.level, "parent": each.parent, "code": each.code}
            for each in file.place
        ],
        "unit_kinds": [{"id": each.id, "name": _both(each.name), "line": each.line} for each in file.unit_kind],
        "roles": [{"id": each.id, "name": _both(each.name), "access": each.access} for each in file.role],
        "units": [
            {
                "id": each.id, "kind": each.kind, "name": _both(each.name), "place": each.place, "also": each.also,
                "parent": each.parent,
            }
            for each in file.unit
        ],
        "people": [
            {"id": each.id, "name": _both(each.name), "unit": each.unit, "roles": each.roles} for each in file.person
        ],
    }  # fmt: skip


def _both(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}
