import { expect, test } from "vitest";
import type { Point } from "../src/api/types";
import { FIRST_MS, MOST_MS, waitBefore } from "../src/live/backoff";
import { anchored, siteNow } from "../src/live/clock";
import { connectionAt, trustIn } from "../src/live/staleness";

const point = (more: Partial<Point> = {}): Point => ({
  id: "p", name: { en: "P", zh: "点" }, unit: "Cel", label: "°C", decimals: 1, normal: null, states: [], heartbeat_s: 10,
  limits: [], ...more,
});

test("a connection is live, then late, then lost after six seconds without an event", () => {
  expect([connectionAt(0, 2_100), connectionAt(0, 4_500), connectionAt(0, 6_000)]).toEqual(["live", "stale", "lost"]);
  expect(connectionAt(null, 0)).toBe("lost");
});

test("a value older than three heartbeats is old, whatever its quality was", () => {
  expect(trustIn(point(), [1, 0, 0, "none"], 31_000, 1)).toBe("good");
  expect(trustIn(point(), [1, 0, 0, "none"], 33_000, 1)).toBe("old");
  expect(trustIn(point(), [null, 0, 2, "comm_timeout"], 33_000, 1)).toBe("old");
});

test("at twenty times life the way to the wall takes more of site time", () => {
  expect(trustIn(point(), [1, 0, 0, "none"], 65_000, 20)).toBe("good");
  expect(trustIn(point(), [1, 0, 0, "none"], 71_000, 20)).toBe("old");
});

test("a point that speaks only when something happens does not grow old", () => {
  expect(trustIn(point({ on_event: true }), [1, 0, 0, "none"], 9e9, 1)).toBe("good");
});

test("bad and uncertain are told apart, and a null is never good", () => {
  expect(trustIn(point(), [5, 0, 1, "slew"], 0, 1)).toBe("uncertain");
  expect(trustIn(point(), [5, 0, 2, "out_of_range"], 0, 1)).toBe("bad");
  expect(trustIn(point(), [null, 0, 0, "none"], 0, 1)).toBe("bad");
  expect(trustIn(point(), undefined, 0, 1)).toBe("never");
});

test("site time runs on at the site's speed and is not turned back by a late event", () => {
  const anchor = anchored(null, 1_000_000, 500, 20);
  expect(siteNow(anchor, 1_500)).toBe(1_020_000);
  expect(siteNow(anchored(anchor, 1_018_000, 1_500, 20), 1_500)).toBe(1_020_000);
  expect(siteNow(anchored(anchor, 1_030_000, 1_500, 20), 1_500)).toBe(1_030_000);
});

test("a server whose clock was set back is followed", () => {
  const anchor = anchored(null, 9_000_000, 0, 1);
  expect(siteNow(anchored(anchor, 1_000, 0, 1), 0)).toBe(1_000);
});

test("attempts wait twice as long each time, up to a bound, and never in step", () => {
  expect(waitBefore(0, 0.5)).toBe(FIRST_MS);
  expect(waitBefore(1, 0.5)).toBe(2 * FIRST_MS);
  expect(waitBefore(1_000, 0.5)).toBe(MOST_MS);
  expect(waitBefore(3, 0)).toBeLessThan(waitBefore(3, 1));
});
