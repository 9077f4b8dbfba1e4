"""Pure. What goes into one message: each page alone while there is room, else the most urgent alone, others as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from alerts.outbox.bucket import Room
from alerts.views import Both

_HEAD = Both("{n} calls in one message, since the channel bears no more:", "{n}条呼叫合并发送（通道限流）：")
_SHIFT = Both("Digest: {n} entries", "汇总：共{n}条")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page that is due."""

    id: int
    call: int
    step: int
    round: int
    person: str
    address: str
    text: Both
    priority: int
    due_ms: int
    ticket: int | None = None
    attempts: int = 0
    digest: bool = False  # a line of a digest by its nature
    drill: bool = False
    language: str = "zh"  # the person's


@dataclass(frozen=True, slots=True)
class Bundle:
    """Pages that are one message."""

    pages: tuple[Waiting, ...]
    is_digest: bool = False
    by_nature: bool = field(default=False)  # not for want of room

    @property
    def priority(self) -> int:
        """Of the most urgent."""
        return min(page.priority for page in self.pages)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Everybody it is for, each once."""
        return tuple(dict.fromkeys(page.address for page in self.pages))


def plan(waiting: Iterable[Waiting], room: Room, *, shared: bool) -> list[Bundle]:
    """The messages that may go now, the most urgent first. What finds no room waits.

    On a shared channel (a group robot) the pages of one call to several people are one message that mentions them all,
    and a digest may be for everybody; elsewhere each address gets its own.
    """
    pages = sorted(waiting, key=lambda page: (page.priority, page.due_ms, page.id))
    bundles = _digests([page for page in pages if page.digest], shared=shared)
    single = _singles([page for page in pages if not page.digest], shared=shared)
    ready = sorted([*single, *bundles], key=_urgency)
    if _fits(ready, room):
        return ready
    urgent = [bundle for bundle in ready if bundle.priority == 1]
    rest = [bundle for bundle in ready if bundle.priority != 1]
    return _tight(urgent, room.free, shared=shared) + _tight(
        rest, min(room.ordinary, room.free - min(len(urgent), room.free)), shared=shared
    )


def _urgency(bundle: Bundle) -> tuple[int, int]:
    return bundle.priority, min(page.due_ms for page in bundle.pages)


def _fits(ready: Sequence[Bundle], room: Room) -> bool:
    ordinary = sum(bundle.priority != 1 for bundle in ready)
    return ordinary <= room.ordinary and len(ready) <= room.free


def _tight(bundles: Sequence[Bundle], free: int, *, shared: bool) -> list[Bundle]:
    """All but the last message for the most urgent, one each; the last for everything else."""
    if free <= 0 or not bundles:
        return []
    if len(bundles) <= free:
        return list(bundles)
    alone, others = list(bundles[: free - 1]), bundles[free - 1 :]
    rest = [page for bundle in others for page in bundle.pages]
    merged = _merged(rest, shared=shared)
    return alone + merged[:1]


def _merged(pages: Sequence[Waiting], *, shared: bool) -> list[Bundle]:
    keys = dict.fromkeys("" if shared else page.address for page in pages)
    return [Bundle(tuple(page for page in pages if shared or page.address == key), is_digest=True) for key in keys]


def _singles(pages: Sequence[Waiting], *, shared: bool) -> list[Bundle]:
    found: dict[tuple[object, ...], list[Waiting]] = {}
    for page in pages:
        key = (page.call, page.step, page.round, page.drill) if shared else (page.id,)
        found.setdefault(key, []).append(page)
    return [Bundle(tuple(some)) for some in found.values()]


def _digests(pages: Sequence[Waiting], *, shared: bool) -> list[Bundle]:
    merged = _merged(pages, shared=shared)
    return [Bundle(bundle.pages, is_digest=True, by_nature=True) for bundle in merged]


def fitted(bundle: Bundle, language: str, longest_bytes: int) -> Bundle:
    """As many pages of a bundle as one message holds, at least one; the others stay due and go with the next."""
    if not bundle.is_digest:
        return bundle
    kept: list[Waiting] = []
    size = 120  # the head
    for page in bundle.pages:
        size += len(_line(page.text, language).encode()) + 8
        if kept and size > longest_bytes:
            break
        kept.append(page)
    return Bundle(tuple(kept), is_digest=True, by_nature=bundle.by_nature)


def text_of(bundle: Bundle, language: str, longest_bytes: int) -> str:
    """What is written, in `en`, `zh` or `both`."""
    if not bundle.is_digest:
        return cut(_whole(bundle.pages[0].text, language), longest_bytes)
    head = _SHIFT if bundle.by_nature else _HEAD
    n = len(bundle.pages)
    lines = dict.fromkeys(_line(page.text, language) for page in bundle.pages)
    return cut("\n".join([_whole(Both(head.en.format(n=n), head.zh.format(n=n)), language), *lines]), longest_bytes)


def _whole(text: Both, language: str) -> str:
    return {"en": text.en, "zh": text.zh}.get(language, f"{text.zh}\n{text.en}")


def _line(text: Both, language: str) -> str:
    """The first line says what it is; the second where and the ticket."""
    return "· " + " ".join(_whole(text, language).split("\n")[:2])


def cut(text: str, longest_bytes: int) -> str:
    """At most so many bytes of UTF-8, and no half a sign."""
    raw = text.encode()
    if len(raw) <= longest_bytes:
        return text
    return raw[: longest_bytes - 3].decode(errors="ignore") + "…"
