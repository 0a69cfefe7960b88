// The chat, drawn into the shadow root that the loader or the full page made.

import { h, render } from "preact";
import type { Chat, Mount } from "./mount";
import { dress } from "./mount";
import { type Client, makeClient, type World } from "./protocol/client";
import { fetchIdentity } from "./protocol/identity";
import css from "./styles/chat.css?inline";
import { timesIn } from "./ui/times";
import type { Ui } from "./ui/ui";
import { ChatWindow } from "./ui/window";
import type { ChatEvent, Config } from "./wire";
import { wordsIn } from "./words";

const LISTENING = ["online", "pageshow"] as const;
const HISTORY_PAGE = 50;

async function fetchJson<T>(url: URL, init?: RequestInit): Promise<T> {
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${url.pathname} answered ${answer.status}`);
  return (await answer.json()) as T;
}

export async function start(mount: Mount): Promise<Chat> {
  const words = await wordsIn(mount.lang);
  const site = encodeURIComponent(mount.site);
  const at = (path: string) => new URL(path, mount.base);
  const box = document.createElement("div");
  box.lang = mount.lang;
  dress(mount.root, css);
  mount.root.append(box);

  const world: World = {
    connect: () => new WebSocket(at("/ws/chat").href.replace(/^http/, "ws"), "xiaoer.v1"),
    identity: mount.identityUrl ? () => fetchIdentity(mount.identityUrl as string) : undefined,
    history: (before, tok) =>
      fetchJson<{ events: ChatEvent[]; more: boolean }>(at(`/api/chat/history?before=${before}&limit=${HISTORY_PAGE}`), {
        headers: { Authorization: `Bearer ${tok}` },
      }),
    random: Math.random,
    local: localStorage,
    session: sessionStorage,
  };

  let shown = mount.page;
  let drawing = false;
  let unread = -1;
  const draw = () => {
    // Many frames may arrive in one turn; the page is drawn once.
    if (drawing) return;
    drawing = true;
    queueMicrotask(() => {
      drawing = false;
      const { view } = client;
      render(<ChatWindow ui={ui} view={view} shown={shown} onMinimise={mount.page ? undefined : minimise} />, box);
      if (view.unread !== unread) mount.onUnread((unread = view.unread));
    });
  };
  const minimise = () => {
    shown = false;
    draw();
    mount.onMinimised();
  };

  const client: Client = makeClient(mount.site, mount.lang, world, draw);
  let ui: Ui = {
    client,
    words,
    parts: undefined,
    times: timesIn(mount.lang, words),
    config: { title: words.title, welcome: "", lang: mount.lang, suggestions: [], limits: { text: 2000, file: 10_485_760 } },
    suggest: async (text, signal) =>
      (await fetchJson<{ questions: string[] }>(at(`/api/chat/suggest?site=${site}&q=${encodeURIComponent(text)}`), { signal })).questions,
  };

  const configure = () =>
    fetchJson<Config>(at(`/api/chat/config?site=${site}&lang=${mount.lang}`)).then(
      (config) => {
        ui = { ...ui, config: { ...ui.config, ...config, lang: mount.lang } };
        mount.onTitle(ui.config.title);
        draw();
      },
      () => setTimeout(() => void configure(), 15_000), // the chat works without a welcome
    );

  const fetchParts = (): Promise<unknown> =>
    import("./ui/parts").then(
      (parts) => {
        dress(mount.root, parts.css);
        ui = { ...ui, parts };
        draw();
      },
      () => setTimeout(() => void fetchParts(), 5_000), // words come through meanwhile
    );

  const probe = () => client.probe();
  for (const name of LISTENING) addEventListener(name, probe);
  document.addEventListener("visibilitychange", () => document.hidden || probe());
  fitKeyboard(box);
  draw();
  client.start();
  void configure();
  void fetchParts();

  return {
    open: () => {
      shown = true;
      draw();
      // After the drawing: where there is a keyboard the shopper can write at once; on a
      // phone the keyboard would cover what he came to read.
      queueMicrotask(() => {
        const target = matchMedia("(hover: hover) and (pointer: fine)").matches ? "textarea" : ".window";
        box.querySelector<HTMLElement>(target)?.focus({ preventScroll: true });
      });
    },
  };
}

/** Keeps the window within what the on-screen keyboard leaves. */
function fitKeyboard(box: HTMLElement): void {
  const view = window.visualViewport;
  if (!view) return;
  const fit = () => {
    box.style.setProperty("--height", `${view.height}px`);
    box.style.setProperty("--top", `${view.offsetTop}px`);
  };
  fit();
  view.addEventListener("resize", fit);
  view.addEventListener("scroll", fit);
}
