import { defineConfig } from "vitest/config";

// The chat itself and the full page at /chat. The loader is a second build
// (vite.loader.config.ts), because it must be one classic script.
export default defineConfig({
  base: "./",
  plugins: [
    {
      // Vite's helper looks for style sheets to load before a chunk; ours have none, and it
      // is a twelfth of the chat's weight.
      name: "plain-import",
      enforce: "pre",
      load: (id) => (id.includes("vite/preload-helper") ? "export const __vitePreload = (load) => load();" : null),
    },
  ],
  build: {
    manifest: true,
    // Older targets would have logical properties rewritten to left and right,
    // which breaks the layout on a page that reads from right to left.
    cssTarget: ["chrome100", "safari15.4"],
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { chat: "src/chat.tsx", page: "chat.html" },
      preserveEntrySignatures: "allow-extension",
    },
  },
  test: { include: ["tests/**/*.test.ts"] },
});
