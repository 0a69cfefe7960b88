import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

interface Chunk {
  file: string;
}

// The loader is what a merchant's page names, so it has no hash in its name; it
// learns here which hashed file the chat of this build is.
const built = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8")) as Record<string, Chunk>;
const chat = built["src/chat.tsx"];
if (!chat) throw new Error("dist/.vite/manifest.json names no chat: run `npm run build`");

export default defineConfig({
  define: { __CHAT__: JSON.stringify(chat.file) },
  build: {
    emptyOutDir: false,
    cssTarget: ["chrome100", "safari15.4"],
    target: "es2022",
    lib: { entry: "src/loader.ts", formats: ["iife"], name: "xiaoerLoader", fileName: () => "widget.js" },
  },
});
