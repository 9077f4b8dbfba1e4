// Pure. What the wall knows, and how a snapshot or a delta changes it. Copy on write by asset, so that a tile whose
// asset did not change sees the same object and draws nothing. Every collection has a bound: a wall runs for months.
import type { Alarm, Delta, Edge, Latest, Snapshot, System, Ticket, Unknown } from "../api/types";

export const MOST_ALARMS = 2000;
export const MOST_TICKETS = 500;
export const MOST_ASSETS = 5000;
export const MOST_POINTS = 200; // of one asset

export type Readings = ReadonlyMap<string, Latest>;

export type Known = {
  readonly boot: string;
  readonly seq: number;
  readonly alarms: ReadonlyMap<string, Alarm>;
  readonly tickets: ReadonlyMap<string, Ticket>;
  readonly latest: ReadonlyMap<string, Readings>; // by asset, then by point
  readonly edges: ReadonlyMap<string, Edge>;
  readonly unknown: ReadonlyMap<string, Unknown>; // by asset
  readonly system: System | null;
};

export const NOTHING: Known = {
  boot: "",
  seq: -1,
  alarms: new Map(),
  tickets: new Map(),
  latest: new Map(),
  edges: new Map(),
  unknown: new Map(),
  system: null,
};

/** A snapshot replaces everything. */
export function fromSnapshot(snapshot: Snapshot): Known {
  const empty = { ...NOTHING, boot: snapshot.boot, seq: snapshot.seq };
  return apply(empty, { ...snapshot, system: snapshot.system });
}

/** A delta that was already merged (the server resends from its ring after a reconnect) changes nothing. */
export function withDelta(known: Known, delta: Delta): Known {
  return delta.seq <= known.seq ? known : apply({ ...known, seq: delta.seq }, delta);
}

/** What the server answered to an acknowledgement; the delta that follows says the same again. */
export function withAlarm(known: Known, alarm: Alarm): Known {
  return { ...known, alarms: mergeAlarms(known.alarms, [alarm]) };
}

export function withTicket(known: Known, ticket: Ticket): Known {
  return { ...known, tickets: mergeTickets(known.tickets, [ticket]) };
}

function apply(known: Known, change: Partial<Omit<Snapshot, "boot" | "seq" | "now_ms">>): Known {
  return {
    ...known,
    alarms: change.alarms ? mergeAlarms(known.alarms, change.alarms) : known.alarms,
    tickets: change.tickets ? mergeTickets(known.tickets, change.tickets) : known.tickets,
    latest: change.latest ? mergeLatest(known.latest, change.latest) : known.latest,
    edges: change.edges ? mergeEdges(known.edges, change.edges) : known.edges,
    unknown: change.unknown ? mergeUnknown(known.unknown, change.unknown) : known.unknown,
    system: change.system ?? known.system,
  };
}

function mergeAlarms(old: ReadonlyMap<string, Alarm>, changed: readonly Alarm[]): ReadonlyMap<string, Alarm> {
  const alarms = new Map(old);
  for (const alarm of changed) {
    if (alarm.state === "normal") alarms.delete(String(alarm.id));
    else alarms.set(String(alarm.id), alarm);
  }
  return alarms.size <= MOST_ALARMS ? alarms : keep(alarms, MOST_ALARMS, byUrgency);
}

const CLOSED = new Set(["written_off", "evaluated", "merged", "void"]);

export const isOpen = (ticket: Ticket): boolean => (ticket.closed_ms ?? null) === null && !CLOSED.has(ticket.state);

function mergeTickets(old: ReadonlyMap<string, Ticket>, changed: readonly Ticket[]): ReadonlyMap<string, Ticket> {
  const tickets = new Map(old);
  for (const ticket of changed) {
    if (isOpen(ticket)) tickets.set(String(ticket.id), ticket);
    else tickets.delete(String(ticket.id));
  }
  return tickets.size <= MOST_TICKETS ? tickets : keep(tickets, MOST_TICKETS, (a, b) => b.opened_ms - a.opened_ms);
}

function keep<T>(map: ReadonlyMap<string, T>, most: number, order: (a: T, b: T) => number): ReadonlyMap<string, T> {
  return new Map([...map].sort((a, b) => order(a[1], b[1])).slice(0, most));
}

function mergeLatest(
  old: ReadonlyMap<string, Readings>,
  changed: Readonly<Record<string, Latest>>,
): ReadonlyMap<string, Readings> {
  const assets = new Map(old);
  const touched = new Map<string, Map<string, Latest>>();
  for (const [key, latest] of Object.entries(changed)) {
    const cut = key.indexOf("/");
    const [asset, point] = [key.slice(0, cut), key.slice(cut + 1)];
    let points = touched.get(asset);
    if (points === undefined) {
      if (!assets.has(asset) && assets.size >= MOST_ASSETS) continue;
      points = new Map(assets.get(asset));
      touched.set(asset, points);
      assets.set(asset, points);
    }
    if (points.has(point) || points.size < MOST_POINTS) points.set(point, latest);
  }
  return assets;
}

function mergeEdges(old: ReadonlyMap<string, Edge>, changed: readonly Edge[]): ReadonlyMap<string, Edge> {
  const edges = new Map(old);
  for (const edge of changed) if (edges.has(edge.id) || edges.size < MOST_ASSETS) edges.set(edge.id, edge);
  return edges;
}

function mergeUnknown(
  old: ReadonlyMap<string, Unknown>,
  changed: Readonly<Record<string, Unknown | null>>,
): ReadonlyMap<string, Unknown> {
  const unknown = new Map(old);
  for (const [asset, told] of Object.entries(changed)) {
    if (told === null) unknown.delete(asset);
    else if (unknown.has(asset) || unknown.size < MOST_ASSETS) unknown.set(asset, told);
  }
  return unknown;
}

const QUIET: ReadonlySet<string> = new Set(["acked", "latched_acked", "shelved", "suppressed", "out_of_service"]);
const HIDDEN: ReadonlySet<string> = new Set(["shelved", "suppressed", "out_of_service"]);

export const isUnacked = (alarm: Alarm): boolean => !QUIET.has(alarm.state);

/** Goes on being judged, but is no lamp on the wall: fifty devices behind a dead gateway are one alarm. */
export const isHidden = (alarm: Alarm): boolean => HIDDEN.has(alarm.state);

/** Gone back to normal, but nobody has taken note of it yet. */
export const isOver = (alarm: Alarm): boolean => alarm.state === "rtn_unacked";

/** Unacknowledged first, standing before gone, then by priority, then the newest. */
export function byUrgency(a: Alarm, b: Alarm): number {
  return (
    Number(isHidden(a)) - Number(isHidden(b)) ||
    Number(isUnacked(b)) - Number(isUnacked(a)) ||
    Number(isOver(a)) - Number(isOver(b)) ||
    a.priority - b.priority ||
    (b.raised_ms ?? 0) - (a.raised_ms ?? 0) ||
    (String(a.id) < String(b.id) ? -1 : 1)
  );
}
