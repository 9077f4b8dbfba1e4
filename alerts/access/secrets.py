"""Shell. Passwords and random tokens: made, and compared with what is kept of them."""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()  # argon2id with the library's parameters, those of RFC 9106 for machines with little memory
# Whoever guesses at 80 random bits is not stopped by a slow hash, and needs none to fail. Signing in hashes it anew.
_QUICK = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)

_AT_ONCE = BoundedSemaphore(2)  # each takes 64 MiB: a crowd that signs in must not take the machine


def hashed(password: str, *, is_random: bool = False) -> str:
    """What is kept of a password; `is_random`: it is one of `new_password`, and not one that a person thought of."""
    return (_QUICK if is_random else _HASHER).hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether it is the password. For an account that is none it takes as long, and is never."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept or _nobodys(), password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def new_token(prefix: str) -> str:
    """256 random bits behind a prefix by which a leaked one is recognised."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def new_password() -> str:
    """A one-time password that can be read aloud: 80 random bits."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@lru_cache(1)
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_urlsafe(16))
