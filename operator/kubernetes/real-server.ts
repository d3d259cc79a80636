/** A real API server and the operator's own client against it. For tests only. */
import { readFile } from "node:fs/promises";
import { startControlPlane } from "#cluster/start-control-plane.ts";
import type { ControlPlane } from "#cluster/control-plane.ts";
import type { DesiredObject } from "#operator/engine/cluster.ts";
import { createCluster, type ClosableCluster } from "./client.ts";
import { loadKubeConfig } from "./kube-config.ts";
import { createResourcePaths, type ResourceType } from "./resource-paths.ts";
import { createTransport, type Transport } from "./transport.ts";

export const FIELD_MANAGER = "test-operator";
const USER_AGENT = "test-operator/0.0.0";
const PATHS = createResourcePaths();

export type RealServer = {
  plane: ControlPlane;
  transport: Transport;
  cluster: ClosableCluster;
  /** Another client, e.g. for another user or more kinds. */
  connect(options?: { kubeconfigPath?: string; types?: readonly ResourceType[] }): ClosableCluster;
  /** Our own writes so far, as the API server saw them. */
  writes(): Promise<Write[]>;
  stop(): Promise<void>;
};

export type Write = { verb: string; uri: string; resource: string; name: string; code: number };

export async function startRealServer(name: string, controllers = false): Promise<RealServer> {
  const plane = await startControlPlane({ name, controllers });
  const open: ClosableCluster[] = [];

  const newTransport = (kubeconfigPath = plane.kubeconfigPath) =>
    createTransport({ loadConfig: () => loadKubeConfig(kubeconfigPath), userAgent: USER_AGENT });

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
    connect: ({ kubeconfigPath, types } = {}) => connectWith(newTransport(kubeconfigPath), types),
    writes: async () => {
      const lines = (await readFile(plane.auditLogPath, "utf8")).split("\n").filter((line) => line !== "");
      return lines.map(parseAuditLine).flatMap((line) => (line.userAgent === USER_AGENT ? [line.write] : []));
    },
    stop: async () => {
      await Promise.all(open.map((cluster) => cluster.close()));
      await plane.stop();
    },
  };
}

export { PATHS };

export function configMap(name: string, data: Record<string, string>, namespace = "default"): DesiredObject {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data };
  return object;
}

function parseAuditLine(line: string): { userAgent: string; write: Write } {
  const { userAgent, verb, requestURI, objectRef, responseStatus } = JSON.parse(line);
  const { resource, subresource, name } = objectRef ?? {};
  const write = {
    verb,
    uri: requestURI,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    name,
    code: responseStatus?.code,
  };
  return { userAgent, write };
}
