// Shell. An answer of the server that a page shows, asked for again every so often while the page is open.
import { untrack } from "svelte";
import { ApiError } from "../api/client";

export class Loaded<T> {
  value = $state.raw<T | null>(null);
  problem = $state.raw<unknown>(null); // of the last time; what was known before stays on the screen
  #ask: (() => Promise<T>) | null = null;
  #turn = 0;

  /** Ask now, and every `every_s`; returns what ends it, for an $effect. */
  every(every_s: number, ask: () => Promise<T>): () => void {
    this.#ask = ask;
    untrack(() => void this.again()); // the clock that a question reads must not ask it twice a second
    const timer = window.setInterval(() => void this.again(), every_s * 1000);
    return () => {
      window.clearInterval(timer);
      this.#turn += 1; // an answer that is still on its way is nobody's
    };
  }

  async again(): Promise<void> {
    const ask = this.#ask;
    if (ask === null) return;
    this.#turn += 1;
    const turn = this.#turn;
    try {
      const value = await ask();
      if (turn === this.#turn) [this.value, this.problem] = [value, null];
    } catch (error) {
      if (turn === this.#turn) this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.problem = error;
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) this.value = null;
  }
}
