import { defineStore } from "pinia";
import { ref } from "vue";
import { api, keepCsrf, onSignedOut, Refused, type SignedIn } from "../api";
import type { Agent, Presence } from "../wire";

/** Who sits at this desk. */
export const useSession = defineStore("session", () => {
  const agent = ref<Agent | null>(null);
  const presence = ref<Presence>("offline");
  /** He was signed in and the cookie ran out: the sign-in page says so. */
  const expired = ref(false);

  function welcome(signedIn: SignedIn): void {
    keepCsrf(signedIn.csrf);
    agent.value = signedIn.agent;
    expired.value = false;
  }

  async function restore(): Promise<boolean> {
    try {
      welcome(await api.me());
      return true;
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    }
  }

  async function signIn(name: string, password: string): Promise<void> {
    welcome(await api.signIn(name, password));
  }

  async function signOut(): Promise<void> {
    await api.signOut();
    agent.value = null;
  }

  async function show(as: Presence): Promise<void> {
    await api.presence(as);
    presence.value = as;
  }

  function lose(): void {
    if (agent.value) expired.value = true;
    agent.value = null;
  }

  onSignedOut(lose);
  return { agent, presence, expired, restore, signIn, signOut, show, lose };
});
