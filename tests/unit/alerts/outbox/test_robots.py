"""The robots against servers that behave as the documented services do."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

from alerts.outbox.port import Failure, Message, Receipt
from alerts.outbox.robots import DingTalk, Feishu, Robot, WeCom, dingtalk_signature, feishu_signature
from alerts.outbox.secrets import NoSecretError, masked, secret
from alerts.outbox.senders import Log, Mail, WebHook
from tests.carrier import Answer, Carrier, Taken
from vocab.channels import Channel, ErrorCode
from vocab.strict_toml import Text

NOW_MS = 1_774_533_600_000
SECRET = "SECabc+/def=for+tests"
MESSAGE = Message("k-1", "Title", "锅炉水温过高", ("13800000000",), 1, urgent=True, pages=(1,), links=("http://x/a/t",))


def channel(kind: Any, url: str, **more: Any) -> Channel:
    errors = (
        ErrorCode(codes=(130101, 45009, 11232), means="wait", wait_s=600),
        ErrorCode(codes=(310000, 93000, 19021), means="permanent"),
    )
    return Channel(id=kind, name=Text(en=kind, zh=kind), type=kind, url=url, error=errors, timeout_s=0.5, **more)


async def once(robot: Any, message: Message = MESSAGE, now_ms: int = NOW_MS) -> Receipt | Failure:
    try:
        found: Receipt | Failure = await robot.send(message, now_ms)
    finally:
        await robot.close()
    return found


def dingtalk(taken: Taken) -> Answer:
    """As the service: checks the signature as it arrives, and tells errors with HTTP 200."""
    timestamp = taken.asked["timestamp"][0]
    expected = base64.b64encode(
        hmac.new(SECRET.encode(), f"{timestamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    ).decode()
    if taken.asked["access_token"] != ["token-1"] or taken.asked["sign"] != [expected]:
        return 200, {"errcode": 310000, "errmsg": "sign not match"}, {}
    return 200, {"errcode": 0, "errmsg": "ok"}, {}


async def test_dingtalk_accepts_our_signature_which_is_encoded_once() -> None:
    with Carrier(dingtalk) as carrier:
        answer = await once(DingTalk(channel("dingtalk", carrier.url), "token-1", SECRET))

    assert isinstance(answer, Receipt), answer
    (taken,) = carrier.taken
    raw = dict(pair.split("=", 1) for pair in taken.query.split("&"))
    assert unquote_plus(raw["sign"]) == dingtalk_signature(SECRET, NOW_MS)
    assert "%25" not in raw["sign"], "base64 ends in =, which is %3D when encoded once and %253D when twice"
    assert raw["timestamp"] == str(NOW_MS), "milliseconds"
    assert taken.body["at"]["atMobiles"] == ["13800000000"]
    assert taken.body["text"]["content"].endswith("@13800000000"), "a mention counts only if the text has it"


async def test_signatures_are_those_that_openssl_makes_and_the_query_has_them_encoded_once() -> None:
    """printf 'TS\\nSECRET' | openssl dgst -sha256 -hmac SECRET -binary | base64; Feishu: nothing, with that as key."""
    assert dingtalk_signature("this is secret", 1_577_262_236_757) == "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="
    assert feishu_signature("SECab", 1_599_360_473) == "cMhCCRkDGJA/wKXFl+N2zj/YjsifJz400fTAEl9u1ag="
    with Carrier() as carrier:
        await once(DingTalk(channel("dingtalk", carrier.url), "token-1", "this is secret"), now_ms=1_577_262_236_757)

    (taken,) = carrier.taken
    assert taken.query.endswith("&sign=hmPWwU%2B7lVdm3ZZz0r9tSfx0L4Q26jWOZr9%2BGs6EZQM%3D")


async def test_error_310000_with_http_200_is_a_failure_for_good() -> None:
    with Carrier(dingtalk) as carrier:
        answer = await once(DingTalk(channel("dingtalk", carrier.url), "token-1", "another"))

    assert isinstance(answer, Failure)
    assert (answer.reason, answer.recoverable) == ("310000 sign not match", False)
    assert answer.told["http"] == 200


def feishu(taken: Taken) -> Answer:
    body = taken.body
    key = f"{body['timestamp']}\n{SECRET}".encode()
    if body["sign"] != base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode() or taken.query:
        return 200, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}, {}
    return 200, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}, {}


async def test_feishu_signs_with_seconds_in_the_body_and_an_empty_message() -> None:
    with Carrier(feishu) as carrier:
        answer = await once(Feishu(channel("feishu", carrier.url), "hook-1", SECRET))
        wrong = await once(Feishu(channel("feishu", carrier.url), "hook-1", "another"))

    assert isinstance(answer, Receipt), answer
    assert carrier.taken[0].path == "/hook-1"
    assert carrier.taken[0].body["timestamp"] == str(NOW_MS // 1000)
    assert isinstance(wrong, Failure)
    assert not wrong.recoverable


async def test_wecom_mentions_phones_and_user_ids_apart() -> None:
    message = Message("k", "t", "text", ("13800000000", "zhang"), 1, urgent=True)
    with Carrier() as carrier:
        answer = await once(WeCom(channel("wecom", carrier.url), "key-1", None), message)

    assert isinstance(answer, Receipt)
    told = carrier.taken[0].body["text"]
    assert (told["mentioned_list"], told["mentioned_mobile_list"]) == (["zhang"], ["13800000000"])
    assert carrier.taken[0].query == "key=key-1"


@pytest.mark.parametrize(
    ("body", "robot", "recoverable", "wait_s"),
    [
        ({"errcode": 130101, "errmsg": "send too fast"}, DingTalk, True, 600),
        ({"errcode": 45009, "errmsg": "api freq out of limit"}, WeCom, True, 600),
        ({"code": 11232, "msg": "frequency limited"}, Feishu, True, 600),
        ({"errcode": 93000, "errmsg": "invalid webhook url"}, WeCom, False, 0),
        ({"errcode": -1, "errmsg": "system busy"}, DingTalk, True, 0),
        ({"something": "else"}, DingTalk, True, 0),
        (b"<html>login</html>", DingTalk, True, 0),
    ],
)
async def test_the_code_in_the_body_decides(body: Any, robot: type[Robot], recoverable: bool, wait_s: float) -> None:
    with Carrier(lambda _: (200, body, {})) as carrier:
        answer = await once(robot(channel("dingtalk", carrier.url), "token-7", None))

    assert isinstance(answer, Failure)
    assert (answer.recoverable, answer.wait_s) == (recoverable, wait_s)


async def test_slow_answers_closed_connections_and_busy_servers_are_tried_again() -> None:
    with Carrier(slow_s=1.0) as carrier:
        slow = await once(DingTalk(channel("dingtalk", carrier.url), "token-7", None))
    with Carrier(lambda _: None) as carrier:
        hung_up = await once(DingTalk(channel("dingtalk", carrier.url), "token-7", None))
        url = carrier.url
    away = await once(DingTalk(channel("dingtalk", url), "token-7", None))
    with Carrier(lambda _: (429, {}, {"Retry-After": "7"})) as carrier:
        busy = await once(DingTalk(channel("dingtalk", carrier.url), "token-7", None))

    found = [each for each in (slow, hung_up, away, busy) if isinstance(each, Failure)]
    assert [each.recoverable for each in found] == [True] * 4
    assert found[0].reason.startswith("ReadTimeout")
    assert found[3].wait_s == 7


async def test_no_failure_tells_a_secret() -> None:
    with Carrier(
        lambda t: (200, {"errcode": 310000, "errmsg": f"bad token {t.asked['access_token'][0]}"}, {})
    ) as carrier:
        told = await once(DingTalk(channel("dingtalk", carrier.url), "a-long-secret-token", SECRET))

    assert isinstance(told, Failure)
    assert "a-long-secret-token" not in f"{told}"
    assert "***en" in told.reason


def test_a_secret_comes_from_a_file_or_the_environment_and_is_never_told(tmp_path: Path) -> None:
    kept = tmp_path / "token"
    kept.write_text("from-file\n", encoding="utf-8")

    assert secret("A_TOKEN", {"A_TOKEN_FILE": str(kept), "A_TOKEN": "other"}) == "from-file"
    assert secret("A_TOKEN", {"A_TOKEN": "plain"}) == "plain"
    with pytest.raises(NoSecretError, match="neither A_TOKEN nor A_TOKEN_FILE"):
        secret("A_TOKEN", {})
    assert masked("x from-file y", ["from-file"]) == "x *** y"


async def test_a_web_hook_is_signed_over_timestamp_and_body() -> None:
    with Carrier() as carrier:
        answer = await once(WebHook(channel("webhook", carrier.url), "hook-secret"))

    assert isinstance(answer, Receipt)
    (taken,) = carrier.taken
    signed = hmac.new(b"hook-secret", f"{NOW_MS}.".encode() + taken.raw, hashlib.sha256).hexdigest()
    assert taken.headers["anlan-signature"] == f"sha256={signed}"
    assert taken.headers["anlan-timestamp"] == str(NOW_MS)
    assert taken.headers["idempotency-key"] == "k-1"


async def test_the_log_keeps_a_line_for_each_message(tmp_path: Path) -> None:
    log = Log(tmp_path / "new" / "pages.jsonl")

    await once(log)
    await once(log)

    lines = (tmp_path / "new" / "pages.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    assert "锅炉水温过高" in lines[0], "readable as it is"


async def test_mail_that_no_server_takes_is_tried_again() -> None:
    answer = await once(Mail(channel("smtp", "smtp://127.0.0.1:9", starttls=False), None))

    assert isinstance(answer, Failure)
    assert answer.recoverable
