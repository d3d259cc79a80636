/** What the tests of the real cluster start from: the cluster itself, and clients of the services in it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Cluster, openCluster } from "#cluster/cluster.ts";
import { type H2Client, openH2Client } from "./h2-client.ts";

export const CLUSTER_NAME = "test";

const ROOT = join(import.meta.dirname, "..");

/** Where tests leave what a person wants to look at; not under version control. */
export const ARTIFACTS = join(ROOT, ".artifacts");

export interface World {
  readonly cluster: Cluster;
  applySample(file: string): Promise<void>;
  applyService(name: string, spec: object): Promise<void>;
  waitUntilReady(name: string): Promise<void>;
  /** Deletes the service and waits until its children are gone. */
  removeService(name: string): Promise<void>;
  /** One field by JSONPath; the target is what follows `kubectl get`. */
  read(target: string, path: string): Promise<string>;
  /** The certificate authority of a service, PEM. */
  authority(name: string): Promise<string>;
  /** The token that publishers show. */
  token(name: string): Promise<string>;
  /** The service's URL at each node. */
  urls(name: string): Promise<string[]>;
  /** Ends a process of the first of these pods as a crash would: the one whose command line holds `command`. */
  killContainer(pods: string, command: string): Promise<void>;
  /** A client at the service's own URL. */
  client(name: string): Promise<H2Client>;
}

/** The pods of a service, as `kubectl get` takes them. */
export function podsOf(name: string): string {
  return `pods -l app.kubernetes.io/name=sseservice,app.kubernetes.io/instance=${name}`;
}

/** Opens what the global setup has raised. */
export async function openWorld(): Promise<World> {
  const cluster = await openCluster(CLUSTER_NAME);
  if (!cluster) throw new Error(`Cannot open the cluster "${CLUSTER_NAME}": it was not raised`);
  const kubectl = (...args: string[]) => cluster.kubectl(...args);
  const read = (target: string, path: string) =>
    kubectl("get", ...target.split(" "), "-o", `jsonpath=${path}`);
  const readSecret = async (name: string, key: string) => {
    const value = await read(`secret/${name}`, `{.data.${key.replaceAll(".", "\\.")}}`);
    return Buffer.from(value, "base64").toString("utf8");
  };
  const world: World = {
    cluster,
    read,
    applySample: async (file) => {
      await cluster.apply(await readFile(join(ROOT, "samples", file), "utf8"));
    },
    applyService: async (name, spec) => {
      const metadata = { name, namespace: "default" };
      await cluster.apply(
        JSON.stringify({ apiVersion: "sse-operator.dev/v1alpha1", kind: "SseService", metadata, spec }),
      );
    },
    waitUntilReady: async (name) => {
      await kubectl("wait", "--for=condition=Ready", `sse/${name}`, "--timeout=120s");
    },
    removeService: async (name) => {
      await kubectl("delete", `sse/${name}`, "--cascade=foreground", "--timeout=150s");
    },
    authority: (name) => readSecret(`${name}-tls`, "ca.crt"),
    token: (name) => readSecret(`${name}-publish-token`, "token"),
    urls: async (name) => {
      const port = await read(`service/${name}`, "{.spec.ports[0].nodePort}");
      return cluster.nodes.map(({ address }) => `https://${address}:${port}`);
    },
    killContainer: async (pods, command) => {
      const node = await read(pods, "{.items[0].spec.nodeName}");
      const uid = await read(pods, "{.items[0].metadata.uid}");
      const script = `
        for pid in $(pgrep -f ${command}); do grep -q ${uid} /proc/$pid/cgroup && victim=$pid; done
        kill -9 $victim`;
      await cluster.runOnNode(node, "sh", "-c", script);
    },
    client: async (name) =>
      openH2Client(await read(`sse/${name}`, "{.status.url}"), await world.authority(name)),
  };
  return world;
}
