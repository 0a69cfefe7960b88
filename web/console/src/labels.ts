import { useI18n } from "vue-i18n";
import { useSession } from "./stores/session";

/** The desk's words for names of the wire, with the name itself where there is no word yet. */
export function useLabels() {
  const { t, te } = useI18n();
  const named = (group: string, name: string): string => (te(`${group}.${name}`) ? t(`${group}.${name}`) : name);
  return {
    intent: (name: string, label?: string): string => label || named("intent", name),
    reason: (name: string): string => named("reason", name),
    channel: (name: string): string => named("channel", name),
    slot: (name: string): string => named("slot", name),
    /** The shop's own word for what its customer is to it; those of the demo shop's kind are translated. */
    level: (name: string): string => named("level", name),
    /** What the bot did is called as the matter that it was about. */
    action: (name: string): string => {
      const done = name.replace(/^action_/, "").replace(/^ask_.*/, "ask");
      return te(`action.${done}`) ? t(`action.${done}`) : named("intent", done);
    },
  };
}

export const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** Everything that a message can mean, in the order of its words. */
export function useIntents() {
  const labels = useLabels();
  const session = useSession();
  return {
    sorted: (locale: string): string[] =>
      [...session.intents].sort((a, b) => labels.intent(a).localeCompare(labels.intent(b), locale)),
  };
}
