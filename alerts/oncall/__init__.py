"""Pure. Who is called about a ticket, and when: rosters, escalation, roll-calls. It writes pages and sends none."""
