// Pure. Numbers for people: fixed decimals, a true minus sign, and never a number where there is none.

export const NONE = "–";

export function number(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const text = value.toFixed(decimals);
  return grouped(Number(text) === 0 ? text.replace("-", "") : text.replace("-", "\u2212"));
}

/** A thin space between thousands, from five digits on. */
function grouped(text: string): string {
  return text.replace(/\d{5,}/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, "\u202f"));
}

/** With the unit behind a thin space (none before a percent or degree sign that stands alone). */
export function withUnit(value: number | null | undefined, decimals: number, label: string): string {
  const text = number(value, decimals);
  return label === "" || text === NONE ? text : `${text}\u202f${label}`;
}

/** A limit, with as many decimals as it needs but no more than the point has plus one. */
export function exact(value: number, decimals: number): string {
  const text = number(value, decimals + 1);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

export function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  return grouped(String(Math.round(value)));
}

const BYTES = ["B", "KiB", "MiB", "GiB", "TiB"];

/** A number of bytes as the text before the unit, and the unit. */
export function scaled(value: number): readonly [string, string] {
  const step = value < 1 ? 0 : Math.min(BYTES.length - 1, Math.floor(Math.log2(value) / 10));
  return [(value / 1024 ** step).toFixed(step === 0 ? 0 : 1), BYTES[step] ?? "B"];
}

export function bytes(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : scaled(value).join("\u202f");
}
