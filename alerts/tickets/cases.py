"""Shell. Tickets in a transaction: opened, moved by the machine, every step written down. Nothing else moves one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, bindparam, select

from alerts.closer import Span
from alerts.database import change, insert, insert_into, insert_new
from alerts.errors import NoSuchTicketError, NothingToDoError, TicketRefusedError
from alerts.tables import numbers, tickets
from alerts.tickets.approvers import refused_approver
from alerts.tickets.commands import SYSTEM, Command, Done, Refused, Verb
from alerts.tickets.impossible import impossible
from alerts.tickets.judged import is_ordered, judged
from alerts.tickets.lines import say
from alerts.tickets.machine import step
from alerts.tickets.model import Proof, Source, State, Work
from alerts.tickets.owners import Owner, lead_of, matter_of
from alerts.tickets.sla import Clockwork, stood
from alerts.tickets.store import due_values, dues_of, payload_of, subject_of, values_of
from alerts.tickets.tables import ticket_events
from alerts.tickets.tightening import follow
from alerts.tickets.workdays import Workdays
from alerts.views import Both
from vocab.instant import from_ms
from vocab.org import Level
from vocab.rule import Grade
from vocab.site import Site

_RESTARTS_PROOF = (Verb.REPAIRED, Verb.REFUTED, Verb.REJECT, Verb.REOPEN)
USUAL: dict[str, Any] = {
    "assist_units": "[]", "rectifier": "", "interim": "", "accepted": "[]", "proof": Proof.NONE.value, "overdue": "",
    "reopened": 0, "text": "", "address": "", "due_assumed": False, "late": False, "lead_unit": "", "rule": "",
    "sector": "", "former": "[]", "joint": "[]", "outside_matrix": False,
}  # fmt: skip

_MINE = tickets.c.site == bindparam("site")
_ROW = select(tickets).where(_MINE, tickets.c.id == bindparam("ticket"))
_OPEN_OF = select(tickets).where(
    _MINE,
    tickets.c.asset == bindparam("asset"),
    tickets.c.hazard == bindparam("hazard"),
    tickets.c.closed_ms.is_(None),
)
_OUTSIDE = ("Not in the duty matrix: the fall-back owner leads", "不在职责清单内：由兜底单位牵头")
_HELD = ("; a unit gets it only with an approval", "，交办须经批准准入")


def admits(site: Site) -> Level | None:
    """From which level somebody may let in what is not in the duty matrix; None: nobody has to."""
    told = site.org.file.admission
    return None if told is None else told.level


def clockwork_of(site: Site) -> Clockwork:
    """The limits of a site with its calendar."""
    return Clockwork(site.sla, Workdays(site.sla.weekdays, site.sla.days), ZoneInfo(site.file.timezone))


@dataclass(slots=True)
class Cases:
    """Writes into the transaction it is given; `touched` are the ids of tickets that changed."""

    connection: Connection
    site: Site
    clockwork: Clockwork
    now_ms: int
    touched: set[int] = field(default_factory=set)
    tightened: list[Span] = field(default_factory=list)  # watches that began or ended, and were not acted on yet

    # --- opening ---------------------------------------------------------------------------------------------------

    def open(self, values: Mapping[str, Any], by: str = SYSTEM) -> int | None:
        """A new ticket, filed, with its limits; None if there is an open one of that equipment and hazard already."""
        row = USUAL | {"site": self.site.id, "state": State.FILED.value, "opened_ms": self.now_ms} | dict(values)
        row |= due_values(self.clockwork.dues(subject_of(row, self.site), self.now_ms))
        row["number"] = self._number()
        made = insert_new(self.connection, tickets, row)
        if made is None:
            return None
        self._tell(made, "open", by, ("", State.FILED.value))
        self.touched.add(made)
        if row["outside_matrix"]:
            more = _HELD if admits(self.site) else ("", "")
            self.say(made, _OUTSIDE[0] + more[0], _OUTSIDE[1] + more[1])
        return int(made)

    def send_out(self, ticket: int) -> None:
        """What a rule found goes to its unit at once; a major hazard stays until a person has confirmed it."""
        row = self.row(ticket)
        owner = self.owner_of(row)
        self.change(ticket, {"assist_units": owner.assist_json})
        self.do(ticket, Command(Verb.CLASSIFY, SYSTEM, self.now_ms, category=row["category"]))
        if row["grade"] == Grade.MAJOR.value:
            self.change(ticket, {"lead_unit": owner.lead})
            return
        work = self.do(ticket, Command(Verb.GRADE, SYSTEM, self.now_ms, grade=Grade.GENERAL))
        if work.held:  # no unit gets it by itself; whoever is called about it may begin
            self.change(ticket, {"lead_unit": owner.lead})
            return
        self.do(ticket, Command(Verb.DISPATCH, SYSTEM, self.now_ms, unit=owner.lead))

    def _number(self) -> str:
        """SITE-DAY-0001, by the site's own calendar."""
        day = from_ms(self.now_ms).astimezone(self.clockwork.zone).strftime("%Y%m%d")
        statement = insert_into(self.connection, numbers).on_conflict_do_update(
            index_elements=["site", "day"], set_={"last": numbers.c.last + 1}
        )
        last = self.connection.execute(
            statement.returning(numbers.c.last), {"site": self.site.id, "day": day, "last": 1}
        )
        return f"{self.site.id.upper()}-{day}-{last.scalar_one():04d}"

    # --- moving ----------------------------------------------------------------------------------------------------

    def do(self, ticket: int, command: Command) -> Work:
        """Let the machine decide, and write down what it did. TicketRefusedError: nothing was changed."""
        row = self.row(ticket)
        before = judged(self.connection, self.site, row)
        refused = impossible(self, row, before, command)
        answer = step(before, self._upward(before, command)) if refused is None else refused
        if isinstance(answer, Done) and command.approver:
            level = admits(self.site) if answer.work.admission != before.admission else None
            answer = refused_approver(self.connection, self.site, row["grid"], command.approver, level) or answer
        if isinstance(answer, Refused):
            raise TicketRefusedError(answer.why.value, answer.words.en, answer.words.zh)
        self.change(ticket, values_of(answer.work) | self._also(row, before, answer.work, command))
        self._tell(
            ticket, command.verb.value, command.actor, (before.state.value, answer.work.state.value),
            approver=command.approver, note=command.note, payload=payload_of(command),
        )  # fmt: skip
        self.tightened += follow(self.connection, row, answer, command)
        return answer.work

    def _upward(self, before: Work, command: Command) -> Command:
        """Whether what is handed over goes to those who could let it in."""
        unit, level = self.site.org.units.get(command.unit), admits(self.site)
        if not before.held or command.verb is not Verb.ESCALATE or unit is None or level is None:
            return command
        return replace(command, upward=self.site.org.is_as_wide(unit.place, level))

    def owner_of(self, row: Mapping[Any, Any]) -> Owner:
        """Whose it is, by the duty matrix."""
        return lead_of(self.site, row["grid"], matter_of(self.site, row))

    def _also(self, row: RowMapping, before: Work, after: Work, command: Command) -> dict[str, Any]:
        """Columns that follow from a step."""
        found: dict[str, Any] = {"closed_ms": None if after.state.is_open else row["closed_ms"] or self.now_ms}
        if command.verb in _RESTARTS_PROOF:
            found["good_since_ms"] = None
        if command.verb is Verb.BEGIN or (command.verb is Verb.REPAIRED and row["begun_ms"] is None):
            found["begun_ms"] = self.now_ms
            if row["acked_ms"] is None:  # who works on it has taken note
                found |= {"acked_ms": self.now_ms, "acked_by": command.person or command.actor}
        if command.verb is Verb.REOPEN:
            found |= self._anew(row)
        is_other = (after.category, after.sector) != (before.category, before.sector)
        if is_other and before.source is not Source.SCHEDULE:  # whose it is follows from what it is
            owner = self.owner_of({**row, "category": after.category, "sector": after.sector})
            found |= {
                "lead_unit": owner.lead,
                "assist_units": owner.assist_json,
                "outside_matrix": owner.outside and not is_ordered(row),
            }
        if after.grade is not before.grade and after.plan.time_limit_ms is None:
            subject = subject_of({**row, "grade": after.grade.value}, self.site)
            found |= due_values(self.clockwork.dues(subject, row["opened_ms"]))
        if command.verb is Verb.RESUME and before.paused_ms is not None:
            moved = stood(dues_of(row), self.now_ms - before.paused_ms)
            found |= {"ack_due_ms": moved.acknowledge_ms, "arrive_due_ms": moved.arrive_ms}
        if after.due_ms != before.due_ms:
            found["overdue"] = " ".join(each for each in row["overdue"].split() if each != "rectify")
        return found

    def _anew(self, row: RowMapping) -> dict[str, Any]:
        """Opened again: its time limit stays, but somebody has to take note of it anew."""
        due = self.clockwork.due("acknowledge", subject_of(row, self.site), self.now_ms)
        told = " ".join(each for each in row["overdue"].split() if each != "acknowledge")
        return {
            "reopened": row["reopened"] + 1, "acked_ms": None, "acked_by": None, "overdue": told,
            "ack_due_ms": None if due is None else due.ms,
        }  # fmt: skip

    def sooner(self, row: Mapping[Any, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
        """The limits of a ticket that became graver: those of what it is now, where they are shorter."""
        subject = subject_of({**row, **changes}, self.site)
        new, old = due_values(self.clockwork.dues(subject, self.now_ms)), due_values(dues_of(row))
        return {name: at for name, at in new.items() if name.endswith("_ms") and at is not None
                and (old[name] is None or at < old[name])}  # fmt: skip

    def acknowledge(self, ticket: int, by: str, note: str) -> None:
        """Somebody takes note of a ticket; where it stands does not change."""
        row = self.row(ticket)
        if row["acked_ms"] is not None or row["closed_ms"] is not None:
            raise NothingToDoError(f"ticket {ticket} was acknowledged before, or is closed")
        self.change(ticket, {"acked_ms": self.now_ms, "acked_by": by})
        self._tell(ticket, "acknowledge", by, (row["state"], row["state"]), note=note)
        if note:
            self.say(ticket, f"{by}: {note}", f"{by}：{note}")

    def tell(self, ticket: int, verb: str, actor: str, note: str, payload: str = "{}") -> None:
        """A step that moves nothing: overdue, attached, rated."""
        state = self.row(ticket)["state"]
        self._tell(ticket, verb, actor, (state, state), note=note, payload=payload)

    # --- rows ------------------------------------------------------------------------------------------------------

    def row(self, ticket: int) -> RowMapping:
        """One ticket, kept from other writers until the end of the transaction; NoSuchTicketError."""
        row = self.connection.execute(_ROW, {"site": self.site.id, "ticket": ticket}).mappings().one_or_none()
        if row is None:
            raise NoSuchTicketError(f"no ticket {ticket}")
        return row

    def open_of(self, asset: str, hazard: str) -> RowMapping | None:
        """The open ticket of an equipment's hazard."""
        mine = {"site": self.site.id, "asset": asset, "hazard": hazard}
        return self.connection.execute(_OPEN_OF, mine).mappings().one_or_none()

    def change(self, ticket: int, values: Mapping[str, Any]) -> None:
        """Write columns of a ticket."""
        if values:
            change(self.connection, tickets, ticket, values)
            self.touched.add(ticket)

    def say(self, ticket: int, en: str, zh: str) -> None:
        """A line of evidence that no alarm told."""
        say(self.connection, ticket, Both(en, zh), self.now_ms)
        self.touched.add(ticket)

    def _tell(self, ticket: int, verb: str, actor: str, states: tuple[str, str], **told: str) -> None:
        usual = {"approver": "", "note": "", "payload": "{}"}
        line = {"site": self.site.id, "ticket": ticket, "at_ms": self.now_ms, "verb": verb, "actor": actor}
        old, new = states
        insert(self.connection, ticket_events, line | {"old": old, "new": new} | usual | told)
        self.touched.add(ticket)
