// Pure. What a tile says about its equipment: the worst alarm, the values that matter most, and what is not known.
import type { Alarm, Asset, Point, PointState, Priority } from "../api/types";
import type { Readings } from "../live/merge";
import { byUrgency, isOver, isUnacked } from "../live/merge";
import { trustIn, type Trust } from "../live/staleness";

export type Shown = {
  readonly point: Point;
  readonly value: number | null;
  readonly trust: Trust;
  readonly reason: string;
  readonly measured_ms: number | null;
  readonly state: PointState | null;
  readonly alarm: Alarm | null; // the worst one of this point
};

export type Tile = {
  readonly worst: Alarm | null;
  readonly priority: Priority | null;
  readonly unacked: boolean;
  readonly over: boolean; // every alarm has gone, but not all are acknowledged
  readonly more: number; // further alarms
  readonly oddState: PointState | null; // abnormal by itself, without an alarm
  readonly values: readonly Shown[];
  readonly states: readonly Shown[];
  readonly unknown: number;
  readonly blind: boolean; // nothing at all is known
};

export type Moment = { readonly now_ms: number; readonly speed: number };

export const believed = (trust: Trust): boolean => trust === "good" || trust === "uncertain";

export function shown(point: Point, readings: Readings | undefined, alarms: readonly Alarm[], at: Moment): Shown {
  const latest = readings?.get(point.id);
  const trust = trustIn(point, latest, at.now_ms, at.speed);
  const value = latest !== undefined && believed(trust) ? latest[0] : null;
  return {
    point,
    value,
    trust,
    reason: latest === undefined || trust === "old" || latest[3] === "none" ? "" : latest[3],
    measured_ms: latest?.[1] ?? null,
    state: value === null ? null : (point.states.find((state) => state.code === value) ?? null),
    alarm: alarms.find((alarm) => alarm.point === point.id) ?? null,
  };
}

const VALUES = 2;
const STATES = 2;

export function tile(asset: Asset, readings: Readings | undefined, alarms: readonly Alarm[], at: Moment): Tile {
  const own = alarms.filter((alarm) => alarm.asset === asset.id).sort(byUrgency);
  const standing = own.filter((alarm) => !isOver(alarm));
  const worst = (standing.length > 0 ? standing : own).reduce<Alarm | null>(
    (found, alarm) => (found === null || alarm.priority < found.priority ? alarm : found),
    null,
  );
  const all = asset.points.map((point) => shown(point, readings, own, at));
  const numbers = all.filter((one) => one.point.states.length === 0).sort((a, b) => weight(a) - weight(b));
  const states = all.filter((one) => one.point.states.length > 0).sort((a, b) => weight(a) - weight(b));
  const unknown = all.filter((one) => !believed(one.trust) && !(one.point.on_event && one.trust === "never")).length;
  return {
    worst,
    priority: worst?.priority ?? null,
    unacked: own.some(isUnacked),
    over: own.length > 0 && standing.length === 0,
    more: Math.max(0, own.length - 1),
    oddState: states.find((one) => one.state?.abnormal)?.state ?? null,
    values: numbers.slice(0, VALUES),
    states: states.slice(0, numbers.length === 0 ? STATES + VALUES : STATES),
    unknown,
    blind: all.length > 0 && unknown === all.length,
  };
}

/** The point of the worst alarm first, then odd states, then points with limits, else as the pack lists them. */
function weight(one: Shown): number {
  if (one.alarm !== null) return one.alarm.priority;
  if (one.state?.abnormal) return 5;
  return one.point.limits.length > 0 ? 6 : one.point.normal !== null ? 7 : 8;
}

export type Density = "roomy" | "normal" | "compact";

export function density(assets: number): Density {
  return assets <= 48 ? "roomy" : assets <= 120 ? "normal" : "compact";
}
