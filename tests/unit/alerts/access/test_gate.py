"""Every request passes the gate: who is let in, who may do what where, in whose name, and what is written down."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from sqlalchemy import Connection, text

from alerts.access.first import first_administrator
from alerts.access.needs import TABLE, needed
from alerts.access.rights import Action
from alerts.access.secrets import digest
from alerts.database import reading, writing
from alerts.errors import DatabaseError
from tests.unit.alerts.access.house import LONG, SITE, Hand, House, house

pytestmark = pytest.mark.usefixtures("database")  # once on SQLite, once on PostgreSQL

ACK = "/api/v1/tickets/{}/acknowledge"


async def test_every_address_of_the_api_says_what_it_needs(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        told = {(verb.upper(), path) for path, verbs in here.app.openapi()["paths"].items() for verb in verbs}

    assert len(told) > 40
    assert told - TABLE.keys() == set()


async def test_the_description_of_the_api_tells_the_refusals_of_the_gate(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        paths = (await here.client().get("/api/openapi.json")).json()["paths"]
        org = (await here.client().get("/api/v1/org")).json()

    acknowledge = paths["/api/v1/tickets/{ticket}/acknowledge"]["post"]
    assert {"401", "403", "413", "503"} <= acknowledge["responses"].keys()
    assert acknowledge["security"] == [{"session": []}, {"token": []}]
    assert "429" in paths["/api/v1/session"]["post"]["responses"]
    assert "security" not in paths["/healthz"]["get"]
    assert {"id": "duty-a", "unit": "duty-room"}.items() <= next(
        each for each in org["people"] if each["id"] == "duty-a"
    ).items()
    assert "contacts" not in json.dumps(org)


async def test_without_its_database_the_gate_answers_in_json_that_it_lets_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_token: str) -> None:
        raise DatabaseError("disk I/O error")

    async with house(tmp_path) as here:
        monkeypatch.setattr(here.door, "who", away)
        async with here.client("ans_x") as client:
            answer = await client.get("/api/v1/tickets")

    assert (answer.status_code, answer.json()["reason"]) == (503, "no_database")
    assert answer.json()["words"]["zh"] == "数据库暂不可用，未做任何更改。"


async def test_a_database_that_refuses_is_told_in_both_languages_and_without_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise DatabaseError("(OperationalError) database is locked\n[SQL: BEGIN IMMEDIATE]")

    async with house(tmp_path) as here:
        monkeypatch.setattr(here.engine.queries, "tickets", refuses)
        async with here.client() as client:
            answer = await client.get("/api/v1/tickets")

    assert answer.status_code == 503
    assert answer.json() == {
        "detail": "The database cannot be had; nothing was changed.",
        "reason": "no_database",
        "words": {
            "en": "The database cannot be had; nothing was changed.",
            "zh": "数据库暂不可用，未做任何更改。",
        },
    }


async def test_where_we_break_the_answer_is_json_too(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.board.alarms = None  # type: ignore[assignment]
        transport = httpx.ASGITransport(here.app, raise_app_exceptions=False, client=("127.0.0.1", 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            answer = await client.get("/api/v1/alarms")

    assert answer.status_code == 500
    assert answer.json() == {"detail": "the server broke here (AttributeError); its log says more"}


def test_what_is_not_in_the_table_is_an_administrators() -> None:
    assert needed("POST", "/api/v1/new/thing")[0].action is Action.ADMINISTER
    assert needed("DELETE", "/anything")[0].action is Action.ADMINISTER
    assert needed("GET", "/api/v1/new")[0].action is Action.SEE
    assert needed("GET", "/open/thing")[0].action is Action.SEE
    assert needed("GET", "/")[0].action is None
    assert needed("GET", "/assets/index-1a2b.js")[0].action is None


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/tickets", "/api/v1/tickets/", "//api/v1/tickets", "/api//v1/tickets", "/./api/v1/tickets",
        "/assets/../api/v1/tickets", "/API/v1/tickets", "/api/v1/tickets%2f", "/api/v1/%74ickets", "/api/v1/tickets;x",
        "/api/v1/tickets?x=/healthz", "/healthz/../api/v1/tickets", "/api/v1/session/../tickets", "/api/v1/tickets#",
        "/a/x/../../api/v1/tickets", "/api/docs/../v1/tickets", "/api/v1/tickets/1", "/api/v1/snapshot", "/metrics",
    ],
)  # fmt: skip
async def test_no_way_of_writing_an_address_leads_past_the_gate(tmp_path: Path, path: str) -> None:
    async with house(tmp_path) as here:
        here.door.add_account("duty-a", "x")
        here.ticket("north", "gas-canteen")
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
            answer = await raw(here, method, path)
            assert b"N-north" not in answer, (method, path)
            assert b"anlan_alerts" not in answer, (method, path)


async def raw(here: House, method: str, path: str) -> bytes:
    """The body answered to a path that no client tidied up before."""
    body = b""
    bare, _, query = path.partition("?")

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal body
        body += message.get("body", b"")

    scope = {
        "type": "http", "method": method, "path": unquote(bare), "raw_path": bare.encode(),
        "query_string": query.encode(), "headers": [(b"host", b"127.0.0.1:8080")], "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8080), "scheme": "http", "http_version": "1.1", "root_path": "",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
    }  # fmt: skip
    await here.app(scope, receive, send)
    return body


async def test_without_an_account_this_machine_may_do_everything_and_no_other(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        ticket = here.ticket("north", "gas-canteen")
        assert (await here.client().get("/api/v1/tickets")).status_code == 200
        foreign = await here.client(address="192.168.7.7").get("/api/v1/tickets")
        rebound = await here.client().get("/api/v1/tickets", headers={"Host": "evil.example"})
        proxied = await here.client().get("/api/v1/tickets", headers={"X-Forwarded-For": "8.8.8.8"})
        page = {"Origin": "http://evil.example"}
        forged = await here.client().post(ACK.format(ticket), json={"by": "x"}, headers=page)
        acked = await here.client().post(ACK.format(ticket), json={"by": "Duty officer A"})
        here.door.add_account("duty-a", "x")
        after = await here.client().get("/api/v1/tickets")

    assert [each.status_code for each in (foreign, rebound, proxied, forged)] == [401, 401, 401, 403]
    assert (acked.status_code, acked.json()["acked_by"]) == (200, "Duty officer A")
    assert (after.status_code, after.json()["reason"]) == (401, "not_signed_in")
    assert after.json()["words"] == {"en": "Sign in first.", "zh": "请先登录。"}


async def test_the_first_administrator_has_a_one_time_password_in_a_file_that_only_we_can_read(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        path = first_administrator(here.door)
        assert path is not None
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        assert first_administrator(here.door) is None
        password = path.read_text().split("password: ")[1].strip()
        client = here.client()
        signed_in = await client.post("/api/v1/session", json={"account": "admin", "password": password})
        early = await client.get("/api/v1/accounts")
        short = await client.post("/api/v1/session/password", json={"old": password, "new": "short"})
        same = await client.post("/api/v1/session/password", json={"old": password, "new": password})
        changed = await client.post("/api/v1/session/password", json={"old": password, "new": LONG})
        late = await client.get("/api/v1/accounts")
        assert not path.exists()
        old = await here.client().post("/api/v1/session", json={"account": "admin", "password": password})

    assert (signed_in.status_code, signed_in.json()["must_change"]) == (200, True)
    assert (early.status_code, early.json()["reason"]) == (403, "must_change_password")
    assert (short.json()["reason"], same.json()["reason"]) == ("short_password", "same_password")
    assert (changed.status_code, changed.json()["must_change"], late.status_code) == (200, False, 200)
    assert old.status_code == 401


async def test_the_session_is_a_cookie_that_scripts_cannot_read_and_other_sites_cannot_send(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        client = await here.signed_in("duty-a")
        again = await client.post("/api/v1/session", json={"account": "duty-a", "password": LONG})
        cookie = again.headers["set-cookie"]
        ticket = here.ticket("north", "gas-canteen")
        order = {"note": ""}
        from_elsewhere = [
            await client.post(ACK.format(ticket), json=order, headers={"Origin": "http://evil.example"}),
            await client.post(ACK.format(ticket), json=order, headers={"Sec-Fetch-Site": "cross-site"}),
            await client.post(ACK.format(ticket), json=order, headers={"Sec-Fetch-Site": "same-site"}),
            await client.post(ACK.format(ticket), content=b'{"by": "x"}', headers={"Content-Type": "text/plain"}),
        ]
        from_ours = await client.post(ACK.format(ticket), json=order, headers={"Origin": "http://127.0.0.1:8080"})

    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"))
    assert {(each.status_code, each.json()["reason"]) for each in from_elsewhere} == {(403, "foreign_page")}
    assert (from_ours.status_code, from_ours.json()["acked_by"]) == (200, "duty-a")


async def test_a_wrong_password_tells_nothing_and_costs_time(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await here.signed_in("duty-a")
        client = here.client(address="10.0.0.5")
        wrong = [
            await client.post("/api/v1/session", json={"account": name, "password": "no"})
            for name in ("duty-a", "nobody-at-all", "duty-a")
        ]
        waits = await client.post("/api/v1/session", json={"account": "duty-a", "password": LONG})
        other = await here.client(address="10.0.0.6").post(
            "/api/v1/session", json={"account": "duty-a", "password": LONG}
        )
        Hand.now += 2000
        right = await client.post("/api/v1/session", json={"account": "duty-a", "password": LONG})
        failures = [row for row in here.door.log.rows(None, 100) if row["what"] == "sign_in_failed"]

    assert len({each.text for each in wrong}) == 1
    assert {each.status_code for each in wrong} == {401}
    assert (waits.status_code, waits.headers["retry-after"], waits.json()["reason"]) == (429, "2", "too_many_attempts")
    assert other.status_code == 200, "two failures of the account are still free"
    assert right.status_code == 200
    assert [row["actor"] for row in failures] == ["duty-a", "nobody-at-all", "duty-a"]


async def test_a_duty_officer_is_not_locked_out_by_attempts_from_elsewhere(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await here.signed_in("duty-a")  # from 127.0.0.1
        attacker = here.client(address="203.0.113.9")
        body = {"account": "duty-a", "password": "guess"}
        tried = [(await attacker.post("/api/v1/session", json=body)).status_code for _ in range(6)]
        at_once = await asyncio.gather(
            *(
                here.client(address="203.0.113.10").post("/api/v1/session", json=body | {"account": "x"})
                for _ in range(9)
            )
        )
        theirs = await here.client().post("/api/v1/session", json=body | {"password": LONG})

    assert tried == [401, 401, 401, 429, 429, 429]
    assert sorted(each.status_code for each in at_once)[:4] == [401, 401, 401, 429], "many at once gain nothing"
    assert theirs.status_code == 200


async def test_a_session_ends_by_time_by_signing_out_by_disabling_and_by_a_new_password(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        by_time = await here.signed_in("duty-a")
        by_itself = await here.signed_in("duty-b")
        disabled = await here.signed_in("duty-c")
        reset = await here.signed_in("duty-d")
        kept = str(by_itself.cookies["anlan_session"])
        assert (await by_itself.delete("/api/v1/session")).status_code == 200
        here.door.set_disabled("duty-c", "admin", disabled=True)
        here.door.reset_password("duty-d", "admin")
        by_itself.cookies.set("anlan_session", kept)
        ended = [await each.get("/api/v1/tickets") for each in (by_itself, disabled, reset)]
        alive = await by_time.get("/api/v1/tickets")
        Hand.now += 12 * 3600 * 1000
        over = await by_time.get("/api/v1/tickets")
        refused = await here.client().post("/api/v1/session", json={"account": "duty-c", "password": LONG})

    assert {(each.status_code, each.json()["reason"]) for each in ended} == {(401, "session_over")}
    assert (alive.status_code, over.status_code, refused.status_code) == (200, 401, 401)


async def test_nobody_acts_or_looks_outside_their_place(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        mine, theirs = here.ticket("village", "pool-1", "bin_full"), here.ticket("north", "gas-canteen")
        client = await here.signed_in("village-a")
        listed = (await client.get("/api/v1/tickets")).json()
        foreign = [
            await client.post(ACK.format(theirs), json={}),
            await client.get(f"/api/v1/tickets/{theirs}"),
            await client.get("/api/v1/assets/gas-canteen"),
            await client.get("/api/v1/trend", params={"asset": "gas-canteen", "point": "ch4"}),
            await client.post("/api/v1/alarms/gas-canteen.ch4_level1/acknowledge", json={}),
        ]
        beyond = await client.post("/api/v1/alarms/pool-1.nearly_full/shelve", json={"note": "x", "for_s": 60})
        site = (await client.get("/api/v1/site")).json()
        acked = await client.post(ACK.format(mine), json={})
        missing = await client.post(ACK.format(9999), json={})
        rows = [row for row in here.door.log.rows(None, 100) if row["what"] == "refused"]

    assert [each["id"] for each in listed] == [str(mine)] or [int(each["id"]) for each in listed] == [mine]
    assert {(each.status_code, each.json()["reason"]) for each in foreign} == {(403, "foreign_place")}
    assert (beyond.status_code, beyond.json()["reason"]) == (403, "not_your_work")
    assert {asset["grid"] for asset in site["assets"]} == {"village"}
    assert (acked.status_code, missing.status_code) == (200, 404)
    assert len(rows) == len(foreign) + 1


async def test_a_page_of_tickets_is_full_although_others_have_newer_ones(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        mine = [here.ticket("village", "pool-1", f"h{number}") for number in range(3)]
        for number in range(5):
            here.ticket("north", "gas-canteen", f"h{number}")
        client = await here.signed_in("village-a")
        page = (await client.get("/api/v1/tickets", params={"limit": 2})).json()

    assert [int(each["id"]) for each in page] == [mine[2], mine[1]]


async def test_nobody_files_a_ticket_into_a_grid_that_is_not_theirs(tmp_path: Path) -> None:
    found = {"source": "patrol", "category": "hazard", "hazard": "found", "text": "rubbish"}
    async with house(tmp_path) as here:
        client = await here.signed_in("riverside-grid")
        answers = [
            await client.post("/api/v1/tickets", json=found | {"grid": "north"}),
            await client.post("/api/v1/tickets", json=found | {"grid": "north", "asset": "pool-1"}),
            await client.post("/api/v1/tickets", json=found | {"grid": "village", "asset": "gas-canteen"}),
            await client.post("/api/v1/tickets", json=found),
            await client.post("/api/v1/tickets", json=found | {"grid": "village"}),
        ]

    assert [each.status_code for each in answers] == [403, 403, 403, 403, 201], [each.text for each in answers]


async def test_a_window_needs_the_right_in_every_grid_that_it_reaches(tmp_path: Path) -> None:
    window = {"reason": "repair", "from_ms": 1, "to_ms": 2}
    async with house(tmp_path) as here:
        client = await here.signed_in("riverside-director")
        whole = await client.post("/api/v1/windows", json=window)
        both = await client.post("/api/v1/windows", json=window | {"grids": ["village", "north"]})
        by_kind = await client.post("/api/v1/windows", json=window | {"kinds": ["gas"]})
        asset = await client.post("/api/v1/windows", json=window | {"assets": ["gas-canteen"], "grids": ["village"]})
        own = await client.post("/api/v1/windows", json=window | {"grids": ["village"]})

    assert [each.status_code for each in (whole, both, by_kind, asset)] == [403] * 4
    assert own.status_code == 422, "it passed the gate; the times are nonsense"


async def test_an_order_bears_the_name_of_who_is_signed_in(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        first, second = here.ticket("north", "gas-canteen"), here.ticket("south", "gas-home-2")
        client = await here.signed_in("duty-b")
        forged = await client.post(ACK.format(first), json={"by": "duty-a"})
        own = await client.post(ACK.format(first), json={"by": "duty-b"})
        scopes = (Action.SEE, Action.ACKNOWLEDGE, "act_as")
        _, bridge = here.door.add_token("bridge", "admin", scopes)
        _, plain = here.door.add_token("plain", "admin", scopes[:2])
        program = here.client(plain, address="10.0.0.9")
        refused = await program.post(ACK.format(second), json={"by": "duty-a"})
        in_their_name = await here.client(bridge).post(ACK.format(second), json={"by": "duty-a"})
        orders = [row for row in here.door.log.rows(None, 100) if row["what"] == "order"]

    assert (forged.status_code, forged.json()["reason"]) == (403, "act_as")
    assert (own.status_code, own.json()["acked_by"]) == (200, "duty-b")
    assert (refused.status_code, in_their_name.status_code) == (403, 200)
    assert in_their_name.json()["acked_by"] == "duty-a"
    assert [(row["actor"], row["about"].get("signed_in")) for row in orders] == [("duty-a", "bridge"), ("duty-b", None)]


async def test_a_token_does_what_its_scopes_say_until_it_is_revoked_or_over(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.door.add_account("duty-a", "x")
        ident, token = here.door.add_token("grafana", "admin", (Action.SEE,), days=1)
        _, other = here.door.add_token("other", "admin", (Action.SEE,), "village")
        client = here.client(token)
        sees = await client.get("/api/v1/tickets")
        acts = await client.post(ACK.format(1), json={})
        narrowed = {each["grid"] for each in (await here.client(other).get("/api/v1/site")).json()["assets"]}
        with reading(here.engine.database) as connection:
            kept = connection.execute(text("SELECT * FROM access_keys")).all()
        Hand.now += 86_400_000
        over = await client.get("/api/v1/tickets")
        Hand.now -= 86_400_000
        here.door.revoke(ident, "admin")
        revoked = await client.get("/api/v1/tickets")
        nonsense = await here.client("ant_nonsense").get("/api/v1/tickets")

    assert (sees.status_code, acts.status_code, acts.json()["reason"]) == (200, 403, "not_your_work")
    assert narrowed == {"village"}
    assert token not in repr(kept)
    assert [each.status_code for each in (over, revoked, nonsense)] == [401] * 3


async def test_a_wall_screen_sees_and_does_nothing_until_its_token_is_revoked(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.door.add_account("duty-a", "x")
        ident, token = here.door.add_viewer("wall", "admin")
        client = here.client()
        wrong = await client.post("/api/v1/session/viewer", json={"token": "anw_wrong"})
        entered = await client.post("/api/v1/session/viewer", json={"token": token})
        sees = await client.get("/api/v1/snapshot")
        acts = await client.post(ACK.format(1), json={})
        here.door.revoke(ident, "admin")
        after = await client.get("/api/v1/snapshot")
        again = await here.client().post("/api/v1/session/viewer", json={"token": token})

    assert (wrong.status_code, wrong.json()["reason"]) == (401, "wrong_link")
    assert (entered.status_code, entered.json()["may"]) == (200, ["see"])
    assert (sees.status_code, acts.status_code, after.status_code, again.status_code) == (200, 403, 401, 401)


async def test_a_screen_that_is_reloaded_for_months_keeps_one_session_and_old_ones_are_forgotten(
    tmp_path: Path,
) -> None:
    def sessions() -> int:
        with reading(here.engine.database) as connection:
            asked = text("SELECT count(*) FROM access_keys WHERE parent IS NOT NULL OR account IS NOT NULL")
            return int(connection.execute(asked).scalar_one())

    async with house(tmp_path) as here:
        here.door.add_account("duty-a", "x")
        _, token = here.door.add_viewer("wall", "admin")
        _, other = here.door.add_viewer("other wall", "admin")
        screen = here.client()
        origin = {"Origin": str(screen.base_url).rstrip("/")}
        for _ in range(3):
            Hand.now += 20 * 86_400_000  # each reload makes thirty days more
            await screen.post("/api/v1/session/viewer", json={"token": token}, headers=origin)
        reloaded, sees = sessions(), await screen.get("/api/v1/snapshot")
        await screen.post("/api/v1/session/viewer", json={"token": other}, headers=origin)
        of_another_link = sessions()
        Hand.now += 32 * 86_400_000
        await here.client().post("/api/v1/session/viewer", json={"token": token})
        after_all_were_over = sessions()
        Hand.now -= 92 * 86_400_000

    assert (reloaded, sees.status_code) == (1, 200)
    assert (of_another_link, after_all_were_over) == (2, 1)


async def test_the_administrator_adds_people_and_tokens_and_nobody_else_does(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        first_administrator(here.door)
        password = (tmp_path / "state" / "first-password.txt").read_text().split("password: ")[1].strip()
        admin = here.client()
        await admin.post("/api/v1/session", json={"account": "admin", "password": password})
        await admin.post("/api/v1/session/password", json={"old": password, "new": LONG})
        added = await admin.post("/api/v1/accounts", json={"account": "duty-a"})
        twice = await admin.post("/api/v1/accounts", json={"account": "duty-a"})
        nobody = await admin.post("/api/v1/accounts", json={"account": "stranger"})
        nowhere = await admin.post("/api/v1/accounts", json={"account": "s", "access": "viewer", "place": "mars"})
        guest = await admin.post("/api/v1/accounts", json={"account": "guest", "access": "viewer", "place": "court"})
        token = await admin.post("/api/v1/tokens", json={"name": "t", "scopes": ["see"]})
        bad = await admin.post("/api/v1/tokens", json={"name": "t", "scopes": ["everything"]})
        listed = (await admin.get("/api/v1/tokens")).json()
        accounts = (await admin.get("/api/v1/accounts")).json()
        revoked = await admin.post(f"/api/v1/tokens/{token.json()['id']}/revoke", json={})
        duty = await here.signed_in("duty-b")
        refused = [await duty.get("/api/v1/accounts"), await duty.post("/api/v1/tokens", json={"name": "t"})]

    assert (added.status_code, guest.status_code, token.status_code, revoked.status_code) == (201, 201, 201, 200)
    assert [twice.json()["reason"], nobody.json()["reason"], nowhere.json()["reason"], bad.json()["reason"]] == [
        "account_exists", "no_rights", "no_such_place", "bad_scopes",
    ]  # fmt: skip
    assert [each["name"] for each in listed] == ["t"]
    assert "token" not in listed[0]
    assert [each["id"] for each in accounts] == ["admin", "duty-a", "guest"]
    assert "argon2" not in json.dumps(accounts)
    assert [each.status_code for each in refused] == [403, 403]


async def test_orders_are_logged_before_they_are_done_with_how_they_ended_and_without_secrets(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        ticket = here.ticket("north", "gas-canteen")
        client = await here.signed_in("duty-a")
        await client.post(ACK.format(ticket), json={"note": "on my way"})
        await client.post(ACK.format(ticket), json={})
        rows = here.door.log.rows(None, 100)[::-1]
        assert here.door.log.verify() is None

    told = [(row["what"], row["about"].get("status")) for row in rows]
    assert told[-4:] == [("order", None), ("answer", 200), ("order", None), ("answer", 409)]
    assert rows[-4]["about"]["body"] == {"by": "duty-a", "note": "on my way"}
    assert rows[-3]["about"]["order"] == rows[-4]["seq"]
    assert LONG not in json.dumps(rows)


async def test_what_cannot_be_logged_is_not_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise DatabaseError("disk full")

    async with house(tmp_path) as here:
        ticket = here.ticket("north", "gas-canteen")
        client = await here.signed_in("duty-a")
        monkeypatch.setattr(here.door.log, "append", refuse)
        answer = await client.post(ACK.format(ticket), json={})
        shown = (await client.get(f"/api/v1/tickets/{ticket}")).json()

    assert (answer.status_code, answer.json()["reason"]) == (503, "not_logged")
    assert shown["state"] == "filed"


async def test_the_database_itself_refuses_to_change_the_log(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.door.say("order", "x")
        for statement in ("UPDATE audit SET body = '{}'", "DELETE FROM audit"):
            with pytest.raises(DatabaseError, match="only ever added to"), writing(here.engine.database) as connection:
                connection.execute(text(statement))


def unlock(connection: Connection, verb: str) -> None:
    """What somebody does who owns the database and wants to forge its log."""
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"DROP TRIGGER audit_no_{verb}"))
    else:
        connection.execute(text("SET LOCAL session_replication_role = replica"))


async def test_a_forged_row_and_a_removed_end_are_found(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        for number in range(5):
            here.door.say("order", f"p{number}")
        with writing(here.engine.database) as connection:
            unlock(connection, "delete")
            connection.execute(text("DELETE FROM audit WHERE seq > 3"))
        cut = here.door.log.verify()
        with writing(here.engine.database) as connection:
            unlock(connection, "update")
            connection.execute(text("UPDATE audit SET body = replace(body, 'p1', 'p9') WHERE seq = 2"))
        forged = here.door.log.verify()

    assert (cut is not None and cut.seq, forged is not None and forged.seq) == (4, 2)


async def test_auditors_read_the_log_page_by_page_and_others_do_not(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        duty = await here.signed_in("duty-a")
        here.door.add_account("reader", "admin", None, LONG, (("auditor", "*"),))
        here.door.change_password("reader", LONG, LONG + "!", "x")
        auditor = here.client()
        await auditor.post("/api/v1/session", json={"account": "reader", "password": LONG + "!"})
        newest = (await auditor.get("/api/v1/audit", params={"limit": 2})).json()
        older = (await auditor.get("/api/v1/audit", params={"before": newest[-1]["seq"]})).json()
        verified = (await auditor.get("/api/v1/audit/verify")).json()
        refused = await duty.get("/api/v1/audit")

    assert [row["what"] for row in newest] == ["signed_in", "password_set"]
    assert older[0]["seq"] == newest[-1]["seq"] - 1
    assert verified == {"ok": True, "broken": None}
    assert refused.status_code == 403


async def test_rows_appended_at_once_by_two_servers_make_one_chain(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        second = type(here.door)(here.engine.database, SITE, Hand(), tmp_path / "state")
        work = [asyncio.to_thread(door.say, "order", "x") for door in (here.door, second) for _ in range(10)]
        numbers = await asyncio.gather(*work)

        assert sorted(numbers) == list(range(1, 21))
        assert here.door.log.verify() is None


async def test_an_open_stream_is_narrowed_and_ends_with_its_session(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        client = await here.signed_in("village-a")
        here.board.values.update({"pool-1/level": (1.0, 1, "good", None), "gas-canteen/ch4": (2.0, 1, "good", None)})  # type: ignore[dict-item]
        here.door.settings = type(here.door.settings)(recheck_s=0.0)
        events = await _stream(here, str(client.cookies["anlan_session"]))

    assert events[0] is not None
    assert list(events[0]["latest"]) == ["pool-1/level"]
    assert events[-1] is None


async def _stream(here: House, token: str) -> list[dict[str, Any] | None]:
    """The events of one stream, during which the account is disabled; None at its end."""
    found: list[dict[str, Any] | None] = []
    ended = asyncio.Event()

    async def receive() -> dict[str, object]:
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        body = message.get("body", b"")
        assert isinstance(body, bytes)
        if message["type"] == "http.response.body" and body:
            found.append(json.loads(body.split(b"\ndata: ")[1]))
            here.door.set_disabled("village-a", "admin", disabled=True)
            here.stream.tick()
        elif message["type"] == "http.response.body":
            found.append(None)
            ended.set()

    headers = [(b"cookie", f"anlan_session={token}".encode()), (b"host", b"127.0.0.1:8080")]
    scope = {
        "type": "http", "method": "GET", "path": "/api/v1/events", "raw_path": b"/api/v1/events", "query_string": b"",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8080), "scheme": "http",
        "http_version": "1.1", "root_path": "", "asgi": {"version": "3.0", "spec_version": "2.4"},
    }  # fmt: skip
    async with asyncio.timeout(10):
        await here.app(scope, receive, send)
    return found


async def test_an_account_stays_without_rights_when_its_person_leaves_org_toml(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        client = await here.signed_in("duty-a")
        del here.door.org.people["duty-a"]
        try:
            answer = await client.get("/api/v1/tickets")
        finally:
            here.door.org.__dict__.pop("people")

    assert (answer.status_code, answer.json()["reason"]) == (403, "not_your_work")


def test_keys_of_the_store_are_digests() -> None:
    assert digest("x") == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


async def test_ways_and_heartbeats_are_told_only_to_whom_may_see_them(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        stranger, local = here.client(address="10.0.0.5"), here.client()
        for path in ("/api/v1/paths", "/api/v1/heartbeats"):
            refused, told = await stranger.get(path), await local.get(path)
            assert (refused.status_code, refused.json()["reason"]) == (401, "not_signed_in")
            assert told.status_code == 200
        assert (await stranger.post("/api/v1/paths", json={})).status_code == 401
