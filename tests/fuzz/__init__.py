"""Bytes from nowhere at every door: `python -m tests.fuzz --inputs 10000000`; in short tests/unit/test_fuzz.py."""
