import { ElNotification } from "element-plus";
import { defineStore } from "pinia";
import { i18n } from "./i18n";
import { usePreferences } from "./stores/preferences";
import { useSession } from "./stores/session";
import { keep, recall } from "./storage";
import type { Summary } from "./wire";

const REMEMBERED = 100;
const HIDDEN_TAB_WAITS_MS = 250;

/** Two tabs that look at the same moment would both find that none has rung; a lock lets them look in turn. */
const oneTabAtATime = (look: () => void): unknown => navigator.locks ? navigator.locks.request("xiaoer.bell", look) : look();

/** Rings once for all tabs of this browser: a tab in front first, the others only when none has rung. */
export const useBell = defineStore("bell", () => {
  const preferences = usePreferences();
  const session = useSession();
  const rung = new Set<string>();
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("xiaoer.bell");
  if (channel) channel.onmessage = (event: MessageEvent<string>) => rung.add(event.data);

  /** Rings when a conversation enters the line, or when its own customer writes while nobody looks. */
  function consider(before: Summary | null, now: Summary): void {
    if (now.stage === "waiting" && before?.stage !== "waiting") {
      ring(`line:${now.id}:${now.epoch}`, now, "bell.entered");
    } else if (
      now.stage === "human" && now.owner === session.agent?.id && now.last?.role === "customer" &&
      now.last.ts > (before?.last?.ts ?? Infinity) && !document.hasFocus()
    ) {
      ring(`said:${now.id}:${now.seq}`, now, "bell.said");
    }
  }

  /** A note calls the reader: it is said in the page as well, since he may have the tab before him. */
  function called(summary: Summary | null, { conversation, seq, by }: { conversation: string; seq: number; by: string }): void {
    const { t } = i18n.global;
    const open = (): void => void (location.hash = `#/desk/${encodeURIComponent(conversation)}`);
    const shown = ElNotification({
      title: t("bell.called", { name: by }), message: summary?.customer.name || t("line.anonymous"), type: "info", duration: 15_000,
      onClick: () => {
        open();
        shown.close();
      },
    });
    if (summary) ring(`called:${conversation}:${seq}`, summary, "bell.called", by);
  }

  function ring(key: string, summary: Summary, title: string, name = summary.customer.name): void {
    const wait = document.visibilityState === "visible" ? Math.random() * 60 : HIDDEN_TAB_WAITS_MS * (1 + Math.random());
    setTimeout(() => void oneTabAtATime(() => {
      const kept = recall<string[]>("rung", []);
      if (rung.has(key) || kept.includes(key)) return;
      rung.add(key);
      channel?.postMessage(key);
      keep("rung", [...kept, key].slice(-REMEMBERED));
      if (preferences.chosen.sound) chime();
      if (preferences.chosen.desktop && !document.hasFocus()) notify(summary, i18n.global.t(title, { name: name || i18n.global.t("line.anonymous") }));
    }), wait);
  }

  function notify(summary: Summary, title: string): void {
    if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
    const note = new Notification(title, { body: summary.last?.text ?? "", tag: summary.id });
    note.onclick = () => {
      window.focus();
      location.hash = `#/desk/${encodeURIComponent(summary.id)}`;
      note.close();
    };
  }

  /** Asks the browser's leave for desktop notifications; false when it is refused. */
  async function allowDesktop(): Promise<boolean> {
    if (typeof Notification === "undefined") return false;
    return (await Notification.requestPermission()) === "granted";
  }

  return { consider, called, allowDesktop };
});

let audio: AudioContext | null = null;

/** Two soft notes, made here so that no sound file is fetched. */
function chime(): void {
  try {
    audio ??= new AudioContext();
    const start = audio.currentTime;
    [660, 880].forEach((pitch, index) => {
      const tone = (audio as AudioContext).createOscillator();
      const loudness = (audio as AudioContext).createGain();
      const at = start + index * 0.14;
      tone.type = "sine";
      tone.frequency.value = pitch;
      loudness.gain.setValueAtTime(0, at);
      loudness.gain.linearRampToValueAtTime(0.12, at + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.32);
      tone.connect(loudness).connect((audio as AudioContext).destination);
      tone.start(at);
      tone.stop(at + 0.35);
    });
  } catch {
    // No sound device, or the page was not touched yet: the title still counts.
  }
}
