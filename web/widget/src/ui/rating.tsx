// What the shopper thinks of the service, asked once after an agent has closed. Whoever asks something
// new instead has it folded away, with what she has chosen already.

import { Fragment, h } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { lastClosing, type View } from "../protocol/client";
import { fill } from "../words";
import type { Ui } from "./ui";

const STAR = "m12 3.2 2.7 5.6 6.1.8-4.5 4.3 1.1 6.1-5.4-3-5.4 3 1.1-6.1-4.5-4.3 6.1-.8z";

const Star = () => (
  <svg class="icon star" viewBox="0 0 24 24" aria-hidden="true">
    <path d={STAR} />
  </svg>
);

/** How often she has asked for something since the service ended, what is still on its way included, what failed not. */
export function askedSince(view: Pick<View, "events" | "pending">): number {
  const closing = lastClosing(view.events);
  const asked = view.events.filter((event) => event.seq > closing && event.from.role === "customer");
  return asked.length + view.pending.filter(({ kind, failed }) => kind !== "rate" && failed === undefined).length;
}

export const RatingForm = ({ ui, view }: { ui: Ui; view: View }) => {
  const { words, client } = ui;
  const asked = askedSince(view);
  // Where the end of the service is not at hand, nothing tells what came after it: it is offered as it was.
  const [openedAt, setOpenedAt] = useState(() => (lastClosing(view.events) ? 0 : asked));
  const pressed = useRef(false);
  const form = useRef<HTMLFormElement>(null);
  const [stars, setStars] = useState(0);
  const [reasons, setReasons] = useState<string[]>([]);
  const [comment, setComment] = useState("");
  const offered = stars > 3 ? words.praise : words.blame;

  const submit = (event: Event) => {
    event.preventDefault();
    if (stars) client.send("rate", { stars, reasons: reasons.filter((each) => offered.includes(each)), comment: comment.trim() });
  };
  const toggle = (reason: string) =>
    setReasons(reasons.includes(reason) ? reasons.filter((each) => each !== reason) : [...reasons, reason]);

  useEffect(() => {
    if (pressed.current) form.current?.querySelector<HTMLInputElement>(stars ? ":checked" : "input")?.focus();
  }, [openedAt]);

  const skip = (
    <button type="button" class="quiet" onClick={() => client.skipRating()}>
      {words.skip}
    </button>
  );
  if (asked > openedAt)
    return (
      <div class="rating folded">
        <button type="button" class="quiet grow" aria-expanded="false" onClick={() => {
            pressed.current = true;
            setOpenedAt(asked);
          }}
        >
          <Star />
          {stars ? fill(words.rateOn, { n: stars }) : words.rateStill}
        </button>
        {skip}
      </div>
    );

  return (
    <form class="rating" ref={form} onSubmit={submit}>
      <fieldset class="stars">
        <legend>{words.rateTitle}</legend>
        {words.stars.map((text, at) => (
          <label key={at} class={at < stars ? "on" : ""} title={text}>
            <input type="radio" name="stars" value={at + 1} checked={stars === at + 1} onChange={() => setStars(at + 1)} />
            <Star />
            <span class="only-read">{fill(words.star, { n: at + 1, text })}</span>
          </label>
        ))}
        <span class="verdict" aria-hidden="true">
          {words.stars[stars - 1]}
        </span>
      </fieldset>
      {stars > 0 && (
        <>
          <div class="choices" role="group" aria-label={words.reasons}>
            {offered.map((reason) => (
              <button type="button" key={reason} class="choice" aria-pressed={reasons.includes(reason)} onClick={() => toggle(reason)}>
                {reason}
              </button>
            ))}
          </div>
          <textarea
            rows={2}
            maxLength={500}
            aria-label={words.comment}
            placeholder={words.comment}
            value={comment}
            onInput={(event) => setComment(event.currentTarget.value)}
          />
        </>
      )}
      <div class="actions">
        {skip}
        <button type="submit" class="solid" disabled={!stars}>
          {words.submit}
        </button>
      </div>
    </form>
  );
};
