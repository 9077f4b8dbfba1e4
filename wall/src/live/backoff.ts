// Pure. How long to wait before the next attempt: doubling, with a spread so that ten walls do not knock at once.

export const FIRST_MS = 500;
export const MOST_MS = 8_000;

export function waitBefore(attempt: number, random: number): number {
  const wait = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return wait * (0.75 + 0.5 * random);
}
