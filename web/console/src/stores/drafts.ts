import { defineStore } from "pinia";
import { reactive } from "vue";
import { keep, recall } from "../storage";
import { useSession } from "./session";

export interface Draft {
  reply: string;
  note: string;
  mode: "reply" | "note";
}

/** Half-written lines, one per conversation and agent, kept in this browser until they are sent. */
export const useDrafts = defineStore("drafts", () => {
  const session = useSession();
  const held = reactive(new Map<string, Draft>());
  const place = (id: string): string => `draft.${session.agent?.id ?? ""}.${id}`;

  function of(id: string): Draft {
    let draft = held.get(id);
    if (!draft) {
      draft = recall<Draft>(place(id), { reply: "", note: "", mode: "reply" });
      held.set(id, draft);
    }
    return held.get(id) as Draft;
  }

  function write(id: string, change: Partial<Draft>): void {
    const draft = Object.assign(of(id), change);
    keep(place(id), draft.reply || draft.note ? { ...draft } : null);
  }

  function forget(): void {
    held.clear();
  }

  return { of, write, forget };
});
