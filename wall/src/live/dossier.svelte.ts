// Shell. What the page of one ticket shows beside the ticket itself: steps, pages, files, and what its reader may do.
import type { Ticket } from "../api/types";
import { ApiError, getTicket } from "../api/client";
import { getAttachments, getCalls, getSteps, getVerbs, type Attachment, type Call, type Step, type Verbs } from "../api/work";

const EVERY_MS = 15_000; // receipts of pages change no ticket
const AT_MOST_EVERY_MS = 1_500; // an alarm that comes and goes changes its ticket many times a second

export class Dossier {
  readonly id: string;
  ticket = $state.raw<Ticket | null>(null);
  missing = $state(false);
  failed = $state(false);
  steps = $state.raw<readonly Step[]>([]);
  calls = $state.raw<readonly Call[]>([]);
  files = $state.raw<readonly Attachment[]>([]);
  verbs = $state.raw<Verbs | null>(null);

  #timer = 0;
  #asked_ms = -Infinity;
  #stopped = false;

  constructor(id: string) {
    this.id = id;
  }

  /** Ask again soon: at once after a pause, else when the pause is over. */
  ask(): void {
    if (this.#stopped) return;
    window.clearTimeout(this.#timer);
    const wait_ms = Math.max(0, this.#asked_ms + AT_MOST_EVERY_MS - performance.now());
    this.#timer = window.setTimeout(() => void this.#ask(), wait_ms);
  }

  /** After an order of one's own: no waiting. */
  now(ticket: Ticket | null): void {
    if (ticket !== null) this.ticket = ticket;
    this.#asked_ms = -Infinity;
    this.ask();
  }

  stop(): void {
    this.#stopped = true;
    window.clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    this.#asked_ms = performance.now();
    const parts = [
      getTicket(this.id).then((ticket) => (this.ticket = ticket)),
      getVerbs(this.id).then((verbs) => (this.verbs = verbs)),
      getSteps(this.id).then((steps) => (this.steps = steps)),
      getCalls(this.id).then((calls) => (this.calls = calls)),
      getAttachments(this.id).then((files) => (this.files = files)),
    ];
    const ends = await Promise.allSettled(parts);
    if (this.#stopped) return;
    this.missing = ends[0]?.status === "rejected" && ends[0].reason instanceof ApiError && ends[0].reason.status === 404;
    this.failed = !this.missing && ends.some((end) => end.status === "rejected");
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), EVERY_MS);
  }
}
