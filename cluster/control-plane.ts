/** etcd and the API server, with or without controllers: a control plane that can be stopped, paused, killed and restarted. */
import { join } from "node:path";
import { withFlags } from "./command-line.ts";
import { run } from "./commands.ts";
import {
  apiServerCommand,
  type ControlPlaneLayout,
  controllerManagerCommand,
  etcdCommand,
  schedulerCommand,
} from "./control-plane-flags.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { openPki, type Pki } from "./pki.ts";
import {
  freezeProcess,
  isRunning,
  type ProcessSpec,
  startProcess,
  stopProcess,
  thawProcess,
  waitForProcess,
} from "./processes.ts";

export interface ControlPlaneOptions {
  readonly name: string;
  /** Holds everything of this control plane: certificates, data, logs, process records. */
  readonly folder: string;
  readonly kube: string;
  readonly bindAddress: string;
  readonly address: string;
  readonly port: number;
  readonly etcdClientPort: number;
  readonly etcdPeerPort: number;
  readonly serviceCidr: string;
  readonly podCidr: string;
  /** The API server's address inside the cluster: the first of the Service range. */
  readonly serviceAddress: string;
  /**
   * `api`: etcd and API server. `controllers`: also the controller manager. `all`: also the scheduler, for nodes.
   * `simulated`: the same for nodes that are no more than objects, so that no packet is ever sent to one.
   */
  readonly parts: "api" | "controllers" | "simulated" | "all";
  /** Which requests are in the audit log; by default every write of others than the control plane. */
  readonly auditPolicyPath?: string;
  /** Put before each command: enters a network namespace. */
  readonly enter?: readonly string[];
  readonly diesWithParent?: boolean;
}

export interface ControlPlane {
  readonly url: string;
  /** For a member of system:masters. */
  readonly kubeconfigPath: string;
  readonly auditLogPath: string;
  readonly logFolder: string;
  readonly caPem: string;
  readonly pki: Pki;
  /** Writes a kubeconfig with a client certificate of this user, and returns its path. */
  readonly kubeconfig: (user: string, groups?: readonly string[]) => Promise<string>;
  /** kubectl as system:masters, for whoever runs it in a way of their own. */
  readonly kubectlCommand: readonly string[];
  /** Runs kubectl as system:masters and returns what it printed. */
  readonly kubectl: (...args: readonly string[]) => Promise<string>;
  /** `kubectl apply --server-side` of YAML or JSON text. */
  readonly apply: (manifest: string) => Promise<string>;
  /** Starts what does not run, and waits until the API server is ready. */
  readonly start: () => Promise<void>;
  /** Ends the API server as an upgrade would and starts it again; etcd and the rest go on. */
  readonly restart: () => Promise<void>;
  /** Ends the API server without a word; `start` brings it back. */
  readonly kill: () => Promise<void>;
  /** Ends etcd without a word, and with it every answer of the API server; `start` brings it back, with its data. */
  readonly killEtcd: () => Promise<void>;
  /** Freezes the API server: connections stay open and nobody answers. */
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
  /** Ends all parts; the data stays. */
  readonly stop: () => Promise<void>;
  /** Every part's process, by name. */
  readonly processes: readonly ProcessSpec[];
}

/** Prepares certificates and command lines; nothing runs before `start`. */
export async function createControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { folder, kube } = options;
  const url = `https://${options.address}:${options.port}`;
  const pki = await openPki(join(folder, "pki"));
  const logFolder = join(folder, "log");
  const kubeconfig = async (user: string, groups: readonly string[] = []): Promise<string> => {
    const fileName = `user-${[user, ...groups].join("+").replaceAll(/[^\w.+-]/g, "_")}`;
    const path = join(folder, "kubeconfig", fileName);
    const about = { cluster: options.name, user, url, authorityPem: pki.authorityPem };
    await writeKubeconfig(path, await pki.issue(fileName, { user, groups }), about);
    return path;
  };
  const kubeconfigPath = await kubeconfig("admin", ["system:masters"]);
  const layout = await layOut(options, pki);
  const specs = await planProcesses(options, layout, kubeconfig);
  const { apiServer, etcd, rest } = specs;
  const kubectlCommand = withFlags([kube, "kubectl"], {
    kubeconfig: kubeconfigPath,
    // Its own: ports are used again, and what another server offered is not what this one does.
    "cache-dir": join(folder, "kubectl-cache"),
  });
  const kubectl = (...args: readonly string[]): Promise<string> => run([...kubectlCommand, ...args]);
  const isReady = async (): Promise<boolean> =>
    kubectl("get", "--raw", "/readyz", "--request-timeout=2s").then(
      (text) => text === "ok",
      () => false,
    );
  const ensure = async (spec: ProcessSpec): Promise<void> => {
    if (!(await isRunning(spec.recordPath))) await startProcess(spec);
  };
  const startApiServer = async (): Promise<void> => {
    await ensure(apiServer);
    await waitForProcess(apiServer, isReady);
  };
  return {
    url,
    kubeconfigPath,
    auditLogPath: layout.auditLogPath,
    logFolder,
    caPem: pki.authorityPem,
    pki,
    kubeconfig,
    kubectlCommand,
    kubectl,
    apply: (manifest) => run([...kubectlCommand, "apply", "--server-side", "-f", "-"], { input: manifest }),
    processes: [etcd, apiServer, ...rest],
    start: async () => {
      await ensure(etcd);
      await startApiServer();
      // The controllers end when they find no RBAC rules yet, so they come after the API server is ready.
      await Promise.all(rest.map(ensure));
    },
    restart: async () => {
      await stopProcess(apiServer.recordPath, 10_000);
      await startApiServer();
    },
    kill: () => stopProcess(apiServer.recordPath, 0),
    killEtcd: () => stopProcess(etcd.recordPath, 0),
    pause: () => freezeProcess(apiServer.recordPath),
    resume: async () => {
      await thawProcess(apiServer.recordPath);
      await waitForProcess(apiServer, isReady);
    },
    stop: async () => {
      await Promise.all([apiServer, etcd, ...rest].map((spec) => stopProcess(spec.recordPath, 0)));
    },
  };
}

async function layOut(options: ControlPlaneOptions, pki: Pki): Promise<ControlPlaneLayout> {
  const service = "kubernetes.default.svc.cluster.local";
  const [serverCertificate, kubeletClientCertificate, frontProxyCertificate, serviceAccountKey] =
    await Promise.all([
      pki.issue("kube-apiserver", {
        user: "kube-apiserver",
        dnsNames: ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", service],
        ipAddresses: [...new Set([options.address, options.serviceAddress, "127.0.0.1"])],
      }),
      pki.issue("kubelet-client", { user: "kube-apiserver-kubelet-client", groups: ["system:masters"] }),
      pki.issue("front-proxy", { user: "front-proxy-client" }),
      pki.signingKey("service-account"),
    ]);
  return {
    kube: options.kube,
    etcdDataPath: join(options.folder, "etcd"),
    etcdClientUrl: `http://127.0.0.1:${options.etcdClientPort}`,
    etcdPeerUrl: `http://127.0.0.1:${options.etcdPeerPort}`,
    bindAddress: options.bindAddress,
    address: options.address,
    port: options.port,
    serviceCidr: options.serviceCidr,
    podCidr: options.podCidr,
    auditPolicyPath: options.auditPolicyPath ?? join(import.meta.dirname, "audit-policy.yaml"),
    auditLogPath: join(options.folder, "log", "audit.log"),
    authority: pki.authority,
    serverCertificate,
    kubeletClientCertificate,
    frontProxyCertificate,
    serviceAccountKey,
    hasNodes: options.parts === "all",
  };
}

async function planProcesses(
  options: ControlPlaneOptions,
  layout: ControlPlaneLayout,
  kubeconfig: ControlPlane["kubeconfig"],
): Promise<{
  readonly etcd: ProcessSpec;
  readonly apiServer: ProcessSpec;
  readonly rest: readonly ProcessSpec[];
}> {
  const spec = (name: string, command: readonly string[]): ProcessSpec => ({
    name,
    command: [...(options.enter ?? []), ...command],
    logPath: join(options.folder, "log", `${name}.log`),
    recordPath: join(options.folder, "run", name),
    diesWithParent: options.diesWithParent ?? false,
  });
  const rest: ProcessSpec[] = [];
  if (options.parts !== "api") {
    const path = await kubeconfig("system:kube-controller-manager");
    rest.push(spec("kube-controller-manager", controllerManagerCommand(layout, path)));
  }
  if (options.parts === "all" || options.parts === "simulated") {
    rest.push(spec("kube-scheduler", schedulerCommand(layout, await kubeconfig("system:kube-scheduler"))));
  }
  return {
    etcd: spec("etcd", etcdCommand(layout)),
    apiServer: spec("kube-apiserver", apiServerCommand(layout)),
    rest,
  };
}
