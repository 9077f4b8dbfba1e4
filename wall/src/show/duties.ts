// Pure. Duties in the order in which somebody has to do something about them.
import type { ComingDuty, Duty } from "../api/office.types";

export type Sorted = {
  readonly overdue: readonly Duty[]; // missed, or past their time; the oldest first
  readonly now: readonly Duty[]; // asked for; the next to be due first
  readonly coming: readonly ComingDuty[];
  readonly done: readonly Duty[]; // done or waived today; the newest first
};

export function sorted(found: readonly Duty[], coming: readonly ComingDuty[], unit: string, since_ms: number): Sorted {
  const mine = <T extends { readonly unit: string }>(each: T): boolean => unit === "" || each.unit === unit;
  const asked = found.filter(mine);
  return {
    overdue: asked.filter(isOverdue).sort((a, b) => a.due_to_ms - b.due_to_ms || a.id - b.id),
    now: asked.filter((each) => each.state === "open" && !each.is_late).sort((a, b) => a.due_to_ms - b.due_to_ms || a.id - b.id),
    coming: coming.filter(mine),
    done: asked.filter((each) => isOver(each) && lastly(each) >= since_ms).sort((a, b) => lastly(b) - lastly(a)),
  };
}

export const isOverdue = (duty: Duty): boolean => duty.state === "missed" || (duty.state === "open" && duty.is_late);

const isOver = (duty: Duty): boolean => duty.state === "done" || duty.state === "late" || duty.state === "waived";

const lastly = (duty: Duty): number => duty.done_ms ?? duty.due_to_ms;

/** The units that have something to do, for a choice. */
export function unitsOf(found: readonly { readonly unit: string }[]): string[] {
  return [...new Set(found.map((each) => each.unit))].sort();
}
