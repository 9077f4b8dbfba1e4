"""Shell. 抽查: a draw from what committees checked themselves, an inspection for each item, and what follows from it.

The law of this file
1. The seed is the server's, and kept with population and rule: nobody chooses, and everybody can draw it again.
2. What was drawn once is never drawn again, so that nobody draws until they like what comes.
3. Each item is a duty with an owner and a time; nobody checks their own work, nor that of their own committee.
4. What is found wrong is work again: the ticket is opened again or sent back, or a new one is the committee's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import RowMapping, insert, select, update

from alerts.campaigns.dates import asked_once
from alerts.campaigns.draw import Item, Rule, drawn
from alerts.campaigns.tables import sample_items, samples
from alerts.duties.book import Book, NoSuchDutyError
from alerts.duties.due import State
from alerts.duties.tables import duty_instances, duty_triggers
from alerts.duties.work import Wanted
from alerts.errors import NothingToDoError, TicketRefusedError, WrongOrderError
from alerts.tables import tickets
from alerts.tickets.commands import Command, Verb
from alerts.tickets.model import Source
from alerts.tickets.model import State as At
from vocab.campaign import Campaign, Sampling
from vocab.duties import After
from vocab.ownership import fallback_of
from vocab.site import Site
from vocab.strict_toml import Text

Outcome = Literal["consistent", "wrong"]
_S, _I = samples.c, sample_items.c
_OFF = (At.WRITTEN_OFF.value, At.EVALUATED.value)
_TOLD = (At.FEEDBACK.value, At.SUPERVISED.value, At.ACCEPTED.value)  # that it is repaired


def campaign_of(site: Site, name: str) -> Campaign:
    """By its id; NoSuchDutyError."""
    found = site.duties.campaigns.get(name)
    if found is None:
        raise NoSuchDutyError(f"no campaign {name!r}")
    return found


def committee_of(site: Site, place: str) -> str:
    """The unit that answers for a place as a whole (属地); the site itself without an org.toml."""
    found = fallback_of(site.org, place)
    return site.id if found is None else found.id


def draw(book: Book, name: str, by: str, note: str, seed: str) -> int:
    """Draw; the number of the sample. Each item begins its inspection at the next look."""
    campaign = campaign_of(book.site, name)
    plan = campaign.sampling
    when = None if plan is None else book.site.duties.schedules[plan.schedule].when
    if plan is None or not isinstance(when, After):
        raise WrongOrderError("no_sampling", f"{name} has no [campaign.sampling]")
    there, rule = sorted(population(book, campaign, plan)), Rule(plan.share, plan.count)
    if not there:
        raise NothingToDoError("nothing was self-checked that was not drawn before")
    kept = {"share": rule.share} if rule.count is None else {"count": rule.count}
    row = {
        "site": book.site.id, "campaign": name, "seed": seed, "rule": json.dumps(kept), "drawn_ms": book.now_ms,
        "population": json.dumps([[each.name, each.unit] for each in there]), "drawn_by": by, "note": note,
    }  # fmt: skip
    sample = int(book.connection.execute(insert(samples).values(**row).returning(_S.id)).scalar_one())
    for item in drawn(seed, there, rule):
        label = _label(book, plan, item)
        started = {"site": book.site.id, "trigger": when.trigger, "label": f"{label.zh} / {label.en}", "by": by}
        made = insert(duty_triggers).values(**started, at_ms=book.now_ms, note="").returning(duty_triggers.c.id)
        trigger = int(book.connection.execute(made).scalar_one())
        values = {"site": book.site.id, "sample": sample, "item": item.name, "unit": item.unit, "trigger": trigger}
        book.connection.execute(insert(sample_items).values(**values, note=""))
    return sample


def population(book: Book, campaign: Campaign, plan: Sampling) -> Iterator[Item]:
    """What may be drawn: checks that committees said are done, tickets that are said to be repaired; each only once."""
    mine = (_S.site == book.site.id, _S.campaign == campaign.id)
    before = select(_I.item).join(samples, _S.id == _I.sample).where(*mine)
    gone = set(book.connection.execute(before).scalars())
    for found in (*_checks(book, campaign, plan), *(_tickets(book, campaign) if plan.tickets else ())):
        if found.name not in gone:
            yield found


def _checks(book: Book, campaign: Campaign, plan: Sampling) -> Iterator[Item]:
    row = duty_instances.c
    for name in plan.checks:
        due = asked_once(book.site, campaign, book.site.duties.schedules[name], "")
        mine = (row.site == book.site.id, row.schedule == name, row.due_from_ms == due.due_from_ms)
        done = row.state.in_((State.DONE.value, State.LATE.value))
        for each in book.connection.execute(select(row.id, row.subject).where(*mine, done)).all():
            if each.subject in campaign.units:
                yield Item(f"duty:{each.id}", each.subject)


def _tickets(book: Book, campaign: Campaign) -> Iterator[Item]:
    row = tickets.c
    mine = (row.site == book.site.id, row.campaign == campaign.id, row.state.in_((*_TOLD, *_OFF)))
    for each in book.connection.execute(select(row.id, row.grid).where(*mine)).all():
        yield Item(f"ticket:{each.id}", committee_of(book.site, each.grid))


@dataclass(frozen=True, slots=True)
class Check:
    """What somebody found when they looked."""

    by: str
    outcome: Outcome
    note: str = ""


def check(book: Book, instance: int, said: Check) -> None:
    """The item was inspected. What was found wrong becomes work in the same transaction."""
    row = book.row(instance)
    item = _item_of(book, row)
    campaign = campaign_of(book.site, item["campaign"])
    if said.by in _own(book, item):
        raise WrongOrderError("checks_own_work", "somebody else checks this: neither who did it, nor their committee")
    if said.outcome == "wrong" and not said.note.strip():
        raise WrongOrderError("finding_missing", "what was found wrong?")
    book.done(row, book.now_ms, said.by, proof="person", note=said.note)
    over = {"ended_ms": book.now_ms, "ended_by": said.by}
    book.connection.execute(update(duty_triggers).where(duty_triggers.c.id == item["trigger"]).values(**over))
    ticket = _again(book, campaign, item, said) if said.outcome == "wrong" else None
    told = {"outcome": said.outcome, "checked_ms": book.now_ms, "checked_by": said.by, "note": said.note}
    book.connection.execute(update(sample_items).where(_I.id == item["id"]).values(**told, ticket=ticket))


def _item_of(book: Book, row: RowMapping) -> RowMapping:
    found = None
    if row["schedule"] in book.site.duties.sampled and row["subject"].isdigit():
        mine = (_I.site == book.site.id, _I.trigger == int(row["subject"]))
        statement = select(sample_items, _S.campaign).join(samples, _S.id == _I.sample).where(*mine)
        found = book.connection.execute(statement).mappings().one_or_none()
    if found is None:
        raise WrongOrderError("not_drawn", "this is no spot check of a sample")
    return found


def _own(book: Book, item: RowMapping) -> set[str]:
    """Who may not check it: who did it, and everybody of the committee that it is of."""
    kind, _, number = item["item"].partition(":")
    table: Any = duty_instances.c.done_by if kind == "duty" else tickets.c.rectifier
    by = (duty_instances if kind == "duty" else tickets).c.id == int(number)
    did = book.connection.execute(select(table).where(by)).scalar_one_or_none()
    members = {person.id for person in book.site.org.members(item["unit"])}
    return members | ({did} if did else set())


def _again(book: Book, campaign: Campaign, item: RowMapping, said: Check) -> int:
    """The ticket that is opened again or sent back, else a new one of the committee."""
    kind, _, number = item["item"].partition(":")
    line = Text(en=f"Spot check by {said.by}: {said.note}", zh=f"{said.by}抽查发现问题：{said.note}")
    cases = book.works.cases
    if kind == "ticket":
        ticket, state = int(number), cases.row(int(number))["state"]
        verb = Verb.REOPEN if state in _OFF else Verb.REJECT if state in _TOLD else None
        try:
            if verb is not None:
                cases.do(ticket, Command(verb, said.by, book.now_ms, said.note))
            if At(state).is_open or verb is not None:
                cases.say(ticket, line.en, line.zh)
                return ticket
        except TicketRefusedError:  # the same hazard has a new ticket: then it is work of its own
            pass
    return book.works.ask(_wanted(book, campaign, item), line, book.now_ms)


def _wanted(book: Book, campaign: Campaign, item: RowMapping) -> Wanted:
    unit, plan = book.site.org.units.get(item["unit"]), campaign.sampling
    if plan is None:
        raise NoSuchDutyError(f"{campaign.id} has no [campaign.sampling] any more")
    name = Text(en=item["unit"], zh=item["unit"]) if unit is None else unit.name
    title = Text(en=f"Self-check found wrong: {name.en}", zh=f"抽查与自查不符：{name.zh}")
    place = "" if unit is None else unit.place
    about = f"{campaign.id}:{item['unit']}"
    rule = f"campaign:{campaign.id}"
    return Wanted(about, plan.wrong, title, place, item["unit"], rule, Source.CAMPAIGN, campaign.id)


def _label(book: Book, plan: Sampling, item: Item) -> Text:
    """What it is about, for whoever goes there."""
    kind, _, number = item.name.partition(":")
    unit = book.site.org.units.get(item.unit)
    name = Text(en=item.unit, zh=item.unit) if unit is None else unit.name
    if kind == "ticket":
        told = book.connection.execute(select(tickets.c.number).where(tickets.c.id == int(number))).scalar_one()
        return Text(en=f"{name.en}: {told}", zh=f"{name.zh}：{told}")
    mine = select(duty_instances.c.schedule).where(duty_instances.c.id == int(number))
    what = book.site.duties.schedules[book.connection.execute(mine).scalar_one()].name
    return Text(en=f"{name.en}: {what.en}", zh=f"{name.zh}：{what.zh}")
