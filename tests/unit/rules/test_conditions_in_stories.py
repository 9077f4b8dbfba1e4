"""Every condition type and every key of a rule means what docs/reference/rules.md says, told as stories."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from rules.compiled import compiled
from rules.functions import PLAIN
from rules.story import run
from vocab import pack_load
from vocab.condition import Condition
from vocab.leaves import parts
from vocab.rule import Rule, conditions_of
from vocab.story import Story
from vocab.story_checks import untested

FOLDER = Path(__file__).parent / "conditions"
PACKS, PROBLEMS = pack_load.load({f"plant/{path.name}": path.read_text(encoding="utf-8") for path in FOLDER.iterdir()})
STORIES = PACKS["plant"].stories if PACKS else ()
KEYS_TOLD_ELSEWHERE = {"on_samples", "off_samples", "latching", "while_tightened"}  # packs/bin, packs/boiler
TOLD_ELSEWHERE = {"no_data", "bad_signal", "any"}  # packs/common/tests.toml, packs/elevator/tests.toml


def test_the_pack_of_conditions_has_no_faults() -> None:
    assert PROBLEMS == ()
    assert untested(PACKS) == []


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.test.rule)
def test_a_condition_does_what_its_words_say(story: Story) -> None:
    plain = run(story, PACKS, PLAIN)

    assert plain.failures == (), plain.events
    assert run(story, PACKS, compiled()).events == plain.events


def test_every_condition_type_is_told() -> None:
    rules = PACKS["plant"].rules.values()
    told: set[str] = {leaf.type for rule in rules for leaf in conditions_of(rule)}
    told = told.union(*(_joins(rule.when) for rule in rules))
    every = {get_args(model.model_fields["type"].annotation)[0] for model in get_args(get_args(Condition)[0])}

    assert every - told == TOLD_ELSEWHERE


def _joins(condition: Condition) -> set[str]:
    inner = parts(condition)
    return ({condition.type} if inner else set()).union(*(_joins(each) for each in inner))


def test_every_key_that_moves_an_alarm_is_told() -> None:
    silent = {"id", "name", "point", "variants", "priority", "hazard", "category", "grade", "enabled", "procedure"}
    silent.add("basis")
    told = {name for rule in PACKS["plant"].rules.values() for name in rule.model_fields_set}

    assert set(Rule.model_fields) - silent - told == KEYS_TOLD_ELSEWHERE
