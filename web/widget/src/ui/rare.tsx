// What is rarely said: pictures, documents, and what was taken back.

import { h } from "preact";
import type { SaidBody } from "../wire";
import type { Ui } from "./ui";

// These files come from the gateway, and so do its pictures, whatever page the widget stands in.
const whole = (path: string): string => new URL(path, import.meta.url).href;

export const Rare = ({ ui: { words }, body }: { ui: Ui; body: SaidBody }) => {
  switch (body.type) {
    case "recalled":
      return <div class="bubble took-back">{words.tookBack}</div>;
    case "image":
      return (
        <figure class="photo">
          <a href={whole(body.url)} target="_blank" rel="noopener noreferrer">
            <img src={whole(body.url)} alt={body.text || words.picture} loading="lazy" />
          </a>
          {body.text && <figcaption>{body.text}</figcaption>}
        </figure>
      );
    case "file":
      return (
        <a class="bubble document" href={whole(body.url)} download={body.name} target="_blank" rel="noopener noreferrer">
          {body.name}
        </a>
      );
    default:
      return null; // a kind of a newer gateway
  }
};
