// Days and times of day, as the shopper's language writes them.

import type { Words } from "../words";

export interface Times {
  lang: string;
  time(ts: number): string;
  dayOf(ts: number): string;
  /** The time of day, with the day when that is another one. */
  moment(ts: number): string;
}

export const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;

export function timesIn(lang: string, words: Words): Times {
  const clock = new Intl.DateTimeFormat(lang, CLOCK);
  const day = new Intl.DateTimeFormat(lang, { month: "long", day: "numeric", weekday: "short" });
  const time = (ts: number) => clock.format(ts);
  const dayOf = (ts: number) => {
    const days = Math.round((midnight(Date.now()) - midnight(ts)) / 86_400_000);
    return [words.tomorrow, words.today, words.yesterday][days + 1] ?? day.format(ts);
  };
  return {
    lang,
    time,
    dayOf,
    moment: (ts) => (sameDay(ts, Date.now()) ? "" : `${dayOf(ts)} `) + time(ts),
  };
}

const midnight = (ts: number): number => new Date(ts).setHours(0, 0, 0, 0);

export const sameDay = (a: number, b: number): boolean => midnight(a) === midnight(b);
