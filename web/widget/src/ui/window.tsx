// The chat window: header, one line of status, the conversation, the field to write in.

import { Component, h } from "preact";
import { lastClosing, type View } from "../protocol/client";
import { fill } from "../words";
import { Composer, isComposing } from "./composer";
import { Icon } from "./icons";
import { Log } from "./log";
import type { Ui } from "./ui";

const A_MOMENT = 1_500;

interface StatusProps {
  ui: Ui;
  view: View;
}

class StatusLine extends Component<StatusProps, { down: boolean; known: boolean }> {
  override state = { down: false, known: false };
  private timer: ReturnType<typeof setTimeout> | undefined;

  override componentDidMount(): void {
    this.componentDidUpdate();
  }

  override componentDidUpdate(): void {
    const { link } = this.props.view;
    if (link !== "broken" && link !== "connecting") {
      clearTimeout(this.timer);
      this.timer = undefined;
      if (this.state.down) this.setState({ down: false });
    } else this.timer ??= setTimeout(() => this.setState({ down: true }), A_MOMENT); // a hiccup is not worth a word
  }

  override render({ ui, view }: StatusProps) {
    return (
      <div class="status" role="status">
        {this.line(ui, view)}
      </div>
    );
  }

  private line({ words, ...ui }: Ui, view: View) {
    const line = (tone: string, text: string, label?: string, action?: () => void) => (
      <p class={tone}>
        <span class="grow">{text}</span>
        {label && (
          <button type="button" onClick={action}>
            {label}
          </button>
        )}
      </p>
    );
    if (view.refused) return line("bad", words.refused);
    if (this.state.down) return line("warn", !navigator.onLine ? words.offline : view.caughtUp ? words.broken : words.connecting);
    if (view.status.stage === "waiting")
      return line("info", ui.parts?.place({ words, ...ui }, view.status) ?? words.waiting, words.leave, () => ui.client.send("cancel", {}));
    if (view.unrecognised && !this.state.known)
      return line("warn", words.guest, words.gotIt, () => this.setState({ known: true }));
    return null;
  }
}

function serving(ui: Ui, { stage, agent, opens }: View["status"]): string {
  const { words } = ui;
  if (stage === "waiting") return opens === undefined ? words.inLine : words.away;
  if (stage !== "human") return words.byBot;
  return agent ? fill(words.byAgent, { name: agent }) : words.byAnyone;
}

interface WindowProps {
  ui: Ui;
  view: View;
  shown: boolean;
  /** Absent on the full page, which has nowhere to go to. */
  onMinimise: (() => void) | undefined;
}

export const ChatWindow = ({ ui, view, shown, onMinimise }: WindowProps) => {
  const { words, client } = ui;
  const { stage } = view.status;
  const asking = view.pending.some((pending) => pending.kind === "human" && pending.failed === undefined);
  const rating = view.pending.some((pending) => pending.kind === "rate" && pending.failed === undefined);
  const rate = view.status.rate === true && view.caughtUp && !rating && !(view.skipped && view.skipped >= lastClosing(view.events));
  const Title = onMinimise ? "h2" : "h1";
  const escape = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !isComposing(event)) onMinimise?.();
  };

  return (
    <div
      class={onMinimise ? "window" : "window page"}
      role={onMinimise ? "dialog" : undefined}
      aria-label={onMinimise && ui.config.title}
      tabIndex={-1}
      hidden={!shown}
      onKeyDown={escape}
    >
      <div class="head">
        <span class={`avatar${stage === "human" ? " person" : ""}`} aria-hidden="true">
          {stage === "human" && view.status.agent ? [...view.status.agent].at(-1) : <Icon name="mark" />}
        </span>
        <div class="grow">
          <Title>{ui.config.title}</Title>
          <p>{serving(ui, view.status)}</p>
        </div>
        <button
          type="button"
          class="human"
          disabled={asking || stage === "waiting" || stage === "human"}
          onClick={() => client.send("human", {})}
        >
          <Icon name="human" />
          {stage === "human" ? words.humanOn : asking || stage === "waiting" ? words.humanSoon : words.human}
        </button>
        {onMinimise && (
          <button type="button" class="minimise" aria-label={words.minimise} onClick={onMinimise}>
            <Icon name="down" />
          </button>
        )}
      </div>
      <StatusLine ui={ui} view={view} />
      <Log ui={ui} view={view} shown={shown} />
      {rate && ui.parts && <ui.parts.RatingForm ui={ui} view={view} />}
      <Composer ui={ui} stage={stage} />
    </div>
  );
};
