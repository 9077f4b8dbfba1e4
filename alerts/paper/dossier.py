"""Pure. The acceptance dossier (验收资料, plan 1, no. 32): every paper of a campaign in one zip, with its contents."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from alerts.paper.case import Case
from alerts.paper.context import Context
from alerts.paper.model import Align, Cell, Document, Names, Table
from alerts.tickets.model import Level

Bundle = Callable[[Case], Mapping[str, bytes]]  # the evidence of a ticket, by file name; nothing where there is none
Progress = Callable[[int, int], None]  # done, of all


@dataclass(frozen=True, slots=True)
class Part:
    """One file of it."""

    path: str
    what: str
    number: str = ""
    state: str = ""


def contents(context: Context, parts: tuple[Part, ...], span: tuple[int, int]) -> Document:
    """What is in the dossier, and of each major hazard whether both levels have accepted it."""
    say = context.say
    head = (
        say("No.", "序号"),
        say("File", "文件"),
        say("What", "内容"),
        say("Hazard", "隐患编号"),
        say("State", "验收状态"),
    )
    period = context.span(*span)
    return Document(
        title=say("Acceptance Dossier: Contents", "重大事故隐患治理验收资料目录"),
        blocks=(
            Table(
                (10.0, 70.0, 36.0, 38.0, 34.0),
                (
                    tuple(Cell(each, label=True, align=Align.CENTRE) for each in head),
                    *(
                        (
                            Cell(number, align=Align.CENTRE), Cell(part.path), Cell(part.what), Cell(part.number),
                            Cell(part.state),
                        )
                        for number, part in enumerate(parts, 1)
                    ),
                ),
                head=1,
                size=9.0,
            ),
        ),
        names=Names(say(f"Dossier {period}", f"验收资料-{period}"), f"dossier-{context.day(span[0])}"),
        language=context.language,
        above=((say("Period", "时段"), period),),
        signs=context.signs,
        header=context.of(context.site.file.name),
        footer=context.printed,
    )  # fmt: skip


def accepted_words(context: Context, case: Case) -> str:
    """How far the acceptance of a major hazard is."""
    levels = {level for level, _ in case.work.accepted}
    names = {Level.DISTRICT: context.say("district", "区级"), Level.CITY: context.say("city", "市级")}
    missing = [name for level, name in names.items() if level not in levels]
    if not missing:
        return context.say("accepted at both levels", "区、市两级验收通过")
    return context.say("missing: ", "未验收：") + context.say(", ", "、").join(missing)


def zipped(files: Iterator[tuple[str, bytes]]) -> bytes:
    """A zip whose names are UTF-8; no folder leads out of it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files:
            archive.writestr(zipfile.ZipInfo(path), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def safe_name(name: str) -> str:
    """A file name that every system takes."""
    kept = "".join("_" if sign in '\\/:*?"<>|' or ord(sign) < 32 else sign for sign in name).strip(". ")
    return kept or "_"
