/** One node: a set of namespaces with containerd, kubelet, kube-proxy and the network policy agent running in them. */
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { NodePlan } from "./addresses.ts";
import { createCgroup, removeCgroup } from "./cgroups.ts";
import { withFlags } from "./command-line.ts";
import { run, succeeds } from "./commands.ts";
import { writeWhole } from "./files.ts";
import { createImageStore } from "./image-store.ts";
import type { Network } from "./network.ts";
import {
  cniConfig,
  containerdSocket,
  containerdToml,
  initScript,
  kubeletConfig,
  type NodeLayout,
  proxyConfig,
} from "./node-files.ts";
import {
  isRunning,
  parentOf,
  type ProcessSpec,
  processTree,
  runningPid,
  sendSignal,
  startProcess,
  stopProcess,
  waitForProcess,
} from "./processes.ts";
import type { SavedImage } from "./saved-images.ts";
import { until } from "./wait.ts";

export interface NodePrograms {
  readonly kube: string;
  readonly containerdFolder: string;
  readonly kubeRouter: string;
}

export interface NodeOptions {
  readonly layout: NodeLayout;
  readonly network: Network;
  readonly programs: NodePrograms;
  readonly kubeletKubeconfigPath: string;
  readonly policyKubeconfigPath: string;
  readonly isRegistered: () => Promise<boolean>;
  readonly logFolder: string;
  readonly runFolder: string;
}

export interface ClusterNode extends NodePlan {
  readonly processes: readonly ProcessSpec[];
  isHealthy(): Promise<boolean>;
  /** Namespaces and containerd, ready to take images; whatever ran before has ended. */
  boot(): Promise<void>;
  /** kubelet, kube-proxy and the policy agent; the API server must be ready. */
  join(): Promise<void>;
  /** Runs a command inside the node. */
  run(...command: readonly string[]): Promise<string>;
  /** Takes images into the node's store; what it has already costs nothing. */
  importImages(images: readonly SavedImage[]): Promise<void>;
  /** Everything in it ends at once, without a word to anybody. */
  powerCut(): Promise<void>;
  /** Its containers are asked to end, as by a machine that shuts down; then the power goes off. */
  shutDown(): Promise<void>;
}

export function createNode(options: NodeOptions): ClusterNode {
  const { layout, network } = options;
  const { node, folder } = layout;
  const { init, containerd, kubelet, proxy, policyAgent } = planProcesses(options);
  const processes = [init, containerd, kubelet, proxy, policyAgent];

  const runInside = async (...command: readonly string[]): Promise<string> =>
    run([...(await enter(init)), ...command]);
  const ctr = async (): Promise<string[]> => [
    ...(await enter(init)),
    ...withFlags([join(options.programs.containerdFolder, "ctr")], {
      address: containerdSocket,
      namespace: "k8s.io",
    }),
  ];
  const store = createImageStore(ctr, folder);
  const startInside = async (spec: ProcessSpec): Promise<void> =>
    startProcess({ ...spec, command: [...(await enter(init)), ...spec.command] });
  const powerCut = async (): Promise<void> => {
    await Promise.all(processes.map((spec) => stopProcess(spec.recordPath, 0)));
  };

  return {
    ...node,
    processes,
    isHealthy: async () => {
      const alive = await Promise.all(processes.map((spec) => isRunning(spec.recordPath)));
      return alive.every(Boolean) && network.isNodeWired(node);
    },
    boot: async () => {
      await powerCut();
      await removeCgroup(layout.cgroupRoot);
      await createCgroup(layout.cgroupRoot);
      await network.renewNode(node);
      await writeNodeFiles(layout);
      await startProcess(init);
      await waitForProcess(init, () => Promise.resolve(existsSync(join(folder, "ready"))));
      await startInside(containerd);
      const askVersion = [...(await ctr()), "version"];
      await waitForProcess(containerd, () => succeeds(askVersion));
    },
    join: async () => {
      await Promise.all([startInside(kubelet), startInside(proxy)]);
      // The policy agent ends when it does not find its own node.
      await until(`${node.name} registers`, options.isRegistered, { timeoutMs: 60_000, intervalMs: 100 });
      await startInside(policyAgent);
    },
    run: runInside,
    importImages: (images) => store.import(images),
    powerCut,
    shutDown: async () => {
      await stopProcess(kubelet.recordPath);
      await endContainers(init);
      await powerCut();
    },
  };
}

function planProcesses(options: NodeOptions): {
  readonly init: ProcessSpec;
  readonly containerd: ProcessSpec;
  readonly kubelet: ProcessSpec;
  readonly proxy: ProcessSpec;
  readonly policyAgent: ProcessSpec;
} {
  const { layout, network, programs, logFolder, runFolder } = options;
  const { node, folder } = layout;
  const spec = (name: string, command: readonly string[]): ProcessSpec => ({
    name: `${node.name}/${name}`,
    command,
    logPath: join(logFolder, node.name, `${name}.log`),
    recordPath: join(runFolder, node.name, name),
  });
  const intoNetwork = ["nsenter", `--net=/run/netns/${network.nodeNamespace(node)}`];
  const ownNamespaces = withFlags(["unshare", "--mount", "--pid", "--uts", "--fork", "--mount-proc"], {
    "kill-child": "KILL",
  });
  return {
    init: spec("init", [...intoNetwork, ...ownNamespaces, "sh", join(folder, "init.sh")]),
    containerd: spec(
      "containerd",
      withFlags([join(programs.containerdFolder, "containerd")], { config: join(folder, "containerd.toml") }),
    ),
    kubelet: spec(
      "kubelet",
      withFlags([programs.kube, "kubelet"], {
        config: join(folder, "kubelet.yaml"),
        kubeconfig: options.kubeletKubeconfigPath,
        "root-dir": join(folder, "kubelet"),
        "hostname-override": node.name,
        "node-ip": node.address,
      }),
    ),
    proxy: spec(
      "kube-proxy",
      withFlags([programs.kube, "kube-proxy"], { config: join(folder, "proxy.yaml") }),
    ),
    policyAgent: spec(
      "kube-router",
      withFlags([programs.kubeRouter], {
        "run-firewall": true,
        "run-router": false,
        "run-service-proxy": false,
        kubeconfig: options.policyKubeconfigPath,
        "hostname-override": node.name,
        "service-cluster-ip-range": layout.cluster.serviceCidr,
      }),
    ),
  };
}

async function writeNodeFiles(layout: NodeLayout): Promise<void> {
  const { folder } = layout;
  for (const name of ["cni", "kubelet", "containerd", "pod-logs", "opt"]) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await rm(join(folder, "ready"), { force: true });
  await writeWhole(join(folder, "init.sh"), initScript(layout));
  await writeWhole(join(folder, "containerd.toml"), containerdToml(layout));
  await writeWhole(join(folder, "cni", "10-pods.conflist"), cniConfig(layout));
  await writeWhole(join(folder, "kubelet.yaml"), kubeletConfig(layout));
  await writeWhole(join(folder, "proxy.yaml"), proxyConfig(layout));
  // Names outside the cluster resolve to nothing: there is no way out.
  await writeWhole(join(folder, "resolv.conf"), "nameserver 127.0.0.1\n", 0o644);
}

/** The words before a command that shall run inside the node. */
async function enter(init: ProcessSpec): Promise<string[]> {
  return ["nsenter", "--target", String(await firstPid(init)), "--mount", "--net", "--pid", "--uts", "--"];
}

/** The pid, as the host sees it, of the node's first process: the child of the `unshare` that was started. */
async function firstPid(init: ProcessSpec): Promise<number> {
  const outer = await runningPid(init.recordPath);
  const [, first] = outer === undefined ? [] : await processTree(outer);
  if (first === undefined) throw new Error(`Cannot enter "${init.name}": it is not running`);
  return first;
}

/** Sends SIGTERM to every process in a container, and waits a while for their ends. */
async function endContainers(init: ProcessSpec): Promise<void> {
  const first = await firstPid(init);
  const containerPids = async (): Promise<number[]> => {
    const [, ...descendants] = await processTree(first);
    // Below the first process stand the shims, and below them the containers.
    const shims = await Promise.all(descendants.map(async (pid) => (await parentOf(pid)) === first));
    return descendants.filter((_, index) => shims[index] === false);
  };
  for (const pid of await containerPids()) sendSignal(pid, "SIGTERM");
  await until("the containers end", async () => (await containerPids()).length === 0, {
    timeoutMs: 10_000,
  }).catch(() => undefined);
}
