import { defineStore } from "pinia";
import { ref } from "vue";
import { api, keepCsrf, onSignedOut, Refused, type SignedIn } from "../api";
import { i18n } from "../i18n";
import type { Agent, Presence } from "../wire";

/** Readings of the house, which no shopper means. */
const NO_MEANING = new Set(["hand_off", "nlu_fallback", "faq_pick"]);

/** Who sits at this desk. */
export const useSession = defineStore("session", () => {
  const agent = ref<Agent | null>(null);
  const presence = ref<Presence>("offline");
  /** What he says in one tab holds for all of them: none goes on ringing while he rests. */
  const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("xiaoer.presence");
  if (tabs) tabs.onmessage = (event: MessageEvent<Presence>) => (presence.value = event.data);
  /** He was signed in and the cookie ran out: the sign-in page says so. */
  const expired = ref(false);
  /** He must set up a second factor before he does anything else. */
  const unsecured = ref(false);

  function welcome(signedIn: SignedIn): void {
    keepCsrf(signedIn.csrf);
    unsecured.value = Boolean(signedIn.unsecured);
    agent.value = signedIn.agent;
    expired.value = false;
    if (!unsecured.value) void nameIntents();
  }

  /** What a message can mean, by the names of the wire. */
  const intents = ref<string[]>([]);

  /** Until they are here, and where they can't be had, an intent shows by its own name. */
  async function nameIntents(): Promise<void> {
    const { labels } = await api.labels().catch(() => ({ labels: {} }));
    intents.value = Object.keys(labels).filter((name) => !NO_MEANING.has(name));
    for (const [locale, lang] of [["zh-CN", "zh"], ["en", "en"]] as const) {
      const intent = Object.fromEntries(Object.entries(labels).map(([name, words]) => [name, words[lang]]));
      i18n.global.mergeLocaleMessage(locale, { intent });
    }
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

  async function signIn(name: string, password: string, code: string): Promise<void> {
    welcome(await api.signIn(name, password, code));
  }

  async function signOut(): Promise<void> {
    await api.signOut();
    agent.value = null;
  }

  async function show(as: Presence): Promise<void> {
    await api.presence(as);
    presence.value = as;
    tabs?.postMessage(as);
  }

  function lose(): void {
    if (agent.value) expired.value = true;
    agent.value = null;
  }

  onSignedOut(lose);
  return { agent, intents, presence, expired, unsecured, restore, signIn, signOut, show, lose };
});
