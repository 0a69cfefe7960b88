import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { place } from "../src/ui/place";
import { timesIn } from "../src/ui/times";
import type { Ui } from "../src/ui/ui";
import { en } from "../src/words/en";
import { zh } from "../src/words/zh";

const at = (day: number, hour: number): number => new Date(2026, 10, day, hour).getTime();

beforeEach(() => void vi.useFakeTimers({ now: at(20, 23) }));
afterEach(() => void vi.useRealTimers());

describe("when the desk opens", () => {
  const zhTimes = timesIn("zh-CN", zh);

  it("is a time of day today, and tomorrow's says so", () => {
    expect(zhTimes.moment(at(20, 23))).toBe("23:00");
    expect(zhTimes.moment(at(21, 9))).toBe("明天 09:00");
    expect(timesIn("en", en).moment(at(21, 9))).toBe("tomorrow 09:00");
  });

  it("has its date when it is further away", () => {
    expect(zhTimes.moment(at(23, 9))).toMatch(/^11月23日.* 09:00$/);
  });

  it("leaves the days of the conversation as they were", () => {
    expect([at(20, 1), at(19, 23), at(18, 1)].map(zhTimes.dayOf)).toEqual(["今天", "昨天", expect.stringContaining("11月18日")]);
  });
});

describe("her place in line", () => {
  const ui = { words: zh, times: timesIn("zh-CN", zh), config: { lang: "zh-CN" } } as Ui;

  it("is told with the wait that was measured", () => {
    expect(place(ui, { stage: "waiting", position: 3, eta_s: [170, 290] })).toBe("前面还有 2 位，约 3–5 分钟");
    expect(place(ui, { stage: "waiting", position: 1 })).toBe("您是下一位");
  });

  it("is not promised while the desk is closed: when it opens is", () => {
    expect(place(ui, { stage: "waiting", opens: at(21, 9) })).toBe("客服休息中，明天 09:00 后回复您，请直接留言");
    expect(place(ui, { stage: "waiting", opens: 0 })).toBe("客服休息中，上班后回复您，请直接留言");
  });
});
