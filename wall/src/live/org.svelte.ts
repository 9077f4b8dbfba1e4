// Shell. Names for the ids of people and units, read once: what a ticket tells is ids, what people read is names.
import type { Words } from "../api/types";
import { getOrg, type Org } from "../api/work";
import { say } from "../text/dictionary";
import { WORK } from "../text/work";
import { session } from "./session.svelte";
import { settings } from "./settings.svelte";

const RETRY_MS = 15_000;
const SYSTEM = "system";

class Names {
  org = $state.raw<Org>({ places: [], units: [], people: [] });

  readonly #people: ReadonlyMap<string, Words> = $derived(new Map(this.org.people.map((one) => [one.id, one.name])));
  readonly #units: ReadonlyMap<string, Words> = $derived(new Map(this.org.units.map((one) => [one.id, one.name])));
  #asked = false;

  /** Ask for them, once. A server without them leaves ids, which are better than nothing. */
  load(): void {
    if (this.#asked) return;
    this.#asked = true;
    getOrg().then(
      (org) => (this.org = org),
      () => window.setTimeout(() => (this.#asked = false), RETRY_MS),
    );
  }

  person(id: string): string {
    if (id === SYSTEM) return WORK[settings.language].line.system;
    const known = this.#people.get(id) ?? (id === session.who?.id ? session.who.name : undefined);
    return say(known ?? id, settings.language);
  }

  unit(id: string): string {
    return say(this.#units.get(id) ?? id, settings.language);
  }
}

export const names = new Names();
