import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";

/** Something that can be done from the palette, with the key that does it as well. */
export interface Deed {
  id: string;
  words: string;
  key?: string;
  run(): void;
}

/** Ctrl+K: opened from anywhere; the page in front says what can be done there and takes canned replies in. */
export const usePalette = defineStore("palette", () => {
  const isOpen = ref(false);
  const typed = ref("");
  const offers = shallowRef<() => Deed[]>(() => []);
  const takes = shallowRef<((reply: string) => void) | null>(null);

  function lend(deeds: () => Deed[], insert: (reply: string) => void): () => void {
    offers.value = deeds;
    takes.value = insert;
    return () => {
      offers.value = () => [];
      takes.value = null;
    };
  }

  /** Opens it empty, or closes it. */
  function toggle(): void {
    typed.value = "";
    isOpen.value = !isOpen.value;
  }

  return {
    isOpen,
    typed,
    toggle,
    lend,
    deeds: (): Deed[] => offers.value(),
    mayInsert: (): boolean => takes.value !== null,
    insert: (reply: string): void => takes.value?.(reply),
  };
});
