// Shell. What one screen remembers: language, theme, who acknowledges. `?lang=zh&theme=light` in the address of a kiosk
// wins over what is remembered.
import { DICTIONARIES, HTML_LANG, type Dictionary, type Language } from "../text/dictionary";

export type Theme = "dark" | "light";

const PREFIX = "anlan.";

function recall(name: string): string | null {
  try {
    return new URLSearchParams(location.search).get(name) ?? localStorage.getItem(PREFIX + name);
  } catch {
    return null; // storage is switched off
  }
}

function remember(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // This screen forgets; nothing else depends on it.
  }
}

function firstLanguage(): Language {
  const kept = recall("lang");
  if (kept === "en" || kept === "zh") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

class Settings {
  language = $state<Language>(firstLanguage());
  theme = $state<Theme>(recall("theme") === "light" ? "light" : "dark"); // a wall is dark unless somebody says otherwise
  who = $state(recall("who") ?? "");

  get words(): Dictionary {
    return DICTIONARIES[this.language];
  }

  switchLanguage(): void {
    this.language = this.language === "en" ? "zh" : "en";
    remember("lang", this.language);
    this.show();
  }

  switchTheme(): void {
    this.theme = this.theme === "dark" ? "light" : "dark";
    remember("theme", this.theme);
    this.show();
  }

  iAm(who: string): void {
    this.who = who;
    remember("who", who);
  }

  /** Tell the document. */
  show(): void {
    document.documentElement.lang = HTML_LANG[this.language];
    document.documentElement.dataset["theme"] = this.theme;
    document.title = this.words.title;
  }
}

export const settings = new Settings();
