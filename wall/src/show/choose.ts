// Pure. Which tickets the list shows, and in which order.
import type { Category, Ticket } from "../api/types";

export type Choice = { readonly category: Category | ""; readonly state: string };

export const EVERYTHING: Choice = { category: "", state: "" };

export function chosen(tickets: Iterable<Ticket>, choice: Choice): Ticket[] {
  return [...tickets]
    .filter((ticket) => choice.category === "" || ticket.category === choice.category)
    .filter((ticket) => choice.state === "" || ticket.state === choice.state)
    .sort(byDuty);
}

/** What nobody has taken up comes first, then by priority, then the newest. */
export function byDuty(a: Ticket, b: Ticket): number {
  return (
    Number(a.acked_ms !== null) - Number(b.acked_ms !== null) ||
    a.priority - b.priority ||
    b.opened_ms - a.opened_ms ||
    (a.number < b.number ? 1 : -1)
  );
}

export function statesOf(tickets: Iterable<Ticket>): string[] {
  return [...new Set([...tickets].map((ticket) => ticket.state))].sort();
}
