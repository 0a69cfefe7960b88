import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rowsOf, steady } from "../src/parts/talk/rows";
import { useCanned } from "../src/stores/canned";
import { useDrafts } from "../src/stores/drafts";
import { useLine } from "../src/stores/line";
import { usePreferences } from "../src/stores/preferences";
import { useOutbox } from "../src/stores/outbox";
import { useSession } from "../src/stores/session";
import { useTranscripts } from "../src/stores/transcripts";
import type { ConversationEvent, Summary } from "../src/wire";
import { Office } from "./fake_socket";

/** A gateway that answers what the test lays out, call by call. */
class FakeGateway {
  calls: { path: string; body: Record<string, unknown> }[] = [];
  answer: (path: string, body: Record<string, unknown>) => unknown = () => ({});

  fetch = (path: string, init: RequestInit): Promise<Response> => {
    const body = JSON.parse(String(init.body ?? "{}")) as Record<string, unknown>;
    this.calls.push({ path, body });
    const answer = this.answer(path, body);
    if (answer instanceof Error) return Promise.reject(answer);
    if (answer instanceof Response) return Promise.resolve(answer);
    return Promise.resolve(new Response(JSON.stringify(answer)));
  };
}

const refusal = (status: number, body: object): Response => new Response(JSON.stringify(body), { status });

function said(seq: number, text = `第${seq}句`, role: "customer" | "agent" = "customer"): ConversationEvent {
  const from = { role, id: role === "agent" ? "a1" : "u1", name: "" };
  return { seq, id: `e${seq}`, kind: "said", from, ts: 1_763_800_000_000 + seq, body: { type: "text", text } };
}

function summary(id: string, change: Partial<Summary> = {}): Summary {
  return {
    id, channel: "web", customer: { id: "u1", name: id, verified: true }, stage: "waiting", epoch: 1, seq: 3, owner: "",
    owner_name: "", waiting_since: 1, reason: "asked", priority: 0, last: { text: "", role: "customer", ts: 1 }, anger: 0,
    unread: 1, position: null, ...change,
  };
}

let gateway: FakeGateway;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  setActivePinia(createPinia());
  gateway = new FakeGateway();
  vi.stubGlobal("fetch", gateway.fetch);
  useSession().agent = { id: "a1", name: "li", display: "小李", role: "agent" };
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("rows", () => {
  it("that are as they were are the same objects, so that a new message draws one row", () => {
    const events = [said(1), said(2, "好的", "agent")];
    const before = rowsOf(events, [], "a1");
    events.push(said(3));
    const after = steady(before, rowsOf(events, [], "a1"));
    expect(after.filter((row) => before.includes(row))).toEqual(before);
    const recalled = { ...said(4), kind: "recalled", body: { of: 2 } } as ConversationEvent;
    const then = steady(after, rowsOf([...events, recalled], [], "a1"));
    expect(then.filter((row) => !after.includes(row)).map((row) => row.key)).toEqual(["event-2", "event-4"]);
  });
});

describe("a transcript", () => {
  async function openAt(last: number): Promise<{ office: Office; transcripts: ReturnType<typeof useTranscripts> }> {
    const office = new Office();
    const transcripts = useTranscripts();
    transcripts.attach(office.live);
    office.live.start();
    office.socket.welcomes();
    gateway.answer = () => ({
      summary: summary("c1", { seq: last }),
      events: Array.from({ length: last }, (_, at) => said(at + 1)),
      more: false,
      packet: null,
    });
    await transcripts.open("c1");
    return { office, transcripts };
  }
  const seqs = (): number[] => useTranscripts().opened.get("c1")?.events.map((event) => event.seq) ?? [];

  it("follows the live line from what it holds, in order and each event once", async () => {
    const { office, transcripts } = await openAt(3);
    expect(office.socket.asked("watch")).toEqual([{ t: "watch", conversation: "c1", after: 3 }]);

    for (const seq of [4, 4, 2, 5]) transcripts.receive("c1", said(seq));

    expect(seqs()).toEqual([1, 2, 3, 4, 5]);
  });

  it("asks again for what is missing instead of showing a gap", async () => {
    const { office, transcripts } = await openAt(3);

    transcripts.receive("c1", said(6));
    transcripts.receive("c1", said(7));

    expect(seqs()).toEqual([1, 2, 3]);
    expect(office.socket.sent.slice(-2)).toEqual([
      { t: "unwatch", conversation: "c1" },
      { t: "watch", conversation: "c1", after: 3 },
    ]);
    for (const seq of [4, 5, 6, 7]) transcripts.receive("c1", said(seq));
    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it("fetches itself anew when nobody fills the gap", async () => {
    const { transcripts } = await openAt(3);
    transcripts.receive("c1", said(6));
    gateway.answer = () => ({ summary: summary("c1", { seq: 6 }), events: [3, 4, 5, 6].map((n) => said(n)), more: false, packet: null });

    await vi.advanceTimersByTimeAsync(5_000);

    expect(seqs()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("watches after the last seq held when the line comes back", async () => {
    const { office, transcripts } = await openAt(3);
    transcripts.receive("c1", said(4));
    office.socket.drops();
    vi.advanceTimersByTime(500);
    office.socket.welcomes();
    expect(office.socket.asked("watch")).toEqual([{ t: "watch", conversation: "c1", after: 4 }]);
  });

  it("stops watching what was opened long ago", async () => {
    const { office, transcripts } = await openAt(1);
    for (let n = 2; n <= 13; n += 1) await transcripts.open(`c${n}`);
    expect(office.socket.asked("unwatch")).toEqual([{ t: "unwatch", conversation: "c1" }]);
  });
});

describe("the outbox", () => {
  const texts = (): unknown[] => gateway.calls.map((call) => (call.body.body as { text: string } | undefined)?.text);
  const cids = (): unknown[] => gateway.calls.map((call) => call.body.cid);

  it("sends in order, the next only after the one before was confirmed", async () => {
    let answer: (event: object) => void = () => undefined;
    gateway.answer = () => ({});
    vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
      gateway.calls.push({ path, body: JSON.parse(String(init.body)) as Record<string, unknown> });
      return new Promise((resolve) => (answer = (event) => resolve(new Response(JSON.stringify({ event })))));
    });
    const outbox = useOutbox();
    outbox.put("c1", "reply", "一");
    outbox.put("c1", "reply", "二");
    await vi.advanceTimersByTimeAsync(0);
    expect(texts()).toEqual(["一"]);
    answer(said(4, "一", "agent"));
    await vi.advanceTimersByTimeAsync(0);
    expect(texts()).toEqual(["一", "二"]);
  });

  it("sends again under the same cid when no answer came, also after a reload", async () => {
    gateway.answer = () => new TypeError("network");
    useOutbox().put("c1", "reply", "在路上");
    await vi.advanceTimersByTimeAsync(0);
    expect(useOutbox().waiting[0]).toMatchObject({ state: "queued", why: "offline" });

    setActivePinia(createPinia());
    useSession().agent = { id: "a1", name: "li", display: "小李", role: "agent" };
    const outbox = useOutbox();
    outbox.restore();
    gateway.answer = () => ({ event: said(4, "在路上", "agent") });
    outbox.resend();
    await vi.advanceTimersByTimeAsync(0);

    expect(new Set(cids()).size).toBe(1);
    expect(outbox.waiting).toEqual([]);
    expect(localStorage.getItem("xiaoer.outbox.a1")).toBeNull();
  });

  it("keeps the words when somebody else owns the conversation now, and learns who", async () => {
    const line = useLine();
    line.absorb(summary("c1", { stage: "human", owner: "a1", epoch: 2 }));
    const now = summary("c1", { stage: "human", owner: "a2", owner_name: "小王", epoch: 3 });
    gateway.answer = () => refusal(409, { error: { code: "stale", message: "…" }, state: now });
    useOutbox().put("c1", "reply", "查到了");
    await vi.advanceTimersByTimeAsync(60_000);

    expect(useOutbox().waiting[0]).toMatchObject({ state: "failed", why: "stale", text: "查到了" });
    expect(line.known.get("c1")?.owner_name).toBe("小王");
    expect(gateway.calls).toHaveLength(1);
  });
});

describe("the line", () => {
  it("never lets an older summary undo a newer one", () => {
    const line = useLine();
    line.absorb(summary("c1", { epoch: 2, seq: 5, stage: "human", owner: "a1" }));
    line.absorb(summary("c1", { epoch: 1, seq: 9 }));
    line.absorb(summary("c1", { epoch: 2, seq: 4 }));
    expect(line.mine.map((one) => one.id)).toEqual(["c1"]);
    expect(line.line).toEqual([]);
  });

  it("sorts those who wait by their place, then by priority and time", () => {
    const line = useLine();
    line.absorb(summary("late", { waiting_since: 9 }));
    line.absorb(summary("early", { waiting_since: 2 }));
    line.absorb(summary("complaint", { priority: 5, waiting_since: 8 }));
    line.absorb(summary("head", { position: 1 }));
    expect(line.line.map((one) => one.id)).toEqual(["head", "complaint", "early", "late"]);
  });

  it("forgets after a reconnect what no list names, but not what changed meanwhile", async () => {
    const line = useLine();
    line.absorb(summary("gone"));
    gateway.answer = () => {
      line.absorb(summary("new"));
      return { conversations: [summary("kept")], counts: { mine: 0, line: 2, all: 2 }, next: null };
    };
    await line.refresh();
    expect([...line.known.keys()].sort()).toEqual(["kept", "new"]);
  });

  it("counts as read what was looked at", () => {
    const line = useLine();
    line.absorb(summary("c1", { seq: 4, unread: 2 }));
    expect(line.unread(line.known.get("c1") as Summary)).toBe(2);
    line.look("c1");
    expect(line.unread(line.known.get("c1") as Summary)).toBe(0);
    line.absorb(summary("c1", { seq: 5, unread: 3 }));
    expect(line.unread(line.known.get("c1") as Summary)).toBe(3);
  });
});

describe("what an agent writes", () => {
  it("stays per conversation, reply and note apart, over a reload", () => {
    useDrafts().write("c1", { reply: "写到一半" });
    useDrafts().write("c1", { note: "注意", mode: "note" });
    useDrafts().write("c2", { reply: "" });
    setActivePinia(createPinia());
    useSession().agent = { id: "a1", name: "li", display: "小李", role: "agent" };
    expect(useDrafts().of("c1")).toEqual({ reply: "写到一半", note: "注意", mode: "note" });
    expect(useDrafts().of("c2").reply).toBe("");
  });

  it("finds canned replies by title, shortcut, pinyin, initials and text, in the agent's language", async () => {
    usePreferences().chosen.language = "zh-CN";
    const canned = useCanned();
    const one = { id: "x", title: "催快递", text: "我去加急", title_en: "Chase", text_en: "I chase it", group: "", shortcut: "k1", keys: "cuikuaidi ckd" };
    gateway.answer = () => ({ replies: [{ ...one, id: "y", title: "发货", text: "快发", title_en: "", text_en: "", shortcut: "", keys: "fahuo fh" }, one], removed: [] });
    await canned.fetch();
    for (const typed of ["催快", "cuikuai", "ckd", "加急", "k1"]) expect(canned.matching(typed)[0]?.title).toBe("催快递");
    expect(canned.matching("没有这个")).toEqual([]);
    usePreferences().chosen.language = "en";
    expect(canned.matching("chase").map(({ text }) => text)).toEqual(["I chase it"]);
    expect(canned.matching("fh")[0]?.text).toBe("快发");
    setActivePinia(createPinia());
    expect(useCanned().list.length, "what was known last, while the desk is away").toBe(2);
  });

  it("never stands there twice while its answer is still under way", () => {
    const out = { cid: "x", conversation: "c1", kind: "reply" as const, text: "好的", ts: 0, state: "sending" as const, why: "", after: 4 };
    const keys = (events: ConversationEvent[]): string[] => rowsOf(events, [out], "a1").map((row) => row.type);
    expect(keys([said(4, "好的", "agent")])).toEqual(["day", "said", "outgoing"]);
    expect(keys([said(4, "好的", "agent"), said(5, "好的", "agent")])).toEqual(["day", "said", "said"]);
  });
});
