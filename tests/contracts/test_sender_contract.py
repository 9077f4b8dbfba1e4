"""What every sender does, against a real server of its kind: mail, apprise, web hook, and the three robots."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from alerts.outbox.port import Failure, Message, Receipt, Sender
from alerts.outbox.senders import sender_of
from tests.carrier import Carrier
from tests.conftest import take_port
from tests.postbox import Postbox
from vocab.channels import Channel, ErrorCode
from vocab.strict_toml import Text

# apprise loads a plugin that loads `imghdr`, which Python 3.13 no longer has; apprise can do without it there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

NOW_MS = 1_774_533_600_000
TEXT = "【特急】锅炉水温过高\n一网格 锅炉房"
ADDRESS = "13800000000"
MESSAGE = Message("k-1", "【特急】锅炉水温过高", TEXT, (ADDRESS,), 1, urgent=True, pages=(1,))
KEY = "a-very-secret-key"
# As documented: what each answers when it took it, when it is busy, and when it does not know us.
ANSWERS: dict[str, tuple[tuple[int, Any], tuple[int, Any], tuple[int, Any]]] = {
    "dingtalk": (
        (200, {"errcode": 0, "errmsg": "ok"}), (200, {"errcode": -1, "errmsg": "system busy"}),
        (200, {"errcode": 310000, "errmsg": f"sign not match {KEY}"}),
    ),
    "wecom": (
        (200, {"errcode": 0, "errmsg": "ok"}), (200, {"errcode": -1, "errmsg": "system busy"}),
        (200, {"errcode": 93000, "errmsg": f"invalid webhook url {KEY}"}),
    ),
    "feishu": (
        (200, {"code": 0, "msg": "success"}), (200, {"code": 9499, "msg": "too many request"}),
        (200, {"code": 19021, "msg": f"sign match fail {KEY}"}),
    ),
    "webhook": ((204, b""), (503, {}), (401, {})),
    "apprise": ((200, {}), (503, {}), (401, {})),
}  # fmt: skip
TYPES = (*ANSWERS, "smtp")


@dataclass
class Way:
    """A sender and the server it speaks to."""

    kind: str
    server: Carrier | Postbox
    sender: Sender

    def behave(self, how: int) -> None:
        """0: it takes everything; 1: it is busy; 2: it does not know us."""
        if isinstance(self.server, Postbox):
            self.server.refusal = "451 try again later" if how == 1 else ""
            self.server.password = "changed" if how == 2 else KEY
        else:
            status, body = ANSWERS[self.kind][how]
            self.server.behave = lambda _: (status, body, {})

    def slow(self, seconds: float) -> None:
        self.server.slow_s = seconds

    def arrived(self) -> str:
        """Everything that it was told last, as text."""
        last = self.server.taken[-1]
        if isinstance(self.server, Postbox):
            return f"{last['To']} {last.get_content()}"  # type: ignore[union-attr, index]
        return f"{last.path} {last.body}"  # type: ignore[union-attr]


def channel(kind: Any, url: str, **more: Any) -> Channel:
    permanent = ErrorCode(codes=(310000, 93000, 19021), means="permanent")
    named = Channel(
        id=kind, name=Text(en=kind, zh=kind), type=kind, url=url, error=(permanent,), timeout_s=0.4, token="TEST_TOKEN",
        secret="TEST_SECRET", user="anlan", starttls=False, sender="anlan@example.org",
    )  # fmt: skip
    return named.model_copy(update=more)


@pytest.fixture(params=TYPES)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Way]:
    kind = str(request.param)
    server: Carrier | Postbox = Postbox(password=KEY) if kind == "smtp" else Carrier()
    with server:
        host = server.url.partition("://")[2]
        token = f"json://anlan:{KEY}@{host}/to/{{address}}" if kind == "apprise" else KEY
        monkeypatch.setenv("TEST_TOKEN", token)
        monkeypatch.setenv("TEST_SECRET", KEY)
        found = Way(kind, server, sender_of(channel(kind, server.url), tmp_path))
        found.behave(0)
        yield found


async def test_what_is_taken_has_a_receipt_and_arrives_whole(way: Way) -> None:
    answer = await way.sender.send(MESSAGE, NOW_MS)
    await way.sender.close()

    assert isinstance(answer, Receipt), answer
    assert answer.short
    told = way.arrived()
    assert "一网格 锅炉房" in told
    assert ADDRESS in told


async def test_a_refusal_is_tried_again_and_the_same_sender_works_as_soon_as_the_service_does(way: Way) -> None:
    way.behave(1)
    refused = await way.sender.send(MESSAGE, NOW_MS)
    way.behave(0)
    answer = await way.sender.send(MESSAGE, NOW_MS)
    await way.sender.close()

    assert isinstance(refused, Failure)
    assert (refused.recoverable, bool(refused.reason)) == (True, True)
    assert isinstance(answer, Receipt), answer


async def test_wrong_credentials_are_for_good_and_no_failure_tells_them(way: Way) -> None:
    way.behave(2)
    answer = await way.sender.send(MESSAGE, NOW_MS)
    await way.sender.close()

    assert isinstance(answer, Failure)
    assert not answer.recoverable
    assert KEY not in f"{answer}"
    assert [digit for digit in answer.reason if digit.isdigit()], f"the code is told: {answer.reason}"


async def test_a_slow_answer_is_none_and_is_tried_again(way: Way) -> None:
    way.slow(0.8)
    answer = await way.sender.send(MESSAGE, NOW_MS)
    await way.sender.close()

    assert isinstance(answer, Failure)
    assert answer.recoverable
    assert KEY not in f"{answer}"


async def test_a_server_that_is_away_is_tried_again(way: Way, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    port = take_port()
    monkeypatch.setenv(
        "TEST_TOKEN", f"json://anlan:{KEY}@127.0.0.1:{port}/{{address}}" if way.kind == "apprise" else KEY
    )
    scheme = "smtp" if way.kind == "smtp" else "http"
    away = sender_of(channel(way.kind, f"{scheme}://127.0.0.1:{port}"), tmp_path)
    answer = await away.send(MESSAGE, NOW_MS)
    await away.close()
    await way.sender.close()

    assert isinstance(answer, Failure)
    assert answer.recoverable
    assert KEY not in f"{answer}"


async def test_mail_has_what_a_mail_needs_and_is_readable_in_chinese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_TOKEN", "x")
    monkeypatch.setenv("TEST_SECRET", KEY)
    with Postbox(password=KEY) as box:
        answer = await sender_of(channel("smtp", box.url), tmp_path).send(MESSAGE, NOW_MS)

    assert answer == Receipt("SMTP 250", answer.told)
    (mail,) = box.taken
    assert (mail["Subject"], mail["From"], mail["To"]) == (MESSAGE.title, "anlan@example.org", ADDRESS)
    assert mail["Message-ID"] == "<k-1@anlan>"
    assert mail["Date"].datetime.timestamp() * 1000 == NOW_MS
    assert mail.get_content().split("\n") == [*TEXT.split("\n"), ""]
    assert box.signed_in == 1


async def test_one_mailbox_that_is_none_is_no_receipt_for_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_TOKEN", "x")
    monkeypatch.setenv("TEST_SECRET", KEY)
    both = Message("k-2", "T", "text", ("a@example.org", "b@example.org"), 1, urgent=True)
    with Postbox(password=KEY, no_mailbox=frozenset(("b@example.org",))) as box:
        answer = await sender_of(channel("smtp", box.url), tmp_path).send(both, NOW_MS)

    assert isinstance(answer, Failure)
    assert answer.reason == "SMTP refused b@example.org: 550 no such mailbox"
    assert answer.recoverable


def certified(folder: Path) -> ssl.SSLContext:
    """A server's side of TLS; its certificate is a file of the folder, and nobody trusts it yet."""
    made = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=box", "-addext")
    files = ("-keyout", str(folder / "key"), "-out", str(folder / "cert"))
    subprocess.run(["openssl", "req", *made, "subjectAltName=IP:127.0.0.1", *files], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "cert", folder / "key")
    return tls


@pytest.mark.needs("openssl")
async def test_the_password_goes_only_through_tls_that_is_to_be_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_TOKEN", "x")
    monkeypatch.setenv("TEST_SECRET", KEY)
    tls = certified(tmp_path)
    with Postbox(password=KEY) as plain, Postbox(password=KEY, tls=tls) as box:
        told = [await sender_of(channel("smtp", each.url, starttls=True), tmp_path).send(MESSAGE, NOW_MS)
                for each in (plain, box)]  # fmt: skip
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert"))
        trusted = await sender_of(channel("smtp", box.url, starttls=True), tmp_path).send(MESSAGE, NOW_MS)

    assert all(isinstance(each, Failure) and each.recoverable for each in told), told
    assert plain.tried == []
    assert isinstance(trusted, Receipt), trusted
    assert (box.tried, box.signed_in) == ([KEY], 1)
