import { get, post } from "./api";
import type { Summary } from "./wire";

/** The shapes of docs/wire.md beyond conversations: tickets, reports, teaching, the people of the desk. */
export type Category = "order" | "payment" | "logistics" | "aftersales" | "complaint" | "account" | "other";
export type TicketStage = "accepted" | "investigating" | "feedback" | "closed";
export const CATEGORIES: Category[] = ["order", "payment", "logistics", "aftersales", "complaint", "account", "other"];
export const STAGES: TicketStage[] = ["accepted", "investigating", "feedback", "closed"];

export interface Ticket {
  id: string;
  rev: number;
  category: Category;
  priority: number;
  title: string;
  stage: TicketStage;
  owner: string;
  owner_name: string;
  opened: number;
  due: { feedback: number; proposal: number; result: number; follow_up?: number };
  level?: number;
  heard?: number;
  closed?: number;
}

export interface Filed {
  ticket: Ticket;
  conversation: string;
  customer: string;
  customer_name: string;
}

export interface TicketStep {
  rev: number;
  step: string;
  by: string;
  by_name: string;
  note: string;
  stage: TicketStage;
  owner_name: string;
  ts: number;
}

export interface Colleague {
  id: string;
  name: string;
  display: string;
  role: "agent" | "supervisor" | "admin";
  presence: "online" | "busy" | "break" | "offline";
  load: number;
  capacity: number;
  skills: string[];
}

export interface Skill {
  id: string;
  zh: string;
  en: string;
}

export interface DeskTerms {
  skills: Skill[];
  promises: { id: string; zh: string; en: string; kind: string; within_s: number }[];
  automatic: boolean;
  open: boolean;
  opens: number | null;
}

export interface Value {
  value: number | null;
  n: number;
}

export interface Measure {
  id: string;
  name: string;
  means: string;
  unit: "s" | "share" | "stars" | "count";
}

export interface Row {
  key: string;
  values: Record<string, Value>;
}

/** How sure the bot was on one day. */
export interface SureDay {
  day: string;
  n: number;
  confidence: number;
  decisions: Record<string, number>;
}

export interface Report {
  since: number;
  until: number;
  by: string;
  total: Record<string, Value>;
  previous: Record<string, Value>;
  rows: Row[];
  before: Row[];
  cut: boolean;
}

export interface Service {
  conversation: string;
  began: number;
  channel: string;
  intent: string;
  reason: string;
  agent_name: string;
  stars: number;
  said: number;
}

export interface Live {
  now: number;
  line: number;
  served: number;
  longest_wait_ms: number;
  expected: [number, number] | null;
  agents: Record<Colleague["presence"], number>;
  warned: number;
  broken: number;
  tickets: Record<string, number>;
}

export interface Read {
  conversation: string;
  seq: number;
  ts: number;
  text: string;
  before: string;
  intent: string;
  confidence: number;
  decision: string;
  ranking: { intent: string; confidence: number }[];
  taught: string;
}

export interface Cluster {
  text: string;
  count: number;
  intents: Record<string, number>;
  confidence: number;
  newest: number;
  readings: Read[];
}

export interface Lesson {
  id: string;
  kind: "train" | "publish" | "discard" | "rollback";
  state: "asked" | "running" | "trained" | "published" | "discarded" | "refused" | "failed";
  by_name: string;
  turns: number;
  told: string;
  asked: number;
  changed: number;
}

export interface TicketFilter {
  owner?: string;
  stage?: string;
  late?: string;
  q?: string;
  before?: string;
}

export interface NewTicket {
  category: Category;
  title: string;
  priority: number;
  note: string;
  told?: string;
  customer_name?: string;
}

/** What a report is narrowed to; "" or nothing for all. */
export const NARROWINGS = ["agent", "channel", "intent", "reason"] as const;
export type Narrowing = (typeof NARROWINGS)[number];
export type Narrowed = Partial<Record<Narrowing, string>>;
export type Choices = Record<Narrowing, { key: string; name: string; services: number }[]>;

const asked = (given: object): string => {
  const filled = Object.entries(given).filter(([, value]) => value !== "" && value !== undefined);
  return new URLSearchParams(filled.map(([name, value]) => [name, String(value)])).toString();
};
const path = (id: string): string => `conversations/${encodeURIComponent(id)}`;

export const deskApi = {
  terms: () => get<DeskTerms>("desk"),
  colleagues: () => get<{ agents: Colleague[] }>("agents"),
  work: (id: string, skills: string[], capacity: number) => post<unknown>(`agents/${id}/work`, { skills, capacity }),
  history: (id: string) => get<{ conversations: Summary[] }>(`${path(id)}/history`),
  transfer: (id: string, epoch: number, target: { to?: string; skill?: string }, note: string) =>
    post<{ summary: Summary }>(`${path(id)}/transfer`, { epoch, ...target, note }),
  approve: (id: string, epoch: number, of: number) => post<{ summary: Summary }>(`${path(id)}/approve`, { epoch, of }),
  recall: (id: string, seq: number) => post<unknown>(`${path(id)}/recall`, { seq }),
  correct: (id: string, seq: number, intent: string) => post<unknown>(`${path(id)}/correct`, { seq, intent }),
  tickets: (filter: TicketFilter) =>
    get<{ tickets: Filed[]; counts: Record<string, number>; mine: Record<string, number>; now: number }>(`tickets?${asked(filter)}`),
  ticket: (id: string) => get<{ ticket: Filed; steps: TicketStep[] }>(`tickets/${encodeURIComponent(id)}`),
  openTicket: (ticket: NewTicket, conversation = "") =>
    post<{ ticket: Ticket }>(conversation ? `${path(conversation)}/tickets` : "tickets", ticket),
  step: (id: string, step: { rev: number; stage?: TicketStage; to?: string; note?: string; told?: string; followed_up?: boolean; put_off?: boolean }) =>
    post<{ ticket: Ticket | null }>(`tickets/${encodeURIComponent(id)}/steps`, step),
  revealTicket: (id: string, reason: string) =>
    post<{ ticket: Filed; steps: TicketStep[] }>(`tickets/${encodeURIComponent(id)}/reveal`, { reason }),
  live: () => get<Live>("live"),
  definitions: () => get<{ measures: Measure[]; groups: string[] }>("reports/definitions"),
  report: (since: number, until: number, by: string, only: Narrowed = {}) => get<Report>(`reports?${asked({ since, until, by, ...only })}`),
  choices: (since: number, until: number) => get<Choices>(`reports/choices?${asked({ since, until })}`),
  confidence: (since: number, until: number) =>
    get<{ days: SureDay[]; before: SureDay[] }>(`reports/confidence?${asked({ since, until })}`),
  confidenceCsv: (since: number, until: number) => `/api/console/reports/confidence.csv?${asked({ since, until })}`,
  behind: (since: number, until: number, measure: string, by: string, key: string, only: Narrowed = {}) =>
    get<{ services: Service[] }>(`reports/conversations?${asked({ since, until, measure, by, ...only })}&key=${encodeURIComponent(key)}`),
  csv: (since: number, until: number, by: string, only: Narrowed = {}) => `/api/console/reports.csv?${asked({ since, until, by, ...only })}`,
  unsure: (days: number) =>
    get<{ clusters: Cluster[]; more: boolean; counts: Record<string, number> }>(`teaching?days=${days}`),
  taught: () => get<{ readings: Read[] }>("teaching/taught"),
  lessons: () => get<{ lessons: Lesson[]; waiting: string }>("teaching/lessons"),
  askLesson: (kind: Lesson["kind"]) => post<{ lesson: Lesson }>("teaching/lessons", { kind }),
  decide: (readings: { conversation: string; seq: number }[], action: "assign" | "faq" | "ignore" | "reopen", intent = "") =>
    post<{ counts: Record<string, number> }>("teaching", { readings, action, intent }),
};
