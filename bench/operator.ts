/**
 * What the operator costs with many services: the real API server, controllers and scheduler, and nodes that kwok
 * simulates. Writes its section of docs/benchmarks.md; fails when a promise is not kept.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildPrograms } from "#cluster/build.ts";
import { bundle } from "#tools/bundle.ts";
import { createSteps } from "#tools/steps.ts";
import { columns, promises, sizes } from "./operator/figures.ts";
import { measureOperator } from "./operator/measure.ts";
import { inOwnNetwork, ownArguments } from "./operator/own-network.ts";
import { conclude, runBench } from "./report/bench.ts";
import { runRounds } from "./report/rounds.ts";

const IDLE_MS = 40_000;
const ALL = sizes.map(({ name }) => name).join(",");

const ABOUT = `The real API server, controller manager and scheduler; the nodes are objects, and
[kwok](https://kwok.sigs.k8s.io) says of each pod that it runs; one small server answers for all of them, with each
service's own certificate. All services are made at once, with nothing in their spec,
and the operator is the bundle of its image with the rights that it is installed with. Everything shares one machine, so
the times are those of all of Kubernetes, of which the operator is the smaller part.`;

const NOTES = `What they are:

- Requests are counted by the API server's audit log, from the first creation until the operator is quiet: reads, writes
  and events. The watches are not in it, of which there is one for each kind, nor the lease.
- "Until the last is Ready" begins with the first creation. "A service" is that time divided by their number: it stays
  the same when the work grows with the services and no faster.
- Idle lasts ${IDLE_MS / 1000} s, in which every pod is asked for its figures once.
- A restart ends when every service was looked at once; for that, their Secrets are read.`;

async function measureAll(): Promise<number> {
  const { values } = parseArgs({
    args: ownArguments(),
    options: { sizes: { type: "string", default: ALL } },
  });
  const chosen = sizes.filter(({ name }) => values.sizes.split(",").includes(name));
  await runBench("operator", async (folder) => {
    await bundle("operator", folder);
    const program = join(folder, "operator.mjs");
    const rounds = await runRounds(chosen, 1, ({ name }) => measureOperator(program, Number(name), IDLE_MS));
    const bench = {
      name: "operator",
      servers: sizes,
      promises,
      columns,
      about: ABOUT,
      notes: NOTES,
    } as const;
    return conclude(bench, rounds, values.sizes === ALL);
  });
  return Number(process.exitCode ?? 0);
}

// What is not built yet comes from the network, which there is none of in there.
for (const programs of ["kube", "kwok"] as const) await buildPrograms(programs, createSteps());
process.exitCode = await inOwnNetwork(measureAll);
