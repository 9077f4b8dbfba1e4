"""Pure. A site's sla.toml, or every fault of it."""

from __future__ import annotations

from collections.abc import Mapping

from vocab.pack import COMMON, Pack
from vocab.problem import Problem
from vocab.salvage import salvage
from vocab.sla import SlaFile
from vocab.sla_checks import attribute_faults, sla_faults
from vocab.strict_toml import Source


def load(file: str, text: str, packs: Mapping[str, Pack]) -> tuple[SlaFile | None, tuple[Problem, ...]]:
    """The limits and no problems, or None and all of them."""
    read = salvage(Source(file, text), SlaFile)
    problems = set(read.problems)
    if read.found is not None:
        common = packs.get(COMMON)
        usual, sectors = (None, None) if common is None else (common.sla, common.sectors)
        problems |= set(sla_faults(read.found, read.source, packs, usual, sectors))
        problems |= set(attribute_faults(read.found, read.source, packs))
        if not problems:
            return read.found, ()
    return None, tuple(sorted(problems))
