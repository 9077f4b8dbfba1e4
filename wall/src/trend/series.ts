// Pure. From what the store tells to what is drawn: one line that breaks where nothing is known, and the spans of time
// in which that is so. An empty bucket between two readings that are close enough is no gap: points are reported on
// change and by heartbeat, not in every bucket.
import type { Latest, Series } from "../api/types";

export type Column = (number | null)[];

export type Drawn = {
  readonly t: number[];
  readonly min: Column;
  readonly max: Column;
  readonly mean: Column;
  readonly gaps: (readonly [number, number])[];
  readonly samples: number;
};

export type Window = {
  readonly from_ms: number;
  readonly to_ms: number; // also: now
  readonly bucket_ms: number; // 0: single readings
  readonly silence_ms: number; // how long a point may keep silent
};

/** A reading that came after the store was asked. */
export type Fresh = { readonly at_ms: number; readonly value: number | null };

export const MOST_FRESH = 600;

export function drawn(series: Series | null, fresh: readonly Fresh[], window: Window): Drawn {
  const line: Drawn & { samples: number } = { t: [], min: [], max: [], mean: [], gaps: [], samples: 0 };
  const allowed = Math.max(window.silence_ms, 2 * window.bucket_ms);
  let known_ms: number | null = null; // until when the last good reading speaks
  let bad_ms: number | null = null; // since when readings are bad

  const gapUntil = (at_ms: number): boolean => {
    const silent = at_ms - (known_ms ?? window.from_ms) > allowed;
    if (bad_ms === null && !silent) return false;
    const from = silent && known_ms !== null ? known_ms : (bad_ms ?? window.from_ms);
    line.gaps.push([known_ms === null ? window.from_ms : from, at_ms]);
    return true;
  };
  const put = (t: number, low: number | null, high: number | null, middle: number | null): void => {
    line.t.push(t);
    line.min.push(low);
    line.max.push(high);
    line.mean.push(middle);
  };
  const take = (at_ms: number, width_ms: number, low: number | null, high: number | null, middle: number | null, bad: boolean): void => {
    if (middle === null) {
      if (bad) bad_ms ??= at_ms;
      return;
    }
    const breaks = gapUntil(at_ms) && known_ms !== null;
    if (breaks) put(at_ms, null, null, null);
    const last = line.t.at(-1) ?? -Infinity;
    put(Math.max(at_ms + width_ms / 2, last + (breaks ? 1 : 0)), low ?? middle, high ?? middle, middle);
    line.samples += 1;
    known_ms = at_ms + width_ms;
    bad_ms = null;
  };

  let told_ms = -Infinity;
  if (series !== null) {
    series.t.forEach((t, i) => {
      told_ms = t + window.bucket_ms;
      if (told_ms >= window.from_ms) {
        take(t, window.bucket_ms, series.min[i] ?? null, series.max[i] ?? null, series.mean[i] ?? null, (series.bad[i] ?? 0) > 0);
      }
    });
  }
  for (const one of fresh) {
    if (one.at_ms > told_ms && one.at_ms >= window.from_ms) take(one.at_ms, 0, one.value, one.value, one.value, one.value === null);
  }
  const last = line.mean.at(-1) ?? null;
  // Points are reported on change and by heartbeat, so the last value holds until it is too old.
  if (!gapUntil(window.to_ms) && last !== null && Number.isFinite(window.silence_ms) && window.to_ms > (line.t.at(-1) ?? Infinity)) {
    put(window.to_ms, last, last, last);
  }
  return line;
}

/** Remember one more live reading; the same one again (a snapshot) changes nothing. */
export function appended(fresh: readonly Fresh[], latest: Latest): readonly Fresh[] {
  const [value, at_ms, quality] = latest;
  const last = fresh.at(-1);
  if (last !== undefined && last.at_ms >= at_ms) return fresh;
  const bad = quality === 2 || quality === "bad";
  return [...fresh.slice(1 - MOST_FRESH), { at_ms, value: bad ? null : value }];
}

/** The scale: every value, the normal range, and the limits that are not so far off that the curve would lie flat. */
export function extent(line: Drawn, normal: readonly [number, number] | null, limits: readonly number[]): [number, number] {
  const known = [...line.min, ...line.max].filter((value) => value !== null);
  let low = known.reduce((a, b) => Math.min(a, b), Infinity);
  let high = known.reduce((a, b) => Math.max(a, b), -Infinity);
  if (normal !== null) [low, high] = [Math.min(low, normal[0]), Math.max(high, normal[1])];
  if (low > high) [low, high] = limits.length > 0 ? [Math.min(...limits), Math.max(...limits)] : [0, 1];
  const reach = Math.max(high - low, Math.abs(high) * 0.1, 1e-6) * 1.5;
  for (const limit of limits) {
    if (limit < low && low - limit <= reach) low = limit;
    if (limit > high && limit - high <= reach) high = limit;
  }
  const margin = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
  return [low - margin, high + margin];
}
