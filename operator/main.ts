/** The operator's command line. The only file that touches the process. */
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { text } from "node:stream/consumers";
import { type Logger, pino } from "pino";
import { parseCommandLine } from "#operator/cli/command-line.ts";
import { parseOperatorConfig } from "#operator/config.ts";
import { RELEASE_VERSION } from "#operator/install/release.ts";
import { createCluster } from "#operator/kubernetes/client.ts";
import { loadKubeConfig } from "#operator/kubernetes/kube-config.ts";
import { createLeaderElection } from "#operator/kubernetes/leader-election.ts";
import { createLeaseClient } from "#operator/kubernetes/lease.ts";
import { createResourcePaths } from "#operator/kubernetes/resource-paths.ts";
import { loadServiceAccount } from "#operator/kubernetes/service-account.ts";
import { createTransport } from "#operator/kubernetes/transport.ts";
import { createOperatorMetrics } from "#operator/metrics/metrics.ts";
import { startOperator } from "#operator/run.ts";
import { SERVICE_TYPE } from "#operator/service-type.ts";
import { FIELD_MANAGER } from "#operator/sseservice/labels.ts";
import { GROUP } from "#operator/sseservice/spec.ts";

const LEASE_NAME = "sse-operator";

async function main(): Promise<void> {
  const command = parseCommandLine(process.argv.slice(2), process.env);
  if ("problem" in command) {
    complain(command.problem);
    process.exitCode = 2;
  } else if (command.word === "run") await run();
  else {
    // What only these words need stays out of the memory of the operator that runs.
    const { runCommand } = await import("#operator/cli/commands.ts");
    process.exitCode = await runCommand(command, { read, print, complain });
  }
}

async function run(): Promise<void> {
  const config = parseOperatorConfig(process.env);
  const log: Logger = pino({
    level: config.logLevel,
    base: { controller: "sseservice" },
    serializers: { err: pino.stdSerializers.errWithCause },
  });
  const identity = `${config.identity ?? hostname()}_${crypto.randomUUID()}`;
  const paths = createResourcePaths([SERVICE_TYPE]);
  const metrics = createOperatorMetrics();
  const kubeconfig = process.env["KUBECONFIG"];
  const transport = createTransport({
    loadConfig: () =>
      kubeconfig === undefined
        ? loadServiceAccount({ environment: process.env })
        : loadKubeConfig(kubeconfig),
    userAgent: `${FIELD_MANAGER}/${RELEASE_VERSION}`,
    onRequest: (record) => metrics.request(record),
  });
  const cluster = createCluster({
    transport,
    paths,
    fieldManager: FIELD_MANAGER,
    eventSource: { controller: `${GROUP}/${FIELD_MANAGER}`, instance: identity },
    onEventLost: (error) => {
      metrics.eventLost();
      log.warn({ err: error }, "Cannot record an event");
    },
  });
  const operator = await startOperator({ cluster, config, log, metrics });
  const election = createLeaderElection({
    lease: createLeaseClient(transport, paths, { namespace: config.ownNamespace, name: LEASE_NAME }),
    identity,
    onElected: () => {
      log.info({ identity }, "Leading");
      operator.lead().catch((error: unknown) => exit(log, error));
    },
    onLost: (reason) => exit(log, reason),
    onTrouble: (error) => log.warn({ err: error }, "Cannot reach the lease, trying again"),
  });
  election.start();
  log.info({ identity, healthPort: operator.healthPort }, "Started");

  stopOnSignals(log, async () => {
    await operator.stop();
    await election.stop();
    await cluster.close();
  });
}

function stopOnSignals(log: Logger, stop: () => Promise<void>): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      log.info({ signal }, "Stopping");
      stop().then(
        () => process.exit(0),
        (error: unknown) => exit(log, error),
      );
    });
  }
}

/** Another process leads from now on, or nothing can be done any more: the pod's restart is the way on. */
function exit(log: Logger, error: unknown): void {
  log.fatal({ err: error }, "Cannot go on");
  process.exit(1);
}

function read(path: string): Promise<string> {
  return path === "-" ? text(process.stdin) : readFile(path, "utf8");
}

function print(words: string): void {
  process.stdout.write(`${words.trimEnd()}\n`);
}

function complain(words: string): void {
  process.stderr.write(`${words.trimEnd()}\n`);
}

await main().catch((error: unknown) => {
  complain(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
