/** How much memory a topic takes in the runtime, and whether it goes with its subscriber. */
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Address } from "./load/load.ts";
import { conclude, runBench } from "./report/bench.ts";
import { sizeOptions } from "./report/options.ts";
import { runRounds } from "./report/rounds.ts";
import { Inspector } from "./servers/inspector.ts";
import { startRuntime, subscribeTo } from "./servers/our-runtime.ts";
import { bundleRuntime } from "./servers/programs.ts";
import { columns, notes, promises, subject, type TopicFigures } from "./topics/figures.ts";
import { openStreams } from "./topics/streams.ts";

const FULL = 10_000;
const INSPECTOR_PORT = 18_475;

const { values } = parseArgs({ options: sizeOptions(FULL) });
const subscribers = Number(values.subscribers);

await runBench("topics", async (folder, progress) => {
  const bundle = await bundleRuntime(folder, progress);
  const rounds = await runRounds([subject], Number(values.rounds), (_, round) =>
    measure(join(folder, `${round}`), bundle),
  );
  const about = `${subscribers} subscribers, on one topic and then on a topic each. ${rounds.length} rounds.`;
  const bench = { name: "topics", servers: [subject], promises, columns, about, notes } as const;
  return conclude(bench, rounds, subscribers === FULL);
});

async function measure(folder: string, bundle: string): Promise<TopicFigures> {
  await mkdir(folder);
  const listen: Address = { network: "unix", address: join(folder, "runtime.sock") };
  const nodeArguments = [`--inspect=127.0.0.1:${INSPECTOR_PORT}`];
  const server = await startRuntime({ folder, bundle, listen, nodeArguments });
  try {
    const inspector = await Inspector.open(INSPECTOR_PORT);
    const used = (topic: (index: number) => string) => usedWhileOpen(inspector, listen, topic);
    await used(() => "bench");
    const idle = await inspector.usedBytes();
    const shared = await used(() => "bench");
    const each = await used((index) => `bench-${index}`);
    const after = await inspector.usedBytes();
    inspector.close();
    return {
      bytesPerSubscriber: (shared - idle) / subscribers,
      bytesPerTopic: (each - shared) / subscribers,
      bytesLeftPerTopic: (after - idle) / subscribers,
    };
  } finally {
    await server.stop();
  }
}

/** Bytes used by the runtime while these subscribers are there; they are gone when it resolves. */
async function usedWhileOpen(
  inspector: Inspector,
  listen: Address,
  topic: (index: number) => string,
): Promise<number> {
  const streams = await openStreams(subscribers, (index) => subscribeTo(listen, topic(index)));
  const used = await inspector.usedBytes();
  await Promise.all(streams.map(closed));
  return used;
}

/** Resolves when the runtime, too, has closed it. */
async function closed(stream: Socket): Promise<void> {
  stream.end();
  await once(stream, "close");
}
