"""Shell. From a number to a person and back: alarms, tickets, the API, and the wall that it serves."""
