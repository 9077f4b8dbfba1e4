// Shell. One act of the office that is being asked for (a duty is done, an account is made …); ActDialog.svelte shows
// it. What is asked is data, so that forty acts need one dialog.
import { ApiError } from "../api/client";
import { wordFor, type Language } from "../text/dictionary";
import { OFFICE } from "../text/office";
import { session } from "./session.svelte";
import { settings } from "./settings.svelte";

type Common = { readonly id: string; readonly label: string; readonly required?: boolean; readonly hint?: string };
export type Option = { readonly value: string; readonly label: string };

export type Field =
  | (Common & { readonly kind: "text" | "area" | "date" | "moment"; readonly value?: string; readonly most?: number })
  | (Common & { readonly kind: "number"; readonly value?: string; readonly least?: number; readonly most?: number })
  | (Common & { readonly kind: "choice"; readonly options: readonly Option[]; readonly value?: string })
  | (Common & { readonly kind: "check"; readonly value?: string }) // "yes" or ""
  | (Common & { readonly kind: "photo"; readonly keep: (file: File) => Promise<string> });

export type Values = Readonly<Record<string, string>>;

/** What is shown once and never again. */
export type Secret = { readonly label: string; readonly text: string; readonly hint: string };

export type Act = {
  readonly title: string;
  readonly about?: string;
  readonly verb: string;
  readonly fields: readonly Field[];
  readonly unsigned?: boolean; // the server knows by itself who asks
  readonly send: (values: Values, by: string) => Promise<Secret | void>;
};

class Acting {
  act = $state.raw<Act | null>(null);
  secret = $state.raw<Secret | null>(null);
  busy = $state(false);
  problem = $state("");

  ask(act: Act): void {
    this.problem = "";
    this.secret = null;
    this.act = act;
  }

  drop(): void {
    this.act = null;
    this.secret = null;
  }

  async send(values: Values, by: string): Promise<void> {
    const act = this.act;
    if (act === null || this.busy) return;
    const words = OFFICE[settings.language];
    const missing = act.fields.find((field) => field.required === true && (values[field.id] ?? "").trim() === "");
    if (act.unsigned !== true && by.trim() === "") this.problem = words.whoMissing;
    else if (missing !== undefined) this.problem = words.missing(missing.label);
    else await this.#give(act, values, by.trim());
  }

  async #give(act: Act, values: Values, by: string): Promise<void> {
    this.busy = true;
    this.problem = "";
    if (act.unsigned !== true && session.signs === null) settings.iAm(by);
    try {
      const secret = await act.send(values, by);
      if (secret === undefined) this.drop();
      else this.secret = secret;
    } catch (error) {
      this.problem = explain(error, settings.language);
    } finally {
      this.busy = false;
    }
  }
}

/** What the server said no with, in the reader's language as far as it is known. */
export function explain(error: unknown, language: Language): string {
  const office = OFFICE[language];
  if (!(error instanceof ApiError)) return settings.words.failed(String(error));
  if (error.status === 0) return office.noAnswer;
  if (error.words !== null) return error.words[language];
  const known: Readonly<Record<string, string>> = { ...settings.words.refused, ...office.refused };
  if (error.reason !== "") return known[error.reason] ?? `${wordFor(known, error.reason)}: ${error.message}`;
  return settings.words.failed(error.message);
}

export const acting = new Acting();
