/** Many SseServices at once, and the moment at which the last of them is Ready. */
import type { ControlPlane } from "#cluster/control-plane.ts";
import { eachAtOnce } from "#operator/engine/at-once.ts";
import type { KubernetesObject } from "#operator/engine/cluster.ts";
import { type ClosableCluster, createCluster } from "#operator/kubernetes/client.ts";
import { loadKubeConfig } from "#operator/kubernetes/kube-config.ts";
import { createResourcePaths } from "#operator/kubernetes/resource-paths.ts";
import { createTransport } from "#operator/kubernetes/transport.ts";
import { GROUP, KIND, PLURAL, VERSION } from "#operator/sseservice/spec.ts";

const TYPE = { apiVersion: `${GROUP}/${VERSION}`, kind: KIND };
const CREATIONS_AT_ONCE = 20;
const PATIENCE_MS = 600_000;

/** Milliseconds from the first creation until all are Ready. */
export async function createServices(plane: ControlPlane, count: number): Promise<number> {
  const cluster = connect(plane);
  const ready = awaitReady(cluster, count);
  const names = Array.from({ length: count }, (_, index) => `service-${String(index).padStart(4, "0")}`);
  const startedMs = performance.now();
  try {
    await eachAtOnce(names, CREATIONS_AT_ONCE, async (name) => {
      await cluster.apply({ ...TYPE, metadata: { name, namespace: "default" } });
    });
    await ready;
    return performance.now() - startedMs;
  } finally {
    await cluster.close();
  }
}

/** As a member of system:masters, whose requests are not counted. */
export function connect({ kubeconfigPath }: ControlPlane): ClosableCluster {
  const loadConfig = () => loadKubeConfig(kubeconfigPath);
  return createCluster({
    transport: createTransport({ loadConfig, userAgent: "bench" }),
    paths: createResourcePaths([{ ...TYPE, plural: PLURAL, namespaced: true }]),
    fieldManager: "bench",
    eventSource: { controller: `${GROUP}/bench`, instance: "bench" },
  });
}

async function awaitReady(cluster: ClosableCluster, count: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const names = new Set<string>();
  const see = (object: KubernetesObject) => {
    if (isReady(object)) names.add(object.metadata.name);
    if (names.size === count) resolve();
  };
  const giveUp = () => reject(new Error(`Cannot wait longer: ${names.size} of ${count} services are Ready`));
  const timer = setTimeout(giveUp, PATIENCE_MS);
  const watch = cluster.watch(TYPE, {
    replaced: (objects) => objects.forEach(see),
    changed: see,
    deleted: () => {},
  });
  await promise.finally(() => {
    clearTimeout(timer);
    watch.stop();
  });
}

function isReady(object: KubernetesObject): boolean {
  const status = object["status"] as { conditions?: { type: string; status: string }[] } | undefined;
  return status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
}
