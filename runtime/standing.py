"""Shell. What a service holds for as long as it runs, the garbage collector need not look at again and again.

A full collection walks through every object there is, and nothing else happens meanwhile. A site of 10 000 points is
200 000 objects, which take a tenth of a second, or of a compiler's memory several; and frames that come and go bring
such a collection about every few seconds.
"""

from __future__ import annotations

import gc


def all_this_stands() -> None:
    """From now on only what is made later is collected. Called again when what stands was replaced: it lets the old
    go."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
