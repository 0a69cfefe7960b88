// The shapes of docs/wire.md that the widget reads and writes.

export type Role = "customer" | "bot" | "agent" | "system";
export type Tone = "info" | "good" | "warn" | "bad";
export type Stage = "bot" | "waiting" | "human" | "closed";

export interface Sender {
  role: Role;
  id: string;
  name: string;
}

export interface StatusChip {
  text: string;
  tone: Tone;
}

export interface OrderSummary {
  number: string;
  title: string;
  image?: string;
  status?: StatusChip;
  amount_fen?: number;
  created?: string;
}

export interface Offer {
  id: string;
  label: string;
  order?: OrderSummary;
}

export interface Step {
  time: string;
  text: string;
  done?: boolean;
}

export interface Item {
  name: string;
  spec?: string;
  quantity?: number;
  amount_fen?: number;
  image?: string;
}

export interface Card {
  kind: string;
  title: string;
  order?: string;
  image?: string;
  status?: StatusChip;
  fields?: { label: string; value: string }[];
  steps?: Step[];
  items?: Item[];
  amount_fen?: number;
  as_of?: string;
  choices?: Offer[];
}

export type SaidBody =
  | { type: "text"; text: string }
  | { type: "choice"; of: number; choice: string; label: string }
  | { type: "choices"; text: string; choices: Offer[] }
  | { type: "card"; text?: string; card: Card }
  | { type: "image"; url: string; text?: string }
  | { type: "file"; url: string; name: string; size: number }
  | { type: "recalled" };

export interface Rating {
  stars: number;
  reasons: string[];
  comment: string;
}

interface Of<K extends string, B> {
  seq: number;
  id: string;
  kind: K;
  from: Sender;
  ts: number;
  body: B;
}

export type ChatEvent =
  | Of<"said", SaidBody>
  | Of<"handed_off", object>
  | Of<"claimed", { name: string }>
  | Of<"released", { reason: string }>
  | Of<"transferred", { name: string }>
  | Of<"closed", object>
  | Of<"recalled", { of: number }>
  | Of<"rated", Rating>;

export interface Status {
  stage: Stage;
  agent?: string;
  position?: number;
  eta_s?: [number, number];
  /** The desk is closed until then; 0 when nobody knows. */
  opens?: number;
  rate?: boolean;
}

export interface Customer {
  name: string;
  verified: boolean;
}

export interface Hello {
  t: "hello";
  site: string;
  identity?: string;
  tok?: string;
  after: number;
  lang: string;
}

export interface Welcome {
  t: "welcome";
  tok: string;
  conversation: string;
  seq: number;
  base: number;
  reset: boolean;
  hb: number;
  status: Status;
  customer: Customer;
}

export type SendKind = "said" | "human" | "cancel" | "rate";

export type Outgoing =
  | Hello
  | { t: "send"; cid: string; kind: SendKind; body: object }
  | { t: "typing" }
  | { t: "read"; seq: number }
  | { t: "ping" };

export interface Refusal {
  t: "err";
  cid?: string;
  code: string;
  message: string;
  retry: boolean;
  after_s?: number;
}

export type Incoming =
  | Welcome
  | { t: "ev"; prev: number; ev: ChatEvent; cid?: string }
  | Refusal
  | { t: "status"; status: Status }
  | { t: "read"; seq: number }
  | { t: "typing"; from: { role: Role; name: string } }
  | { t: "pong" };

export interface Config {
  title: string;
  welcome: string;
  lang: string;
  suggestions: string[];
  limits: { text: number; file: number };
}
