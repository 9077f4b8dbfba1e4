"""Pure. How the alarms themselves behave: load, floods, nuisance, priorities, and what would make them calmer.

`activations.pair` makes histories out of changes of state, `report.measure` makes figures out of histories. Both take
time spans as arguments and look at no clock, so the live log and a backtest are measured by the same code.
"""
