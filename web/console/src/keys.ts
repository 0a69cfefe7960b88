import { useEventListener } from "@vueuse/core";
import { usePalette } from "./stores/palette";

export interface DeskKeys {
  next(): void;
  previous(): void;
  reply(): void;
  note(): void;
  close(): void;
  claim(): void;
  transfer(): void;
  help(): void;
}

const KEYS: Record<string, keyof DeskKeys> = {
  j: "next", k: "previous", r: "reply", n: "note", e: "close", c: "claim", t: "transfer", "?": "help",
};

/** An input method is choosing characters: its Enter and letters are not for the page. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/**
 * Keeps the keys of an input method from every field, dialog and list of the page: its Enter picks characters and
 * its Esc drops them, nothing else. Safari ends a composition with one more Enter, which must not submit either.
 */
export function guardComposition(): void {
  window.addEventListener(
    "keydown",
    (event) => {
      if (!isComposing(event)) return;
      event.stopImmediatePropagation();
      if (event.key === "Enter") event.preventDefault();
    },
    { capture: true },
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Overlays stay in the page while hidden, so being there is not enough. */
function isDialogOpen(): boolean {
  return [...document.querySelectorAll<HTMLElement>("[aria-modal='true']")].some((dialog) => dialog.offsetParent !== null || dialog.getClientRects().length > 0);
}

/** Keys of a page by their letters; they rest while someone types, composes, or a dialog is open. */
export function useKeys(keys: Record<string, () => void>): void {
  useEventListener(window, "keydown", (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isComposing(event) || isTyping(event.target) || isDialogOpen()) return;
    const act = keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** Single-letter keys of the desk; they rest while someone types, composes, or a dialog is open. */
export function useDeskKeys(keys: DeskKeys): void {
  const palette = usePalette();
  useEventListener(window, "keydown", (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isComposing(event) || isTyping(event.target) || isDialogOpen() || palette.isOpen) return;
    const key = KEYS[event.key.toLowerCase()];
    if (!key) return;
    event.preventDefault();
    keys[key]();
  });
}
