import { Live, type Listener, type LineState, type Socket } from "../src/live";
import type { Frame } from "../src/wire";

/** A socket whose other end is the test. */
export class FakeSocket implements Socket {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: Record<string, unknown>[] = [];
  closed = false;

  send(data: string): void {
    if (this.closed) throw new Error("closed");
    this.sent.push(JSON.parse(data) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }
  opens(): void {
    this.onopen?.(undefined as never);
  }
  says(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  welcomes(): void {
    this.opens();
    this.says({ t: "welcome", agent: {}, presence: "online", hb: 25 });
  }
  drops(code = 1006): void {
    this.closed = true;
    this.onclose?.({ code });
  }
  asked(t: string): Record<string, unknown>[] {
    return this.sent.filter((frame) => frame.t === t);
  }
}

export class Office implements Listener {
  sockets: FakeSocket[] = [];
  frames: Frame[] = [];
  ups: boolean[] = [];
  states: [LineState, number | null][] = [];
  turned: number[] = [];
  readonly live = new Live(
    () => {
      const socket = new FakeSocket();
      this.sockets.push(socket);
      return socket;
    },
    this,
    () => 0.5,
  );

  get socket(): FakeSocket {
    return this.sockets.at(-1) as FakeSocket;
  }
  frame(frame: Frame): void {
    this.frames.push(frame);
  }
  up(again: boolean): void {
    this.ups.push(again);
  }
  state(state: LineState, at: number | null): void {
    this.states.push([state, at]);
  }
  turnedAway(code: number): void {
    this.turned.push(code);
  }
}
