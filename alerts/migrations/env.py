"""Shell. Alembic's entry: the connection comes from `alerts.database`, or from `alembic -x url=…` by hand."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from alerts import version_tables  # noqa: F401 - they belong to the metadata
from alerts.access import tables  # noqa: F401
from alerts.database import engine_for
from alerts.duties import tables as duty_tables  # noqa: F401
from alerts.heartbeat import tables as heartbeat_tables  # noqa: F401
from alerts.oncall import tables as oncall_tables  # noqa: F401
from alerts.outbox import tables as outbox_tables  # noqa: F401
from alerts.tables import metadata
from alerts.tickets import tables as ticket_tables  # noqa: F401


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    with engine_for(context.get_x_argument(as_dictionary=True)["url"]).begin() as opened:
        _migrate(opened)
