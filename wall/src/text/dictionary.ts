// Pure. One typed dictionary: a word missing in a language, or one too many, does not compile.
import type { Words } from "../api/types";
import { en } from "./en";
import { zh } from "./zh";

export type Translated<T> = {
  readonly [K in keyof T]: T[K] extends string ? string : T[K] extends (...args: never[]) => string ? T[K] : Translated<T[K]>;
};

export type Dictionary = Translated<typeof en>;
export type Language = "en" | "zh";

export const DICTIONARIES: Record<Language, Dictionary> = { en, zh };
export const HTML_LANG: Record<Language, string> = { en: "en", zh: "zh-Hans" };

/** A text of the site in the language of the reader. */
export function say(words: Words | string | null | undefined, language: Language): string {
  if (words === null || words === undefined) return "";
  return typeof words === "string" ? words : words[language] || words.en || words.zh;
}

/** The word for a code of the server; a newer server may know codes that this page does not. */
export function wordFor(table: Readonly<Record<string, string>>, code: string): string {
  return table[code] ?? code.replaceAll("_", " ");
}
