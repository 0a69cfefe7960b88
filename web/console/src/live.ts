import type { Frame } from "./wire";

export type LineState = "connecting" | "open" | "waiting" | "stopped";

/** What a browser's WebSocket offers and the tests' socket mirrors. */
export interface Socket {
  send(data: string): void;
  close(code?: number): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export interface Listener {
  /** A frame came, in the server's order. */
  frame(frame: Frame): void;
  /** The line is up; `again` when it was up before, so that lists must be fetched again. */
  up(again: boolean): void;
  state(state: LineState, retryAt: number | null): void;
  /** The server wants a new sign-in (4401), or does not want us at all (4403). */
  turnedAway(code: number): void;
}

export const SUBPROTOCOL = "xiaoer.console.v1";
const DEADLINE_MS = 8_000;
const SHORTEST_MS = 500;
const LONGEST_MS = 30_000;
const TYPING_EVERY_MS = 3_000;

/** One agent's live line to the desk: comes back by itself and watches again from the last seq that is held. */
export class Live {
  private socket: Socket | null = null;
  private watched = new Map<string, () => number>();
  private attempts = 0;
  private wasUp = false;
  private isUp = false;
  private running = false;
  private heartbeat = 25_000;
  private pingTimer: ReturnType<typeof setTimeout> | undefined;
  private deadline: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private lastTyping = new Map<string, number>();
  private lastRead = new Map<string, number>();

  constructor(
    private readonly open: () => Socket,
    private readonly listener: Listener,
    private readonly random: () => number = Math.random,
  ) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    this.attempts = 0;
    this.connect();
  }

  stop(): void {
    this.running = false;
    this.wasUp = false;
    this.watched.clear();
    clearTimeout(this.retry);
    this.hangUp();
    this.listener.state("stopped", null);
  }

  /** Follows a conversation; `held` says the last seq held whenever the line comes back. */
  watch(conversation: string, held: () => number): void {
    this.watched.set(conversation, held);
    if (this.isUp) this.send({ t: "watch", conversation, after: held() });
  }

  unwatch(conversation: string): void {
    if (this.watched.delete(conversation) && this.isUp) this.send({ t: "unwatch", conversation });
  }

  /** Asks for everything after what is held once more, because an event is missing between. */
  mend(conversation: string): void {
    const held = this.watched.get(conversation);
    if (!held || !this.isUp) return;
    this.send({ t: "unwatch", conversation });
    this.send({ t: "watch", conversation, after: held() });
  }

  look(conversation: string): void {
    this.send({ t: "look", conversation });
  }

  /** Tells the customer, or with `note` only the colleagues who look at it as well. */
  typing(conversation: string, note = false): void {
    const now = Date.now();
    const key = `${conversation} ${note}`;
    if (!this.isUp || now - (this.lastTyping.get(key) ?? 0) < TYPING_EVERY_MS) return;
    this.lastTyping.set(key, now);
    this.send({ t: "typing", conversation, ...(note && { note }) });
  }

  /** What was typed is said: the next letter begins anew. */
  typed(conversation: string): void {
    this.lastTyping.delete(`${conversation} false`);
    this.lastTyping.delete(`${conversation} true`);
  }

  /** Everything up to `seq` stands before the agent who answers. */
  read(conversation: string, seq: number): void {
    if (!this.isUp || (this.lastRead.get(conversation) ?? 0) >= seq) return;
    this.lastRead.set(conversation, seq);
    this.send({ t: "read", conversation, seq });
  }

  /** Finds out at once whether the line still lives: after sleep, a change of network, or a look back at the tab. */
  probe(): void {
    if (!this.running) return;
    if (this.isUp) this.ping();
    else if (this.retry !== undefined) this.connect();
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.hangUp();
    this.listener.state("connecting", null);
    let socket: Socket;
    try {
      socket = this.open();
    } catch {
      this.later();
      return;
    }
    this.socket = socket;
    this.armDeadline();
    socket.onopen = () => this.send({ t: "hello" });
    socket.onmessage = (event) => this.hear(event.data);
    socket.onclose = (event) => {
      if (this.socket === socket) this.lost(event.code);
    };
  }

  private hear(data: unknown): void {
    let frame: Frame;
    try {
      frame = JSON.parse(String(data)) as Frame;
    } catch {
      this.hangUp();
      this.later();
      return;
    }
    clearTimeout(this.deadline);
    this.deadline = undefined;
    if (frame.t === "welcome") this.welcomed(frame.hb);
    if (frame.t !== "pong") this.listener.frame(frame);
    if (frame.t === "welcome") {
      const again = this.wasUp;
      this.wasUp = true;
      this.listener.up(again);
    }
  }

  private welcomed(hb: number): void {
    this.isUp = true;
    this.lastRead.clear();
    this.attempts = 0;
    this.heartbeat = Math.max(5, hb || 25) * 1000;
    this.listener.state("open", null);
    this.armPing();
    for (const [conversation, held] of this.watched) this.send({ t: "watch", conversation, after: held() });
  }

  private armPing(): void {
    clearTimeout(this.pingTimer);
    this.pingTimer = setTimeout(() => this.ping(), this.heartbeat);
  }

  private ping(): void {
    this.send({ t: "ping" });
    if (this.deadline === undefined) this.armDeadline();
    this.armPing();
  }

  private armDeadline(): void {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => {
      this.hangUp();
      this.later();
    }, DEADLINE_MS);
  }

  private lost(code: number): void {
    this.hangUp();
    if (!this.running) return;
    if (code === 4401 || code === 4403) {
      this.running = false;
      this.listener.state("stopped", null);
      this.listener.turnedAway(code);
      return;
    }
    this.later();
  }

  /** Tries again after a random share of a doubling wait, so that a restart is not met by everyone at once. */
  private later(): void {
    if (!this.running) return;
    const most = Math.min(LONGEST_MS, 1_000 * 2 ** this.attempts);
    this.attempts += 1;
    const wait = Math.max(SHORTEST_MS, this.random() * most);
    this.listener.state("waiting", Date.now() + wait);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  private hangUp(): void {
    clearTimeout(this.pingTimer);
    clearTimeout(this.deadline);
    this.deadline = undefined;
    this.isUp = false;
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    try {
      socket.close(1000);
    } catch {
      // It never opened: there is nothing to close.
    }
  }

  private send(frame: object): void {
    try {
      this.socket?.send(JSON.stringify(frame));
    } catch {
      // The close event follows and brings the line back.
    }
  }
}
