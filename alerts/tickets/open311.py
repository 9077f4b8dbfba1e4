"""Pure. Open311 GeoReport v2: services, requests and their tickets. https://wiki.open311.org/GeoReport_v2/"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from alerts.views import TicketView
from vocab.instant import iso
from vocab.site import Site
from vocab.sla import Service

_EARTH_M = 6_371_000.0  # mean radius


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is, as far as it is known."""

    latitude: float | None
    longitude: float | None

    def metres_to(self, other: Spot) -> float | None:
        """The great-circle distance; None if one of the two is nowhere."""
        here, there = (self.latitude, self.longitude), (other.latitude, other.longitude)
        if None in here or None in there:
            return None
        lat, lon, lat_, lon_ = (math.radians(float(each or 0.0)) for each in (*here, *there))
        half = math.sin((lat_ - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat_) * math.sin((lon_ - lon) / 2) ** 2
        return 2 * _EARTH_M * math.asin(math.sqrt(half))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a resident reports. Names, phones and addresses of people are not kept."""

    service: Service
    spot: Spot
    description: str
    address: str
    address_id: str


def spot_of(site: Site, row: Mapping[Any, Any]) -> Spot:
    """Where a ticket is: what it says itself, or where its equipment stands."""
    if row["latitude"] is not None and row["longitude"] is not None:
        return Spot(row["latitude"], row["longitude"])
    asset = next((each for each in site.file.asset if each.id == row["asset"]), None)
    return Spot(None, None) if asset is None else Spot(asset.latitude, asset.longitude)


def same_as(site: Site, asked: Asked, rows: Iterable[Mapping[Any, Any]]) -> int | None:
    """The open ticket that a report is about, if it is near enough or named; the nearest of several."""
    found: list[tuple[float, int]] = []
    for row in rows:
        if row["category"] != asked.service.category or row["hazard"] not in (
            asked.service.hazard, *asked.service.same_as,
        ):  # fmt: skip
            continue
        if asked.address_id and asked.address_id == row["asset"]:
            found.append((0.0, row["id"]))
            continue
        metres = asked.spot.metres_to(spot_of(site, row))
        if metres is not None and metres <= site.sla.duplicate_radius_m:
            found.append((metres, row["id"]))
    return min(found)[1] if found else None


def grid_of(site: Site, asked: Asked) -> str:
    """The grid that is named, or that of the nearest equipment; no report is lost, so else the site's first."""
    grids = {grid.id for grid in site.file.grid}
    if asked.address_id in grids:
        return asked.address_id
    named = next((asset.grid for asset in site.assets if asset.id == asked.address_id), None)
    if named is not None:
        return named
    near = [
        (metres, asset.grid)
        for asset in site.file.asset
        if (metres := asked.spot.metres_to(Spot(asset.latitude, asset.longitude))) is not None
    ]
    return min(near)[1] if near else site.file.grid[0].id


def service_of(site: Site, ticket: TicketView) -> Service | None:
    """The service under which a ticket is told."""
    for service in site.sla.services():
        if ticket.category == service.category and ticket.hazard in (service.hazard, *service.same_as):
            return service
    return None


def sector_of(site: Site, service: Service) -> str:
    """To which sector of public safety a service belongs."""
    return site.taxonomy.of(service.category.value, service.hazard, "")


def service_view(site: Site, service: Service, language: str) -> dict[str, Any]:
    """One entry of services.json; its group is its sector."""
    sector = sector_of(site, service)
    return {
        "service_code": service.code,
        "service_name": getattr(service.name, language),
        "description": getattr(service.description, language),
        "metadata": False,
        "type": "realtime",
        "keywords": f"{service.category.value},{sector}",
        "group": getattr(site.taxonomy.name(sector), language),
    }


def request_view(site: Site, ticket: TicketView, language: str, updated_ms: int, spot: Spot) -> dict[str, Any]:
    """One entry of requests.json."""
    service, work = service_of(site, ticket), ticket.work
    unit = site.org.units.get(work.lead_unit)
    return {
        "service_request_id": ticket.id,
        "status": "open" if ticket.closed_ms is None else "closed",
        "status_notes": getattr(work.city_step, language),
        "service_code": None if service is None else service.code,
        "service_name": None if service is None else getattr(service.name, language),
        "description": work.text or getattr(ticket.title, language),
        "agency_responsible": work.lead_unit if unit is None else getattr(unit.name, language),
        "service_notice": getattr(work.hazard_word, language),
        "requested_datetime": iso(ticket.opened_ms),
        "updated_datetime": iso(updated_ms),
        "expected_datetime": None if work.due_ms is None else iso(work.due_ms),
        "address": work.address or getattr(ticket.location, language),
        "address_id": ticket.asset or ticket.grid,
        "zipcode": None,
        "lat": spot.latitude,
        "long": spot.longitude,
        "media_url": None,
    }
