import type { Words } from "./zh";

export type { Words } from "./zh";

/** The chat's own sentences; only the language that is asked for is fetched. */
export const wordsIn = async (lang: string): Promise<Words> => (lang === "en" ? (await import("./en")).en : (await import("./zh")).zh);

/** "前面还有 {n} 位" with its gaps filled. */
export const fill = (sentence: string, values: Record<string, string | number>): string =>
  sentence.replace(/\{(\w+)\}/g, (gap, name: string) => String(values[name] ?? gap));
