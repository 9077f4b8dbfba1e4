"""Shell. The files of a dossier, one after the other, since a year's campaign takes a while."""

from __future__ import annotations

from sqlalchemy import Connection

from alerts.paper.case import Case
from alerts.paper.context import Context
from alerts.paper.dossier import Bundle, Part, Progress, accepted_words, contents, safe_name, zipped
from alerts.paper.make import Asked, Format, selected, the_bulletin, the_ledger, written
from alerts.paper.model import Document, Names
from alerts.paper.register import register


def _none(_case: Case) -> dict[str, bytes]:
    return {}


def _silent(_done: int, _all: int) -> None:
    return None


def the_dossier(
    connection: Connection, context: Context, asked: Asked, bundle: Bundle = _none, told: Progress = _silent
) -> tuple[Names, bytes]:
    """The name and the zip: list of contents, ledger, bulletin, and of each major hazard its form and its evidence."""
    say = context.say
    majors = [case for case in selected(connection, context, asked) if case.work.is_major]
    whole: list[tuple[Document, Format, str]] = [
        (the_ledger(connection, context, asked), Format.XLSX, say("Ledger", "治理台账")),
        (the_bulletin(connection, context, asked), Format.DOCX, say("Bulletin", "工作通报")),
    ]
    parts: list[Part] = []
    files: list[tuple[str, bytes]] = []
    steps = len(whole) + len(majors)
    for number, (document, form, what) in enumerate(whole, 1):
        path = f"{number:02d}-{safe_name(document.names.shown)}.{form}"
        parts.append(Part(path, what))
        files.append((path, written(document, form)))
        told(number, steps)
    for number, case in enumerate(majors, len(whole) + 1):
        folder = f"{say('major hazards', '重大隐患')}/{safe_name(case.number)}"
        document, state = register(context, case), accepted_words(context, case)
        path = f"{folder}/{safe_name(document.names.shown)}.docx"
        parts.append(Part(path, say("Register form", "登记表"), case.number, state))
        files.append((path, written(document, Format.DOCX)))
        for name, data in bundle(case).items():
            path = f"{folder}/{say('evidence', '证据')}/{safe_name(name)}"
            parts.append(Part(path, say("Evidence", "证据材料"), case.number, ""))
            files.append((path, data))
        told(number, steps)
    listed = contents(context, tuple(parts), (asked.from_ms, asked.to_ms))
    first = (f"00-{safe_name(listed.title)}.docx", written(listed, Format.DOCX))
    return listed.names, zipped(iter((first, *files)))
