"""Shell. The engine of alerts: frames in, tickets out, everything that belongs together in one transaction.

`apply` takes a batch of frames (a group commit): marks, the state of the kernel, transitions, tickets and evidence are
written together or not at all, so a restart anywhere gives the same events. If the database refuses, the books in
memory are thrown away and read again, and the caller tries the same batch once more.

Not thread-safe: one thread calls everything here. Reads for people go through `Queries` on connections of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import msgspec
import sqlalchemy

from alerts.beside import Beside, Nobody
from alerts.changing import Change, Read
from alerts.consequences import Consequences
from alerts.database import connect, writing
from alerts.detection import next_due_ms
from alerts.errors import DatabaseError, NothingToDoError, NotThereError, RefusedError
from alerts.filing import Filing
from alerts.heeding import take_note
from alerts.hidings import Hidings
from alerts.judge import Judge
from alerts.law import Law, law_of
from alerts.ledger import Options, Order
from alerts.oncall.caller import Caller
from alerts.outages import Outages
from alerts.present import Latest, Present
from alerts.tickets.care import Care
from alerts.tickets.cases import Cases, clockwork_of
from alerts.tickets.view import follow_hazards
from alerts.together import RunJudge
from alerts.views import AlarmView, Changes, EdgeView, TicketView, UnknownView
from rules.codes import NEVER, AlarmState, Input
from rules.functions import PLAIN, Functions
from vocab.site import Site
from vocab.topics import Kind
from wire.verdict import Accepted


class Engine:
    """Alarms and tickets of one site."""

    def __init__(self, site: Site, database: str, options: Options | None = None, functions: Functions = PLAIN) -> None:
        self.options = options or Options()
        self.database: sqlalchemy.Engine = connect(database)
        self.functions = functions
        self.beside: Beside = Nobody()
        self._told_unknown: dict[str, UnknownView] = {}
        self._put_on(law_of(site, self.options))
        self._judge = RunJudge(self._layout, self.options, functions)
        self.is_listening: bool | None = None  # None: nobody said, so we listen from the first moment that we see
        self._load()

    def _put_on(self, law: Law) -> None:
        self._law = law
        self.site, self.queries, self._layout, self._store = law.site, law.queries, law.layout, law.store
        self._clockwork = clockwork_of(law.site)
        self.caller = Caller(law.site, law.queries)

    def close(self) -> None:
        """Let go of the database."""
        self.database.dispose()

    def _load(self) -> None:
        """Read everything again. Until that has worked the memory is stale, and nothing may be judged by it."""
        self._stale = True
        with writing(self.database) as connection:
            read = self._read(connection, self._law)
        self._go_on(self._law, read)

    def _read(self, connection: sqlalchemy.Connection, law: Law) -> Read:
        judge = RunJudge(law.layout, self.options, self.functions)
        hidings = Hidings(law.site.id, law.layout)
        hidings.load(connection, judge.agenda)
        loaded = law.store.load(connection, judge)
        outages = Outages(law.layout, judge, self.options.vouch_ms)
        outages.load(connection)
        return Read(judge, *loaded, law.queries.open_hazards(connection), hidings, outages)

    def _go_on(self, law: Law, read: Read) -> None:
        self._put_on(law)
        read.judge.inherit(self._judge)
        self._judge, self._marks, self._edges = read.judge, read.marks, read.edges
        self._acked_by, self._hazards = read.acked_by, read.hazards
        self._hidings, self._outages, care = read.hidings, read.outages, Care(law.layout, read.judge)
        self._present = Present(law.layout, read.judge, self._edges, self._acked_by, self._hazards, self._hidings.open)
        self._consequences = Consequences(self._present, self._outages, care)
        self._stale = False

    def adopt(self, law: Law, also: Callable[[sqlalchemy.Connection], None]) -> Changes:
        """Go over to other rules of this site, just as a start with them would: what goes on is carried over by name.

        What `also` writes is in the same transaction. If either fails, nothing happened and the error is raised.
        """
        if self._stale:
            self._load()
        shown = {alarm.id: alarm for alarm in self.alarms()}
        with writing(self.database) as connection:
            also(connection)
            read = self._read(connection, law)
        self._go_on(law, read)
        now_shown = {alarm.id: alarm for alarm in self.alarms()}
        gone = [alarm for name, alarm in shown.items() if name not in now_shown]
        ended = [msgspec.structs.replace(alarm, state=AlarmState.NORMAL.value) for alarm in gone]
        return Changes(alarms=(*now_shown.values(), *ended), unknown=self._news_of_unknown())

    def use(self, functions: Functions) -> None:
        """Go on with another form of the same kernel."""
        self.functions = functions
        self._judge.use(functions)

    # --- what changes something ------------------------------------------------------------------------------------

    def apply(self, frames: Sequence[Accepted], now_ms: int) -> Changes:
        """Judge frames and make it durable. After that, and only then, they may be acknowledged.

        The frames come from a gate for this one site, so that both number the series alike.
        """
        with self.changing(now_ms) as change:
            self._begin(now_ms, hears=True)
            heard: dict[str, int] = {}
            for frame in frames:
                heard[frame.edge] = max(frame.received_ms, heard.get(frame.edge, NEVER))
                self._hear(frame)
            new = [frame for frame in frames if self._marks.take(frame.source, frame.seq)]
            self._judge.counts.duplicates += len(frames) - len(new)
            self._judge.take_many(new)
            for moment in sorted(set(heard.values())):
                self._judge.hear((edge for edge, at in heard.items() if at == moment), moment)
        self.beside.apply(frames, now_ms)
        return change.done

    def tick(self, now_ms: int) -> Changes:
        """Server time has come to `now_ms`: cabinets may have been silent for too long."""
        with self.changing(now_ms) as change:
            self._begin(now_ms)
            self._judge.tick(now_ms, listening=self.is_listening is not False)
        self.beside.tick(now_ms)
        return change.done

    def listening(self, is_listening: bool, now_ms: int) -> Changes:
        """The broker is there, or not: while we are deaf nobody is silent."""
        if is_listening is self.is_listening:
            return Changes()
        with self.changing(now_ms) as change:
            if is_listening and self.is_listening is not True:
                self._judge.listen(now_ms)
            self.is_listening = is_listening
        self.beside.listening(is_listening, now_ms)
        return change.done

    def edge_said(self, edge: str, state: str, epoch: int, ts_ms: int, now_ms: int) -> Changes:
        """A cabinet's status, or its last will. A cabinet that this site does not know is passed over."""
        position = self._judge.positions.get(edge)
        if edge not in self._edges or (position is not None and epoch < position.epoch):
            return Changes()
        with self.changing(now_ms) as change:
            record = self._edges[edge]
            record.state, record.state_ms = state, now_ms
            self._judge.touched.edges.add(edge)
            if state == "stopped":
                self._judge.goodbye(edge, min(ts_ms, now_ms))
        if state == "stopped":
            self.beside.goodbye(edge, min(ts_ms, now_ms), now_ms)
        return change.done

    def acknowledge_alarm(self, alarm: str, by: str, note: str, now_ms: int) -> tuple[AlarmView, Changes]:
        """Somebody has seen an alarm."""
        return self._order(alarm, Input.ACKNOWLEDGE, by, note, now_ms)

    def reset_alarm(self, alarm: str, by: str, note: str, now_ms: int) -> tuple[AlarmView, Changes]:
        """Somebody lets a latched alarm go."""
        return self._order(alarm, Input.RESET, by, note, now_ms)

    def _order(self, alarm: str, what: Input, by: str, note: str, now_ms: int) -> tuple[AlarmView, Changes]:
        with self.changing(now_ms) as change:
            change.watch(alarm)
            if not self._judge.command(alarm, what, now_ms, Order(by, note or None)):
                state = self._present.alarm(alarm).state
                raise NothingToDoError(f"{alarm} is {state}: there is nothing to {what.name.lower()}")
            if what is Input.ACKNOWLEDGE:
                self._acked_by[alarm] = by
        self.beside.command(alarm, what, now_ms)
        return self._present.alarm(alarm), change.done

    def acknowledge_ticket(self, ticket: int, by: str, note: str, now_ms: int) -> tuple[TicketView, Changes]:
        """Somebody takes note of a ticket; its alarms stay as they are, unless the policy says otherwise."""
        return take_note(self, ticket, Order(by, note or None), now_ms)

    def _begin(self, now_ms: int, *, hears: bool = False) -> None:
        """Whoever receives a frame listens, whether it was told so yet or not."""
        if self.is_listening is None or (hears and not self.is_listening):
            self._judge.listen(now_ms)
            self.is_listening = True

    def _hear(self, frame: Accepted) -> None:
        self._edges[frame.edge].hear(frame.received_ms, frame.ts_ms, live=frame.lane is Kind.TELE)
        self._judge.touched.edges.add(frame.edge)

    @contextmanager
    def changing(self, now_ms: int) -> Iterator[Change]:
        """One transaction around one verb, which refuses before it changes anything. Memory keeps what it committed."""
        if self._stale:
            self._load()
        try:
            with writing(self.database) as connection:
                filing = Filing(Cases(connection, self.site, self._clockwork, now_ms))
                change = Change(connection, filing, self._judge, self._hidings, self._layout.watches, self._acked_by)
                yield change
                self._write(connection, change, now_ms)
        except (NothingToDoError, RefusedError, NotThereError):
            raise  # refused before anything was changed
        except BaseException:
            self._stale = True
            # Whoever was heard meanwhile is forgotten.
            self.is_listening = None if self.is_listening else self.is_listening
            with suppress(DatabaseError):  # then the next call tries again
                self._load()
            raise
        self._judge.saved()
        if change.tightened:
            self.beside.put_closer(change.tightened, now_ms)

    def _write(self, connection: sqlalchemy.Connection, change: Change, now_ms: int) -> None:
        findings, transitions = self._consequences.draw(change, now_ms)
        change.filing.touched.update(self.caller.step(connection, change.filing.touched, findings, now_ms))
        changed = self._store.save(connection, self._judge, self._marks, self._edges, self._acked_by)
        tickets = self.queries.some(connection, change.filing.touched) if change.filing.touched else []
        follow_hazards(self._hazards, tickets)
        moved = {finding.watch.id for finding in findings if not finding.catch_up}
        changed += sorted(change.shown_anew - set(changed))
        change.done = Changes(
            tuple(transitions),
            tuple(self._present.alarm(alarm) for alarm in changed if alarm in moved or self._present.is_shown(alarm)),
            tuple(tickets),
            tuple(self._present.edge(edge) for edge in sorted(self._judge.touched.edges)),
            self._news_of_unknown(),
        )

    def _news_of_unknown(self) -> dict[str, UnknownView | None]:
        """What is unknown, or known again, since somebody was told."""
        told, self._told_unknown = self._told_unknown, self.unknown()
        names = told.keys() | self._told_unknown.keys()
        now = self._told_unknown
        return {name: now.get(name) for name in names if told.get(name) != now.get(name)}

    def next_silence_ms(self) -> int:
        """When a cabinet is lost next, if nothing is heard until then."""
        return next_due_ms(self._judge.silence)

    # --- what it knows ---------------------------------------------------------------------------------------------

    @property
    def counts(self) -> dict[str, int]:
        """What went past since this process began."""
        return self._judge.counts.as_words()

    def alarm(self, alarm: str) -> AlarmView:
        """One alarm, normal or not."""
        return self._present.alarm(alarm)

    @property
    def judge(self) -> Judge:
        """The live books."""
        return self._judge

    def alarms(self) -> list[AlarmView]:
        """Every alarm that is not normal."""
        return self._present.alarms()

    def edges(self) -> list[EdgeView]:
        """Every cabinet."""
        return [self._present.edge(edge) for edge in self._edges]

    def ages_ms(self) -> dict[str, tuple[int, int]]:
        """Of each cabinet's last live frame since the start: when it came, and how old it was then."""
        heard = {name: (each.received_ms, each.lag_ms) for name, each in self._edges.items()}
        return {name: (at, age) for name, (at, age) in heard.items() if at is not None and age is not None}

    def unknown(self) -> dict[str, UnknownView]:
        """Equipment of which nothing is known, by asset."""
        return dict(self._outages.unknown)

    def latest(self) -> Latest:
        """Every point that was ever heard of."""
        return self._present.latest(only_new=False)

    def take_latest(self) -> Latest:
        """Points heard of since the last call."""
        return self._present.latest(only_new=True)
