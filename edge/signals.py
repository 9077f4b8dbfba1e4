"""Pure. Which annunciators are to sound, from the alarms that were raised here and what the site file asks for.

An alarm *calls* from the moment it is raised. What becomes of the call:
- `latched_until = "ack"`: it sounds until somebody silences it, be the alarm over or not;
- `"clear"`: it sounds as long as the alarm is active; silencing does not stop it (a lamp over a door must not lie);
- seconds: it sounds so long after the alarm was raised, or until it is silenced.
An alarm that is raised again calls anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vocab.annunciator import Action
from vocab.instant import seconds_ms
from vocab.rule import Rule

IsActive = Callable[[str], bool]


@dataclass(slots=True)
class Call:
    """One raised alarm that has a local action."""

    raised_ms: int
    silenced: bool = False


class Signals:
    """What calls now. `calls` is all there is to save."""

    def __init__(self, actions: tuple[Action, ...], rules: Mapping[str, Rule]) -> None:
        covering = {alarm: tuple(each for each in actions if each.covers(rule)) for alarm, rule in rules.items()}
        self._actions = {alarm: found for alarm, found in covering.items() if found}
        self.calls: dict[str, Call] = {}

    @property
    def alarms(self) -> frozenset[str]:
        """The alarms that set something off."""
        return frozenset(self._actions)

    def raised(self, alarm: str, at_ms: int) -> list[str]:
        """An alarm is raised; the annunciators that it sets off."""
        found = self._actions.get(alarm, ())
        if found:
            self.calls[alarm] = Call(at_ms)
        return list(dict.fromkeys(each.annunciator for each in found))

    def silence(self, before_ms: int, alarm: str | None = None) -> list[str]:
        """Somebody has heard `alarm` (default: all) as raised by `before_ms`; what was silenced by that."""
        heard = [
            name
            for name, call in self.calls.items()
            if alarm in (None, name) and not call.silenced and call.raised_ms <= before_ms
        ]
        for name in heard:
            self.calls[name].silenced = True
        return heard

    def sounding(self, now_ms: int, is_active: IsActive) -> set[str]:
        """The annunciators that are to sound; calls that are over are forgotten."""
        wanted: set[str] = set()
        for alarm, call in list(self.calls.items()):
            active = is_active(alarm)
            found = {
                each.annunciator
                for each in self._actions.get(alarm, ())
                if _sounds(each, call, active=active, now_ms=now_ms)
            }
            wanted |= found
            if not found and not active:
                del self.calls[alarm]
        return wanted


def _sounds(action: Action, call: Call, *, active: bool, now_ms: int) -> bool:
    if action.latched_until == "clear":
        return active
    if call.silenced:
        return False
    return action.latched_until == "ack" or now_ms < call.raised_ms + seconds_ms(float(action.latched_until))
