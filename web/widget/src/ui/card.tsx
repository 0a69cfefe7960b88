// Cards, choices and the order picker: what the shop's data looks like.

import { Fragment, h } from "preact";
import { useState } from "preact/hooks";
import type { Card, Item, OrderSummary, StatusChip, Step } from "../wire";
import { fill } from "../words";
import { Choices, type PressProps, press } from "./choices";
import { Drawn, Icon } from "./icons";
import type { Ui } from "./ui";
import { moment, money } from "./values";

const TONES = new Set(["info", "good", "warn", "bad"]);
const PAYMENT = "m7 4 5 7 5-7M12 11v9M7 12h10M7 16h10";
const INVOICE = "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6";
const KINDS: Record<string, string> & { order: string } = {
  order: "M12 3 4 7v10l8 4 8-4V7zM4 7l8 4 8-4M12 11v10",
  tracking: "M2 6h12v10H2zM14 10h4l4 3v3h-8M6.5 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM17.5 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  return: "m8 5-4 4 4 4M4 9h10a5 5 0 0 1 0 10H8",
  coupon: "M3 6h18v4a2 2 0 0 0 0 4v4H3v-4a2 2 0 0 0 0-4zM14 6v12",
  payment: PAYMENT,
  refund: PAYMENT,
  invoice: INVOICE,
  policy: INVOICE,
};
const STEPS_SHOWN = 3;
const ORDERS_SHOWN = 4;

const Chip = ({ status }: { status: StatusChip | undefined }) =>
  status ? <span class={`chip ${TONES.has(status.tone) ? status.tone : "info"}`}>{status.text}</span> : null;

/** A picture of the shop's; one that is missing or no web address leaves its place empty. */
const Picture = ({ src }: { src: string | undefined }) => {
  const [gone, setGone] = useState(false);
  const safe = src && /^(https?:\/\/|\/(?!\/))/i.test(src);
  return (
    <span class="picture">
      {safe && !gone ? (
        <img src={src} alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer" onError={() => setGone(true)} />
      ) : (
        <Drawn path={KINDS.order} />
      )}
    </span>
  );
};

export const OrderPicker = (props: PressProps) => {
  const [all, setAll] = useState(false);
  const { ui } = props;
  const offers = props.offers.filter((offer) => offer.order);
  const others = props.offers.filter((offer) => !offer.order);
  const pressed = props.chosen.split("\n");
  const shown = all ? offers : offers.slice(0, ORDERS_SHOWN);
  return (
    <>
    <div class="card orders">
      {shown.map((offer) => {
        const order: OrderSummary = offer.order ?? { number: "", title: offer.label };
        return (
          <button
            type="button"
            key={offer.id}
            class={`order${pressed.includes(offer.id) ? " chosen" : ""}`}
            disabled={props.spent || pressed.includes(offer.id)}
            onClick={() => press(props, offer)}
          >
            <Picture src={order.image} />
            <span class="grow">
              <span class="name">{order.title}</span>
              <span class="faint number">{order.number}</span>
              <span class="line">
                <Chip status={order.status} />
                {order.amount_fen !== undefined && <b class="money">{money(ui.times.lang, order.amount_fen)}</b>}
              </span>
            </span>
          </button>
        );
      })}
      {!all && offers.length > ORDERS_SHOWN && (
        <button type="button" class="fold" onClick={() => setAll(true)}>
          {fill(ui.words.moreOrders, { n: offers.length })}
          <Icon name="down" />
        </button>
      )}
    </div>
    {others.length > 0 && <Choices {...props} offers={others} />}
    </>
  );
};

const Steps = ({ ui, steps }: { ui: Ui; steps: Step[] }) => {
  const [all, setAll] = useState(false);
  const now = steps.findIndex((step) => step.done !== false);
  // Folded, it begins with what comes next: what lies further ahead says less than where it is.
  const from = Math.max(0, now - 1);
  const shown = all ? steps : steps.slice(from, from + STEPS_SHOWN);
  return (
    <>
      <ol class="steps">
        {shown.map((step) => (
          <li key={step.time + step.text} class={step === steps[now] ? "now" : step.done === false ? "ahead" : ""}>
            <span class="name">{step.text}</span>
            <time class="faint">{moment(ui.times.lang, step.time)}</time>
          </li>
        ))}
      </ol>
      {steps.length > STEPS_SHOWN && (
        <button type="button" class={all ? "fold up" : "fold"} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? ui.words.less : fill(ui.words.all, { n: steps.length })}
          <Icon name="down" />
        </button>
      )}
    </>
  );
};

const Items = ({ ui, items }: { ui: Ui; items: Item[] }) => (
  <ul class="items">
    {items.map((item, at) => (
      <li key={at}>
        <Picture src={item.image} />
        <span class="grow">
          <span class="name">{item.name}</span>
          {item.spec && <span class="faint">{item.spec}</span>}
        </span>
        <span class="end">
          {item.amount_fen !== undefined && <span class="money">{money(ui.times.lang, item.amount_fen)}</span>}
          <span class="faint">×{item.quantity ?? 1}</span>
        </span>
      </li>
    ))}
  </ul>
);

export const CardView = ({ ui, card, of, chosen }: { ui: Ui; card: Card; of: number; chosen: string }) => (
  <div class="card" role="group" aria-label={card.title}>
    <div class="card-head">
      <Drawn path={KINDS[card.kind] ?? KINDS.order} />
      <span class="name grow">{card.title}</span>
      <Chip status={card.status} />
    </div>
    {card.image && !card.items?.length && <Picture src={card.image} />}
    {!!card.items?.length && <Items ui={ui} items={card.items} />}
    {!!card.fields?.length && (
      <dl class="fields">
        {card.fields.map((field, at) => (
          <div key={at}>
            <dt>{field.label}</dt>
            <dd>{field.value}</dd>
          </div>
        ))}
      </dl>
    )}
    {card.amount_fen !== undefined && (
      <p class="total">
        <span class="faint">{ui.words.total}</span>
        <b class="money">{money(ui.times.lang, card.amount_fen)}</b>
      </p>
    )}
    {!!card.steps?.length && <Steps ui={ui} steps={card.steps} />}
    {!!card.choices?.length && <Choices ui={ui} of={of} offers={card.choices} chosen={chosen} spent={false} />}
    {card.as_of && <p class="faint as-of">{fill(ui.words.asOf, { time: moment(ui.times.lang, card.as_of) })}</p>}
  </div>
);
