"""Stand-ins, swaps and hand-overs over the real API: who may, what is refused in which words, what is written down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.carrier import Carrier
from tests.unit.alerts.oncall.house import LEAD, house
from tests.unit.alerts.oncall.people import CHANNELS, ONCALL, org_text, staffed
from tests.unit.alerts.plant import Cabinet, at
from vocab.site import Site

on_both = pytest.mark.usefixtures("database")  # once on SQLite, once on PostgreSQL

HOUR = 3600.0
# T0 is 08:00 of day 84: e has the day, d the night, a the day after, e the night after, b the day after that.
NIGHT, MORNING, DAY = 12 * HOUR, 24 * HOUR, 48 * HOUR
Json = dict[str, Any]

# i and j share each day; h is on call alone and has no channel that is on.
PAIR = """
[[roster]]
id = "pair"
name = {en = "Pair", zh = "双岗"}
[[roster.rotation]]
type = "shifts"
people = ["i", "j"]
stagger = 0
start = 2026-01-01
cycle = ["whole"]
[[roster.rotation.shift]]
id = "whole"
name = {en = "Whole", zh = "全天"}
begins = "00:00"
ends = "00:00"

[[roster]]
id = "mute"
name = {en = "Mute", zh = "失联岗"}
[[roster.rotation]]
type = "daily"
people = ["h"]
start = 2026-01-01
"""
OFF = """
[[channel]]
id = "off"
name = {en = "Off", zh = "停用"}
type = "webhook"
url = "URL/off"
enabled = false
"""


def more(name: str, channel: str) -> str:
    return f"""
[[person]]
id = "{name}"
name = {{en = "Officer {name.upper()}", zh = "值班员{name.upper()}"}}
unit = "room"
roles = ["officer"]
contacts = [{{channel = "{channel}", address = "{name}"}}]
"""


def site(url: str = "http://127.0.0.1:9") -> Site:
    oncall = ONCALL.replace('[[roster]]\nid = "deputy"', PAIR + '[[roster]]\nid = "deputy"')
    return staffed(
        oncall=oncall,
        channels=CHANNELS + OFF,
        url=url,
        org=org_text() + more("h", "off") + more("i", "hook") + more("j", "hook"),
    )


def stretch(begin_s: float, end_s: float, **more_: Any) -> Json:
    return {"from_ms": at(begin_s), "to_ms": at(end_s)} | more_


@on_both
async def test_a_swap_holds_when_the_other_agrees_and_pages_go_to_who_has_it_then(
    tmp_path: Path, cabinet: Cabinet
) -> None:
    with Carrier() as carrier:
        async with house(site(carrier.url), tmp_path) as here:
            swap = stretch(NIGHT, MORNING, back_from_ms=at(DAY), back_to_ms=at(DAY + 12 * HOUR), note="family")
            status, asked = await here.post(
                here.as_("d"), "roster-changes", roster="duty", person="b", instead_of="d", **swap
            )
            assert (status, asked.get("state"), asked.get("by")) == (201, "asked", "d"), asked
            assert await here.on_call(NIGHT + 60) == ["d"], "not yet"
            status, agreed = await here.post(here.as_("b"), f"roster-changes/{asked['id']}/agree")
            assert (status, agreed["state"], agreed["decided_by"]) == (200, "agreed", "b")
            assert (await here.on_call(NIGHT + 60), await here.on_call(DAY + 60)) == (["b"], ["d"])

            await here.room.go(60)
            told = {each.body["people"][0]: each.body for each in carrier.taken}
            assert (
                "【换班待您答复，请登录系统】值班，2026-03-26 20:00:00至2026-03-27 08:00:00：由值班员B代值班员D；"
                in told["b"]["text"]
            )
            assert "【换班已生效】" in told["d"]["text"]
            assert {len(each["links"]) for each in told.values()} == {0}, "a link would answer a call, and this is none"
            carrier.taken.clear()
            await here.room.hot(cabinet, NIGHT + 2 * HOUR, NIGHT + 2 * HOUR + 10)
            assert [each.body["people"] for each in carrier.taken if each.body["links"]] == [["b"]]
            orders = [row for row in here.door.log.rows(None, 50) if row["what"] == "order"]
    assert [(row["actor"], row["about"]["path"]) for row in reversed(orders)] == [
        ("d", "/api/v1/roster-changes"), ("b", f"/api/v1/roster-changes/{asked['id']}/agree"),
    ]  # fmt: skip


async def test_who_is_on_call_comes_next_and_stands_in_is_told_with_the_shift(tmp_path: Path) -> None:
    async with house(site(), tmp_path, HOUR) as here:
        await here.post(
            here.as_("lead", LEAD),
            "roster-overrides",
            roster="duty",
            person="c",
            note="ill",
            **stretch(2 * HOUR, NIGHT),
        )
        duty, *_, deputy = await here.get("rosters", for_s=24 * HOUR)

    assert [(each["person"], each["shift"]["zh"], each["instead_of"]) for each in duty["now"]] == [("e", "白班", None)]
    assert [(each["begin_ms"], each["end_ms"], each["person"], each["instead_of"]) for each in duty["stretches"]] == [
        (at(0), at(2 * HOUR), "e", None),
        (at(2 * HOUR), at(NIGHT), "c", "e"),
        (at(NIGHT), at(MORNING), "d", None),
        (at(MORNING), at(MORNING + 12 * HOUR), "a", None),
    ]
    assert [each["person"] for each in duty["next"]] == ["c"]
    assert (deputy["now"][0]["person"], deputy["gaps"], duty["gaps"]) == ("f", [], [])


REFUSED: list[tuple[str, str, Json, int, str, str]] = [
    ("d", "roster-changes", stretch(NIGHT, MORNING, person="h", instead_of="d"), 409, "uncovered",
     "2026-03-26 20:00:00至2026-03-27 08:00:00将无人值守。值班员H没有可用的联系通道。"),
    ("a", "roster-changes", stretch(NIGHT, MORNING, person="c", instead_of="a"), 409, "not_on_call",
     "值班员A在2026-03-26 20:00:00至2026-03-27 08:00:00没有排班。"),
    ("d", "roster-changes", stretch(NIGHT, MORNING, person="e", instead_of="d"), 409, "two_nights",
     "值班员E将连续值两个夜班（2026-03-26、2026-03-27）。"),
    ("d", "roster-changes", stretch(NIGHT, MORNING, person="f", instead_of="d"), 409, "on_call_elsewhere",
     "值班员F届时（2026-03-26 20:00:00）还担任备勤，将无人可转呼。"),
    ("c", "roster-changes", stretch(NIGHT, MORNING, person="b", instead_of="d"), 409, "not_yours",
     "此事须由双方之一提出、另一方同意。"),
    ("e", "roster-changes", stretch(-12 * HOUR, -HOUR, person="c", instead_of="e"), 409, "over", "该时段已过。"),
    ("i", "roster-changes", stretch(0, NIGHT, roster="pair", person="j", instead_of="i"), 409, "already_on_call",
     "值班员J届时（2026-03-26 09:00:00）已在值班。"),
    ("d", "roster-changes", stretch(MORNING, NIGHT, person="b", instead_of="d"), 422, "no_time", ""),
    ("d", "roster-changes", stretch(NIGHT, MORNING, person="d", instead_of="d"), 422, "same_person", ""),
    ("d", "roster-changes", stretch(NIGHT, MORNING, person="nobody", instead_of="d"), 422, "unknown_name", ""),
    ("d", "roster-changes", stretch(NIGHT, 500 * 24 * HOUR, person="b", instead_of="d"), 422, "too_long", ""),
    ("d", "roster-changes", stretch(NIGHT, MORNING, person="b", instead_of="d", back_from_ms=at(13 * HOUR),
                                    back_to_ms=at(14 * HOUR)), 422, "overlapping", ""),
    ("lead", "roster-overrides", stretch(NIGHT, MORNING, instead_of="d", note="ill"), 409, "uncovered",
     "2026-03-26 20:00:00至2026-03-27 08:00:00将无人值守。"),
    ("lead", "roster-overrides", stretch(NIGHT, MORNING, note="ill"), 422, "nobody", ""),
]  # fmt: skip


async def test_what_a_roster_does_not_allow_is_refused_with_words_and_nothing_is_kept(tmp_path: Path) -> None:
    async with house(site(), tmp_path, HOUR) as here:
        here.as_("lead", LEAD)
        for who, path, body, status, reason, words in REFUSED:
            got, told = await here.post(here.as_(who), path, **{"roster": "duty"} | body)
            assert (got, told.get("reason")) == (status, reason), (told, body)
            if words:
                assert told["words"]["zh"] == words
                assert told["words"]["en"] == told["detail"]
        assert (await here.post(here.as_("d"), "roster-changes", **{"roster": "none"} | REFUSED[0][2]))[0] == 404
        assert await here.get("roster-changes", since_ms=0) == []


@on_both
async def test_only_who_may_supervise_where_the_roster_is_orders_and_then_it_holds_at_once_with_doubts_told(
    tmp_path: Path,
) -> None:
    async with house(site(), tmp_path) as here:
        body: Json = stretch(NIGHT, MORNING, roster="duty", person="e", instead_of="d", note="d is ill")
        refused = await here.post(here.as_("c"), "roster-overrides", **body)
        foreign = await here.post(here.as_("grid", LEAD, "g1"), "roster-overrides", **body)
        nothing = await here.post(here.as_("lead", LEAD), "roster-overrides", **body | {"note": ""})
        status, told = await here.post(here.as_("lead"), "roster-overrides", **body)
        assert (refused[0], foreign[0], foreign[1]["reason"], nothing[0]) == (403, 403, "foreign_place", 422)
        assert (status, told["change"]["state"], told["change"]["by"]) == (201, "agreed", "lead")
        assert [each["en"] for each in told["doubts"]] == [
            "Officer E would work two nights on end (2026-03-26, 2026-03-27)."
        ]
        assert await here.on_call(NIGHT) == ["e"]

        end = f"roster-changes/{told['change']['id']}/end"
        assert (await here.post(here.as_("grid"), end, note="x"))[0] == 403
        here.room.clock.set(NIGHT + HOUR)
        status, ended = await here.post(here.as_("lead"), end, note="d is here")
        assert (status, ended["to_ms"], ended["state"]) == (200, at(NIGHT + HOUR), "agreed")
        assert ended["note"] == "d is ill\nlead: d is here"
        assert (await here.on_call(NIGHT + 60), await here.on_call(NIGHT + HOUR)) == (["e"], ["d"]), "what was, was"
        assert (await here.post(here.as_("lead"), end, note="x"))[0] == 409
        assert (await here.post(here.as_("lead"), "roster-changes/99/end", note="x"))[0] == 404


async def test_somebody_may_be_away_where_another_of_the_same_shift_is_left_and_not_where_they_are_the_last(
    tmp_path: Path,
) -> None:
    async with house(site(), tmp_path) as here:
        away: Json = stretch(HOUR, 5 * HOUR, roster="pair", note="funeral")
        first = await here.post(here.as_("lead", LEAD), "roster-overrides", **away | {"instead_of": "i"})
        last = await here.post(here.as_("lead"), "roster-overrides", **away | {"instead_of": "j"})
        assert (first[0], first[1]["change"]["person"]) == (201, None)
        assert (last[0], last[1]["reason"]) == (409, "uncovered")
        assert await here.on_call(2 * HOUR, "pair") == ["j"]


async def test_an_order_that_covers_a_minute_is_not_ended_if_that_would_leave_it_open(tmp_path: Path) -> None:
    async with house(site(), tmp_path) as here:
        body: Json = stretch(0, HOUR, roster="mute", person="i", note="h has no phone")
        _, told = await here.post(here.as_("lead", LEAD), "roster-overrides", **body)
        assert [each["en"] for each in told["doubts"]] == [
            "Officer I has Pair then too (2026-03-26 08:00:00): nobody else would be left to call."
        ]
        mute = next(each for each in await here.get("rosters", for_s=2 * HOUR) if each["id"] == "mute")
        assert mute["gaps"] == [[at(HOUR), at(2 * HOUR)]], "h cannot be reached, i can"
        refused = await here.post(here.as_("lead"), f"roster-changes/{told['change']['id']}/end", note="x")
        assert (refused[0], refused[1]["reason"]) == (409, "uncovered")


async def test_the_other_one_answers_and_the_one_who_asked_takes_back(tmp_path: Path) -> None:
    async with house(site(), tmp_path) as here:
        body: Json = stretch(NIGHT, MORNING, roster="duty", person="b", instead_of="d")
        for verb, who, state in (("decline", "b", "declined"), ("withdraw", "d", "withdrawn")):
            _, asked = await here.post(here.as_("d"), "roster-changes", **body)
            path = f"roster-changes/{asked['id']}"
            wrong = (("agree", "d"), ("withdraw", "b"), ("decline", "c"), ("agree", "c"))
            refused = [await here.post(here.as_(other), f"{path}/{each}") for each, other in wrong]
            assert {(status, told["reason"]) for status, told in refused} == {(409, "not_yours")}
            status, told = await here.post(here.as_(who), f"{path}/{verb}", note="no")
            assert (status, told["state"], told["decided_by"], told["note"]) == (200, state, who, f"{who}: no")
            assert (await here.post(here.as_("b"), f"{path}/agree"))[0] == 409, "it is over"
        assert await here.on_call(NIGHT) == ["d"]


async def test_what_was_right_when_it_was_asked_is_checked_again_when_it_is_agreed_and_never_reaches_back(
    tmp_path: Path,
) -> None:
    async with house(site(), tmp_path) as here:
        body: Json = stretch(NIGHT, MORNING, roster="duty", person="b", instead_of="d")
        _, first = await here.post(here.as_("d"), "roster-changes", **body)
        _, second = await here.post(here.as_("d"), "roster-changes", **body | {"person": "a"})
        here.room.clock.set(NIGHT + 2 * HOUR)
        _, agreed = await here.post(here.as_("a"), f"roster-changes/{second['id']}/agree")
        status, told = await here.post(here.as_("b"), f"roster-changes/{first['id']}/agree")
        assert agreed["from_ms"] == at(NIGHT + 2 * HOUR)
        assert await here.on_call(NIGHT + 60) == ["d"]
        assert (status, told["reason"]) == (409, "not_on_call")
        here.room.clock.set(MORNING + 1)
        assert (await here.post(here.as_("b"), f"roster-changes/{first['id']}/agree"))[1]["reason"] == "over"


@on_both
async def test_a_shift_is_handed_over_with_its_open_tickets_and_confirmed_by_who_comes(
    tmp_path: Path, cabinet: Cabinet
) -> None:
    async with house(site(), tmp_path) as here:
        await here.room.hot(cabinet, 0, 15)
        here.room.clock.set(NIGHT - 600)
        body: Json = {"roster": "duty", "to": "d", "note": "boiler 1 is watched"}
        status, told = await here.post(here.as_("e"), "handovers", **body)
        open_ = [each["id"] for each in await here.get("tickets", open=True)]
        assert (status, told["by"], told["to"], sorted(told["open_tickets"])) == (201, "e", "d", sorted(open_))
        for who, more_ in (("b", {}), ("e", {"to": "b"}), ("e", {"to": "e"})):
            assert (await here.post(here.as_(who), "handovers", **body | more_))[1]["reason"] == "not_on_call"
        assert (await here.post(here.as_("e"), "handovers", **body | {"note": " "}))[0] == 422
        assert (await here.post(here.as_("e"), "handovers", **body | {"roster": "none"}))[0] == 404
        confirm = f"handovers/{told['id']}/confirm"
        assert (await here.post(here.as_("e"), confirm))[1]["reason"] == "not_yours"
        assert (await here.post(here.as_("d"), confirm))[1]["confirmed_by"] == "d"
        assert [(await here.post(here.as_("d"), path))[0] for path in (confirm, "handovers/99/confirm")] == [409, 404]
        (kept,) = await here.get("handovers", roster="duty")
        assert (kept["note"], kept["confirmed_ms"]) == ("boiler 1 is watched", at(NIGHT - 600))


async def test_strangers_are_told_nothing_of_rosters(tmp_path: Path) -> None:
    async with house(site(), tmp_path) as here, here.client() as stranger:
        paths = ("rosters", "roster-changes", "handovers", "roll-calls", "calendars")
        assert {(await stranger.get(f"/api/v1/{path}")).status_code for path in paths} == {401}
