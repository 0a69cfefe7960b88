import { describe, expect, it } from "vitest";
import type { Pending } from "../src/protocol/locker";
import { askedSince } from "../src/ui/rating";
import type { ChatEvent } from "../src/wire";

const event = (seq: number, kind: string, role: string): ChatEvent =>
  ({ seq, id: `E${seq}`, kind, from: { role, id: "", name: "" }, ts: seq, body: {} }) as ChatEvent;

const pending = (kind: string): Pending => ({ cid: kind, kind, body: {}, ts: 1, conversation: "C" }) as Pending;

const served = [event(1, "said", "customer"), event(2, "said", "agent"), event(3, "closed", "system")];

describe("the rating steps aside", () => {
  it("not for what was said before the service ended, nor for what others say after it", () => {
    expect(askedSince({ events: [...served, event(4, "said", "bot")], pending: [] })).toBe(0);
  });

  it("for a new question, from the moment at which it is sent", () => {
    const sent = askedSince({ events: served, pending: [pending("said")] });
    expect(sent).toBe(1);
    expect(askedSince({ events: [...served, event(4, "said", "customer")], pending: [] })).toBe(sent);
  });

  it("for the wish for a person, but not for the rating itself", () => {
    expect(askedSince({ events: served, pending: [pending("human")] })).toBe(1);
    expect(askedSince({ events: served, pending: [pending("rate")] })).toBe(0);
  });

  it("not for what could not be sent", () => {
    expect(askedSince({ events: served, pending: [{ ...pending("said"), failed: "" }] })).toBe(0);
  });
});
