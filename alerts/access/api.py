"""Shell. Signing in and out, accounts, tokens and the audit log over HTTP. docs/reference/access.md describes it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from alerts.access import refusals, store
from alerts.access.bodies import LookIn, NewAccount, NewPassword, NewToken, Rights, SignIn
from alerts.access.described import described
from alerts.access.door import Door, WaitError, WrongPasswordError
from alerts.access.gate import COOKIE
from alerts.access.org_view import org_view
from alerts.access.refusals import Refusal
from alerts.access.rights import Action, Kind, Who
from alerts.asked import Moment
from alerts.database import reading
from vocab.strict_toml import Text

MOST_ROWS = 1000
_REFUSED: dict[int | str, dict[str, Any]] = {409: {"description": "refused; `reason` says why"}}


def add_access(app: FastAPI, door: Door) -> None:
    """The routes, and what their errors are answered with."""

    def refused(refusal: Refusal) -> JSONResponse:
        headers = {"Retry-After": str(refusal.retry_s)} if refusal.retry_s is not None else {}
        return JSONResponse(refusal.body(), refusal.status, headers)

    async def wrong(request: Request, _error: Exception) -> JSONResponse:
        is_link = request.url.path.endswith("/viewer")
        return refused(refusals.WRONG_LINK if is_link else refusals.WRONG_PASSWORD)

    async def wait(_request: Request, error: Exception) -> JSONResponse:
        return refused(refusals.wait(error.wait_ms if isinstance(error, WaitError) else 0))

    app.add_exception_handler(WrongPasswordError, wrong)
    app.add_exception_handler(WaitError, wait)
    app.include_router(_sessions(door))
    app.include_router(_accounts(door))
    app.include_router(_tokens(door))
    app.include_router(_audit(door))
    org = org_view(door.org)

    @app.get("/api/v1/org")
    async def organisation() -> Response:
        """Names for the ids of places, units and people; no contacts."""
        return JSONResponse(org)

    own = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = described(own())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _who(request: Request) -> Who:
    who: Who = request.state.who
    return who


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else "?"


def _told(who: Who, door: Door) -> dict[str, Any]:
    can = [action for action in Action if action in {each for right in who.rights for each in right.actions}]
    places = sorted({right.place for right in who.rights})
    person = door.org.people.get(who.id)
    return {
        "id": who.id, "name": {"en": who.name.en, "zh": who.name.zh}, "kind": who.kind, "may": can, "places": places,
        "unit": None if person is None else person.unit, "must_change": who.must_change,
    }  # fmt: skip


def _sessions(door: Door) -> APIRouter:
    routes = APIRouter(prefix="/api/v1/session")

    def opened(request: Request, token: str, who: Who, seconds: float) -> Response:
        answer = JSONResponse(_told(who, door))
        answer.set_cookie(
            COOKIE, token, max_age=int(seconds), path="/", httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    @routes.get("")
    async def session(request: Request) -> Response:
        """Who is signed in, and what they may do; 401 if nobody is."""
        who: Who | None = request.state.who
        if who is None:
            return JSONResponse(refusals.NOT_SIGNED_IN.body(), 401)
        return JSONResponse(_told(who, door))

    @routes.post("")
    async def sign_in(request: Request, order: SignIn) -> Response:
        """With account and password; the session is a cookie that scripts cannot read."""
        token, who = await run_in_threadpool(door.sign_in, order.account, order.password, _address(request))
        return opened(request, token, who, door.settings.session_s)

    @routes.post("/viewer")
    async def look_in(request: Request, order: LookIn) -> Response:
        """A wall screen with its viewer token: it sees, and does nothing."""
        token, who = await run_in_threadpool(door.look_in, order.token, _address(request), request.state.token)
        return opened(request, token, who, door.settings.viewer_session_s)

    @routes.delete("")
    async def sign_out(request: Request) -> Response:
        """The session is over, here and everywhere."""
        if request.state.token is not None:
            await run_in_threadpool(door.sign_out, request.state.token, _who(request))
        answer = JSONResponse({"ok": True})
        answer.delete_cookie(COOKIE, path="/")
        return answer

    @routes.post("/password")
    async def change(request: Request, order: NewPassword) -> Response:
        """One's own password; every session of the account ends, and a new one begins here."""
        who = _who(request)
        if who.kind is not Kind.PERSON:
            return JSONResponse(refusals.NOT_SIGNED_IN.body(), 401)
        address = _address(request)
        await run_in_threadpool(door.change_password, who.id, order.old, order.new, address)
        token, who = await run_in_threadpool(door.sign_in, who.id, order.new, address)
        return opened(request, token, who, door.settings.session_s)

    return routes


def _accounts(door: Door) -> APIRouter:
    routes = APIRouter(prefix="/api/v1/accounts")

    @routes.get("")
    async def accounts() -> Response:
        """Everybody who may sign in; passwords are never told."""

        def read() -> list[dict[str, Any]]:
            with reading(door.database) as connection:
                found = store.all_accounts(connection, door.site)
            return [
                _told(door.person(each), door) | {"disabled": each.disabled, "rights": each.rights} for each in found
            ]

        return JSONResponse(await run_in_threadpool(read))

    @routes.post("", status_code=201)
    async def add(request: Request, order: NewAccount) -> Response:
        """A new account; its one-time password is told here and never again."""
        named = order.name_en or order.name_zh
        name = None if named is None else Text(en=order.name_en or named, zh=order.name_zh or named)
        rights = () if order.access is None else ((order.access.value, order.place),)
        by = _who(request).id
        password = await run_in_threadpool(door.add_account, order.account, by, name, None, rights)
        return JSONResponse({"id": order.account, "one_time_password": password}, 201)

    @routes.post("/{account}/password")
    async def reset(request: Request, account: str) -> Response:
        """A new one-time password for somebody who forgot theirs; their sessions end."""
        password = await run_in_threadpool(door.reset_password, account, _who(request).id)
        return JSONResponse({"id": account, "one_time_password": password})

    @routes.post("/{account}/rights", responses=_REFUSED)
    async def rights(request: Request, account: str, order: Rights) -> Response:
        """What they may do beside what follows from org.toml; what they were given before is replaced."""
        wanted = tuple(dict.fromkeys((each.access.value, each.place) for each in order.rights))
        await run_in_threadpool(door.set_rights, account, _who(request).id, wanted)
        return JSONResponse({"id": account, "rights": wanted})

    @routes.post("/{account}/disable", responses=_REFUSED)
    async def disable(request: Request, account: str) -> Response:
        """They cannot sign in, and their sessions end at once."""
        await run_in_threadpool(lambda: door.set_disabled(account, _who(request).id, disabled=True))
        return JSONResponse({"id": account, "disabled": True})

    @routes.post("/{account}/enable")
    async def enable(request: Request, account: str) -> Response:
        """They may sign in again."""
        await run_in_threadpool(lambda: door.set_disabled(account, _who(request).id, disabled=False))
        return JSONResponse({"id": account, "disabled": False})

    return routes


def _tokens(door: Door) -> APIRouter:
    routes = APIRouter(prefix="/api/v1/tokens")

    @routes.get("")
    async def tokens() -> Response:
        """Tokens of programs, wall screens and calendars; the tokens themselves are not kept."""

        def read() -> list[dict[str, Any]]:
            with reading(door.database) as connection:
                found = store.keys_of(connection, door.site, (store.TOKEN, store.VIEWER, store.CALENDAR))
            return [
                {
                    "id": each.id, "kind": each.kind, "name": each.name, "scopes": each.scopes, "place": each.place,
                    "created_ms": each.created_ms, "created_by": each.created_by, "expires_ms": each.expires_ms,
                }
                for each in found
                if each.parent is None
            ]  # fmt: skip

        return JSONResponse(await run_in_threadpool(read))

    @routes.post("", status_code=201)
    async def add(request: Request, order: NewToken) -> Response:
        """A new one, told here and never again."""
        by = _who(request).id

        def make() -> tuple[str, str]:
            if order.viewer:
                return door.add_viewer(order.name, by, order.place, order.days)
            return door.add_token(order.name, by, order.scopes, order.place, order.days)

        ident, token = await run_in_threadpool(make)
        return JSONResponse({"id": ident, "token": token}, 201)

    @routes.post("/{token}/revoke")
    async def revoke(request: Request, token: str) -> Response:
        """By its id; what it opened is closed."""
        await run_in_threadpool(door.revoke, token, _who(request).id)
        return JSONResponse({"id": token, "revoked": True})

    return routes


def _audit(door: Door) -> APIRouter:
    routes = APIRouter(prefix="/api/v1/audit")

    @routes.get("")
    async def rows(before: Moment | None = None, limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100) -> Response:
        """Sign-ins, refusals and orders, newest first; `before` is the `seq` of the last row of the page before."""
        return JSONResponse(await run_in_threadpool(door.log.rows, before, limit))

    @routes.get("/verify")
    async def verify() -> Response:
        """Whether every row is as it was written."""
        broken = await run_in_threadpool(door.log.verify)
        told = None if broken is None else {"seq": broken.seq, "why": broken.why}
        return JSONResponse({"ok": broken is None, "broken": told})

    return routes
