// Shell. The event stream with a watchdog and its own back-off. EventSource alone never notices a connection that is
// open and silent, and gives up for ever on an HTTP error.
import type { Delta, Snapshot, Tick } from "../api/types";
import { waitBefore } from "./backoff";
import { LOST_AFTER_MS } from "./staleness";

export type Listener = {
  readonly snapshot: (snapshot: Snapshot) => void;
  readonly delta: (delta: Delta) => void;
  readonly tick: (tick: Tick) => void;
};

const WATCH_MS = 500;

export class Stream {
  readonly #address: string;
  readonly #listener: Listener;
  #source: EventSource | null = null;
  #opened_ms = 0;
  #heard_ms: number | null = null;
  #attempt = 0;
  #retry_at_ms = 0;
  #watch = 0;
  #broken = (): void => undefined;

  constructor(address: string, listener: Listener) {
    this.#address = address;
    this.#listener = listener;
  }

  /** Real time (performance.now) of the last event, null before the first. */
  get heard_ms(): number | null {
    return this.#heard_ms;
  }

  start(broken: () => void): void {
    this.#broken = broken;
    this.#open();
    this.#watch = window.setInterval(() => this.#look(), WATCH_MS);
    window.addEventListener("online", this.#hurry);
    document.addEventListener("visibilitychange", this.#hurry);
  }

  stop(): void {
    window.clearInterval(this.#watch);
    window.removeEventListener("online", this.#hurry);
    document.removeEventListener("visibilitychange", this.#hurry);
    this.#close();
  }

  #hurry = (): void => {
    if (this.#source === null && !document.hidden) this.#open();
  };

  #open(): void {
    this.#close();
    const source = new EventSource(this.#address);
    this.#source = source;
    this.#opened_ms = performance.now();
    source.addEventListener("error", () => {
      if (this.#source === source) this.#wait();
    });
    this.#hear(source, "snapshot", this.#listener.snapshot);
    this.#hear(source, "delta", this.#listener.delta);
    this.#hear(source, "tick", this.#listener.tick);
  }

  #hear<T>(source: EventSource, name: string, tell: (event: T) => void): void {
    source.addEventListener(name, (event) => {
      if (this.#source !== source) return;
      try {
        tell(JSON.parse((event as MessageEvent<string>).data) as T);
      } catch (error) {
        console.error(`a ${name} that cannot be used`, error); // it counts as silence: the watchdog asks again
        return;
      }
      this.#heard_ms = performance.now();
      this.#attempt = 0;
    });
  }

  #look(): void {
    const now = performance.now();
    if (this.#source === null) {
      if (now >= this.#retry_at_ms) this.#open();
    } else if (now - Math.max(this.#opened_ms, this.#heard_ms ?? 0) > LOST_AFTER_MS) {
      this.#wait();
    }
  }

  #wait(): void {
    this.#close();
    this.#broken();
    this.#retry_at_ms = performance.now() + waitBefore(this.#attempt, Math.random());
    this.#attempt += 1;
  }

  #close(): void {
    this.#source?.close();
    this.#source = null;
  }
}
