// Pure. For how long an alarm may be shelved, by the site's policy, and which alarms are hidden.
import type { Alarm, Site } from "../api/types";

const USUAL_S: readonly number[] = [900, 1800, 3600, 7200, 14_400, 28_800, 86_400];
const SHOWN = 4;

/** Seconds to choose from, the shortest first; none where the alarm may not be shelved. */
export function choices(site: Site | null, alarm: Alarm): readonly number[] {
  const longest = alarm.protected ? undefined : site?.policy?.shelf_s[String(alarm.priority)];
  if (longest === undefined || alarm.state === "out_of_service") return [];
  if (alarm.state === "shelved" && (alarm.hidden?.renewals ?? 0) >= (site?.policy?.most_renewals ?? 0)) return [];
  return [...USUAL_S.filter((seconds) => seconds < longest), longest].slice(-SHOWN);
}

/** What comes back first stands first; what has no end stands last. */
export function byReturn(a: Alarm, b: Alarm): number {
  const end = (alarm: Alarm): number => alarm.hidden?.until_ms ?? Number.POSITIVE_INFINITY;
  return end(a) === end(b) ? (String(a.id) < String(b.id) ? -1 : 1) : end(a) - end(b);
}

/** A permit that nobody has confirmed in time. */
export const isOverdue = (alarm: Alarm, now_ms: number): boolean =>
  alarm.state === "out_of_service" && (alarm.hidden?.until_ms ?? Number.POSITIVE_INFINITY) < now_ms;
