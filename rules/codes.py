"""Pure. The small integers of the columns, and the words they stand for.

Columns hold integers because the same functions run compiled; people, tables and the wire see the words. The integers
are stored, so a member keeps its number for ever.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Verdict(IntEnum):
    """What a condition is at a moment. UNKNOWN is not a kind of FALSE: it freezes, it never clears."""

    FALSE = 0
    TRUE = 1
    UNKNOWN = 2


class Phase(IntEnum):
    """The debounced condition of an alarm: what its delays have let through."""

    OFF = 0
    PENDING = 1  # true, but not yet for the on-delay
    ON = 2
    CLEARING = 3  # false, but not yet for the off-delay; still an active alarm


class StateCode(IntEnum):
    """The states of ISA-18.2 (domain §3.2, letters A to I). The last three hide the alarm: nobody is annunciated to."""

    NORMAL = 0
    UNACKED = 1
    ACKED = 2
    RTN_UNACKED = 3
    LATCHED_UNACKED = 4
    LATCHED_ACKED = 5
    SHELVED = 6
    SUPPRESSED = 7
    OUT_OF_SERVICE = 8

    @property
    def word(self) -> AlarmState:
        """What people and the API read."""
        return AlarmState(self.name.lower())


class AlarmState(StrEnum):
    """The words for StateCode."""

    NORMAL = "normal"
    UNACKED = "unacked"
    ACKED = "acked"
    RTN_UNACKED = "rtn_unacked"
    LATCHED_UNACKED = "latched_unacked"
    LATCHED_ACKED = "latched_acked"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"
    OUT_OF_SERVICE = "out_of_service"


class Because(IntEnum):
    """Why an alarm changed its state."""

    RAISED = 1
    CLEARED = 2
    ACKNOWLEDGED = 3
    RESET = 4
    SHELVED = 5
    UNSHELVED = 6
    SHELF_ENDED = 7
    SUPPRESSED = 8
    UNSUPPRESSED = 9
    REMOVED = 10  # from service
    RETURNED = 11  # to service
    REALARMED = 12
    HIDDEN_RAISED = 13  # while shelved, suppressed or out of service: the state stays as it is
    HIDDEN_CLEARED = 14
    WINDOW_BEGAN = 15  # suppressed by an order, such as a maintenance window
    WINDOW_ENDED = 16

    @property
    def word(self) -> str:
        """What the transition table holds."""
        return self.name.lower()


class Input(IntEnum):
    """What one step of the life cycle is about. The first three equal the verdicts."""

    FALSE = 0
    TRUE = 1
    UNKNOWN = 2
    ELAPSE = 3  # only time passed
    ACKNOWLEDGE = 4
    RESET = 5
    SHELVE = 6
    UNSHELVE = 7
    SHELF_ENDS = 8  # its time is up
    SUPPRESS = 9  # by an order: a maintenance window
    UNSUPPRESS = 10
    REMOVE = 11  # from service
    RETURN = 12  # to service
    REALARM = 13


class Hidden(IntEnum):
    """Why nobody is annunciated to: bits, so that one reason may end while another goes on."""

    BY_DESIGN = 1
    BY_ORDER = 2
    ON_SHELF = 4
    OUT_OF_SERVICE = 8


class LeafKind(IntEnum):
    """The condition types of vocab/condition.py that look at one point."""

    HIGH = 0
    LOW = 1
    STATE = 2
    NO_DATA = 3
    BAD_SIGNAL = 4
    RATE = 5
    STUCK = 6


NEVER = -(2**62)  # a moment that has not come; far enough from both ends that adding a delay cannot overflow
FAR = 2**62  # a due-time that will not come
