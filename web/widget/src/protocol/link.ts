// One line to the gateway that is dialled again whenever it breaks.

import type { Hello, Incoming, Outgoing } from "../wire";

export type Socket = Pick<WebSocket, "send" | "close" | "onopen" | "onmessage" | "onclose" | "onerror">;

export type LinkState = "connecting" | "open" | "broken" | "stopped";

export interface Listener {
  /** The first frame, made anew for every connection. */
  hello(): Promise<Hello>;
  heard(frame: Incoming): void;
  changed(state: LinkState): void;
  /** The shortest wait in ms before the next try, or null to stop for good. */
  closed(code: number): number | null;
}

const PONG_DEADLINE = 8_000;
const WELCOME_DEADLINE = 10_000;
const SHORTEST_WAIT = 500;
const LONGEST_WAIT = 30_000;

type Timer = ReturnType<typeof setTimeout> | undefined;

export interface Link {
  readonly state: LinkState;
  /** Dials now, unless a call is under way. */
  open(): Promise<void>;
  send(frame: Outgoing): boolean;
  /** Hangs up and goes on as if the other side had done so with `code`. */
  hangUp(code: number): void;
  /** Finds out whether the line still lives: the page was away, or the network is back. */
  probe(): void;
}

/** Written as a function, not a class, because that is what a minifier makes small. */
export function makeLink(connect: () => Socket, listener: Listener, random: () => number): Link {
  let state: LinkState = "connecting";
  let socket: Socket | undefined;
  let tries = 0;
  let dial = 0;
  let again: Timer;
  let beat: Timer;
  let deadline: Timer;
  let beatEvery = 25_000;

  async function open(): Promise<void> {
    clearTimeout(again);
    again = undefined;
    const call = ++dial;
    if (state !== "open") enter("connecting");
    const hello = await listener.hello();
    if (call !== dial) return;
    let fresh: Socket;
    try {
      fresh = connect();
    } catch {
      return lost(1006); // the page's policy forbids it, or the address is wrong
    }
    socket = fresh;
    fresh.onopen = () => fresh.send(JSON.stringify(hello));
    fresh.onmessage = ({ data }: MessageEvent<unknown>) => hear(data);
    fresh.onclose = ({ code }) => lost(code);
    fresh.onerror = () => undefined; // a close always follows, and says more
    expect(WELCOME_DEADLINE);
  }

  function send(frame: Outgoing): boolean {
    if (state !== "open" || !socket) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }

  function hangUp(code: number): void {
    socket?.close(code === 1006 ? undefined : code);
    lost(code);
  }

  function probe(): void {
    if (state === "open") ping();
    else if (state === "broken") {
      tries = 0;
      void open();
    }
  }

  function hear(data: unknown): void {
    let frame: Incoming;
    try {
      frame = JSON.parse(String(data)) as Incoming;
    } catch {
      return; // not ours; a broken line shows by its deadline
    }
    if (frame.t === "welcome") {
      tries = 0;
      beatEvery = (frame.hb || 25) * 1000;
      enter("open");
    }
    // Whatever arrives shows that the line lives.
    if (state === "open") {
      clearTimeout(deadline);
      deadline = undefined;
      clearTimeout(beat);
      beat = setTimeout(() => ping(), beatEvery);
    }
    listener.heard(frame);
  }

  function ping(): void {
    // Page script can't see the protocol's own pings, so it sends its own.
    send({ t: "ping" });
    if (!deadline) expect(PONG_DEADLINE);
  }

  function expect(within: number): void {
    clearTimeout(deadline);
    deadline = setTimeout(() => hangUp(1006), within);
  }

  function lost(code: number): void {
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    socket = undefined;
    clearTimeout(beat);
    clearTimeout(deadline);
    clearTimeout(again);
    deadline = again = undefined;
    const atLeast = listener.closed(code);
    if (atLeast === null) {
      dial++;
      enter("stopped");
      return;
    }
    enter("broken");
    const cap = Math.min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** ++tries);
    const wait = atLeast < 0 ? 0 : Math.max(atLeast, SHORTEST_WAIT + random() * (cap - SHORTEST_WAIT));
    again = setTimeout(() => void open(), wait);
  }

  function enter(next: LinkState): void {
    if (state === next) return;
    state = next;
    listener.changed(next);
  }

  return {
    get state() {
      return state;
    },
    open,
    send,
    hangUp,
    probe,
  };
}
