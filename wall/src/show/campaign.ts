// Pure. Which campaign is shown first, and the committees in the order in which somebody has to be asked.
import type { CampaignHead, Committee, DutyCounts, SampleItem } from "../api/campaign";

/** The one that was chosen, else the first that is running, else the newest. */
export function shown(found: readonly CampaignHead[], chosen: string): CampaignHead | null {
  return found.find((each) => each.id === chosen) ?? found.find((each) => each.state === "running") ?? found[0] ?? null;
}

const behind = (of: Committee): number => of.duty.overdue + of.tickets.overdue;

/** Who is behind comes first, then who was found wrong; the others as they are. */
export function byNeed(found: readonly Committee[]): Committee[] {
  return [...found].sort((a, b) => behind(b) - behind(a) || b.checks.wrong - a.checks.wrong);
}

/** Parts of a bar that are never longer than it: done, overdue, the rest. */
export function parts(of: DutyCounts): { readonly done: number; readonly overdue: number } {
  const whole = Math.max(1, of.due);
  return { done: (100 * (of.done + of.waived)) / whole, overdue: (100 * of.overdue) / whole };
}

/** How an item of a sample stands: what was found, else how its inspection stands. */
export function standing(item: SampleItem): string {
  return item.outcome ?? item.state ?? "pending";
}

/** The ticket that an item is; null for a committee's own check. */
export function ticketOf(item: SampleItem): string | null {
  const [kind, id] = item.item.split(":");
  return kind === "ticket" && id !== undefined ? id : null;
}
