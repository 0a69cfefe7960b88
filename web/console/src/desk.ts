import { useDebounceFn, useEventListener, useIntervalFn } from "@vueuse/core";
import { defineStore } from "pinia";
import { ref, watch } from "vue";
import { api, Refused } from "./api";
import { useBell } from "./bell";
import { Live, SUBPROTOCOL, type LineState, type Socket } from "./live";
import { useCanned } from "./stores/canned";
import { useDrafts } from "./stores/drafts";
import { useLine } from "./stores/line";
import { useOutbox } from "./stores/outbox";
import { useSession } from "./stores/session";
import { useTranscripts } from "./stores/transcripts";
import type { Frame, Summary } from "./wire";

const PROMISES_EVERY_MS = 1_000;
const address = (): string => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/console`;

/** The open desk: the live line, what its frames change, and what an agent does to a conversation. */
export const useDesk = defineStore("desk", () => {
  const session = useSession();
  const line = useLine();
  const transcripts = useTranscripts();
  const outbox = useOutbox();
  const drafts = useDrafts();
  const bell = useBell();
  const canned = useCanned();

  const state = ref<LineState>("stopped");
  const retryAt = ref<number | null>(null);
  const forbidden = ref(false);
  const selected = ref<string | null>(null);
  /** The colleagues who have the selected conversation before them as well. */
  const lookers = ref<string[]>([]);
  /** Conversations that somebody else was faster at, with the winner's name. */
  const missed = ref<Record<string, string>>({});

  const live = new Live(() => new WebSocket(address(), SUBPROTOCOL) as unknown as Socket, {
    frame: hear,
    up,
    state: (to, at) => {
      state.value = to;
      retryAt.value = at;
    },
    turnedAway: (code) => {
      if (code === 4401) session.lose();
      else forbidden.value = true;
    },
  });
  transcripts.attach(live);
  const movePlaces = useDebounceFn(() => void line.places().catch(() => undefined), 800, { maxWait: 3_000 });

  function hear(frame: Frame): void {
    if (frame.t === "welcome") session.presence = frame.presence;
    else if (frame.t === "ev") transcripts.receive(frame.conversation, frame.ev);
    else if (frame.t === "typing") transcripts.hearTyping(frame.conversation, frame.from);
    else if (frame.t === "read") transcripts.hearRead(frame.conversation, frame.seq);
    else if (frame.t === "looking") lookers.value = frame.conversation === selected.value ? frame.names : [];
    else if (frame.t === "called") bell.called(line.known.get(frame.conversation) ?? null, frame);
    else if (frame.t === "raised") bell.raised(frame);
    else if (frame.t === "canned") void canned.fetch().catch(() => undefined);
    else if (frame.t === "summary") changed(frame.summary);
    else if (frame.t === "counts") {
      if (frame.counts.line !== line.counts.line) void movePlaces();
      line.counts = frame.counts;
    }
  }

  function changed(summary: Summary): void {
    const before = line.absorb(summary);
    if (summary.id === selected.value && document.visibilityState === "visible") see(summary.id);
    bell.consider(before, summary);
  }

  /** It stands before the agent: nothing in it is unread, and its customer may know that. */
  function see(id: string): void {
    line.look(id);
    const summary = line.known.get(id);
    if (summary?.stage === "human" && summary.owner === session.agent?.id) live.read(id, summary.seq);
  }

  function up(again: boolean): void {
    outbox.resend();
    void canned.fetch().catch(() => undefined);
    if (selected.value) {
      live.look(selected.value);
      if (document.visibilityState === "visible") see(selected.value);
    }
    if (again) void line.refresh(selected.value).catch(() => undefined);
  }

  async function start(): Promise<void> {
    forbidden.value = false;
    outbox.restore();
    live.start();
    await line.refresh(selected.value);
  }

  function stop(): void {
    live.stop();
    transcripts.forget();
    line.forget();
    drafts.forget();
    selected.value = null;
  }

  async function select(id: string | null): Promise<void> {
    selected.value = id;
    lookers.value = [];
    live.look(id ?? "");
    if (!id) return;
    await transcripts.open(id);
    see(id);
  }

  /** Does what changes an owner; a lost race brings the winner's name to `missed` instead of an error. */
  async function change(verb: "claim" | "take" | "release" | "close", summary: Summary): Promise<boolean> {
    try {
      const answer = await api[verb](summary.id, summary.epoch);
      if (answer?.summary) line.absorb(answer.summary);
      if (summary.id === selected.value) see(summary.id);
      missed.value = { ...missed.value, [summary.id]: "" };
      return true;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409) throw error;
      const now = error.now ?? (await api.open(summary.id)).summary;
      line.absorb(now);
      missed.value = { ...missed.value, [summary.id]: now.owner_name || "?" };
      return false;
    }
  }

  const looked = (): void => {
    live.probe();
    if (document.visibilityState === "visible" && selected.value) see(selected.value);
  };
  // Asked of the clock anew, and not of frames: nothing comes when time passes.
  useIntervalFn(() => session.agent && bell.watchPromises(line.known.values(), Date.now()), PROMISES_EVERY_MS);
  useEventListener(window, "online", () => live.probe());
  useEventListener(window, "pageshow", looked);
  useEventListener(document, "visibilitychange", looked);
  watch(() => session.agent, (agent) => agent === null && stop());

  return {
    state, retryAt, forbidden, selected, lookers, missed, start, stop, select, change,
    typing: (id: string, note = false) => live.typing(id, note),
    typed: (id: string) => live.typed(id),
    retryNow: () => live.probe(),
  };
});
