"""Pure. Conditions and the alarm life cycle: no clock, no socket, no disk. alerts, edge and backtest all run this."""
