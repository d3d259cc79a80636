/** Puts a pod's parts together from its configuration: backplane, hub, servers; starts them and drains them. */
import type { Server } from "node:http";
import type { Logger } from "pino";
import { createBackplane } from "./create-backplane.ts";
import { Hub, type HubOptions } from "./broker/hub.ts";
import { ReadLag } from "./broker/read-lag.ts";
import { waitUntilRefused } from "./wait-until-refused.ts";
import { createGuards } from "./create-guards.ts";
import { createCors, withCors } from "./http/cors.ts";
import { managementRoutes } from "./http/management.ts";
import { createMetrics } from "./http/metrics.ts";
import { loadPage } from "./http/page.ts";
import { createPublish, createPublishHandler, PUBLISH_PATH } from "./http/publish.ts";
import { createRouter, type Routes } from "./http/router.ts";
import {
  closeServer,
  createManagementServer,
  createPublicServer,
  listen,
  type PublicServer,
} from "./http/server.ts";
import { openServedCertificates } from "./http/served-certificates.ts";
import { createStreamEndpoint, STREAM_PATH } from "./http/subscribe.ts";
import { pause } from "./pause.ts";
import { nodeScheduler } from "./scheduler.ts";
import type { RuntimeConfig } from "./config.ts";

export interface Environment {
  readonly pod: string;
  readonly pageDirectory: URL;
  readonly log: Logger;
}

export interface Runtime {
  /** Until then streams are told to come back, and `/readyz` is 503. */
  readonly ready: Promise<void>;
  /** Where it listens, after port 0 has become a real one. */
  readonly address: ReturnType<Server["address"]>;
  readonly managementAddress: ReturnType<Server["address"]>;
  /** Ends the streams as configured, then everything else; the signal cuts the waiting short. */
  drain(signal: AbortSignal): Promise<void>;
}

export async function startRuntime(config: RuntimeConfig, environment: Environment): Promise<Runtime> {
  const { log, pod } = environment;
  const lag = new ReadLag(nodeScheduler);
  const backplane = lag.measure(createBackplane(config, historyLimits(config), log));
  const hub = new Hub(backplane, nodeScheduler, hubOptions(config, pod));
  const metrics = createMetrics({ hub, backplane, lag, scheduler: nodeScheduler });
  const onError = (error: unknown): void => log.error({ err: error }, "a request failed");

  const cors = createCors(config.access.corsOrigins);
  const guards = await createGuards(config.access, cors, log);
  const maxTopics = config.limits.maxTopicsPerStream;
  const certificates = await openCertificates(config, log);
  const streams = createStreamEndpoint({ hub, maxTopics, guard: guards.subscribe, cors, certificates });
  const publish = createPublish({ guard: guards.publish, limits: config.limits, append: metrics.append });
  const routes: Routes = {
    ...(config.page === "Enabled" ? await loadPage(environment.pageDirectory) : {}),
    [STREAM_PATH]: { GET: streams.get, HEAD: streams.head },
    [PUBLISH_PATH]: { POST: createPublishHandler(publish) },
  };
  const handler = withCors(createRouter(routes, onError), cors);
  const lane = { path: PUBLISH_PATH, publish, cors };
  const publicServer = createPublicServer({ handler, streams, lane, onError });
  const management = managementRoutes({ pod, hub, backplane, metrics });
  const managementServer = createManagementServer(createRouter(management, onError));

  await listen(managementServer, config.management);
  await listen(publicServer.server, config.listen);
  return {
    ready: hub.start(),
    address: publicServer.server.address(),
    managementAddress: managementServer.address(),
    drain: (signal) => drain({ config, hub, publicServer, managementServer, log }, signal),
  };
}

interface Parts {
  readonly config: RuntimeConfig;
  readonly hub: Hub;
  readonly publicServer: PublicServer;
  readonly managementServer: Server;
  readonly log: Logger;
}

const LAST_BYTES_MS = 1_000;

/**
 * Behind a sidecar the pod serves on until the sidecar has stopped taking connections; only then are streams ended, or
 * their clients would come straight back to this pod. Publishing works until the end.
 */
async function drain(
  { config, hub, publicServer, managementServer, log }: Parts,
  signal: AbortSignal,
): Promise<void> {
  const { proxyPort, timeoutSeconds } = config.drain;
  signal.addEventListener("abort", () => void hub.drain(0), { once: true });
  if (proxyPort !== undefined) {
    log.info({ proxyPort }, "draining: waiting for the sidecar to stop taking connections");
    await waitUntilRefused(proxyPort, signal);
  }
  log.info({ connections: hub.stats().connections, timeoutSeconds }, "draining: ending the streams");
  await hub.drain(signal.aborted ? 0 : timeoutSeconds * 1_000);
  await pause(LAST_BYTES_MS, signal);
  await hub.close();
  publicServer.close();
  closeServer(managementServer);
  log.info("drained");
}

async function openCertificates({ certificateFile }: RuntimeConfig, log: Logger) {
  if (certificateFile === undefined) return undefined;
  const tell = (error: unknown) => log.warn({ err: error, certificateFile }, "cannot read the certificate");
  return openServedCertificates(certificateFile, tell);
}

function hubOptions(config: RuntimeConfig, pod: string): HubOptions {
  return {
    pod,
    history: historyLimits(config),
    heartbeatSeconds: config.stream.heartbeatSeconds,
    retryMs: config.stream.retryMilliseconds,
    maxLifetimeMs: config.stream.maxLifetimeSeconds * 1_000,
    maxConnections: config.limits.maxConnections,
    maxBufferedBytes: config.limits.maxBufferedBytesPerSubscriber,
  };
}

function historyLimits({ history }: RuntimeConfig): HubOptions["history"] {
  return {
    maxEvents: history.maxEvents,
    maxAgeMs: history.maxAgeSeconds * 1_000,
    maxBytes: history.maxBytes,
  };
}
