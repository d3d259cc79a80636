/**
 * The cluster's wires: a bridge in a namespace of its own (the LAN), and a leg from it to the control plane, to each
 * node and to the host. Nothing leads out: no default route, no forwarding, no change to the host's firewall.
 */
import { run, succeeds } from "./commands.ts";
import type { AddressPlan, NodePlan } from "./addresses.ts";
import { sendSignal } from "./processes.ts";
import { until } from "./wait.ts";

export interface Network {
  /** Namespace of the control plane. */
  readonly controlPlane: string;
  /** Makes what is missing; true when the control plane's namespace had to be made anew. */
  raise(): Promise<{ readonly controlPlaneIsNew: boolean }>;
  nodeNamespace(node: NodePlan): string;
  /** A fresh namespace for the node, without a trace of its last life. */
  renewNode(node: NodePlan): Promise<void>;
  isNodeWired(node: NodePlan): Promise<boolean>;
  /** Pulls the node's cable, or plugs it in again. */
  setCable(node: NodePlan, state: "up" | "down"): Promise<void>;
  /** Removes the namespaces and all links in them; what is not there is no fault. */
  removeNamespaces(): Promise<void>;
  /** Removes the host's link and route. */
  removeFromHost(): Promise<void>;
}

const namespacePrefix = "sse-";

export function createNetwork(cluster: string, index: number, plan: AddressPlan): Network {
  const lan = namespaceOf(cluster, "lan");
  const controlPlane = namespaceOf(cluster, "plane");
  const hostLink = `sse${index}`;
  const nodeNamespace = (node: NodePlan): string => namespaceOf(cluster, node.name);

  const removeHostLink = () => succeeds(["ip", "link", "del", hostLink]);

  const raiseLan = async (): Promise<void> => {
    // First of all: from here on no packet for this cluster can leave the machine, whatever is up or down.
    await ip([`route replace unreachable ${plan.range}`]);
    if (await isBridgeUp(lan)) return;
    await removeNamespace(lan);
    // The kernel takes a namespace's links away when it comes to it, and the name is needed now.
    await removeHostLink();
    await ip([`netns add ${lan}`]);
    await ip(["link set lo up", "link add br0 type bridge", "link set br0 up"], lan);
    await ip([
      `link add ${hostLink} type veth peer name host netns ${lan}`,
      `link set ${hostLink} up`,
      `addr add ${plan.hostAddress}/24 dev ${hostLink}`,
    ]);
    await ip(["link set host master br0 up"], lan);
  };

  const addLeg = async (namespace: string, port: string, address: string): Promise<void> => {
    await succeeds(["ip", "-n", lan, "link", "del", port]);
    await endProcessesIn(namespace);
    await removeNamespace(namespace);
    await ip([`netns add ${namespace}`]);
    await ip(
      [
        "link set lo up",
        `link add eth0 type veth peer name ${port} netns ${lan}`,
        "link set eth0 up",
        `addr add ${address}/24 dev eth0`,
        // A Service's address is rewritten on its way out, but the sender needs a route before that.
        `route add ${plan.serviceCidr} dev eth0 src ${address}`,
        ...plan.nodes
          .filter((node) => node.address !== address)
          .map((node) => `route add ${node.podCidr} via ${node.address}`),
      ],
      namespace,
    );
    await ip([`link set ${port} master br0 up`], lan);
  };

  return {
    controlPlane,
    nodeNamespace,
    raise: async () => {
      await raiseLan();
      const controlPlaneIsNew = !(await isWired(lan, controlPlane, "plane"));
      if (controlPlaneIsNew) await addLeg(controlPlane, "plane", plan.controlPlaneAddress);
      return { controlPlaneIsNew };
    },
    renewNode: (node) => addLeg(nodeNamespace(node), node.name, node.address),
    isNodeWired: (node) => isWired(lan, nodeNamespace(node), node.name),
    setCable: (node, state) => ip([`link set ${node.name} ${state}`], lan),
    removeNamespaces: async () => {
      for (const namespace of await namespacesOf(cluster)) await removeNamespace(namespace);
    },
    removeFromHost: async () => {
      await removeHostLink();
      await succeeds(["ip", "route", "del", "unreachable", plan.range]);
    },
  };
}

/** Every namespace of this cluster, also those of a run that was killed. */
export async function namespacesOf(cluster: string): Promise<string[]> {
  const names = (await run(["ip", "netns", "list"])).split("\n").map((line) => line.split(" ")[0] ?? "");
  return names.filter((name) => name.startsWith(namespaceOf(cluster, "")));
}

/** Ends every process in a namespace of ours: they are ours too, whatever became of their records. */
export async function endProcessesIn(namespace: string): Promise<void> {
  const pidsIn = async (): Promise<number[]> => {
    const pids = await run(["ip", "netns", "pids", namespace]).catch(() => "");
    return pids
      .split("\n")
      .filter((line) => line !== "")
      .map(Number);
  };
  for (const pid of await pidsIn()) sendSignal(pid, "SIGKILL");
  await until(`${namespace} is empty`, async () => (await pidsIn()).length === 0, { timeoutMs: 30_000 });
}

/** The IPv4 networks that the host itself has a route to or an address in. */
export async function hostNetworks(): Promise<string[]> {
  const routes: unknown = JSON.parse(await run(["ip", "-4", "-json", "route", "show", "table", "all"]));
  if (!Array.isArray(routes)) return [];
  return routes
    .map((route: unknown) =>
      typeof route === "object" && route !== null && "dst" in route ? String(route.dst) : "default",
    )
    .filter((destination) => destination !== "default");
}

function namespaceOf(cluster: string, part: string): string {
  return `${namespacePrefix}${cluster}-${part}`;
}

async function removeNamespace(namespace: string): Promise<void> {
  await succeeds(["ip", "netns", "del", namespace]);
}

async function isBridgeUp(lan: string): Promise<boolean> {
  return succeeds(["ip", "-n", lan, "link", "show", "host", "master", "br0", "up"]);
}

/** A leg is whole when its port, wired last, hangs on the bridge. */
async function isWired(lan: string, namespace: string, port: string): Promise<boolean> {
  const links = await run(["ip", "-n", lan, "-brief", "link", "show", "master", "br0"]).catch(() => "");
  const isOnBridge = links.split("\n").some((line) => line.startsWith(`${port}@`));
  return isOnBridge && succeeds(["ip", "-n", namespace, "addr", "show", "eth0"]);
}

async function ip(commands: readonly string[], namespace?: string): Promise<void> {
  const within = namespace === undefined ? [] : ["-n", namespace];
  await run(["ip", ...within, "-batch", "-"], { input: `${commands.join("\n")}\n` });
}
