/** Exits with 0 when node_modules holds what the lock file asks for. Plain JavaScript: it runs on the machine's own Node. */
import { readFileSync } from "node:fs";

const packages = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")).packages;

try {
  const installed = packages("../node_modules/.package-lock.json");
  const wanted = packages("../package-lock.json");
  delete wanted[""];
  const isReady = ([path, { version, optional }]) =>
    installed[path]?.version === version || (optional && !installed[path]);
  process.exit(Object.entries(wanted).every(isReady) ? 0 : 1);
} catch {
  process.exit(1);
}
