"""Pure. The tables of access. Passwords and tokens are kept as digests only; the audit log is only ever added to."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from alerts.tables import metadata

# Who may sign in. What a person of org.toml may do follows from the file; `rights` are given beside it.
accounts = Table(
    "accounts",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("name_en", String(200), nullable=False),
    Column("name_zh", String(200), nullable=False),
    Column("password", String(300), nullable=False),  # argon2id, with its parameters and salt
    Column("rights", Text, nullable=False),  # JSON [[access, place], …]
    Column("must_change", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
)

# What opens the door without a password: sessions, API tokens, viewer tokens.
keys = Table(
    "access_keys",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of 256 random bits: nothing to guess, nothing to salt
    Column("site", String(64), nullable=False),
    Column("id", String(16), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("account", String(64), nullable=True),  # of a session
    Column("parent", String(64), nullable=True),  # digest of the viewer token behind a session
    Column("name", String(200), nullable=False),
    Column("scopes", Text, nullable=False),  # JSON [action | "act_as", …] of a token
    Column("place", String(64), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("expires_ms", BigInteger, nullable=True),
    Column("used_ms", BigInteger, nullable=True),
    Column("ended_ms", BigInteger, nullable=True),
    Index("access_keys_of_an_account", "site", "account"),
)

# Failed sign-ins, by a digest of the account or the address.
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Index("sign_in_failures_by_time", "site", "last_ms"),
)

# From where accounts signed in: there they are not locked out by attempts from elsewhere.
sign_in_places = Table(
    "sign_in_places",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("account", String(64), primary_key=True),
    Column("address", String(100), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
)

# Every sign-in and every order, chained: each row's hash covers the one before.
audit = Table(
    "audit",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("previous", String(64), nullable=False),
    Column("body", Text, nullable=False),  # canonical JSON
    Column("hash", String(64), nullable=False),
)
