// Fails when the built console, or its reports with their charts, are heavier than their budgets, in KB after gzip.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGETS_KB = { console: 260, reports: 200 };
const folder = new URL("../dist/assets/", import.meta.url);
const totals = { console: 0, reports: 0 };
for (const name of readdirSync(folder)) {
  const kb = gzipSync(readFileSync(new URL(name, folder)), { level: 9 }).length / 1024;
  totals[name.startsWith("ReportsPage") ? "reports" : "console"] += kb;
  console.log(`${kb.toFixed(1).padStart(7)} KB  ${name}`);
}
for (const [part, kb] of Object.entries(totals)) console.log(`${kb.toFixed(1).padStart(7)} KB  ${part}, of ${BUDGETS_KB[part]}`);
process.exit(Object.entries(totals).some(([part, kb]) => kb > BUDGETS_KB[part]) ? 1 : 0);
