// Pure. The time line of a ticket: alarms, pages with their receipts, steps and files as one list, the newest first.
import type { Evidence, Ticket } from "../api/types";
import type { Attachment, Call, Page, Step } from "../api/work";

export type Line =
  | { readonly kind: "alarm"; readonly key: string; readonly at_ms: number; readonly evidence: Evidence }
  | { readonly kind: "call"; readonly key: string; readonly at_ms: number; readonly call: Call }
  | { readonly kind: "page"; readonly key: string; readonly at_ms: number; readonly page: Page }
  | { readonly kind: "answer"; readonly key: string; readonly at_ms: number; readonly call: Call }
  | { readonly kind: "step"; readonly key: string; readonly at_ms: number; readonly step: Step; readonly file: Attachment | null };

export type Told = {
  readonly evidence: readonly Evidence[];
  readonly steps: readonly Step[];
  readonly calls: readonly Call[];
  readonly files: readonly Attachment[];
};

/** What happened last stands first. Of equal moments: what was done, what answers it, then what it answers. */
export function story(told: Told): Line[] {
  const files = new Map(told.files.map((file) => [file.id, file]));
  const lines: Line[] = [
    ...told.evidence
      .filter((one) => !isToldElsewhere(one, told.steps, told.calls))
      .map((evidence, i): Line => ({ kind: "alarm", key: `e${i}`, at_ms: evidence.at_ms, evidence })),
    ...told.calls.flatMap(ofCall),
    ...told.steps.map(
      (step): Line => ({ kind: "step", key: `s${step.id}`, at_ms: step.at_ms, step, file: fileOf(step, files) }),
    ),
  ];
  return lines
    .map((line, place) => ({ line, place }))
    .sort((a, b) => b.line.at_ms - a.line.at_ms || b.place - a.place)
    .map(({ line }) => line);
}

function ofCall(call: Call): Line[] {
  const pages = call.pages.map(
    (page): Line => ({ kind: "page", key: `p${page.id}`, at_ms: page.sent_ms ?? page.due_ms, page }),
  );
  const answer: Line[] = call.acked_ms === null ? [] : [{ kind: "answer", key: `a${call.number}`, at_ms: call.acked_ms, call }];
  return [{ kind: "call", key: `c${call.number}`, at_ms: call.at_ms, call }, ...pages, ...answer];
}

const TELLS_ITSELF = new Set(["overdue", "verified", "refuted"]);

/** What a step or a page tells is kept as evidence too, for the papers; here once is enough. */
function isToldElsewhere(one: Evidence, steps: readonly Step[], calls: readonly Call[]): boolean {
  if (one.point !== null) return false;
  const isStep = (step: Step): boolean =>
    step.at_ms === one.at_ms && (TELLS_ITSELF.has(step.verb) || (step.note !== "" && one.text.en === `${step.actor}: ${step.note}`));
  return steps.some(isStep) || calls.some((call) => call.pages.some((page) => page.sent_ms === one.at_ms));
}

function fileOf(step: Step, files: ReadonlyMap<string, Attachment>): Attachment | null {
  const id = step.payload["attachment"];
  return id === undefined ? null : (files.get(String(id)) ?? null);
}

export const isPicture = (file: { readonly media_type: string }): boolean => file.media_type.startsWith("image/");

/** A moment drawn over the curves. */
export type Mark = { readonly at_ms: number; readonly what: "raised" | "acked" | "begun" | "repaired" | "good" | "closed" };

export function marksOf(ticket: Ticket): Mark[] {
  const work = ticket.work;
  const all: readonly (readonly [Mark["what"], number | null | undefined])[] = [
    ["raised", ticket.raised_ms], ["acked", ticket.acked_ms], ["begun", work?.begun_ms], ["repaired", work?.repaired_ms],
    ["good", work?.good_since_ms], ["closed", ticket.closed_ms],
  ];
  return all.flatMap(([what, at_ms]) => (at_ms === null || at_ms === undefined ? [] : [{ what, at_ms }]));
}

const LEAD_MS = 600_000; // before the alarm
const TAIL_MS = 300_000;

export type Span = { readonly from_ms: number; readonly to_ms: number };

/** Around the event: from ten minutes before the alarm until it was over, or now; at most `most_ms` of it. */
export function aroundEvent(ticket: Ticket, now_ms: number, most_ms: number): Span {
  const from_ms = ticket.raised_ms - LEAD_MS;
  const end_ms = Math.min(now_ms, (ticket.work?.repaired_ms ?? ticket.closed_ms ?? now_ms) + TAIL_MS);
  return { from_ms, to_ms: Math.max(from_ms + LEAD_MS, Math.min(end_ms, from_ms + most_ms)) };
}

/** What the sensor said of the repair: from a little before the mark until it was closed, or now. null: no mark yet. */
export function aroundProof(ticket: Ticket, now_ms: number): Span | null {
  const repaired_ms = ticket.work?.repaired_ms ?? null;
  if (repaired_ms === null) return null;
  const to_ms = Math.min(now_ms, (ticket.closed_ms ?? now_ms) + TAIL_MS / 5);
  const from_ms = repaired_ms - Math.max(TAIL_MS, 0.2 * (to_ms - repaired_ms));
  return { from_ms, to_ms: Math.max(to_ms, from_ms + 1000) };
}
