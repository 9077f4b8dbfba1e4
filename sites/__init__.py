"""Data. Sites that come with Anlan; `sites/demo` is what `anlan demo` runs and what a new operator copies."""
