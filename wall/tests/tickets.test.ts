import { describe, expect, test } from "vitest";
import type { Evidence, Session, Ticket, Work } from "../src/api/types";
import type { Attachment, Call, Offer, Page, Step } from "../src/api/work";
import { parse } from "../src/route";
import { chosen, dueOf, EVERYTHING, gridsIn, grouped, isMine, isOverdue, placesOf, proofPart, type Place } from "../src/show/board";
import { kindOf, pairsOf } from "../src/show/files";
import { nextOffer } from "../src/show/next";
import { aroundEvent, aroundProof, marksOf, story } from "../src/show/story";
import { fromField, toField } from "../src/show/time";

const WORK: Work = {
  source: "sensor", hazard_word: { en: "s", zh: "s" }, city_step: { en: "c", zh: "c" }, lead_unit: "u1", lead_name: null,
  assist_units: ["u2"], rectifier: "", ack_due_ms: 100, arrive_due_ms: 200, due_ms: 900, due_assumed: false, overdue: [],
  begun_ms: null, repaired_ms: null, verification: "none", good_since_ms: null, verify_s: 60, plan: null, upward: null,
  accepted: [], interim: "", merged_into: null, reopened: 0, text: "", address: "",
};

const ticket = (id: string, more: Partial<Ticket> = {}, work: Partial<Work> = {}): Ticket => ({
  id, number: id, asset: "a", kind: "k", hazard: "h", category: "hazard", grade: "general", priority: 2, state: "dispatched",
  title: { en: "t", zh: "题" }, grid: "g", grid_name: "G", location: "L", opened_ms: 0, raised_ms: 0, acked_ms: null,
  acked_by: null, alarm_active: true, late: false, procedure: null, evidence: [], closed_ms: null, work: { ...WORK, ...work }, ...more,
});

const me: Session = { id: "me", name: { en: "Me", zh: "我" }, kind: "person", may: [], places: [], unit: "u2", must_change: false };

describe("what is due", () => {
  test("is the earliest limit of what was not done yet", () => {
    expect(dueOf(ticket("1"))).toEqual({ step: "acknowledge", at_ms: 100 });
    expect(dueOf(ticket("1", { acked_ms: 5 }))).toEqual({ step: "arrive", at_ms: 200 });
    expect(dueOf(ticket("1", { acked_ms: 5 }, { begun_ms: 6 }))).toEqual({ step: "rectify", at_ms: 900 });
    expect(dueOf(ticket("1", { acked_ms: 5 }, { begun_ms: 6, repaired_ms: 7 }))).toBeNull();
    expect(dueOf(ticket("1", {}, { ack_due_ms: null, arrive_due_ms: null, due_ms: null }))).toBeNull();
  });

  test("is nothing while the clock stands still, or after the end", () => {
    expect(["deferred", "written_off", "void"].map((state) => dueOf(ticket("1", { state })))).toEqual([null, null, null]);
  });

  test("is overdue from the very moment on, and zero is a moment", () => {
    expect([99, 100].map((now) => isOverdue(ticket("1"), now))).toEqual([false, true]);
    expect(isOverdue(ticket("1", {}, { ack_due_ms: 0 }), 0)).toBe(true);
  });
});

test("photos stand beside each other as the pairs that they are, and a missing one is told", () => {
  const file = (id: string, phase: "" | "before" | "after", pair: number | null): Attachment => ({
    id, ticket: "1", at_ms: 0, by: "me", media_type: "image/jpeg", size: 1, name: id, note: "", phase, pair,
  });
  const found = pairsOf([file("c", "before", 2), file("a", "before", 1), file("x", "", null), file("b", "after", 1)]);
  expect(found.map((one) => [one.number, one.before?.id, one.after?.id])).toEqual([[1, "a", "b"], [2, "c", undefined]]);
});

describe("the board", () => {
  const all = [
    ticket("late", { priority: 4 }, { ack_due_ms: 50 }),
    ticket("soon", { grid: "g2", acked_by: "me", acked_ms: 1 }, { assist_units: [] }),
    ticket("free", { category: "sanitation", state: "deferred" }, { assist_units: [], lead_unit: "u2" }),
    ticket("done", { grade: "major", state: "feedback", acked_ms: 1 }, { begun_ms: 1, repaired_ms: 2, assist_units: [], lead_unit: "" }),
  ];
  const ids = (tickets: readonly Ticket[]): unknown[] => tickets.map((one) => one.id);
  const keys = (by: "deadline" | "state" | "owner" | "sector"): unknown[] => grouped(chosen(all, EVERYTHING, me), by, 60, "u2").map((one) => [one.key, ids(one.tickets)]);

  test("has what is overdue on top, whatever its priority", () => {
    expect(ids(chosen(all, EVERYTHING, me)).slice(0, 2)).toEqual(["late", "soon"]);
    expect(keys("deadline")).toEqual([["overdue", ["late"]], ["due", ["soon"]], ["proof", ["done"]], ["free", ["free"]]]);
  });

  test("is narrowed to a sector, and grouped by it with the rest last", () => {
    const some = [ticket("f", { sector: "food" }), ticket("o"), ticket("t", { sector: "traffic" })];
    expect(ids(chosen(some, { ...EVERYTHING, sector: "food" }, me))).toEqual(["f"]);
    expect(ids(chosen(some, { ...EVERYTHING, sector: "other" }, me))).toEqual(["o"]);
    expect(grouped(some, "sector", 0, null).map((one) => one.key)).toEqual(["food", "traffic", "other"]);
  });

  test("groups by state in the order of the workflow, and by owner with one's own unit first and nobody's last", () => {
    expect(keys("state")).toEqual([["dispatched", ["late", "soon"]], ["feedback", ["done"]], ["deferred", ["free"]]]);
    expect(keys("owner")).toEqual([["u2", ["free"]], ["u1", ["late", "soon"]], ["", ["done"]]]);
  });

  test("is narrowed by place, category, grade and by whose it is", () => {
    const fits = (more: object): unknown[] => ids(chosen(all, { ...EVERYTHING, ...more }, me)).sort();
    expect([fits({ place: "g2" }), fits({ category: "sanitation" }), fits({ grade: "major" })]).toEqual([["soon"], ["free"], ["done"]]);
    expect(fits({ mine: true })).toEqual(["free", "late", "soon"]); // lead or assisting unit, or noted by me
    expect(isMine(all[1]!, { ...me, kind: "viewer" })).toBe(false);
    expect([isMine(all[1]!, null), isMine(ticket("x", {}, { rectifier: "me", assist_units: [] }), me)]).toEqual([false, true]);
  });

  test("knows a community's grids, and shows only places that have some", () => {
    const place = (id: string, parent: string | null): Place => ({ id, parent, name: { en: id, zh: id } });
    const places = [place("g2", "c1"), place("city", null), place("c1", "city"), place("c2", "city"), place("g", "c1"), place("far", "c2")];
    expect([...gridsIn("c1", places)].sort()).toEqual(["c1", "g", "g2"]);
    expect(placesOf(["g", "g2"], places).map((one) => [one.place.id, one.depth])).toEqual([["city", 0], ["c1", 1], ["g2", 2], ["g", 2]]);
    expect([ids(chosen(all, { ...EVERYTHING, place: "c1" }, me, places)).length, chosen(all, { ...EVERYTHING, place: "c2" }, me, places)]).toEqual([4, []]);
  });

  test("has an address for what is mine", () => {
    expect([parse("#/tickets"), parse("#/tickets/mine")]).toEqual([{ view: "tickets", mine: false }, { view: "tickets", mine: true }]);
  });

  test("shows how far the sensor's agreement has come", () => {
    const part = (work: Partial<Work>): number | null => proofPart(ticket("1", {}, { verification: "pending", ...work }), 30_000);
    expect([part({}), part({ good_since_ms: 0 }), part({ good_since_ms: -90_000 }), part({ verification: "none" })]).toEqual([0, 0.5, 1, null]);
  });
});

describe("the next step", () => {
  const offer = (verb: string, more: Partial<Offer> = {}): Offer => ({ verb, fields: [], refused: null, ...more });
  const refused = { reason: "x", words: { en: "x", zh: "x" } };
  const next = (of: Ticket, ...offers: Offer[]): string | undefined => nextOffer(of, offers)?.verb;

  test("is to take note, then to begin, then to mark it repaired", () => {
    expect(next(ticket("1"), offer("repaired"), offer("begin"), offer("acknowledge"))).toBe("acknowledge");
    expect(next(ticket("1"), offer("repaired"), offer("begin"), offer("return"))).toBe("begin");
    expect(next(ticket("1", { state: "rectifying" }), offer("repaired"), offer("interim"))).toBe("repaired");
  });

  test("of a major hazard is its report, then its plan", () => {
    const major = (work: Partial<Work>): Ticket => ticket("1", { state: "graded", grade: "major", acked_ms: 1 }, work);
    const offers = [offer("plan"), offer("report_upward"), offer("dispatch", { refused })];
    const upward = { to_unit: "u", reported_ms: 1, receipt: "", received_by: "", received_ms: null };
    expect(next(major({}), ...offers)).toBe("report_upward");
    expect(next(major({ upward }), ...offers)).toBe("plan");
  });

  test("is never one that is refused, and never to close against the sensor", () => {
    const fields = [{ name: "unverified", kind: "flag", required: true, choices: [], value: null, only_if: null }] as const;
    expect(next(ticket("1", { state: "accepted" }), offer("write_off", { fields }), offer("accept", { refused }))).toBeUndefined();
  });
});

describe("the time line", () => {
  const step = (id: string, at_ms: number, verb: string, more: Partial<Step> = {}): Step => ({
    id, at_ms, verb, actor: "me", old: "a", new: "a", old_word: null, new_word: { en: "", zh: "" }, approver: "", note: "", payload: {}, ...more,
  });
  const said = (at_ms: number, en: string, point: string | null = null): Evidence => ({ at_ms, text: { en, zh: en }, point, value: null, unit: null });
  const page: Page = {
    id: 1, step: 0, round: 0, person: "p", name: { en: "P", zh: "P" }, channel: "log", due_ms: 20, state: "sent", attempts: 1,
    sent_ms: 25, acked_ms: null, delay_ms: 5, receipt: null, reason: null, drill: false,
  };
  const call: Call = {
    number: 1, why: "raised", at_ms: 20, late: false, drill: false, acked_ms: 40, acked_by: "me", acked_how: "api", answer_ms: 20,
    ended_ms: null, ended_why: null, pages: [page],
  };
  const file: Attachment = { id: "7", ticket: "1", at_ms: 50, by: "me", media_type: "image/png", size: 1, name: "n", note: "" };

  test("has alarms, calls, pages, answers, steps and files, the newest first", () => {
    const steps = [step("1", 10, "open"), step("2", 40, "acknowledge"), step("3", 50, "attach", { payload: { attachment: 7 } })];
    const lines = story({ evidence: [said(10, "too hot", "temp")], steps, calls: [call], files: [file] });
    expect(lines.map((line) => [line.kind, line.at_ms])).toEqual([
      ["step", 50], ["step", 40], ["answer", 40], ["page", 25], ["call", 20], ["step", 10], ["alarm", 10],
    ]);
    expect(lines[0]).toMatchObject({ kind: "step", file });
  });

  test("says nothing twice that a step or a page says, and leaves out nothing else", () => {
    const steps = [step("1", 40, "acknowledge", { note: "on my way" }), step("2", 60, "overdue"), step("3", 70, "note", { note: "n" })];
    const evidence = [said(40, "me: on my way"), said(60, "Overdue"), said(25, "Paged P"), said(60, "hot", "temp"), said(70, "No answer")];
    const lines = story({ evidence, steps, calls: [call], files: [] });
    expect(lines.flatMap((line) => (line.kind === "alarm" ? [line.evidence.text.en] : []))).toEqual(["No answer", "hot"]);
  });

  test("of the signal reaches from before the alarm to after the repair, and then around its proof", () => {
    const hour = 3_600_000;
    expect(aroundEvent(ticket("1", { raised_ms: hour }), 2 * hour, 6 * hour)).toEqual({ from_ms: hour - 600_000, to_ms: 2 * hour });
    expect(aroundEvent(ticket("1", { raised_ms: 0 }), 90 * hour, 6 * hour).to_ms).toBe(6 * hour - 600_000);
    expect(aroundProof(ticket("1"), hour)).toBeNull();
    const repaired = ticket("1", { closed_ms: 3 * hour }, { repaired_ms: 2 * hour });
    expect(aroundProof(repaired, 9 * hour)).toEqual({ from_ms: 2 * hour - 0.2 * (hour + 60_000), to_ms: 3 * hour + 60_000 });
    expect(marksOf(repaired).map((mark) => mark.what)).toEqual(["raised", "repaired", "closed"]);
  });
});

describe("a file", () => {
  const of = (...signs: number[]): Uint8Array => new Uint8Array(signs);
  const heic = new TextEncoder().encode("\0\0\0\x18ftypheic\0\0");

  test("is what its first bytes are, whatever it is called", () => {
    expect([kindOf(of(0xff, 0xd8, 0xff, 0xe0), "image/heic"), kindOf(heic, "image/jpeg"), kindOf(of(0x4d, 0x5a), "image/png")]).toEqual([
      "image/jpeg", "heic", "other",
    ]);
    expect([kindOf(new TextEncoder().encode("%PDF-1.7"), ""), kindOf(of(104, 105), "text/plain"), kindOf(of(0, 1), "text/plain"), kindOf(of(), "text/plain")]).toEqual([
      "application/pdf", "text/plain", "other", "other",
    ]);
  });
});

describe("a moment in a form", () => {
  test("is the site's, there and back", () => {
    const at = Date.UTC(2026, 2, 26, 0, 15);
    expect(toField(at, "Asia/Shanghai")).toBe("2026-03-26T08:15");
    expect(fromField("2026-03-26T08:15", "Asia/Shanghai")).toBe(at);
    expect([fromField("", "Asia/Shanghai"), fromField("2026-07-01T12:00", "America/New_York")]).toEqual([null, Date.UTC(2026, 6, 1, 16)]);
  });
});
