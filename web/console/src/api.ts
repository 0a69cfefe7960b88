import type { Attached, Agent, ConversationEvent, Counts, Packet, Presence, Suggestion, Summary, Tab } from "./wire";

/** The gateway said no: `status` and `code` say why, `now` how a conversation stands after a lost race. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly now: Summary | null = null,
  ) {
    super(message);
  }
}

/**
 * No answer, or the desk can't just now: nobody knows whether the call took effect, so only calls with a `cid` are
 * sent again. `said` is the desk's sentence when it had one.
 */
export class Unreachable extends Error {
  constructor(
    readonly said = "",
    options?: ErrorOptions,
  ) {
    super(said || "no answer", options);
  }
}

export interface SignedIn {
  agent: Agent;
  csrf: string;
  /** A second factor must be set up before anything else. */
  unsecured?: boolean;
}

export interface ListPage {
  conversations: Summary[];
  counts: Counts;
  next: string | null;
}

export interface Opened {
  summary: Summary;
  events: ConversationEvent[];
  more: boolean;
  packet: Packet | null;
}

const ROOT = "/api/console/";
const PATIENCE_MS = 15_000;

let csrf = "";
let signedOut: () => void = () => undefined;

/** Tells the session store when a cookie has run out under a call. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

export function keepCsrf(token: string): void {
  csrf = token;
}

async function call<T>(method: "GET" | "POST", path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": document.documentElement.lang };
  if (method === "POST") {
    headers["Content-Type"] = "application/json";
    headers["X-CSRF-Token"] = csrf;
  }
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(ROOT + path, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      body: method === "POST" ? JSON.stringify(body ?? {}) : undefined,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    text = await answer.text();
  } catch (cause) {
    throw new Unreachable("", { cause });
  }
  const data = parseJson(text);
  if (answer.ok) return data as T;
  const error = (data?.error ?? {}) as { code?: string; message?: string; state?: unknown };
  if (answer.status >= 500) throw new Unreachable(error.message);
  if (answer.status === 401 && path !== "sign-in" && path !== "me") signedOut();
  throw new Refused(answer.status, error.code ?? "", error.message ?? "", summaryIn(data?.state ?? error.state));
}

export interface Kept {
  url: string;
  kind: string;
  size: number;
}

/** Sends a file's bytes; `progress` hears a share from 0 to 1, which `fetch` can't tell. Errors as those of `api`. */
export function upload(id: string, data: Blob, progress: (share: number) => void, signal: AbortSignal): Promise<Kept> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${ROOT}${of(id)}/uploads`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-CSRF-Token", csrf);
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = request.onabort = () => reject(new Unreachable());
    request.onload = () => {
      const data = parseJson(request.responseText);
      if (request.status === 200) return resolve(data as unknown as Kept);
      const error = (data?.error ?? {}) as { code?: string; message?: string };
      if (request.status === 401) signedOut();
      reject(request.status >= 500 ? new Unreachable(error.message) : new Refused(request.status, error.code ?? "", error.message ?? ""));
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(data);
  });
}

function parseJson(text: string): Record<string, unknown> | null {
  if (!text) return null;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

function summaryIn(state: unknown): Summary | null {
  const found = state as Summary | null | undefined;
  return found && typeof found.id === "string" && typeof found.epoch === "number" && found.customer ? found : null;
}

/** A call of another room of the console; errors as those of `api`. */
export const get = <T>(path: string): Promise<T> => call<T>("GET", path);
export const post = <T>(path: string, body: unknown): Promise<T> => call<T>("POST", path, body);

const of = (id: string): string => `conversations/${encodeURIComponent(id)}`;

export const api = {
  labels: () => call<{ labels: Record<string, { zh: string; en: string }> }>("GET", "labels"),
  me: () => call<SignedIn>("GET", "me"),
  signIn: (name: string, password: string, code: string) =>
    call<SignedIn>("POST", "sign-in", { name, password, ...(code && { code }) }),
  signOut: () => call<null>("POST", "sign-out"),
  list: (tab: Tab, after = "", q = "") =>
    call<ListPage>("GET", `conversations?${new URLSearchParams({ tab, ...(after && { after }), ...(q && { q }) })}`),
  open: (id: string) => call<Opened>("GET", of(id)),
  before: (id: string, seq: number, limit = 100) =>
    call<{ events: ConversationEvent[]; more: boolean }>("GET", `${of(id)}/events?before=${seq}&limit=${limit}`),
  claim: (id: string, epoch: number) => call<{ summary: Summary }>("POST", `${of(id)}/claim`, { epoch }),
  take: (id: string, epoch: number) => call<{ summary: Summary }>("POST", `${of(id)}/take`, { epoch }),
  release: (id: string, epoch: number) => call<{ summary?: Summary } | null>("POST", `${of(id)}/release`, { epoch }),
  close: (id: string, epoch: number) => call<{ summary: Summary }>("POST", `${of(id)}/close`, { epoch }),
  reply: (id: string, cid: string, epoch: number, text: string, attached?: Attached) =>
    call<{ event: ConversationEvent }>("POST", `${of(id)}/reply`, { cid, epoch, body: attached ?? { type: "text", text } }),
  note: (id: string, cid: string, text: string, whisper = false, to: string[] = []) =>
    call<{ event: ConversationEvent }>("POST", `${of(id)}/note`, { cid, text, ...(whisper && { whisper }), ...(to.length && { to }) }),
  suggestions: (id: string) => call<{ of: number; suggestions: Suggestion[] }>("GET", `${of(id)}/suggestions`),
  presence: (presence: Presence) => call<unknown>("POST", "presence", { presence }),
};

export type Api = typeof api;
