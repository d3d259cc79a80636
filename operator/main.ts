/** The operator's command line: `run`, `crd` and `install`. The only file that touches the process. */
import { hostname } from "node:os";
import { parseArgs } from "node:util";
import { type Logger, pino } from "pino";
import { parseOperatorConfig } from "#operator/config.ts";
import { buildInstallManifests } from "#operator/install/manifests.ts";
import { namespacedOptions } from "#operator/install/options.ts";
import { RELEASE, RELEASE_VERSION } from "#operator/install/release.ts";
import { toYaml } from "#operator/install/yaml.ts";
import { createCluster } from "#operator/kubernetes/client.ts";
import { loadKubeConfig } from "#operator/kubernetes/kube-config.ts";
import { createLeaderElection } from "#operator/kubernetes/leader-election.ts";
import { createLeaseClient } from "#operator/kubernetes/lease.ts";
import { createResourcePaths } from "#operator/kubernetes/resource-paths.ts";
import { createTransport } from "#operator/kubernetes/transport.ts";
import { createOperatorMetrics } from "#operator/metrics/metrics.ts";
import { startOperator } from "#operator/run.ts";
import { buildCrd } from "#operator/sseservice/crd.ts";
import { FIELD_MANAGER } from "#operator/sseservice/labels.ts";
import { GROUP, KIND, PLURAL, VERSION } from "#operator/sseservice/spec.ts";

const HELP = `Usage: sse-operator COMMAND

  run                     follow every SseService of the cluster and make it so
  crd                     print the CustomResourceDefinition
  install [--namespace N] print everything that "kubectl apply -f -" needs to install the operator; with N, in that
                          namespace and for it alone

"run" reads the environment: SSE_RUNTIME_IMAGE, SSE_NGINX_IMAGE and SSE_VALKEY_IMAGE (required), WATCH_NAMESPACE,
FOLLOW_NODES, POD_NAMESPACE, POD_NAME, METRICS_PORT, LOG_LEVEL, and KUBECONFIG when it runs outside the cluster.`;

const LEASE_NAME = "sse-operator";

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { namespace: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  const [command = "", ...rest] = positionals;
  if (values.help || command === "help") return print(HELP);
  if (rest.length > 0)
    return fail(`Cannot read "${rest.join(" ")}": no further words are expected after ${command}`);
  switch (command) {
    case "run":
      return run();
    case "crd":
      return print(toYaml([buildCrd()]));
    case "install":
      return print(
        toYaml(
          buildInstallManifests(
            values.namespace === undefined ? RELEASE : namespacedOptions(RELEASE, values.namespace, false),
          ),
        ),
      );
    default:
      return fail(`Cannot run "${command}": the commands are run, crd and install\n\n${HELP}`);
  }
}

async function run(): Promise<void> {
  const config = parseOperatorConfig(process.env);
  const log: Logger = pino({ level: config.logLevel, base: { controller: "sseservice" } });
  const identity = `${config.identity ?? hostname()}_${crypto.randomUUID()}`;
  const paths = createResourcePaths([
    { apiVersion: `${GROUP}/${VERSION}`, kind: KIND, plural: PLURAL, namespaced: true },
  ]);
  const metrics = createOperatorMetrics();
  const transport = createTransport({
    loadConfig: () => loadKubeConfig(process.env["KUBECONFIG"]),
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

function print(text: string): void {
  process.stdout.write(`${text.trimEnd()}\n`);
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 2;
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
