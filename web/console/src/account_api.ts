import { get, post, type SignedIn } from "./api";
import type { ConversationEvent, Packet } from "./wire";

/** The shapes of docs/wire.md about signing in, and about what is masked. */
export interface Factor {
  is_set: boolean;
  since: number;
  codes_left: number;
  required: boolean;
}

export interface Offered {
  secret: string;
  uri: string;
  qr: string[];
}

export interface Security {
  required: boolean;
  with_factor: string[];
}

export interface Entry {
  id: string;
  ts: number;
  by: string;
  by_name: string;
  deed: string;
  whom: string;
  whom_name: string;
  conversation: string;
  thing: string;
  reason: string;
}

export const accountApi = {
  password: (old: string, fresh: string, code: string) => post<SignedIn>("me/password", { old, new: fresh, code }),
  factor: () => get<Factor>("me/factor"),
  offer: (password: string) => post<Offered>("me/factor", { password }),
  confirm: (code: string) => post<{ codes: string[] }>("me/factor/confirm", { code }),
  renew: (password: string, code: string) => post<{ codes: string[] }>("me/factor/codes", { password, code }),
  off: (password: string, code: string) => post<Factor>("me/factor/off", { password, code }),
  security: () => get<Security>("security"),
  require: (required: boolean) => post<Security>("security", { required }),
  reset: (agent: string) => post<Security>(`agents/${encodeURIComponent(agent)}/factor-reset`, {}),
  audit: (deed: string, before = "") =>
    get<{ entries: Entry[]; next: string | null }>(
      `audit?${new URLSearchParams({ ...(deed && { deed }), ...(before && { before }) })}`,
    ),
  reveal: (conversation: string, seq: number, reason: string) =>
    post<{ event: ConversationEvent | null; packet: Packet | null }>(
      `conversations/${encodeURIComponent(conversation)}/reveal`,
      { seq, reason },
    ),
};
