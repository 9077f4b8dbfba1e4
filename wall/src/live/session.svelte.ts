// Shell. Who is signed in at this screen. The session itself is a cookie that no script can read; here is only its name.
import { ApiError, changePassword, getSession, lookIn, signIn, signOut, whenSignedOut } from "../api/client";
import type { Session as Told } from "../api/types";
import { wordFor } from "../text/dictionary";
import { settings } from "./settings.svelte";

const VIEWER = "#viewer=";
// A server that knows no sessions (an old one, a proxy's error page) lets everybody look, and refuses by itself.
export type Stand = "asking" | "out" | "in" | "unknown";

class Session {
  stand = $state<Stand>("asking");
  who = $state.raw<Told | null>(null);
  asks = $state(false); // somebody who looks on wants to sign in
  busy = $state(false);
  problem = $state("");

  /** The name under which orders are given, null where it has to be typed. */
  get signs(): string | null {
    return this.who !== null && this.who.kind === "person" ? this.who.id : null;
  }

  get name(): string {
    return this.who === null || this.who.kind === "local" ? "" : this.who.name[settings.language];
  }

  /** Whether the server would let them somewhere; it has the last word. Nobody known: it is asked. */
  can(action: string): boolean {
    return this.who === null || this.who.may.includes(action);
  }

  /** What is on the screen: nothing before it is known who looks. */
  get shows(): "wall" | "sign-in" | "new-password" | "nothing" {
    if (this.stand === "asking") return "nothing";
    if (this.who?.must_change === true) return "new-password";
    return this.stand === "out" || this.asks ? "sign-in" : "wall";
  }

  async start(): Promise<void> {
    whenSignedOut(() => void this.check());
    const token = location.hash.startsWith(VIEWER) ? location.hash.slice(VIEWER.length) : "";
    if (token === "") return this.check();
    history.replaceState(null, "", `${location.pathname}${location.search}#/overview`); // no token stays in the address
    await this.#try(async () => this.#is(await lookIn(token)));
    if (this.stand === "asking") this.stand = "out";
  }

  /** Ask again: a stream that broke may have been ended with its session. */
  async check(): Promise<void> {
    try {
      this.#is(await getSession());
    } catch (error) {
      const isOut = error instanceof ApiError && error.status === 401;
      if (isOut && this.stand === "in") this.problem = settings.words.refused.session_over; // the page they were at waits
      if (isOut) this.who = null;
      if (isOut || this.stand === "asking") this.stand = isOut ? "out" : "unknown";
    }
  }

  async signIn(account: string, password: string): Promise<void> {
    const who = await this.#try(() => signIn(account.trim(), password));
    if (who !== null && who.must_change) this.#is(who);
    else if (who !== null) this.#anew();
  }

  async changePassword(old: string, fresh: string): Promise<void> {
    if ((await this.#try(() => changePassword(old, fresh))) !== null) this.#anew();
  }

  async signOut(): Promise<void> {
    if ((await this.#try(() => signOut())) !== null) this.#anew();
  }

  #is(who: Told): Told {
    this.who = who;
    this.stand = "in";
    return who;
  }

  /** Another person may see other equipment: nothing of what the last one saw stays. */
  #anew(): void {
    location.reload();
  }

  async #try<T>(act: () => Promise<T>): Promise<T | null> {
    if (this.busy) return null;
    this.busy = true;
    this.problem = "";
    try {
      return await act();
    } catch (error) {
      const words = settings.words;
      if (!(error instanceof ApiError)) this.problem = words.failed(String(error));
      else if (error.status === 0) this.problem = words.noAnswer;
      else this.problem = error.reason === "" ? words.failed(error.message) : wordFor(words.refused, error.reason);
      return null;
    } finally {
      this.busy = false;
    }
  }
}

export const session = new Session();
