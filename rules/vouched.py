"""Pure. For how long a frame vouches for the time before it: a number that agents need without the kernel."""

VOUCH_MS = 30_000  # three heartbeats of a cabinet: two frames further apart do not vouch for the time between them
