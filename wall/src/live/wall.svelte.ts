// Shell. The one store of the page: the site, what is known of it, how old that is, and the site's time.
import { getSite } from "../api/client";
import type { Alarm, Asset, Delta, Site, Snapshot, Tick, Ticket } from "../api/types";
import { byReturn } from "../show/shelf";
import { waitBefore } from "./backoff";
import { anchored, siteNow, type Anchor } from "./clock";
import { byUrgency, fromSnapshot, isHidden, isUnacked, NOTHING, withAlarm, withDelta, withTicket, type Known } from "./merge";
import { connectionAt, LOST_AFTER_MS, type Connection } from "./staleness";
import { Stream } from "./stream";

const BEAT_MS = 500;

class Wall {
  site = $state.raw<Site | null>(null);
  siteError = $state("");
  known = $state.raw<Known>(NOTHING);
  connection = $state<Connection>("lost");
  age_ms = $state<number | null>(null); // real time since the last event; null: none yet
  now_ms = $state(0); // site time
  starting = $state(true); // the first seconds of a page are no loss yet
  received = $state(0);
  news = $state.raw<readonly Alarm[]>([]); // unacknowledged alarms of the last change, for the screen reader

  readonly alarms: readonly Alarm[] = $derived(
    [...this.known.alarms.values()].filter((alarm) => !isHidden(alarm)).sort(byUrgency),
  );
  readonly hidden: readonly Alarm[] = $derived([...this.known.alarms.values()].filter(isHidden).sort(byReturn));
  readonly assets: ReadonlyMap<string, Asset> = $derived(new Map(this.site?.assets.map((asset) => [asset.id, asset])));

  #anchor: Anchor | null = null;
  #stream = new Stream("api/v1/events", {
    snapshot: (snapshot) => this.#replace(snapshot),
    delta: (delta) => this.#change(delta),
    tick: (tick) => this.#hear(tick),
  });
  #beat = 0;

  get speed(): number {
    return this.site?.clock.speed ?? 1;
  }

  get lost(): boolean {
    return this.connection === "lost";
  }

  /** `broken` is told of every stream that breaks: the session may be over. */
  start(broken: () => void): void {
    void this.#loadSite(0);
    this.#stream.start(broken);
    window.setInterval(() => this.#everyBeat(), BEAT_MS);
  }

  alarmChanged(alarm: Alarm): void {
    this.known = withAlarm(this.known, alarm);
  }

  ticketChanged(ticket: Ticket): void {
    this.known = withTicket(this.known, ticket);
  }

  async #loadSite(attempt: number): Promise<void> {
    try {
      const site = await getSite();
      if (this.site !== null && this.site.version !== site.version) location.reload(); // a new server brings a new page
      this.site = site;
      this.siteError = "";
      this.#anchor = anchored(null, site.clock.now_ms, performance.now(), site.clock.speed);
      this.#tellTime();
    } catch (error) {
      this.siteError = error instanceof Error ? error.message : String(error);
      window.setTimeout(() => void this.#loadSite(attempt + 1), waitBefore(attempt, Math.random()));
    }
  }

  #replace(snapshot: Snapshot): void {
    const before = this.known;
    const restarted = before.boot !== "" && before.boot !== snapshot.boot;
    this.known = fromSnapshot(snapshot);
    this.#announce(before);
    if (restarted) void this.#loadSite(0);
    this.#hear(snapshot);
  }

  #change(delta: Delta): void {
    const before = this.known;
    this.known = withDelta(before, delta);
    if (delta.alarms !== undefined) this.#announce(before);
    this.#hear(delta);
  }

  #announce(before: Known): void {
    if (before.boot === "") return;
    const fresh = this.alarms.filter((alarm) => {
      const old = before.alarms.get(String(alarm.id));
      return isUnacked(alarm) && (old === undefined || !isUnacked(old));
    });
    if (fresh.length > 0) this.news = fresh.slice(0, 3);
  }

  #hear(event: Tick): void {
    this.received += 1;
    this.#anchor = anchored(this.#anchor, event.now_ms, performance.now(), this.speed);
    this.age_ms = 0;
    this.connection = "live";
  }

  #everyBeat(): void {
    const real_ms = performance.now();
    const heard_ms = this.#stream.heard_ms;
    this.connection = connectionAt(heard_ms, real_ms);
    this.age_ms = heard_ms === null ? null : real_ms - heard_ms;
    this.starting = heard_ms === null && real_ms < LOST_AFTER_MS;
    this.#tellTime();
    // Every flash on the wall goes by this one beat: fifty lamps out of step are noise.
    this.#beat = (this.#beat + 1) % 4;
    document.documentElement.dataset["beat"] = String(this.#beat);
  }

  #tellTime(): void {
    if (this.#anchor !== null) this.now_ms = siteNow(this.#anchor, performance.now());
  }
}

export const wall = new Wall();
