"""A sound little site with one pack, to be spoiled one file at a time."""

from __future__ import annotations

from pathlib import Path

GOOD = Path(__file__).parent / "good"
BAD = Path(__file__).parent / "bad"

PLACES = {
    "pack": "pump/pack.toml",
    "rules": "pump/rules.toml",
    "faults": "pump/faults.toml",
    "procedures": "pump/procedures.toml",
    "tests": "pump/tests.toml",
    "makes": "pump/makes/acme.toml",
    "policy": "common/policy.toml",
}


def good(name: str) -> str:
    """The text of a sound file."""
    return (GOOD / name).read_text(encoding="utf-8")


def pack_files(**changed: str) -> dict[str, str]:
    """All pack files, some of them replaced; keyed as in `PLACES`."""
    files = {
        "common/pack.toml": good("common.pack.toml"),
        "edge/pack.toml": good("edge.pack.toml"),
        "edge/rules.toml": good("edge.rules.toml"),
        "pump/makes/airy.toml": good("mqtt-make.toml"),
        **{place: good(f"{name}.toml") for name, place in PLACES.items() if name != "makes"},
        PLACES["makes"]: good("make.toml"),
    }
    return files | {PLACES[name]: text for name, text in changed.items()}
