"""Pure. The rules in force, with everything that is made of them and never changes while they are."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.layout import Layout, layout
from alerts.ledger import Options
from alerts.queries import Queries
from alerts.store import Store
from vocab.site import Site
from wire.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Law:
    """A site with its rules, its books' layout, and the rows in which the books are kept."""

    site: Site
    layout: Layout
    store: Store
    queries: Queries


def law_of(site: Site, options: Options, rows: str | None = None) -> Law:
    """Takes seconds for a large site. `rows`: under which name the books are kept, if not the site's own."""
    catalogue = Catalogue([site])
    made = layout(site, catalogue, options.silence_floor_ms)
    names = "\n".join(f"{each.asset}/{each.point}" for each in catalogue.series)
    return Law(site, made, Store(rows or site.id, made, names.encode()), Queries(site))
