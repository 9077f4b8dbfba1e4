import { describe, expect, test } from "vitest";
import type { Alarm, Asset, Latest, Point } from "../src/api/types";
import { parse, toAsset, toTicket } from "../src/route";
import { bytes, count, exact, NONE, number, withUnit } from "../src/show/number";
import { bar } from "../src/show/scale";
import { tile } from "../src/show/tile";
import { duration, moment } from "../src/show/time";
import { say, wordFor } from "../src/text/dictionary";

describe("numbers", () => {
  test("zero is a number, nothing is not", () => {
    expect([number(0, 1), number(null, 1), number(Number.NaN, 1), number(-0.04, 1)]).toEqual(["0.0", NONE, NONE, "0.0"]);
  });

  test("have a true minus sign and thin spaces from five digits on", () => {
    expect([number(-12.34, 1), number(9999, 0), number(69628, 0), number(1234567.5, 1)]).toEqual([
      "\u221212.3", "9999", "69\u202f628", "1\u202f234\u202f567.5",
    ]);
  });

  test("of limits lose their trailing zeros", () => {
    expect([exact(90, 1), exact(0.665, 2), exact(0.7, 2), exact(-75, 0)]).toEqual(["90", "0.665", "0.7", "\u221275"]);
  });

  test("carry their unit, but no unit where there is no number", () => {
    expect([withUnit(1, 1, "MPa"), withUnit(null, 1, "MPa"), withUnit(3, 0, "")]).toEqual(["1.0\u202fMPa", NONE, "3"]);
  });

  test("of bytes are scaled", () => {
    expect([bytes(0), bytes(913_224), bytes(268_435_456), bytes(null)]).toEqual(["0\u202fB", "891.8\u202fKiB", "256.0\u202fMiB", NONE]);
    expect(count(1_234_567)).toBe("1\u202f234\u202f567");
  });
});

describe("time", () => {
  const at = Date.UTC(2026, 2, 26, 0, 15, 9);
  test("is the site's, not the browser's", () => {
    expect(moment(at, "clock", "Asia/Shanghai", "en")).toBe("08:15:09");
    expect(moment(at, "full", "Asia/Shanghai", "zh")).toBe("2026-03-26 08:15:09");
    expect(moment(null, "clock", "Asia/Shanghai", "en")).toBe(NONE);
  });

  test("midnight is 00, not 24", () => {
    expect(moment(Date.UTC(2026, 2, 25, 16, 0, 0), "clock", "Asia/Shanghai", "zh")).toBe("00:00:00");
  });

  test("durations have two units at most", () => {
    expect([0, 45e3, 12 * 60e3, 3 * 3600e3 + 20 * 60e3, 52 * 3600e3].map((ms) => duration(ms, "en"))).toEqual([
      "0 s", "45 s", "12 min", "3 h 20 min", "2 d 4 h",
    ]);
    expect(duration(3 * 3600e3 + 20 * 60e3, "zh")).toBe("3 小时 20 分");
  });
});

describe("words", () => {
  test("fall back rather than vanish", () => {
    expect([say({ en: "Boiler", zh: "锅炉" }, "zh"), say({ en: "Boiler", zh: "" }, "zh"), say("plain", "zh"), say(null, "en")]).toEqual([
      "锅炉", "Boiler", "plain", "",
    ]);
    expect(wordFor({ a: "A" }, "not_known_yet")).toBe("not known yet");
  });
});

describe("addresses", () => {
  test("lead there and back, also for odd ids", () => {
    expect(parse(toAsset("boiler-1"))).toEqual({ view: "asset", id: "boiler-1" });
    expect(parse(toTicket("a/b c"))).toEqual({ view: "ticket", id: "a/b c" });
  });

  test("that mean nothing lead to the overview", () => {
    expect([parse(""), parse("#/nonsense"), parse("#/ticket/"), parse("#/asset/%E0%A4%A")].map((route) => route.view)).toEqual([
      "overview", "overview", "overview", "asset",
    ]);
  });
});

const point = (id: string, more: Partial<Point> = {}): Point => ({
  id, name: { en: id, zh: id }, unit: "Cel", label: "°C", decimals: 1, normal: null, states: [], heartbeat_s: 10, limits: [], ...more,
});
const limit = (value: number, type: "high" | "low" = "high", priority: 1 | 2 | 3 | 4 = 2) =>
  ({ rule: `r${value}`, type, limit: value, deadband: 1, priority, name: { en: "", zh: "" } }) as const;

describe("the bar", () => {
  test("places normal zone, limits and value on one scale, and clips a value that is off it", () => {
    const drawn = bar(point("p", { normal: [60, 85], limits: [limit(90), limit(40, "low")] }), 500);
    expect(drawn?.at).toBe(1);
    expect(drawn?.normal?.[0]).toBeGreaterThan(drawn?.limits[1]?.at ?? 1);
    expect(drawn?.normal?.[1]).toBeLessThan(drawn?.limits[0]?.at ?? 0);
  });

  test("is not drawn where there is nothing to compare with", () => {
    expect(bar(point("p"), 1)).toBeNull();
  });
});

describe("a tile behind a lost parent", () => {
  const asset: Asset = {
    id: "a", kind: "boiler", kind_name: { en: "", zh: "" }, name: { en: "", zh: "" }, grid: "g", location: { en: "", zh: "" },
    variant: null, edge: [], registration: "", attributes: [], points: [point("x"), point("y", { on_event: true })],
  };
  const lost = { reason: "bus_lost", parent: "e-b", alarm: "e-b.bus_lost", since_ms: 0 };

  test("shows no last value as if it were the present, not even of a point that speaks on events", () => {
    const told = new Map<string, Latest>([["x", [7, 0, 0, "none"]], ["y", [36, 0, 0, "none"]]]);
    const drawn = tile(asset, told, [], { now_ms: 1_000, speed: 1 }, lost);
    expect([drawn.blind, drawn.unknown, drawn.why]).toEqual([true, 2, "bus_lost"]);
    expect(drawn.values.map((one) => [one.value, one.trust])).toEqual([[null, "unknown"], [null, "unknown"]]);
  });
});

describe("a tile", () => {
  const asset = (points: Point[]): Asset => ({
    id: "a", kind: "boiler", kind_name: { en: "", zh: "" }, name: { en: "", zh: "" }, grid: "g", location: { en: "", zh: "" },
    variant: null, edge: [], registration: "", attributes: [], points,
  });
  const alarm = (more: Partial<Alarm>): Alarm => ({
    id: 1, asset: "a", rule: "r", point: null, hazard: "h", category: "hazard", grade: "general", priority: 3, state: "acked",
    value: null, limit: null, unit: null, name: { en: "", zh: "" }, raised_ms: 0, cleared_ms: null, acked_ms: null, acked_by: null,
    ticket: null, ...more,
  });
  const at = { now_ms: 1_000, speed: 1 };
  const told = (entries: Record<string, Latest>): Map<string, Latest> => new Map(Object.entries(entries));
  const good = (value: number): Latest => [value, 0, 0, "none"];

  test("has the priority of its worst standing alarm, and the point of that alarm first", () => {
    const shown = tile(
      asset([point("x", { on_tile: true }), point("y", { on_tile: true }), point("z")]),
      told({ x: good(1), y: good(2), z: good(3) }),
      [alarm({ id: 1, priority: 3, point: "y" }), alarm({ id: 2, priority: 2, point: "z" }), alarm({ id: 3, priority: 1, state: "rtn_unacked" })],
      at,
    );
    expect([shown.priority, shown.over, shown.more, shown.unacked]).toEqual([2, false, 2, true]);
    expect(shown.values.map((one) => one.point.id)).toEqual(["z", "y"]);
  });

  test("with only alarms that are over says so", () => {
    const shown = tile(asset([point("x")]), told({ x: good(1) }), [alarm({ state: "rtn_unacked" })], at);
    expect([shown.over, shown.priority]).toEqual([true, 3]);
  });

  test("knows nothing when every reading is bad or old, and shows no number then", () => {
    const shown = tile(asset([point("x"), point("y")]), told({ x: [7, 0, 2, "comm_timeout"], y: good(3) }), [], { now_ms: 60_000, speed: 1 });
    expect([shown.blind, shown.unknown]).toEqual([true, 2]);
    expect(shown.values.map((one) => one.value)).toEqual([null, null]);
  });

  test("shows an odd state even without an alarm", () => {
    const states = [
      { code: 0, id: "ok", name: { en: "", zh: "" }, abnormal: false },
      { code: 2, id: "lockout", name: { en: "", zh: "" }, abnormal: true },
    ];
    const shown = tile(asset([point("x", { states })]), told({ x: good(2) }), [], at);
    expect([shown.priority, shown.oddState?.id]).toEqual([null, "lockout"]);
  });
});
