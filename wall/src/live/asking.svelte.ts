// Shell. The one acknowledgement (or reset of a latched alarm) that is being asked for; the dialog of App.svelte shows it.
import { acknowledgeAlarm, acknowledgeTicket, ApiError, resetAlarm } from "../api/client";
import type { Alarm, Ticket } from "../api/types";
import type { Dictionary } from "../text/dictionary";
import { settings } from "./settings.svelte";
import { wall } from "./wall.svelte";

export type Asked =
  | { readonly kind: "alarm" | "reset"; readonly alarm: Alarm }
  | { readonly kind: "ticket"; readonly ticket: Ticket; readonly done: (ticket: Ticket) => void };

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

  async answer(by: string, note: string): Promise<void> {
    const asked = this.asked;
    if (asked === null || this.busy) return;
    if (by.trim() === "") {
      this.problem = settings.words.whoMissing;
      return;
    }
    settings.iAm(by.trim());
    this.busy = true;
    try {
      await send(asked, by.trim(), note.trim());
      this.asked = null;
    } catch (error) {
      this.problem = explain(error, asked.kind, settings.words);
    } finally {
      this.busy = false;
    }
  }
}

async function send(asked: Asked, by: string, note: string): Promise<void> {
  if (asked.kind !== "ticket") {
    const order = asked.kind === "reset" ? resetAlarm : acknowledgeAlarm;
    wall.alarmChanged(await order(asked.alarm.id, by, note));
  } else {
    const ticket = await acknowledgeTicket(asked.ticket.id, by, note);
    wall.ticketChanged(ticket);
    asked.done(ticket);
  }
}

function explain(error: unknown, kind: Asked["kind"], words: Dictionary): string {
  if (!(error instanceof ApiError)) return words.failed(String(error));
  switch (error.status) {
    case 0:
      return words.noAnswer;
    case 404:
      return words.notFound;
    case 409:
      return kind === "reset" ? words.resetRefused : words.alreadyAcked;
    default:
      return words.failed(error.message);
  }
}

export const asking = new Asking();
