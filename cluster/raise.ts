/** Brings every part of a cluster up, in the order in which one needs the other; what runs well is left alone. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AddressPlan, NodePlan } from "./addresses.ts";
import type { ControlPlane } from "./control-plane.ts";
import { savedImage } from "./images.ts";
import type { Network } from "./network.ts";
import type { ClusterNode } from "./node.ts";
import { isRunning, type ProcessSpec, waitForProcess } from "./processes.ts";
import type { SavedImage } from "./saved-images.ts";
import { until } from "./wait.ts";

interface Parts {
  readonly addresses: AddressPlan;
  readonly controlPlane: ControlPlane;
  readonly nodes: readonly ClusterNode[];
  readonly importImages: (images: readonly SavedImage[]) => Promise<void>;
}

export async function raise(
  { addresses, controlPlane, nodes, importImages }: Parts,
  network: Network,
): Promise<void> {
  const started = new Date();
  const { controlPlaneIsNew } = await network.raise();
  if (controlPlaneIsNew) await controlPlane.stop();
  const health = await Promise.all(nodes.map((node) => node.isHealthy()));
  const down = nodes.filter((_, index) => health[index] === false);
  const images = await Promise.all([savedImage("pause"), savedImage("coredns")]);
  await Promise.all([
    controlPlane.start().then(() => installAddons(controlPlane, addresses)),
    Promise.all(down.map((node) => node.boot())).then(() => importImages(images)),
  ]);
  await forgetPods(controlPlane, down);
  await Promise.all(down.map((node) => node.join()));
  await waitForNodes(controlPlane, down, started);
  await controlPlane.kubectl(
    "rollout",
    "status",
    "--namespace=kube-system",
    "deployment/coredns",
    "--timeout=120s",
  );
  await checkProcesses([...controlPlane.processes, ...nodes.flatMap((node) => node.processes)]);
}

/** Waits until the nodes call themselves Ready: an old word, from before a power cut, does not count. */
export async function waitForNodes(
  controlPlane: ControlPlane,
  nodes: readonly NodePlan[],
  since: Date,
): Promise<void> {
  const isReady = async ({ name }: NodePlan): Promise<boolean> => {
    const [ready, renewed] = await Promise.all([
      read(controlPlane, "node", name, '{.status.conditions[?(@.type=="Ready")].status}'),
      read(controlPlane, "lease", name, "{.spec.renewTime}", "--namespace=kube-node-lease"),
    ]);
    return ready === "True" && Date.parse(renewed) > since.getTime();
  };
  const allReady = async (): Promise<boolean> => (await Promise.all(nodes.map(isReady))).every(Boolean);
  const names = nodes.map((node) => node.name).join(" and ");
  await until(`${names} Ready (logs: ${controlPlane.logFolder})`, allReady, {
    timeoutMs: 180_000,
    intervalMs: 150,
  });
}

/** Some programs end when they find too little to start with; better said now than found by a test. */
async function checkProcesses(specs: readonly ProcessSpec[]): Promise<void> {
  await Promise.all(specs.map((spec) => waitForProcess(spec, () => isRunning(spec.recordPath))));
}

async function read(
  controlPlane: ControlPlane,
  kind: string,
  name: string,
  path: string,
  ...args: readonly string[]
): Promise<string> {
  return controlPlane.kubectl("get", kind, name, "--ignore-not-found", "-o", `jsonpath=${path}`, ...args);
}

/** Pods of a node that has lost everything look alive until its kubelet has looked: their owners replace them now. */
async function forgetPods(controlPlane: ControlPlane, nodes: readonly NodePlan[]): Promise<void> {
  const remove = ["delete", "pods", "--all-namespaces", "--force", "--grace-period=0", "--wait=false"];
  for (const node of nodes)
    await controlPlane.kubectl(...remove, `--field-selector=spec.nodeName=${node.name}`);
}

async function installAddons(controlPlane: ControlPlane, addresses: AddressPlan): Promise<void> {
  const folder = join(import.meta.dirname, "addons");
  const policy = await readFile(join(folder, "network-policy.yaml"), "utf8");
  const dns = await readFile(join(folder, "coredns.yaml"), "utf8");
  await controlPlane.apply(`${policy}---\n${dns.replaceAll("CLUSTER_DNS_ADDRESS", addresses.dnsAddress)}`);
}
