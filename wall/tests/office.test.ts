// What the screens of the office work out by themselves: days of the site's calendar, whose turn it is, what is overdue.
import { describe, expect, test } from "vitest";
import type { ComingDuty, Duty, Roster, Stretch, Zone } from "../src/api/office.types";
import { dayOf, later, midnight, period } from "../src/show/calendar";
import { isOverdue, sorted } from "../src/show/duties";
import { daysOf, mineOf, missing, nextOf, untilOf } from "../src/show/roster";
import { areas, half } from "../src/show/zones";

const HOUR = 3_600_000;
const SHANGHAI = "Asia/Shanghai";
const at = (text: string): number => Date.parse(`${text}:00+08:00`);

describe("the site's calendar", () => {
  test("a day begins at the site's midnight, whatever the browser's zone is", () => {
    expect(midnight("2026-06-04", SHANGHAI)).toBe(at("2026-06-04T00:00"));
    expect(dayOf(at("2026-06-04T23:59"), SHANGHAI)).toBe("2026-06-04");
    expect(dayOf(at("2026-06-05T00:00"), SHANGHAI)).toBe("2026-06-05");
  });

  test("days on which clocks change have 23 and 25 hours, and what is no day is no moment", () => {
    const long = (day: string): number => (midnight(later(day, 1), "Europe/Berlin") - midnight(day, "Europe/Berlin")) / HOUR;
    expect([long("2026-03-28"), long("2026-03-29"), long("2026-10-25")]).toEqual([24, 23, 25]);
    expect(midnight("nonsense", SHANGHAI)).toBeNaN();
    expect(midnight("", SHANGHAI)).toBeNaN();
  });

  test("usual periods hold both their days", () => {
    expect(period("week", "2026-06-04")).toEqual(["2026-06-01", "2026-06-07"]);
    expect(period("month", "2026-02-10")).toEqual(["2026-02-01", "2026-02-28"]);
    expect(period("last_month", "2026-03-31")).toEqual(["2026-02-01", "2026-02-28"]);
    expect(period("year", "2026-12-31")).toEqual(["2026-01-01", "2026-12-31"]);
    expect(later("2026-02-28", 1)).toBe("2026-03-01");
  });
});

const stretch = (person: string, begin: string, end: string, shift: string | null = null): Stretch => ({
  begin_ms: at(begin), end_ms: at(end), person, shift: shift === null ? null : { en: shift, zh: shift }, night: false, instead_of: null,
});
const week = (person: string, first: number): Stretch[] =>
  Array.from({ length: 7 }, (_, i) => stretch(person, `2026-06-${String(first + i).padStart(2, "0")}T08:00`, `2026-06-${String(first + i + 1).padStart(2, "0")}T08:00`));
const roster = (stretches: Stretch[], now: Stretch[], gaps: [number, number][] = []): Roster => ({
  id: "r", name: { en: "r", zh: "r" }, around_the_clock: true, on: true, now, next: [], stretches, gaps,
});

describe("a roster", () => {
  const leaders = [...week("b", 1), ...week("a", 8)];

  test("a week that is told as seven days is one turn, and the next one is somebody else", () => {
    const told = roster(leaders, [leaders[3]!]);
    const now = at("2026-06-04T16:00");
    expect(untilOf(told, leaders[3]!)).toBe(at("2026-06-08T08:00"));
    expect(nextOf(told, now).map((each) => [each.person, each.begin_ms])).toEqual([["a", at("2026-06-08T08:00")]]);
    expect(mineOf([told], "a", now).map((each) => [each.stretch.begin_ms, each.stretch.end_ms])).toEqual([
      [at("2026-06-08T08:00"), at("2026-06-15T08:00")],
    ]);
  });

  test("shifts that touch stay two, and what is over is not mine any more", () => {
    const shifts = [stretch("a", "2026-06-03T08:00", "2026-06-03T20:00", "day"), stretch("a", "2026-06-04T08:00", "2026-06-04T20:00", "day"), stretch("a", "2026-06-04T20:00", "2026-06-05T08:00", "night")];
    expect(mineOf([roster(shifts, [])], "a", at("2026-06-04T16:00"))).toHaveLength(2);
  });

  test("a gap takes its place in the day, and two at once take two lanes", () => {
    const held = [stretch("a", "2026-06-04T00:00", "2026-06-04T12:00"), stretch("b", "2026-06-04T06:00", "2026-06-04T12:00")];
    const [day] = daysOf(roster(held, [], [[at("2026-06-04T12:00"), at("2026-06-05T00:00")]]), at("2026-06-04T00:00"), 1, SHANGHAI);
    expect(day!.parts.map((part) => [part.stretch?.person ?? null, part.left, part.width, part.lane])).toEqual([
      ["a", 0, 0.5, 0], ["b", 0.25, 0.25, 1], [null, 0.5, 0.5, 0],
    ]);
    expect(day!.lanes).toBe(2);
  });

  test("only what somebody should cover is missing: not of a roster that is off, nor of one for some hours", () => {
    const told = roster([], [], [[0, 1]]);
    expect(missing(told)).toEqual([[0, 1]]);
    expect(missing({ ...told, on: false })).toEqual([]);
    expect(missing({ ...told, around_the_clock: false })).toEqual([]);
  });
});

const duty = (id: number, state: Duty["state"], due: string, more: Partial<Duty> = {}): Duty => ({
  id, state, schedule: "s", kind: "daily", name: { en: "x", zh: "x" }, subject: "", subject_name: null, unit: "u", needs_photo: false, scoring: null,
  text: null, due_from_ms: at(due) - HOUR, due_to_ms: at(due), overdue_ms: at(due), label: null, is_late: false, needs_outcome: false, began_ms: null,
  began_by: null, done_ms: null, done_by: null, proof: null, photo: null, ticket: null,
  score: null, score_of: null, passed: null, points: null, ...more,
});

test("what is overdue comes first, the oldest of it first; what was done yesterday is not today's", () => {
  const found = sorted(
    [
      duty(1, "open", "2026-06-04T18:00"), duty(2, "missed", "2026-06-04T09:00"), duty(3, "open", "2026-06-04T10:00", { is_late: true }),
      duty(4, "done", "2026-06-04T08:00", { done_ms: at("2026-06-04T07:00") }), duty(5, "done", "2026-06-03T20:00", { done_ms: at("2026-06-03T19:00") }),
      duty(6, "open", "2026-06-04T17:00", { unit: "other" }),
    ],
    [{ unit: "u" } as ComingDuty, { unit: "other" } as ComingDuty], "u", at("2026-06-04T00:00"),
  );
  expect(found.overdue.map((each) => each.id)).toEqual([2, 3]);
  expect(found.now.map((each) => each.id)).toEqual([1]);
  expect(found.done.map((each) => each.id)).toEqual([4]);
  expect(found.coming).toHaveLength(1);
  expect(isOverdue(duty(7, "waived", "2026-06-04T09:00"))).toBe(false);
});

test("an area waits for a person while its newest proposal is not confirmed, and stands at what was confirmed last", () => {
  const zone = (id: number, place: string, proposed: Zone["proposed"], confirmed: Zone["grade"]): Zone => ({
    id, place, proposed, reading: "and", because: "3 new / 新增3例", proposed_ms: id, grade: confirmed,
    confirmed_by: confirmed === null ? null : "x", confirmed_ms: confirmed === null ? null : id, note: "",
  });
  const found = areas([zone(3, "b", "high", null), zone(2, "a", "medium", "medium"), zone(1, "b", "medium", "low")]);
  expect(found.map((each) => [each.place, each.waits, each.confirmed?.grade])).toEqual([["b", true, "low"], ["a", false, "medium"]]);
  expect([half("3 new / 新增3例", "en"), half("3 new / 新增3例", "zh"), half("alone", "zh")]).toEqual(["3 new", "新增3例", "alone"]);
});
