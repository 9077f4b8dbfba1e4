"""Every rule of every pack, by its own tests: given these samples, exactly these alarms."""

from __future__ import annotations

import pytest

from rules.book import PLAIN
from rules.compiled import compiled
from rules.story import run
from runtime.files import load_packs
from vocab.story import Story

PACKS = load_packs()
STORIES = [pytest.param(story, id=story.name) for pack in PACKS.values() for story in pack.stories]


@pytest.mark.parametrize("story", STORIES)
def test_the_alarms_of_a_story_are_those_its_table_tells(story: Story) -> None:
    plain = run(story, PACKS, PLAIN)

    assert plain.failures == (), f"{story.test.story.en}: {plain.events}"
    assert run(story, PACKS, compiled()).events == plain.events, "compiled is the same source"
