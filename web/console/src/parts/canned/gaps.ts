import type { CannedReply, CannedText } from "../../canned_api";
import { GAPS, type Filling } from "../../stores/canned";

/** A stretch of a reply as a customer would read it; `gap` is set where something was filled in, or nothing can be. */
export interface Piece {
  text: string;
  gap?: "filled" | "unknown";
}

const ALL = Object.entries(GAPS).flatMap(([name, gaps]) => gaps.map((gap) => [gap, name as keyof typeof GAPS] as const));

/** The reply in pieces, with the gaps filled as they would be for this customer. */
export function pieces(text: string, filling: Filling): Piece[] {
  return text.split(/(\{[^{}\n]{0,30}\})/).flatMap((part): Piece[] => {
    if (!part) return [];
    if (!/^\{.*\}$/.test(part)) return [{ text: part }];
    const name = ALL.find(([gap]) => gap === part)?.[1];
    return name ? [{ text: filling[name] ?? part, gap: "filled" }] : [{ text: part, gap: "unknown" }];
  });
}

/** What must be mended before it can be kept, as the words' name and what they are about; the desk checks the same. */
export function problemOf(text: CannedText, others: CannedReply[]): { word: string; what: string } | null {
  const unknown = [...pieces(text.text, {}), ...pieces(text.text_en, {})].find((piece) => piece.gap === "unknown");
  if (unknown) return { word: "unknown", what: unknown.text };
  if (text.shortcut && !/^[a-z0-9]{1,16}$/.test(text.shortcut)) return { word: "shortcutShape", what: text.shortcut };
  const names = (one: CannedText): string[] => [one.title, one.title_en].map((name) => name.trim().toLowerCase()).filter(Boolean);
  for (const one of others) {
    if (names(text).some((name) => names(one).includes(name))) return { word: "titleTaken", what: one.title };
    if (text.shortcut && text.shortcut === one.shortcut) return { word: "shortcutTaken", what: one.title };
    if (text.text.trim() && text.text.trim() === one.text) return { word: "textTaken", what: one.title };
  }
  return null;
}
