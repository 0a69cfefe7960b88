import { defineStore } from "pinia";
import { ref } from "vue";
import { deskApi } from "../desk_api";

/** Messages on their way from teaching into an FAQ entry: its first words, and what is done with them once it is kept. */
export const useTakenOver = defineStore("taken-over", () => {
  const texts = ref<string[]>([]);
  const readings = ref<{ conversation: string; seq: number }[]>([]);

  function take(words: string[], from: { conversation: string; seq: number }[]): void {
    texts.value = words;
    readings.value = from;
  }

  /** The words, once: who asks again starts without them. */
  function words(): string[] {
    const taken = texts.value;
    texts.value = [];
    return taken;
  }

  /** The draft that has the words is kept: nobody need look at the messages again. */
  async function kept(): Promise<void> {
    const taken = readings.value;
    readings.value = [];
    if (taken.length) await deskApi.decide(taken, "faq", "");
  }

  return { take, words, kept };
});
