// Shell. Names for the ids of people, units and places, read once: what is told is ids, what people read is names.
import { getOrg } from "../api/office";
import type { Org } from "../api/office.types";
import type { Words } from "../api/types";
import { say } from "../text/dictionary";
import { WORK } from "../text/work";
import { session } from "./session.svelte";
import { settings } from "./settings.svelte";

const RETRY_MS = 15_000;
const SYSTEM = "system";

class Names {
  org = $state.raw<Org>({ places: [], unit_kinds: [], roles: [], units: [], people: [] });

  readonly #people: ReadonlyMap<string, Words> = $derived(new Map(this.org.people.map((one) => [one.id, one.name])));
  readonly #units: ReadonlyMap<string, Words> = $derived(new Map(this.org.units.map((one) => [one.id, one.name])));
  readonly #places: ReadonlyMap<string, Words> = $derived(new Map(this.org.places.map((one) => [one.id, one.name])));
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

  person(id: string | null | undefined): string {
    if (id === null || id === undefined) return "";
    if (id === SYSTEM) return WORK[settings.language].line.system;
    const known = this.#people.get(id) ?? (id === session.who?.id ? session.who.name : undefined);
    return say(known ?? id, settings.language);
  }

  unit(id: string | null | undefined): string {
    return id === null || id === undefined ? "" : say(this.#units.get(id) ?? id, settings.language);
  }

  place(id: string | null | undefined): string {
    return id === null || id === undefined ? "" : say(this.#places.get(id) ?? id, settings.language);
  }
}

export const names = new Names();
