import { describe, expect, test } from "vitest";
import type { Alarm, Snapshot, Ticket } from "../src/api/types";
import * as merge from "../src/live/merge";

const alarm = (id: string, more: Partial<Alarm> = {}): Alarm => ({
  id, asset: "a", rule: "r", point: "p", hazard: "h", category: "hazard", grade: "general", priority: 2, state: "unacked",
  value: 1, limit: 1, unit: null, name: { en: "n", zh: "名" }, raised_ms: 0, cleared_ms: null, acked_ms: null, acked_by: null,
  ticket: null, ...more,
});

const ticket = (id: string, opened_ms: number, state = "filed"): Ticket => ({
  id, number: id, asset: "a", kind: "k", hazard: "h", category: "hazard", grade: "general", priority: 2, state,
  title: { en: "t", zh: "题" }, grid: "g", grid_name: "G", location: "L", opened_ms, raised_ms: 0, acked_ms: null,
  acked_by: null, alarm_active: true, late: false, procedure: null, evidence: [],
});

const snapshot = (more: Partial<Snapshot> = {}): Snapshot => ({
  seq: 10, now_ms: 0, boot: "b", alarms: [], tickets: [], latest: {}, edges: [], system: null, ...more,
});

describe("a snapshot", () => {
  test("replaces everything, so that what the server forgot is forgotten", () => {
    const before = merge.fromSnapshot(snapshot({ alarms: [alarm("1")], latest: { "a/p": [1, 0, 0, "none"] } }));
    const after = merge.fromSnapshot(snapshot({ seq: 11 }));
    expect([before.alarms.size, before.latest.get("a")?.size]).toEqual([1, 1]);
    expect([after.alarms.size, after.latest.size]).toEqual([0, 0]);
  });

  test("of a new boot may begin its sequence again", () => {
    const known = merge.fromSnapshot(snapshot({ seq: 900 }));
    expect(merge.fromSnapshot(snapshot({ seq: 0, boot: "c" }))).toMatchObject({ seq: 0, boot: "c" });
    expect(known.seq).toBe(900);
  });
});

describe("hidden alarms", () => {
  test("call nobody and come after all others", () => {
    const hidden = (["shelved", "suppressed", "out_of_service"] as const).map((state, i) => alarm(`h${i}`, { state, priority: 1 }));
    expect(hidden.map(merge.isUnacked)).toEqual([false, false, false]);
    expect([...hidden, alarm("seen", { state: "acked", priority: 4 })].sort(merge.byUrgency)[0]?.id).toBe("seen");
    expect([alarm("x"), ...hidden].filter((one) => !merge.isHidden(one)).map((one) => one.id)).toEqual(["x"]);
  });
});

describe("what is unknown", () => {
  const lost = { reason: "edge_lost", parent: "e", alarm: "e.edge_lost", since_ms: 5 };

  test("is told by asset and taken back by null", () => {
    const known = merge.fromSnapshot(snapshot({ unknown: { a: lost } }));
    const after = merge.withDelta(known, { seq: 11, now_ms: 0, unknown: { a: null, b: lost } });
    expect([[...known.unknown.keys()], [...after.unknown.keys()]]).toEqual([["a"], ["b"]]);
  });
});

describe("a delta", () => {
  test("that was merged before changes nothing", () => {
    const known = merge.fromSnapshot(snapshot());
    expect(merge.withDelta(known, { seq: 10, now_ms: 0, alarms: [alarm("1")] })).toBe(known);
  });

  test("touches only the assets it names", () => {
    const known = merge.fromSnapshot(snapshot({ latest: { "a/p": [1, 0, 0, "none"], "b/p": [2, 0, 0, "none"] } }));
    const after = merge.withDelta(known, { seq: 11, now_ms: 0, latest: { "a/q": [0, 5, 0, "none"] } });
    expect(after.latest.get("b")).toBe(known.latest.get("b"));
    expect([...(after.latest.get("a")?.keys() ?? [])]).toEqual(["p", "q"]);
    expect(known.latest.get("a")?.size).toBe(1);
  });

  test("keeps a reading of zero", () => {
    const known = merge.withDelta(merge.fromSnapshot(snapshot()), { seq: 11, now_ms: 0, latest: { "a/p": [0, 5, 0, "none"] } });
    expect(known.latest.get("a")?.get("p")?.[0]).toBe(0);
  });

  test("takes away an alarm that is normal and a ticket that is closed", () => {
    const known = merge.fromSnapshot(snapshot({ alarms: [alarm("1")], tickets: [ticket("t", 0)] }));
    const after = merge.withDelta(known, { seq: 11, now_ms: 0, alarms: [alarm("1", { state: "normal" })], tickets: [ticket("t", 0, "written_off")] });
    expect([after.alarms.size, after.tickets.size]).toEqual([0, 0]);
  });
});

describe("memory", () => {
  test("holds the newest tickets and no more than its bound", () => {
    const many = Array.from({ length: merge.MOST_TICKETS + 40 }, (_, i) => ticket(`t${i}`, i));
    const known = merge.fromSnapshot(snapshot({ tickets: many }));
    expect(known.tickets.size).toBe(merge.MOST_TICKETS);
    expect(known.tickets.has("t39")).toBe(false);
    expect(known.tickets.has("t40")).toBe(true);
  });

  test("holds the most urgent alarms and no more than its bound", () => {
    const many = Array.from({ length: merge.MOST_ALARMS + 5 }, (_, i) => alarm(`x${i}`, { priority: 4 }));
    const known = merge.fromSnapshot(snapshot({ alarms: [...many, alarm("first", { priority: 1 })] }));
    expect(known.alarms.size).toBe(merge.MOST_ALARMS);
    expect(known.alarms.has("first")).toBe(true);
  });

  test("of one asset's points is bounded", () => {
    const latest = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`a/p${i}`, [1, 0, 0, "none"] as const]));
    expect(merge.fromSnapshot(snapshot({ latest })).latest.get("a")?.size).toBe(merge.MOST_POINTS);
  });
});

test("alarms nobody acknowledged come first, then the standing ones, then by priority, then the newest", () => {
  const sorted = [
    alarm("acked-1", { state: "acked", priority: 1 }),
    alarm("old-3", { priority: 3, raised_ms: 1 }),
    alarm("gone-1", { state: "rtn_unacked", priority: 1 }),
    alarm("new-3", { priority: 3, raised_ms: 2 }),
    alarm("p2", { priority: 2 }),
  ].sort(merge.byUrgency);
  expect(sorted.map((one) => one.id)).toEqual(["p2", "new-3", "old-3", "gone-1", "acked-1"]);
});
