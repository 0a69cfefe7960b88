// What outlives a page: the token, the words that the gateway has not confirmed, and
// (for this tab) the conversation as far as it was heard. Each shopper who signs in on
// this browser has his own; the one of "" is the anonymous shopper's.

import type { ChatEvent, SendKind } from "../wire";

export interface Pending {
  cid: string;
  kind: SendKind;
  body: object;
  ts: number;
  /** The conversation it was written in, "" when none was known yet. */
  conversation: string;
  /** Why it was refused; it then waits for the shopper's word. */
  failed?: string;
}

export interface Kept {
  tok: string;
  conversation: string;
  /** The last event that the shopper has seen. */
  read: number;
  /** The closing after which he did not want to rate. */
  skipped: number;
}

export interface Held {
  conversation: string;
  events: ChatEvent[];
  more: boolean;
}

const HELD_AT_MOST = 100;
const CARRIED_FOR = 10 * 60_000;

export class Locker {
  readonly kept: Kept;
  private readonly prefix: string;

  constructor(
    private readonly site: string,
    readonly who: string,
    private readonly local: Storage,
    private readonly session: Storage,
  ) {
    this.prefix = `xiaoer:${site}:${who}:`;
    this.kept = { tok: "", conversation: "", read: 0, skipped: 0, ...this.read<Kept>(local, "kept") };
  }

  keep(changes: Partial<Kept>): void {
    Object.assign(this.kept, changes);
    this.write(this.local, "kept", this.kept);
  }

  /** Every message has a key of its own, so that two tabs don't overwrite each other's. */
  pending(): Pending[] {
    return this.keys(this.local, `${this.prefix}out:`)
      .sort()
      .map((key) => parse<Pending>(this.local.getItem(key)))
      .filter((pending) => pending !== null);
  }

  put(pending: Pending): void {
    this.write(this.local, `out:${pending.cid}`, pending);
  }

  take(cid: string): void {
    attempt(() => this.local.removeItem(`${this.prefix}out:${cid}`));
  }

  held(): Held {
    const held = this.read<Held>(this.session, "held");
    return held && held.conversation === this.kept.conversation
      ? held
      : { conversation: this.kept.conversation, events: [], more: false };
  }

  hold(events: ChatEvent[], more: boolean): void {
    const cut = events.length > HELD_AT_MOST;
    this.write(this.session, "held", {
      conversation: this.kept.conversation,
      events: cut ? events.slice(-HELD_AT_MOST) : events,
      more: more || cut,
    });
  }

  /** An anonymous shopper has signed in: what he had begun, he goes on with. */
  inherit(anonymous: Locker, now: number): void {
    if (this.kept.tok) return;
    this.keep({ tok: anonymous.kept.tok });
    for (const pending of anonymous.pending()) {
      if (now - pending.ts < CARRIED_FOR) this.put({ ...pending, conversation: "" });
      anonymous.take(pending.cid);
    }
  }

  /** Nobody is signed in any more: nothing of those who were stays on this computer. */
  forgetOthers(): void {
    for (const store of [this.local, this.session]) {
      for (const key of this.keys(store, `xiaoer:${this.site}:`)) {
        if (!key.startsWith(this.prefix)) attempt(() => store.removeItem(key));
      }
    }
  }

  private keys(store: Storage, prefix: string): string[] {
    return attempt(() => Array.from({ length: store.length }, (_, i) => store.key(i) ?? ""))?.filter((key) => key.startsWith(prefix)) ?? [];
  }

  private read<T>(store: Storage, name: string): T | null {
    return parse<T>(attempt(() => store.getItem(this.prefix + name)) ?? null);
  }

  private write(store: Storage, name: string, value: object): void {
    attempt(() => store.setItem(this.prefix + name, JSON.stringify(value)));
  }
}

function parse<T>(text: string | null): T | null {
  return attempt(() => JSON.parse(text ?? "null") as T | null) ?? null;
}

/** Storage may be full, forbidden or spoilt; the chat then lives in memory only. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
