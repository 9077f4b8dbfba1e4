"""Pure. What the command of a backtest and whoever runs it as a job must call alike."""

from __future__ import annotations

# Where the ticket database is told: an argument would show its password to everybody on the machine.
DATABASE_VARIABLE = "ANLAN_BACKTEST_DATABASE"
