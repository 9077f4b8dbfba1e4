// Pure. Areas: the last proposal of each, and what was confirmed before it.
import type { Risk, Zone } from "../api/office.types";

export type Area = { readonly place: string; readonly newest: Zone; readonly confirmed: Zone | null; readonly waits: boolean };

/** `zones` as the server tells them, the newest first. Those that wait for a person come first. */
export function areas(zones: readonly Zone[]): Area[] {
  const found = new Map<string, Area>();
  for (const zone of zones) {
    const known = found.get(zone.place);
    if (known === undefined) {
      const isDone = zone.confirmed_ms !== null;
      found.set(zone.place, { place: zone.place, newest: zone, confirmed: isDone ? zone : null, waits: !isDone });
    } else if (known.confirmed === null && zone.confirmed_ms !== null) {
      found.set(zone.place, { ...known, confirmed: zone });
    }
  }
  return [...found.values()].sort((a, b) => Number(b.waits) - Number(a.waits) || a.place.localeCompare(b.place));
}

export const RISKS: readonly Risk[] = ["low", "medium", "high"];

/** The half of a text "English / 中文" that somebody reads. */
export function half(text: string, language: "en" | "zh"): string {
  const at = text.lastIndexOf(" / ");
  if (at < 0) return text;
  return language === "en" ? text.slice(0, at) : text.slice(at + 3);
}
