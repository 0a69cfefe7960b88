// The one file that a merchant's page names. It draws the button and fetches the chat
// when it is wanted: at a press, or when idle for a shopper who has chatted before.

import type { Chat, Mount } from "./mount";
import { dress, languageOf } from "./mount";
import css from "./styles/loader.css?inline";

const SVG = "http://www.w3.org/2000/svg";
const MARK = "M5 4h14a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3h-7l-5 4v-4H5a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3zM9 9h6M7 13.5h10";
const WORDS = {
  zh: ["联系客服", "，{n} 条未读消息", "聊天没有打开，请再点一次"],
  en: ["Chat with us", ", {n} unread", "Chat did not open, please try again"],
} as const;

const script = document.currentScript as HTMLScriptElement | null;

function load({ src, dataset }: HTMLScriptElement): void {
  const site = dataset.site || "demo";
  const lang = languageOf(dataset.lang);
  const [label, unreadLabel, failed] = lang === "en" ? WORDS.en : WORDS.zh;
  const host = document.createElement("xiaoer-chat");
  const root = host.attachShadow({ mode: "open" });
  dress(root, css);

  const make = (tag: string, name: string) => {
    const element = document.createElement(tag);
    element.className = name;
    return element;
  };
  const launcher = make("button", "launcher") as HTMLButtonElement;
  launcher.type = "button";
  launcher.lang = lang;
  launcher.ariaLabel = label;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", MARK);
  svg.append(path);
  const badge = make("span", "badge");
  badge.hidden = true;
  badge.ariaHidden = "true";
  launcher.append(svg, badge);
  const note = make("p", "note");
  note.setAttribute("role", "status");
  root.append(launcher, note);
  document.body.append(host);

  let chat: Promise<Chat> | undefined;
  let tries = 0;
  const mount: Mount = {
    root,
    site,
    base: src,
    identityUrl: dataset.identityUrl,
    lang,
    page: false,
    onUnread: (count) => {
      badge.hidden = !count;
      badge.textContent = count > 99 ? "99+" : String(count);
      launcher.ariaLabel = label + (count ? unreadLabel.replace("{n}", String(count)) : "");
    },
    onMinimised: () => {
      launcher.hidden = false;
      launcher.focus();
    },
    onTitle: () => undefined,
  };
  const fetchChat = () => {
    // A module that failed to load is remembered as failed: the next try has a name of its own.
    const url = new URL(__CHAT__ + (tries++ ? `?${tries}` : ""), src).href;
    return (import(/* @vite-ignore */ url) as Promise<{ start(mount: Mount): Promise<Chat> }>).then(({ start }) => start(mount));
  };
  const open = async () => {
    launcher.ariaBusy = "true";
    note.textContent = "";
    try {
      const ready = await (chat ??= fetchChat());
      launcher.hidden = true;
      ready.open();
    } catch {
      chat = undefined;
      note.textContent = failed;
    }
    launcher.ariaBusy = null;
  };
  launcher.onclick = open;
  Object.assign(window, { xiaoer: { open } });

  const idle = window.requestIdleCallback ?? ((action: () => void) => setTimeout(action, 1500));
  try {
    if (Object.keys(localStorage).some((key) => key.startsWith(`xiaoer:${site}:`))) {
      idle(() => {
        chat ??= fetchChat();
        chat.catch(() => (chat = undefined)); // a press will say so
      });
    }
  } catch {
    // Without storage nobody comes back.
  }
}

if (script) {
  if (document.body) load(script);
  else addEventListener("DOMContentLoaded", () => load(script));
}
