// Pure. Days of the site's calendar as moments: what a person picks is a day there, what the server asks for is ms UTC.
import { fromField, toField } from "./time";

const DAY_MS = 86_400_000;

/** The day of a moment there: 2026-03-26. */
export const dayOf = (at_ms: number, zone: string): string => toField(at_ms, zone).slice(0, 10);

/** The first moment of a day there; NaN for what is no day. */
export const midnight = (day: string, zone: string): number => fromField(`${day}T00:00`, zone) ?? Number.NaN;

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
