/** A real Kubernetes on this machine: N nodes as sets of namespaces, and what tests and people do with them. */
import { join } from "node:path";
import { type AddressPlan, planAddresses } from "./addresses.ts";
import { assembleNodes } from "./assemble-nodes.ts";
import { buildPrograms } from "./build.ts";
import { cacheKey, folderContent } from "./cache.ts";
import {
  claimRecord,
  clusterFolder,
  type ClusterRecord,
  currentBootId,
  isStillGood,
  readRecord,
} from "./cluster-record.ts";
import { type ControlPlane, createControlPlane } from "./control-plane.ts";
import { startForward, stopForward } from "./forwards.ts";
import { withLock } from "./lock.ts";
import { createNetwork, type Network } from "./network.ts";
import type { ClusterNode } from "./node.ts";
import { prepare } from "./prepare.ts";
import { freezeProcess, thawProcess } from "./processes.ts";
import { type Progress, silent } from "./progress.ts";
import type { SavedImage } from "./saved-images.ts";
import { clusterLockPath, removeCluster, removeUnlocked } from "./remove-cluster.ts";
import { raise, waitForNodes } from "./raise.ts";

export interface ClusterOptions {
  /** Short, lower case: it names namespaces and control groups. */
  readonly name: string;
  readonly nodes?: number;
  readonly progress?: Progress;
}

export interface Cluster {
  readonly name: string;
  readonly folder: string;
  readonly logFolder: string;
  readonly addresses: AddressPlan;
  readonly controlPlane: ControlPlane;
  readonly nodes: readonly ClusterNode[];
  readonly kubeconfigPath: string;
  kubeconfig(user: string, groups?: readonly string[]): Promise<string>;
  kubectl(...args: readonly string[]): Promise<string>;
  apply(manifest: string): Promise<string>;
  /** Takes images into every node's store; what a node has already costs nothing. */
  importImages(images: readonly SavedImage[]): Promise<void>;
  /** The containers are asked to end, then the node is switched off. */
  stopNode(node: string): Promise<void>;
  /** Everything on the node ends at once. */
  powerCutNode(node: string): Promise<void>;
  /** Brings a stopped or cut node back, and waits until it is Ready by its own word. */
  startNode(node: string): Promise<void>;
  /** The node lives on, and nobody can reach it. */
  cutNode(node: string): Promise<void>;
  reconnectNode(node: string): Promise<void>;
  /** Freezes a process by its name: "etcd", "kube-scheduler", "node1/kubelet", ... */
  pauseProcess(name: string): Promise<void>;
  resumeProcess(name: string): Promise<void>;
  restartApiServer(): Promise<void>;
  /** Runs a command in the node's namespaces and returns what it printed. */
  runOnNode(node: string, ...command: readonly string[]): Promise<string>;
  /** From now on, `port` of this machine's loopback leads to the node port `nodePort`. */
  forward(port: number, nodePort: number): Promise<void>;
  stopForward(port: number): Promise<void>;
  /** Removes the cluster and everything of it. */
  down(): Promise<void>;
}

/** Raises the cluster, or makes whole what a killed command, a crash or a reboot has left of it. */
export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const { name, nodes = 2, progress = silent } = options;
  if (!/^[a-z][a-z0-9]{0,19}$/.test(name))
    throw new Error(`Cannot name a cluster "${name}": a-z and 0-9, at most 20`);
  await prepare(progress);
  return withLock(clusterLockPath(name), async () => {
    const record = await currentRecord(name, nodes);
    const { cluster, network } = await assemble(name, record);
    const title = `start Kubernetes: control plane and ${nodes} node${nodes === 1 ? "" : "s"}`;
    await progress.step(title, cluster.logFolder, () => raise(cluster, network));
    return cluster;
  });
}

/** A cluster that was raised before, as it is now; undefined when there is none of this name. */
export async function openCluster(name: string): Promise<Cluster | undefined> {
  const record = await readRecord(name);
  return record === undefined ? undefined : (await assemble(name, record)).cluster;
}

/** The record of the cluster that may be kept, or of a new one in its place. */
async function currentRecord(name: string, nodeCount: number): Promise<ClusterRecord> {
  const content = { nodeCount, madeBy: await rigVersion(), bootId: await currentBootId() };
  const record = await readRecord(name).catch(() => undefined);
  if (record !== undefined && isStillGood(record, content)) return record;
  await removeUnlocked(name);
  return claimRecord(name, content);
}

/** Changes with anything that a running cluster was made by. */
async function rigVersion(): Promise<string> {
  return cacheKey(await folderContent(import.meta.dirname, (path) => !path.endsWith(".test.ts")));
}

async function assemble(
  name: string,
  record: ClusterRecord,
): Promise<{ readonly cluster: Cluster; readonly network: Network }> {
  const folder = clusterFolder(name);
  const addresses = planAddresses(record.index, record.nodeCount);
  const network = createNetwork(name, record.index, addresses);
  const controlPlane = await createControlPlane({
    name,
    folder,
    kube: join(await buildPrograms("kube"), "kube"),
    bindAddress: "0.0.0.0",
    address: addresses.controlPlaneAddress,
    port: 6443,
    etcdClientPort: 2379,
    etcdPeerPort: 2380,
    serviceCidr: addresses.serviceCidr,
    podCidr: addresses.podCidr,
    serviceAddress: addresses.apiServiceAddress,
    parts: "all",
    enter: ["nsenter", `--net=/run/netns/${network.controlPlane}`],
  });
  const nodes = await assembleNodes({ name, folder, addresses, network, controlPlane });
  return { cluster: operate({ name, folder, addresses, network, controlPlane, nodes }), network };
}

function operate(parts: {
  readonly name: string;
  readonly folder: string;
  readonly addresses: AddressPlan;
  readonly network: Network;
  readonly controlPlane: ControlPlane;
  readonly nodes: readonly ClusterNode[];
}): Cluster {
  const { name, folder, addresses, network, controlPlane, nodes } = parts;
  const nodeNamed = (node: string): ClusterNode => named(nodes, node, "node");
  const processNamed = (process: string): string =>
    named([...controlPlane.processes, ...nodes.flatMap((node) => node.processes)], process, "process")
      .recordPath;
  return {
    name,
    folder,
    logFolder: controlPlane.logFolder,
    addresses,
    controlPlane,
    nodes,
    kubeconfigPath: controlPlane.kubeconfigPath,
    kubeconfig: controlPlane.kubeconfig,
    kubectl: controlPlane.kubectl,
    apply: controlPlane.apply,
    importImages: async (images) => {
      await Promise.all(nodes.map((node) => node.importImages(images)));
    },
    stopNode: (node) => nodeNamed(node).shutDown(),
    powerCutNode: (node) => nodeNamed(node).powerCut(),
    startNode: async (node) => {
      const started = new Date();
      await nodeNamed(node).boot();
      await nodeNamed(node).join();
      await waitForNodes(controlPlane, [nodeNamed(node)], started);
    },
    cutNode: (node) => network.setCable(nodeNamed(node), "down"),
    reconnectNode: (node) => network.setCable(nodeNamed(node), "up"),
    pauseProcess: (process) => freezeProcess(processNamed(process)),
    resumeProcess: (process) => thawProcess(processNamed(process)),
    restartApiServer: controlPlane.restart,
    runOnNode: (node, ...command) => nodeNamed(node).run(...command),
    forward: (port, nodePort) =>
      startForward(
        folder,
        port,
        nodes.map((node) => `${node.address}:${nodePort}`),
      ),
    stopForward: (port) => stopForward(folder, port),
    down: () => removeCluster(name),
  };
}

function named<T extends { readonly name: string }>(things: readonly T[], name: string, kind: string): T {
  const found = things.find((thing) => thing.name === name);
  if (found !== undefined) return found;
  throw new Error(`Cannot find ${kind} "${name}": there are ${things.map((thing) => thing.name).join(", ")}`);
}
