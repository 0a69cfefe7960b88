import { computed, nextTick, ref, type Ref } from "vue";
import type { Row } from "./rows";

/** Rows that are drawn at once, however long the conversation is; and how many come and go together. */
export const MOST_DRAWN = 160;
const STEP = 70;

/**
 * The part of a conversation that is drawn: its end, or where the agent reads. What is being read stays where it
 * stands when rows come and go around it.
 */
export function useShownRows(rows: Ref<Row[]>, box: Ref<HTMLElement | undefined>) {
  /** The key of the last row that is drawn; null follows the newest. */
  const lastKey = ref<string | null>(null);

  const end = computed(() => {
    if (lastKey.value === null) return rows.value.length;
    const at = rows.value.findLastIndex((row) => row.key === lastKey.value);
    return at < 0 ? rows.value.length : at + 1;
  });
  const start = computed(() => Math.max(0, end.value - MOST_DRAWN));
  const shown = computed(() => rows.value.slice(start.value, end.value));

  /** Does something that changes what is drawn, and puts the first row in sight back to where it was. */
  async function keepingSight(change: () => void | Promise<void>): Promise<void> {
    const at = box.value;
    if (!at) return;
    const top = at.getBoundingClientRect().top;
    const sight = [...at.querySelectorAll<HTMLElement>("[data-key]")].find((row) => row.getBoundingClientRect().bottom > top);
    const [key, before] = [sight?.dataset.key, sight?.getBoundingClientRect().top ?? 0];
    await change();
    await nextTick();
    const again = key && at.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    if (again) at.scrollTop += again.getBoundingClientRect().top - before;
  }

  function to(last: number): void {
    lastKey.value = last >= rows.value.length ? null : (rows.value[Math.max(last, Math.min(MOST_DRAWN, rows.value.length)) - 1]?.key ?? null);
  }

  return {
    shown,
    /** The newest rows are not drawn. */
    isCut: computed(() => end.value < rows.value.length),
    hasEarlier: computed(() => start.value > 0),
    keepingSight,
    earlier: () => keepingSight(() => to(end.value - STEP)),
    later: () => keepingSight(() => to(end.value + STEP)),
    newest: () => (lastKey.value = null),
  };
}
