import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Office } from "./fake_socket";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function openOffice(): Office {
  const office = new Office();
  office.live.start();
  office.socket.welcomes();
  return office;
}

describe("the live line", () => {
  it("says hello first and watches only once it is welcome", () => {
    const office = new Office();
    office.live.watch("c1", () => 7);
    office.live.start();
    office.socket.opens();
    expect(office.socket.sent).toEqual([{ t: "hello" }]);

    office.socket.says({ t: "welcome", agent: {}, presence: "online", hb: 25 });

    expect(office.socket.sent.slice(1)).toEqual([{ t: "watch", conversation: "c1", after: 7 }]);
  });

  it("comes back after a drop and watches from the last seq held by then", () => {
    const office = openOffice();
    let held = 3;
    office.live.watch("c1", () => held);
    held = 9;
    office.socket.drops();
    vi.advanceTimersByTime(500);
    office.socket.welcomes();

    expect(office.sockets).toHaveLength(2);
    expect(office.socket.asked("watch")).toEqual([{ t: "watch", conversation: "c1", after: 9 }]);
    expect(office.ups).toEqual([false, true]);
  });

  it("waits longer after every failure, never beyond half a minute, and starts over once it was welcome", () => {
    const office = new Office();
    office.live.start();
    const waits: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      office.socket.drops();
      const [state, at] = office.states.at(-1) as [string, number];
      expect(state).toBe("waiting");
      waits.push(at - Date.now());
      vi.advanceTimersByTime(waits.at(-1) as number);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15000, 15000, 15000, 15000]);

    office.socket.welcomes();
    office.socket.drops();
    expect((office.states.at(-1) as [string, number])[1] - Date.now()).toBe(500);
  });

  it("finds out by itself that a line is dead although nobody closed it", () => {
    const office = openOffice();
    vi.advanceTimersByTime(25_000);
    expect(office.socket.asked("ping")).toHaveLength(1);
    office.socket.says({ t: "pong" });
    vi.advanceTimersByTime(25_000);
    expect(office.socket.asked("ping")).toHaveLength(2);

    vi.advanceTimersByTime(8_000 + 500);

    expect(office.sockets).toHaveLength(2);
  });

  it("tries at once when the agent looks at the page again", () => {
    const office = openOffice();
    office.socket.drops();
    office.live.probe();
    expect(office.sockets).toHaveLength(2);
  });

  it("stops and tells why when the sign-in ran out or the address is refused", () => {
    for (const code of [4401, 4403]) {
      const office = openOffice();
      office.socket.drops(code);
      vi.advanceTimersByTime(120_000);
      expect(office.turned).toEqual([code]);
      expect(office.sockets).toHaveLength(1);
    }
  });

  it("tells of typing at most every three seconds", () => {
    const office = openOffice();
    for (let n = 0; n < 40; n += 1) {
      office.live.typing("c1");
      vi.advanceTimersByTime(100);
    }
    expect(office.socket.asked("typing")).toHaveLength(2);
  });

  it("hangs up on a frame that is not JSON and comes back", () => {
    const office = openOffice();
    office.socket.onmessage?.({ data: "<html>" });
    vi.advanceTimersByTime(500);
    expect(office.sockets).toHaveLength(2);
  });
});
