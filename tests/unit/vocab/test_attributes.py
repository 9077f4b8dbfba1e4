"""What an asset is by declaration: a bin's class of waste, and what follows from it for limits and time limits."""

from __future__ import annotations

import pytest

from alerts.site_view import site_view
from alerts.texts import both
from alerts.tickets.store import subject_of
from runtime.files import load_packs, load_site, shipped
from tests.unit.vocab.small import good, pack_files
from vocab import pack_load, site_load
from vocab.condition import High
from vocab.problem import Code
from vocab.site import Site
from vocab.sla import SlaFile, Subject
from vocab.sla_load import load
from vocab.strict_toml import Text

PACKS = load_packs()
DEMO = load_site(shipped("sites") / "demo", PACKS)
CELLAR = 'location = { en = "Cellar", zh = "地下室" }\n'


def small(more: str) -> Site:
    packs, problems = pack_load.load(pack_files())
    assert problems == ()
    site, problems = site_load.load("site.toml", good("site.toml").replace(CELLAR, CELLAR + more), packs)
    assert problems == ()
    assert site is not None
    return site


def limit(site: Site) -> object:
    (rule,) = site.rules_of(site.asset("pump-1"))
    assert isinstance(rule.when, High)
    return rule.when.limit


def test_a_limit_follows_from_what_an_asset_is_and_its_own_number_goes_before() -> None:
    assert limit(small("")) == 800.0
    assert limit(small('attributes = { water = "clean" }\n')) == 800.0
    assert limit(small('attributes = { water = "foul" }\n')) == 500.0
    assert limit(small('attributes = { water = "foul" }\nparams = { permitted = 650 }\n')) == 650.0


def test_a_bin_has_the_four_classes_of_waste_in_both_languages() -> None:
    words = {value.id: value.name for value in PACKS["bin"].attributes["waste_class"].values}

    assert {name: word.zh for name, word in words.items()} == {
        "recyclable": "可回收物",
        "hazardous": "有害垃圾",
        "kitchen": "厨余垃圾",
        "other": "其他垃圾",
    }
    assert all(word.en for word in words.values())


def test_hazardous_waste_counts_as_full_earlier_than_the_rest() -> None:
    full = {
        value.id: PACKS["bin"].params_of({"waste_class": value.id})["full_at"]
        for value in PACKS["bin"].attributes["waste_class"].values
    }

    assert full == {"recyclable": 90, "hazardous": 75, "kitchen": 90, "other": 90}


def test_the_wall_is_told_the_class_in_words() -> None:
    assets = {asset["id"]: asset for asset in site_view(DEMO)["assets"]}

    assert assets["bin-2"]["attributes"] == [
        {
            "id": "waste_class",
            "name": both(Text(en="Class of waste", zh="垃圾分类")),
            "value": "kitchen",
            "value_name": both(Text(en="Kitchen waste", zh="厨余垃圾")),
        }
    ]
    assert assets["bin-6"]["attributes"] == []


@pytest.mark.parametrize(("word", "span"), [("kitchen", "2h"), ("hazardous", "2h"), ("other", "4h"), (None, "4h")])
def test_kitchen_and_hazardous_waste_are_to_be_taken_away_sooner(word: str | None, span: str) -> None:
    declared = {} if word is None else {"waste_class": word}
    found = DEMO.sla.limit("rectify", Subject("sanitation", "bin_full", "bin", "general", 3, declared))

    assert found is not None
    assert (found[0], found[1].clock) == (span, "working")


@pytest.mark.parametrize(("asset", "declared"), [("bin-2", {"waste_class": "kitchen"}), ("bin-6", {}), ("", {})])
def test_a_ticket_asks_what_its_equipment_is(asset: str, declared: dict[str, str]) -> None:
    row = {"category": "sanitation", "hazard": "bin_full", "kind": "bin", "grade": "general", "priority": 3}

    assert subject_of(row | {"asset": asset}, DEMO).attributes == declared


ROW = '[[limit]]\nattributes = { waste_class = ["kitchen"] }\nrectify = "1h"\n'


def test_a_site_limits_by_attribute_too() -> None:
    own, problems = load("sla.toml", ROW, PACKS)

    assert problems == ()
    assert isinstance(own, SlaFile)
    assert own.limit[0].fits(Subject("sanitation", "odour", "bin", "general", 3, {"waste_class": "kitchen"}))
    assert not own.limit[0].fits(Subject("sanitation", "odour", "bin", "general", 3, {"waste_class": "other"}))
    assert not own.limit[0].fits(Subject("sanitation", "odour", "bin", "general", 3))


@pytest.mark.parametrize(
    ("slip", "hint"),
    [("waste_clas", "known: waste_class"), ("kitchn", "known: hazardous, kitchen, other, recyclable")],
)
def test_a_slip_in_an_attribute_of_a_limit_is_told_with_what_is_known(slip: str, hint: str) -> None:
    text = ROW.replace("waste_class", slip) if "_" in slip else ROW.replace("kitchen", slip)
    own, problems = load("sla.toml", text, PACKS)

    assert own is None
    assert [(problem.code, problem.line, problem.hint) for problem in problems] == [(Code.UNKNOWN_REFERENCE, 2, hint)]
