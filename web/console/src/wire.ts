/** The shapes of docs/wire.md that the console speaks; what stands at its default may be left out. */

export type Stage = "bot" | "waiting" | "human" | "closed";
export type Role = "customer" | "bot" | "agent" | "system";
export type Tab = "mine" | "line" | "all";
export type Presence = "online" | "busy" | "break" | "offline";
export type Tone = "info" | "good" | "warn" | "bad";

export interface Who {
  role: Role;
  id?: string;
  name?: string;
}

export interface OrderSummary {
  number: string;
  title?: string;
  image?: string;
  status?: { text: string; tone?: Tone };
  amount_fen?: number;
  created?: string;
}

export interface Choice {
  id: string;
  label: string;
  order?: OrderSummary;
}

export interface Card {
  kind: string;
  title: string;
  order?: string;
  image?: string;
  status?: { text: string; tone?: Tone };
  fields?: { label: string; value: string }[];
  steps?: { time?: string; text: string; done?: boolean }[];
  items?: { name: string; spec?: string; quantity?: number; amount_fen?: number; image?: string }[];
  amount_fen?: number;
  as_of?: string;
  choices?: Choice[];
}

export type SaidBody =
  | { type: "text"; text: string }
  | { type: "choice"; of: number; choice: string; label: string }
  | { type: "choices"; text: string; choices: Choice[] }
  | { type: "card"; text?: string; card: Card }
  | { type: "image"; url: string; text?: string }
  | { type: "file"; url: string; name: string; size?: number };

/** What an agent may say besides text. */
export type Attached = Extract<SaidBody, { type: "image" | "file" }>;

/** A reply to begin with, from the FAQ or from a colleague's past answer. */
export interface Suggestion {
  text: string;
  source: "faq" | "past";
  title: string;
  by: string;
}

export interface Reading {
  intent: string;
  confidence: number;
  label?: string;
}

export interface Understood {
  of: number;
  intent: string;
  confidence: number;
  ranking?: Reading[];
  entities?: { entity: string; value: string }[];
  anger?: number;
  decision?: "answer" | "ask" | "hand_off";
  reason?: string;
}

export interface Acted {
  of: number;
  action: string;
  slots?: Record<string, unknown>;
}

/** What became of events on their way to a shopper in an outside channel. */
export interface Delivered {
  of: number[];
  state: "sent" | "failed" | "unknown";
  reason?: string;
}

interface EventOf<K extends string, B> {
  seq: number;
  id: string;
  kind: K;
  from: Who;
  ts: number;
  body: B;
}

export type Said = EventOf<"said", SaidBody>;
export type Noted = EventOf<"noted", { text: string; to?: string[]; whisper?: boolean }>;
export type ConversationEvent =
  | Said
  | Noted
  | EventOf<"handed_off", { reason: string; note?: string }>
  | EventOf<"claimed", { agent: string; name: string }>
  | EventOf<"released", { reason: string; skill?: string; note?: string }>
  | EventOf<"recalled", { of: number }>
  | EventOf<"approved", { of: number; by: string }>
  | EventOf<"ticketed", { step: string; ticket: { id: string; title: string; stage: string; owner_name: string }; note?: string }>
  | EventOf<"transferred", { from: string; to: string; name: string; note?: string }>
  | EventOf<"closed", { by: string }>
  | EventOf<"rated", { stars: number; reasons?: string[]; comment?: string }>
  | EventOf<"understood", Understood>
  | EventOf<"acted", Acted>
  | EventOf<"met", object>
  | EventOf<"reach", object>
  | EventOf<"delivered", Delivered>
  | EventOf<"bound", { customer: { id?: string; name?: string }; how: "link" | "phone" | "unbound" | "notices"; notices?: boolean }>;

export interface Customer {
  id?: string;
  name?: string;
  level?: string;
  verified?: boolean;
}

export interface Summary {
  id: string;
  channel: string;
  customer: Customer;
  stage: Stage;
  epoch: number;
  seq: number;
  owner: string;
  owner_name: string;
  waiting_since: number | null;
  reason: string;
  priority: number;
  last: { text: string; role: Role; ts: number } | null;
  anger: number;
  unread: number;
  position: number | null;
  /** P50 and P90 of the seconds until an agent comes, while it waits and enough was measured. */
  expected?: [number, number] | null;
  /** What an outside platform still lets us send. */
  reach?: { messages: number; until: number } | null;
  skill?: string;
  clocks?: Clock[];
  tickets?: number;
}

/** A promise that runs: since when, when it warns, when it is broken (ms). */
export interface Clock {
  id: string;
  kind: "first" | "next" | "resolution";
  since: number;
  warn: number;
  due: number;
}

export interface Change {
  what: string;
  thing: string;
  old?: string;
  new?: string;
  amount_fen?: number;
  approved_by?: string;
  outcome: "done" | "refused" | "unknown";
}

export interface Packet {
  reason: string;
  summary: string;
  intents: Reading[];
  slots: Record<string, unknown>;
  tried: { seq: number; action: string; text: string }[];
  orders: Card[];
  anger: number;
  /** What was changed at the shop in this service, line by line. */
  changes?: Change[];
  /** A change above the bot's limit that waits for a person's yes. */
  proposal?: { of: number; text: string; amount_fen: number; label: string } | null;
}

export interface Agent {
  id: string;
  name: string;
  display: string;
  role: "agent" | "supervisor" | "admin";
}

export type Counts = Record<Tab, number>;

export type Frame =
  | { t: "welcome"; agent: unknown; presence: Presence; hb: number }
  | { t: "ev"; conversation: string; ev: ConversationEvent }
  | { t: "summary"; summary: Summary }
  | { t: "counts"; counts: Counts }
  | { t: "typing"; conversation: string; from: Who }
  | { t: "read"; conversation: string; seq: number }
  | { t: "looking"; conversation: string; names: string[] }
  | { t: "raised"; ticket: string; title: string; level: number; owner: string; owner_name: string }
  | { t: "canned" }
  | { t: "called"; conversation: string; seq: number; by: string }
  | { t: "pong" };
