"""A real mail server (aiosmtpd) that takes, refuses, is slow, or does not know us. Loopback only."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.conftest import take_port


@dataclass
class Postbox:
    """It, and every mail that it took."""

    user: str = "anlan"
    password: str = "a-mail-password"
    refusal: str = ""  # what it says to every mail; empty: it takes them
    no_mailbox: frozenset[str] = frozenset()
    slow_s: float = 0.0
    tls: ssl.SSLContext | None = None
    taken: list[EmailMessage] = field(default_factory=list)
    signed_in: int = 0  # of the mails taken
    tried: list[str] = field(default_factory=list)  # passwords

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        """Whether there is such a mailbox."""
        if address in self.no_mailbox:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        """A whole mail."""
        await asyncio.sleep(self.slow_s)
        if self.refusal:
            return self.refusal
        self.signed_in += bool(session.authenticated)
        content = envelope.content.replace(b"\r\n", b"\n")
        self.taken.append(message_from_bytes(content, _class=EmailMessage, policy=default))
        return "250 OK"

    def _knows(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword) -> AuthResult:
        self.tried.append(given.password.decode())
        good = (given.login.decode(), given.password.decode()) == (self.user, self.password)
        return AuthResult(success=good, handled=False)

    def __enter__(self) -> Self:
        self._controller = Controller(
            self, hostname="127.0.0.1", port=take_port(), authenticator=self._knows, tls_context=self.tls,
            auth_require_tls=self.tls is not None,
        )  # fmt: skip
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"
