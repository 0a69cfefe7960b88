// What can be pressed below a question.

import { h } from "preact";
import type { Offer } from "../wire";
import { Icon } from "./icons";
import type { Ui } from "./ui";

export interface PressProps {
  ui: Ui;
  of: number;
  offers: Offer[];
  /** The ids that were pressed already, one to a line. */
  chosen: string;
  /** A later press has made this question idle. */
  spent: boolean;
}

export const press = ({ ui, of }: PressProps, offer: Offer) =>
  ui.client.send("said", { type: "choice", of, choice: offer.id, label: offer.label });

export const Choices = (props: PressProps) => {
  const pressed = props.chosen.split("\n");
  return (
    <div class="choices">
      {props.offers.map((offer) => {
        const chosen = pressed.includes(offer.id);
        return (
          <button type="button" key={offer.id} class="choice" disabled={props.spent || chosen} onClick={() => press(props, offer)}>
            {offer.label}
            {chosen && <Icon name="tick" />}
            {chosen && <span class="only-read">{props.ui.words.pressed}</span>}
          </button>
        );
      })}
    </div>
  );
};

