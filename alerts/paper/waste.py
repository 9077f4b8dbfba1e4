"""Pure. What the weighbridges took in, by day: loads and weight, days of rounds without a load, what never arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from alerts.paper.context import Context
from alerts.paper.model import Align, Block, Cell, Heading, Paragraph, Table
from vocab.strict_toml import Text


@dataclass(frozen=True, slots=True)
class PlantDay:
    """One day of one plant; the weight in the unit of its weighbridge."""

    plant: Text
    unit: str
    day: date
    loads: int
    weight: float
    rounds: int | None  # that were done; None: the day is not over
    is_empty: bool  # rounds were done and nothing came


def waste(context: Context, days: Sequence[PlantDay], lost: int) -> tuple[Block, ...]:
    """A heading, a sentence and a table; nothing for a site without a plant."""
    say = context.say
    head = (
        say("Day", "日期"), say("Plant", "处理厂"), say("Rounds done", "完成清运"), say("Loads", "车次"),
        say("Weight", "重量"), say("Unit", "单位"), say("Remark", "备注"),
    )  # fmt: skip
    title = Heading(say("6. Waste weighed in", "六、垃圾进厂过磅"))
    loads = sum(each.loads for each in days)
    empty = sum(each.is_empty for each in days)
    told = Paragraph(
        say(
            f"{loads} loads were weighed. On {empty} days rounds were done and nothing "
            f"arrived; {lost} emptied pools never arrived.",
            f"本期过磅{loads}车次；已清运但无垃圾运抵{empty}天，垃圾池清空后未运抵{lost}次。",
        )
    )
    if not days:
        return title, told
    rows = tuple(
        (
            Cell(each.day), Cell(context.of(each.plant)), Cell(each.rounds, align=Align.CENTRE),
            Cell(each.loads, align=Align.CENTRE), Cell(round(each.weight, 1), align=Align.RIGHT), Cell(each.unit),
            Cell(say("nothing arrived", "无垃圾运抵") if each.is_empty else ""),
        )
        for each in days
    )  # fmt: skip
    labels = tuple(Cell(each, label=True, align=Align.CENTRE) for each in head)
    return title, told, Table((26.0, 46.0, 22.0, 18.0, 26.0, 16.0, 34.0), (labels, *rows), head=1, size=9.0)
