/** Runs the operator as an installation on a real API server would: its account's rights, its Deployment's environment. */
import type { V1Deployment, V1EnvVar } from "@kubernetes/client-node";
import { pino } from "pino";
import type { ControlPlane } from "#cluster/control-plane.ts";
import type { Cluster, DesiredObject } from "#operator/engine/cluster.ts";
import { parseOperatorConfig } from "#operator/config.ts";
import { createCluster } from "#operator/kubernetes/client.ts";
import { loadKubeConfig } from "#operator/kubernetes/kube-config.ts";
import { createResourcePaths } from "#operator/kubernetes/resource-paths.ts";
import { createTransport } from "#operator/kubernetes/transport.ts";
import { type OperatorOptions, startOperator } from "#operator/run.ts";
import { SERVICE_TYPE } from "#operator/service-type.ts";
import { FIELD_MANAGER } from "#operator/sseservice/labels.ts";
import { GROUP } from "#operator/sseservice/spec.ts";

export interface InstalledOperator {
  /** What was sent to be applied last, by `Kind/name`. */
  readonly applied: ReadonlyMap<string, DesiredObject>;
  stop(): Promise<void>;
}

type Overrides = Omit<Partial<OperatorOptions>, "cluster" | "config" | "log"> & {
  /** A change of the kubeconfig before it is used: how the API server is reached. */
  readonly through?: (kubeconfigPath: string) => Promise<string>;
  readonly pingIntervalMs?: number;
};

/** Leads at once; it ends with `stop`. */
export async function runInstalledOperator(
  plane: ControlPlane,
  namespace: string,
  { through = (path) => Promise.resolve(path), pingIntervalMs, ...overrides }: Overrides = {},
): Promise<InstalledOperator> {
  const deployment = JSON.parse(
    await plane.kubectl("get", "deployment/sse-operator", "--namespace", namespace, "-o", "json"),
  ) as V1Deployment;
  const pod = deployment.spec?.template.spec;
  const environment = resolve(pod?.containers[0]?.env ?? [], namespace);
  const account = `system:serviceaccount:${namespace}:${pod?.serviceAccountName}`;
  const groups = ["system:serviceaccounts", "system:authenticated"];
  const kubeconfig = await through(await plane.kubeconfig(account, groups));
  const cluster = createCluster({
    transport: createTransport({
      loadConfig: () => loadKubeConfig(kubeconfig),
      userAgent: FIELD_MANAGER,
      ...(pingIntervalMs !== undefined && { pingIntervalMs }),
    }),
    paths: createResourcePaths([SERVICE_TYPE]),
    fieldManager: FIELD_MANAGER,
    eventSource: { controller: `${GROUP}/${FIELD_MANAGER}`, instance: "test" },
  });
  const applied = new Map<string, DesiredObject>();
  const operator = await startOperator({
    cluster: recordApplies(cluster, applied),
    config: { ...parseOperatorConfig(environment), metricsPort: 0 },
    log: pino({ level: "silent" }),
    ...overrides,
  });
  await operator.lead();
  return {
    applied,
    stop: async () => {
      await operator.stop();
      await cluster.close();
    },
  };
}

function recordApplies(cluster: Cluster, applied: Map<string, DesiredObject>): Cluster {
  return {
    get: (ref, options) => cluster.get(ref, options),
    list: (query, options) => cluster.list(query, options),
    apply: (object, options) => {
      applied.set(`${object.kind}/${object.metadata.name}`, object);
      return cluster.apply(object, options);
    },
    applyStatus: (object, options) => cluster.applyStatus(object, options),
    delete: (ref, options) => cluster.delete(ref, options),
    watch: (query, sink) => cluster.watch(query, sink),
    recordEvent: (event) => cluster.recordEvent(event),
  };
}

/** Plays the kubelet, which fills in what only the pod's place tells. */
function resolve(env: readonly V1EnvVar[], namespace: string): Record<string, string> {
  const fields: Readonly<Record<string, string>> = {
    "metadata.namespace": namespace,
    "metadata.name": "sse-operator-0",
  };
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => [
      name,
      value ?? fields[valueFrom?.fieldRef?.fieldPath ?? ""] ?? "",
    ]),
  );
}
