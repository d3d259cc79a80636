/** Gives each node of the plan its certificates, kubeconfigs and folders. */
import { join } from "node:path";
import type { AddressPlan, NodePlan } from "./addresses.ts";
import { buildPrograms } from "./build.ts";
import { cgroupName } from "./cgroups.ts";
import type { ControlPlane } from "./control-plane.ts";
import type { Network } from "./network.ts";
import { type ClusterNode, createNode, type NodePrograms } from "./node.ts";
import { canMountOverlay } from "./overlay.ts";
import { cniPluginFolder } from "./prerequisites.ts";

interface NodesOptions {
  readonly name: string;
  readonly folder: string;
  readonly addresses: AddressPlan;
  readonly network: Network;
  readonly controlPlane: ControlPlane;
}

export async function assembleNodes(options: NodesOptions): Promise<ClusterNode[]> {
  const programs = {
    kube: join(await buildPrograms("kube"), "kube"),
    containerdFolder: await buildPrograms("containerd"),
    kubeRouter: join(await buildPrograms("kube-router"), "kube-router"),
  };
  return Promise.all(options.addresses.nodes.map((node) => assembleNode(options, programs, node)));
}

async function assembleNode(
  options: NodesOptions,
  programs: NodePrograms,
  node: NodePlan,
): Promise<ClusterNode> {
  const { name, folder, addresses, network, controlPlane } = options;
  const { pki } = controlPlane;
  const serving = await pki.issue(`${node.name}-serving`, {
    user: `system:node:${node.name}`,
    groups: ["system:nodes"],
    dnsNames: [node.name],
    ipAddresses: [node.address],
  });
  const nodeFolder = join(folder, node.name);
  return createNode({
    layout: {
      cluster: addresses,
      node,
      folder: nodeFolder,
      cgroupRoot: cgroupName(name, node.name),
      cniPluginFolder: cniPluginFolder(),
      shimPath: join(programs.containerdFolder, "containerd-shim-runc-v2"),
      snapshotter: (await canMountOverlay(folder)) ? "overlayfs" : "native",
      authorityPath: pki.authority.certPath,
      certPath: serving.certPath,
      keyPath: serving.keyPath,
      proxyKubeconfigPath: await controlPlane.kubeconfig("system:kube-proxy"),
    },
    network,
    programs,
    kubeletKubeconfigPath: await controlPlane.kubeconfig(`system:node:${node.name}`, ["system:nodes"]),
    policyKubeconfigPath: await controlPlane.kubeconfig("kube-router"),
    isRegistered: async () =>
      (await controlPlane.kubectl("get", "node", node.name, "--ignore-not-found", "-o", "name")) !== "",
    logFolder: controlPlane.logFolder,
    runFolder: join(folder, "run"),
  });
}
