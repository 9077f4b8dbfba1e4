"""Pure. What somebody is told who is not let in, or may not do it: a code for programs, words for people."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.access.rights import No
from vocab.strict_toml import Text


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer."""

    status: int
    reason: str
    words: Text
    retry_s: int | None = None

    def body(self) -> dict[str, object]:
        """As JSON."""
        return {"detail": self.words.en, "reason": self.reason, "words": {"en": self.words.en, "zh": self.words.zh}}


NOT_SIGNED_IN = Refusal(401, "not_signed_in", Text(en="Sign in first.", zh="请先登录。"))
SESSION_OVER = Refusal(
    401,
    "session_over",
    Text(en="Your session is over, or was ended: sign in again.", zh="登录已过期或已被终止，请重新登录。"),
)
WRONG_PASSWORD = Refusal(401, "wrong_password", Text(en="Wrong account or password.", zh="账号或密码错误。"))
WRONG_LINK = Refusal(
    401,
    "wrong_link",
    Text(en="This viewer link is not valid, or was revoked.", zh="此大屏链接无效或已被撤销。"),
)
FOREIGN_PAGE = Refusal(
    403,
    "foreign_page",
    Text(en="The order came from another web site, and was not taken.", zh="该请求来自其他网站，已拒绝。"),
)
NO_ACT_AS = Refusal(
    403,
    "act_as",
    Text(
        en="You cannot give an order in somebody else's name.",
        zh="不能以他人名义下达指令。",
    ),
)
TOO_LARGE = Refusal(413, "too_large", Text(en="The order is too long.", zh="请求内容过长。"))
NOT_LOGGED = Refusal(
    503,
    "not_logged",
    Text(
        en="The audit log cannot be written, so nothing was ordered.",
        zh="审计日志无法写入，指令未执行。",
    ),
)


NO_DATABASE = Refusal(
    503,
    "no_database",
    Text(en="The database cannot be had; nothing was changed.", zh="数据库暂不可用，未做任何更改。"),
)


def forbidden(no: No) -> Refusal:
    """403 with its reason."""
    return Refusal(403, no.reason, no.words)


def wait(wait_ms: int) -> Refusal:
    """429: too many failed attempts."""
    seconds = -(-wait_ms // 1000)
    words = Text(en=f"Too many failed attempts: wait {seconds} s.", zh=f"失败次数过多，请等待 {seconds} 秒。")
    return Refusal(429, "too_many_attempts", words, seconds)
