"""Pure. Benches that anyone can re-run: one module each, a function that returns rows (see anlan/bench/frame.py)."""
