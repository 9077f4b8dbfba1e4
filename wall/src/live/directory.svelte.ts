// Shell. Names of places, units and people, asked for once.
import { getOrg } from "../api/office";
import type { Org, OrgUnit } from "../api/office.types";
import { say } from "../text/dictionary";
import { settings } from "./settings.svelte";

const NOBODY: Org = { places: [], unit_kinds: [], roles: [], units: [], people: [] };

class Names {
  org = $state.raw<Org>(NOBODY);
  #asked = false;

  readonly #people = $derived(new Map(this.org.people.map((each) => [each.id, each])));
  readonly #units = $derived(new Map(this.org.units.map((each) => [each.id, each])));
  readonly #places = $derived(new Map(this.org.places.map((each) => [each.id, each])));

  /** For the $effect of a page that shows names. */
  need(): void {
    if (this.#asked) return;
    this.#asked = true;
    getOrg().then(
      (org) => (this.org = org),
      () => (this.#asked = false), // the next page asks again; ids are shown meanwhile
    );
  }

  person(id: string | null | undefined): string {
    return id === null || id === undefined ? "" : say(this.#people.get(id)?.name ?? id, settings.language);
  }

  unit(id: string | null | undefined): string {
    return id === null || id === undefined ? "" : say(this.#units.get(id)?.name ?? id, settings.language);
  }

  place(id: string | null | undefined): string {
    return id === null || id === undefined ? "" : say(this.#places.get(id)?.name ?? id, settings.language);
  }

  unitOf(person: string): OrgUnit | undefined {
    return this.#units.get(this.#people.get(person)?.unit ?? "");
  }
}

export const names = new Names();
