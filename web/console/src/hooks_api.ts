import { get, post } from "./api";

/** The shapes of the webhooks' calls (docs/api/console.json). */
export interface HookShown {
  name: string;
  url: string;
  events: string[];
  clear: boolean;
  paused: boolean;
  filed: boolean;
  by_name: string;
  made: number;
  counts: Record<string, number>;
}

export interface DeadLetter {
  hook: string;
  conversation: string;
  seq: number;
  type: string;
  tries: number;
  told: string;
  changed: number;
  body: string;
}

export interface Hooks {
  hooks: HookShown[];
  dead: DeadLetter[];
  counts: Record<string, number>;
}

export const HOOK_EVENTS = [
  "conversation.handed_off", "conversation.closed", "conversation.rated", "ticket.opened", "ticket.moved", "ticket.closed", "message.said", "message.recalled",
];

type One = { hook: string; conversation?: string; seq?: number };

export const hooksApi = {
  all: () => get<Hooks>("webhooks"),
  add: (hook: { name: string; url: string; events: string[]; clear: boolean }) => post<{ secret: string }>("webhooks", hook),
  pause: (name: string, paused: boolean) => post<HookShown>("webhooks/pause", { name, paused }),
  rotate: (name: string) => post<{ secret: string }>("webhooks/rotate", { name }),
  remove: (name: string) => post<null>("webhooks/remove", { name }),
  test: (name: string) => post<{ told: string }>("webhooks/test", { name }),
  again: (one: One) => post<{ letters: number }>("webhooks/again", one),
  drop: (one: One) => post<{ letters: number }>("webhooks/drop", one),
};
