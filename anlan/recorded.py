"""Shell. Recordings from disk: TOML files of the recordings, and the CSV files of a folder as runs of readings."""

from __future__ import annotations

import csv
import gzip
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

import numpy as np

from anlan.matching import Span, segments
from anlan.recording import Baseline, Column, Derived, Moment, Recording, Rows, Windows
from anlan.replay import Readings
from rules.columns import F8, I64
from runtime.files import shipped
from vocab.instant import to_ms
from vocab.problem import Code, ConfigurationError, Problem
from vocab.quality import Quality, Reason
from vocab.strict_toml import Source, parse

Row = dict[str, str]
Sample = tuple[int, float, Quality, Reason, int]  # point, value, quality, reason, moment


@dataclass(frozen=True, slots=True)
class Run:
    """One asset of a recording with its truth."""

    name: str
    readings: Readings
    windows: list[Span]
    row_ats: list[int]  # rows that were judged, in the order of the file
    row_truth: list[bool]


def load_recordings(folder: Path | None = None) -> list[Recording]:
    """Every recording that is described; raises ConfigurationError with all faults."""
    root = folder or shipped("sites") / "recordings"
    found: list[Recording] = []
    problems: list[Problem] = []
    for path in sorted(root.glob("*.toml")):
        recording, faults = parse(Source(str(path), path.read_text(encoding="utf-8")), Recording)
        problems += faults
        if recording is not None:
            found.append(recording)
    if not problems and not found:
        problems.append(Problem(str(root), 1, Code.UNREADABLE, "(folder)", "no recording is described here"))
    if problems:
        raise ConfigurationError(tuple(problems))
    return found


def runs_of(recording: Recording, data: Path) -> Iterator[Run]:
    """The runs of a recording whose files are below `data`; a missing file is a FileNotFoundError."""
    for pattern in recording.files:
        paths = sorted(data.glob(pattern))
        if not paths:
            raise FileNotFoundError(f"{data / pattern} is not there")
        for path in paths:
            for name, rows in _groups(recording, _rows(recording, path)).items():
                yield from _runs(recording, data, path, name, rows)


def _rows(recording: Recording, path: Path) -> list[Row]:
    with _opened(path) as file:
        for _ in range(recording.skip_rows):
            next(file)
        rows = list(csv.DictReader(file, delimiter=recording.delimiter))
    return [row | {"": str(number)} for number, row in enumerate(rows)]


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return cast("IO[str]", gzip.open(path, "rt", encoding="utf-8-sig", newline=""))
    return path.open(encoding="utf-8-sig", newline="")


def _groups(recording: Recording, rows: list[Row]) -> dict[str, list[Row]]:
    if not recording.group_by:
        return {"": rows}
    groups: dict[str, list[Row]] = {}
    for row in rows:
        words = [row[name] for name in recording.group_by]
        key = " ".join(word.split()[0] if recording.first_word_of_group else word for word in words)
        groups.setdefault(key, []).append(row)
    return groups


def _runs(recording: Recording, data: Path, path: Path, group: str, rows: list[Row]) -> Iterator[Run]:
    name = " ".join(part for part in (path.name, group) if part)
    for columns in [(each,) for each in recording.column] if recording.each_column else [recording.column]:
        yield _run(recording, data, path, name, (rows, columns))


def _run(recording: Recording, data: Path, path: Path, name: str, what: tuple[list[Row], tuple[Column, ...]]) -> Run:
    rows, columns = what
    ats = [_moment(recording.time, row) for row in rows]
    table = [_cells(tuple(column for column in columns if not column.after_s), row) for row in rows]
    _derive(recording.derived, table)
    if recording.baseline is not None:
        _compare(recording.baseline, ats, table)
    numbers = {point.id: number for number, point in enumerate(recording.point)}
    bounds = {point.id: point.bounds or (-math.inf, math.inf) for point in recording.point}
    sentinels = {column.point: column.sentinels for column in columns}
    later = [column for column in columns if column.after_s]
    samples: list[Sample] = []
    for at, row, cells in zip(ats, rows, table, strict=True):
        told = [(at, cells), *((at + round(each.after_s * 1000), _cells((each,), row)) for each in later)]
        for moment, values in told:
            for point, value in values.items():
                if point in numbers:
                    reason = _reason(value, bounds[point], sentinels.get(point, ()))
                    quality = Quality.GOOD if reason is Reason.NONE else Quality.BAD
                    samples.append((numbers[point], value, quality, reason, moment))
    row_ats, truth = _row_truth(recording, columns, rows, ats, table)
    return Run(name, _columns(samples), _windows(recording, data, path, (rows, ats)), row_ats, truth)


def _moment(time: Moment, row: Row) -> int:
    text = " ".join(row[name] for name in time.columns or ("",))
    if not time.format:
        return round(float(text) * time.scale_s * 1000)
    return _instant(text, time.format)


def _instant(text: str, form: str) -> int:
    # Microseconds are the most that Python reads; recordings were rounded upwards by nanoseconds.
    moment = datetime.fromisoformat(text[:26]) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007
    return to_ms(moment.replace(tzinfo=UTC))


def _cells(columns: tuple[Column, ...], row: Row) -> dict[str, float]:
    """What the row says; a blank says nothing."""
    cells: dict[str, float] = {}
    for column in columns:
        text = (row[column.column] or "").strip()
        value = column.codes[text] if column.codes else float(text) if text else math.nan
        if not math.isnan(value):
            cells[column.point] = value
    return cells


def _reason(value: float, bounds: tuple[float, float], sentinels: tuple[float, ...]) -> Reason:
    if value in sentinels:
        return Reason.SENSOR_FAULT
    return Reason.NONE if bounds[0] <= value <= bounds[1] else Reason.OUT_OF_RANGE


def _derive(derived: tuple[Derived, ...], table: list[dict[str, float]]) -> None:
    for each in derived:
        for cells in table:
            if all(point in cells for point in (*each.product, *each.difference)):
                value = math.prod(cells[point] for point in each.product) if each.product else 0.0
                if each.difference:
                    first, *others = (cells[point] for point in each.difference)
                    value = first - sum(others)
                cells[each.point] = round(value * each.factor, each.decimals)


def _compare(baseline: Baseline, ats: list[int], table: list[dict[str, float]]) -> None:
    """Every sensor against its own mean and spread in the head."""
    head = [i for i, at in enumerate(ats) if at < ats[0] + baseline.head_s * 1000]
    scores = []
    for point in baseline.of:
        values = np.array([cells[point] for cells in table])
        spread = float(values[head].std())
        z = (values - values[head].mean()) / (spread if spread > 0 else 1.0)
        scores.append(_moving_mean(z, np.array(ats, np.int64), round(baseline.window_s * 1000)))
    distance = np.abs(scores)
    told = distance.max(axis=0) if baseline.worst else distance.mean(axis=0)
    for cells, score in zip(table, told.tolist(), strict=True):
        cells[baseline.point] = score


def _moving_mean(values: F8, ats: I64, window_ms: int) -> F8:
    total = np.concatenate([[0.0], np.cumsum(values)])
    start = np.searchsorted(ats, ats - window_ms, side="right")
    end = np.arange(1, len(values) + 1)
    mean: F8 = (total[end] - total[start]) / (end - start)
    return mean


def _windows(recording: Recording, data: Path, path: Path, what: tuple[list[Row], list[int]]) -> list[Span]:
    label = recording.label
    rows, ats = what
    if not isinstance(label, Windows):
        return []
    if label.column:
        return segments(ats, [float(row[label.column]) != 0 for row in rows])
    found = json.loads((data / label.json_file).read_text(encoding="utf-8"))
    for key in label.json_key.split("/"):
        found = found[key.replace("{file}", path.name)]
    spans = found["windows"] if isinstance(found, dict) else found
    return [(_label_ms(start, label.unit_s), _label_ms(end, label.unit_s)) for start, end in spans]


def _label_ms(text: str | float, unit_s: float | None) -> int:
    return _instant(str(text), "iso") if unit_s is None else round(float(text) * unit_s * 1000)


def _row_truth(
    recording: Recording, columns: tuple[Column, ...], rows: list[Row], ats: list[int], table: list[dict[str, float]]
) -> tuple[list[int], list[bool]]:
    """Truth of every row that has something to be judged and a label; of windows, whether a row lies in one."""
    label = recording.label
    if isinstance(label, Windows) and label.column:
        return ats, [float(row[label.column]) != 0 for row in rows]
    if not isinstance(label, Rows):
        return [], []
    column = label.column or columns[0].column
    judged = [i for i, row in enumerate(rows) if table[i] and (row[column] or "").strip()]
    return [ats[i] for i in judged], [_is_true(label, rows[i][column].strip()) for i in judged]


def _is_true(label: Rows, text: str) -> bool:
    if label.at_least is not None:
        return float(text) >= label.at_least
    return any(text == each if isinstance(each, str) else float(text) == each for each in label.equals)


def _columns(samples: list[Sample]) -> Readings:
    points, values, qualities, reasons, ats = zip(*samples, strict=True) if samples else ((), (), (), (), ())
    return Readings(
        np.array(points, np.int32),
        np.array(values, np.float64),
        np.array(qualities, np.int8),
        np.array(reasons, np.int8),
        np.array(ats, np.int64),
    )
