// Pure. Rosters for the page: my shifts, and a week cut into days.
import type { Roster, Stretch } from "../api/office.types";
import { dayOf, later, midnight } from "./calendar";

export type Shift = { readonly roster: Roster; readonly stretch: Stretch };

/** Somebody's shifts that are not over, the next first. */
export function mineOf(rosters: readonly Roster[], person: string, now_ms: number): Shift[] {
  return rosters
    .flatMap((roster) => roster.stretches.filter((each) => each.person === person).map((stretch) => ({ roster, stretch })))
    .filter(({ stretch }) => stretch.end_ms > now_ms)
    .sort((a, b) => a.stretch.begin_ms - b.stretch.begin_ms);
}

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
