// Icons are drawn with strokes on a 24 x 24 field.

import { h } from "preact";

const PATHS = {
  // The house's mark: a bubble that says 二.
  mark: "M5 4h14a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3h-7l-5 4v-4H5a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3zM9 9h6M7 13.5h10",
  human: "M4 15v-3a8 8 0 0 1 16 0v3M4 14h3v5H5a1 1 0 0 1-1-1zM20 14h-3v5h2a1 1 0 0 0 1-1zM19 19c0 2-2 2.5-5 2.5",
  down: "m6 9 6 6 6-6",
  send: "M12 19V5M6 11l6-6 6 6",
  tick: "m5 12.5 4.5 4.5L19 7.5",
};

export const Drawn = ({ path }: { path: string }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={path} />
  </svg>
);

export const Icon = ({ name }: { name: keyof typeof PATHS }) => <Drawn path={PATHS[name]} />;
