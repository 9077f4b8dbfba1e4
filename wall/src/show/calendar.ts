// Pure. Days of the site's calendar as moments: what a person picks is a day there, what the server asks for is ms UTC.

const DAY_MS = 86_400_000;
const CLOCK = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;

type Parts = { readonly year: number; readonly month: number; readonly day: number; readonly hour: number; readonly minute: number; readonly second: number };

const kept = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let found = kept.get(zone);
  if (found === undefined) {
    found = new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    });
    kept.set(zone, found);
  }
  return found;
}

function parts(at_ms: number, zone: string): Parts {
  const told = Object.fromEntries(format(zone).formatToParts(at_ms).map((part) => [part.type, Number(part.value)]));
  return told as unknown as Parts;
}

/** The day of a moment there: 2026-03-26. */
export function dayOf(at_ms: number, zone: string): string {
  const { year, month, day } = parts(at_ms, zone);
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/** The first moment of a day there. Where midnight does not exist, the moment at which the clock jumps over it. */
export function midnight(day: string, zone: string): number {
  return wallClock(`${day}T00:00`, zone);
}

/** The moment at which the clock there shows this: 2026-03-26T08:15. NaN for what is no date. */
export function wallClock(text: string, zone: string): number {
  const wanted = CLOCK.test(text) ? Date.parse(`${text}:00Z`) : Number.NaN; // Date.parse alone finds a year in "x:00Z"
  if (Number.isNaN(wanted)) return Number.NaN;
  const first = wanted - offset(wanted, zone);
  return wanted - offset(first, zone); // the second guess stands on the right side of a change of clocks
}

/** The clock there, as an input of a form wants it. */
export function clockText(at_ms: number, zone: string): string {
  return new Date(at_ms + offset(at_ms, zone)).toISOString().slice(0, 16);
}

function offset(at_ms: number, zone: string): number {
  const { year, month, day, hour, minute, second } = parts(at_ms, zone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at_ms / 1000) * 1000;
}

/** Some days later (or earlier). */
export function later(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export type Preset = "week" | "month" | "last_month" | "year";
export const PRESETS: readonly Preset[] = ["week", "month", "last_month", "year"];

/** First and last day (both included) of a usual period, seen from a day. Weeks begin on Monday. */
export function period(preset: Preset, today: string): readonly [string, string] {
  const month = `${today.slice(0, 7)}-01`;
  switch (preset) {
    case "week": {
      const monday = later(today, -((new Date(`${today}T00:00Z`).getUTCDay() + 6) % 7));
      return [monday, later(monday, 6)];
    }
    case "month":
      return [month, later(`${later(month, 31).slice(0, 7)}-01`, -1)];
    case "last_month": {
      const last = later(month, -1);
      return [`${last.slice(0, 7)}-01`, last];
    }
    case "year":
      return [`${today.slice(0, 4)}-01-01`, `${today.slice(0, 4)}-12-31`];
  }
}
