"""Shell. One file that holds many: `.tar.zst` or `.zip`, its manifest first, every other member hashed in it."""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

MANIFEST, SEAL = "manifest.json", "manifest.sha256"
_BLOCK = 1 << 20
Progress = Callable[[int], None]  # so many bytes more


class DamagedError(Exception):
    """An archive that is not what was written; says what is damaged."""


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Names as in an archive, and where they are; sorted. Links and sockets are passed over."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(folder).as_posix(), path


def sha256_of(path: Path) -> str:
    """Of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(folder: Path, manifest: Mapping[str, Any], out: Path, progress: Progress) -> None:
    """Write `folder` into `out`, whole or not at all, readable by its owner only."""
    told = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
    (folder / MANIFEST).write_bytes(told)
    (folder / SEAL).write_text(hashlib.sha256(told).hexdigest())
    names = [MANIFEST, SEAL, *manifest["files"]]
    new = out.with_name(f".{out.name}.part")
    new.unlink(missing_ok=True)
    new.touch(0o600)
    try:
        if out.suffix == ".zip":
            with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
                for name in names:
                    archive.write(folder / name, name)
                    progress((folder / name).stat().st_size)
        else:
            import pyarrow as pa

            with pa.CompressedOutputStream(str(new), "zstd") as stream, tarfile.open(fileobj=stream, mode="w|") as tar:
                for name in names:
                    tar.add(folder / name, name, recursive=False)
                    progress((folder / name).stat().st_size)
        new.replace(out)
    finally:
        new.unlink(missing_ok=True)


def unpack(archive: Path, folder: Path, progress: Progress) -> dict[str, Any]:
    """Everything into an empty folder; the manifest. DamagedError unless each file is there and as it was written."""
    manifest: dict[str, Any] | None = None
    seen: dict[str, str] = {}
    with _told(archive):
        for name, source in _members(archive):
            if manifest is None and name not in {MANIFEST, SEAL}:
                manifest = _manifest(folder)
            if manifest is not None and name not in manifest["files"]:
                raise DamagedError(f"{archive}: {name} does not belong to it")
            place = folder / PurePosixPath(name)
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb") as file:
                shutil.copyfileobj(source, file, _BLOCK)
            seen[name] = sha256_of(place)
            progress(place.stat().st_size)
        manifest = _manifest(folder) if manifest is None else manifest
    bad = [name for name, told in manifest["files"].items() if seen.get(name) != told["sha256"]]
    if bad:
        words = (f"{name} is {'changed' if name in seen else 'missing'}" for name in bad)
        raise DamagedError(f"{archive} is damaged: {', '.join(words)}")
    for name, told in manifest["files"].items():
        (folder / PurePosixPath(name)).chmod(told["mode"])
    return manifest


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        told = (folder / MANIFEST).read_bytes()
        seal = (folder / SEAL).read_text().strip()
    except OSError:
        raise DamagedError("this is no backup of Anlan, or its beginning is gone: no manifest") from None
    if hashlib.sha256(told).hexdigest() != seal:
        raise DamagedError(f"{MANIFEST} is changed")
    found: dict[str, Any] = json.loads(told)
    return found


@contextmanager
def _told(archive: Path) -> Iterator[None]:
    """What compression and container say of a damage, as ours."""
    try:
        yield
    except FileNotFoundError:
        raise DamagedError(f"{archive}: no such file") from None
    except (OSError, EOFError, ValueError, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        raise DamagedError(f"{archive} is damaged: {error}") from error


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as opened:
            for name in opened.namelist():
                with opened.open(name) as source:
                    yield _safe(name), source
        return
    import pyarrow as pa

    opened_file = pa.OSFile(str(archive))
    with pa.CompressedInputStream(opened_file, "zstd") as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is not None:
                yield _safe(member.name), content


def _safe(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise DamagedError(f"{name} leads out of the folder")
    return name
