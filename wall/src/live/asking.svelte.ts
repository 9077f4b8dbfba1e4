// Shell. The one order to the server that is being asked for (acknowledge, reset, shelve …); the dialog of App.svelte
// shows it.
import {
  acknowledgeAlarm,
  ApiError,
  resetAlarm,
  returnAlarm,
  shelveAlarm,
  unshelveAlarm,
} from "../api/client";
import type { Alarm } from "../api/types";
import { wordFor, type Dictionary } from "../text/dictionary";
import { settings } from "./settings.svelte";
import { wall } from "./wall.svelte";

export type Asked =
  | { readonly kind: "alarm" | "reset" | "unshelve" | "return"; readonly alarm: Alarm }
  | { readonly kind: "shelve"; readonly alarm: Alarm; readonly choices: readonly number[] }; // seconds

class Asking {
  asked = $state.raw<Asked | null>(null);
  busy = $state(false);
  problem = $state("");

  ask(asked: Asked): void {
    this.problem = "";
    this.asked = asked;
  }

  drop(): void {
    this.asked = null;
  }

  async answer(by: string, note: string, for_s: number): Promise<void> {
    const asked = this.asked;
    if (asked === null || this.busy) return;
    if (by.trim() === "") {
      this.problem = settings.words.whoMissing;
      return;
    }
    if (asked.kind === "shelve" && note.trim() === "") {
      this.problem = settings.words.whyMissing;
      return;
    }
    settings.iAm(by.trim());
    this.busy = true;
    try {
      await send(asked, by.trim(), note.trim(), for_s);
      this.asked = null;
    } catch (error) {
      this.problem = explain(error, asked.kind, settings.words);
    } finally {
      this.busy = false;
    }
  }
}

const ORDERS = { alarm: acknowledgeAlarm, reset: resetAlarm, unshelve: unshelveAlarm, return: returnAlarm };

async function send(asked: Asked, by: string, note: string, for_s: number): Promise<void> {
  if (asked.kind === "shelve") {
    wall.alarmChanged(await shelveAlarm(asked.alarm.id, by, note, for_s));
  } else {
    wall.alarmChanged(await ORDERS[asked.kind](asked.alarm.id, by, note));
  }
}

function explain(error: unknown, kind: Asked["kind"], words: Dictionary): string {
  if (!(error instanceof ApiError)) return words.failed(String(error));
  if (error.reason !== "") return wordFor(words.refused, error.reason);
  switch (error.status) {
    case 0:
      return words.noAnswer;
    case 404:
      return words.notFound;
    case 409:
      if (kind === "reset") return words.resetRefused;
      return kind === "alarm" ? words.alreadyAcked : words.failed(error.message);
    default:
      return words.failed(error.message);
  }
}

export const asking = new Asking();
