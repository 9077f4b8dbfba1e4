"""Every rule of every pack, by its own tests: given these samples, exactly these alarms."""

from __future__ import annotations

import re

import pytest

from rules.compiled import compiled
from rules.functions import PLAIN
from rules.story import run
from runtime.files import load_packs
from vocab.rule import NO_POINT
from vocab.story import Story
from vocab.story_checks import untested

CHINESE = re.compile(r"[\u4e00-\u9fff]")
PACKS = load_packs(with_tests=True)
STORIES = [story for pack in PACKS.values() for story in pack.stories]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_the_alarms_of_a_story_are_those_its_table_tells(story: Story) -> None:
    plain = run(story, PACKS, PLAIN)

    assert plain.failures == (), f"{story.test.story.en}: {plain.events}"
    assert run(story, PACKS, compiled()).events == plain.events, "compiled is the same source"


def test_every_rule_has_a_test() -> None:
    assert untested(PACKS) == []


@pytest.mark.parametrize("kind", sorted(PACKS))
def test_the_tests_of_a_rule_say_when_it_is_raised_when_it_clears_and_when_nothing_happens(kind: str) -> None:
    words: dict[str, set[str]] = {}
    for story in PACKS[kind].stories:
        told = (each.word for moment in story.moments for each in moment.expects)
        words.setdefault(story.test.rule, set()).update(told)

    owed = {"raised", "cleared", "nothing"}
    dates = {rule.id for rule in PACKS[kind].rules.values() if rule.point == NO_POINT}  # they pass once
    assert {
        rule for rule, told in words.items() if not told >= owed - ({"cleared"} if rule in dates else set())
    } == set()


def test_every_story_is_told_in_chinese_too() -> None:
    assert [story.name for story in STORIES if not CHINESE.search(story.test.story.zh)] == []
