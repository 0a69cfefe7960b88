/** What the loader and the full page give the chat. */
export interface Mount {
  root: ShadowRoot;
  site: string;
  /** Where the gateway is. */
  base: string;
  identityUrl: string | undefined;
  lang: string;
  /** Fills the page that it is on, and can't be minimised. */
  page: boolean;
  onUnread(count: number): void;
  onMinimised(): void;
  onTitle(title: string): void;
}

export interface Chat {
  open(): void;
}

/** The language that is asked for, else the browser's; ours are zh-CN and en. */
export const languageOf = (asked: string | null | undefined): string => (/^zh/i.test(asked || navigator.language) ? "zh-CN" : "en");

/** A style sheet that the page's policy needs not allow as inline; only old Safari gets an element. */
export function dress(root: ShadowRoot, css: string): void {
  if ("adoptedStyleSheets" in root && "replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    return;
  }
  const element = document.createElement("style");
  element.textContent = css;
  (root as ShadowRoot).append(element);
}
