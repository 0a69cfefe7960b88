import { useIntervalFn } from "@vueuse/core";
import { ref, type Ref } from "vue";
import { deskApi } from "./desk_api";

const EVERY_MS = 60_000;
const owed = ref(0);

/** How many of the agent's own tickets are late, or have a customer to be asked again. */
export function useOwed(): Ref<number> {
  useIntervalFn(look, EVERY_MS, { immediateCallback: true });
  return owed;
}

async function look(): Promise<void> {
  const found = await deskApi.tickets({ owner: "me", late: "1" }).catch(() => null);
  if (found) owed.value = (found.mine?.late ?? 0) + (found.mine?.follow_up ?? 0);
}
