"""Pure. The ways to reach people, and how much each bears: channels.toml. Secrets are named here, never written."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from vocab.point import Id
from vocab.strict_toml import Strict, Text

# The name of an environment variable; where NAME_FILE is set, the secret is the content of that file.
SecretName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{2,63}$")]


class Limit(Strict):
    """At most `count` messages in any `per_s` seconds."""

    count: int = Field(ge=1)
    per_s: float = Field(gt=0)
    reserve: int = Field(default=0, ge=0)  # of these, only for priority 1

    @model_validator(mode="after")
    def _leaves_some(self) -> Limit:
        if self.reserve >= self.count:
            raise ValueError("the reserve leaves nothing for the others")
        return self


class ErrorCode(Strict):
    """What a code in the body of an answer means."""

    codes: tuple[int, ...] = Field(min_length=1)
    means: Literal["wait", "permanent"]
    wait_s: float = Field(default=0.0, ge=0)  # so long nothing more is sent


class Channel(Strict):
    """One robot, mail server, web hook, …"""

    id: Id
    name: Text
    type: Literal["dingtalk", "wecom", "feishu", "webhook", "smtp", "log", "apprise"]
    enabled: bool = True
    shared: bool | None = None  # everybody reads along (a group robot); None: as usual for the type
    url: str = ""  # where it is asked; without the part that is secret
    token: SecretName | None = None  # the access token, key or hook id of a robot; for apprise the whole URL
    secret: SecretName | None = None  # what signs
    user: str = ""  # smtp
    sender: str = ""  # smtp: From
    starttls: bool = True  # smtp
    file: str = ""  # log: a file in the run folder, JSON lines
    language: Literal["en", "zh", "both"] | None = None  # None: the person's
    limit: tuple[Limit, ...] = ()
    error: tuple[ErrorCode, ...] = ()
    longest_bytes: int = Field(default=1800, ge=200)  # of a text, in UTF-8
    timeout_s: float = Field(default=10.0, gt=0)
    attempts: int = Field(default=3, ge=1)  # before the next channel of the person is tried
    retry_s: float = Field(default=2.0, gt=0)  # then twice as long, with jitter, up to
    retry_most_s: float = Field(default=60.0, gt=0)

    @property
    def is_shared(self) -> bool:
        """Whether a message reaches a group, so that those about one thing are one message."""
        return self.type in ("dingtalk", "wecom", "feishu") if self.shared is None else self.shared


class Links(Strict):
    """The links by which people acknowledge from the phone."""

    base_url: str = ""  # as phones reach us, such as https://anlan.example; empty: where we serve
    valid_s: float = Field(default=43_200.0, gt=0)
    rotate_s: float = Field(default=2_592_000.0, gt=0)  # a new key so often; old ones hold as long as their links


class Heartbeat(Strict):
    """An address outside that is called as long as the whole way to people lives. All spans are real seconds.

    Whoever keeps the address calls somebody when we fall silent (a dead man's switch): that is the only alarm for the
    case that this machine, its network or we ourselves are dead.
    """

    id: Id
    name: Text
    url: str = Field(pattern=r"^https?://[^\s/]+")  # `{token}` in it stands for the secret
    fail_url: str = Field(default="", pattern=r"^(https?://[^\s/]+.*)?$")  # called when a part fails; empty: silence
    token: SecretName | None = None
    method: Literal["GET", "POST"] = "GET"
    period_s: float = Field(gt=0)
    timeout_s: float = Field(gt=0)
    # How old each part of the way may be before the heartbeat stops.
    frames_s: float = Field(gt=0)  # since a frame of each cabinet was judged
    evaluation_s: float = Field(gt=0)  # since the rules were gone through
    outbox_s: float = Field(gt=0)  # the oldest page that is due
    database_s: float = Field(gt=0)  # one write into the ticket database
    without: tuple[Id, ...] = ()  # cabinets that do not count, such as one that is being rebuilt

    @model_validator(mode="after")
    def _fits(self) -> Heartbeat:
        if self.timeout_s >= self.period_s:
            raise ValueError("an answer is waited for less long than a period: timeout_s < period_s")
        if ("{token}" in self.url + self.fail_url) != (self.token is not None):
            raise ValueError("token and {token} in the address come together")
        return self


class ChannelsFile(Strict):
    """channels.toml."""

    channel: tuple[Channel, ...] = ()
    links: Links = Links()
    heartbeat: tuple[Heartbeat, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> ChannelsFile:
        if not self.channel and not self.heartbeat:
            raise ValueError("give at least one [[channel]] or [[heartbeat]]")
        return self


@dataclass(frozen=True)
class Channels:
    """The channels of a site; none without channels.toml."""

    file: ChannelsFile | None = field(default=None)

    def __bool__(self) -> bool:
        return self.file is not None

    @cached_property
    def by_id(self) -> dict[str, Channel]:
        """By id."""
        return {} if self.file is None else {channel.id: channel for channel in self.file.channel}

    @property
    def heartbeats(self) -> tuple[Heartbeat, ...]:
        """Who outside listens whether we live."""
        return () if self.file is None else self.file.heartbeat

    @property
    def links(self) -> Links:
        """How people acknowledge."""
        return Links() if self.file is None else self.file.links
