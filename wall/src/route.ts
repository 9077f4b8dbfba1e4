// Pure. Addresses behind the `#`, so that the server needs to know none of them.

export type Route =
  | { readonly view: "overview" }
  | { readonly view: "tickets"; readonly mine: boolean }
  | { readonly view: "hidden" }
  | { readonly view: "system" }
  | { readonly view: Office; readonly tab: string }
  | { readonly view: "ticket"; readonly id: string }
  | { readonly view: "asset"; readonly id: string };

/** The screens of the office; each has tabs. */
export type Office = "roster" | "duties" | "papers" | "admin";

const OFFICES: readonly string[] = ["roster", "duties", "papers", "admin"] satisfies readonly Office[];

export function parse(hash: string): Route {
  const [view, ...rest] = hash.replace(/^#?\/?/, "").split("/");
  const id = decode(rest.join("/"));
  if ((view === "ticket" || view === "asset") && id !== "") return { view, id };
  if (view !== undefined && OFFICES.includes(view)) return { view: view as Office, tab: id };
  if (view === "tickets") return { view, mine: id === "mine" };
  return view === "hidden" || view === "system" ? { view } : { view: "overview" };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const toAsset = (id: string): string => `#/asset/${encodeURIComponent(id)}`;
export const toTicket = (id: string | number): string => `#/ticket/${encodeURIComponent(id)}`;
export const MINE = "#/tickets/mine";
