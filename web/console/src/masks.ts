import { accountApi } from "./account_api";
import { useLine } from "./stores/line";
import { useSession } from "./stores/session";
import type { Packet, SaidBody } from "./wire";

/** What the desk puts for a customer's own: four stars, or what stays of a mail's name. */
const MASKED = /\*\*\*|\*\*$/;

export const isMasked = (content: unknown): boolean => strings(content).some((text) => MASKED.test(text));

/** Whoever serves the customer may look past the masks, and who is in charge. */
export function mayReveal(conversation: string): boolean {
  const { agent } = useSession();
  const summary = useLine().known.get(conversation);
  return agent?.role !== "agent" || (summary?.stage === "human" && summary.owner === agent.id);
}

/** Looks past the mask of one event: its words, and the fields of its card. */
export async function wordsOf(conversation: string, seq: number, reason: string): Promise<string[]> {
  const { event } = await accountApi.reveal(conversation, seq, reason);
  if (event?.kind !== "said") return strings(event?.body);
  const body: SaidBody = event.body;
  if (body.type !== "card") return strings(body).filter((text) => text !== body.type);
  const { card, text } = body;
  return [...(text ? [text] : []), card.title, ...(card.fields ?? []).map((field) => `${field.label}：${field.value}`)];
}

/** Looks past the masks of the handoff packet. */
export async function factsOf(conversation: string, reason: string): Promise<string[]> {
  const { packet } = await accountApi.reveal(conversation, 0, reason);
  return packet ? factWords(packet) : [];
}

function factWords(packet: Packet): string[] {
  const slots = Object.entries(packet.slots).map(([name, value]) => `${name}：${strings(value).join(" ")}`);
  const fields = packet.orders.flatMap((card) => (card.fields ?? []).map((field) => `${card.title} ${field.label}：${field.value}`));
  return [packet.summary, ...slots, ...fields];
}

function strings(content: unknown): string[] {
  if (typeof content === "string") return [content];
  if (content && typeof content === "object") return Object.values(content).flatMap(strings);
  return typeof content === "number" ? [String(content)] : [];
}
