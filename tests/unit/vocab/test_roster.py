"""Who is on call when: rotations, shift patterns, restrictions, the changes of the clock, who stands in."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from vocab.instant import from_ms
from vocab.roster import Roster, Rotation, Shift, StandIn, gaps, moment, on_call, stretches, tired
from vocab.strict_toml import Text
from vocab.window import Window

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
START = date(2026, 1, 1)
NAME = Text(en="x", zh="x")
DAY = Shift(id="day", name=NAME, begins="08:00", ends="20:00")
NIGHT = Shift(id="night", name=NAME, begins="20:00", ends="08:00", night=True)


def roster(*rotations: Rotation) -> Roster:
    return Roster(id="r", name=NAME, rotation=rotations)


def rotation(kind: Any, people: str, **more: Any) -> Rotation:
    return Rotation(type=kind, people=tuple(people), start=START, **more)


def shifts(people: str, *cycle: str, **more: Any) -> Rotation:
    return rotation("shifts", people, shift=(DAY, NIGHT), cycle=cycle, **more)


def at(day: date, clock: str, zone: ZoneInfo = SHANGHAI) -> int:
    return moment(day, clock, zone)


def test_daily_and_weekly_turns_begin_with_the_first_person_on_the_first_day() -> None:
    daily, weekly = roster(rotation("daily", "abc")), roster(rotation("weekly", "ab"))

    assert [on_call(daily, SHANGHAI, at(date(2026, 1, day), "09:00"))[0].person for day in (1, 2, 3, 4)] == list("abca")
    assert on_call(daily, SHANGHAI, at(date(2026, 1, 2), "07:59"))[0].person == "a", "until the hand-over"
    assert on_call(weekly, SHANGHAI, at(date(2026, 1, 7), "12:00"))[0].person == "a"
    assert on_call(weekly, SHANGHAI, at(date(2026, 1, 8), "12:00"))[0].person == "b"


def test_five_people_cover_day_and_night_for_a_year_and_nobody_works_two_nights_on_end() -> None:
    five = roster(shifts("abcde", "day", "night", "off", "off", "off"))
    begin, end = at(date(2026, 1, 2), "00:00"), at(date(2027, 1, 2), "00:00")

    held = stretches(five, SHANGHAI, begin, end)

    assert gaps(held, begin, end) == []
    assert tired(held, SHANGHAI) == []
    assert {each.person for each in held} == set("abcde")
    assert max(len(on_call(five, SHANGHAI, at(date(2026, 5, day), "21:00"))) for day in range(1, 31)) == 1


def test_two_nights_on_end_are_found() -> None:
    hard = roster(shifts("abcd", "night", "night", "day", "day"))
    begin = at(date(2026, 1, 2), "00:00")

    assert tired(stretches(hard, SHANGHAI, begin, at(date(2026, 1, 10), "00:00")), SHANGHAI)


def test_no_minute_is_lost_on_the_days_on_which_the_clock_is_changed() -> None:
    five = roster(shifts("abcde", "day", "night", "off", "off", "off"))
    begin, end = at(date(2026, 3, 28), "12:00", BERLIN), at(date(2026, 10, 26), "12:00", BERLIN)

    held = stretches(five, BERLIN, begin, end)

    assert gaps(held, begin, end) == []
    assert {each.end_ms - each.begin_ms for each in held if each.night} >= {11 * 3_600_000, 13 * 3_600_000}


def test_outside_its_hours_a_rotation_leaves_room_for_the_next() -> None:
    office = rotation("daily", "a", only=(Window(hours=("08:00", "18:00"), days=("mon", "tue", "wed", "thu", "fri")),))
    both = roster(office, rotation("daily", "b"))
    begin, end = at(date(2026, 1, 5), "00:00"), at(date(2026, 1, 12), "00:00")

    assert [
        on_call(both, SHANGHAI, at(date(2026, 1, 5), clock))[0].person for clock in ("07:00", "12:00", "19:00")
    ] == ["b", "a", "b"]
    assert gaps(stretches(both, SHANGHAI, begin, end), begin, end) == []
    assert gaps(stretches(roster(office), SHANGHAI, begin, end), begin, end) != []


def test_who_stands_in_takes_exactly_the_time_that_was_agreed() -> None:
    daily = roster(rotation("daily", "ab"))
    stand_in = [StandIn(at(date(2026, 1, 1), "12:00"), at(date(2026, 1, 1), "18:00"), "c", "a")]

    people = [on_call(daily, SHANGHAI, at(date(2026, 1, 1), clock), stand_in) for clock in ("11:59", "12:00", "18:00")]

    assert [each[0].person for each in people] == ["a", "c", "a"]
    assert people[1][0].instead_of == "a"


def test_a_stand_in_for_nobody_fills_what_nobody_covers() -> None:
    part = roster(rotation("daily", "a", only=(Window(hours=("08:00", "12:00")),)))
    begin, end = at(date(2026, 1, 1), "08:00"), at(date(2026, 1, 1), "20:00")

    held = stretches(part, SHANGHAI, begin, end, [StandIn(begin, end, "z")])

    assert gaps(held, begin, end) == []
    assert {each.person for each in held} == {"z"}


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(1, 60), st.sampled_from("xyz"), st.sampled_from(["", "a", "b"])),
        max_size=6,
    ),
    st.sampled_from([SHANGHAI, BERLIN]),
)
def test_whoever_stands_in_a_covered_roster_stays_covered_and_nobody_is_there_twice(
    changes: list[tuple[int, int, str, str]], zone: ZoneInfo
) -> None:
    base = at(date(2026, 3, 25), "00:00", zone)
    hour = 3_600_000
    stand_ins = [
        StandIn(base + begin * hour, base + (begin + span) * hour, who, of) for begin, span, who, of in changes
    ]
    end = base + 240 * hour

    held = stretches(roster(rotation("daily", "ab")), zone, base, end, stand_ins)

    assert gaps(held, base, end) == []
    assert sum(each.end_ms - each.begin_ms for each in held) == end - base
    assert from_ms(held[0].begin_ms) == from_ms(base)
