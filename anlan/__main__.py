"""Shell. `python -m anlan` is the command `anlan`."""

from anlan.cli import app

app(prog_name="anlan")
