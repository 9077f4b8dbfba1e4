// Pure. What a tile says about its equipment: the worst alarm, the values that matter most, and what is not known.
import type { Alarm, Asset, Point, PointState, Priority, Unknown } from "../api/types";
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
  readonly why: string; // the reason word of that
};

export type Moment = { readonly now_ms: number; readonly speed: number };

export const believed = (trust: Trust): boolean => trust === "good" || trust === "uncertain";

export function shown(
  point: Point,
  readings: Readings | undefined,
  alarms: readonly Alarm[],
  at: Moment,
  unknown: Unknown | null = null,
): Shown {
  const latest = readings?.get(point.id);
  const trust = unknown !== null ? "unknown" : trustIn(point, latest, at.now_ms, at.speed);
  const value = latest !== undefined && believed(trust) ? latest[0] : null;
  return {
    point,
    value,
    trust,
    reason: unknown !== null ? unknown.reason : latest === undefined || trust === "old" || latest[3] === "none" ? "" : latest[3],
    measured_ms: latest?.[1] ?? null,
    state: value === null ? null : (point.states.find((state) => state.code === value) ?? null),
    alarm: alarms.find((alarm) => alarm.point === point.id) ?? null,
  };
}

const VALUES = 2;

export function tile(
  asset: Asset,
  readings: Readings | undefined,
  alarms: readonly Alarm[],
  at: Moment,
  lost: Unknown | null = null,
): Tile {
  const own = alarms.filter((alarm) => alarm.asset === asset.id).sort(byUrgency);
  const standing = own.filter((alarm) => !isOver(alarm));
  const worst = (standing.length > 0 ? standing : own).reduce<Alarm | null>(
    (found, alarm) => (found === null || alarm.priority < found.priority ? alarm : found),
    null,
  );
  const all = asset.points.map((point) => shown(point, readings, own, at, lost)).sort((a, b) => weight(a) - weight(b));
  const values = all.filter((one) => one.alarm !== null || one.point.on_tile || isNumber(one)).slice(0, VALUES);
  const states = all.filter((one) => !isNumber(one) && !values.includes(one));
  const unknown = all.filter((one) => !believed(one.trust) && !(one.point.on_event && one.trust === "never"));
  const blind = lost !== null || (all.length > 0 && unknown.length === all.length);
  return {
    worst,
    priority: worst?.priority ?? null,
    unacked: own.some(isUnacked),
    over: own.length > 0 && standing.length === 0,
    more: Math.max(0, own.length - 1),
    oddState: all.find((one) => one.state?.abnormal)?.state ?? null,
    values: values.length > 0 ? values : states.slice(0, VALUES),
    states: values.length > 0 ? telling(states) : states.slice(VALUES, VALUES + 1),
    unknown: unknown.length,
    blind,
    why: lost !== null ? lost.reason : blind ? (unknown.find((one) => one.reason !== "")?.reason ?? "") : "",
  };
}

const isNumber = (one: Shown): boolean => one.point.states.length === 0;

/** Every odd state, else one plain one: what the pack wants on the tile, or what is no mere absence of trouble. */
function telling(states: readonly Shown[]): readonly Shown[] {
  const odd = states.filter((one) => one.state?.abnormal);
  if (odd.length > 0) return odd.slice(0, 2);
  const told = states.filter((one) => one.state !== null);
  const plain = told.filter((one) => !one.point.states.some((state) => state.abnormal));
  return [...told.filter((one) => one.point.on_tile), ...plain].slice(0, 1);
}

/** Alarms first, then odd states, then what the pack wants shown, then what has urgent limits, else as the pack lists. */
function weight(one: Shown): number {
  if (one.alarm !== null) return one.alarm.priority;
  if (one.state?.abnormal) return 5;
  if (one.point.on_tile) return 6;
  const urgent = one.point.limits.some((limit) => limit.priority < 4);
  return urgent && one.point.normal !== null ? 7 : urgent || one.point.normal !== null ? 8 : 9;
}

export type Density = "roomy" | "normal" | "compact";

export function density(assets: number): Density {
  return assets <= 48 ? "roomy" : assets <= 120 ? "normal" : "compact";
}
