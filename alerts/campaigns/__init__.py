"""Pure. Campaigns: when each is, what belongs to it, how far it is, and spot checks of what was self-checked."""
