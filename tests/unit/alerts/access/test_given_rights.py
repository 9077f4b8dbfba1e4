"""Rights that an administrator gives beside those of org.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.alerts.access.house import house

pytestmark = pytest.mark.usefixtures("database")  # once on SQLite, once on PostgreSQL

PATH = "/api/v1/accounts/{}/rights"


def rights(*pairs: tuple[str, str]) -> dict[str, object]:
    return {"rights": [{"access": access, "place": place} for access, place in pairs]}


async def test_a_right_is_given_in_a_place_holds_at_once_and_is_taken_away_again(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.door.add_account("chief", "test", rights=(("administrator", "*"),))
        _, token = here.door.add_token("office", "test", ("administer", "see"))
        office = here.client(token)
        worker = await here.signed_in("village-a")
        assert (await worker.get("/api/v1/audit")).status_code == 403

        given = await office.post(PATH.format("village-a"), json=rights(("auditor", "*"), ("auditor", "*")))
        assert (given.status_code, given.json()) == (200, {"id": "village-a", "rights": [["auditor", "*"]]})
        assert (await worker.get("/api/v1/audit")).status_code == 200
        told = next(each for each in (await office.get("/api/v1/accounts")).json() if each["id"] == "village-a")
        assert told["rights"] == [["auditor", "*"]]
        assert "audit" in told["may"]

        await office.post(PATH.format("village-a"), json=rights())
        assert (await worker.get("/api/v1/audit")).status_code == 403
        assert [row["what"] for row in here.door.log.rows(None, 20)].count("rights_set") == 2
        assert here.door.log.verify() is None


async def test_what_cannot_be_given_is_refused_with_a_reason(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        here.door.add_account("chief", "test", rights=(("administrator", "*"),))
        _, token = here.door.add_token("office", "test", ("administer", "see"))
        office = here.client(token)

        async def reason(account: str, *pairs: tuple[str, str]) -> tuple[int, str]:
            answer = await office.post(PATH.format(account), json=rights(*pairs))
            return answer.status_code, answer.json().get("reason", "")

        assert await reason("nobody", ("viewer", "*")) == (409, "no_such_account")
        assert await reason("chief", ("administrator", "atlantis")) == (409, "no_such_place")
        assert await reason("chief", ("viewer", "*")) == (409, "last_administrator")
        assert await reason("chief", ("administrator", "court")) == (409, "last_administrator")
        assert await reason("chief", ("king", "*")) == (422, "")
        assert await reason("chief", ("administrator", "*"), ("auditor", "court")) == (200, "")
        assert here.door.log.verify() is None


async def test_the_last_administrator_is_not_disabled(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        for name in ("chief", "deputy"):
            here.door.add_account(name, "test", rights=(("administrator", "*"),))
        _, token = here.door.add_token("office", "test", ("administer", "see"))
        office = here.client(token)

        assert (await office.post("/api/v1/accounts/deputy/disable")).status_code == 200
        last = await office.post("/api/v1/accounts/chief/disable")
        assert (last.status_code, last.json()["reason"]) == (409, "last_administrator")
        told = {each["id"]: each["disabled"] for each in (await office.get("/api/v1/accounts")).json()}
        assert (told["chief"], told["deputy"]) == (False, True), "nothing was changed"
        assert here.door.log.verify() is None


async def test_who_is_no_administrator_gives_no_rights(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        lead = await here.signed_in("supervisor-a")
        answer = await lead.post(PATH.format("supervisor-a"), json=rights(("administrator", "*")))

    assert (answer.status_code, answer.json()["reason"]) == (403, "not_your_work")
