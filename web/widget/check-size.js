// Fails the build when the widget grows over what a shop's page can be asked to load.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const built = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));
const budgets = [
  ["widget.js", 2 * 1024],
  [built["src/chat.tsx"].file, 16 * 1024],
];

for (const [file, budget] of budgets) {
  const size = gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length;
  console.log(`${file}: ${size} of ${budget} bytes gzipped`);
  if (size > budget) process.exitCode = 1;
}
if (process.exitCode) console.error("The widget is over its budget.");
