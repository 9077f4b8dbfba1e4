"""Pure. Every table of the ticket database; whoever imports this knows them all."""

from __future__ import annotations

from alerts import edge_tables, hiding_tables, version_tables  # noqa: F401 - they belong to the metadata
from alerts.access import tables as access_tables  # noqa: F401
from alerts.campaigns import tables as campaign_tables  # noqa: F401
from alerts.duties import haul_tables  # noqa: F401
from alerts.duties import tables as duty_tables  # noqa: F401
from alerts.heartbeat import tables as heartbeat_tables  # noqa: F401
from alerts.oncall import tables as oncall_tables  # noqa: F401
from alerts.outbox import tables as outbox_tables  # noqa: F401
from alerts.tables import metadata
from alerts.tickets import tables as ticket_tables  # noqa: F401

OURS = frozenset(metadata.tables)
