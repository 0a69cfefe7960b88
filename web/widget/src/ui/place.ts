// Her place in line in words, while she waits.

import type { Status } from "../wire";
import { fill } from "../words";
import type { Ui } from "./ui";

/** "前面还有 2 位，约 3–5 分钟"; while the desk is closed, when it opens instead. */
export function place({ words, times, config }: Ui, { position, eta_s, opens }: Status): string {
  if (opens !== undefined) return opens ? fill(words.opens, { when: times.moment(opens) }) : words.unstaffed;
  const ahead = !position ? words.waiting : position > 1 ? fill(words.ahead, { n: position - 1 }) : words.next;
  if (!eta_s) return ahead;
  const [likely, latest] = eta_s.map((seconds) => Math.max(1, Math.ceil(seconds / 60))) as [number, number];
  const minutes = latest > likely ? `${likely}–${latest}` : likely;
  return `${ahead}${config.lang.startsWith("zh") ? "，" : ", "}${fill(words.about, { n: minutes })}`;
}
