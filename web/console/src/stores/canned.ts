import { defineStore } from "pinia";
import { computed, ref } from "vue";
import { cannedApi, type CannedReplies, type CannedReply } from "../canned_api";
import { initials } from "../initials";
import { keep, recall } from "../storage";
import { usePreferences } from "./preferences";

/** A reply as this agent is offered it, in his language. */
export interface Canned {
  id: string;
  title: string;
  text: string;
  shortcut: string;
  keys: string;
}

/** The gaps of canned replies, as agents write them in either language. */
export const GAPS = { customer: ["{客户}", "{customer}"], order: ["{订单号}", "{order}"], agent: ["{客服}", "{agent}"] } as const;
export type Filling = Partial<Record<keyof typeof GAPS, string>>;

/** The text with everything filled that is known; a gap that is left stands where it was. */
export function fillGaps(text: string, filling: Filling): string {
  const names = Object.keys(GAPS) as (keyof typeof GAPS)[];
  return names.reduce((filled, name) => GAPS[name].reduce((so, gap) => so.replaceAll(gap, filling[name] || gap), filled), text);
}

/** Where the first gap that is left stands, or null. */
export function gapIn(text: string): [number, number] | null {
  const found = Object.values(GAPS)
    .flat()
    .map((gap) => [text.indexOf(gap), gap.length] as const)
    .filter(([at]) => at >= 0)
    .sort(([a], [b]) => a - b)[0];
  return found ? [found[0], found[0] + found[1]] : null;
}

/** How well a reply fits what was typed, 0 the best; null when it does not. */
export function fit(typed: string, one: { title: string; text: string; shortcut: string; keys: string }): number | null {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return 0;
  if (one.shortcut === wanted) return 0;
  if (one.title.toLowerCase().includes(wanted)) return 1;
  const keys = [one.shortcut, ...one.keys.split(" "), initials(one.title)];
  if (keys.some((key) => key.startsWith(wanted))) return 2;
  return one.text.toLowerCase().includes(wanted) ? 3 : null;
}

/** Replies to pick by `/`: the shop's, as the desk has them now; what was known last stands until they are there. */
export const useCanned = defineStore("canned", () => {
  const preferences = usePreferences();
  const known = ref<CannedReplies>({ replies: [], removed: [], ...recall<Partial<CannedReplies>>("replies", {}) });
  const list = computed(() => known.value.replies.map(offered));

  function offered(one: CannedReply): Canned {
    const english = preferences.chosen.language === "en";
    const { id, shortcut, keys } = one;
    return { id, shortcut, keys, title: (english && one.title_en) || one.title, text: (english && one.text_en) || one.text };
  }

  /** Asks the desk anew; throws when it does not answer, and what was known stays. */
  async function fetch(): Promise<void> {
    const told = await cannedApi.all();
    if (!told) return;
    known.value = told;
    keep("replies", told);
  }

  function matching(typed: string): Canned[] {
    return list.value
      .map((canned) => ({ canned, at: fit(typed, canned) }))
      .filter((one): one is { canned: Canned; at: number } => one.at !== null)
      .sort((a, b) => a.at - b.at)
      .map(({ canned }) => canned);
  }

  return { known, list, matching, fetch };
});
