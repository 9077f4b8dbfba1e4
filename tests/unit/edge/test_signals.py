"""What sounds, until when, and who can stop it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from edge.signals import Call, Signals
from tests.unit.edge.safe_plant import safe_plant
from vocab.annunciator import Action
from vocab.rule import Category

SITE = safe_plant()
RULES = {f"b1.{rule.id}": rule for rule in SITE.rules_of(SITE.asset("b1"))}
ALARM = "b1.temp_very_high"
ROOT = Path(__file__).parents[3]


def signals(until: str | float = "ack", what: dict[str, object] | None = None) -> Signals:
    action = Action.model_validate(
        {"when": "safety", "type": "relay", "annunciator": "siren", "latched_until": until} | (what or {})
    )
    return Signals((action,), RULES)


@pytest.mark.parametrize(
    ("until", "active", "silenced", "after_s", "sounds"),
    [
        ("ack", True, False, 9999, True),
        ("ack", False, False, 9999, True),
        ("ack", True, True, 1, False),
        ("clear", True, False, 9999, True),
        ("clear", True, True, 1, True),
        ("clear", False, False, 1, False),
        (60.0, True, False, 59, True),
        (60.0, False, False, 59, True),
        (60.0, True, False, 60, False),
        (60.0, True, True, 1, False),
    ],
)
def test_how_long_it_sounds(until: str | float, active: bool, silenced: bool, after_s: int, sounds: bool) -> None:
    made = signals(until)
    assert made.raised(ALARM, 1_000) == ["siren"]
    if silenced:
        assert made.silence(1_000) == [ALARM]

    assert made.sounding(1_000 + after_s * 1000, lambda _: active) == ({"siren"} if sounds else set())


def test_an_alarm_raised_anew_calls_anew_and_an_old_order_does_not_reach_it() -> None:
    made = signals()
    made.raised(ALARM, 1_000)
    made.silence(1_000)
    made.raised(ALARM, 5_000)

    assert made.silence(4_999) == []
    assert made.sounding(6_000, lambda _: True) == {"siren"}
    assert made.silence(5_000, "b1.other") == []
    assert made.silence(5_000, ALARM) == [ALARM]
    assert made.sounding(6_000, lambda _: True) == set()


def test_a_call_that_is_over_is_forgotten() -> None:
    made = signals()
    made.raised(ALARM, 1_000)
    made.silence(1_000)
    made.sounding(2_000, lambda _: True)
    assert made.calls == {ALARM: Call(1_000, silenced=True)}

    made.sounding(3_000, lambda _: False)
    assert made.calls == {}


@pytest.mark.parametrize(
    ("what", "covered"),
    [
        ({}, {ALARM}),
        ({"priority": 1}, {ALARM}),
        ({"categories": [Category.SANITATION]}, set()),
        ({"categories": [Category.HAZARD]}, {ALARM}),
        ({"rules": ["temp_very_high"]}, {ALARM}),
        ({"rules": ["lockout"]}, set()),
    ],
)
def test_an_action_covers_safety_rules_only_and_of_those_what_it_names(
    what: dict[str, object], covered: set[str]
) -> None:
    assert signals("ack", what).alarms == covered


def test_without_an_action_nothing_ever_sounds() -> None:
    made = Signals((), RULES)

    assert made.raised(ALARM, 1_000) == []
    assert made.sounding(1_000, lambda _: True) == set()


WRITING = ("write_coil", "write_register", "write_coils", "mask_write", "readwrite", "WriteSingle", "WriteMultiple")


def test_one_function_of_the_whole_edge_writes_to_a_device_and_it_takes_an_annunciator() -> None:
    parts = ("edge", "ingest", "alerts", "wire", "rules", "runtime", "anlan")
    files = {path: path.read_text(encoding="utf-8") for part in parts for path in (ROOT / part).rglob("*.py")}
    guilty = [
        path.relative_to(ROOT).as_posix() for path, text in files.items() if any(word in text for word in WRITING)
    ]
    tree = ast.parse((ROOT / "edge" / "annunciator.py").read_text(encoding="utf-8"))
    named = [
        (node.name, [ast.unparse(each.annotation) for each in node.args.args if each.annotation])
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef) and "write_coil" in ast.unparse(node)
    ]

    assert guilty == ["edge/annunciator.py"]
    assert named == [("write", ["Client", "Annunciator"])]
