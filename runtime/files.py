"""Shell. Packs and sites from disk. Every fault of every file comes in one ConfigurationError."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from pathlib import Path

from vocab import duties_load, oncall_load, org_load, pack_load, site_load, sla_load
from vocab.pack import Pack
from vocab.problem import Code, ConfigurationError, Problem
from vocab.site import Site


def shipped(package: str) -> Path:
    """The folder of a data package that came with Anlan: `packs`, `sites`, `wall`."""
    return Path(str(resources.files(package)))


def load_packs(folder: Path | None = None, *, own: Path | None = None, with_tests: bool = False) -> dict[str, Pack]:
    """All packs by kind: the shipped ones (or those in `folder`), with a site's `own` files over and beside them.

    The tests of rules are left out unless asked for: to read them takes twice as long as all the rest, and a slip in
    one must not keep an agent from starting. Raises ConfigurationError with every fault of every file.
    """
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for root in (folder or shipped("packs"), own):
        if root is not None:
            problems += _read_into(texts, root, with_tests)
    packs, faults = pack_load.load(texts)
    if problems or faults:
        raise ConfigurationError((*problems, *faults))
    return packs


def _read_into(texts: dict[str, str], root: Path, with_tests: bool) -> list[Problem]:
    problems = []
    for path in sorted(root.rglob("*.toml")):
        name = path.relative_to(root).as_posix()
        if "/golden/" in name:  # test vectors, not part of the pack
            continue
        if name.endswith("/tests.toml") and not with_tests:
            continue
        try:
            texts[name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(f"packs/{name}", 1, Code.UNREADABLE, "(file)", str(error), "save it as UTF-8"))
    return problems


def load_site(folder: Path, packs: dict[str, Pack] | None = None, endpoints: Path | None = None) -> Site:
    """The site in `folder` (or the site.toml itself); raises ConfigurationError.

    Beside it org.toml tells who answers for what (docs/reference/org.md), oncall.toml who is called about it and
    channels.toml by which ways (docs/reference/on-call.md), duties.toml what has to happen (docs/reference/duties.md),
    sla.toml by when (docs/reference/sla.md). Pack files of the site's own, such as
    `packs/boiler/makes/norden.toml` beside its site.toml, count as shipped ones.
    `endpoints` is a JSON file `{"EDGE/BUS": {"host": …, "port": …} or {"device": …}}` that says where buses whose
    address is decided at start are to be found (`anlan demo` writes it).
    """
    path = folder / "site.toml" if folder.is_dir() else folder
    known = load_packs(own=path.parent / "packs") if packs is None else packs
    site, problems = site_load.load(str(path), _text(path, "give the folder that holds site.toml"), known)
    beside = path.parent / "org.toml"
    if beside.exists():
        file = None if site is None else site.file  # of a site with faults nothing is asked about its grids
        org, faults = org_load.load(str(beside), _text(beside, "save it as UTF-8"), file, known)
        problems = (*problems, *faults)
        if site is not None and org is not None:
            site = replace(site, org=org)
    is_sound = not problems  # nothing is asked about what could not be read
    site, faults = _calling(path.parent, site)
    problems = (*problems, *faults)
    duties = path.parent / "duties.toml"
    if duties.exists():
        whole = site if is_sound else None
        found, faults = duties_load.load(str(duties), _text(duties, "save it as UTF-8"), whole)
        problems = (*problems, *faults)
        if site is not None and found is not None:
            site = replace(site, duties=found)
    limits = path.parent / "sla.toml"
    if limits.exists():
        own_sla, faults = sla_load.load(str(limits), _text(limits, "save it as UTF-8"), known)
        problems = (*problems, *faults)
        if site is not None and own_sla is not None:
            site = replace(site, own_sla=own_sla)
    if site is not None and not problems and site.oncall.dormant:
        beside = path.parent / "oncall.toml"
        problems = oncall_load.never_on(str(beside), _text(beside, "save it as UTF-8"), site.oncall, site.duties)
    if site is None or problems:
        raise ConfigurationError(problems)
    return site if endpoints is None else site_load.placed(site, json.loads(endpoints.read_text(encoding="utf-8")))


def _calling(folder: Path, site: Site | None) -> tuple[Site | None, tuple[Problem, ...]]:
    """The site with its channels and on-call, and the faults of both files."""
    problems: tuple[Problem, ...] = ()
    org = None if site is None or not site.org else site.org
    channels = on_call = None
    if (beside := folder / "channels.toml").exists():
        channels, problems = oncall_load.load_channels(
            str(beside), _text(beside, "save it as UTF-8"), org, None if site is None else site.file.edge
        )
    if (beside := folder / "oncall.toml").exists():
        zone = "UTC" if site is None else site.file.timezone
        on_call, faults = oncall_load.load(str(beside), _text(beside, "save it as UTF-8"), org, channels, zone)
        problems = (*problems, *faults)
    if site is not None:
        site = replace(site, channels=channels or site.channels, oncall=on_call or site.oncall)
    return site, problems


def _text(path: Path, hint: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError((Problem(str(path), 1, Code.UNREADABLE, "(file)", str(error), hint),)) from error
