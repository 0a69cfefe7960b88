import { shallowRef, type ShallowRef } from "vue";

export type WaitTone = "calm" | "soon" | "late";

const SOON_MS = 60_000;
const LATE_MS = 180_000;

let shared: ShallowRef<Date> | null = null;

/** One clock for all timers of the page, once a second. */
export function useClock(): ShallowRef<Date> {
  if (!shared) {
    const clock = (shared = shallowRef(new Date()));
    setInterval(() => (clock.value = new Date()), 1_000);
  }
  return shared;
}

/** 3 minutes is the platforms' first-response norm; the colour changes before it is broken. */
export function toneOf(ms: number): WaitTone {
  if (ms >= LATE_MS) return "late";
  return ms >= SOON_MS ? "soon" : "calm";
}

/** A wait as `m:ss`, or `h:mm:ss` from an hour on. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const pad = (n: number): string => String(n).padStart(2, "0");
  return h ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

const dayOf = (ts: number): number => new Date(ts).setHours(0, 0, 0, 0);

export function isSameDay(a: number, b: number): boolean {
  return dayOf(a) === dayOf(b);
}

/** When the day of `ts` begins, and when the next one does. */
export const dayAround = (ts: number): [number, number] => [dayOf(ts), new Date(ts).setHours(24, 0, 0, 0)];

/** Making a format costs a hundred times what using it does, and a long list asks for it at every row. */
const clocks = new Map<string, Intl.DateTimeFormat>();
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;

export function hourMinute(ts: number, language: string): string {
  let format = clocks.get(language);
  if (!format) clocks.set(language, (format = new Intl.DateTimeFormat(language, CLOCK)));
  return format.format(ts);
}

/** Day and time of day, of 24 hours in either language. */
export const dayAndTime = (ts: number, language: string): string =>
  new Intl.DateTimeFormat(language, { month: "numeric", day: "numeric", ...CLOCK }).format(ts);

/** The day of a divider: today and yesterday in words. */
export function dayLabel(ts: number, now: number, language: string): string {
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(ts).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0 || days === 1) return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-days, "day");
  const year = new Date(ts).getFullYear() === new Date(now).getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat(language, { year, month: "long", day: "numeric", weekday: "short" }).format(ts);
}

/** How long ago, in the largest unit that fits: minutes, hours, days. */
export function ago(ts: number, now: number, language: string): string {
  const minutes = Math.max(0, Math.floor((now - ts) / 60_000));
  const words = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  if (minutes < 60) return words.format(-minutes, "minute");
  if (minutes < 1440) return words.format(-Math.floor(minutes / 60), "hour");
  return words.format(-Math.floor(minutes / 1440), "day");
}

/** For rows of a list: the time today, else the day. */
export function shortWhen(ts: number, now: number, language: string): string {
  if (isSameDay(ts, now)) return hourMinute(ts, language);
  return new Intl.DateTimeFormat(language, { month: "numeric", day: "numeric" }).format(ts);
}

export function yuan(fen: number): string {
  return `¥${(fen / 100).toFixed(2)}`;
}
