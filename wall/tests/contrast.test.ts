// The palette of app.css against WCAG 2: text 4.5 : 1 on every ground it stands on, shapes 3 : 1.
import { describe, expect, test } from "vitest";
import css from "../src/app.css?raw";

function palette(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`)).split("}")[0] ?? "";
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6}|\d+%)/gi)].map((found) => [found[1]!, found[2]!]));
}

type Rgb = readonly [number, number, number];
const rgb = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
const mix = (a: Rgb, b: Rgb, share: number): Rgb => a.map((value, i) => value * share + b[i]! * (1 - share)) as unknown as Rgb;
const luminance = (colour: Rgb): number => {
  const [r, g, b] = colour.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
};
const contrast = (a: Rgb, b: Rgb): number => {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
};

const dark = palette(":root");
describe.each([
  ["dark", dark],
  ["light", { ...dark, ...palette(':root[data-theme="light"]') }],
])("the %s theme", (_, colours) => {
  const of = (name: string): Rgb => rgb(colours[name]!);
  const tint = Number.parseInt(colours["tint"]!, 10) / 100;

  test.each(["bg", "panel", "raised"])("has readable text on %s", (ground) => {
    expect(contrast(of("text"), of(ground))).toBeGreaterThanOrEqual(7);
    expect(contrast(of("dim"), of(ground))).toBeGreaterThanOrEqual(4.5);
  });

  test.each(["1", "2", "3", "4"])("has a readable figure and tinted ground for priority %s", (priority) => {
    const lamp = of(`p${priority}`);
    expect(contrast(of(`on-p${priority}`), lamp)).toBeGreaterThanOrEqual(4.5);
    const ground = mix(lamp, of("panel"), tint);
    expect(contrast(of("text"), ground)).toBeGreaterThanOrEqual(7);
    expect(contrast(of("dim"), ground)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(lamp, of("panel"))).toBeGreaterThanOrEqual(2.85);
  });

  test("has an outline for what is hidden that can be seen", () => {
    for (const ground of ["bg", "panel"]) expect(contrast(of("shelf"), of(ground))).toBeGreaterThanOrEqual(3);
  });

  test("has a readable banner for a lost connection", () => {
    expect(contrast(of("on-inverse"), of("inverse"))).toBeGreaterThanOrEqual(7);
  });

  test("has dim text readable on a hatched tile", () => {
    expect(contrast(of("text"), of("hatch"))).toBeGreaterThanOrEqual(4.5);
  });
});
