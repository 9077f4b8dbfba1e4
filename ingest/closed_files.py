"""Shell. The folder of closed periods beside a store's file. A file is written once, whole, and never changed.

A file counts only once the store's own file names it: what a crash left before that is swept away at the next start.
One that is no longer named stays for a while, for those who still read what they found named.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ingest.problem import StoreBrokenError

SUFFIX = ".closed"


def folder_of(store: Path) -> Path:
    """The folder that belongs to a store's file."""
    return store.with_name(store.name + SUFFIX)


class ClosedFiles:
    """Those of the store in the file `store`. Their names bear its identity, so that a store which is begun anew beside
    them neither removes nor overwrites what the one before may still be wanted for."""

    def __init__(self, store: Path, identity: int) -> None:
        self.folder = folder_of(store)
        self._identity = identity

    def path(self, number: int) -> Path:
        """Where the closed period of this number lies."""
        return self.folder / f"{self._identity:012x}-{number:010d}"

    def write(self, number: int, body: bytes) -> None:
        """Durable when it returns."""
        self.folder.mkdir(parents=True, exist_ok=True)
        new = self.path(number).with_suffix(".new")
        with new.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self.path(number))
        for folder in (self.folder, self.folder.parent):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def read(self, number: int, place: int, size: int) -> bytes:
        """Part of one."""
        with self.reading(number) as handle:
            return self.part(handle, number, place, size)

    @contextmanager
    def reading(self, number: int) -> Iterator[int]:
        """A handle to read parts with; StoreBrokenError if it is not there."""
        try:
            handle = os.open(self.path(number), os.O_RDONLY)
        except FileNotFoundError as error:
            raise StoreBrokenError(f"{self.path(number)} is missing: it belongs to the store beside it") from error
        try:
            yield handle
        finally:
            os.close(handle)

    def part(self, handle: int, number: int, place: int, size: int) -> bytes:
        """So many bytes; StoreBrokenError if there are fewer."""
        found = os.pread(handle, size, place)
        if len(found) < size:
            raise StoreBrokenError(f"{self.path(number)}: cut off")
        return found

    def sweep(self, named: Iterable[int]) -> None:
        """Remove every file of this store that is not named."""
        kept = {self.path(number).name for number in named}
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name not in kept and path.name.startswith(f"{self._identity:012x}-"):
                self._remove(path)

    def remove(self, numbers: Iterable[int]) -> None:
        """Remove these."""
        for number in numbers:
            self._remove(self.path(number))

    def _remove(self, path: Path) -> None:
        with suppress(FileNotFoundError):
            path.unlink()

    def link_to(self, store: Path, numbers: Iterable[int]) -> None:
        """The same files under the name of another store: the same bytes on the disk where that can be."""
        other = ClosedFiles(store, self._identity)
        for number in numbers:
            other.folder.mkdir(parents=True, exist_ok=True)
            try:
                os.link(self.path(number), other.path(number))
            except FileNotFoundError as error:
                raise StoreBrokenError(f"{self.path(number)} is missing") from error
            except OSError:
                shutil.copyfile(self.path(number), other.path(number))
