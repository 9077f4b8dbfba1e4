"""The tree of a site: cabinets, buses, devices. It follows from the site file and is never written down twice."""

from __future__ import annotations

from dataclasses import replace

from runtime.files import load_packs
from tests.edge_places import PLAIN, packs, site
from vocab import pack_load, site_load
from vocab.condition import AlarmStands, All, Any, Condition, Not, State
from vocab.problem import Code
from vocab.rule import Category, Rule
from vocab.settle import Links, settled
from vocab.site import Site
from vocab.strict_toml import Text

LOST = AlarmStands(type="alarm", rule="bus_lost", asset="@bus", pending=True)


def stands(bus: str) -> AlarmStands:
    return LOST.model_copy(update={"asset": bus})


def rule(suppress_when: Condition | None) -> Rule:
    return Rule(
        id="r", name=Text(en="R", zh="规"), point="p", when=State(type="state", is_any_of=("on",)), priority=3,
        hazard="h", category=Category.MAINTENANCE, suppress_when=suppress_when,
    )  # fmt: skip


def test_a_bus_with_several_devices_is_an_asset_and_one_with_a_single_device_is_not() -> None:
    two = site({"plain": PLAIN}, [("plain", "unit = 1"), ("plain", "unit = 2")])
    one = site({"plain": PLAIN}, [("plain", "unit = 1")])

    assert [(asset.id, asset.kind) for asset in two.assets[2:]] == [("e1", "edge"), ("e1-b", "bus")]
    assert two.asset("e1-b").name.zh == "柜：总线b"
    assert [point.id for point in two.points_of(two.asset("e1-b"))] == ["state", "devices_total", "devices_answering"]
    assert [each.id for each in two.rules_of(two.asset("e1-b"))] == ["bus_lost"]
    assert two.edges_of(two.asset("e1-b")) == ("e1",)
    assert [asset.kind for asset in one.assets] == ["meter", "edge"]


def test_a_site_without_the_pack_has_no_buses() -> None:
    two = site({"plain": PLAIN}, [("plain", "unit = 1"), ("plain", "unit = 2")])
    bare = type(two)(two.file, {kind: pack for kind, pack in two.packs.items() if kind != "bus"})

    assert bare.buses == {}
    assert [asset.kind for asset in bare.assets] == ["meter", "meter", "edge"]


def test_the_bus_of_a_rule_is_the_one_on_which_the_asset_hangs() -> None:
    assert settled(rule(LOST), {}, Links(("e1-b",))).suppress_when == stands("e1-b")


def test_all_buses_of_an_asset_must_be_lost_and_of_a_cabinet_one_is_enough() -> None:
    both = (stands("a"), stands("b"))

    assert settled(rule(LOST), {}, Links(("a", "b"))).suppress_when == All(type="all", of=both)
    own = rule(LOST.model_copy(update={"asset": "@any-bus"}))
    assert settled(own, {}, Links(any=("a", "b"))).suppress_when == Any(type="any", of=both)


def test_where_no_bus_can_be_lost_nothing_asks_for_it() -> None:
    off = State(type="state", is_any_of=("off",))

    assert settled(rule(LOST), {}).suppress_when is None
    assert settled(rule(All(type="all", of=(off, LOST))), {}).suppress_when is None
    assert settled(rule(Any(type="any", of=(off, LOST))), {}).suppress_when == Any(type="any", of=(off,))


def test_an_asset_of_which_one_device_is_alone_on_its_bus_is_never_quiet() -> None:
    place = _two_buses()

    assert [each for each in place.rules_of(place.asset("m0")) if each.suppress_when] == []
    quiet = {each.id: each.suppress_when for each in place.rules_of(place.asset("m1"))}
    assert quiet["device_offline"] == stands("e1-b")
    assert {each.id for each in place.rules_of(place.asset("e1")) if each.suppress_when} == {"polling_poor"}


def _two_buses() -> Site:
    """Meter m0 on two buses, of which it has one for itself."""
    place = site({"plain": PLAIN}, [("plain", "unit = 1"), ("plain", "unit = 2")])
    first, edge = place.file.asset[0], place.file.edge[0]
    asset = first.model_copy(
        update={"device": (*first.device, first.device[0].model_copy(update={"id": "d9", "bus": "c"}))}
    )
    wide = edge.model_copy(update={"bus": (*edge.bus, edge.bus[0].model_copy(update={"id": "c"}))})
    file = place.file.model_copy(update={"edge": (wide,), "asset": (asset, *place.file.asset[1:])})
    real = load_packs()
    common = {name: each for name, each in real["boiler"].rules.items() if name in ("device_offline", "no_data")}
    return Site(file, {"edge": real["edge"], "bus": real["bus"], "meter": replace(place.packs["meter"], rules=common)})


def _text(*, asset: str = "m1", edge: str = "e1", bus: str = "b", more: str = "") -> str:
    text = 'id = "s"\nname = { en = "S", zh = "站" }\n[[grid]]\nid = "g"\nname = { en = "G", zh = "格" }\n'
    text += f'[[edge]]\nid = "{edge}"\nname = {{ en = "E", zh = "柜" }}\ngrid = "g"\n'
    text += f'[[edge.bus]]\nid = "{bus}"\ntype = "modbus-tcp"\n{more}'
    for number, name in enumerate(("m0", asset)):
        text += f'[[asset]]\nid = "{name}"\nkind = "meter"\nname = {{ en = "M", zh = "表" }}\ngrid = "g"\n'
        text += 'location = { en = "Here", zh = "此处" }\n'
        text += f'[[asset.device]]\nid = "d{number}"\nmake = "plain"\nedge = "{edge}"\nbus = "{bus}"\nunit = {number}\n'
    return text


def _codes(text: str) -> list[tuple[Code, str]]:
    _, problems = site_load.load("site.toml", text, packs({"plain": PLAIN}))
    return [(problem.code, problem.key) for problem in problems]


def test_the_id_of_a_bus_may_not_be_taken_and_may_not_be_too_long() -> None:
    assert _codes(_text()) == []
    assert _codes(_text(asset="e1-b")) == [(Code.DUPLICATE_ID, "edge[1].bus[1].id")]
    assert _codes(_text(edge="e" * 40, bus="b" * 40)) == [(Code.BAD_VALUE, "edge[1].bus[1].id")]
    twice = '[[edge.bus]]\nid = "b"\ntype = "mqtt"\n'
    assert (Code.DUPLICATE_ID, "edge[1].bus[2].id") in _codes(_text(more=twice))


def test_a_pack_may_ask_for_the_bus_only_where_it_can_be_left_out() -> None:
    files = {
        "pump/pack.toml": 'kind = "pump"\nname = { en = "P", zh = "泵" }\nedition = "1"\n'
        '[[point]]\nid = "p"\nname = { en = "P", zh = "压" }\nperiod_s = 1\n'
    }
    row = '[[rule]]\nid = "r"\nname = { en = "R", zh = "规" }\npoint = "p"\npriority = 3\n'
    row += 'hazard = "h"\ncategory = "hazard"\n'
    bus = '{ type = "alarm", rule = "bus_lost", asset = "@bus" }'
    high = 'when = { type = "high", limit = 1 }\n'

    def codes(rules: str) -> list[Code]:
        return [problem.code for problem in pack_load.load(files | {"pump/rules.toml": row + rules})[1]]

    assert codes(high + f"suppress_when = {bus}\n") == []
    assert codes(high + f'suppress_when = {{ type = "not", of = {bus} }}\n') == [Code.CONTRADICTION]
    assert codes(f"when = {bus}\n") == [Code.CONTRADICTION]


def test_a_suppression_that_names_no_bus_is_left_as_it_is() -> None:
    off = Not(type="not", of=State(type="state", is_any_of=("on",)))

    assert settled(rule(off), {}, Links(("a",))).suppress_when == off
