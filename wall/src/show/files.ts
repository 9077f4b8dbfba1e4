// Pure. What a file is by its first bytes, as the server will judge it too: a refusal before ten megabytes were sent.

import type { Attachment } from "../api/work";

export type Found = "image/jpeg" | "image/png" | "application/pdf" | "text/plain" | "heic" | "other";

const starts = (bytes: Uint8Array, ...signs: readonly number[]): boolean => signs.every((sign, i) => bytes[i] === sign);
const HEIC: readonly string[] = ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1", "avif"];

export function kindOf(bytes: Uint8Array, claimed: string): Found {
  if (starts(bytes, 0xff, 0xd8, 0xff)) return "image/jpeg";
  if (starts(bytes, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return "image/png";
  if (starts(bytes, 0x25, 0x50, 0x44, 0x46, 0x2d)) return "application/pdf";
  const word = String.fromCharCode(...bytes.slice(4, 12));
  if (word.startsWith("ftyp") && HEIC.includes(word.slice(4))) return "heic";
  return claimed.startsWith("text/") && bytes.length > 0 && !bytes.includes(0) ? "text/plain" : "other";
}

/** Photos from before and after; null: not there yet. */
export type Pair = { readonly number: number; readonly before: Attachment | null; readonly after: Attachment | null };

export function pairsOf(files: readonly Attachment[]): Pair[] {
  const numbers = [...new Set(files.flatMap((file) => (file.pair == null ? [] : [file.pair])))].sort((a, b) => a - b);
  const find = (number: number, phase: string): Attachment | null => files.find((file) => file.pair === number && file.phase === phase) ?? null;
  return numbers.map((number) => ({ number, before: find(number, "before"), after: find(number, "after") }));
}
