/** `./dev bench`: each group of measured promises is a program in bench/. */
import { join } from "node:path";
import { hand } from "./hand-over.ts";
import { UserError } from "./steps.ts";

const folder = join(import.meta.dirname, "..", "bench");

/** In the order in which they run: what each measures. */
export const benchmarks: Readonly<Record<string, string>> = {
  "fan-out": "one core's deliveries beside other hubs: speed, CPU, latency, memory, publishing",
  pair: "what nginx and the runtime deliver over TLS and HTTP/2 on one core, beside Centrifugo",
  sidecar: "nginx's memory for a stream",
  topics: "the runtime's memory for a topic",
  resume: "how soon all subscribers are back after a kill, with all that they missed",
  operator: "the operator with a thousand services: requests, writes, time, memory, and a restart",
};

/** Runs one, or all in turn, whatever becomes of the others; resolves with 0 if all promises are kept. */
export async function bench(name: string | undefined): Promise<number> {
  if (name !== undefined && !(name in benchmarks)) {
    throw new UserError(`Cannot run the benchmark "${name}": there is none of that name`, listing);
  }
  if (name === undefined) console.log(`${listing}\n`);
  const failed: string[] = [];
  for (const each of name === undefined ? Object.keys(benchmarks) : [name]) {
    console.log(`${each}: ${benchmarks[each]}`);
    if ((await hand([process.execPath, join(folder, `${each}.ts`)])) !== 0) failed.push(each);
  }
  if (name === undefined) console.log(`\nfailed: ${failed.join(", ") || "none"}`);
  return failed.length === 0 ? 0 : 1;
}

const width = Math.max(...Object.keys(benchmarks).map((name) => name.length));
const listing = Object.entries(benchmarks)
  .map(([name, measures]) => `./dev bench ${name.padEnd(width)}  ${measures}`)
  .join("\n");
