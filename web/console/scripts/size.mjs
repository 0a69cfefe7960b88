// Fails when the built console is heavier than its budget, in KB after gzip.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 260;
const folder = new URL("../dist/assets/", import.meta.url);
const sizes = readdirSync(folder).map((name) => [name, gzipSync(readFileSync(new URL(name, folder)), { level: 9 }).length / 1024]);
const total = sizes.reduce((sum, [, kb]) => sum + kb, 0);
for (const [name, kb] of sizes) console.log(`${kb.toFixed(1).padStart(7)} KB  ${name}`);
console.log(`${total.toFixed(1).padStart(7)} KB  of ${BUDGET_KB}`);
process.exit(total > BUDGET_KB ? 1 : 0);
