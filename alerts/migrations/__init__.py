"""Shell. The history of the ticket database; `alerts.database` brings a database up to date at start."""
