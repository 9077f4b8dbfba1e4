"""Pure. Pages on their way to people: sent at least once, with a receipt, and never again after an answer."""
