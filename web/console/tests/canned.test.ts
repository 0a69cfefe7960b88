import { describe, expect, it } from "vitest";
import type { CannedReply } from "../src/canned_api";
import { pieces, problemOf } from "../src/parts/canned/gaps";

const text = { title: "催快递", text: "好的", title_en: "", text_en: "", group: "", shortcut: "ckd" };
const other: CannedReply = { ...text, id: "x", title: "发票", text: "可以开", title_en: "Invoice", keys: "", shortcut: "fp", shipped: false, rev: 1, by_name: "", changed: 0 };

describe("a reply being written", () => {
  it("is shown as the customer reads it, with what nothing fills marked", () => {
    expect(pieces("{客户}您好，{order} {姓名}", { customer: "林小雨", order: "42" })).toEqual([
      { text: "林小雨", gap: "filled" }, { text: "您好，" }, { text: "42", gap: "filled" }, { text: " " }, { text: "{姓名}", gap: "unknown" },
    ]);
  });

  it("is kept from clashing with another's name, shortcut or words, in either language", () => {
    expect(problemOf(text, [other])).toBeNull();
    expect(problemOf({ ...text, title_en: " invoice" }, [other])?.word).toBe("titleTaken");
    expect(problemOf({ ...text, shortcut: "fp" }, [other])).toEqual({ word: "shortcutTaken", what: "发票" });
    expect(problemOf({ ...text, text: "可以开 " }, [other])?.word).toBe("textTaken");
    expect(problemOf({ ...text, shortcut: "快" }, [])?.word).toBe("shortcutShape");
    expect(problemOf({ ...text, text_en: "hi {name}" }, [])).toEqual({ word: "unknown", what: "{name}" });
  });
});
