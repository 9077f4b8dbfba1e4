// Shell. Fetches a paper and hands it to the person as a file; says what is wrong where the server refuses it.
import { getPaper, type PaperChoice } from "../api/office";
import { explain } from "./acting.svelte";
import { settings } from "./settings.svelte";

class PaperDesk {
  coming = $state(""); // the path of what is being made
  problem = $state("");
  last = $state(""); // the name of the file that came last

  async fetch(path: string, choice: PaperChoice): Promise<void> {
    if (this.coming !== "") return;
    this.coming = path;
    this.problem = "";
    try {
      const [name, data] = await getPaper(path, { ...choice, lang: settings.language });
      hand(name, data);
      this.last = name;
    } catch (error) {
      this.problem = explain(error, settings.language);
    } finally {
      this.coming = "";
    }
  }
}

function hand(name: string, data: Blob): void {
  const address = URL.createObjectURL(data);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export const papers = new PaperDesk();
