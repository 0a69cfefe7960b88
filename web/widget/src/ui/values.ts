// Times and money of the shop's data.

import { CLOCK } from "./times";

/** An ISO time of a card; what is no time is shown as it came. */
export function moment(lang: string, text: string): string {
  const ts = Date.parse(text);
  return Number.isNaN(ts) ? text : new Intl.DateTimeFormat(lang, { month: "numeric", day: "numeric", ...CLOCK }).format(ts);
}

export const money = (lang: string, fen: number): string =>
  new Intl.NumberFormat(lang, { style: "currency", currency: "CNY" }).format(fen / 100);
