import { get, post } from "./api";

/** The shapes of the canned replies' calls (docs/api/console.json). */
export interface CannedText {
  title: string;
  text: string;
  title_en: string;
  text_en: string;
  group: string;
  shortcut: string;
}

export interface CannedReply extends CannedText {
  id: string;
  /** Pinyin and its initials, by which it is found as well. */
  keys: string;
  shipped: boolean;
  rev: number;
  by_name: string;
  changed: number;
}

export interface CannedReplies {
  replies: CannedReply[];
  removed: CannedReply[];
}

export const cannedApi = {
  all: () => get<CannedReplies>("canned"),
  add: (text: CannedText) => post<CannedReply>("canned", text),
  save: (id: string, rev: number, text: CannedText) => post<CannedReply>(`canned/${encodeURIComponent(id)}`, { ...text, rev }),
  remove: (id: string, rev: number) => post<null>(`canned/${encodeURIComponent(id)}/remove`, { rev }),
  restore: (id: string) => post<CannedReply>(`canned/${encodeURIComponent(id)}/restore`, {}),
};
