"""Shell. The command line, and the supervisor behind `anlan demo` and `anlan up`."""
