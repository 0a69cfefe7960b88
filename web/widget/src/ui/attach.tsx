// Pictures and files that the shopper shows us: picked, pasted or dropped; seen before they are sent.

import { Component, Fragment, h } from "preact";
import { lighter, refusalOf, upload } from "../protocol/upload";
import { fill } from "../words";
import { isComposing } from "./composer";
import { Drawn } from "./icons";
import type { Ui } from "./ui";

const CLIP = "m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 5 5l-8.6 8.4a1.8 1.8 0 0 1-2.5-2.5L15 7";
const SHEET = "M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5";
const CROSS = "M7 7l10 10M17 7 7 17";
const MOST = 9;
const ACCEPTED = "image/png,image/jpeg,image/gif,image/webp,application/pdf";

interface Carried {
  key: number;
  name: string;
  size: number;
  /** Drawn on a canvas: a page's policy may allow no `blob:` pictures. */
  picture: ImageBitmap | null;
  share: number;
  /** Where it is kept, once it is. */
  url: string;
  why: string;
  stop: AbortController;
}

interface Tray {
  carried: Carried[];
  over: boolean;
  dropping: boolean;
}

export class Attach extends Component<{ ui: Ui }, Tray> {
  override state: Tray = { carried: [], over: false, dropping: false };
  private picker: HTMLInputElement | null = null;
  private window: HTMLElement | null = null;
  private made = 0;
  private readonly away = new AbortController();

  override componentDidMount(): void {
    this.window = this.picker?.closest<HTMLElement>(".window") ?? null;
    const { signal } = this.away;
    this.window?.addEventListener("paste", this.pasted, { signal });
    this.window?.addEventListener("dragover", this.dragged, { signal });
    this.window?.addEventListener("dragleave", () => this.setState({ dropping: false }), { signal });
    this.window?.addEventListener("drop", this.dropped, { signal });
    // Before the field hears it: what is shown goes first, then the words about it.
    this.window?.addEventListener("keydown", this.keyed, { signal, capture: true });
    this.window?.addEventListener("click", this.clicked, { signal, capture: true });
  }

  override componentWillUnmount(): void {
    this.away.abort();
    for (const { stop } of this.state.carried) stop.abort();
  }

  private readonly pasted = (event: ClipboardEvent) => {
    const { clipboardData: given } = event;
    // A table copied from a sheet comes as a picture as well: its words are what is meant.
    if (!given?.files.length || given.types.includes("text/plain")) return;
    event.preventDefault();
    this.take(given.files);
  };

  private readonly dragged = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.setState({ dropping: true });
  };

  private readonly dropped = (event: DragEvent) => {
    this.setState({ dropping: false });
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    this.take(event.dataTransfer.files);
  };

  private readonly keyed = (event: KeyboardEvent) => {
    const inField = (event.composedPath()[0] as Element).tagName === "TEXTAREA";
    if (inField && event.key === "Enter" && !event.shiftKey && !isComposing(event)) this.send();
  };

  private readonly clicked = (event: Event) => {
    if ((event.composedPath()[0] as Element).closest(".send")) this.send();
  };

  private take(files: FileList): void {
    const { ui } = this.props;
    const room = MOST - this.state.carried.length;
    const over = files.length > room;
    const fresh = [...files].slice(0, room).map((file): [Carried, File] => [
      { key: ++this.made, name: file.name, size: file.size, picture: null, share: 0, url: "", why: "", stop: new AbortController() },
      file,
    ]);
    this.setState({ over, carried: [...this.state.carried, ...fresh.map(([one]) => one)] });
    for (const [{ key, stop }, file] of fresh) {
      void this.hold(key, stop.signal, file).catch((error: unknown) => this.change(key, { why: refusalOf(error, ui.words.notUploaded) }));
    }
  }

  private async hold(key: number, signal: AbortSignal, file: File): Promise<void> {
    const { client, config, words } = this.props.ui;
    const { data, picture } = await lighter(file);
    this.change(key, { picture, size: data.size });
    if (data.size > config.limits.file) return this.change(key, { why: fill(words.tooLarge, { n: Math.floor(config.limits.file / 1_048_576) }) });
    const url = await upload(data, client, config.lang, signal, (share) => this.change(key, { share }));
    this.change(key, { url, share: 1 });
  }

  private change(key: number, to: Partial<Carried>): void {
    this.setState(({ carried }) => ({ carried: carried.map((one) => (one.key === key ? { ...one, ...to } : one)) }));
  }

  private drop(key: number): void {
    this.state.carried.find((one) => one.key === key)?.stop.abort();
    this.setState(({ carried }) => ({ carried: carried.filter((one) => one.key !== key), over: false }));
  }

  private readonly send = () => {
    const { client } = this.props.ui;
    const kept = this.state.carried.filter((one) => one.url);
    if (!kept.length) return;
    for (const { url, name, size, picture } of kept)
      client.send("said", picture ? { type: "image", url } : { type: "file", url, name, size });
    this.setState(({ carried }) => ({ carried: carried.filter((one) => !kept.some(({ key }) => key === one.key)), over: false }));
  };

  override render({ ui: { words } }: { ui: Ui }, { carried, over, dropping }: Tray) {
    const ready = carried.filter((one) => one.url).length;
    return (
      <>
        {dropping && <p class="drop-here">{words.dropHere}</p>}
        {carried.length > 0 && (
          <div class="tray" role="group" aria-label={words.attached}>
            {carried.map((one) => (
              <div key={one.key} class={`held${one.why ? " refused" : ""}`}>
                {one.picture ? <Thumb picture={one.picture} /> : <Drawn path={SHEET} />}
                <span class="grow">
                  <span class="held-name">{one.name}</span>
                  {one.why ? <span role="alert">{one.why}</span> : !one.url && <progress value={one.share} max={1} aria-label={words.sending} />}
                </span>
                <button type="button" aria-label={fill(words.remove, { name: one.name })} onClick={() => this.drop(one.key)}>
                  <Drawn path={CROSS} />
                </button>
              </div>
            ))}
            {over && <p role="alert">{fill(words.atMost, { n: MOST })}</p>}
            {ready > 0 && (
              <button type="button" class="solid send-held" onClick={this.send}>
                {fill(words.sendHeld, { n: ready })}
              </button>
            )}
          </div>
        )}
        <button type="button" class="attach" aria-label={words.attach} title={words.attach} onClick={() => this.picker?.click()}>
          <Drawn path={CLIP} />
        </button>
        <input
          ref={(picker) => {
            this.picker = picker;
          }}
          type="file"
          hidden
          multiple
          accept={ACCEPTED}
          onChange={(event) => {
            if (event.currentTarget.files) this.take(event.currentTarget.files);
            event.currentTarget.value = ""; // the same one may be chosen again
          }}
        />
      </>
    );
  }
}

const SIDE = 88;

/** A square out of the middle. */
const Thumb = ({ picture }: { picture: ImageBitmap }) => (
  <canvas
    width={SIDE}
    height={SIDE}
    aria-hidden="true"
    ref={(canvas) => {
      const side = Math.min(picture.width, picture.height);
      const at = [(picture.width - side) / 2, (picture.height - side) / 2] as const;
      canvas?.getContext("2d")?.drawImage(picture, ...at, side, side, 0, 0, SIDE, SIDE);
    }}
  />
);
