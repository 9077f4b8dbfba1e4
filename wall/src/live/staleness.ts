// Pure. When what is shown may no longer be believed: the connection by real time, a point by site time.
import type { Latest, Point } from "../api/types";

export const LATE_AFTER_MS = 3_500; // the server ticks every 2 s
export const LOST_AFTER_MS = 6_000;
export const BEATS = 3;
const TRANSPORT_MS = 2_000; // real time a reading may take from the cabinet to the wall

export type Connection = "live" | "stale" | "lost";

/** `heard_ms`: real time of the last event, null before the first one. */
export function connectionAt(heard_ms: number | null, real_ms: number): Connection {
  if (heard_ms === null) return "lost";
  const age = real_ms - heard_ms;
  return age < LATE_AFTER_MS ? "live" : age < LOST_AFTER_MS ? "stale" : "lost";
}

/** How long a point may keep silent, in site milliseconds. */
export function silenceAllowed(point: Point, speed: number): number {
  return point.on_event ? Infinity : BEATS * point.heartbeat_s * 1000 + TRANSPORT_MS * Math.max(1, speed);
}

/** `unknown`: what the reading came through is lost, so it tells nothing of now. */
export type Trust = "good" | "uncertain" | "bad" | "old" | "never" | "unknown";

/** How far the last reading of a point may be believed at site time `now_ms`. */
export function trustIn(point: Point, latest: Latest | undefined, now_ms: number, speed: number): Trust {
  if (latest === undefined) return "never";
  const [value, measured_ms, quality] = latest;
  if (now_ms - measured_ms > silenceAllowed(point, speed)) return "old";
  if (quality === 2 || quality === "bad" || value === null) return "bad";
  return quality === 1 || quality === "uncertain" ? "uncertain" : "good";
}
