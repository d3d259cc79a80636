/** How soon all subscribers are back after a runtime was killed, with every event that they missed. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runLoad, type Address } from "./load/load.ts";
import { conclude, runBench } from "./report/bench.ts";
import { sizeOptions } from "./report/options.ts";
import { runRounds } from "./report/rounds.ts";
import { columns, notes, promises, subject, type ResumeFigures } from "./resume/figures.ts";
import { publishTo, startRuntime, subscribeTo } from "./servers/our-runtime.ts";
import { makePrograms, type Programs } from "./servers/programs.ts";
import type { Server } from "./servers/server.ts";
import { readUsage } from "./servers/usage.ts";
import { onValkey, prepareValkey, startValkey } from "./servers/valkey.ts";

const FULL = 10_000;
const BEHIND = 100;
/** Whoever is not back by then never will be. */
const TIMEOUT_SECONDS = 60;

const { values } = parseArgs({ options: sizeOptions(FULL) });
const subscribers = Number(values.subscribers);

await runBench("resume", async (folder, progress) => {
  const programs = await makePrograms(folder, progress);
  await progress.step("get Valkey (once, then cached)", undefined, prepareValkey);
  const rounds = await runRounds([subject], Number(values.rounds), (_, round) =>
    measure(join(folder, `${round}`), programs),
  );
  const about = `${subscribers} subscribers on one runtime, each ${BEHIND} events behind when it comes back. ${rounds.length} rounds.`;
  const bench = { name: "resume", servers: [subject], promises, columns, about, notes } as const;
  return conclude(bench, rounds, subscribers === FULL);
});

async function measure(folder: string, programs: Programs): Promise<ResumeFigures> {
  await mkdir(folder);
  const servers: Server[] = [];
  const started = async (starting: Promise<Server>): Promise<Server> => {
    const server = await starting;
    servers.unshift(server);
    return server;
  };
  try {
    await started(startValkey(folder));
    const other = await replica(folder, "other", programs);
    await started(other.start());
    const killed = await replica(folder, "killed", programs);
    const first = await started(killed.start());
    const again = first.exited.then(() => started(killed.start()));
    const { Restart: restart } = await runLoad(join(programs.tools, "load"), {
      subscribe: subscribeTo(killed.listen, "bench"),
      publish: publishTo(other.listen, "text/plain"),
      pids: first.pids,
      subscribers,
      settleMs: 0,
      phases: [],
      restart: { events: BEHIND, timeoutSeconds: TIMEOUT_SECONDS },
    });
    if (restart === null)
      throw new Error("Cannot tell how the restart went: the load tool has no report of it");
    const { CaughtUpSeconds: caughtUpSeconds, LiveSeconds: liveSeconds, Refused: refused } = restart;
    const [pid = Number.NaN] = (await again).pids;
    return { caughtUpSeconds, liveSeconds, refused, ...(await readUsage(pid)) };
  } finally {
    for (const server of servers) await server.stop();
  }
}

interface Replica {
  readonly listen: Address;
  start(): Promise<Server>;
}

async function replica(parent: string, name: string, { runtime: bundle }: Programs): Promise<Replica> {
  const folder = join(parent, name);
  await mkdir(folder);
  const listen: Address = { network: "unix", address: join(folder, "runtime.sock") };
  return { listen, start: () => startRuntime({ folder, bundle, listen, config: { backplane: onValkey } }) };
}
