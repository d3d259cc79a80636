/** A real API server and the operator's own client against it. For tests only. */
import { readFile, writeFile } from "node:fs/promises";
import { type AuditedCall, isWrite, readAuditLog } from "#cluster/audit-log.ts";
import { startControlPlane } from "#cluster/start-control-plane.ts";
import type { ControlPlane } from "#cluster/control-plane.ts";
import type { DesiredObject } from "#operator/engine/cluster.ts";
import { createCluster, type ClosableCluster } from "./client.ts";
import { loadKubeConfig } from "./kube-config.ts";
import { createResourcePaths, type ResourceType } from "./resource-paths.ts";
import { startTcpRelay, type TcpRelay } from "./tcp-relay.ts";
import { createTransport, type Transport } from "./transport.ts";

export const FIELD_MANAGER = "test-operator";
const USER_AGENT = "test-operator/0.0.0";

type ConnectOptions = { kubeconfigPath?: string; types?: readonly ResourceType[]; pingIntervalMs?: number };

export type RealServer = {
  plane: ControlPlane;
  transport: Transport;
  cluster: ClosableCluster;
  /** Another client on a connection of its own, e.g. for another user or more kinds. */
  connect(options?: ConnectOptions): ClosableCluster;
  /** Another client that reaches the server over a network that can be cut. */
  connectOverRelay(): Promise<{ cluster: ClosableCluster; relay: TcpRelay }>;
  /** Our own writes so far, as the API server saw them. */
  writes(): Promise<AuditedCall[]>;
  stop(): Promise<void>;
};

export async function startRealServer(name: string, controllers = false): Promise<RealServer> {
  const plane = await startControlPlane({ name, controllers });
  const open: ClosableCluster[] = [];

  const newTransport = ({ kubeconfigPath = plane.kubeconfigPath, pingIntervalMs }: ConnectOptions = {}) =>
    createTransport({
      loadConfig: () => loadKubeConfig(kubeconfigPath),
      userAgent: USER_AGENT,
      ...(pingIntervalMs !== undefined && { pingIntervalMs }),
    });

  function connectWith(transport: Transport, types: readonly ResourceType[] = []): ClosableCluster {
    const cluster = createCluster({
      transport,
      paths: createResourcePaths(types),
      fieldManager: FIELD_MANAGER,
      eventSource: { controller: "example.dev/test-operator", instance: "test-0" },
    });
    open.push(cluster);
    return cluster;
  }

  const transport = newTransport();
  return {
    plane,
    transport,
    cluster: connectWith(transport),
    connect: (options) => connectWith(newTransport(options), options?.types),
    connectOverRelay: async () => {
      const relay = await startTcpRelay(new URL(plane.url));
      const kubeconfigPath = `${plane.kubeconfigPath}-${new URL(relay.url).port}`;
      const kubeconfig = await readFile(plane.kubeconfigPath, "utf8");
      await writeFile(kubeconfigPath, kubeconfig.replaceAll(plane.url, relay.url));
      return { cluster: connectWith(newTransport({ kubeconfigPath })), relay };
    },
    writes: async () => {
      const calls = await readAuditLog(plane.auditLogPath);
      return calls.filter((call) => call.userAgent === USER_AGENT && isWrite(call));
    },
    stop: async () => {
      await Promise.all(open.map((cluster) => cluster.close()));
      await plane.stop();
    },
  };
}

export function configMap(name: string, data: Record<string, string>, namespace = "default"): DesiredObject {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data };
  return object;
}
