import { defineStore } from "pinia";
import { ref, shallowReactive } from "vue";
import { api } from "../api";
import type { ConversationEvent, Packet, Who } from "../wire";
import { useLine } from "./line";

export interface Transcript {
  state: "loading" | "ready" | "failed";
  events: ConversationEvent[];
  /** There is older history to fetch. */
  more: boolean;
  fetchingOlder: boolean;
  packet: Packet | null;
}

/** The part of the live line that transcripts need. */
export interface Watcher {
  watch(conversation: string, held: () => number): void;
  unwatch(conversation: string): void;
  mend(conversation: string): void;
}

const KEPT_OPEN = 12;
const TYPING_MS = 6_000;
const MEND_PATIENCE_MS = 5_000;
/** Events after which the packet may read differently. */
const CHANGES_PACKET = new Set(["handed_off", "claimed", "transferred", "understood"]);

/** What was said in the opened conversations, in order and without gaps. */
export const useTranscripts = defineStore("transcripts", () => {
  const line = useLine();
  const opened = shallowReactive(new Map<string, Transcript>());
  /** Who is typing in a conversation, with the moment from which he no longer counts. */
  const typing = ref<Record<string, { who: Who; until: number }[]>>({});
  /** How far the customer has read. */
  const read = ref<Record<string, number>>({});
  const mending = new Map<string, ReturnType<typeof setTimeout>>();
  const stale = new Map<string, ReturnType<typeof setTimeout>>();
  let live: Watcher | null = null;

  const change = (id: string, by: Partial<Transcript>): void => {
    const transcript = opened.get(id);
    if (transcript) opened.set(id, { ...transcript, ...by });
  };
  const held = (id: string): number => opened.get(id)?.events.at(-1)?.seq ?? 0;

  function attach(watcher: Watcher): void {
    live = watcher;
  }

  /** Opens a conversation, or brings an opened one to the front. */
  async function open(id: string): Promise<void> {
    const kept = opened.get(id);
    if (kept && kept.state !== "failed") {
      opened.delete(id);
      opened.set(id, kept);
      return;
    }
    opened.set(id, { state: "loading", events: [], more: false, fetchingOlder: false, packet: null });
    for (const old of [...opened.keys()].slice(0, -KEPT_OPEN)) shut(old);
    await fetchAnew(id);
  }

  async function fetchAnew(id: string): Promise<void> {
    clearTimeout(mending.get(id));
    mending.delete(id);
    try {
      const { summary, events, more, packet } = await api.open(id);
      line.absorb(summary);
      if (!opened.has(id)) return;
      change(id, { state: "ready", events: joined(opened.get(id)?.events ?? [], events), more, packet });
      live?.watch(id, () => held(id));
    } catch (error) {
      if (opened.get(id)?.events.length === 0) change(id, { state: "failed" });
      throw error;
    }
  }

  /** Takes an event of the live line in: a known one is dropped, one after a gap makes the line mend it first. */
  function receive(id: string, event: ConversationEvent): void {
    const transcript = opened.get(id);
    if (!transcript || transcript.state !== "ready") return;
    const last = held(id);
    if (event.seq <= last) return;
    if (event.seq > last + 1) {
      if (mending.has(id)) return;
      mending.set(id, setTimeout(() => void fetchAnew(id).catch(() => undefined), MEND_PATIENCE_MS));
      live?.mend(id);
      return;
    }
    clearTimeout(mending.get(id));
    mending.delete(id);
    change(id, { events: [...transcript.events, event] });
    stopTyping(id, event.from);
    if (CHANGES_PACKET.has(event.kind)) refreshPacket(id);
  }

  function refreshPacket(id: string): void {
    clearTimeout(stale.get(id));
    stale.set(
      id,
      setTimeout(() => {
        api.open(id).then(
          ({ packet }) => change(id, { packet }),
          () => undefined, // the packet that is shown stays, with its age
        );
      }, 400),
    );
  }

  async function older(id: string): Promise<void> {
    const transcript = opened.get(id);
    const first = transcript?.events[0]?.seq;
    if (!transcript?.more || transcript.fetchingOlder || first === undefined) return;
    change(id, { fetchingOlder: true });
    try {
      const page = await api.before(id, first);
      const now = opened.get(id)?.events ?? [];
      change(id, { events: joined(page.events, now), more: page.more });
    } finally {
      change(id, { fetchingOlder: false });
    }
  }

  function hearTyping(id: string, who: Who): void {
    stopTyping(id, who);
    typing.value = { ...typing.value, [id]: [...(typing.value[id] ?? []), { who, until: Date.now() + TYPING_MS }] };
  }

  function stopTyping(id: string, who: Who): void {
    const others = (typing.value[id] ?? []).filter((one) => one.who.role !== who.role || (one.who.id ?? "") !== (who.id ?? ""));
    if (others.length !== (typing.value[id] ?? []).length) typing.value = { ...typing.value, [id]: others };
  }

  function hearRead(id: string, seq: number): void {
    if (seq > (read.value[id] ?? 0)) read.value = { ...read.value, [id]: seq };
  }

  function shut(id: string): void {
    opened.delete(id);
    live?.unwatch(id);
    clearTimeout(mending.get(id));
    mending.delete(id);
  }

  function forget(): void {
    for (const id of [...opened.keys()]) shut(id);
  }

  return { opened, typing, read, hearRead, attach, open, fetchAnew, receive, older, hearTyping, held, shut, forget };
});

/** Two runs of events as one; where they don't touch, the older run is dropped, since history pages back to it. */
function joined(before: ConversationEvent[], after: ConversationEvent[]): ConversationEvent[] {
  const first = after[0]?.seq;
  if (first === undefined) return before;
  const last = after.at(-1)?.seq ?? first;
  const head = before.filter((event) => event.seq < first);
  const tail = before.filter((event) => event.seq > last);
  const touches = head.length === 0 || head.at(-1)?.seq === first - 1;
  const follows = tail.length === 0 || tail[0]?.seq === last + 1;
  return [...(touches ? head : []), ...after, ...(follows ? tail : [])];
}
