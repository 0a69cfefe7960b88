import { defineStore } from "pinia";
import { ref } from "vue";
import { api, Refused, Unreachable } from "../api";
import { keep, recall } from "../storage";
import { useLine } from "./line";
import { useSession } from "./session";
import { useTranscripts } from "./transcripts";
import type { Attached } from "../wire";

export interface Outgoing {
  cid: string;
  conversation: string;
  kind: "reply" | "note";
  text: string;
  /** A picture or file that is kept already; `text` is empty then. */
  attached?: Attached;
  /** The colleagues that a note calls. */
  to?: string[];
  /** A supervisor's note to whoever has the conversation. */
  whisper?: boolean;
  ts: number;
  /** `queued` goes by itself when its turn or the network comes; `failed` waits for the agent's decision. */
  state: "queued" | "sending" | "failed";
  /** Why the desk refused it, as a key of the `why` messages. */
  why: string;
  /** The last seq held when it left: an equal own event after it is this one, not another. */
  after: number;
}

/** How long a line waits that got no answer, unless the live line comes back first. */
const TRY_AGAIN_MS = 4_000;

/** What agents wrote and the log has not confirmed: sent in order, each under one cid until it is confirmed. */
export const useOutbox = defineStore("outbox", () => {
  const session = useSession();
  const line = useLine();
  const transcripts = useTranscripts();
  const waiting = ref<Outgoing[]>([]);
  const busy = new Set<string>();
  const place = (): string => `outbox.${session.agent?.id ?? ""}`;

  const save = (): void => keep(place(), waiting.value.length ? waiting.value : null);
  const of = (id: string): Outgoing[] => waiting.value.filter((out) => out.conversation === id);

  /** Brings back what an earlier page left unconfirmed; the cids make sending again harmless. */
  function restore(): void {
    waiting.value = recall<Outgoing[]>(place(), []).map((out) =>
      out.state === "sending" ? { ...out, state: "queued" } : out,
    );
  }

  function put(conversation: string, kind: Outgoing["kind"], text: string, more: Pick<Outgoing, "whisper" | "to" | "attached"> = {}): void {
    const cid = makeCid();
    waiting.value.push({ cid, conversation, kind, text, ...more, ts: Date.now(), state: "queued", why: "", after: 0 });
    save();
    void flush(conversation);
  }

  /** Sends a conversation's queued lines one after the other; stops at the first that does not get through. */
  async function flush(conversation: string): Promise<void> {
    if (busy.has(conversation)) return;
    busy.add(conversation);
    try {
      for (let out = first(conversation); out; out = first(conversation)) if (!(await send(out))) return;
    } finally {
      busy.delete(conversation);
    }
  }

  const first = (conversation: string): Outgoing | undefined =>
    waiting.value.find((out) => out.conversation === conversation && out.state === "queued");

  async function send(out: Outgoing): Promise<boolean> {
    out.after ||= transcripts.held(out.conversation);
    out.state = "sending";
    try {
      const epoch = line.known.get(out.conversation)?.epoch ?? 0;
      const { event } = await (out.kind === "note"
        ? api.note(out.conversation, out.cid, out.text, out.whisper, out.to)
        : api.reply(out.conversation, out.cid, epoch, out.text, out.attached));
      transcripts.receive(out.conversation, event);
      drop(out.cid);
      return true;
    } catch (error) {
      if (error instanceof Unreachable) {
        out.state = "queued";
        out.why = "offline";
        setTimeout(() => void flush(out.conversation), TRY_AGAIN_MS);
      } else {
        out.state = "failed";
        out.why = error instanceof Refused ? reasonOf(error) : "unknown";
        if (error instanceof Refused && error.now) line.absorb(error.now);
      }
      save();
      return false;
    }
  }

  function again(cid: string): void {
    const out = waiting.value.find((one) => one.cid === cid);
    if (!out || out.state === "sending") return;
    out.state = "queued";
    out.why = "";
    void flush(out.conversation);
  }

  function drop(cid: string): void {
    waiting.value = waiting.value.filter((out) => out.cid !== cid);
    save();
  }

  /** Throws a line away unsent; those behind it go on. */
  function discard(cid: string): void {
    const out = waiting.value.find((one) => one.cid === cid);
    drop(cid);
    if (out) void flush(out.conversation);
  }

  /** The line is back: everything that only lacked a network goes. */
  function resend(): void {
    for (const conversation of new Set(waiting.value.map((out) => out.conversation))) void flush(conversation);
  }

  return { waiting, of, restore, put, flush, again, discard, resend };
});

function reasonOf(error: Refused): string {
  if (error.status === 409) return "stale";
  if (error.status === 429) return "too_fast";
  if (error.status === 401) return "signed_out";
  if (error.status === 403) return "not_allowed";
  if (error.status === 400 && error.code === "too_long") return "too_long";
  return "refused";
}

/** 128 random bits: `crypto.randomUUID` is missing on plain-http addresses. */
function makeCid(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
