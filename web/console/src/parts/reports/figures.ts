import type { Measure, Value } from "../../desk_api";

/** A value in its unit; a dash where nothing was measured: that is not nought. */
export function told(value: number | null | undefined, unit: Measure["unit"]): string {
  if (value === null || value === undefined) return "–";
  if (unit === "share") return `${(value * 100).toFixed(1)}%`;
  if (unit === "stars") return value.toFixed(2);
  if (unit === "s") return value < 90 ? `${Math.round(value)} s` : `${(value / 60).toFixed(1)} min`;
  return String(Math.round(value));
}

const GOOD_WHEN_HIGH = new Set(["automation", "involvement", "bot_resolution", "satisfaction", "stars"]);
const NEITHER = new Set(["services"]);

export interface Change {
  text: string;
  tone: "good" | "bad" | "";
}

/** How a measure moved since the period before, and whether that is welcome; null when either was not measured. */
export function change(id: string, unit: Measure["unit"], now: Value | undefined, before: Value | undefined): Change | null {
  if (typeof now?.value !== "number" || typeof before?.value !== "number") return null;
  const by = now.value - before.value;
  const sign = by > 0 ? "+" : by < 0 ? "−" : "±";
  const size = unit === "share" ? `${(Math.abs(by) * 100).toFixed(1)} pp` : told(Math.abs(by), unit);
  const tone = by === 0 || NEITHER.has(id) ? "" : by > 0 === GOOD_WHEN_HIGH.has(id) ? "good" : "bad";
  return { text: `${sign}${size}`, tone };
}
