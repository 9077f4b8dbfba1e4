"""Pure. One model per kind of equipment; constants of nature and of machines live here, limits of alarms never."""
