// The board of a campaign: which one is shown, who comes first, and that no bar is longer than its track.
import { describe, expect, test } from "vitest";
import type { CampaignHead, Committee, DutyCounts, SampleItem, When } from "../src/api/campaign";
import { byNeed, parts, shown, standing, ticketOf } from "../src/show/campaign";

const NOTHING: DutyCounts = { due: 0, done: 0, late: 0, overdue: 0, open: 0, pending: 0, waived: 0, unasked: 0 };

const head = (id: string, state: When): CampaignHead => ({
  id, state, name: { en: id, zh: id }, from_ms: 0, to_ms: 1, year: 2026, units: [], categories: [], draws: true,
  basis: { name: { en: "b", zh: "b" }, number: "", issued: "2026-03-16" },
});

const committee = (unit: string, duties: number, tickets: number, wrong: number): Committee => ({
  unit, name: { en: unit, zh: unit }, duty: { ...NOTHING, overdue: duties },
  tickets: { found: 0, major: 0, rectified: 0, accepted: 0, written_off: 0, open: 0, overdue: tickets, rate: null },
  checks: { drawn: 0, checked: 0, consistent: 0, wrong, rate: null },
});

const item = (more: Partial<SampleItem>): SampleItem => ({
  item: "ticket:17", unit: "u", instance: 1, state: "open", due_to_ms: 1, outcome: null, checked_ms: null, checked_by: null,
  note: "", ticket: null, ...more,
});

describe("a campaign's board", () => {
  test("shows what was chosen, else what is running, else the newest", () => {
    const found = [head("next", "coming"), head("now", "running"), head("old", "over")];
    expect([shown(found, "old")?.id, shown(found, "")?.id, shown(found, "gone")?.id]).toEqual(["old", "now", "now"]);
    expect(shown([head("next", "coming"), head("old", "over")], "")?.id).toBe("next");
    expect(shown([], "")).toBeNull();
  });

  test("has those first who are behind, then those who were found wrong, the others in their order", () => {
    const found = [committee("a", 0, 0, 0), committee("b", 0, 0, 2), committee("c", 1, 2, 0), committee("d", 0, 0, 0)];
    expect(byNeed(found).map((each) => each.unit)).toEqual(["c", "b", "a", "d"]);
    expect(found.map((each) => each.unit)).toEqual(["a", "b", "c", "d"]);
  });

  test("has bars that are never longer than their track, of nothing too", () => {
    expect(parts({ ...NOTHING, due: 4, done: 1, waived: 1, overdue: 2 })).toEqual({ done: 50, overdue: 50 });
    expect(parts(NOTHING)).toEqual({ done: 0, overdue: 0 });
  });

  test("tells of a drawn item what was found, else how its inspection stands", () => {
    expect([standing(item({})), standing(item({ outcome: "wrong", state: "done" })), standing(item({ state: null }))]).toEqual(["open", "wrong", "pending"]);
    expect([ticketOf(item({})), ticketOf(item({ item: "duty:5" }))]).toEqual(["17", null]);
  });
});
