"""Pure. What people read in a ticket, in both languages, from the texts of the packs and the numbers of the moment."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from alerts.layout import Watch
from alerts.ledger import Finding
from alerts.views import Both
from rules.codes import AlarmState, Because
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


_NO_LONGER = {
    Because.SHELF_ENDED: Both("No longer shelved", "搁置到期"),
    Because.UNSHELVED: Both("Taken off the shelf", "取消搁置"),
    Because.UNSUPPRESSED: Both("No longer suppressed", "抑制解除"),
    Because.WINDOW_ENDED: Both("Maintenance window over", "检修时段结束"),
    Because.RETURNED: Both("Returned to service", "恢复运行"),
}
_HIDES = {
    Because.SHELVED: Both("Shelved", "搁置"),
    Because.WINDOW_BEGAN: Both("Suppressed by a maintenance window", "检修时段抑制"),
    Because.REMOVED: Both("Out of service", "退出运行"),
}
_AGAIN = Both("Still so, annunciated again", "仍在持续，再次报警")
_STATES = {
    AlarmState.SHELVED: Both("shelved", "搁置"),
    AlarmState.SUPPRESSED: Both("suppressed", "抑制"),
    AlarmState.OUT_OF_SERVICE: Both("out of service", "退出运行"),
}


def finding(found: Finding, zone: ZoneInfo) -> Both:
    """One line of evidence: what happened, the value with its limit, and since when."""
    watch, moved = found.watch, found.transition
    if moved.because in _HIDES:
        return _hidden(found, zone)
    clock = local(moved.at_ms, zone)
    since = Both(f", since {clock}", f"，自{clock}起")
    lead = _NO_LONGER.get(moved.because)
    if moved.because is Because.REALARMED:
        lead = _AGAIN
    if moved.clears:
        lead, since = Both("Back to normal", "恢复正常"), Both(f", at {clock}", f"，时间{clock}")
    en, zh = ("", "") if lead is None else (f"{lead.en}: ", f"{lead.zh}：")
    if moved.first_out:
        en, zh = f"First of its group. {en}", f"首出。{zh}"
    if found.late:
        en, zh = f"Found afterwards. {en}", f"事后补查发现。{zh}"
    name, measured = watch.rule.name, _measured(watch, moved.value)
    state = _STATES.get(moved.new)
    while_ = Both("", "") if state is None else Both(f" (while {state.en})", f"（{state.zh}期间）")
    return Both(en + name.en + measured.en + since.en + while_.en, zh + name.zh + measured.zh + since.zh + while_.zh)


def _hidden(found: Finding, zone: ZoneInfo) -> Both:
    """That somebody hid the alarm, until when, and why."""
    what, order, name = _HIDES[found.transition.because], found.order, found.watch.rule.name
    en, zh = f"{what.en}: {name.en}", f"{what.zh}：{name.zh}"
    if order.by:
        en, zh = f"{en}, by {order.by}", f"{zh}，{order.by}"
    if order.until_ms is not None:
        clock = local(order.until_ms, zone)
        en, zh = f"{en}, until {clock}", f"{zh}，至{clock}"
    return Both(f"{en} ({order.note})", f"{zh}（{order.note}）") if order.note else Both(en, zh)


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
