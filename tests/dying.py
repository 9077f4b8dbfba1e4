"""A process that dies in the middle of writing, without a process: one write, truncation or removal ends it all."""

from __future__ import annotations

import errno
import os
import random
import stat
from pathlib import Path
from types import TracebackType
from typing import Any


class Killed(BaseException):
    """Not an Exception: nobody may catch it and go on."""


class Dying:
    """Inside the `with`, operation number `after` on a file is cut short (a write anywhere in it) and raises Killed."""

    def __init__(self, rng: random.Random, after: int) -> None:
        self._rng = rng
        self._left = after
        self._true: dict[str, Any] = {}

    def __enter__(self) -> Dying:
        for name in ("write", "ftruncate", "unlink"):
            self._true[name] = getattr(os, name)
        os.write = self._write
        os.ftruncate = self._ending("ftruncate")
        os.unlink = self._ending("unlink")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        for name, function in self._true.items():
            setattr(os, name, function)
        return kind is Killed

    def _is_last(self) -> bool:
        self._left -= 1
        return self._left < 0

    def _write(self, file: int, data: Any) -> int:
        if self._is_last():
            self._true["write"](file, bytes(data)[: self._rng.randint(0, len(data))])
            raise Killed
        return int(self._true["write"](file, data))

    def _ending(self, name: str) -> Any:
        def operation(*arguments: Any, **options: Any) -> None:
            is_last = self._is_last()
            if not is_last or self._rng.random() < 0.5:
                self._true[name](*arguments, **options)
            if is_last:
                raise Killed

        return operation


class Quota:
    """Inside the `with`, the files of `folder` may hold so many bytes together; beyond that the disk is full."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._folder = folder
        self._write = os.write

    def __enter__(self) -> Quota:
        os.write = self._limited
        return self

    def __exit__(self, *_: object) -> None:
        os.write = self._write

    def _limited(self, file: int, data: Any) -> int:
        if stat.S_ISREG(os.fstat(file).st_mode):
            used = sum(path.stat().st_size for path in self._folder.iterdir())
            left = self.most_bytes - used
            if left <= 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            data = bytes(data)[:left]  # a full disk takes what fits first
        return self._write(file, data)
