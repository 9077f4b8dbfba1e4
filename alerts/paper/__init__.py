"""Pure and shell. What the office gets on paper: forms, ledger, bulletin and reports, all from data, never re-typed."""
