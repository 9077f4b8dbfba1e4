"""Pure. What people read in a ticket, in both languages, from the texts of the packs and the numbers of the moment."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from alerts.layout import Watch
from alerts.views import Both
from rules.transition import Transition
from vocab.condition import High, Low
from vocab.instant import from_ms
from vocab.leaves import leaves
from vocab.point import Point
from vocab.strict_toml import Text
from vocab.units import UNITS


def both(text: Text) -> Both:
    """A pack's text as the API shows it."""
    return Both(text.en, text.zh)


def title(watch: Watch) -> Both:
    """Which equipment, and what is wrong with it."""
    asset, rule = watch.asset.name, watch.rule.name
    return Both(f"{asset.en}: {rule.en}", f"{asset.zh}：{rule.zh}")


def limit(watch: Watch) -> float | None:
    """The limit that the alarm's own point crossed, if its rule has one."""
    for leaf in leaves(watch.rule.when):
        if (
            isinstance(leaf, High | Low)
            and leaf.point in (None, watch.rule.point)
            and isinstance(leaf.limit, float | int)
        ):
            return float(leaf.limit)
    return None


def unit(watch: Watch) -> str:
    """The label of the point's unit."""
    return UNITS[watch.point.unit].label if watch.point is not None and not watch.point.states else ""


def finding(watch: Watch, found: Transition, zone: ZoneInfo, *, late: bool) -> Both:
    """One line of evidence: what happened, the value with its limit, and since when."""
    name, clock = watch.rule.name, local(found.at_ms, zone)
    measured = _measured(watch, found.value)
    before = Both("Found afterwards. ", "事后补查发现。") if late else Both("", "")
    if found.clears:
        en, zh = f"Back to normal: {name.en}", f"恢复正常：{name.zh}"
        since = Both(f", at {clock}", f"，时间{clock}")
    else:
        en, zh = name.en, name.zh
        since = Both(f", since {clock}", f"，自{clock}起")
    return Both(before.en + en + measured.en + since.en, before.zh + zh + measured.zh + since.zh)


def still_active(watch: Watch, at_ms: int, zone: ZoneInfo) -> Both:
    """Said when a ticket found afterwards turns out to be about the present."""
    clock = local(at_ms, zone)
    return Both(f"Still so: {watch.rule.name.en}, at {clock}", f"仍在持续：{watch.rule.name.zh}，时间{clock}")


def local(at_ms: int, zone: ZoneInfo) -> str:
    """A moment as the site's people say it."""
    return from_ms(at_ms).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _measured(watch: Watch, value: float | None) -> Both:
    point = watch.point
    if point is None or value is None:
        return Both("", "")
    if point.states:
        state = next((state.name for state in point.states if state.code == round(value)), None)
        shown = both(state) if state is not None else Both(f"{value:.0f}", f"{value:.0f}")
        return Both(f": {point.name.en} {shown.en}", f"：{point.name.zh}{shown.zh}")
    parts_en, parts_zh = zip(*_numbers(watch, point, value), strict=True)
    return Both(": " + ", ".join(parts_en), "：" + "，".join(parts_zh))


def _numbers(watch: Watch, point: Point, value: float) -> Iterator[tuple[str, str]]:
    label = unit(watch)
    space = " " if label and label != "%" else ""
    shown = f"{value:.{point.decimals}f}{space}{label}"
    yield f"{point.name.en} {shown}", f"{point.name.zh}{shown}"
    crossed = limit(watch)
    if crossed is not None:
        shown = f"{crossed:.{_decimals(point, crossed)}f}{space}{label}"
        yield f"limit {shown}", f"限值{shown}"


def _decimals(point: Point, number: float) -> int:
    """A limit is shown with no fewer places than it has (0.12 MPa is not 0.1)."""
    places = point.decimals
    while places < 4 and round(number, places) != round(number, 6):
        places += 1
    return places
