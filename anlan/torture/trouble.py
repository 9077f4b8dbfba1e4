"""Pure. What a strike that could not be done says."""


class CannotStrikeError(Exception):
    """The fault could not be done to this target now; the words say why."""
