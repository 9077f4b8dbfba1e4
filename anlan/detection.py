"""Shell. Every recording replayed and scored: the lines of the table in docs/detection.md."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from anlan.matching import RowMatch, Span, WindowMatch, match_rows, match_windows, merged
from anlan.recorded import runs_of
from anlan.recording import Counts, Recording, Windows
from anlan.replay import Replayed, replay
from rules.functions import Functions


@dataclass(frozen=True, slots=True)
class Line:
    """One recording with what its rules made of it. `windows` or `rows` is None where there is no such label."""

    id: str
    name: str
    runs: int
    readings: int
    late: int
    episodes: dict[str, int]  # by rule
    windows: WindowMatch | None
    by_rule: dict[str, WindowMatch]  # each rule alone, where windows are labelled
    rows: RowMatch | None

    def as_json(self) -> dict[str, object]:
        """The line with the keys that docs/detection.md names."""
        return asdict(self)

    @property
    def delay_p50_s(self) -> float | None:
        """Median of the delays of the windows found, in seconds of the recording."""
        delays = self.windows.delays_ms if self.windows is not None else ()
        return statistics.median(delays) / 1000 if delays else None

    @property
    def delay_max_s(self) -> float | None:
        """The longest of them."""
        delays = self.windows.delays_ms if self.windows is not None else ()
        return max(delays) / 1000 if delays else None


def replay_all(
    recordings: Sequence[Recording], data: Path, functions: Functions, step: Callable[[], None]
) -> list[Line]:
    """One line per recording; `step` is called after each."""
    lines = []
    for recording in recordings:
        lines.append(replay_one(recording, data, functions))
        step()
    return lines


def replay_one(recording: Recording, data: Path, functions: Functions) -> Line:
    """All runs of one recording."""
    windows, rows = WindowMatch(0, 0, (), 0, 0), RowMatch()
    episodes = {rule.id: 0 for rule in recording.rule}
    by_rule: dict[str, WindowMatch] = {}
    runs = readings = late = 0
    for run in runs_of(recording, data):
        found = replay(recording.point, recording.rule, run.readings, functions)
        runs, readings, late = runs + 1, readings + found.readings, late + found.late
        for rule, spans in found.episodes.items():
            episodes[rule] += len(spans)
        standing = _answers(recording, found)
        if isinstance(recording.label, Windows):
            grace_ms = round(recording.label.grace_s * 1000)
            windows = windows.plus(match_windows(run.windows, standing, grace_ms))
            for rule, spans in found.episodes.items():
                alone = match_windows(run.windows, spans, grace_ms)
                by_rule[rule] = alone.plus(by_rule[rule]) if rule in by_rule else alone
        rows = rows.plus(match_rows(run.row_ats, run.row_truth, standing))
    return Line(
        recording.id,
        recording.name,
        runs,
        readings,
        late,
        episodes,
        windows if isinstance(recording.label, Windows) else None,
        by_rule,
        rows if rows != RowMatch() else None,
    )


def _answers(recording: Recording, found: Replayed) -> list[Span]:
    label = recording.label
    wanted = () if isinstance(label, Counts) else label.rules
    return merged(span for rule, spans in found.episodes.items() if not wanted or rule in wanted for span in spans)
