"""Pure and shell. The agent of one cabinet: plan, poll, decode, report, spool, uplink. Read-only towards equipment."""
