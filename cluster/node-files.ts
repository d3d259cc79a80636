/** The configuration files of one node's programs. Pure. */
import { stringify } from "yaml";
import type { AddressPlan, NodePlan } from "./addresses.ts";

export interface NodeLayout {
  readonly cluster: AddressPlan;
  readonly node: NodePlan;
  /** Holds the node's files, on the host's disk. */
  readonly folder: string;
  readonly cgroupRoot: string;
  readonly cniPluginFolder: string;
  readonly shimPath: string;
  readonly snapshotter: "overlayfs" | "native";
  readonly authorityPath: string;
  readonly certPath: string;
  readonly keyPath: string;
  readonly proxyKubeconfigPath: string;
}

export const containerdSocket = "/run/containerd/containerd.sock";
export const pauseImage = "localhost/pause:1";

/** The node's first process: prepares its namespaces, says so, and then only reaps orphans. Its end is a power cut. */
export function initScript({ node, folder }: NodeLayout): string {
  return `#!/bin/sh
set -e
mount --make-rshared /
hostname ${node.name}
# Fresh every time, as after a boot, and nothing of it is seen on the host.
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/log
mkdir -p /run/containerd /run/cni /run/netns /run/lock
echo 1 > /proc/sys/net/ipv4/ip_forward
# Traffic between two pods of one node passes the rules for Services and network policies too, where the kernel can.
if [ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]; then echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables; fi
: > ${folder}/ready
sleep infinity &
wait
`;
}

export function containerdToml(layout: NodeLayout): string {
  const { folder, snapshotter, shimPath, cniPluginFolder } = layout;
  return `version = 3
root = "${folder}/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.nri.v1.nri"]
[grpc]
address = "${containerdSocket}"
[plugins.'io.containerd.internal.v1.opt']
path = "${folder}/opt"
[plugins.'io.containerd.cri.v1.images']
snapshotter = "${snapshotter}"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "${pauseImage}"
[plugins.'io.containerd.cri.v1.runtime']
# Without CAP_SYS_RESOURCE a process may not make itself less likely to be killed than its parent.
restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ["${cniPluginFolder}"]
conf_dir = "${folder}/cni"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
runtime_path = "${shimPath}"
`;
}

export function cniConfig({ node }: NodeLayout): string {
  return JSON.stringify({
    cniVersion: "1.0.0",
    name: "pods",
    plugins: [
      {
        type: "bridge",
        bridge: "cni0",
        isGateway: true,
        hairpinMode: true,
        ipMasq: false,
        ipam: {
          type: "host-local",
          ranges: [[{ subnet: node.podCidr }]],
          routes: [{ dst: "0.0.0.0/0" }],
          dataDir: "/run/cni",
        },
      },
    ],
  });
}

export function kubeletConfig(layout: NodeLayout): string {
  const { folder } = layout;
  return stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: layout.authorityPath },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: layout.certPath,
    tlsPrivateKeyFile: layout.keyPath,
    clusterDNS: [layout.cluster.dnsAddress],
    clusterDomain: "cluster.local",
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${layout.cgroupRoot}`,
    failCgroupV1: false,
    failSwapOn: false,
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    resolvConf: `${folder}/resolv.conf`,
    podLogsDir: `${folder}/pod-logs`,
    volumePluginDir: `${folder}/volume-plugins`,
    // The disk and the memory are the whole machine's: their being full is no reason to end pods here.
    evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    // A lost node is noticed within the patience of a test.
    nodeStatusUpdateFrequency: "2s",
    nodeLeaseDurationSeconds: 8,
    // A changed Secret reaches its pods within the patience of a test; a minute is the default.
    syncFrequency: "10s",
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
  });
}

export function proxyConfig({ cluster, node, proxyKubeconfigPath }: NodeLayout): string {
  return stringify({
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clientConnection: { kubeconfig: proxyKubeconfigPath },
    hostnameOverride: node.name,
    clusterCIDR: cluster.podCidr,
    mode: "iptables",
    // The connection table belongs to the whole machine: leave its size and times alone.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
  });
}
