// Shell. The few calls the wall makes beside the event stream. Addresses are relative: see vite.config.ts.
import type { Alarm, Heartbeat, Key, Outage, Paths, Session, Site, Ticket, Trend, Words } from "./types";

const TIMEOUT_MS = 10_000;

/** What the server (or its absence) said instead of an answer. `status` 0: nobody answered. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string; // a code, where the policy does not allow something
  readonly words: Words | null; // what the server says to people

  constructor(status: number, detail: string, reason = "", words: Words | null = null) {
    super(detail);
    this.status = status;
    this.reason = reason;
    this.words = words;
  }
}

let signedOut = (): void => undefined;

/** Who wants to know that an answer was "sign in first". */
export function whenSignedOut(tell: () => void): void {
  signedOut = tell;
}

/** The answer itself; ApiError for a refusal, or for none. */
export async function ask(path: string, init: RequestInit = {}, patience_ms = TIMEOUT_MS): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`api/v1/${path}`, { cache: "no-store", signal: AbortSignal.timeout(patience_ms), ...init });
  } catch (error) {
    throw new ApiError(0, String(error));
  }
  if (response.status === 401 && !path.startsWith("session")) signedOut();
  if (!response.ok) throw new ApiError(response.status, ...(await detailOf(response)));
  return response;
}

export async function call<T>(path: string, init: RequestInit = {}): Promise<T> {
  return (await (await ask(path, init)).json()) as T;
}

async function detailOf(response: Response): Promise<[string, string, Words | null]> {
  try {
    const body = (await response.json()) as { detail?: unknown; reason?: unknown; words?: Words };
    const detail = typeof body.detail === "string" ? body.detail : JSON.stringify(body.detail ?? body);
    return [detail, typeof body.reason === "string" ? body.reason : "", body.words ?? null];
  } catch {
    return [response.statusText, "", null];
  }
}

function order<T>(
  path: `alarms/${string}`,
  by: string,
  note: string,
  more: Readonly<Record<string, number>> = {},
): Promise<T> {
  return call<T>(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ by, note, ...more }),
  });
}

export function tell<T>(path: string, body: unknown, method = "POST"): Promise<T> {
  return call<T>(path, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

export const getSession = (): Promise<Session> => call<Session>("session");
export const signIn = (account: string, password: string) => tell<Session>("session", { account, password });
export const lookIn = (token: string) => tell<Session>("session/viewer", { token });
export const changePassword = (old: string, fresh: string) => tell<Session>("session/password", { old, new: fresh });
export const signOut = () => tell<{ ok: boolean }>("session", {}, "DELETE");
export const getSite = (): Promise<Site> => call<Site>("site");
export const getOutages = (limit: number): Promise<Outage[]> => call<Outage[]>(`outages?limit=${limit}`);
export const getPaths = (): Promise<Paths> => call<Paths>("paths");
export const getHeartbeats = (): Promise<Heartbeat[]> => call<Heartbeat[]>("heartbeats");
export const getTicket = (id: string): Promise<Ticket> => call<Ticket>(`tickets/${encodeURIComponent(id)}`);
export const acknowledgeAlarm = (id: Key, by: string, note: string) =>
  order<Alarm>(`alarms/${encodeURIComponent(id)}/acknowledge`, by, note);
export const resetAlarm = (id: Key, by: string, note: string) =>
  order<Alarm>(`alarms/${encodeURIComponent(id)}/reset`, by, note);
export const shelveAlarm = (id: Key, by: string, note: string, for_s: number) =>
  order<Alarm>(`alarms/${encodeURIComponent(id)}/shelve`, by, note, { for_s });
export const unshelveAlarm = (id: Key, by: string, note: string) =>
  order<Alarm>(`alarms/${encodeURIComponent(id)}/unshelve`, by, note);
export const returnAlarm = (id: Key, by: string, note: string) =>
  order<Alarm>(`alarms/${encodeURIComponent(id)}/return`, by, note);

export function getTrend(asset: string, points: readonly string[], from: number, to: number, px: number) {
  const query = new URLSearchParams({ asset, from_ms: `${Math.round(from)}`, to_ms: `${Math.round(to)}`, px: `${px}` });
  for (const point of points) query.append("point", point);
  return call<Trend>(`trend?${query}`);
}
