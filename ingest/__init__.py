"""Shell. The memory: subscribe, judge, store, roll up, answer queries."""
