"""Pure. Recordings in words: the cells of the terminal's table and of docs/detection.md."""

from __future__ import annotations

from collections.abc import Sequence

from anlan.detection import Line
from anlan.generated import table
from anlan.matching import RowMatch
from anlan.recording import Recording

HEADER = ("recording", "runs", "readings", "reached", "delay p50 / max", "floor")


def cells(recording: Recording, line: Line) -> tuple[str, ...]:
    """One row of the table."""
    return (line.name, str(line.runs), _grouped(line.readings), result(line), _delays(line), recording.floor)


def result(line: Line) -> str:
    """What was reached. Episodes of several rules at one time are one; a false one began outside every window."""
    if line.windows is not None:
        return f"{line.windows.found}/{line.windows.windows} windows, {line.windows.false_episodes} false" + _rates(
            line.rows
        )
    if line.rows is not None:
        rows = line.rows
        return (
            f"{rows.hits}/{rows.hits + rows.missed} rows, {rows.false_alarms} of {rows.false_alarms + rows.quiet} false"
        )
    return ", ".join(f"{rule} {_grouped(count)}" for rule, count in line.episodes.items())


def _rates(rows: RowMatch | None) -> str:
    if rows is None or rows.false_alarm_rate is None or rows.missing_rate is None:
        return ""
    return f"; by row FAR {rows.false_alarm_rate:.1%}, MAR {rows.missing_rate:.1%}"


def _delays(line: Line) -> str:
    if line.delay_p50_s is None or line.delay_max_s is None:
        return "–"
    return f"{duration(line.delay_p50_s)} / {duration(line.delay_max_s)}"


def duration(seconds: float) -> str:
    """A length of time as a person says it."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def replay_markdown(recordings: Sequence[Recording], lines: Sequence[Line]) -> str:
    """The table, and below it for every recording how its limits were chosen and what cannot be done yet."""
    pairs = list(zip(recordings, lines, strict=True))
    parts = [table(HEADER, (cells(recording, line) for recording, line in pairs))]
    parts += [_remarks(recording, line) for recording, line in pairs]
    return "\n\n".join(parts)


def _remarks(recording: Recording, line: Line) -> str:
    out = [f"**{recording.name}** (`{recording.id}`). {recording.chosen}"]
    if len(line.by_rule) > 1:
        each = (
            f"`{rule}` {match.found}/{match.windows}, {match.false_episodes} false"
            for rule, match in line.by_rule.items()
        )
        out.append(f"Each rule alone: {'; '.join(each)}.")
    if line.late:
        out.append(f"{line.late} readings were older than the last of their point and were not judged.")
    return " ".join([*out, recording.remark]).strip()
