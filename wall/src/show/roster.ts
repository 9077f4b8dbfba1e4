// Pure. Rosters for the page: my shifts, and a week cut into days.
import type { Roster, Stretch } from "../api/office.types";
import { dayOf, later, midnight } from "./calendar";

export type Shift = { readonly roster: Roster; readonly stretch: Stretch };

/** Somebody's shifts that are not over, the next first. */
export function mineOf(rosters: readonly Roster[], person: string, now_ms: number): Shift[] {
  return rosters
    .filter((roster) => roster.on)
    .flatMap((roster) => joined(roster.stretches.filter((each) => each.person === person)).map((stretch) => ({ roster, stretch })))
    .filter(({ stretch }) => stretch.end_ms > now_ms)
    .sort((a, b) => a.stretch.begin_ms - b.stretch.begin_ms);
}

/** A week on call is told as seven days: one after the other, they are one turn. Shifts stay what they are. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const found: Stretch[] = [];
  for (const each of [...stretches].sort((a, b) => a.begin_ms - b.begin_ms)) {
    const last = found.at(-1);
    const isOne = last !== undefined && each.shift === null && last.shift === null && last.end_ms === each.begin_ms && last.instead_of === each.instead_of;
    if (isOne) found[found.length - 1] = { ...last, end_ms: each.end_ms };
    else found.push(each);
  }
  return found;
}

/** Until when somebody who is on call stays so, as far as is known. */
export function untilOf(roster: Roster, now: Stretch): number {
  const run = joined(roster.stretches.filter((each) => each.person === now.person));
  return Math.max(now.end_ms, ...run.filter((each) => each.begin_ms <= now.begin_ms && each.end_ms > now.begin_ms).map((each) => each.end_ms));
}

/** Who takes over: the first to begin who is not on call now. */
export function nextOf(roster: Roster, now_ms: number): readonly Stretch[] {
  const here = new Set(roster.now.map((each) => each.person));
  const others = roster.stretches.filter((each) => each.begin_ms > now_ms && !here.has(each.person));
  if (others.length === 0) return roster.next;
  const first = Math.min(...others.map((each) => each.begin_ms));
  return others.filter((each) => each.begin_ms === first);
}

/** What nobody covers although somebody should. */
export const missing = (roster: Roster): readonly (readonly [number, number])[] => (roster.on && roster.around_the_clock ? roster.gaps : []);

/** A part of a day on which somebody is on call, or nobody (`stretch` null); shares of the day from 0 to 1. */
export type Part = {
  readonly stretch: Stretch | null;
  readonly begin_ms: number;
  readonly end_ms: number;
  readonly left: number;
  readonly width: number;
  readonly lane: number; // of several people at once
};

export type Day = { readonly day: string; readonly begin_ms: number; readonly end_ms: number; readonly parts: readonly Part[]; readonly lanes: number };

/** The days from a midnight on. Days of 23 or 25 hours are as long as they are. */
export function daysOf(roster: Roster, from_ms: number, days: number, zone: string): Day[] {
  const first = dayOf(from_ms, zone);
  return Array.from({ length: days }, (_, i) => {
    const day = later(first, i);
    const [begin_ms, end_ms] = [midnight(day, zone), midnight(later(day, 1), zone)];
    const held = roster.stretches.map((stretch) => ({ stretch, begin: stretch.begin_ms, end: stretch.end_ms }));
    const open = roster.gaps.map(([begin, end]) => ({ stretch: null, begin, end }));
    const parts = laid([...held, ...open], begin_ms, end_ms);
    return { day, begin_ms, end_ms, parts, lanes: Math.max(1, ...parts.map((part) => part.lane + 1)) };
  });
}

type Raw = { readonly stretch: Stretch | null; readonly begin: number; readonly end: number };

function laid(raw: readonly Raw[], begin_ms: number, end_ms: number): Part[] {
  const until: number[] = []; // by lane
  return raw
    .filter((each) => each.end > begin_ms && each.begin < end_ms)
    .sort((a, b) => a.begin - b.begin || a.end - b.end)
    .map((each) => {
      const [from, to] = [Math.max(each.begin, begin_ms), Math.min(each.end, end_ms)];
      const free = until.findIndex((end) => end <= from);
      const lane = free < 0 ? until.length : free;
      until[lane] = to;
      const long = end_ms - begin_ms;
      return { stretch: each.stretch, begin_ms: from, end_ms: to, left: (from - begin_ms) / long, width: (to - from) / long, lane };
    });
}
