import { get, post } from "./api";

/** The shapes of the FAQ's calls (docs/api/console.json). */
export interface FaqText {
  question: string;
  phrasings: string[];
  answer: string;
  answer_en: string;
  intents: string[];
  related: string[];
}

export type FaqState = "shipped" | "changed" | "own" | "withdrawn" | "new";

export interface Listed {
  id: string;
  topic: string;
  state: FaqState;
  draft: boolean;
  text: FaqText;
  version: number;
  by_name: string;
  ts: number;
}

export interface Draft {
  entry: string;
  text: FaqText;
  rev: number;
  by_name: string;
  changed: number;
}

export interface Version {
  entry: string;
  version: number;
  kind: "text" | "shipped" | "withdrawn";
  text: FaqText | null;
  origin: number;
  by_name: string;
  ts: number;
}

export interface Entry {
  id: string;
  shipped: FaqText | null;
  published: FaqText | null;
  draft: Draft | null;
  versions: Version[];
}

export interface Faq {
  edition: number;
  entries: Listed[];
  values: Record<string, { zh: string; en: string }>;
}

export interface Alike {
  text: string;
  entry: string;
  question: string;
  other: string;
  likeness: number;
  same: boolean;
}

export interface Checked {
  problems: { field: string; code: string; what: string }[];
  alike: Alike[];
  moved: { text: string; entry: string; question: string }[];
}

export interface Hit {
  entry: string;
  question: string;
  score: number;
  answer: string;
  answer_en: string;
}

export interface Previewed {
  verdict: "answer" | "choose" | "none";
  hits: Hit[];
}

export interface Published {
  version: Version;
  edition: number;
}

const of = (entry: string): string => `faq/${encodeURIComponent(entry)}`;

export const faqApi = {
  all: () => get<Faq>("faq"),
  entry: (entry: string) => get<Entry>(of(entry)),
  start: (topic: string, text: FaqText) => post<{ draft: Draft }>("faq", { topic, text }),
  save: (entry: string, rev: number, text: FaqText) => post<{ draft: Draft }>(`${of(entry)}/draft`, { rev, text }),
  discard: (entry: string, rev: number) => post<Entry>(`${of(entry)}/discard`, { rev }),
  publish: (entry: string, rev: number) => post<Published>(`${of(entry)}/publish`, { rev }),
  back: (entry: string, version: number) => post<Published>(`${of(entry)}/back`, { version }),
  withdraw: (entry: string) => post<Published>(`${of(entry)}/withdraw`, {}),
  check: (entry: string, text: FaqText, full = false) => post<Checked>("faq/check", { entry, text, full }),
  ask: (words: string, entry: string, text: FaqText | null) => post<Previewed>("faq/ask", { words, entry, ...(text && { text }) }),
};

export const EMPTY: FaqText = { question: "", phrasings: [], answer: "", answer_en: "", intents: [], related: [] };
export const TOPICS = [
  "account", "orders", "payment", "logistics", "returns", "refunds", "exchanges", "invoices", "coupons", "membership",
  "products", "warranty", "complaints", "privacy", "hours",
];

/** Topics of ours in their order, then those that the merchant made. */
export const topicsOf = (entries: Listed[]): string[] => [...new Set([...TOPICS, ...entries.map((one) => one.topic)])];
export const sameText = (one: FaqText, other: FaqText): boolean => JSON.stringify(one) === JSON.stringify(other);
