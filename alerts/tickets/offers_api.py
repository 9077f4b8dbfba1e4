"""Shell. What whoever asks may do with a ticket now, over HTTP, so that a page need not know the workflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import RowMapping, select

from alerts.access.needs import needed
from alerts.access.rights import No, Who, may, rights_of
from alerts.database import reading
from alerts.engine import Engine
from alerts.errors import NoSuchTicketError
from alerts.people_api import Desk
from alerts.tables import tickets
from alerts.tickets.api import TicketId, json_of
from alerts.tickets.approvers import may_approve
from alerts.tickets.attachments import Cellar
from alerts.tickets.images import JPEG, PDF, PNG, TEXT
from alerts.tickets.judged import judged
from alerts.tickets.model import Work
from alerts.tickets.offers import Field, Kind, offers
from alerts.views import Both
from vocab.org import Level, Org
from vocab.strict_toml import Text

_ADMITS = ("dispatch", "escalate")  # what lets work in that is not in the duty matrix
_NOTE, _REASON = Field("note", Kind.LONG), Field("note", Kind.LONG, required=True)


class FieldView(msgspec.Struct, frozen=True):
    """One thing that a verb wants to be told."""

    name: str
    kind: str  # text, long, person, unit, moment, ticket, choice, flag, sector, joint
    required: bool
    choices: tuple[str, ...]
    value: str | int | None  # as it stands now
    only_if: tuple[str, str] | None  # (field, value): asked, and required, only then


class RefusalView(msgspec.Struct, frozen=True):
    """Why not."""

    reason: str
    words: Both


class OfferView(msgspec.Struct, frozen=True):
    """A verb; `refused` where something else has to be done first."""

    verb: str
    fields: tuple[FieldView, ...] = ()
    refused: RefusalView | None = None


class FilesView(msgspec.Struct, frozen=True):
    """What may be attached."""

    types: tuple[str, ...]
    most_bytes: int
    most_files: int


class VerbsView(msgspec.Struct, frozen=True):
    """All of it for one person and one ticket."""

    who: str
    offers: tuple[OfferView, ...]
    others: tuple[OfferView, ...]  # the state allows it, but not to this person: `refused` says why
    files: FilesView | None  # None: none are taken from this person


def router(engine: Engine, desk: Desk, cellar: Cellar | None) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.get("/api/v1/tickets/{ticket}/verbs", responses={404: {"description": "There is no such ticket."}})
    async def verbs(request: Request, ticket: TicketId) -> Response:
        """The verbs that the ticket's state allows, with their fields: those of who asks, and those of others."""
        who: Who | None = getattr(request.state, "who", None)
        row, work = await run_in_threadpool(_row, engine, ticket)
        return json_of(verbs_of(row, work, who, Given(engine.site.org, cellar, desk.clock.now_ms())))

    return routes


@dataclass(frozen=True, slots=True)
class Given:
    """In which organisation, where files are kept, and when."""

    org: Org
    cellar: Cellar | None
    now_ms: int


def verbs_of(row: Mapping[Any, Any], work: Work, who: Who | None, given: Given) -> VerbsView:
    """What `who` may do; without a door everybody may do everything."""
    mine: list[OfferView] = []
    others: list[OfferView] = []
    org, cellar, actor = given.org, given.cellar, "" if who is None else who.id
    approvers = tuple(_approvers(row["grid"], actor, org))
    admitting = approvers
    if work.held and org.file.admission is not None:
        admitting = tuple(_approvers(row["grid"], actor, org, org.file.admission.level))

    def no(verb: str) -> RefusalView | None:
        needs, _ = needed("POST", f"/api/v1/tickets/{row['id']}/{verb}")
        if who is None or needs.action is None:
            return None
        answer = may(who, needs.action, row["grid"], org)
        return RefusalView(answer.reason, _both(answer.words)) if isinstance(answer, No) else None

    def put(
        verb: str, fields: tuple[Field, ...], refused: RefusalView | None = None, *, personal: bool = False
    ) -> None:
        closed = no(verb)
        if closed is not None or personal:
            others.append(OfferView(verb, (), closed or refused))
        else:
            able = admitting if verb in _ADMITS else approvers
            mine.append(OfferView(verb, () if refused else tuple(_field(each, able) for each in fields), refused))

    if row["acked_ms"] is None and row["closed_ms"] is None:
        put("acknowledge", (_NOTE,))
    for offer in offers(work, actor, given.now_ms):
        no_here = offer.refused
        refused = None if no_here is None else RefusalView(no_here.why.value, _both(no_here.words))
        put(offer.verb.value, offer.fields, refused, personal=offer.is_personal)
    put("note", (_REASON,))
    files = None
    if cellar is not None and no("attachments") is None:
        files = FilesView((JPEG, PNG, PDF, TEXT), cellar.most_bytes, cellar.most_each)
    return VerbsView(actor, tuple(mine), tuple(others), files)


def _row(engine: Engine, ticket: int) -> tuple[RowMapping, Work]:
    with reading(engine.database) as connection:
        mine = select(tickets).where(tickets.c.site == engine.site.id, tickets.c.id == ticket)
        row = connection.execute(mine).mappings().one_or_none()
        if row is None:
            raise NoSuchTicketError(f"no ticket {ticket}")
        return row, judged(connection, engine.site, row)


def _field(field: Field, approvers: tuple[str, ...]) -> FieldView:
    choices = approvers if field.name == "approver" else field.choices
    return FieldView(field.name, field.kind.value, field.required, choices, field.value, field.only_if)


def _approvers(grid: str, actor: str, org: Org, level: Level | None = None) -> Iterator[str]:
    """People of org.toml who may approve what is done here; nobody approves what they asked for."""
    for person in org.people.values():
        is_able = any(may_approve(right, grid, org, level) for right in rights_of(person, org))
        if is_able and person.id != actor:
            yield person.id


def _both(text: Text) -> Both:
    return Both(text.en, text.zh)
