// What is rarely said: pictures, and what was taken back.

import { h } from "preact";
import type { SaidBody } from "../wire";
import type { Ui } from "./ui";

// These files come from the gateway, and so do its pictures, whatever page the widget stands in.
const whole = (path: string): string => new URL(path, import.meta.url).href;

export const Rare = ({ ui, body }: { ui: Ui; body: SaidBody }) => {
  switch (body.type) {
    case "recalled":
      return <div class="bubble took-back">{ui.config.lang === "en" ? "A message was taken back" : "撤回了一条消息"}</div>;
    case "image":
      return (
        <figure class="picture">
          <a href={whole(body.url)} target="_blank" rel="noopener noreferrer">
            <img src={whole(body.url)} alt={body.text ?? ""} loading="lazy" />
          </a>
          {body.text && <figcaption>{body.text}</figcaption>}
        </figure>
      );
    case "file":
      return (
        <a class="bubble" href={whole(body.url)} download={body.name} target="_blank" rel="noopener noreferrer">
          {body.name}
        </a>
      );
    default:
      return null; // a kind of a newer gateway
  }
};
