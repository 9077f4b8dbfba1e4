import { describe, expect, test } from "vitest";
import type { Series } from "../src/api/types";
import { appended, drawn, extent, MOST_FRESH, type Fresh } from "../src/trend/series";

const MINUTE = 60_000;
const window = { from_ms: 0, to_ms: 10 * MINUTE, bucket_ms: 0, silence_ms: 3 * MINUTE };

function series(readings: [minute: number, value: number | null][]): Series {
  return {
    asset: "a", point: "p", unit: "Cel", t: readings.map(([at]) => at * MINUTE), min: readings.map((one) => one[1]),
    max: readings.map((one) => one[1]), mean: readings.map((one) => one[1]), count: readings.map(() => 1),
    bad: readings.map((one) => Number(one[1] === null)),
  };
}

const minutes = (gaps: readonly (readonly [number, number])[]): number[][] => gaps.map(([from, to]) => [from / MINUTE, to / MINUTE]);

describe("a trend", () => {
  test("without a break is one line and no gap", () => {
    const line = drawn(series([[0, 1], [2, 0], [5, 3], [8, 4]]), [], window);
    expect(line.mean).toEqual([1, 0, 3, 4, 4]); // the last value holds until now
    expect([line.samples, line.gaps]).toEqual([4, []]);
  });

  test("breaks where readings were bad, from the first bad one to the next good one", () => {
    const line = drawn(series([[0, 1], [2, 2], [3, null], [4, null], [5, 3], [8, 4]]), [], window);
    expect(minutes(line.gaps)).toEqual([[3, 5]]);
    expect(line.mean).toEqual([1, 2, null, 3, 4, 4]);
  });

  test("breaks where nothing came for longer than the point may keep silent", () => {
    const line = drawn(series([[0, 1], [1, 2], [6, 3], [9, 4]]), [], window);
    expect(minutes(line.gaps)).toEqual([[1, 6]]);
    expect(line.mean).toEqual([1, 2, null, 3, 4, 4]);
  });

  test("is unknown up to now when the last reading is old or bad", () => {
    expect(minutes(drawn(series([[0, 1], [2, 2]]), [], window).gaps)).toEqual([[2, 10]]);
    expect(minutes(drawn(series([[7, 1], [9, null]]), [], window).gaps)).toEqual([[0, 7], [9, 10]]);
  });

  test("with no reading at all is unknown from end to end", () => {
    expect(minutes(drawn(null, [], window).gaps)).toEqual([[0, 10]]);
  });

  test("of buckets does not break at an empty bucket between two near ones", () => {
    const empty: Series = { ...series([[0, 1], [1, null], [2, 2], [5, 3], [8, 4]]), bad: [0, 0, 0, 0, 0] };
    expect(drawn(empty, [], { ...window, bucket_ms: MINUTE }).gaps).toEqual([]);
  });

  test("of an event point never breaks", () => {
    expect(drawn(series([[1, 36.5]]), [], { ...window, silence_ms: Infinity }).gaps).toEqual([]);
  });

  test("goes on with live readings, and takes none twice", () => {
    const fresh: Fresh[] = [{ at_ms: 5 * MINUTE, value: 3 }, { at_ms: 7 * MINUTE, value: 9 }, { at_ms: 8 * MINUTE, value: null }];
    const line = drawn(series([[0, 1], [2, 2], [5, 3]]), fresh, window);
    expect(line.mean).toEqual([1, 2, 3, 9]);
    expect(minutes(line.gaps)).toEqual([[8, 10]]);
  });

  test("has times that only grow, as the plot needs", () => {
    const line = drawn(series([[0, 1], [1, null], [1, 2], [2, 3], [8, 4]]), [], window);
    expect(line.t.every((t, i) => i === 0 || t > line.t[i - 1]!)).toBe(true);
  });
});

test("live readings are bounded, and a snapshot that repeats one adds nothing", () => {
  let fresh: readonly Fresh[] = [];
  for (let i = 0; i < 2 * MOST_FRESH; i++) fresh = appended(fresh, [i, i, 0, "none"]);
  expect(fresh.length).toBe(MOST_FRESH);
  expect(appended(fresh, [0, 5, 0, "none"])).toBe(fresh);
  expect(appended([], [7, 1, 2, "sensor_fault"])).toEqual([{ at_ms: 1, value: null }]);
});

test("the scale takes in near limits and leaves far ones out", () => {
  const line = drawn(series([[0, 10], [2, 20], [5, 15], [8, 12]]), [], window);
  const [low, high] = extent(line, null, [25, 400]);
  expect(low).toBeLessThan(10);
  expect([high > 25, high < 400]).toEqual([true, true]);
});
