import { defineStore } from "pinia";
import { reactive } from "vue";
import { Refused, upload } from "../api";
import { lighter } from "../images";
import type { Attached } from "../wire";

export interface Attachment {
  key: number;
  name: string;
  /** What the agent sees of it: a `blob:` of his own, "" for what is no picture. */
  preview: string;
  size: number;
  share: number;
  state: "sending" | "kept" | "failed";
  /** The desk's sentence, or "" when it did not answer. */
  why: string;
  url: string;
  kind: string;
}

const LARGEST = 10 * 1024 * 1024;
const MOST = 9;

/** What an agent is about to send besides words, by conversation; it goes to the desk while he still writes. */
export const useAttachments = defineStore("attachments", () => {
  const held = reactive(new Map<string, Attachment[]>());
  const stops = new Map<number, AbortController>();
  let last = 0;

  const of = (id: string): Attachment[] => held.get(id) ?? [];

  /** Takes files in, as many as fit beside those that are there. Gives back whether one was over the limit. */
  function add(id: string, files: File[]): boolean {
    let over = files.length + of(id).length > MOST;
    for (const file of files.slice(0, MOST - of(id).length)) {
      if (!file.type.startsWith("image/") && file.size > LARGEST) over = true;
      else void send(id, file);
    }
    return over;
  }

  async function send(id: string, file: File): Promise<void> {
    const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : "";
    const stop = new AbortController();
    const one = reactive<Attachment>({ key: ++last, name: file.name, preview, size: file.size, share: 0, state: "sending", why: "", url: "", kind: "" });
    stops.set(one.key, stop);
    held.set(id, [...of(id), one]);
    try {
      const data = await lighter(file);
      one.size = data.size;
      Object.assign(one, await upload(id, data, (share) => (one.share = share), stop.signal), { state: "kept", share: 1 });
    } catch (error) {
      one.state = "failed";
      one.why = error instanceof Refused ? error.message : "";
    }
  }

  function remove(id: string, key: number): void {
    stops.get(key)?.abort();
    stops.delete(key);
    for (const one of of(id)) if (one.key === key && one.preview) URL.revokeObjectURL(one.preview);
    held.set(id, of(id).filter((one) => one.key !== key));
  }

  /** All that is kept, as bodies to say, and none of it any more here. */
  function take(id: string): Attached[] {
    const kept = of(id).filter((one) => one.state === "kept");
    for (const { key } of kept) remove(id, key);
    return kept.map(({ url, kind, name, size }) => (kind.startsWith("image/") ? { type: "image", url } : { type: "file", url, name, size }));
  }

  return { of, add, remove, take };
});
