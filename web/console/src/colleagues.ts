import { defineStore } from "pinia";
import { ref } from "vue";
import { deskApi, type Colleague } from "./desk_api";

/** Who else works here, fetched when a note wants to call somebody. */
export const useColleagues = defineStore("colleagues", () => {
  const all = ref<Colleague[]>([]);

  async function fetch(): Promise<void> {
    const found = await deskApi.colleagues().catch(() => null); // nobody is offered then, the note still goes
    if (found) all.value = found.agents;
  }

  /** Those whose name begins with, or holds, what was typed; the ones who are there first. */
  function matching(typed: string, besides: string): Colleague[] {
    const wanted = typed.toLowerCase();
    return all.value
      .filter((one) => one.id !== besides && (one.display.toLowerCase().includes(wanted) || one.name.toLowerCase().startsWith(wanted)))
      .sort((a, b) => Number(a.presence === "offline") - Number(b.presence === "offline"))
      .slice(0, 6);
  }

  /** The ids of everybody whom a text calls by `@name`. */
  const calledIn = (text: string): string[] => all.value.filter((one) => text.includes(`@${one.display}`)).map((one) => one.id).slice(0, 10);

  return { all, fetch, matching, calledIn };
});
