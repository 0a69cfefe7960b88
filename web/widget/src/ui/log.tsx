// The conversation, oldest first. It stays at its end while the shopper is there, and
// where he reads otherwise.

import { Component, h } from "preact";
import type { View } from "../protocol/client";
import type { ChatEvent, SaidBody } from "../wire";
import { fill } from "../words";
import { Icon } from "./icons";
import { Greeting, Message, Typing, Unsent } from "./message";
import { sameDay } from "./times";
import type { Ui } from "./ui";

const AT_END = 60;
const AT_START = 80;
const ONE_BREATH = 3 * 60_000;

const follows = (event: ChatEvent, other: ChatEvent | undefined): boolean =>
  other?.kind === "said" &&
  event.kind === "said" &&
  other.from.role === event.from.role &&
  other.from.name === event.from.name &&
  Math.abs(event.ts - other.ts) < ONE_BREATH &&
  sameDay(event.ts, other.ts);

/** What was pressed, by the event that offered it; the presses that were refused don't count. */
function pressesIn(view: View): { chosen: Map<number, string>; latest: number } {
  const chosen = new Map<number, string>();
  let latest = 0;
  const note = (body: Partial<SaidBody>) => {
    if (body.type !== "choice" || body.of === undefined) return;
    chosen.set(body.of, `${chosen.get(body.of) ?? ""}\n${body.choice}`);
    latest = Math.max(latest, body.of);
  };
  for (const event of view.events) if (event.kind === "said") note(event.body);
  for (const pending of view.pending) if (pending.failed === undefined) note(pending.body);
  return { chosen, latest };
}

interface LogProps {
  ui: Ui;
  view: View;
  shown: boolean;
}

export class Log extends Component<LogProps, { away: boolean }> {
  override state = { away: false };
  private box: HTMLDivElement | null = null;
  private atEnd = true;
  // The keyboard came up, a card unfolded: whoever was at the end stays there.
  private readonly watcher = new ResizeObserver(() => this.atEnd && this.toEnd());

  override componentDidMount(): void {
    if (this.box) this.watcher.observe(this.box);
    document.addEventListener("visibilitychange", this.look);
    this.look();
  }

  override componentWillUnmount(): void {
    this.watcher.disconnect();
    document.removeEventListener("visibilitychange", this.look);
  }

  override getSnapshotBeforeUpdate(): number {
    return this.box ? this.box.scrollHeight - this.box.scrollTop : 0;
  }

  override componentDidUpdate(before: LogProps, _: object, fromEnd: number): void {
    const { view } = this.props;
    const older = (view.events[0]?.seq ?? 0) < (before.view.events[0]?.seq ?? 0);
    if (this.atEnd || view.pending.length > before.view.pending.length) this.toEnd();
    // Older events were put before what he reads: that must not move.
    else if (older && this.box) this.box.scrollTop = this.box.scrollHeight - fromEnd;
    this.look();
  }

  private readonly toEnd = () => {
    if (this.box) this.box.scrollTop = this.box.scrollHeight;
  };

  private readonly look = () => {
    if (this.props.shown && !this.state.away && !document.hidden) this.props.ui.client.seen();
  };

  private readonly scrolled = () => {
    const { box } = this;
    if (!box) return;
    const left = box.scrollHeight - box.scrollTop - box.clientHeight;
    this.atEnd = left < AT_END;
    if (this.state.away === this.atEnd) this.setState({ away: !this.atEnd });
    if (box.scrollTop < AT_START) void this.props.ui.client.older();
  };

  override render({ ui, view }: LogProps, { away }: { away: boolean }) {
    const { words, client } = ui;
    const { events, pending } = view;
    const { chosen, latest } = pressesIn(view);
    const newest = events.findLast((event) => event.from.role === "customer" && event.kind === "said")?.seq;
    const pristine = !events.some((event) => event.from.role === "customer") && !pending.length;

    return (
      <div class="log-frame">
        <div class="log" role="log" aria-label={words.log} aria-busy={view.loading || !view.caughtUp} tabIndex={0} ref={(box) => {
            this.box = box;
          }}
          onScroll={this.scrolled}>
          {view.more ? (
            <button type="button" class="older" disabled={view.loading} onClick={() => void client.older()}>
              {view.loading ? words.loading : words.older}
            </button>
          ) : (
            <Greeting ui={ui} chips={pristine} />
          )}
          {events.map((event, at) => {
            const before = events[at - 1];
            const after = events[at + 1];
            return [
              (!before || !sameDay(before.ts, event.ts)) && (
                <p class="day" key={`day${event.seq}`}>
                  <time>{ui.times.dayOf(event.ts)}</time>
                </p>
              ),
              <Message
                key={event.seq}
                ui={ui}
                event={event}
                first={!follows(event, before)}
                last={!(after && follows(after, event))}
                newest={event.seq === newest && !pending.length}
                seen={event.seq === newest && event.seq <= view.agentRead}
                chosen={chosen.get(event.seq) ?? ""}
                spent={event.seq <= latest}
              />,
            ];
          })}
          {pending.map((each, at) => (
            <Unsent key={each.cid} ui={ui} pending={each} first={at === 0 && events.at(-1)?.from.role !== "customer"} />
          ))}
          {view.typing && <Typing ui={ui} {...view.typing} />}
        </div>
        {away && (
          <button type="button" class="pill" onClick={this.toEnd} aria-label={view.unread ? undefined : words.toEnd}>
            {view.unread > 0 && fill(words.fresh, { n: view.unread })}
            <Icon name="down" />
          </button>
        )}
      </div>
    );
  }
}
