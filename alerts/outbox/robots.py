"""Shell. The robots of DingTalk, WeCom and Feishu: each signs in its own way and tells errors with HTTP 200.

Sources (domain research §6): DingTalk: milliseconds, key = secret, message = "TIMESTAMP\\nSECRET", base64, URL-encoded
once, in the query. Feishu: seconds, key = "TIMESTAMP\\nSECRET", empty message, base64, in the body. WeCom: none.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

import httpx

from alerts.outbox.digest import cut
from alerts.outbox.port import Failure, Message, Receipt
from alerts.outbox.secrets import masked
from vocab.channels import Channel

_TOO_MANY, _SERVER = 429, 500


def dingtalk_signature(secret: str, timestamp_ms: int) -> str:
    """Base64, not yet encoded for a URL."""
    return _hmac(secret.encode(), f"{timestamp_ms}\n{secret}".encode())


def feishu_signature(secret: str, timestamp_s: int) -> str:
    """Base64; key and message are the other way round than DingTalk's."""
    return _hmac(f"{timestamp_s}\n{secret}".encode(), b"")


def _hmac(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


class Robot:
    """What the three share: one request, and the judgement of its answer. Subclasses say what is asked."""

    code_keys: tuple[str, ...] = ("errcode",)

    def __init__(self, channel: Channel, token: str, secret: str | None) -> None:
        self._channel, self._token, self._secret = channel, token, secret
        self._secrets = [each for each in (token, secret) if each]
        self._client = httpx.AsyncClient(timeout=channel.timeout_s, trust_env=False)
        self._meaning = {code: error for error in channel.error for code in error.codes}

    async def close(self) -> None:
        """Let go of the connection."""
        await self._client.aclose()

    def request(self, message: Message, now_ms: int) -> tuple[str, dict[str, Any]]:
        """The whole URL (signed, encoded) and the body."""
        raise NotImplementedError

    async def send(self, message: Message, now_ms: int) -> Receipt | Failure:
        """Send once, and believe only the code in the answer's body."""
        url, body = self.request(message, now_ms)
        began = time.monotonic()
        try:
            answer = await self._client.post(httpx.URL(url), json=body)
        except httpx.HTTPError as error:
            return Failure(masked(f"{type(error).__name__}: {error}".rstrip(": "), self._secrets))
        took_ms = round((time.monotonic() - began) * 1000)
        return self._judged(answer, took_ms)

    def _judged(self, answer: httpx.Response, took_ms: int) -> Receipt | Failure:
        told: dict[str, Any] = {"http": answer.status_code, "took_ms": took_ms}
        if answer.status_code == _TOO_MANY or answer.status_code >= _SERVER:
            return Failure(f"HTTP {answer.status_code}", wait_s=_retry_after(answer.headers), told=told)
        try:
            body = answer.json()
        except ValueError:
            body = None
        code = _code(body, self.code_keys)
        if answer.is_success and code == 0:
            return Receipt(f"{self._channel.type} 0", told | {"code": 0})
        if code is None:
            recoverable = answer.is_success  # something in between answered
            return Failure(f"HTTP {answer.status_code}, no code in the answer", recoverable, told=told)
        said = masked(str(_said(body)), self._secrets)[:200]
        reason, told = f"{code} {said}".strip(), told | {"code": code, "said": said}
        meaning = self._meaning.get(code)
        if meaning is None:
            return Failure(reason, told=told)
        return Failure(reason, meaning.means == "wait", meaning.wait_s, told)


def _code(body: Any, keys: tuple[str, ...]) -> int | None:
    if isinstance(body, dict):
        for key in keys:
            if isinstance(body.get(key), int):
                return int(body[key])
    return None


def _said(body: Mapping[str, Any]) -> Any:
    return body.get("errmsg") or body.get("msg") or body.get("StatusMessage") or ""


def _retry_after(headers: httpx.Headers) -> float:
    text = headers.get("retry-after", "")
    return float(text) if text.isdigit() else 0.0


class DingTalk(Robot):
    """A custom robot of DingTalk (钉钉自定义机器人)."""

    def request(self, message: Message, now_ms: int) -> tuple[str, dict[str, Any]]:
        """Text that mentions the phones."""
        url = f"{self._channel.url or 'https://oapi.dingtalk.com/robot/send'}?access_token={quote_plus(self._token)}"
        if self._secret:
            url += f"&timestamp={now_ms}&sign={quote_plus(dingtalk_signature(self._secret, now_ms))}"
        mentions = "".join(f" @{phone}" for phone in message.addresses)  # a mention counts only if the text has it
        text = cut(message.text, self._channel.longest_bytes - len(mentions)) + mentions
        at = {"atMobiles": list(message.addresses), "isAtAll": False}
        return url, {"msgtype": "text", "text": {"content": text}, "at": at}


class WeCom(Robot):
    """A group robot of WeCom (企业微信群机器人)."""

    def request(self, message: Message, now_ms: int) -> tuple[str, dict[str, Any]]:
        """Text (2048 bytes), since markdown mentions nobody."""
        base = self._channel.url or "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"
        phones = [each for each in message.addresses if each.isdigit()]
        users = [each for each in message.addresses if not each.isdigit()]
        text = {"content": message.text, "mentioned_list": users, "mentioned_mobile_list": phones}
        return f"{base}?key={quote_plus(self._token)}", {"msgtype": "text", "text": text}


class Feishu(Robot):
    """A custom bot of Feishu (飞书自定义机器人)."""

    code_keys = ("code", "StatusCode")

    def request(self, message: Message, now_ms: int) -> tuple[str, dict[str, Any]]:
        """Text that mentions people by their open ids."""
        base = self._channel.url or "https://open.feishu.cn/open-apis/bot/v2/hook"
        mentions = "".join(f' <at user_id="{each}"></at>' for each in message.addresses)
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": message.text + mentions}}
        if self._secret:
            seconds = now_ms // 1000
            body |= {"timestamp": str(seconds), "sign": feishu_signature(self._secret, seconds)}
        return f"{base}/{quote_plus(self._token)}", body
