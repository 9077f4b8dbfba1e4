// Pure. Moments in the site's time zone, durations in words. Formatters are dear to make, so they are kept.
import type { Language } from "../text/dictionary";
import { NONE } from "./number";

export type Shape = "clock" | "minute" | "date" | "full";

const SHAPES: Record<Shape, Intl.DateTimeFormatOptions> = {
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  minute: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  date: { weekday: "short", month: "short", day: "numeric" },
  full: { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
};

const kept = new Map<string, Intl.DateTimeFormat>();

export function moment(at_ms: number | null | undefined, shape: Shape, zone: string, language: Language): string {
  if (at_ms === null || at_ms === undefined) return NONE;
  const locale = shape === "full" ? "sv-SE" : language === "zh" ? "zh-CN" : "en-GB"; // sv-SE: 2026-03-26 08:15:00
  const key = `${shape} ${zone} ${locale}`;
  let format = kept.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locale, { ...SHAPES[shape], timeZone: zone });
    kept.set(key, format);
  }
  return format.format(at_ms);
}

const UNITS: Record<Language, { s: string; min: string; h: string; d: string }> = {
  en: { s: "s", min: "min", h: "h", d: "d" },
  zh: { s: "秒", min: "分", h: "小时", d: "天" },
};

/** 45 s, 12 min, 3 h 20 min, 2 d 4 h: two units at most, so that an age fits into a column. */
export function duration(ms: number, language: Language): string {
  const unit = UNITS[language];
  const total = Math.max(0, Math.round(ms / 1000));
  if (total < 60) return `${total} ${unit.s}`;
  const minutes = Math.floor(total / 60);
  if (minutes < 60) return `${minutes} ${unit.min}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} ${unit.h}` : `${hours} ${unit.h} ${minutes % 60} ${unit.min}`;
  return hours % 24 === 0 ? `${hours / 24} ${unit.d}` : `${Math.floor(hours / 24)} ${unit.d} ${hours % 24} ${unit.h}`;
}

/** A moment as a `datetime-local` field shows it: the site's clock, whatever the browser's zone is. */
export function toField(at_ms: number, zone: string): string {
  return moment(at_ms, "full", zone, "en").slice(0, 16).replace(" ", "T");
}

/** And back; null for what is no moment. In the hour that a clock change repeats, the later of the two. */
export function fromField(text: string, zone: string): number | null {
  const guess = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? Date.parse(`${text}:00Z`) : NaN; // a browser makes a date of ":00Z"
  if (Number.isNaN(guess)) return null;
  const shown = (at_ms: number): number => Date.parse(`${toField(at_ms, zone)}:00Z`);
  const first = guess - (shown(guess) - guess);
  return first + (guess - shown(first));
}
