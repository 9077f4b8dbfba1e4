"""What goes into one message, and how much a channel bears."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerts.outbox.bucket import Room, room
from alerts.outbox.digest import Bundle, Waiting, cut, fitted, plan, text_of
from alerts.views import Both
from rules.codes import FAR
from vocab.channels import Limit

PLENTY = Room(1000, 1000, FAR)


def page(number: int, priority: int = 2, person: str = "a", call: int = 0, **more: object) -> Waiting:
    text = Both(f"Hazard {number}\nGrid", f"隐患{number}\n网格")
    return Waiting(number, call or number, 0, 0, person, person, text, priority, number, **more)  # type: ignore[arg-type]


def test_while_there_is_room_each_page_is_a_message_the_most_urgent_first() -> None:
    planned = plan([page(1, 3), page(2, 1), page(3, 2)], PLENTY, shared=True)

    assert [[each.id for each in bundle.pages] for bundle in planned] == [[2], [3], [1]]


def test_two_people_called_about_one_thing_are_one_message_in_a_group_and_two_elsewhere() -> None:
    pages = [page(1, 1, "a", call=7), page(2, 1, "b", call=7)]

    assert [bundle.addresses for bundle in plan(pages, PLENTY, shared=True)] == [("a", "b")]
    assert [bundle.addresses for bundle in plan(pages, PLENTY, shared=False)] == [("a",), ("b",)]


def test_short_of_room_the_most_urgent_go_alone_and_the_rest_together() -> None:
    planned = plan([page(number) for number in range(1, 22)], Room(3, 3, 0), shared=True)

    assert [len(bundle.pages) for bundle in planned] == [1, 1, 19]
    assert [bundle.is_digest for bundle in planned] == [False, False, True]


def test_the_reserve_is_for_what_is_urgent_alone() -> None:
    limit = [Limit(count=18, per_s=60, reserve=3)]
    space = room(range(15), limit, 100)

    assert (space.free, space.ordinary) == (3, 0)
    planned = plan([page(1, 2), page(2, 1), page(3, 2)], space, shared=True)
    assert [[each.id for each in bundle.pages] for bundle in planned] == [[2]], "the others wait"


@given(st.lists(st.integers(0, 200_000), max_size=60), st.integers(1, 30), st.integers(1, 60), st.integers(0, 200_000))
def test_no_window_ever_holds_more_than_the_limit(moments: list[int], count: int, per_s: int, at: int) -> None:
    limit = [Limit(count=count, per_s=per_s)]
    sent: list[int] = []
    for moment in sorted(moments):
        if room(sent, limit, moment).free > 0:
            sent.append(moment)

    assert sum(at - per_s * 1000 < each <= at for each in sent) <= count


@given(
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from("abc"), st.booleans()), max_size=40),
    st.integers(0, 12), st.integers(0, 3), st.booleans(),
)  # fmt: skip
def test_no_page_goes_twice_and_no_more_messages_than_there_is_room(
    rows: list[tuple[int, str, bool]], free: int, reserve: int, shared: bool
) -> None:
    pages = [page(n + 1, priority, who, digest=digest) for n, (priority, who, digest) in enumerate(rows)]

    planned = plan(pages, Room(free, max(0, free - reserve), FAR), shared=shared)

    ids = [each.id for bundle in planned for each in bundle.pages]
    assert len(ids) == len(set(ids))
    assert len(planned) <= free
    assert sum(bundle.priority != 1 for bundle in planned) <= max(0, free - reserve)


def test_what_does_not_fit_into_a_digest_stays_for_the_next() -> None:
    bundle = Bundle(tuple(page(number) for number in range(1, 101)), is_digest=True)

    fits = fitted(bundle, "zh", 600)

    assert 1 < len(fits.pages) < 100
    assert len(text_of(fits, "zh", 600).encode()) <= 600
    assert "…" not in text_of(fits, "zh", 600), "no line is cut"


def test_a_text_is_cut_between_signs() -> None:
    assert cut("锅炉水温过高", 12) == "锅炉水…"
