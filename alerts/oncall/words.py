"""Pure. What a page says, and what a ticket tells of its pages, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from alerts.texts import both, local
from alerts.views import Both, TicketView
from vocab.channels import Channel
from vocab.org import Person

PRIORITIES = {
    1: Both("URGENT", "特急"),
    2: Both("Pressing", "紧急"),
    3: Both("Ordinary", "一般"),
    4: Both("Notice", "提示"),
}
_DRILL = Both("DRILL", "演练")
_LATE = Both("Found afterwards, not now", "事后补查，非当前告警")
WHY = {
    "opened": Both("", ""),
    "more_urgent": Both("more urgent than before", "级别上升"),
    "realarmed": Both("acknowledged, and still so", "已确认但仍在持续"),
    "forgotten": Both("acknowledged, but nobody has begun", "已确认但无人开始处置"),
    "not_late": Both("still so now", "目前仍在持续"),
}


def page_text(ticket: TicketView, why: str, zone: ZoneInfo, *, late: bool, drill: bool) -> Both:
    """A page about a ticket: how urgent, what, where, since when, what to do first."""
    clock = local(ticket.raised_ms, zone)
    grid = ticket.grid_name or Both(ticket.grid, ticket.grid)
    marks = [mark for mark, is_so in ((_DRILL, drill), (_LATE, late)) if is_so]
    lead = [*marks, PRIORITIES.get(ticket.priority, PRIORITIES[4])]
    reason = WHY.get(why, Both("", ""))
    step = ticket.procedure
    en = [
        f"[{' · '.join(each.en for each in lead)}] {ticket.title.en}" + (f" ({reason.en})" if reason.en else ""),
        f"{grid.en}, {ticket.location.en} · since {clock} · {ticket.number}",
    ]
    zh = [
        f"【{'·'.join(each.zh for each in lead)}】{ticket.title.zh}" + (f"（{reason.zh}）" if reason.zh else ""),
        f"{grid.zh} {ticket.location.zh}，自{clock}起，工单{ticket.number}",
    ]
    if step is not None and not late:
        en.append(step.en)
        zh.append(step.zh)
    return Both("\n".join(en), "\n".join(zh))


def no_answer(minutes: float, people: Sequence[Person]) -> Both:
    """Said when the next rung is called."""
    en, zh = ", ".join(person.name.en for person in people), "、".join(person.name.zh for person in people)
    shown = f"{minutes:g}"
    return Both(f"No answer in {shown} min, calling {en}", f"{shown}分钟无人应答，转呼{zh}")


def nobody(who: Sequence[str]) -> Both:
    """Said when a rung finds no person."""
    names = ", ".join(who)
    return Both(f"Nobody to call for {names}: the next step is called at once", f"{names}无人可呼，立即转下一级")


def sent(name: Both, way: Both, receipt: str, delay_ms: int, *, drill: bool) -> Both:
    """A receipt."""
    seconds = f"{delay_ms / 1000:.0f}"
    drilled = Both("Drill: paged", "演练：已呼叫") if drill else Both("Paged", "已呼叫")
    return Both(
        f"{drilled.en} {name.en} by {way.en}, {seconds} s after due, receipt {receipt}",
        f"{drilled.zh}{name.zh}（{way.zh}），较应呼时刻{seconds}秒，回执{receipt}",
    )


def failed(name: Both, way: Both, reason: str, then: Both | None, *, is_over: bool = False) -> Both:
    """A way that did not work, and which one is taken, unless the call is over."""
    en, zh = f"{way.en} did not reach {name.en}: {reason}", f"{way.zh}未能送达{name.zh}：{reason}"
    if is_over:
        return Both(f"{en}; not sent again, the call is over", f"{zh}；呼叫已结束，不再重发")
    if then is None:
        return Both(f"{en}; no other way is left", f"{zh}；无其他通道")
    return Both(f"{en}; falling back to {then.en}", f"{zh}；改用{then.zh}")


def left(pages: Sequence[tuple[Both, Both]]) -> Both:
    """Pages, as name and way, that were still to be sent when their call was over."""
    en = ", ".join(f"{name.en} by {way.en}" for name, way in pages)
    zh = "、".join(f"{name.zh}（{way.zh}）" for name, way in pages)
    return Both(f"Not sent any more, the call is over: {en}", f"呼叫已结束，不再发送：{zh}")


def unknown(name: Both, way: Both) -> Both:
    """A page that was on its way when the server ended, and its call is over."""
    return Both(
        f"Not known whether {way.en} reached {name.en}: the server ended meanwhile; not sent again, the call is over",
        f"{way.zh}是否送达{name.zh}未知：发送途中服务中断；呼叫已结束，不再重发",
    )


def answered(name: Both, after_ms: int) -> Both:
    """Somebody answered by link."""
    minutes = f"{after_ms / 60_000:.1f}"
    return Both(
        f"Acknowledged from the phone by {name.en}, {minutes} min after the call",
        f"{name.zh}通过手机链接确认，呼叫后{minutes}分钟",
    )


def named(person: Person | None, fallback: str) -> Both:
    """A person's name in both languages."""
    return Both(fallback, fallback) if person is None else both(person.name)


def way(channel: Channel | None, fallback: str) -> Both:
    """A channel's name in both languages."""
    return Both(fallback, fallback) if channel is None else both(channel.name)


def roll_call(name: Both, until: str) -> Both:
    """What a roll-call asks."""
    return Both(f"[Roll-call] {name.en}: answer by {until}", f"【查岗】{name.zh}：请于{until}前应答")


def absent(name: Both, person: Both, asked: str, until: str) -> Both:
    """Somebody on call did not answer a roll-call."""
    return Both(
        f"{name.en}: {person.en}, asked at {asked}, did not answer by {until}",
        f"{name.zh}：{person.zh}于{asked}被查岗，至{until}未应答",
    )


def absent_title(name: Both, person: Both) -> Both:
    """Of the ticket that this becomes."""
    return Both(f"No answer to roll-call: {name.en} ({person.en})", f"查岗无应答：{name.zh}（{person.zh}）")


def nobody_there(name: Both, asked: str) -> Both:
    """A roll-call, and nobody is on call."""
    return Both(f"{name.en}: at {asked} nobody was on call", f"{name.zh}：{asked}无人值班")


def late_answer(person: Both, after_ms: int) -> Both:
    """Somebody answered a roll-call after its time."""
    minutes = f"{after_ms / 60_000:.1f}"
    return Both(f"{person.en} answered after {minutes} min, too late", f"{person.zh}于{minutes}分钟后应答，已超时")


def uncovered(since: str, until: str) -> Both:
    """A stretch of a roster in which nobody can be reached."""
    return Both(f"Nobody can be reached from {since} until {until}", f"{since}至{until}无人值守")


def uncovered_title(name: Both) -> Both:
    """Of the ticket that this becomes."""
    return Both(f"Roster not covered: {name.en}", f"值班表有空档：{name.zh}")


def covered() -> Both:
    """Somebody is there again."""
    return Both("Every minute ahead is covered again", "后续时段均已有人值守")


_CHANGED = {
    "asked": Both("[Roster: answer in the app]", "【换班待您答复，请登录系统】"),
    "agreed": Both("[Roster: agreed]", "【换班已生效】"),
    "declined": Both("[Roster: declined]", "【换班被拒绝】"),
    "withdrawn": Both("[Roster: not needed any more]", "【换班申请已撤回】"),
    "ordered": Both("[Roster: by order]", "【值班调整】"),
    "ended": Both("[Roster: as before]", "【换班已终止】"),
}


def roster_changed(what: str, which: Both) -> Both:
    """What became of a change, told to those whose turns it is about."""
    return Both(f"{_CHANGED[what].en} {which.en}", f"{_CHANGED[what].zh}{which.zh}")


def turn(roster: Both, person: Both | None, other: Both | None, since: str, until: str) -> Both:
    """Who has it then, and for whom; without a person the other one is away."""
    en, zh = f"{roster.en}, {since} to {until}", f"{roster.zh}，{since}至{until}"
    if person is None:
        return Both(f"{en}: {other.en if other else ''} is away", f"{zh}：{other.zh if other else ''}离岗")
    if other is None:
        return Both(f"{en}: {person.en}", f"{zh}：由{person.zh}值班")
    return Both(f"{en}: {person.en} for {other.en}", f"{zh}：由{person.zh}代{other.zh}")


def turn_back(person: Both, other: Both, since: str, until: str) -> Both:
    """The other half of a swap."""
    return Both(f"; {since} to {until}: {person.en} for {other.en}", f"；{since}至{until}：由{person.zh}代{other.zh}")
