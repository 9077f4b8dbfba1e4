// Shell. The one verb of a ticket that is being given: what was filled in, what is missing, what the server refused.
import { ApiError } from "../api/client";
import type { Ticket } from "../api/types";
import { attach, giveVerb, type Field, type Offer, type Present, type Verbs } from "../api/work";
import { kindOf } from "../show/files";
import { bytes } from "../show/number";
import { say, wordFor } from "../text/dictionary";
import { WORK, type WorkWords } from "../text/work";
import { session } from "./session.svelte";
import { settings } from "./settings.svelte";
import { wall } from "./wall.svelte";

export const ATTACH = "attach";
export type Filled = string | number | boolean | null | readonly Present[];
export const NO_PAIR = "neither";
export type Asked = {
  readonly ticket: Ticket;
  readonly offer: Offer;
  readonly files: Verbs["files"];
  readonly done: (ticket: Ticket | null) => void;
};

class Ordering {
  asked = $state.raw<Asked | null>(null);
  values = $state<Record<string, Filled>>({});
  by = $state("");
  file = $state.raw<File | null>(null);
  busy = $state(false);
  part = $state<number | null>(null); // of a file that is being sent
  problem = $state("");
  #stop = (): void => undefined;

  get words(): WorkWords {
    return WORK[settings.language];
  }

  readonly fields: readonly Field[] = $derived(
    (this.asked?.offer.fields ?? []).filter((one) => one.only_if === null || this.values[one.only_if[0]] === one.only_if[1]),
  );

  ask(asked: Asked): void {
    this.problem = "";
    this.file = null;
    this.part = null;
    this.by = session.signs ?? settings.who;
    this.values = Object.fromEntries(asked.offer.fields.map((one) => [one.name, one.value]));
    this.asked = asked;
  }

  drop(): void {
    this.#stop();
    this.asked = null;
  }

  /** A file that will be refused is refused at once, before ten megabytes went over a slow line. */
  async pick(file: File | null): Promise<void> {
    this.problem = "";
    this.file = null;
    if (file === null || this.asked === null) return;
    const most = this.asked.files?.most_bytes ?? Infinity;
    const kind = kindOf(new Uint8Array(await file.slice(0, 64).arrayBuffer()), file.type);
    const words = this.words.file;
    if (file.size === 0) this.problem = words.empty;
    else if (file.size > most) this.problem = words.tooLarge(bytes(file.size), bytes(most));
    else if (kind === "heic") this.problem = words.heic;
    else if (kind === "other") this.problem = words.wrongType;
    else this.file = file;
  }

  async send(): Promise<void> {
    const asked = this.asked;
    if (asked === null || this.busy) return;
    this.problem = this.#missing();
    if (this.problem !== "") return;
    if (session.signs === null) settings.iAm(this.by.trim());
    this.busy = true;
    try {
      const ticket = await this.#give(asked);
      if (ticket !== null) wall.ticketChanged(ticket);
      asked.done(ticket);
      this.asked = null;
    } catch (error) {
      this.problem = this.#explain(error);
      if (error instanceof ApiError && (error.status === 403 || error.status === 409)) asked.done(null); // what may be done has changed
    } finally {
      this.busy = false;
      this.part = null;
    }
  }

  async #give(asked: Asked): Promise<Ticket | null> {
    const id = String(asked.ticket.id);
    if (asked.offer.verb !== ATTACH) {
      const told = Object.fromEntries(this.fields.map((one) => [one.name, this.values[one.name] ?? null]));
      return giveVerb(id, asked.offer.verb, { by: this.by.trim(), ...withoutNothing(told) });
    }
    const note = String(this.values["note"] ?? "");
    if (this.file === null) return null;
    this.part = 0;
    const told = String(this.values["phase"] ?? NO_PAIR);
    const phase = told === NO_PAIR ? "" : told;
    const { done, stop } = attach(id, this.file, { by: this.by.trim(), name: this.file.name, note, phase }, (part) => (this.part = part));
    this.#stop = stop;
    await done;
    return null;
  }

  #missing(): string {
    const words = this.words;
    if (this.by.trim() === "") return words.act.fill(words.field.by);
    if (this.asked?.offer.verb === ATTACH && this.file === null) return this.problem || words.file.missing;
    const told = this.fields.filter((one) => one.kind !== "person"); // an empty person is oneself
    const [first] = told.filter((one) => one.name !== "note" && one.kind !== "joint");
    if (first !== undefined && told.every((one) => isEmpty(this.values[one.name]))) return words.act.fill(labelOf(first, words));
    const now_ms = wall.now_ms;
    for (const field of this.fields) {
      const value = this.values[field.name];
      if (field.kind === "moment" && typeof value === "number" && value <= now_ms) return words.act.later;
      if (field.required && isEmpty(value)) return words.act.fill(labelOf(field, words));
    }
    return "";
  }

  #explain(error: unknown): string {
    const words = settings.words;
    if (!(error instanceof ApiError)) return words.failed(String(error));
    if (error.words !== null) return say(error.words, settings.language);
    if (error.reason in this.words.refused) return wordFor(this.words.refused, error.reason);
    if (error.reason !== "") return wordFor(words.refused, error.reason);
    if (error.status === 0) return words.nothingOrdered;
    return error.status === 404 ? words.notFound : error.status === 409 ? words.alreadyAcked : words.failed(error.message);
  }
}

const isEmpty = (value: Filled | undefined): boolean =>
  value === null || value === undefined || value === false || (typeof value === "string" && value.trim() === "") || (Array.isArray(value) && value.length === 0);

function withoutNothing(told: Readonly<Record<string, Filled>>): Record<string, Filled> {
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)));
}

/** What a field is called; a note that has to be given is a reason. */
export function labelOf(field: Field, words: WorkWords): string {
  if (field.name === "note") return field.required ? words.field.reason : words.field.note;
  if (field.name === "person" && field.kind === "text") return words.field.received_by;
  return wordFor(words.field, field.name);
}

export const ordering = new Ordering();
