/** A real control plane whose nodes are objects only: kwok says of each pod that it runs. */
import { join } from "node:path";
import { buildPrograms } from "#cluster/build.ts";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { withFlags } from "#cluster/command-line.ts";
import { type ProcessSpec, startProcess, stopProcess } from "#cluster/processes.ts";
import { startControlPlane } from "#cluster/start-control-plane.ts";
import { buildInstallManifests } from "#operator/install/manifests.ts";
import { RELEASE } from "#operator/install/release.ts";

const PODS_PER_NODE = 110;
const NODE_ADDRESS = "10.0.0.1";
/** Of the operator's own Deployment nothing runs here: it is started as a process. */
const WITHOUT_PODS = { replicas: 0 };

export interface SimulatedCluster {
  readonly plane: ControlPlane;
  /** Everything that runs for it, by name. */
  readonly processes: readonly ProcessSpec[];
  readonly stop: () => Promise<void>;
}

/** With the operator's rights and definitions installed, and room for this many pods. */
export async function startSimulatedCluster(pods: number): Promise<SimulatedCluster> {
  const kwok = join(await buildPrograms("kwok"), "kwok");
  const plane = await startControlPlane({
    name: "bench",
    simulatesNodes: true,
    controllers: true,
    auditPolicyPath: join(import.meta.dirname, "audit-policy.yaml"),
  });
  const simulator = simulatorOf(plane, kwok);
  const stop = async () => {
    await stopProcess(simulator.recordPath, 0);
    await plane.stop();
  };
  try {
    await startProcess(simulator);
    await plane.apply(asList(buildInstallManifests(RELEASE).map(withoutPods)));
    await plane.kubectl("wait", "--for=condition=Established", "crd/sseservices.sse-operator.dev");
    const count = Math.ceil(pods / PODS_PER_NODE) + 1;
    await plane.apply(asList(Array.from({ length: count }, (_, index) => buildNode(index))));
    await plane.kubectl("wait", "--for=condition=Ready", "nodes", "--all", "--timeout=60s");
    return { plane, processes: [...plane.processes, simulator], stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function simulatorOf({ kubeconfigPath, logFolder }: ControlPlane, kwok: string): ProcessSpec {
  return {
    name: "kwok",
    command: withFlags([kwok], {
      kubeconfig: kubeconfigPath,
      config: join(import.meta.dirname, "stages.yaml"),
      "manage-all-nodes": true,
      "node-ip": NODE_ADDRESS,
      "node-lease-duration-seconds": 40,
    }),
    logPath: join(logFolder, "kwok.log"),
    recordPath: join(logFolder, "..", "run", "kwok"),
    diesWithParent: true,
  };
}

function asList(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

function withoutPods(object: object): object {
  const isDeployment = "kind" in object && object.kind === "Deployment" && "spec" in object;
  return isDeployment ? { ...object, spec: { ...(object.spec as object), ...WITHOUT_PODS } } : object;
}

function buildNode(index: number): object {
  const capacity = { cpu: "64", memory: "256Gi", pods: PODS_PER_NODE };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: `simulated-${index}`, annotations: { "kwok.x-k8s.io/node": "fake" } },
    spec: { podCIDR: `10.244.${index}.0/24` },
    status: { allocatable: capacity, capacity },
  };
}
