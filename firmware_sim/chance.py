"""Pure. Chance that repeats: every draw is decided by the seed and by names, never by who asked first."""

from __future__ import annotations

import hashlib
import random


def stream(seed: int, *names: str) -> random.Random:
    """A generator of its own for what `names` say; text seeds hash alike in every process."""
    return random.Random("/".join((str(seed), *names)))  # noqa: S311 a simulator wants repeatable chance, not secrecy


def share(seed: int, *names: str) -> float:
    """One number in [0, 1) that belongs to these names for ever: chance without a state to keep."""
    digest = hashlib.blake2b("/".join((str(seed), *names)).encode(), digest_size=7).digest()
    return int.from_bytes(digest, "big") / (1 << 56)
