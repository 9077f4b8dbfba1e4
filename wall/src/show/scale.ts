// Pure. The small bar: where a value lies between the limits and within the normal range.
import type { Point } from "../api/types";

export type Bar = {
  readonly at: number; // 0..1
  readonly normal: readonly [number, number] | null; // 0..1
  readonly limits: readonly { readonly at: number; readonly high: boolean }[];
};

const MARGIN = 0.12;

export function span(point: Point): readonly [number, number] | null {
  const ends = [...(point.normal ?? []), ...point.limits.map((limit) => limit.limit)];
  if (ends.length < 2) {
    if (ends.length === 0) return null;
    ends.push(0); // one limit alone: the scale starts at zero
  }
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return low === high ? null : [low, high];
}

export function bar(point: Point, value: number): Bar | null {
  const ends = span(point);
  if (ends === null || point.states.length > 0) return null;
  const margin = (ends[1] - ends[0]) * MARGIN;
  // A quantity that is never negative keeps zero as its left end.
  const low = ends[0] >= 0 && ends[0] - margin < 0 ? 0 : ends[0] - margin;
  const high = ends[1] + margin;
  const place = (x: number): number => Math.min(1, Math.max(0, (x - low) / (high - low)));
  return {
    at: place(value),
    normal: point.normal === null ? null : [place(point.normal[0]), place(point.normal[1])],
    limits: point.limits.map((limit) => ({ at: place(limit.limit), high: limit.type === "high" })),
  };
}
