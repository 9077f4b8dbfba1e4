"""Shell. The other ways: a signed web hook, mail, a log for demos, and everything else through apprise."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import smtplib
import ssl
import time
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from alerts.outbox.port import Failure, Message, Receipt, Sender
from alerts.outbox.robots import DingTalk, Feishu, WeCom
from alerts.outbox.secrets import masked, secret
from vocab.channels import Channel
from vocab.instant import from_ms

_TOO_MANY, _SERVER = 429, 500
_LOST_RIGHTS = (401, 403)
_SMTP_LOST_RIGHTS = (530, 534, 535, 538)  # RFC 4954: who are you, or not with these credentials


def sender_of(channel: Channel, folder: Path) -> Sender:
    """The sender of a channel; NoSecretError if a secret that it needs is not given. `folder`: for `log`."""
    token = None if channel.token is None else secret(channel.token)
    key = None if channel.secret is None else secret(channel.secret)
    robots = {"dingtalk": DingTalk, "wecom": WeCom, "feishu": Feishu}
    if channel.type in robots:
        return robots[channel.type](channel, token or "", key)
    if channel.type == "webhook":
        return WebHook(channel, key)
    if channel.type == "smtp":
        return Mail(channel, key)
    if channel.type == "log":
        return Log(folder / (channel.file or "pages.jsonl"))
    return Apprise(channel, token or "")


def _body(message: Message) -> dict[str, Any]:
    return {
        "key": message.key,
        "title": message.title,
        "text": message.text,
        "to": list(message.addresses),
        "people": list(message.people),
        "priority": message.priority,
        "drill": message.drill,
        "pages": list(message.pages),
        "tickets": list(message.tickets),
        "links": list(message.links),
    }


class WebHook:
    """POST of JSON. `Anlan-Signature: sha256=HEX` is HMAC-SHA256 of "TIMESTAMP.BODY"; `Anlan-Timestamp` in ms."""

    def __init__(self, channel: Channel, key: str | None) -> None:
        self._channel, self._key = channel, key
        self._client = httpx.AsyncClient(timeout=channel.timeout_s, trust_env=False)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._client.aclose()

    async def send(self, message: Message, now_ms: int) -> Receipt | Failure:
        """Any 2xx is a receipt."""
        body = json.dumps(_body(message), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Anlan-Timestamp": str(now_ms), "Idempotency-Key": message.key}
        if self._key:
            digest = hmac.new(self._key.encode(), f"{now_ms}.".encode() + body, hashlib.sha256).hexdigest()
            headers["Anlan-Signature"] = f"sha256={digest}"
        began = time.monotonic()
        try:
            answer = await self._client.post(self._channel.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            return Failure(masked(f"{type(error).__name__}: {error}".rstrip(": "), [self._key or ""]))
        told = {"http": answer.status_code, "took_ms": round((time.monotonic() - began) * 1000)}
        if answer.is_success:
            return Receipt(f"HTTP {answer.status_code}", told)
        wait = answer.headers.get("retry-after", "")
        return Failure(
            f"HTTP {answer.status_code}",
            recoverable=answer.status_code not in _LOST_RIGHTS,
            wait_s=float(wait) if wait.isdigit() else 0.0,
            told=told,
        )


class Mail:
    """Mail by SMTP: `url = "smtp://HOST:PORT"` (or smtps://), `user`, `sender`, the password as `secret`."""

    def __init__(self, channel: Channel, password: str | None) -> None:
        self._channel, self._password = channel, password
        parts = urlsplit(channel.url)
        self._tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname or "localhost", parts.port or (465 if self._tls else 25)

    async def close(self) -> None:
        """Nothing is kept open."""

    async def send(self, message: Message, now_ms: int) -> Receipt | Failure:
        """One connection for each mail, in a thread."""
        began = time.monotonic()
        try:
            refused = await asyncio.to_thread(self._mail, message, now_ms)
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
        except smtplib.SMTPResponseException as error:
            if error.smtp_code in _SMTP_LOST_RIGHTS:
                return Failure(f"SMTP {error.smtp_code}: the server refuses user or password", recoverable=False)
            return Failure(self._masked(f"SMTP {error.smtp_code} {_text(error.smtp_error)}"))
        except (smtplib.SMTPException, OSError) as error:
            return Failure(self._masked(f"{type(error).__name__}: {error}"))
        if refused:  # those who have it already get it again; nobody is told to have it who has not
            said = "; ".join(f"{who}: {code} {_text(text)}" for who, (code, text) in sorted(refused.items()))
            return Failure(self._masked(f"SMTP refused {said}"))
        return Receipt("SMTP 250", {"took_ms": round((time.monotonic() - began) * 1000)})

    def _masked(self, text: str) -> str:
        return masked(text, [self._password or ""])[:200]

    def _mail(self, message: Message, now_ms: int) -> dict[str, tuple[int, bytes]]:
        """Those to whom the server would not deliver."""
        mail = EmailMessage()
        mail["Subject"], mail["From"] = message.title, self._channel.sender or "anlan@localhost"
        mail["To"] = ", ".join(message.addresses)
        mail["Date"], mail["Message-ID"] = format_datetime(from_ms(now_ms)), f"<{message.key}@anlan>"
        mail.set_content(message.text)
        context = ssl.create_default_context()
        if self._tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._channel.timeout_s, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._channel.timeout_s)
        with server:
            if self._channel.starttls and not self._tls:
                server.starttls(context=context)
            if self._channel.user and self._password:
                server.login(self._channel.user, self._password)
            return server.send_message(mail)


def _text(told: bytes | str) -> str:
    return told if isinstance(told, str) else told.decode(errors="replace")


class Log:
    """A line of JSON for each message, for demos: handed to the operating system, not forced onto the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def close(self) -> None:
        """Nothing is kept open."""

    async def send(self, message: Message, now_ms: int) -> Receipt | Failure:
        """Append."""
        line = json.dumps({"at_ms": now_ms} | _body(message), ensure_ascii=False)
        try:
            await asyncio.to_thread(self._append, line)
        except OSError as error:
            return Failure(f"{type(error).__name__}: {error.strerror}")
        return Receipt(self._path.name, {"file": self._path.name})

    def _append(self, line: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


class Apprise:
    """Every service that apprise knows; the whole URL is the secret, `{address}` in it the person's address.

    It says whether it worked, and in words why not, so its receipts prove less than those of our own senders.
    """

    def __init__(self, channel: Channel, url: str) -> None:
        self._channel, self._url = channel, url
        self._secrets = [url, *re.findall(r"[^/:@?&=]{6,}", url.partition("://")[2])]

    async def close(self) -> None:
        """Nothing is kept open."""

    async def send(self, message: Message, now_ms: int) -> Receipt | Failure:
        """One notification for each address."""
        import apprise  # it knows 130 services, and takes its time to be loaded

        for address in message.addresses:
            notifier = apprise.Apprise()
            if not notifier.add(self._patient(self._url.replace("{address}", address))):
                return Failure("apprise does not understand the URL", recoverable=False)
            try:
                async with asyncio.timeout(self._channel.timeout_s):
                    found = await notifier.async_notify(body=message.text, title=message.title)
            except TimeoutError:
                return Failure(f"no answer in {self._channel.timeout_s:g} s")
            if not found:
                return self._failed([entry.message for result in found.results for entry in result.logs()])
        return Receipt("apprise ok")

    def _patient(self, url: str) -> str:
        """With our own time limit, unless the URL has one: its thread must not go on long after we gave up."""
        limit = f"{self._channel.timeout_s:g}"
        more = "&".join(f"{key}={limit}" for key in ("cto", "rto") if f"{key}=" not in url)
        return f"{url}{'&' if '?' in url else '?'}{more}" if more else url

    def _failed(self, said: list[str]) -> Failure:
        told = masked(" ".join(said), self._secrets)[:200]
        code = re.search(r"error=(\d{3})", told)
        lost = code is not None and int(code[1]) in _LOST_RIGHTS
        return Failure(f"apprise could not deliver it. {told}".strip(), recoverable=not lost)
