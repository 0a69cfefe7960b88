// One thing that was said, or one line of what happened. Text is only ever drawn as text.

import { type ComponentChildren, Fragment, h } from "preact";
import type { Pending } from "../protocol/locker";
import type { ChatEvent, Role, SaidBody } from "../wire";
import { fill } from "../words";
import { Choices } from "./choices";
import { Icon } from "./icons";
import { memo } from "./memo";
import type { Ui } from "./ui";

const ADDRESS = /(https?:\/\/[\w.:/?#[\]@!$&'()*+,;=%~-]+[\w/#=&-])/g;

/** Addresses that the shop's side writes can be followed; nothing is fetched for them beforehand. */
const withLinks = (text: string) =>
  text.split(ADDRESS).map((part, at) =>
    at % 2 ? (
      <a href={part} target="_blank" rel="noopener noreferrer nofollow">
        {part}
      </a>
    ) : (
      part
    ),
  );

const Bubble = ({ text, role }: { text: string; role: Role }) => (
  <div class="bubble" dir="auto">
    {role === "customer" ? text : withLinks(text)}
  </div>
);

const Avatar = ({ role, name }: { role: Role; name: string }) => (
  <span class="avatar" aria-hidden="true">
    {role === "agent" ? [...name].at(-1) : <Icon name="mark" />}
  </span>
);

interface RowProps {
  ui: Ui;
  role: Role;
  name: string;
  /** The first of what one person says in a row. */
  first: boolean;
  children: ComponentChildren;
}

const Row = ({ ui, role, name, first, children }: RowProps) => {
  const mine = role === "customer";
  return (
    <div class={`row ${role}${first ? " first" : ""}`}>
      {!mine && (first ? <Avatar role={role} name={name} /> : <span class="avatar none" />)}
      <div class="stack">
        {mine ? <span class="only-read">{ui.words.you}</span> : <span class={first ? "who" : "only-read"}>{name}</span>}
        {children}
      </div>
    </div>
  );
};

/** What the house says before anybody has spoken. */
export const Greeting = ({ ui, chips }: { ui: Ui; chips: boolean }) => (
  <Row ui={ui} role="bot" name={ui.words.bot} first>
    {ui.config.welcome && <Bubble text={ui.config.welcome} role="bot" />}
    {chips && ui.config.suggestions.length > 0 && (
      <div class="choices">
        {ui.config.suggestions.map((text) => (
          <button type="button" key={text} class="choice" onClick={() => ui.client.say(text)}>
            {text}
          </button>
        ))}
      </div>
    )}
  </Row>
);

export const Typing = ({ ui, role, name }: { ui: Ui; role: Role; name: string }) => (
  <Row ui={ui} role={role} name={name || (role === "agent" ? ui.words.agent : ui.words.bot)} first>
    <div class="bubble typing">
      <i />
      <i />
      <i />
      <span class="only-read">{ui.words.typing}</span>
    </div>
  </Row>
);

const Said = ({ ui, of, body, role, chosen, spent }: { ui: Ui; of: number; body: SaidBody; role: Role; chosen: string; spent: boolean }) => {
  switch (body.type) {
    case "text":
      return <Bubble text={body.text} role={role} />;
    case "choice":
      return <Bubble text={body.label} role={role} />;
    case "choices": {
      const Offers = body.choices.some((offer) => offer.order) ? ui.parts?.OrderPicker : Choices;
      return (
        <>
          <Bubble text={body.text} role={role} />
          {Offers && <Offers ui={ui} of={of} offers={body.choices} chosen={chosen} spent={spent} />}
        </>
      );
    }
    case "card":
      return (
        <>
          {body.text && <Bubble text={body.text} role={role} />}
          {ui.parts && <ui.parts.CardView ui={ui} card={body.card} of={of} chosen={chosen} />}
        </>
      );
    default:
      return ui.parts ? <ui.parts.Rare ui={ui} body={body} /> : null;
  }
};

interface MessageProps {
  ui: Ui;
  event: ChatEvent;
  first: boolean;
  last: boolean;
  /** The newest of the shopper's own words: the one that says that it arrived. */
  newest: boolean;
  /** An agent has read it. */
  seen: boolean;
  chosen: string;
  spent: boolean;
}

export const Message = memo(({ ui, event, first, last, newest, seen, chosen, spent }: MessageProps) => {
  const { words } = ui;
  if (event.kind !== "said") return <Happening ui={ui} event={event} />;
  const { role } = event.from;
  if (role === "system") return <p class="happening">{event.body.type === "text" ? event.body.text : ""}</p>;
  const name = role === "bot" ? words.bot : event.from.name || words.agent;
  return (
    <Row ui={ui} role={role} name={name} first={first}>
      <Said ui={ui} of={event.seq} body={event.body} role={role} chosen={chosen} spent={spent} />
      {last && (
        <span class="when">
          <time>{ui.times.time(event.ts)}</time>
          {newest && (
            <>
              <Icon name="tick" />
              {seen ? words.seen : words.sent}
            </>
          )}
        </span>
      )}
    </Row>
  );
});

const Happening = ({ ui: { words }, event }: { ui: Ui; event: ChatEvent }) => {
  switch (event.kind) {
    case "handed_off":
      return <p class="happening">{words.handedOff}</p>;
    case "claimed":
      return <p class="happening">{fill(words.claimed, { name: event.body.name })}</p>;
    case "released":
      return <p class="happening">{event.body.reason === "cancelled" ? words.cancelled : words.released}</p>;
    case "transferred":
      return <p class="happening">{fill(words.transferred, { name: event.body.name })}</p>;
    case "closed":
      return <p class="happening">{words.closed}</p>;
    case "rated":
      return (
        <p class="happening">
          {words.rated}
          <span class="given" role="img" aria-label={fill(words.star, { n: event.body.stars, text: words.stars[event.body.stars - 1] ?? "" })}>
            {"★★★★★".slice(0, event.body.stars)}
          </span>
        </p>
      );
    default:
      return null;
  }
};

export const Unsent = memo(({ ui, pending, first }: { ui: Ui; pending: Pending; first: boolean }) => {
  const { words, client } = ui;
  const body = pending.body as Partial<{ text: string; label: string; url: string }>;
  const text = body.text ?? body.label ?? (pending.kind === "human" ? words.human : pending.kind === "cancel" ? words.leave : "");
  const failed = pending.failed !== undefined;
  if (pending.kind !== "said" && !failed) return pending.kind === "rate" ? <p class="happening">{words.rating}…</p> : null;
  return (
    <Row ui={ui} role="customer" name="" first={first}>
      {body.url && ui.parts ? <ui.parts.Rare ui={ui} body={pending.body as SaidBody} /> : <Bubble text={text || words.rating} role="customer" />}
      {failed ? (
        <span class="when failed">
          <span role="alert">
            {words.failed}
            {pending.failed && `：${pending.failed}`}
          </span>
          <button type="button" onClick={() => client.retry(pending.cid)}>
            {words.retry}
          </button>
          <button type="button" onClick={() => client.drop(pending.cid)}>
            {words.drop}
          </button>
        </span>
      ) : (
        <span class="when sending">{words.sending}…</span>
      )}
    </Row>
  );
});
