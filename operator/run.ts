/** Wires the operator together and runs it until told to stop: watches at once, the work once it leads. */
import type { Server } from "node:http";
import type { Logger } from "pino";
import type { OperatorConfig } from "#operator/config.ts";
import type { Cluster, ObjectRef } from "#operator/engine/cluster.ts";
import {
  type Controller,
  type ControllerObserver,
  createController,
  joinObservers,
} from "#operator/engine/controller.ts";
import { type HealthChecks, startHealthServer } from "#operator/health.ts";
import { describeHang } from "#operator/liveness.ts";
import { createLogObserver } from "#operator/log-observer.ts";
import { createOperatorMetrics, type OperatorMetrics } from "#operator/metrics/metrics.ts";
import { createMemories } from "#operator/memories.ts";
import { createStatsPoller } from "#operator/pod-stats.ts";
import { createReconciler } from "#operator/reconcile.ts";
import { STAMP_ANNOTATION } from "#operator/sseservice/labels.ts";
import { type Probe, probeHttp2 } from "#operator/verification/probe.ts";
import { createVerifier } from "#operator/verification/verifier.ts";
import { createWatches, type Watches, type WatchesOptions } from "#operator/watches.ts";

const RECONCILE_DEADLINE_MS = 60_000;
const RESYNC_MS = 10 * 60_000;
const STATS_MS = 30_000;

export interface Operator {
  readonly healthPort: number;
  /** Begins to work: called when this process leads. */
  lead(): Promise<void>;
  stop(): Promise<void>;
}

export interface OperatorOptions {
  readonly cluster: Cluster;
  readonly config: OperatorConfig;
  readonly log: Logger;
  /** Is told of every run; logs it by default. */
  readonly observer?: ControllerObserver;
  /** Those that the client of the cluster reports to. */
  readonly metrics?: OperatorMetrics;
  /** Milliseconds after which every service is looked at again, changed or not. */
  readonly resyncMs?: number;
  /** Milliseconds after which the pods are asked again how they are. */
  readonly statsMs?: number;
  /** The time on the wall, by which certificates live; every delay goes by a clock that nobody can set. */
  readonly now?: () => Date;
  /** Opens a service to see that it serves. */
  readonly probe?: Probe;
}

export async function startOperator(options: OperatorOptions): Promise<Operator> {
  const { cluster, config, log, metrics = createOperatorMetrics() } = options;
  const enqueue = (key: string): void => controller.enqueue(key);
  const watches = followCluster(options, { onChildDeleted: (ref) => memories.forget(ref), enqueue });
  const seen = (ref: ObjectRef) => watches.child(ref);
  const memories = createMemories({ cluster, seen, stampAnnotation: STAMP_ANNOTATION });
  const poller = createStatsPoller({ watches, onChange: enqueue, intervalMs: options.statsMs ?? STATS_MS });
  const verifier = createVerifier({
    probe: options.probe ?? probeHttp2,
    onChange: enqueue,
    onVerified: (latencyMs) => metrics.verified(latencyMs),
  });
  const reconcile = createReconciler({
    cluster,
    watches,
    memories,
    installation: { images: config.images, namespace: config.ownNamespace },
    stats: (key) => poller.stats(key),
    verifier,
    now: options.now ?? (() => new Date()),
    observer: metrics.writes,
  });
  const controller = createController({
    reconcile,
    keys: () => watches.keys(),
    observer: joinObservers(options.observer ?? createLogObserver(log), metrics.runs),
    deadlineMs: RECONCILE_DEADLINE_MS,
    resyncMs: options.resyncMs ?? RESYNC_MS,
  });
  metrics.attach({ controller, watches });
  watches.start();
  const health = await startHealthServer(config.metricsPort, { ...checks(controller, watches), metrics });
  return {
    healthPort: portOf(health),
    lead: async () => {
      metrics.lead();
      await watches.whenSynced();
      controller.start();
      for (const each of [poller, verifier]) each.start();
    },
    stop: async () => {
      for (const each of [poller, verifier]) each.stop();
      await controller.stop();
      watches.stop();
      health.close();
    },
  };
}

function followCluster(
  { cluster, config, log }: OperatorOptions,
  receiver: Pick<WatchesOptions, "onChildDeleted" | "enqueue">,
): Watches {
  return createWatches({
    cluster,
    namespace: config.watchNamespace,
    followsNodes: config.followsNodes,
    ...receiver,
    onInterrupted: (kind, error, retryInMs) =>
      log.warn({ kind, err: error, retryInMs: Math.round(retryInMs) }, "A watch was interrupted"),
    onListenerError: (error) => log.error({ err: error }, "Cannot handle a change"),
  });
}

function checks(controller: Controller, watches: Watches): HealthChecks {
  return {
    live: () => describeHang({ ...controller.state(), watches: watches.states() }, RECONCILE_DEADLINE_MS),
    ready: () => (watches.hasSynced() ? undefined : "the first sync of the watches is not finished"),
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}
