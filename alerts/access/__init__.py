"""Pure. Who may do what where: accounts, sessions, tokens, rights bound to a place, and the log of every order."""
