// Shell. What the screens of the office ask of the server and order there. Orders carry `by`; whoever is signed in, signs.
import { ask, call, tell } from "./client";
import type {
  Account, AuditRow, Backtest, CalendarKey, Channel, ComingDuty, Duty, Handover, Mode, Org, Report, RollCall, Roster, RosterChange,
  RuleVersions, Score, Template, Token, Trigger, Verified, Zone,
} from "./office.types";

const FILE_PATIENCE_MS = 90_000; // a PDF of a year keeps a core busy for a while
const PHOTO_PATIENCE_MS = 60_000;

const id = (name: string | number): string => encodeURIComponent(name);
const query = (params: Readonly<Record<string, string | number | boolean | undefined>>): string =>
  new URLSearchParams(
    Object.entries(params).flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, String(value)]])),
  ).toString();

export const getOrg = () => call<Org>("org");
export const getRosters = (from_ms: number, for_s: number) => call<Roster[]>(`rosters?${query({ from_ms, for_s })}`);

// --- rosters --------------------------------------------------------------------------------------------------------

type Span = { readonly from_ms: number; readonly to_ms: number };

export const getChanges = () => call<RosterChange[]>("roster-changes");
/** One asks the other; with `back` it is a swap. It holds when the other agrees. */
export const askChange = (
  roster: string, by: string, person: string, instead_of: string, span: Span, back: Span | null, note: string,
) =>
  tell<RosterChange>("roster-changes", {
    by, roster, person, instead_of, ...span, note,
    ...(back === null ? {} : { back_from_ms: back.from_ms, back_to_ms: back.to_ms }),
  });
export const decideChange = (change: number, verb: "agree" | "decline" | "withdraw" | "end", by: string, note: string) =>
  tell<RosterChange>(`roster-changes/${change}/${verb}`, { by, note });
/** Somebody above orders it; nobody (null) instead of somebody: they are away. */
export const orderChange = (
  roster: string, by: string, person: string | null, instead_of: string | null, span: Span, note: string,
) => tell<{ doubts: readonly { en: string; zh: string }[] }>("roster-overrides", { by, roster, person, instead_of, ...span, note });
export const getHandovers = () => call<Handover[]>("handovers?limit=20");
export const handOver = (roster: string, by: string, to: string, note: string) =>
  tell<Handover>("handovers", { by, roster, to, note });
export const confirmHandover = (handover: number, by: string) => tell<Handover>(`handovers/${handover}/confirm`, { by });
export const getRollCalls = (since_ms: number) => call<RollCall[]>(`roll-calls?${query({ since_ms, limit: 200 })}`);
export const answerRollCall = (roll: number, by: string) => tell<unknown>(`roll-calls/${roll}/answer`, { by });
export const getCalendars = () => call<CalendarKey[]>("calendars");
export const makeCalendar = (by: string, of: string) => tell<{ path: string; url: string }>("calendars", { by, of });
export const revokeCalendar = (calendar: string, by: string) => tell<unknown>(`calendars/${id(calendar)}/revoke`, { by });

// --- duties ---------------------------------------------------------------------------------------------------------

/** What is open, and what became of the rest since a moment. */
export async function getDuties(since_ms: number): Promise<Duty[]> {
  const past = ["missed", "done", "late", "waived"].map((state) => `state=${state}`).join("&");
  const [open, rest] = await Promise.all([
    call<Duty[]>("duties?state=open&limit=1000"),
    call<Duty[]>(`duties?${past}&since_ms=${since_ms}&limit=1000`),
  ]);
  return [...open, ...rest];
}

export const getComing = (for_s: number) => call<ComingDuty[]>(`duties/coming?for_s=${for_s}`);
export const getDuty = (duty: number) => call<Duty>(`duties/${duty}`);
export const beginDuty = (duty: number, by: string, note: string) => tell<Duty>(`duties/${duty}/begin`, { by, note });
export const doDuty = (duty: number, by: string, note: string, photo: string, points: Readonly<Record<string, number>> = {}) =>
  tell<Duty>(`duties/${duty}/done`, { by, note, photo, points });
export const waiveDuty = (duty: number, by: string, note: string) => tell<Duty>(`duties/${duty}/waive`, { by, note });
export const photoOf = (duty: number): string => `api/v1/duties/${duty}/photo`;

/** Hand a photo in; what is told of it afterwards is its hash. */
export async function keepPhoto(duty: number, file: File): Promise<string> {
  const answer = await ask(
    `duties/${duty}/photo`,
    { method: "POST", headers: { "content-type": file.type || "application/octet-stream" }, body: file },
    PHOTO_PATIENCE_MS,
  );
  return ((await answer.json()) as { sha256: string }).sha256;
}

// --- reports --------------------------------------------------------------------------------------------------------

export const getReports = () => call<Report[]>("reports");
export const getTemplate = (instance: number) => call<Template>(`reports/template?instance=${instance}`);
export const submitReport = (
  instance: number, by: string, zero: boolean, texts: Readonly<Record<string, string>>, note: string,
) => tell<Report>("reports", { instance, by, zero, texts, note });
export const approveReport = (report: number, by: string, note: string) =>
  tell<Report>(`reports/${report}/approve`, { by, note });
export const returnReport = (report: number, by: string, note: string) =>
  tell<Report>(`reports/${report}/return`, { by, note });
export const receiveReport = (report: number, by: string, unit: string, receipt: string) =>
  tell<Report>(`reports/${report}/received`, { by, unit, receipt });

// --- the emergency --------------------------------------------------------------------------------------------------

export const getModes = () => call<Mode[]>("modes");
export const askMode = (mode: string, level: number, by: string, why: string) =>
  tell<Mode[]>("modes", { by, mode, level, why });
export const agreeMode = (number: number, by: string) => tell<Mode[]>(`modes/${number}/agree`, { by });
export const endMode = (number: number, by: string, note: string) => tell<Mode[]>(`modes/${number}/end`, { by, note });
export const getTriggers = () => call<Trigger[]>("duty-triggers");
export const endTrigger = (number: number, by: string, note: string) =>
  tell<{ id: number }>(`duty-triggers/${number}/end`, { by, note });
export const getZones = () => call<Zone[]>("zones");
export const countZone = (place: string, by: string, day: string, cases: number, clusters: number) =>
  tell<Zone[]>(`zones/${id(place)}/counts`, { by, day, cases, clusters });
export const confirmZone = (place: string, by: string, risk: string, note: string) =>
  tell<Zone[]>(`zones/${id(place)}/confirm`, { by, risk, note });

// --- papers ---------------------------------------------------------------------------------------------------------

export type PaperChoice = Readonly<Record<string, string | number | boolean | undefined>>;

export const getScores = (choice: PaperChoice) => call<Score[]>(`score-cards?${query(choice)}`);

/** A paper as a file: its name (RFC 6266) and its bytes. */
export async function getPaper(path: string, choice: PaperChoice): Promise<readonly [string, Blob]> {
  const answer = await ask(`paper/${path}?${query(choice)}`, {}, FILE_PATIENCE_MS);
  const told = answer.headers.get("content-disposition") ?? "";
  const shown = /filename\*=UTF-8''([^;]+)/.exec(told)?.[1];
  return [shown === undefined ? path.replaceAll("/", "-") : decodeURIComponent(shown), await answer.blob()];
}

export type MajorTicket = { readonly id: string; readonly number: string; readonly title: { en: string; zh: string }; readonly grade: string; readonly opened_ms: number };

export const getMajorTickets = async (): Promise<MajorTicket[]> =>
  (await call<MajorTicket[]>("tickets?category=hazard&limit=1000")).filter((ticket) => ticket.grade === "major");

// --- administration -------------------------------------------------------------------------------------------------

export type Made = { readonly id: string; readonly one_time_password: string };

export const getAccounts = () => call<Account[]>("accounts");
export const addAccount = (body: Readonly<Record<string, string>>) => tell<Made>("accounts", body);
export const resetPassword = (account: string) => tell<Made>(`accounts/${id(account)}/password`, {});
export const disableAccount = (account: string) => tell<unknown>(`accounts/${id(account)}/disable`, {});
export const enableAccount = (account: string) => tell<unknown>(`accounts/${id(account)}/enable`, {});
export const setRights = (account: string, rights: readonly (readonly [string, string])[]) =>
  tell<Account>(`accounts/${id(account)}/rights`, { rights: rights.map(([access, place]) => ({ access, place })) });
export const getTokens = () => call<Token[]>("tokens");
export const addToken = (body: Readonly<Record<string, unknown>>) => tell<{ id: string; token: string }>("tokens", body);
export const revokeToken = (token: string) => tell<unknown>(`tokens/${id(token)}/revoke`, {});
export const getAudit = (before: number | undefined) => call<AuditRow[]>(`audit?${query({ before, limit: 100 })}`);
export const verifyAudit = () => call<Verified>("audit/verify");
export const getChannels = () => call<Channel[]>("channels");
export const enableChannel = (channel: string, by: string) => tell<unknown>(`channels/${id(channel)}/enable`, { by });
export const getRuleVersions = () => call<RuleVersions>("rules/versions");
export const getBacktests = async (version: number) =>
  (await call<{ readonly backtests: Backtest[] }>(`rules/versions/${version}`)).backtests;
