// Pure. The words of tickets and of the work on them, apart from those of the wall itself: see dictionary.ts.
import type { Language, Translated } from "./dictionary";
import { en } from "./work.en";
import { zh } from "./work.zh";

export type WorkWords = Translated<typeof en>;

export const WORK: Record<Language, WorkWords> = { en, zh };
