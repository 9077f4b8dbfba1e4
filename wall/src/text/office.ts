// Pure. The words of the office's screens, apart from the wall's own: rosters, duties, papers, administration.
import type { Language, Translated } from "./dictionary";
import { en } from "./office.en";
import { zh } from "./office.zh";

export type OfficeWords = Translated<typeof en>;

export const OFFICE: Record<Language, OfficeWords> = { en, zh };
