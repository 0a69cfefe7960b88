// Where the shopper writes.

import { Component, h } from "preact";
import type { Stage } from "../wire";
import { fill } from "../words";
import { Icon } from "./icons";
import type { Ui } from "./ui";

const PAUSE = 250;
const SHORTEST = 2;
const LONGEST = 40;

/** Half-typed Chinese is no message: Safari says so only by the old key code. */
export const isComposing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229;

interface ComposerProps {
  ui: Ui;
  stage: Stage;
}

interface Draft {
  text: string;
  questions: string[];
  composing: boolean;
}

const toPerson = (stage: Stage): boolean => stage === "human" || stage === "waiting";

export class Composer extends Component<ComposerProps, Draft> {
  override state: Draft = { text: "", questions: [], composing: false };
  private field: HTMLTextAreaElement | null = null;
  private asked = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stop = new AbortController();

  override componentDidUpdate(): void {
    const { field } = this;
    if (field) {
      field.style.height = "auto";
      field.style.height = `${field.scrollHeight}px`;
    }
    this.suggest();
  }

  private suggest(): void {
    const { ui, stage } = this.props;
    const { text, composing } = this.state;
    const said = text.trim();
    const asks = !composing && !toPerson(stage) && said.length >= SHORTEST && said.length <= LONGEST;
    const asked = asks ? said : "";
    if (asked === this.asked) return;
    this.asked = asked;
    clearTimeout(this.timer);
    this.stop.abort();
    this.stop = new AbortController();
    const { signal } = this.stop;
    if (this.state.questions.length) this.setState({ questions: [] });
    if (!asked) return;
    this.timer = setTimeout(() => {
      ui.suggest(asked, signal).then(
        (questions) => signal.aborted || this.setState({ questions }),
        () => undefined, // no suggestions is no misfortune
      );
    }, PAUSE);
  }

  private say(text: string): void {
    const length = [...text].length;
    if (!length || length > this.props.ui.config.limits.text) return;
    this.props.ui.client.say(text);
    this.setState({ text: "" });
    this.field?.focus();
  }

  private readonly keyed = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.say(this.state.text.trim());
    } else if (event.key === "Escape" && this.state.questions.length) {
      event.stopPropagation();
      this.setState({ questions: [] });
    }
  };

  private readonly typed = (event: { currentTarget: HTMLTextAreaElement }) => {
    this.setState({ text: event.currentTarget.value });
    if (toPerson(this.props.stage)) this.props.ui.client.typed();
  };

  override render({ ui }: ComposerProps, { text, questions }: Draft) {
    const { words, config, parts } = ui;
    const length = [...text.trim()].length;
    const over = length - config.limits.text;
    return (
      <div class="composer">
        {questions.length > 0 && (
          <ul class="suggestions" aria-label={words.suggest}>
            {questions.map((question) => (
              <li key={question}>
                <button type="button" onClick={() => this.say(question)}>
                  {question}
                </button>
              </li>
            ))}
          </ul>
        )}
        <div class={`field${over > 0 ? " over" : ""}`}>
          {parts && <parts.Attach ui={ui} />}
          <textarea
            ref={(field) => {
                this.field = field;
              }}
            rows={1}
            value={text}
            aria-label={words.message}
            placeholder={words.write}
            enterkeyhint="send"
            autocomplete="off"
            aria-invalid={over > 0}
            onInput={this.typed}
            onKeyDown={this.keyed}
            onCompositionStart={() => this.setState({ composing: true })}
            onCompositionEnd={() => this.setState({ composing: false })}
          />
          <button type="button" class="send" aria-label={words.send} disabled={!length || over > 0} onClick={() => this.say(text.trim())}>
            <Icon name="send" />
          </button>
        </div>
        {length > config.limits.text * 0.8 && (
          <p class={`counter${over > 0 ? " over" : ""}`} role={over > 0 ? "alert" : undefined}>
            {over > 0 && <span>{fill(words.over, { n: over })}</span>}
            <span>
              {length} / {config.limits.text}
            </span>
          </p>
        )}
      </div>
    );
  }
}
