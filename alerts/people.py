"""Shell. What people order: shelve, suppress by a window, take out of service. Each is one transaction of the engine.

Whether they may is decided by `alerts.orders`, before anything is changed. Whoever calls ticks the engine first, so
that what was due by then is done.
"""

from __future__ import annotations

from dataclasses import replace

from alerts import orders
from alerts.changing import Change
from alerts.engine import Engine
from alerts.errors import NothingToDoError
from alerts.ledger import Order
from alerts.orders import Hiding, How, Standing
from alerts.views import AlarmView, Changes
from alerts.windows import Scope, Window
from rules.codes import NEVER, Input, StateCode
from vocab.instant import seconds_ms


def shelve(engine: Engine, alarm: str, given: Order, for_ms: int, now_ms: int) -> tuple[AlarmView, Changes]:
    """Nobody is called by this alarm for so long. `given.note` says why."""
    by, why = _signed(given)
    with engine.changing(now_ms) as change:
        watch, last = change.watch(alarm), change.hidings.last_shelf(change.connection, alarm)
        renewals = orders.shelf(watch, engine.site.policy, _standing(change, alarm, now_ms), last, for_ms)
        until_ms = now_ms + for_ms
        current = change.hidings.open.get((alarm, How.SHELVED))
        if current is None:
            current = Hiding(alarm, How.SHELVED, by, why, now_ms, until_ms, now_ms, renewals=renewals)
        else:
            current = replace(current, by=by, why=why, until_ms=until_ms, renewals=renewals)
        change.hidings.put(change.connection, current)
        order = replace(given, until_ms=until_ms)
        change.judge.command(alarm, Input.SHELVE, now_ms, order)
    engine.beside.command(alarm, Input.SHELVE, now_ms, order)
    return engine.alarm(alarm), change.done


def unshelve(engine: Engine, alarm: str, given: Order, now_ms: int) -> tuple[AlarmView, Changes]:
    """It may call again."""
    with engine.changing(now_ms) as change:
        change.watch(alarm)
        if (alarm, How.SHELVED) not in change.hidings.open:
            raise NothingToDoError(f"{alarm} is not shelved")
        change.judge.command(alarm, Input.UNSHELVE, now_ms, given)
    engine.beside.command(alarm, Input.UNSHELVE, now_ms, given)
    return engine.alarm(alarm), change.done


def remove(engine: Engine, alarm: str, given: Order, permit: str, now_ms: int) -> tuple[Hiding, Changes]:
    """Take an alarm out of service under a permit. Life safety waits for a second person."""
    by, why = given.by or "", given.note or ""
    policy = engine.site.policy
    with engine.changing(now_ms) as change:
        watch, before = change.watch(alarm), change.hidings.open.get((alarm, How.OUT_OF_SERVICE))
        needs_second = orders.removal(watch, policy, _standing(change, alarm, now_ms), before)
        if before is not None:  # nobody agreed in time
            change.hidings.close(change.connection, alarm, How.OUT_OF_SERVICE, now_ms, None)
        due_ms = now_ms + seconds_ms(policy.confirm_service_s)
        from_ms = None if needs_second else now_ms
        hiding = Hiding(alarm, How.OUT_OF_SERVICE, by, why, now_ms, due_ms, from_ms, permit)
        change.hidings.put(change.connection, hiding)
        if not needs_second:
            change.judge.command(alarm, Input.REMOVE, now_ms, _under(given, permit))
    if not needs_second:
        engine.beside.command(alarm, Input.REMOVE, now_ms, given)
    return hiding, change.done


def confirm(engine: Engine, alarm: str, given: Order, now_ms: int) -> tuple[Hiding, Changes]:
    """A second person agrees that life safety is taken out of service; or somebody says that it still is."""
    policy = engine.site.policy
    with engine.changing(now_ms) as change:
        change.watch(alarm)
        found = change.hidings.open.get((alarm, How.OUT_OF_SERVICE))
        hiding = orders.agreement(found, alarm, given.by or "", policy, now_ms)
        is_second = hiding.waits
        hiding = replace(hiding, until_ms=now_ms + seconds_ms(policy.confirm_service_s))
        if is_second:
            hiding = replace(hiding, from_ms=now_ms, second=given.by)
        change.hidings.put(change.connection, hiding)
        change.shown_anew.add(alarm)
        if is_second:
            both = Order(f"{hiding.by} + {hiding.second}", hiding.why)
            change.judge.command(alarm, Input.REMOVE, now_ms, _under(both, hiding.permit or ""))
    if is_second:
        engine.beside.command(alarm, Input.REMOVE, now_ms, given)
    return hiding, change.done


def put_back(engine: Engine, alarm: str, given: Order, now_ms: int) -> tuple[AlarmView, Changes]:
    """Return an alarm to service, or take back what waits for a second person."""
    with engine.changing(now_ms) as change:
        change.watch(alarm)
        hiding = change.hidings.open.get((alarm, How.OUT_OF_SERVICE))
        if hiding is None:
            raise NothingToDoError(f"{alarm} is not out of service")
        if hiding.waits:
            change.hidings.close(change.connection, alarm, How.OUT_OF_SERVICE, now_ms, given.by)
        else:
            change.judge.command(alarm, Input.RETURN, now_ms, given)
    if not hiding.waits:
        engine.beside.command(alarm, Input.RETURN, now_ms, given)
    return engine.alarm(alarm), change.done


def order_window(
    engine: Engine, given: Order, scope: Scope, span_ms: tuple[int, int], now_ms: int
) -> tuple[Window, Changes]:
    """Suppress the alarms of a scope from when until when. Life safety in it waits for a second person."""
    by, reason = _signed(given)
    with engine.changing(now_ms) as change:
        orders.check_names(scope, engine.site, change.watches)
        start, end = orders.plan_window(scope, engine.site.policy, change.watches, span_ms, now_ms)
        window = Window(0, by, reason, scope, now_ms, start, end)
        window = change.hidings.add_window(change.connection, window)
        _put(change, window, now_ms)
    engine.beside.put_window(window, now_ms)
    return window, change.done


def confirm_window(engine: Engine, number: int, by: str, now_ms: int) -> tuple[Window, Changes]:
    """A second person lets a window cover the life safety that it names."""
    with engine.changing(now_ms) as change:
        window = change.hidings.window(change.connection, number)
        asks_for = window.asks_for(change.watches.values(), change.judge.agenda.protected)
        orders.confirm_window(window, by, asks_for, now_ms)
        window = replace(window, confirmed_by=by, confirmed_ms=now_ms)
        change.hidings.change_window(change.connection, window)
        _put(change, window, now_ms)
    engine.beside.put_window(window, now_ms)
    return window, change.done


def end_window(engine: Engine, number: int, by: str, now_ms: int) -> tuple[Window, Changes]:
    """A window is over before its time, or does not come at all."""
    with engine.changing(now_ms) as change:
        window = change.hidings.window(change.connection, number)
        orders.end_window(window, now_ms)
        window = replace(window, ended_by=by, ended_ms=now_ms)
        change.hidings.change_window(change.connection, window)
        _put(change, window, now_ms)
    engine.beside.put_window(window, now_ms)
    return window, change.done


def _put(change: Change, window: Window, now_ms: int) -> None:
    change.judge.agenda.put(window)
    change.judge.settle(now_ms)
    change.shown_anew |= {name for name, watch in change.watches.items() if window.scope.holds(watch)}


def _signed(given: Order) -> tuple[str, str]:
    return given.by or "", given.note or ""


def _under(given: Order, permit: str) -> Order:
    note = f"{permit}: {given.note}" if given.note else permit
    return replace(given, note=note)


def _standing(change: Change, alarm: str, now_ms: int) -> Standing:
    book, row = change.judge.find(alarm)
    raised = int(book.lives.raised_ms[row])
    state = StateCode(int(book.lives.state[row])).word
    return Standing(state, book.is_active(row), None if raised == NEVER else raised, now_ms)
