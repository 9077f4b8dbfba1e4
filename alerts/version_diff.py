"""Pure. What a draft changes of the rules in force, rule by rule and field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from vocab.draft import DraftChange
from vocab.rule import Rule
from vocab.site import Site


class FieldChange(msgspec.Struct, frozen=True):
    """One field, such as `when.limit`. None where the field has no value."""

    field: str
    old: Any
    new: Any


class RuleChange(msgspec.Struct, frozen=True):
    """One rule of one kind. `overridden`: the site's own override still applies to it."""

    kind: str
    rule: str
    is_new: bool
    overridden: bool
    fields: tuple[FieldChange, ...]


def rule_changes(before: Site, after: Site, touched: Iterable[DraftChange]) -> tuple[RuleChange, ...]:
    """The rules that really become others; a row that says what is in force already is none."""
    found = []
    for each in touched:
        old = before.packs[each.kind].rules.get(each.rule)
        fields = tuple(_fields(old, after.packs[each.kind].rules[each.rule]))
        if fields:
            found.append(RuleChange(each.kind, each.rule, old is None, each.overridden, fields))
    return tuple(sorted(found, key=lambda change: (change.kind, change.rule)))


def _fields(old: Rule | None, new: Rule) -> Iterator[FieldChange]:
    before = {} if old is None else dict(_flat(old.model_dump(mode="json")))
    after = dict(_flat(new.model_dump(mode="json")))
    for name in [*after, *(name for name in before if name not in after)]:
        if before.get(name) != after.get(name):
            yield FieldChange(name, before.get(name), after.get(name))


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
