import { describe, expect, test } from "vitest";
import type { Alarm, Site } from "../src/api/types";
import { byReturn, choices, isOverdue } from "../src/show/shelf";

const site = { policy: { shelf_s: { "2": 7200, "3": 28_800, "4": 3000 }, most_renewals: 3 } } as unknown as Site;
const alarm = (more: object): Alarm => ({ id: "a", priority: 2, state: "unacked", ...more }) as unknown as Alarm;

describe("what may be shelved, and for how long", () => {
  test.each([
    ["the policy's time comes last", { priority: 2 }, [900, 1800, 3600, 7200]],
    ["four choices at most, the longest of them", { priority: 3 }, [3600, 7200, 14_400, 28_800]],
    ["a time that is no usual one", { priority: 4 }, [900, 1800, 3000]],
    ["a priority that the policy does not name", { priority: 1 }, []],
    ["life safety of any priority", { priority: 3, protected: true }, []],
    ["out of service", { state: "out_of_service" }, []],
    ["renewed", { state: "shelved", hidden: { renewals: 2 } }, [900, 1800, 3600, 7200]],
    ["renewed as often as allowed", { state: "shelved", hidden: { renewals: 3 } }, []],
  ])("%s", (_, more, wanted) => {
    expect(choices(site, alarm(more))).toEqual(wanted);
  });

  test("nothing where the site tells no policy", () => {
    expect(choices({} as Site, alarm({}))).toEqual([]);
    expect(choices(null, alarm({}))).toEqual([]);
  });
});

test("what comes back first stands first, what has no end last", () => {
  const hidden = [
    alarm({ id: "design", hidden: { until_ms: null } }),
    alarm({ id: "late", hidden: { until_ms: 9 } }),
    alarm({ id: "soon", hidden: { until_ms: 3 } }),
  ];
  expect([...hidden].sort(byReturn).map((one) => one.id)).toEqual(["soon", "late", "design"]);
});

test("only a permit is overdue", () => {
  expect(isOverdue(alarm({ state: "out_of_service", hidden: { until_ms: 3 } }), 4)).toBe(true);
  expect(isOverdue(alarm({ state: "out_of_service", hidden: { until_ms: 4 } }), 4)).toBe(false);
  expect(isOverdue(alarm({ state: "shelved", hidden: { until_ms: 3 } }), 4)).toBe(false);
});
