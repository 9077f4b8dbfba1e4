// Shell. What uPlot does not draw by itself: the normal zone, hatched gaps, limits as lines with their labels.
import type uPlot from "uplot";
import type { Limit } from "../api/types";

export const FONT = '"Noto Sans", "Segoe UI", "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';

export type Ink = Record<"text" | "dim" | "line" | "curve" | "band" | "zone" | "hatch" | "panel" | "p1" | "p2" | "p3" | "p4", string>;

export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element);
  const ink = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    text: ink("text"), dim: ink("dim"), line: ink("line"), curve: ink("curve"), band: ink("band"), zone: ink("zone"),
    hatch: ink("hatch"), panel: ink("panel"), p1: ink("p1"), p2: ink("p2"), p3: ink("p3"), p4: ink("p4"),
  };
}

export function zone(u: uPlot, normal: readonly [number, number], ink: Ink): void {
  const top = Math.max(u.bbox.top, u.valToPos(normal[1], "y", true));
  const bottom = Math.min(u.bbox.top + u.bbox.height, u.valToPos(normal[0], "y", true));
  if (bottom <= top) return;
  u.ctx.save();
  u.ctx.globalAlpha = 0.2;
  u.ctx.fillStyle = ink.zone;
  u.ctx.fillRect(u.bbox.left, top, u.bbox.width, bottom - top);
  u.ctx.restore();
}

function hatching(ctx: CanvasRenderingContext2D, colour: string, ratio: number): CanvasPattern | null {
  const size = Math.round(9 * ratio);
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  if (pen === null) return null;
  pen.strokeStyle = colour;
  pen.lineWidth = 1.6 * ratio;
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift - 1, size + 1);
    pen.lineTo(shift + size + 1, -1);
  }
  pen.stroke();
  return ctx.createPattern(tile, "repeat");
}

export function gaps(u: uPlot, spans: readonly (readonly [number, number])[], ink: Ink, ratio: number): void {
  const pattern = hatching(u.ctx, ink.hatch, ratio);
  if (pattern === null) return;
  const { left, top, width, height } = u.bbox;
  u.ctx.save();
  for (const [from, to] of spans) {
    const x0 = Math.max(left, u.valToPos(from, "x", true));
    const x1 = Math.min(left + width, u.valToPos(to, "x", true));
    if (x1 <= left || x0 >= left + width) continue;
    const wide = Math.max(x1 - x0, 3 * ratio);
    u.ctx.fillStyle = pattern;
    u.ctx.fillRect(x0, top, wide, height);
    if (wide > 26 * ratio) question(u, x0 + wide / 2, top + height / 2, ink, ratio);
  }
  u.ctx.restore();
}

function question(u: uPlot, x: number, y: number, ink: Ink, ratio: number): void {
  u.ctx.fillStyle = ink.panel;
  u.ctx.beginPath();
  u.ctx.arc(x, y, 11 * ratio, 0, 2 * Math.PI);
  u.ctx.fill();
  u.ctx.fillStyle = ink.dim;
  u.ctx.font = `700 ${15 * ratio}px ${FONT}`;
  u.ctx.textAlign = "center";
  u.ctx.textBaseline = "middle";
  u.ctx.fillText("?", x, y + ratio);
}

export type Labelled = Limit & { readonly label: string };

type Box = { readonly x: number; readonly y: number; readonly w: number; readonly h: number };

const apart = (a: Box, b: Box): boolean => a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;

export function limits(u: uPlot, all: readonly Labelled[], ink: Ink, ratio: number): void {
  const { left, top, width, height } = u.bbox;
  const seen = all
    .map((limit) => ({ ...limit, y: Math.round(u.valToPos(limit.limit, "y", true)) }))
    .filter(({ y }) => y >= top && y <= top + height)
    .sort((a, b) => a.priority - b.priority);
  u.ctx.save();
  u.ctx.lineWidth = 1.5 * ratio;
  u.ctx.setLineDash([7 * ratio, 5 * ratio]);
  for (const { y, priority } of seen) {
    u.ctx.strokeStyle = ink[`p${priority}`];
    u.ctx.beginPath();
    u.ctx.moveTo(left, y);
    u.ctx.lineTo(left + width, y);
    u.ctx.stroke();
  }
  u.ctx.font = `${12 * ratio}px ${FONT}`;
  u.ctx.textBaseline = "middle";
  u.ctx.textAlign = "left";
  const taken: Box[] = [];
  for (const { y, label, type } of seen) {
    const [w, h] = [u.ctx.measureText(label).width + 10 * ratio, 16 * ratio];
    // Above a high limit, below a low one, at the left end; else wherever there is room.
    const [over, under] = [y - h - ratio, y + ratio];
    const rows = (type === "high" ? [over, under] : [under, over]).filter((row) => row >= top - h / 3 && row + h <= top + height + h / 3);
    const places = [left + 4 * ratio, left + width - w - 4 * ratio].flatMap((x) => rows.map((row) => ({ x, y: row, w, h })));
    const free = places.filter((place) => taken.every((other) => apart(place, other)));
    const clear = free.find((place) => seen.every((other) => other.y <= place.y || other.y >= place.y + h));
    const place = clear ?? free[0];
    if (place === undefined) continue;
    taken.push(place);
    u.ctx.globalAlpha = 0.85;
    u.ctx.fillStyle = ink.panel;
    u.ctx.fillRect(place.x, place.y, w, h);
    u.ctx.globalAlpha = 1;
    u.ctx.fillStyle = ink.text;
    u.ctx.fillText(label, place.x + 5 * ratio, place.y + h / 2 + ratio);
  }
  u.ctx.restore();
}

/** A moment that people or the machine made: a line from top to bottom with its word at the top. */
export type Moment = { readonly at_ms: number; readonly label: string };

export function moments(u: uPlot, all: readonly Moment[], ink: Ink, ratio: number): void {
  const { left, top, width, height } = u.bbox;
  u.ctx.save();
  u.ctx.font = `600 ${12 * ratio}px ${FONT}`;
  u.ctx.textBaseline = "alphabetic";
  u.ctx.textAlign = "left";
  u.ctx.lineWidth = 1.5 * ratio;
  const rows: number[] = []; // until where each row of words is taken
  for (const { at_ms, label } of [...all].sort((a, b) => a.at_ms - b.at_ms)) {
    const x = Math.round(u.valToPos(at_ms, "x", true));
    if (x < left || x > left + width) continue;
    u.ctx.strokeStyle = ink.dim;
    u.ctx.beginPath();
    u.ctx.moveTo(x, top);
    u.ctx.lineTo(x, top + height);
    u.ctx.stroke();
    const w = u.ctx.measureText(label).width + 8 * ratio;
    const from = Math.min(x + 3 * ratio, left + width - w);
    const free = rows.findIndex((taken) => taken <= from);
    const row = free === -1 ? rows.length : free;
    rows[row] = from + w;
    const y = top + (13 + 16 * row) * ratio;
    u.ctx.globalAlpha = 0.85;
    u.ctx.fillStyle = ink.panel;
    u.ctx.fillRect(from, y - 12 * ratio, w, 15 * ratio);
    u.ctx.globalAlpha = 1;
    u.ctx.fillStyle = ink.text;
    u.ctx.fillText(label, from + 4 * ratio, y);
  }
  u.ctx.restore();
}
