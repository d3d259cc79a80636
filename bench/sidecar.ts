/** How much memory nginx needs for a stream, with the nginx.conf that the operator writes. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bytesPerSubscriber } from "./load/figures.ts";
import { runLoad } from "./load/load.ts";
import { conclude, runBench } from "./report/bench.ts";
import { sizeOptions } from "./report/options.ts";
import { runRounds } from "./report/rounds.ts";
import { publishTo } from "./servers/our-runtime.ts";
import { startPod } from "./servers/pod.ts";
import { makePrograms, type Programs } from "./servers/programs.ts";
import { prepareSidecar, sidecarAddress } from "./servers/sidecar.ts";
import { columns, notes, promises, sharings, type Sharing } from "./sidecar/figures.ts";

const FULL = 5_000;

const { values } = parseArgs({ options: sizeOptions(FULL) });
const subscribers = Number(values.subscribers);

await runBench("sidecar", async (folder, progress) => {
  const programs = await makePrograms(folder, progress);
  await progress.step("get nginx (once, then cached)", undefined, prepareSidecar);
  const rounds = await runRounds(sharings, Number(values.rounds), (sharing, round) =>
    measure(sharing, join(folder, `${round}-${sharing.name}`), programs),
  );
  const about = `${subscribers} streams. ${rounds.length} rounds.`;
  const bench = { name: "sidecar", servers: sharings, promises, columns, about, notes } as const;
  return conclude(bench, rounds, subscribers === FULL);
});

async function measure(sharing: Sharing, folder: string, programs: Programs) {
  await mkdir(folder);
  const { nginx, runtime } = await startPod(folder, programs);
  try {
    const { streamsPerConnection } = sharing;
    const report = await runLoad(join(programs.tools, "load"), {
      subscribe: { ...sidecarAddress, path: "/status?topic=bench", streamsPerConnection },
      publish: { ...publishTo(sidecarAddress, "text/plain"), tls: true },
      pids: nginx.pids,
      subscribers,
      settleMs: 500,
      phases: [],
    });
    return { bytesPerStream: bytesPerSubscriber(report, subscribers) };
  } finally {
    await nginx.stop();
    await runtime.stop();
  }
}
