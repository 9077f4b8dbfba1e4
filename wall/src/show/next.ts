// Pure. Which of the things that somebody may do is the next one, so that it lies under the thumb.
import type { Ticket } from "../api/types";
import type { Offer } from "../api/work";

const USUAL: readonly string[] = [
  "acknowledge", "begin", "repaired", "dispatch", "grade", "classify", "write_off", "accept", "received", "resume", "evaluate",
];

/** null: nothing is pressing. */
export function nextOffer(ticket: Ticket, offers: readonly Offer[]): Offer | null {
  const open = new Map(offers.filter((one) => one.refused === null).map((one) => [one.verb, one]));
  return wanted(ticket).map((verb) => open.get(verb)).find((one) => one !== undefined && !isLastResort(one)) ?? null;
}

function wanted(ticket: Ticket): readonly string[] {
  const work = ticket.work;
  const graded = ticket.state !== "filed" && ticket.state !== "classified";
  const first: string[] = [];
  if (ticket.grade === "major" && graded && (work?.repaired_ms ?? null) === null) {
    if ((work?.upward ?? null) === null) first.push("report_upward");
    if ((work?.plan?.missing.length ?? 5) > 0) first.push("plan");
  }
  const state: Readonly<Record<string, readonly string[]>> = {
    classified: ["grade"], graded: ["dispatch"], returned: ["dispatch"], feedback: ["accept"], supervised: ["accept"],
  };
  const proven = work?.upward?.received_ms === null ? USUAL : USUAL.filter((verb) => verb !== "received");
  return ["acknowledge", ...first, ...(state[ticket.state] ?? []), ...proven];
}

/** To close against the sensor is nobody's next step. */
const isLastResort = (offer: Offer): boolean => offer.fields.some((field) => field.name === "unverified");
