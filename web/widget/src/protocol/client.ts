// The shopper's end of the conversation: what was heard, in order and without gaps,
// and what he said, until the gateway has confirmed it.

import type { ChatEvent, Customer, Hello, Incoming, Outgoing, Refusal, Role, SendKind, Status, Welcome } from "../wire";
import type { Identity } from "./identity";
import { type LinkState, makeLink, type Socket } from "./link";
import { Locker, type Pending } from "./locker";

/** What is outside of the client, so that tests can stand in for it. */
export interface World {
  connect(): Socket;
  identity: (() => Promise<Identity>) | undefined;
  history(before: number, tok: string): Promise<{ events: ChatEvent[]; more: boolean }>;
  random(): number;
  local: Storage;
  session: Storage;
}

export interface View {
  link: LinkState;
  /** Why the line is closed for good. */
  refused: boolean;
  /** The conversation has been heard up to now at least once. */
  caughtUp: boolean;
  events: readonly ChatEvent[];
  pending: readonly Pending[];
  /** Older events can be fetched. */
  more: boolean;
  loading: boolean;
  status: Status;
  customer: Customer | undefined;
  typing: { role: Role; name: string } | undefined;
  unread: number;
  read: number;
  /** How far the agent who answers has read. */
  agentRead: number;
  /** He is signed in at the shop, but the chat can't tell. */
  unrecognised: boolean;
  skipped: number;
}

const ACK_DEADLINE = 20_000;
const TYPING_SHOWN = 6_000;
const TYPING_SENT_EVERY = 3_000;
const TRIES = 5;

export interface Client {
  readonly view: View;
  start(): void;
  probe(): void;
  say(text: string): void;
  send(kind: SendKind, body: object): void;
  /** Sends what was refused once more, after what still waits. */
  retry(cid: string): void;
  /** Gives up a message that was refused. */
  drop(cid: string): void;
  /** The shopper is writing. */
  typed(): void;
  /** The shopper has the newest events before his eyes. */
  seen(): void;
  skipRating(): void;
  /** Fetches a page of what was said before. */
  older(): Promise<void>;
  /** What proves the conversation to be his over HTTP. */
  token(): string;
  /** Calls anew, for a fresh token. */
  renew(): void;
}

export function makeClient(site: string, lang: string, world: World, onChange: (view: View) => void): Client {
  let view: View = {
    link: "connecting",
    refused: false,
    caughtUp: false,
    events: [],
    pending: [],
    more: false,
    loading: false,
    status: { stage: "bot" },
    customer: undefined,
    typing: undefined,
    unread: 0,
    read: 0,
    agentRead: 0,
    unrecognised: false,
    skipped: 0,
  };
  let identity: Identity;
  let unlocked = false;
  let anonymousFromNow = false;
  let callAtOnce = false;
  let denials = 0;
  /** The last event heard; null when the next one may be any. */
  let last: number | null = 0;
  let target = 0;
  let gapAt = -1;
  let inFlight = "";
  let refusals = 0;
  let pumpAgain: ReturnType<typeof setTimeout> | undefined;
  let ackDeadline: ReturnType<typeof setTimeout> | undefined;
  let typingEnds: ReturnType<typeof setTimeout> | undefined;
  let typedAt = 0;
  let readSent = 0;
  let made = 0;

  let locker = new Locker(site, "", world.local, world.session);
  const link = makeLink(world.connect, { hello, heard, changed: (link) => show({ link }), closed }, world.random);

  function say(text: string): void {
    send("said", { type: "text", text });
  }

  function send(kind: SendKind, body: object): void {
    const ts = Date.now();
    // Sortable by when it was made, even within one millisecond and over a reload.
    const order = ts.toString(36).padStart(9, "0") + (made++ % 1296).toString(36).padStart(2, "0");
    const random = crypto.getRandomValues(new Uint32Array(2)).reduce((text, n) => text + n.toString(36), "");
    const pending: Pending = { cid: order + random, kind, body, ts, conversation: locker.kept.conversation };
    locker.put(pending);
    show({ pending: [...view.pending, pending] });
    pump();
  }

  function retry(cid: string): void {
    const found = view.pending.find((pending) => pending.cid === cid);
    if (!found) return;
    const { failed: _, ...again } = found;
    locker.put(again);
    show({ pending: [...view.pending.filter((pending) => pending.cid !== cid), again] });
    pump();
  }

  function drop(cid: string): void {
    locker.take(cid);
    show({ pending: view.pending.filter((pending) => pending.cid !== cid) });
  }

  function typed(): void {
    const now = Date.now();
    if (now - typedAt < TYPING_SENT_EVERY) return;
    typedAt = now;
    link.send({ t: "typing" });
  }

  function seen(): void {
    const last = view.events.at(-1)?.seq ?? 0;
    if (last > locker.kept.read) {
      locker.keep({ read: last });
      show({ unread: 0, read: last });
    }
    if (last > readSent && link.send({ t: "read", seq: last })) readSent = last;
  }

  function skipRating(): void {
    locker.keep({ skipped: lastClosing(view.events) });
    show({ skipped: locker.kept.skipped });
  }

  async function older(): Promise<void> {
    const before = view.events[0]?.seq ?? (last ?? target) + 1;
    if (view.loading || !view.more) return;
    show({ loading: true });
    const { tok, conversation } = locker.kept;
    try {
      const page = await world.history(before, tok);
      if (locker.kept.conversation !== conversation) return;
      const first = view.events[0]?.seq ?? Infinity;
      const events = [...page.events.filter((event) => event.seq < first), ...view.events];
      show({ events, more: page.more && page.events.length > 0, ...counted(events) });
    } catch {
      // The shopper scrolls up again, and it is tried again.
    } finally {
      show({ loading: false });
    }
  }

  async function hello(): Promise<Hello> {
    await identify();
    const { tok } = locker.kept;
    const hello: Hello = { t: "hello", site: site, after: last ?? 0, lang: lang };
    if (tok) hello.tok = tok;
    if (identity) hello.identity = identity.jwt;
    return hello;
  }

  async function identify(): Promise<void> {
    const ask = anonymousFromNow ? undefined : world.identity;
    if (ask && !(identity && identity.exp * 1000 > Date.now() + 30_000)) {
      identity = await ask();
      show({ unrecognised: identity === undefined });
    }
    const who = identity?.who ?? "";
    if (who !== locker.who || !unlocked) unlock(who);
    if (ask && identity !== undefined) locker.forgetOthers();
  }

  function unlock(who: string): void {
    const before = locker;
    const anonymous = new Locker(site, "", world.local, world.session);
    locker = who ? new Locker(site, who, world.local, world.session) : anonymous;
    if (who) locker.inherit(anonymous, Date.now());
    const { events, more } = locker.held();
    // What was written while the shop was being asked who he is belongs to whom it named.
    const fresh = view.pending.filter((pending) => !pending.conversation);
    for (const pending of fresh) {
      before.take(pending.cid);
      locker.put(pending);
    }
    const isFresh = (pending: Pending) => fresh.some(({ cid }) => cid === pending.cid);
    const stored = locker.pending().filter((pending) => !isFresh(pending));
    unlocked = true;
    last = events.at(-1)?.seq ?? 0;
    readSent = 0;
    show({
      events,
      more,
      pending: [...stored, ...fresh],
      skipped: locker.kept.skipped,
      ...counted(events),
    });
  }

  function heard(frame: Incoming): void {
    switch (frame.t) {
      case "welcome":
        return welcomed(frame);
      case "ev":
        return happened(frame.ev, frame.prev, frame.cid);
      case "err":
        return refused(frame);
      case "status":
        show({ status: frame.status });
        return settle();
      case "read":
        return show({ agentRead: frame.seq });
      case "typing":
        show({ typing: frame.from });
        clearTimeout(typingEnds);
        typingEnds = setTimeout(() => show({ typing: undefined }), TYPING_SHOWN);
    }
  }

  function welcomed(welcome: Welcome): void {
    denials = 0;
    const { conversation } = locker.kept;
    const another = conversation !== "" && conversation !== welcome.conversation;
    locker.keep({ tok: welcome.tok, conversation: welcome.conversation });
    if (another) locker.keep({ read: 0, skipped: 0 });
    const foreign = (pending: Pending) => pending.conversation !== "" && pending.conversation !== welcome.conversation;
    for (const pending of view.pending.filter(foreign)) locker.take(pending.cid);
    const pending = view.pending.filter((each) => !foreign(each));
    show({ status: welcome.status, customer: welcome.customer, pending, agentRead: another ? 0 : view.agentRead });
    const misplaced = !welcome.reset && (last ?? 0) > 0 && (another || welcome.seq < (last ?? 0));
    if (misplaced) {
      // What we hold is of another conversation, and so was the place to go on from.
      forget(false);
      callAtOnce = true;
      return link.hangUp(4000);
    }
    target = welcome.seq;
    if (welcome.reset) {
      const replayed = welcome.base > 0 && welcome.base <= welcome.seq;
      forget(true);
      last = replayed ? null : welcome.seq;
      if (!replayed) void older();
    }
    inFlight = "";
    checkCaughtUp();
    pump();
  }

  function forget(more: boolean): void {
    last = 0;
    show({ events: [], more, ...counted([]) });
  }

  function happened(event: ChatEvent, prev: number, cid?: string): void {
    if (cid) confirmed(cid);
    if (last !== null && event.seq <= last) return;
    // A confirmation of what was stored before may overtake its place in the replay.
    if (cid && !prev && last) return;
    if (last !== null && prev !== last) {
      // The same gap twice: what we hold is at fault, and we begin anew.
      if (gapAt === last) forget(false);
      gapAt = last;
      return link.hangUp(4000);
    }
    last = event.seq;
    const events = [...view.events, event].map((each) =>
      event.kind === "recalled" && each.seq === event.body.of && each.kind === "said" ? { ...each, body: { type: "recalled" as const } } : each,
    );
    show({ events, ...counted(events), ...(event.from.role === view.typing?.role && { typing: undefined }) });
    checkCaughtUp();
  }

  function checkCaughtUp(): void {
    if (last !== null && last >= target && !view.caughtUp) show({ caughtUp: true });
  }

  function counted(events: readonly ChatEvent[]): { unread: number; read: number } {
    const { read } = locker.kept;
    const theirs = (event: ChatEvent) =>
      event.seq > read && event.kind === "said" && (event.from.role === "bot" || event.from.role === "agent");
    return { unread: events.filter(theirs).length, read };
  }

  function confirmed(cid: string): void {
    drop(cid);
    if (inFlight !== cid) return;
    landed();
    pump();
  }

  function landed(): void {
    inFlight = "";
    refusals = 0;
    clearTimeout(ackDeadline);
  }

  function refused(refusal: Refusal): void {
    const cid = refusal.cid ?? (refusal.code === "bad_frame" ? inFlight : "");
    if (!cid || cid !== inFlight) return;
    if (refusal.retry && ++refusals < TRIES) {
      // The others wait behind it: an answer must not overtake its question.
      inFlight = "";
      clearTimeout(ackDeadline);
      const wait = refusal.after_s ? refusal.after_s * 1000 : 1000 * 2 ** refusals;
      pumpAgain = setTimeout(() => {
        pumpAgain = undefined;
        pump();
      }, Math.min(wait, 60_000));
      return;
    }
    fail(cid, refusal.message || refusal.code);
  }

  function fail(cid: string, failed: string): void {
    landed();
    const pending = view.pending.map((each) => (each.cid === cid ? { ...each, failed } : each));
    for (const each of pending) if (each.cid === cid) locker.put(each);
    show({ pending });
    pump();
  }

  /** Sends the next message. One at a time, so that none overtakes one that was put off. */
  function pump(): void {
    if (inFlight || pumpAgain || link.state !== "open") return;
    const next = view.pending.find((pending) => pending.failed === undefined);
    if (!next) return;
    if (isSoAlready(next)) {
      drop(next.cid);
      return pump();
    }
    const frame: Outgoing = { t: "send", cid: next.cid, kind: next.kind, body: next.body };
    if (!link.send(frame)) return;
    inFlight = next.cid;
    clearTimeout(ackDeadline);
    ackDeadline = setTimeout(() => link.hangUp(1006), ACK_DEADLINE);
  }

  /** A wish that the stage already grants has no event of its own to confirm it. */
  function settle(): void {
    const sent = view.pending.find((pending) => pending.cid === inFlight);
    if (sent && isSoAlready(sent)) confirmed(sent.cid);
    else pump();
  }

  function isSoAlready({ kind }: Pending): boolean {
    const { stage } = view.status;
    if (kind === "human") return stage === "waiting" || stage === "human";
    return kind === "cancel" && stage !== "waiting";
  }

  function closed(code: number): number | null {
    const sent = inFlight;
    inFlight = "";
    clearTimeout(ackDeadline);
    clearTimeout(pumpAgain);
    pumpAgain = undefined;
    show({ typing: undefined });
    readSent = 0;
    if (code === 4401) return denied();
    if (code === 4403) {
      show({ refused: true });
      return null;
    }
    // A frame that the gateway hangs up on would do so for ever.
    if ((code === 4400 || code === 1009) && sent) fail(sent, "");
    if (code === 4429) return 10_000;
    const atOnce = callAtOnce;
    callAtOnce = false;
    return atOnce ? -1 : 0;
  }

  function denied(): number | null {
    denials++;
    identity = undefined;
    locker.keep({ tok: "" });
    if (world.identity && denials >= 2) {
      anonymousFromNow = true;
      show({ unrecognised: true });
    }
    if (denials <= 3) return 0;
    show({ refused: true });
    return null;
  }

  function show(changes: Partial<View>): void {
    view = { ...view, ...changes };
    if ("events" in changes || "more" in changes) holdSoon();
    onChange(view);
  }

  let holding = false;
  function holdSoon(): void {
    if (holding) return;
    holding = true;
    setTimeout(() => {
      holding = false;
      if (last !== null) locker.hold([...view.events], view.more);
    }, 200);
  }

  return {
    get view() {
      return view;
    },
    start: () => void link.open(),
    probe: link.probe,
    say,
    send,
    retry,
    drop,
    typed,
    seen,
    skipRating,
    older,
    token: () => locker.kept.tok,
    renew: () => link.hangUp(4000),
  };
}

export function lastClosing(events: readonly ChatEvent[]): number {
  for (let i = events.length - 1; i >= 0; i--) if (events[i]?.kind === "closed") return events[i]?.seq ?? 0;
  return 0;
}
