/**
 * What the operator costs with many services: the real API server, controllers and scheduler, and nodes that kwok
 * simulates. Writes its section of docs/benchmarks.md; fails when a promise is not kept.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildPrograms } from "#cluster/build.ts";
import { bundle } from "#tools/bundle.ts";
import { createSteps } from "#tools/steps.ts";
import { columns, promises, sizeOf, SIZES } from "./operator/figures.ts";
import { measureOperator } from "./operator/measure.ts";
import { inOwnNamespaces, ownArguments } from "./operator/own-namespaces.ts";
import { conclude, runBench } from "./report/bench.ts";
import { runRounds } from "./report/rounds.ts";

const QUIET_SECONDS = 35;

const ABOUT = `The real API server, controller manager and scheduler; the nodes are objects, and
[kwok](https://kwok.sigs.k8s.io) says of each pod that it runs; one small server answers for all of them, with each
service's own certificate. All services are made at once, with nothing in their spec. The operator is the bundle of its
image, started as the image does, with the rights, the credentials and the memory limit of its pod.`;

const NOTES = `What they are:

- Requests are counted by the API server's audit log, from the first creation until the operator is quiet: reads, writes
  and events. The watches are not in it, of which there is one for each kind, nor the lease.
- "Until the last is Ready" begins with the first creation. "A service" is that time divided by their number: it stays
  the same when the work grows with the services and no faster.
- Everything shares the machine, and the CPU times are of the same span: where they add up to all of its cores, the time
  is that of a whole Kubernetes at work, of which the operator is the smaller part. The benchmark's own is what it takes
  to make the services, to wait for them and to answer for the pods.
- Idle lasts ${QUIET_SECONDS} s, in which every pod is asked for its figures once.
- A restart begins with the process and ends when every service was looked at once; for that, their Secrets are read.`;

async function measureAll(): Promise<number> {
  const { values } = parseArgs({
    args: ownArguments(),
    options: {
      /** One size only, for a quick look, which writes no page. */
      services: { type: "string" },
      "quiet-seconds": { type: "string", default: `${QUIET_SECONDS}` },
    },
  });
  const sizes = (values.services === undefined ? SIZES : [values.services]).map(sizeOf);
  const quietMs = Number(values["quiet-seconds"]) * 1000;
  await runBench("operator", async (folder) => {
    await bundle("operator", folder);
    const program = join(folder, "operator.mjs");
    const rounds = await runRounds(sizes, 1, ({ name }) =>
      measureOperator(program, { services: Number(name), quietMs }),
    );
    const bench = {
      name: "operator",
      servers: sizes,
      promises,
      columns,
      areFiguresRows: true,
      about: ABOUT,
      notes: NOTES,
    } as const;
    return conclude(bench, rounds, values.services === undefined);
  });
  return Number(process.exitCode ?? 0);
}

// What is not built yet comes from the network, which there is none of in there.
for (const programs of ["kube", "kwok"] as const) await buildPrograms(programs, createSteps());
process.exitCode = await inOwnNamespaces(measureAll);
