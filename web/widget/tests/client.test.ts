import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Client, makeClient, type World } from "../src/protocol/client";
import type { Socket } from "../src/protocol/link";
import type { ChatEvent, Hello, Outgoing } from "../src/wire";

class Shelf implements Storage {
  private readonly kept = new Map<string, string>();
  get length(): number {
    return this.kept.size;
  }
  clear = () => this.kept.clear();
  getItem = (key: string) => this.kept.get(key) ?? null;
  key = (at: number) => [...this.kept.keys()][at] ?? null;
  removeItem = (key: string) => void this.kept.delete(key);
  setItem = (key: string, value: string) => void this.kept.set(key, value);
}

class FakeSocket {
  sent: Outgoing[] = [];
  closedWith: number | undefined | null = null;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Outgoing);
  }
  close(code?: number): void {
    this.closedWith = code;
  }
  hears(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  breaks(code = 1006): void {
    this.onclose?.({ code });
  }
  get sends(): { cid: string; kind: string; body: { text: string } }[] {
    return this.sent.filter((frame) => frame.t === "send") as never;
  }
}

const event = (seq: number, text = `${seq}`, role = "bot"): ChatEvent =>
  ({ seq, id: `E${seq}`, kind: "said", from: { role, id: "", name: "" }, ts: seq, body: { type: "text", text } }) as ChatEvent;

const jwt = (sub: string) => `h.${btoa(JSON.stringify({ sub, exp: 4e9 }))}.s`;

let sockets: FakeSocket[];
let local: Shelf;
let session: Shelf;

const socket = () => sockets.at(-1) as FakeSocket;
const texts = (client: Client) => client.view.events.map((each) => (each.body as { text: string }).text);

async function begin(changes: Partial<World> = {}): Promise<Client> {
  const world: World = {
    connect: () => {
      const made = new FakeSocket();
      sockets.push(made);
      return made as unknown as Socket;
    },
    identity: undefined,
    history: () => Promise.reject(new Error("not asked for")),
    random: () => 0,
    local,
    session,
    ...changes,
  };
  const client = makeClient("demo", "zh-CN", world, () => undefined);
  client.start();
  await vi.advanceTimersByTimeAsync(0);
  return client;
}

function welcome(changes: object = {}): void {
  socket().onopen?.();
  const usual = { t: "welcome", tok: "T", conversation: "C", seq: 0, base: 0, reset: false, hb: 25, status: { stage: "bot" }, customer: { name: "", verified: false } };
  socket().hears({ ...usual, ...changes });
}

const happens = (prev: number, seq: number, cid?: string) => socket().hears({ t: "ev", prev, ev: event(seq), ...(cid && { cid }) });
const hello = () => socket().sent[0] as Hello;
const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  local = new Shelf();
  session = new Shelf();
});
afterEach(() => vi.useRealTimers());

describe("what the shopper hears", () => {
  it("is resumed after the last event", async () => {
    const client = await begin();
    welcome({ seq: 5 });
    happens(0, 2);
    happens(2, 5);
    socket().breaks();
    await wait(600);
    welcome({ seq: 7 });
    happens(5, 7);

    expect(hello()).toMatchObject({ after: 5, tok: "T", site: "demo" });
    expect(client.view.events.map((each) => each.seq)).toEqual([2, 5, 7]);
  });

  it("has no event twice", async () => {
    const client = await begin();
    welcome({ seq: 1 });
    happens(0, 1);
    happens(0, 1);
    expect(client.view.events).toHaveLength(1);
    expect(sockets).toHaveLength(1);
  });

  it("has no gap: the line is dialled again after the last sound event", async () => {
    const client = await begin();
    welcome({ seq: 9 });
    happens(0, 1);
    happens(5, 9);
    expect(socket().closedWith).toBe(4000);
    expect(client.view.events).toHaveLength(1);
    await wait(600);
    welcome({ seq: 9 });
    expect(hello().after).toBe(1);
  });

  it("begins anew when the same gap comes back", async () => {
    const client = await begin();
    welcome({ seq: 9 });
    happens(0, 1);
    happens(5, 9);
    await wait(600);
    welcome({ seq: 9 });
    happens(5, 9);
    await wait(600);
    welcome({ seq: 9 });
    expect(hello().after).toBe(0);
    happens(0, 9);
    expect(client.view.events.map((each) => each.seq)).toEqual([9]);
  });

  it("is fetched by pages after a reset", async () => {
    const asked: number[] = [];
    const client = await begin({
      history: (before) => {
        asked.push(before);
        return Promise.resolve(before > 50 ? { events: [event(50), event(60)], more: true } : { events: [event(40)], more: false });
      },
    });
    welcome({ seq: 60, reset: true });
    await wait(0);
    happens(60, 61);
    await client.older();

    expect(asked).toEqual([61, 50]);
    expect(client.view.events.map((each) => each.seq)).toEqual([40, 50, 60, 61]);
    expect(client.view.more).toBe(false);
  });

  it("of another conversation is not mixed with what was held", async () => {
    const client = await begin();
    welcome({ seq: 3 });
    happens(0, 3);
    client.say("旧话");
    socket().breaks();
    await wait(600);
    welcome({ conversation: "D", tok: "U", seq: 9 });
    expect(client.view.events).toEqual([]);
    expect(client.view.pending).toEqual([]);
    await wait(0);
    welcome({ conversation: "D", tok: "U", seq: 9 });
    expect(hello()).toMatchObject({ after: 0, tok: "U" });
    happens(0, 9);
    expect(texts(client)).toEqual(["9"]);
  });

  it("is there at once after a reload", async () => {
    await begin();
    welcome({ seq: 4 });
    happens(0, 4);
    await wait(300);
    const again = await begin();
    expect(texts(again)).toEqual(["4"]);
    socket().onopen?.();
    expect(hello().after).toBe(4);
  });
});

describe("what the shopper says", () => {
  it("goes out one at a time and is confirmed by its echo", async () => {
    const client = await begin();
    client.say("一");
    client.say("二");
    welcome();
    expect(socket().sends.map((frame) => frame.body.text)).toEqual(["一"]);
    happens(0, 1, socket().sends[0]?.cid);
    expect(socket().sends.map((frame) => frame.body.text)).toEqual(["一", "二"]);
    happens(1, 2, socket().sends[1]?.cid);
    expect(client.view.pending).toEqual([]);
    expect(local.length).toBe(1);
  });

  it("is sent again with the same id after a break, and counted once", async () => {
    const client = await begin();
    welcome();
    client.say("一");
    const cid = socket().sends[0]?.cid;
    socket().breaks();
    await wait(600);
    welcome({ seq: 1 });
    happens(0, 1); // replayed: it had been stored
    expect(socket().sends[0]?.cid).toBe(cid);
    happens(0, 1, cid); // the stored one again, for the second sending
    expect(client.view.events).toHaveLength(1);
    expect(client.view.pending).toEqual([]);
  });

  it("may be confirmed before its place in the replay has come", async () => {
    const client = await begin();
    welcome({ seq: 3 });
    happens(0, 1);
    client.say("一");
    happens(0, 3, socket().sends[0]?.cid);
    expect(client.view.pending).toEqual([]);
    happens(1, 3);
    expect(client.view.events.map((each) => each.seq)).toEqual([1, 3]);
    expect(sockets).toHaveLength(1);
  });

  it("survives a reload, in order", async () => {
    const client = await begin();
    for (const text of ["一", "二", "三"]) client.say(text);
    const again = await begin();
    expect(again.view.pending.map((each) => (each.body as { text: string }).text)).toEqual(["一", "二", "三"]);
  });

  it("waits where the gateway asks it to, and holds back what follows", async () => {
    const client = await begin();
    welcome();
    client.say("一");
    client.say("二");
    const cid = socket().sends[0]?.cid;
    socket().hears({ t: "err", cid, code: "too_fast", message: "", retry: true, after_s: 3 });
    await wait(2_900);
    expect(socket().sends).toHaveLength(1);
    await wait(200);
    expect(socket().sends.map((frame) => frame.cid)).toEqual([cid, cid]);
  });

  it("that is refused for good lets the next one pass, and can be tried again", async () => {
    const client = await begin();
    welcome();
    client.say("一");
    client.say("二");
    const cid = socket().sends[0]?.cid as string;
    socket().hears({ t: "err", cid, code: "too_long", message: "太长", retry: false });
    expect(client.view.pending[0]?.failed).toBe("太长");
    expect(socket().sends.at(-1)?.body.text).toBe("二");
    happens(0, 1, socket().sends.at(-1)?.cid);
    client.retry(cid);
    expect(socket().sends.at(-1)?.cid).toBe(cid);
  });

  it("does not hang the line up for ever when it is too big", async () => {
    const client = await begin();
    welcome();
    client.say("一");
    socket().breaks(1009);
    await wait(600);
    welcome();
    expect(socket().sends).toEqual([]);
    expect(client.view.pending[0]?.failed).toBeDefined();
  });

  it("asks no second time for a human who is on the way", async () => {
    const client = await begin();
    client.send("human", {});
    welcome({ status: { stage: "waiting" } });
    expect(socket().sends).toEqual([]);
    expect(client.view.pending).toEqual([]);
  });
});

describe("the line", () => {
  it("that gives no pong in 8 s is dialled again", async () => {
    await begin();
    welcome();
    await wait(25_000);
    expect(socket().sent.at(-1)).toEqual({ t: "ping" });
    await wait(8_000);
    await wait(600);
    expect(sockets).toHaveLength(2);
  });

  it("that answers is kept", async () => {
    await begin();
    welcome();
    for (let minute = 0; minute < 5; minute++) {
      await wait(25_000);
      socket().hears({ t: "pong" });
    }
    expect(sockets).toHaveLength(1);
  });

  it("that is half-open is found out by a probe", async () => {
    const client = await begin();
    welcome();
    client.probe();
    expect(socket().sent.at(-1)).toEqual({ t: "ping" });
    await wait(8_600);
    expect(sockets).toHaveLength(2);
  });

  it("waits longer after each failure, at most 30 s, and not at all when the network is back", async () => {
    const client = await begin({ random: () => 1 });
    const waits: number[] = [];
    for (let n = 0; n < 8; n++) {
      const before = sockets.length;
      socket().breaks();
      let waited = 0;
      while (sockets.length === before && waited < 40_000) {
        await wait(500);
        waited += 500;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
    socket().breaks();
    client.probe();
    await wait(0);
    expect(sockets).toHaveLength(10);
  });

  it("stays down where the chat is not allowed", async () => {
    const client = await begin();
    welcome();
    socket().breaks(4403);
    await wait(60_000);
    expect(sockets).toHaveLength(1);
    expect(client.view.refused).toBe(true);
  });

  it("with a forged identity asks once more, then goes on anonymously and says so", async () => {
    const client = await begin({ identity: () => Promise.resolve({ jwt: jwt("U"), who: "U", exp: 4e9 }) });
    socket().onopen?.();
    expect(hello().identity).toBe(jwt("U"));
    socket().breaks(4401);
    await wait(600);
    socket().onopen?.();
    expect(hello().identity).toBe(jwt("U"));
    socket().breaks(4401);
    await wait(1_200);
    welcome();
    expect(hello().identity).toBeUndefined();
    expect(client.view.unrecognised).toBe(true);
  });

  it("asks for a new identity when the old one has run out", async () => {
    let asked = 0;
    await begin({ identity: () => Promise.resolve({ jwt: `J${++asked}`, who: "U", exp: Date.now() / 1000 + 60 }) });
    welcome();
    await wait(40_000);
    socket().breaks();
    await wait(600);
    socket().onopen?.();
    expect(hello().identity).toBe("J2");
  });
});
