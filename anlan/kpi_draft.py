"""Pure. From suggestions to draft rules that `anlan backtest` runs over stored history.

One change per rule, the one that would have spared most calls: two at once could not be told apart in the result. A
draft is for a whole kind, so of several assets the suggestion of the noisiest counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rules.performance.report import Offender, Performance
from rules.performance.tuning import Attribute, Suggestion
from vocab.rule import ANY_POINT, Rule
from vocab.site import Site

_HEAD = """# Draft rules from alarm performance; one change per rule, see docs/reference/performance.md.
# Try them before you use them: anlan backtest THIS_FILE --site SITE --store READINGS
"""


def draft(site: Site, report: Performance) -> str:
    """The text of a draft file; without a [[rule]] if there is nothing to try."""
    best: dict[tuple[str, str], tuple[Offender, Suggestion]] = {}
    for offender in (*report.chattering, *report.fleeting, *report.top):
        for each in offender.suggestions:
            key = offender.kind, offender.rule
            if each.suggested is not None and (key not in best or each.removes > best[key][1].removes):
                best[key] = offender, each
    parts = [_HEAD]
    for (kind, name), (offender, suggestion) in sorted(best.items()):
        rule = site.packs[kind].rules.get(name) if kind in site.packs else None
        if rule is not None and rule.point != ANY_POINT:  # a rule over every point belongs to every kind
            parts.append(_row(kind, rule, offender, suggestion))
    return "\n".join(parts)


def _row(kind: str, rule: Rule, offender: Offender, suggestion: Suggestion) -> str:
    row = rule.model_dump(mode="json", exclude_unset=True) | {"kind": kind}
    if suggestion.attribute is Attribute.DEADBAND:
        row["when"] |= {"deadband": suggestion.suggested}
    else:
        row[suggestion.attribute.value] = suggestion.suggested
    lines = [f"# {offender.alarm}: {suggestion.why.en}", f"# {suggestion.why.zh}", "[[rule]]"]
    return "\n".join([*lines, *(f"{key} = {_toml(value)}" for key, value in row.items() if value is not None), ""])


def _toml(value: Any) -> str:
    """One value on one line; a JSON string is a TOML string too."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items() if each is not None) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
