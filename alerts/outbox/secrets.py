"""Shell. Secrets of channels: from the environment, or from the file that NAME_FILE names; masked wherever shown."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path


class NoSecretError(Exception):
    """It is not given, or cannot be read; the message names it and never its content."""


def secret(name: str, environment: Mapping[str, str] | None = None) -> str:
    """The secret of that name; NoSecretError."""
    env = os.environ if environment is None else environment
    path = env.get(f"{name}_FILE")
    if path:
        try:
            found = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise NoSecretError(f"{name}_FILE cannot be read: {type(error).__name__}") from error
    else:
        found = env.get(name, "").strip()
    if not found:
        raise NoSecretError(f"neither {name} nor {name}_FILE is given")
    return found


def masked(text: str, secrets: Iterable[str]) -> str:
    """`text` without the secrets: the last two signs are left of long ones, so that two can be told apart."""
    for each in sorted((each for each in secrets if each), key=len, reverse=True):
        text = text.replace(each, "***" + (each[-2:] if len(each) > 12 else ""))
    return text
