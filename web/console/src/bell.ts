import { ElNotification } from "element-plus";
import { defineStore } from "pinia";
import { i18n } from "./i18n";
import { usePreferences } from "./stores/preferences";
import { useSession } from "./stores/session";
import { keep, recall } from "./storage";
import { clock } from "./time";
import type { Frame, Summary } from "./wire";

const REMEMBERED = 100;
const HIDDEN_TAB_WAITS_MS = 250;

/** Two tabs that look at the same moment would both find that none has rung; a lock lets them look in turn. */
const oneTabAtATime = (look: () => void): unknown => navigator.locks ? navigator.locks.request("xiaoer.bell", look) : look();

type Raised = Extract<Frame, { t: "raised" }>;

/** What is shown of a ring: a title, a line below it, and where a click leads. */
interface Notice {
  title: string;
  body: string;
  tag: string;
  opens: string;
}

const nameOf = (summary: Summary): string => summary.customer.name || i18n.global.t("line.anonymous");
const deskOf = (conversation: string): string => `#/desk/${encodeURIComponent(conversation)}`;

/** Rings once for all tabs of this browser: a tab in front first, the others only when none has rung. */
export const useBell = defineStore("bell", () => {
  const preferences = usePreferences();
  const session = useSession();
  const rung = new Set<string>();
  const elsewhere = new Set<string>();
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("xiaoer.bell");
  if (channel) channel.onmessage = (event: MessageEvent<string>) => elsewhere.add(event.data);

  /** Rings when a conversation enters the line, or when its own customer writes while nobody looks. */
  function consider(before: Summary | null, now: Summary): void {
    if (now.stage === "waiting" && before?.stage !== "waiting") {
      ringFor(`line:${now.id}:${now.epoch}`, now, "bell.entered");
    } else if (
      now.stage === "human" && now.owner === session.agent?.id && now.last?.role === "customer" &&
      now.last.ts > (before?.last?.ts ?? Infinity) && !document.hasFocus()
    ) {
      ringFor(`said:${now.id}:${now.seq}`, now, "bell.said");
    }
  }

  /** A promise of his own customer, or for who is in charge of anybody in line, is about to be broken: each rings once. */
  function watchPromises(summaries: Iterable<Summary>, now: number): void {
    if (!preferences.chosen.warnings || session.presence === "break" || session.presence === "offline") return;
    for (const summary of summaries) {
      const own = summary.stage === "human" && summary.owner === session.agent?.id;
      if (!own && !(summary.stage === "waiting" && session.agent?.role !== "agent")) continue;
      for (const promise of summary.clocks ?? []) {
        if (now < promise.warn || now >= promise.due) continue;
        const title = i18n.global.t(own ? "bell.soonMine" : "bell.soonInLine", { name: nameOf(summary), clock: clock(promise.due - now) });
        const notice = { title, body: summary.last?.text ?? "", tag: summary.id, opens: deskOf(summary.id) };
        ring(`soon:${summary.id}:${promise.id}:${promise.since}`, notice, true);
      }
    }
  }

  /** A ticket missed its deadline and was raised; its owner and the supervisors hear of it. */
  function raised({ ticket, title, level, owner_name }: Raised): void {
    const words = i18n.global.t("bell.raised", { n: level, title });
    const body = i18n.global.t("bell.owner", { name: owner_name });
    ring(`raised:${ticket}:${level}`, { title: words, body, tag: ticket, opens: `#/tickets/${encodeURIComponent(ticket)}` }, true);
  }

  /** A note calls the reader: it is said in the page as well, since he may have the tab before him. */
  function called(summary: Summary | null, { conversation, seq, by }: { conversation: string; seq: number; by: string }): void {
    const title = i18n.global.t("bell.called", { name: by });
    const notice = { title, body: summary ? nameOf(summary) : i18n.global.t("line.anonymous"), tag: conversation, opens: deskOf(conversation) };
    inPage(notice, "info");
    ring(`called:${conversation}:${seq}`, notice);
  }

  /** Of a conversation, in the words of `title`. */
  function ringFor(key: string, summary: Summary, title: string): void {
    ring(key, { title: i18n.global.t(title, { name: nameOf(summary) }), body: summary.last?.text ?? "", tag: summary.id, opens: deskOf(summary.id) });
  }

  /** `pressing`: with the sharper sound, and said in the page where no desktop notice is. */
  function ring(key: string, notice: Notice, pressing = false): void {
    if (rung.has(key)) return;
    rung.add(key);
    const wait = document.visibilityState === "visible" ? Math.random() * 60 : HIDDEN_TAB_WAITS_MS * (1 + Math.random());
    setTimeout(() => void oneTabAtATime(() => {
      const kept = recall<string[]>("rung", []);
      if (kept.includes(key) || elsewhere.has(key)) return;
      channel?.postMessage(key);
      keep("rung", [...kept, key].slice(-REMEMBERED));
      if (preferences.chosen.sound) chime(pressing ? PRESSING : SOFT);
      const shown = preferences.chosen.desktop && !document.hasFocus() && onDesktop(notice);
      if (pressing && !shown) inPage(notice, "warning");
    }), wait);
  }

  function inPage({ title, body, opens }: Notice, type: "info" | "warning"): void {
    const shown = ElNotification({
      title, message: body, type, duration: 15_000,
      onClick: () => {
        location.hash = opens;
        shown.close();
      },
    });
  }

  /** False where the browser shows none. */
  function onDesktop({ title, body, tag, opens }: Notice): boolean {
    if (typeof Notification === "undefined" || Notification.permission !== "granted") return false;
    const note = new Notification(title, { body, tag });
    note.onclick = () => {
      window.focus();
      location.hash = opens;
      note.close();
    };
    return true;
  }

  /** Asks the browser's leave for desktop notifications; false when it is refused. */
  async function allowDesktop(): Promise<boolean> {
    if (typeof Notification === "undefined") return false;
    return (await Notification.requestPermission()) === "granted";
  }

  return { consider, watchPromises, raised, called, allowDesktop };
});

let audio: AudioContext | null = null;

/** Hz, one after the other. */
const SOFT = [660, 880];
const PRESSING = [880, 660, 880];

/** Short notes, made here so that no sound file is fetched. */
function chime(pitches: number[]): void {
  try {
    audio ??= new AudioContext();
    const start = audio.currentTime;
    pitches.forEach((pitch, index) => {
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
