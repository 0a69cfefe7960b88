import { describe, expect, it } from "vitest";
import en from "../src/i18n/en";
import zh from "../src/i18n/zh-CN";
import { found, initials } from "../src/initials";

type Words = { [name: string]: string | Words };
const HAN = /\p{Script=Han}/u;

function flat(words: Words, at = ""): [string, string][] {
  return Object.entries(words).flatMap(([name, word]): [string, string][] => (typeof word === "string" ? [[at + name, word]] : flat(word, `${at}${name}.`)));
}
const gaps = (word: string): string[] => [...word.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string).sort();

const pages = import.meta.glob<string>("../src/**/*.vue", { query: "?raw", import: "default", eager: true });

describe("the console's words", () => {
  const [chinese, english] = [new Map(flat(zh)), new Map(flat(en as unknown as Words))];

  it("are the same in both languages, with the same gaps", () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
    for (const [name, word] of chinese) expect([name, gaps(english.get(name) ?? "")]).toEqual([name, gaps(word)]);
  });

  it("are in their own language", () => {
    // What switches to Chinese says so in Chinese.
    expect([...english].filter(([name, word]) => HAN.test(word) && name !== "palette.language")).toEqual([]);
    expect([...english].filter(([, word]) => !word.trim())).toEqual([]);
  });

  it("stand in no page: what is drawn comes from here", () => {
    const left = Object.entries(pages).filter(([, page]) => {
      // A language is offered by its own name.
      const drawn = page.split("<template>").slice(1).join("<template>").split("<style")[0] ?? "";
      return HAN.test(drawn.replace(/<!--[\s\S]*?-->|中文/g, "").replace(/[!=]== ?'[^']*'/g, ""));
    });
    expect(Object.keys(pages).length).toBeGreaterThan(20);
    expect(left.map(([name]) => name)).toEqual([]);
  });
});

describe("initials", () => {
  it("find what is written in characters", () => {
    expect(initials("退款时效 24h")).toBe("tksx 24h");
    expect([found("lxy", "林小雨"), found("xy", "林小雨"), found("小", "林小雨"), found("zz", "林小雨")]).toEqual([0, 1, 1, null]);
  });
});
