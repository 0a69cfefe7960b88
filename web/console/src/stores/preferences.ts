import { useEventListener, usePreferredDark } from "@vueuse/core";
import { defineStore } from "pinia";
import { computed, reactive, watch } from "vue";
import { keep, recall } from "../storage";

export type Theme = "auto" | "light" | "dark";
export type Language = "zh-CN" | "en";

interface Preferences {
  theme: Theme;
  language: Language;
  sound: boolean;
  /** Rings before a promise is broken. */
  warnings: boolean;
  desktop: boolean;
}

export const usePreferences = defineStore("preferences", () => {
  const chosen = reactive<Preferences>({
    theme: "auto",
    language: navigator.language.startsWith("zh") ? "zh-CN" : "en",
    sound: true,
    warnings: true,
    desktop: false,
    ...recall<Partial<Preferences>>("preferences", {}),
  });
  const prefersDark = usePreferredDark();
  const dark = computed(() => chosen.theme === "dark" || (chosen.theme === "auto" && prefersDark.value));

  watch(chosen, () => keep("preferences", { ...chosen }));
  // Another tab changed them.
  useEventListener(window, "storage", () => Object.assign(chosen, recall<Partial<Preferences>>("preferences", {})));
  watch(dark, (on) => document.documentElement.classList.toggle("dark", on), { immediate: true });
  watch(() => chosen.language, (language) => (document.documentElement.lang = language), { immediate: true });

  return { chosen, dark };
});
