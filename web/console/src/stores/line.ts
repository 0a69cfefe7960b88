import { defineStore } from "pinia";
import { computed, reactive, ref, shallowReactive } from "vue";
import { api } from "../api";
import { keep, recall } from "../storage";
import type { Counts, Summary, Tab } from "../wire";
import { useSession } from "./session";

const TABS: Tab[] = ["mine", "line", "all"];
const latest = (summary: Summary): number => summary.last?.ts ?? 0;

/** Every conversation the desk knows of, newest word of each, sorted the way an agent works through them. */
export const useLine = defineStore("line", () => {
  const session = useSession();
  const known = shallowReactive(new Map<string, Summary>());
  const counts = ref<Counts>({ mine: 0, line: 0, all: 0 });
  const tab = ref<Tab>(recall<Tab>("tab", "line"));
  const next = reactive<Record<Tab, string | null>>({ mine: null, line: null, all: null });
  const loading = ref(false);
  const failed = ref(false);
  const query = ref("");
  const found = ref<string[] | null>(null);
  const seen = reactive(new Map<string, number>(recall<[string, number][]>("seen", [])));
  let touched: Set<string> | null = null;

  const mine = computed(() =>
    [...known.values()]
      .filter((summary) => summary.stage === "human" && summary.owner === session.agent?.id)
      .sort((a, b) => latest(b) - latest(a)),
  );
  const line = computed(() => [...known.values()].filter((summary) => summary.stage === "waiting").sort(byPlace));
  const all = computed(() => [...known.values()].sort((a, b) => latest(b) - latest(a)));
  const shown = computed<Summary[]>(() => {
    if (found.value) return found.value.flatMap((id) => known.get(id) ?? []);
    return { mine, line, all }[tab.value].value;
  });

  /** Takes a summary in, unless a newer one is held already. */
  function absorb(summary: Summary): Summary | null {
    touched?.add(summary.id);
    const held = known.get(summary.id) ?? null;
    if (held && (held.epoch > summary.epoch || (held.epoch === summary.epoch && held.seq > summary.seq))) return held;
    known.set(summary.id, summary);
    return held;
  }

  /** Fetches all three lists anew and forgets what is in none of them; frames that arrive meanwhile win. */
  async function refresh(except: string | null = null): Promise<void> {
    const during = (touched = new Set<string>());
    loading.value = true;
    try {
      const pages = await Promise.all(TABS.map((of) => api.list(of)));
      const listed = new Set(pages.flatMap((page) => page.conversations.map((summary) => summary.id)));
      for (const id of known.keys()) if (!listed.has(id) && !during.has(id) && id !== except) known.delete(id);
      pages.forEach((page, index) => {
        next[TABS[index] as Tab] = page.next;
        page.conversations.forEach((summary) => absorb(summary));
      });
      if (pages[0]) counts.value = pages[0].counts;
      failed.value = false;
    } catch (error) {
      failed.value = true;
      throw error;
    } finally {
      if (touched === during) touched = null;
      loading.value = false;
    }
  }

  /** Fetches the page after the last one that is shown. */
  async function more(): Promise<void> {
    const after = next[tab.value];
    if (!after || loading.value || found.value) return;
    loading.value = true;
    try {
      const page = await api.list(tab.value, after);
      page.conversations.forEach((summary) => absorb(summary));
      next[tab.value] = page.next;
    } finally {
      loading.value = false;
    }
  }

  async function search(text: string): Promise<void> {
    query.value = text;
    const q = text.trim();
    if (!q) {
      found.value = null;
      return;
    }
    const page = await api.list("all", "", q);
    if (query.value !== text) return;
    page.conversations.forEach((summary) => absorb(summary));
    found.value = page.conversations.map((summary) => summary.id);
  }

  /** Places in the line moved: fetches them, since only the changed conversation itself is told over the line. */
  async function places(): Promise<void> {
    const page = await api.list("line");
    next.line = page.next;
    page.conversations.forEach((summary) => absorb(summary));
  }

  function show(which: Tab): void {
    tab.value = which;
    keep("tab", which);
    found.value = null;
    query.value = "";
  }

  function look(id: string): void {
    const summary = known.get(id);
    if (!summary || (seen.get(id) ?? 0) >= summary.seq) return;
    seen.delete(id);
    seen.set(id, summary.seq);
    keep("seen", [...seen].slice(-300));
  }

  function unread(summary: Summary): number {
    return (seen.get(summary.id) ?? 0) >= summary.seq ? 0 : summary.unread;
  }

  function forget(): void {
    known.clear();
    counts.value = { mine: 0, line: 0, all: 0 };
    found.value = null;
  }

  return {
    known, counts, tab, next, loading, failed, query, found, mine, line, all, shown,
    absorb, refresh, more, search, places, show, look, unread, forget,
  };
});

function byPlace(a: Summary, b: Summary): number {
  return (
    (a.position ?? Infinity) - (b.position ?? Infinity) ||
    b.priority - a.priority ||
    (a.waiting_since ?? Infinity) - (b.waiting_since ?? Infinity)
  );
}
