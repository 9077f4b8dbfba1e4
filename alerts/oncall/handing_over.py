"""Shell. 交接班: who leaves a shift tells who comes, who confirms it. Rows; each order is a transaction."""

from __future__ import annotations

import json

from sqlalchemy import insert, select, update

from alerts.engine import Engine
from alerts.errors import NothingToDoError, NotThereError
from alerts.oncall import calls as rows
from alerts.oncall.changes import Said, known
from alerts.oncall.coverage import AROUND_MS, held
from alerts.oncall.swaps import RosterRefusedError
from alerts.oncall.tables import handovers
from alerts.oncall.views import HandoverView, handover_view
from alerts.views import Changes

_T = handovers.c


def hand_over(engine: Engine, roster: str, to: str, said: Said, now_ms: int) -> tuple[HandoverView, Changes]:
    """Who leaves tells who comes; the tickets that are open then are kept with it."""
    known(engine, roster)
    with engine.changing(now_ms) as at:
        span = (now_ms - AROUND_MS, now_ms + AROUND_MS)
        found = held(engine.site.oncall.rosters[roster], engine.caller.crew(at.connection, *span), span)
        here = {each.person for each in found.at(now_ms)}
        gone, comes = ({each.person for each in some} for some in (found.before(now_ms), found.after(now_ms)))
        if said.by == to or said.by not in here | gone or to not in here | comes:
            raise RosterRefusedError(
                "not_on_call",
                "A shift is handed over by who is on call, or was last, to who is or comes next.",
                "交班人须为当前或上一班值班人，接班人须为当前或下一班值班人。",
            )
        tickets = [str(each) for each in sorted(rows.open_tickets(at.connection, engine.site.id))]
        row = {
            "site": engine.site.id, "roster": roster, "at_ms": now_ms, "by": said.by, "to": to, "note": said.note,
            "open_tickets": json.dumps(tickets),
        }  # fmt: skip
        made = at.connection.execute(insert(handovers).values(**row).returning(*_T)).one()
    return handover_view(made), at.done


def confirm(engine: Engine, number: int, said: Said, now_ms: int) -> tuple[HandoverView, Changes]:
    """Who comes has read it."""
    with engine.changing(now_ms) as at:
        mine = (_T.site == engine.site.id, _T.id == number)
        row = at.connection.execute(select(handovers).where(*mine)).one_or_none()
        if row is None:
            raise NotThereError(f"no hand-over {number}")
        if row.to != said.by:
            raise RosterRefusedError("not_yours", "Whoever it was told confirms it.", "须由接班人确认。")
        if row.confirmed_ms is not None:
            raise NothingToDoError(f"hand-over {number} was confirmed before")
        values = {"confirmed_by": said.by, "confirmed_ms": now_ms}
        made = at.connection.execute(update(handovers).where(*mine).values(**values).returning(*_T)).one()
    return handover_view(made), at.done
