import type { Outgoing } from "../../stores/outbox";
import { dayAround } from "../../time";
import type { Acted, ConversationEvent, Delivered, Noted, Said, Understood } from "../../wire";

type Shown = Exclude<ConversationEvent, Said | Noted | { kind: "understood" } | { kind: "acted" } | { kind: "met" } | { kind: "reach" } | { kind: "delivered" }>;

export type Row =
  | { type: "day"; key: string; ts: number }
  | { type: "said"; key: string; event: Said; understood: Understood | null; acted: Acted[]; chosen: string | null; follows: boolean; recalled: boolean; newest: boolean; delivered: Delivered | null }
  | { type: "noted"; key: string; event: Noted }
  | { type: "happened"; key: string; event: Shown }
  | { type: "outgoing"; key: string; out: Outgoing };

/** A transcript as it is drawn: what the bot understood and did stands under the words it was about. */
export function rowsOf(events: ConversationEvent[], outgoing: Outgoing[], me: string): Row[] {
  const understood = new Map<number, Understood>();
  const acted = new Map<number, Acted[]>();
  const chosen = new Map<number, string>();
  const recalled = new Set<number>();
  const delivered = new Map<number, Delivered>();
  for (const event of events) {
    if (event.kind === "understood") understood.set(event.body.of, event.body);
    else if (event.kind === "acted") acted.set(event.body.of, [...(acted.get(event.body.of) ?? []), event.body]);
    else if (event.kind === "delivered") for (const seq of event.body.of) delivered.set(seq, event.body);
    else if (event.kind === "recalled") recalled.add(event.body.of);
    else if (event.kind === "said" && event.body.type === "choice") chosen.set(event.body.of, event.body.choice);
  }
  const newest = events.findLast((event) => event.kind === "said" && event.from.role === "agent")?.seq;
  const rows: Row[] = [];
  let day = [0, 0] as [number, number];
  let before: ConversationEvent | null = null;
  for (const event of events) {
    if (event.kind === "understood" || event.kind === "acted" || event.kind === "met" || event.kind === "reach" || event.kind === "delivered") continue;
    if (event.ts < day[0] || event.ts >= day[1]) {
      rows.push({ type: "day", key: `day-${event.seq}`, ts: event.ts });
      before = null;
      day = dayAround(event.ts);
    }
    const key = `event-${event.seq}`;
    if (event.kind === "said") {
      rows.push({
        type: "said", key, event,
        understood: understood.get(event.seq) ?? null,
        acted: acted.get(event.seq) ?? [],
        chosen: chosen.get(event.seq) ?? null,
        recalled: recalled.has(event.seq),
        newest: event.seq === newest,
        delivered: delivered.get(event.seq) ?? null,
        follows: before?.kind === "said" && before.from.role === event.from.role && before.from.id === event.from.id && event.ts - before.ts < 120_000,
      });
    } else if (event.kind === "noted") rows.push({ type: "noted", key, event });
    else rows.push({ type: "happened", key, event });
    before = event;
  }
  for (const out of outgoing) if (!isConfirmed(out, events, me)) rows.push({ type: "outgoing", key: out.cid, out });
  return rows;
}

/** The rows, with those that are as they were the same objects as before, so that nothing of them is drawn again. */
export function steady(before: readonly Row[], rows: Row[]): Row[] {
  const held = new Map(before.map((row) => [row.key, row]));
  return rows.map((row) => {
    const same = held.get(row.key);
    return same && isAlike(same, row) ? same : row;
  });
}

function isAlike(a: Row, b: Row): boolean {
  return Object.entries(b).every(([name, value]) => {
    const other = (a as unknown as Record<string, unknown>)[name];
    if (!Array.isArray(value) || !Array.isArray(other)) return other === value;
    return value.length === other.length && value.every((one, at) => one === other[at]);
  });
}

/** The live line may bring a sent reply before its own answer does: it must not stand there twice. */
function isConfirmed(out: Outgoing, events: ConversationEvent[], me: string): boolean {
  if (out.state !== "sending") return false;
  for (let at = events.length - 1; at >= 0; at -= 1) {
    const event = events[at] as ConversationEvent;
    if (event.seq <= out.after) return false;
    if (event.from.role !== "agent" || event.from.id !== me) continue;
    if (out.kind === "note" ? event.kind === "noted" && event.body.text === out.text : isReply(event, out.text)) return true;
  }
  return false;
}

function isReply(event: ConversationEvent, text: string): boolean {
  return event.kind === "said" && event.body.type === "text" && event.body.text === text;
}
