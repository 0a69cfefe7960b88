// The full page, for WeChat's browser and for links: /chat?site=demo&lang=en. The shopper is anonymous here.

import { start } from "./chat";
import { dress, languageOf } from "./mount";

const asked = new URLSearchParams(location.search);
const lang = languageOf(asked.get("lang"));
document.documentElement.lang = lang;

const host = document.createElement("div");
host.className = "host";
document.getElementById("chat")?.append(host);
const root = host.attachShadow({ mode: "open" });
dress(root, ":host{display:block!important}");

void start({
  root,
  site: asked.get("site") || "demo",
  base: location.href,
  identityUrl: undefined,
  lang,
  page: true,
  onUnread: () => undefined,
  onMinimised: () => undefined,
  onTitle: (title) => {
    document.title = title;
  },
});
