from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocab import topics
from vocab.topics import Kind, Topic

IDS = st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True)


@given(IDS, IDS, st.sampled_from(Kind))
def test_what_is_built_is_parsed_again(site: str, edge: str, kind: Kind) -> None:
    assert topics.parse(topics.build(site, edge, kind)) == Topic(site, edge, kind)


@pytest.mark.parametrize("name", ["", "a/b", "+", "#", "A", "a b", "x" * 65, "ü"])
def test_an_id_that_would_reach_other_edges_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="id"):
        topics.build("demo", name, Kind.TELE)
    with pytest.raises(ValueError, match="id"):
        topics.build(name, "edge", Kind.TELE)


@pytest.mark.parametrize(
    "topic",
    [
        "", "anlan/v1/demo/edge", "anlan/v1/demo/edge/tele/more", "other/v1/demo/edge/tele", "anlan/v2/demo/edge/tele",
        "anlan/v1/De/edge/tele", "anlan/v1/demo//tele", "anlan/v1/demo/edge/nonsense",
    ],
)  # fmt: skip
def test_a_topic_that_is_not_ours_is_refused(topic: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        topics.parse(topic)


def test_a_subscription_hears_every_edge_of_a_site_or_of_all() -> None:
    assert topics.subscription("demo", Kind.TELE) == "anlan/v1/demo/+/tele"
    assert topics.subscription("+", Kind.BACKFILL) == "anlan/v1/+/+/backfill"
    with pytest.raises(ValueError, match="site id"):
        topics.subscription("#", Kind.TELE)
