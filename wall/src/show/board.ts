// Pure. The ticket board: which tickets, in which groups, in which order; and by when something is due.
import type { Org } from "../api/office.types";
import type { Category, DueStep, Session, Ticket } from "../api/types";

export type By = "deadline" | "state" | "owner" | "sector";

export type Place = Pick<Org["places"][number], "id" | "name" | "parent">;

export type Choice = {
  readonly place: string; // a grid, or a place that has some
  readonly category: Category | "";
  readonly sector: string;
  readonly grade: string;
  readonly mine: boolean;
};

export const EVERYTHING: Choice = { place: "", category: "", sector: "", grade: "", mine: false };

/** The next thing that has to be done in time: the earliest limit of what was not done yet. */
export type Due = { readonly step: DueStep; readonly at_ms: number };

/** The order of the workflow; what a newer server knows beyond it comes last. */
const STATES: readonly string[] = [
  "filed", "classified", "graded", "returned", "dispatched", "rectifying", "feedback", "supervised", "accepted", "deferred",
  "written_off", "evaluated", "merged", "void",
];
const MOST_LEVELS = 8;
const ENDED = new Set(["written_off", "evaluated", "merged", "void"]);

/** null: nothing is due. A deferred ticket's clock stands still, a closed one has none. */
export function dueOf(ticket: Ticket): Due | null {
  const work = ticket.work;
  if (work === undefined || ticket.state === "deferred" || ENDED.has(ticket.state)) return null;
  const open: readonly (readonly [DueStep, number | null, number | null])[] = [
    ["acknowledge", work.ack_due_ms, ticket.acked_ms],
    ["arrive", work.arrive_due_ms, work.begun_ms],
    ["rectify", work.due_ms, work.repaired_ms],
  ];
  let first: Due | null = null;
  for (const [step, at_ms, done_ms] of open) {
    if (at_ms !== null && done_ms === null && (first === null || at_ms < first.at_ms)) first = { step, at_ms };
  }
  return first;
}

export const isOverdue = (ticket: Ticket, now_ms: number): boolean => (dueOf(ticket)?.at_ms ?? Infinity) <= now_ms;

/** What somebody has taken up, works on, or is their unit's. */
export function isMine(ticket: Ticket, who: Session | null): boolean {
  if (who === null || who.kind !== "person") return false;
  const work = ticket.work;
  const people = [ticket.acked_by, work?.rectifier];
  const units = [work?.lead_unit, ...(work?.assist_units ?? [])];
  return people.includes(who.id) || (who.unit !== null && units.includes(who.unit));
}

/** The grids of a place: itself, and what lies in it at any depth. */
export function gridsIn(place: string, places: readonly Place[]): ReadonlySet<string> {
  const found = new Set([place]);
  for (let grown = true; grown; ) {
    const inside = places.filter((one) => one.parent !== null && found.has(one.parent) && !found.has(one.id));
    inside.forEach((one) => found.add(one.id));
    grown = inside.length > 0;
  }
  return found;
}

/** Places to choose from, from the city down to the grids of this site; places without any of them are left out. */
export function placesOf(grids: readonly string[], places: readonly Place[]): { readonly place: Place; readonly depth: number }[] {
  const has = (place: Place): boolean => [...gridsIn(place.id, places)].some((one) => grids.includes(one));
  const under = (parent: string | null, depth: number): { place: Place; depth: number }[] =>
    depth > MOST_LEVELS ? [] : places.filter((one) => (one.parent ?? null) === parent && has(one)).flatMap((place) => [{ place, depth }, ...under(place.id, depth + 1)]);
  return under(null, 0);
}

/** What it is about; an old server does not say. */
export const sectorOf = (ticket: Ticket): string => ticket.sector ?? "other";

export function chosen(tickets: Iterable<Ticket>, choice: Choice, who: Session | null, places: readonly Place[] = []): Ticket[] {
  const grids = gridsIn(choice.place, places);
  return [...tickets]
    .filter((ticket) => choice.place === "" || grids.has(ticket.grid))
    .filter((ticket) => choice.category === "" || ticket.category === choice.category)
    .filter((ticket) => choice.sector === "" || sectorOf(ticket) === choice.sector)
    .filter((ticket) => choice.grade === "" || ticket.grade === choice.grade)
    .filter((ticket) => !choice.mine || isMine(ticket, who))
    .sort(byDue);
}

/** What is due first comes first, so what is overdue stands on top; without a limit by priority, then the newest. */
export function byDue(a: Ticket, b: Ticket): number {
  const [at, bt] = [dueOf(a)?.at_ms ?? Infinity, dueOf(b)?.at_ms ?? Infinity];
  return at === bt
    ? a.priority - b.priority || b.opened_ms - a.opened_ms || (a.number < b.number ? 1 : -1)
    : at - bt;
}

export type Urgency = "overdue" | "due" | "proof" | "free";

/** By deadline: late, running, waiting for the sensor or for acceptance, and what has no clock. */
export function urgencyOf(ticket: Ticket, now_ms: number): Urgency {
  const due = dueOf(ticket);
  if (due !== null) return due.at_ms <= now_ms ? "overdue" : "due";
  return (ticket.work?.repaired_ms ?? null) !== null && ticket.state !== "deferred" ? "proof" : "free";
}

const URGENCIES: readonly Urgency[] = ["overdue", "due", "proof", "free"];

export type Group = { readonly key: string; readonly tickets: readonly Ticket[] };

/** Groups in their order, each sorted by what is due first. */
export function grouped(tickets: readonly Ticket[], by: By, now_ms: number, myUnit: string | null): Group[] {
  const keyOf = (ticket: Ticket): string =>
    by === "deadline" ? urgencyOf(ticket, now_ms) : by === "state" ? ticket.state : by === "sector" ? sectorOf(ticket) : (ticket.work?.lead_unit ?? "");
  const groups = new Map<string, Ticket[]>();
  for (const ticket of tickets) {
    const key = keyOf(ticket);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [ticket]);
    else group.push(ticket);
  }
  const rank = (key: string): number => {
    if (by === "deadline") return URGENCIES.indexOf(key as Urgency);
    if (by === "state") return STATES.includes(key) ? STATES.indexOf(key) : STATES.length;
    if (by === "sector") return key === "other" ? 1 : 0;
    return key === "" ? 2 : key === myUnit ? 0 : 1;
  };
  return [...groups]
    .map(([key, of]) => ({ key, tickets: of }))
    .sort((a, b) => rank(a.key) - rank(b.key) || (a.key < b.key ? -1 : 1));
}

/** How far the sensor's agreement has come: 0 to 1, null while nothing is asked of it. */
export function proofPart(ticket: Ticket, now_ms: number): number | null {
  const work = ticket.work;
  if (work === undefined || work.verification !== "pending" || work.verify_s === null) return null;
  if (work.good_since_ms === null) return 0;
  return Math.min(1, Math.max(0, (now_ms - work.good_since_ms) / (work.verify_s * 1000)));
}
