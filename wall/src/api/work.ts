// Shell. What is asked and ordered about one ticket, beside the event stream. docs/reference/tickets.md describes it.
import { ApiError, call, tell } from "./client";
import type { Ticket, Words } from "./types";

/** One step of a ticket; steps are never changed. */
export type Step = {
  readonly id: string;
  readonly at_ms: number;
  readonly verb: string;
  readonly actor: string;
  readonly old: string;
  readonly new: string;
  readonly old_word: Words | null;
  readonly new_word: Words;
  readonly approver: string;
  readonly note: string;
  readonly payload: Readonly<Record<string, unknown>>;
};

/** One page to one person, with its receipt. */
export type Page = {
  readonly id: number;
  readonly step: number;
  readonly round: number;
  readonly person: string;
  readonly name: Words;
  readonly channel: string;
  readonly due_ms: number;
  readonly state: "due" | "digest" | "sending" | "sent" | "failed" | "acked" | "cancelled";
  readonly attempts: number;
  readonly sent_ms: number | null;
  readonly acked_ms: number | null;
  readonly delay_ms: number | null;
  readonly receipt: Readonly<Record<string, unknown>> | null;
  readonly reason: string | null;
  readonly drill: boolean;
};

/** One time that people were asked to answer. */
export type Call = {
  readonly number: number;
  readonly why: string;
  readonly at_ms: number;
  readonly late: boolean;
  readonly drill: boolean;
  readonly acked_ms: number | null;
  readonly acked_by: string | null;
  readonly acked_how: string | null;
  readonly answer_ms: number | null;
  readonly ended_ms: number | null;
  readonly ended_why: string | null;
  readonly pages: readonly Page[];
};

export type Attachment = {
  readonly id: string;
  readonly ticket: string;
  readonly at_ms: number;
  readonly by: string;
  readonly media_type: string;
  readonly size: number;
  readonly name: string;
  readonly note: string;
  readonly phase?: "" | "before" | "after";
  readonly pair?: number | null;
};

/** A unit that took part, and what its people there were. */
export type Present = { readonly unit: string; readonly roles: readonly string[] };

export type FieldKind = "text" | "long" | "person" | "unit" | "moment" | "ticket" | "choice" | "flag" | "sector" | "joint";

/** One thing that a verb wants to be told. */
export type Field = {
  readonly name: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  readonly choices: readonly string[];
  readonly value: string | number | null;
  readonly only_if: readonly [string, string] | null;
};

export type Offer = {
  readonly verb: string;
  readonly fields: readonly Field[];
  readonly refused: { readonly reason: string; readonly words: Words } | null;
};

/** What whoever is signed in may do with a ticket now, and what others may. */
export type Verbs = {
  readonly who: string;
  readonly offers: readonly Offer[];
  readonly others: readonly Offer[];
  readonly files: { readonly types: readonly string[]; readonly most_bytes: number; readonly most_files: number } | null;
};

const of = (id: string): string => `tickets/${encodeURIComponent(id)}`;

export const getSteps = (id: string): Promise<Step[]> => call<Step[]>(`${of(id)}/events`);
export const getCalls = (id: string): Promise<Call[]> => call<Call[]>(`${of(id)}/pages`);
export const getAttachments = (id: string): Promise<Attachment[]> => call<Attachment[]>(`${of(id)}/attachments`);
export const getVerbs = (id: string): Promise<Verbs> => call<Verbs>(`${of(id)}/verbs`);
export const giveVerb = (id: string, verb: string, body: object): Promise<Ticket> => tell<Ticket>(`${of(id)}/${verb}`, body);
export const fileTicket = (told: object): Promise<Ticket> => tell<Ticket>("tickets", told);
export const attachmentAt = (id: string, attachment: string): string => `api/v1/${of(id)}/attachments/${encodeURIComponent(attachment)}`;
export const bundleAt = (id: string): string => `api/v1/${of(id)}/bundle`;

/** A file on its way; `fetch` tells no progress. `stop` gives it up. */
export function attach(
  id: string,
  file: Blob,
  told: { readonly by: string; readonly name: string; readonly note: string; readonly phase: string },
  progress: (part: number) => void,
): { readonly done: Promise<Attachment>; readonly stop: () => void } {
  const request = new XMLHttpRequest();
  const done = new Promise<Attachment>((resolve, reject) => {
    request.open("POST", `api/v1/${of(id)}/attachments?${new URLSearchParams(told)}`);
    request.setRequestHeader("content-type", file.type || "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = () => reject(new ApiError(0, "no answer"));
    request.onabort = () => reject(new ApiError(0, "given up", "given_up"));
    request.onload = () => {
      if (request.status === 201) resolve(request.response as Attachment);
      else reject(refusal(request.status, request.response));
    };
    request.send(file);
  });
  return { done, stop: () => request.abort() };
}

function refusal(status: number, answer: unknown): ApiError {
  const body = (answer ?? {}) as { detail?: unknown; reason?: unknown; words?: Words };
  const reason = typeof body.reason === "string" ? body.reason : status === 413 ? "too_large" : "";
  return new ApiError(status, typeof body.detail === "string" ? body.detail : String(status), reason, body.words ?? null);
}
