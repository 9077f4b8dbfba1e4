"""Pure. What people and programs send when they sign in or administer."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from vocab.org import Access

_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
_Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SignIn(BaseModel):
    """Who, and the proof."""

    account: _Name
    password: _Secret


class LookIn(BaseModel):
    """A wall screen's token, from the fragment of its address."""

    token: _Secret


class NewPassword(BaseModel):
    """One's own."""

    old: _Secret
    new: _Secret


class NewAccount(BaseModel):
    """A person of org.toml by id, or anybody with an access in a place."""

    account: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
    name_en: str | None = Field(default=None, max_length=200)
    name_zh: str | None = Field(default=None, max_length=200)
    access: Access | None = None
    place: str = Field(default="*", max_length=64)


class Granted(BaseModel):
    """An access in a place and everything in it; `*` is everywhere."""

    access: Access
    place: str = Field(max_length=64)


class Rights(BaseModel):
    """All that somebody is given beside what follows from org.toml."""

    rights: tuple[Granted, ...] = Field(max_length=50)


class NewToken(BaseModel):
    """For a program, or for a wall screen."""

    name: _Name
    viewer: bool = False
    scopes: tuple[str, ...] = Field(default=(), max_length=20)
    place: str = Field(default="*", max_length=64)
    days: float | None = Field(default=None, gt=0, le=36500)
