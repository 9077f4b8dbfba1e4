"""Pure. What goes wrong with lifts, as scripts (domain §2.3): each shows one hazard and not three.

A script first brings the car into the situation, says in the boxes' words what happened, and then waits for ever: the
rescue comes when the fault is cleared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from firmware_sim.physics.model import Active

if TYPE_CHECKING:
    from firmware_sim.physics.elevator import Elevator

Script = Iterator[float]

FOR_EVER_S = 3600.0  # one scene of waiting; then the next
JUDGES_AFTER_S = 30.0  # the box calls it entrapment after this long
CREEP_S = 4.0
LIMITER_S = 45.0  # motor run-time limiter, domain §2.3 [bk GB 7588 10.6.2]


def _stay(car: Elevator) -> Script:
    while True:
        yield FOR_EVER_S


def _out_of_order(car: Elevator, event: str) -> None:
    car.condition = "fault"
    car.event = event


def _halfway(car: Elevator) -> Script:
    """Set off for the farther end and stop between two floors."""
    car.run = None
    up = car.height < (car.height_of(car.top) + car.height_of(car.bottom)) / 2
    floors = 2.5 if car.top - car.bottom > 2 else 0.5
    goal = car.height + (floors if up else -floors) * 3.0
    yield from car.drive(goal, most=car.rated)


def entrapment(car: Elevator, fault: Active) -> Script:
    """Somebody gets in, the car sets off and stops between floors."""
    yield from car.land()
    yield from car.open_door()
    car.person = True
    yield 3.0
    yield from car.close_door()
    yield from _halfway(car)
    yield JUDGES_AFTER_S
    car.condition = "trapped_off_level"
    car.event = "trapped"
    yield from _stay(car)


def stopped_outside_zone(car: Elevator, fault: Active) -> Script:
    """An empty car on its way to a call stops between floors."""
    yield from car.land()
    yield from _halfway(car)
    _out_of_order(car, "outside_zone")
    yield from _stay(car)


def safety_chain(car: Elevator, fault: Active) -> Script:
    """The chain opens while the car stands empty at a landing."""
    yield from car.land()
    car.safety = "broken"
    _out_of_order(car, "safety_chain_running")
    yield from _stay(car)


def landing_lock(car: Elevator, fault: Active) -> Script:
    """A landing door reports open although the car door is closed; the car does not start."""
    yield from car.land()
    car.lock = "broken"
    _out_of_order(car, "door_close")
    yield from _stay(car)


def lock_in_motion(car: Elevator, fault: Active) -> Script:
    """A landing door's lock opens under way: the car is thrown out of its run and stands between floors, empty."""
    yield from car.land()
    yield from _halfway(car)
    car.lock = "broken"
    _out_of_order(car, "safety_chain_running")
    yield from _stay(car)


def trapped_at_landing(car: Elevator, fault: Active) -> Script:
    """The car has arrived and its door does not open; somebody is inside and presses the button."""
    yield from car.land()
    yield from car.open_door()
    car.person = True
    yield 3.0
    yield from car.close_door()
    yield JUDGES_AFTER_S
    car.condition = "trapped_level"
    car.event = "alarm_button"
    yield from _stay(car)


def door_stays_open(car: Elevator, fault: Active) -> Script:
    """The door tries to close again and again and does not; the controller gives up."""
    yield from car.land()
    yield from car.open_door()
    yield 60.0
    _out_of_order(car, "door_close")
    yield from _stay(car)


def position_lost(car: Elevator, fault: Active) -> Script:
    """The controller no longer knows on which floor the car is, and keeps it where it stands."""
    yield from car.land()
    _out_of_order(car, "position_lost")
    yield from _stay(car)


def taken_out_of_service(car: Elevator, fault: Active) -> Script:
    """Somebody switches it off and it is forgotten so."""
    yield from car.land()
    car.mode = "out_of_service"
    yield from _stay(car)


def unintended_movement(car: Elevator, fault: Active) -> Script:
    """The car creeps away with the door open until the brake catches it, still within the door zone."""
    yield from car.land()
    yield from car.open_door()
    car.creep = fault.number("speed_m_s", 0.2)
    car.unintended = "yes"
    _out_of_order(car, "unintended_movement")
    yield CREEP_S
    car.creep = 0.0
    yield from _stay(car)


def overspeed(car: Elevator, fault: Active) -> Script:
    """The car runs away towards the farther end; the governor stops it at a landing."""
    yield from car.land()
    speed = fault.number("factor", 1.3) * car.rated
    ends = (car.height_of(car.bottom), car.height_of(car.top))
    end = max(ends, key=lambda each: abs(each - car.height))
    way = min(abs(end - car.height), speed * (fault.number("for_s", 12.0) + speed))
    goal = car.height_of(car.floor_at(car.height + (way if end > car.height else -way)))
    yield from car.drive(goal, most=speed)
    _out_of_order(car, "overspeed")
    yield from _stay(car)


def overtravel(car: Elevator, fault: Active) -> Script:
    """The car does not stop at its end floor but on the buffer beyond it; below the bottom for a negative number."""
    yield from car.land()
    beyond = round(fault.number("floors_beyond", 1.0))
    goal = car.top + beyond if beyond > 0 else car.bottom + beyond
    yield from car.drive(car.height_of(goal), most=car.rated)
    _out_of_order(car, "overtravel_top" if beyond > 0 else "overtravel_bottom")
    yield from _stay(car)


def run_without_arrival(car: Elevator, fault: Active) -> Script:
    """The machine turns, the ropes slip, the car stays where it is; the limiter has failed too."""
    yield from car.land()
    car.is_slipping = True
    yield LIMITER_S
    _out_of_order(car, "run_time_limiter")
    yield from _stay(car)


def power_failure(car: Elevator, fault: Active) -> Script:
    """The mains go; the rescue device brings the car to the next landing, where it stays."""
    car.power = "battery"
    yield from car.land()
    yield from _stay(car)


def drive_trip(car: Elevator, fault: Active) -> Script:
    """The drive trips as soon as the car has reached a landing."""
    yield from car.land()
    car.drive_error = fault.number("error_code", 3.0)
    yield from _stay(car)


def door_obstruction(car: Elevator, fault: Active) -> Script:
    """Something lies in the door: it opens and closes again and again, and then somebody moves the pram."""
    yield from car.land()
    cycles = max(1, round(fault.number("cycles", 6.0)))
    for _ in range(cycles):
        yield from car.open_door()
        yield fault.number("dwell_s", 20.0)
        yield from car.close_door()
        yield 1.0
    yield from car.service()


def maintenance_visit(car: Elevator, fault: Active) -> Script:
    """A mechanic switches to inspection, opens the safety chain and bridges door locks; afterwards all is as before."""
    yield from car.land()
    car.mode = "inspection"
    yield 5.0
    total = max(40.0, fault.number("duration_s", 900.0))
    for part in range(4):
        car.safety = car.lock = "broken" if part % 2 == 0 else "closed"
        yield (total - 20.0) / 4
    car.safety = car.lock = "closed"
    yield 15.0
    car.mode = "normal"
    yield from car.service()


_SCRIPTS: dict[str, Callable[[Elevator, Active], Script]] = {
    "entrapment": entrapment,
    "stopped_outside_zone": stopped_outside_zone,
    "safety_chain": safety_chain,
    "landing_lock": landing_lock,
    "lock_in_motion": lock_in_motion,
    "trapped_at_landing": trapped_at_landing,
    "door_stays_open": door_stays_open,
    "position_lost": position_lost,
    "taken_out_of_service": taken_out_of_service,
    "unintended_movement": unintended_movement,
    "overspeed": overspeed,
    "overtravel": overtravel,
    "run_without_arrival": run_without_arrival,
    "power_failure": power_failure,
    "drive_trip": drive_trip,
    "door_obstruction": door_obstruction,
    "maintenance_visit": maintenance_visit,
}
FELT_ON_RIDES = frozenset({"guide_wear", "brake_wear"})
ALL = frozenset(_SCRIPTS) | FELT_ON_RIDES | {"machine_room_heat", "rush_hour"}


def has_script(fault_id: str) -> bool:
    """Whether this fault takes over the car."""
    return fault_id in _SCRIPTS


def script_of(car: Elevator, fault: Active) -> Script | None:
    """The script of a fault, or None: the car goes on as it was, only the measurements change."""
    script = _SCRIPTS.get(fault.fault)
    return None if script is None else script(car, fault)


def back_to_service(car: Elevator) -> Script:
    """Rescue and repair: bring the car to a landing, let people out, forget the fault."""
    car.safety = car.lock = "closed"
    car.unintended = "no"
    car.power = "mains"
    car.mode = "normal"
    car.drive_error = car.creep = 0.0
    car.is_slipping = False
    car.condition, car.event = "ok", "none"
    if car.door == "open":
        car.lock = "open"
    if car.run is None:
        nearest = min(max(car.floor_at(car.height), car.bottom), car.top)
        away = abs(car.height_of(nearest) - car.height)
        if away > 0.01:
            yield max(1.0, away)  # winched at walking pace or slower
            car.height = car.height_of(nearest)
    yield from car.land()
    yield from car.service()
