"""Pure. Ground truth: what was done to whom and when, and which alarm it must cause. Independent of every other part.

As JSON lines, one line when a fault sets in and the same line with `ended_ms` when it ends: the last line of an id
counts.
"""

from __future__ import annotations

from typing import Any

import msgspec

from vocab.faultspec import FaultSpec
from vocab.rule import Rule
from vocab.site import Asset


class Expectation(msgspec.Struct, frozen=True):
    """The alarm that must be raised, and the ticket that must come of it."""

    rule: str
    hazard: str
    category: str
    graver: tuple[str, ...] = ()  # rules to which it escalates: where one of them is first, it is hidden by design


class Truth(msgspec.Struct, frozen=True):
    """One injected fault."""

    id: str
    kind: str
    equipment: str  # the asset, or the edge whose link it is
    fault: str
    nature: str
    injected_ms: int
    ended_ms: int | None
    expects: Expectation | None  # None: it must raise nothing
    also: tuple[str, ...]  # rules that may follow without being false alarms
    also_hazards: tuple[str, ...]  # and the hazards of their tickets
    bound_s: float | None
    device: str | None = None
    point: str | None = None
    params: dict[str, float] = {}

    def line(self) -> bytes:
        """One line of the truth file."""
        return _encoder.encode(self) + b"\n"

    def plain(self) -> dict[str, Any]:
        """As JSON objects are in Python, for an HTTP answer."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Truth)


def last_words(lines: bytes) -> dict[str, Truth]:
    """The truth file read back, by id; a torn last line is left out."""
    found = {}
    for line in lines.split(b"\n")[:-1]:
        truth = _decoder.decode(line)
        found[truth.id] = truth
    return found


def expectation(fault: FaultSpec, rules: tuple[Rule, ...]) -> Expectation | None:
    """What this fault must cause on an asset that `rules` watch; None where nothing is expected or nobody watches."""
    known = {rule.id: rule for rule in rules}
    rule = known.get(fault.expects or "")
    if rule is None:
        return None
    graver, higher = [], known.get(rule.escalates_to or "")
    while higher is not None:
        graver.append(higher.id)
        higher = known.get(higher.escalates_to or "")
    return Expectation(rule.id, rule.hazard, rule.category.value, tuple(graver))


def truth_of(name: str, asset: Asset, fault: FaultSpec, rules: tuple[Rule, ...], injected_ms: int) -> Truth:
    """The record of a fault that sets in now."""
    return Truth(
        id=name,
        kind=asset.kind,
        equipment=asset.id,
        fault=fault.id,
        nature=fault.nature,
        injected_ms=injected_ms,
        ended_ms=None,
        expects=expectation(fault, rules),
        also=fault.also,
        also_hazards=tuple(sorted({rule.hazard for rule in rules if rule.id in fault.also})),
        bound_s=fault.bound_s,
    )
