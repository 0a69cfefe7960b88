import type { Client } from "../protocol/client";
import type { Config } from "../wire";
import type { Words } from "../words";
import type { Times } from "./times";

export type Parts = typeof import("./parts");

/** What every part of the window needs. */
export interface Ui {
  client: Client;
  words: Words;
  times: Times;
  config: Config;
  /** Cards, order picker, place in line and rating; not there in the first moments. */
  parts: Parts | undefined;
  /** Questions of the shop that look like what is being typed. */
  suggest(text: string, signal: AbortSignal): Promise<string[]>;
}
