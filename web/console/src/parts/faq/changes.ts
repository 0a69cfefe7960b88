import type { FaqText } from "../../faq_api";

/** What differs in one field: whole texts, or lines that came and went. */
export interface Change {
  field: keyof FaqText;
  before: string;
  after: string;
  added: string[];
  removed: string[];
}

const FIELDS: (keyof FaqText)[] = ["question", "phrasings", "answer", "answer_en", "intents", "related"];

/** What changed from one text to the next; everything when there was none before. */
export function changesOf(before: FaqText | null, after: FaqText | null): Change[] {
  return FIELDS.flatMap((field) => {
    const was = before?.[field] ?? "";
    const is = after?.[field] ?? "";
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    if (typeof was === "string" && typeof is === "string" && !Array.isArray(before?.[field] ?? after?.[field]))
      return [{ field, before: was, after: is, added: [], removed: [] }];
    const old = Array.isArray(was) ? was : [];
    const now = Array.isArray(is) ? is : [];
    const added = now.filter((one) => !old.includes(one));
    const removed = old.filter((one) => !now.includes(one));
    return added.length || removed.length ? [{ field, before: "", after: "", added, removed }] : [];
  });
}
