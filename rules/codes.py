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
    TIGHTEN = 14  # a major hazard of the asset is watched more closely
    RELAX = 15


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
    FORECAST = 7
    SPREAD = 8
    BASELINE = 9
    COUNT = 10
    MUST_HAPPEN = 11
    SCHEDULE = 12  # and expiry
    ALARM = 13
    BLIND = 14
    CHANGE = 15  # a moment; only inside COUNT and MUST_HAPPEN
    OVER = 16  # strictly above; expressions only, as the next two
    UNDER = 17
    EQUAL = 18
    TIGHTENED = 19  # whether the asset is watched more closely; written by an order


class Op(IntEnum):
    """What joins verdicts in a postfix expression. A number from 0 is a leaf of the row."""

    AND = -1  # followed by how many
    OR = -2  # followed by how many
    NOT = -3
    VOTE = -4  # followed by how many, how many it takes, and a Voter


class Voter(IntEnum):
    """What an unknown voter is taken for."""

    UNKNOWN = 0
    TRUE = 1
    FALSE = 2
    DEGRADE = 3


class Calc(IntEnum):
    """Arithmetic in postfix form: pairs of (code, operand)."""

    CELL = 0
    CONST = 1
    ADD = 2
    SUBTRACT = 3
    MULTIPLY = 4
    DIVIDE = 5
    NEGATE = 6
    ABS = 7
    MIN = 8  # operand: how many
    MAX = 9


# Flags of a leaf: count every reading; trust uncertain ones; a pending alarm counts; it only says whether to suppress.
EVERY, LENIENT, EARLY, VEIL = 1, 2, 4, 8


NEVER = -(2**62)  # a moment that has not come; far enough from both ends that adding a delay cannot overflow
FAR = 2**62  # a due-time that will not come
