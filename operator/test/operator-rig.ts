/** The operator against a real API server, with the rights that it is installed with; no nodes, so no pods. For tests only. */
import { readFile, writeFile } from "node:fs/promises";
import { expect } from "vitest";
import { type AuditedCall, isWrite, readAuditLog } from "#cluster/audit-log.ts";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { startControlPlane } from "#cluster/start-control-plane.ts";
import { startTcpRelay, type TcpRelay } from "#operator/kubernetes/tcp-relay.ts";
import type { OperatorOptions } from "#operator/run.ts";
import { runInstalledOperator } from "./installed-operator.ts";
import { installProduct, OPERATOR_ACCOUNT } from "./product.ts";

const NAME = "sse-operator";
const API_VERSION = "sse-operator.dev/v1alpha1";
const NODE = "node1";
const DAY_MS = 24 * 3_600_000;

export interface OperatorRig {
  readonly plane: ControlPlane;
  /** Between the operator and the API server. */
  readonly relay: TcpRelay;
  /** Another operator in the first one's place, which knows nothing of what that one did. */
  restartOperator(): Promise<void>;
  apply(spec: object, name?: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** The one node, Ready at this address. */
  putNode(address: string): Promise<void>;
  /** Plays the Deployment's controller, and waits until the operator has seen it. */
  settle(name?: string): Promise<void>;
  /** Resolves when the operator has finished this many more runs. */
  nextRuns(count: number): Promise<void>;
  /** Resolves when runs write nothing any more: also what is sent beside them, such as events, has come through. */
  rest(): Promise<void>;
  /** Waits until the field reads so; `kubectl wait` can't compare values with an equals sign in them. */
  waitFor(target: string, path: string, value: string): Promise<void>;
  get(target: string, path: string): Promise<string>;
  patch(target: string, patch: object, ...flags: string[]): Promise<void>;
  /** Every request that the operator has sent so far. */
  calls(): Promise<AuditedCall[]>;
  writes(): Promise<AuditedCall[]>;
  stop(): Promise<void>;
}

type Overrides = Partial<Pick<OperatorOptions, "resyncMs" | "now">> & {
  readonly controllers?: boolean;
  readonly pingIntervalMs?: number;
};

/** With an operator that leads, one node, and no SseService yet. */
export async function startOperatorRig(name: string, overrides: Overrides = {}): Promise<OperatorRig> {
  const { controllers = false, ...options } = overrides;
  const plane = await startControlPlane({ name, controllers });
  await installProduct(plane);
  const relay = await startTcpRelay(new URL(plane.url));
  const runs = countRuns();
  const start = () =>
    runInstalledOperator(plane, NAME, {
      ...options,
      observer: { finished: runs.count },
      // No pod runs here to be asked, or to be opened; e2e/ has real ones. A count of theirs is a write of its own.
      statsMs: DAY_MS,
      probe: async () => ({ kind: "verified", finding: "Open", latencyMs: 1, fingerprint: "" }),
      through: (path) => through(path, relay, plane.url),
    });

  const get = (target: string, path: string) =>
    plane.kubectl("get", ...target.split(" "), "-o", `jsonpath=${path}`);
  const patch = async (target: string, content: object, ...flags: string[]) => {
    await plane.kubectl(
      "patch",
      ...target.split(" "),
      "--type=merge",
      "-p",
      JSON.stringify(content),
      ...flags,
    );
  };
  const calls = async () =>
    (await readAuditLog(plane.auditLogPath)).filter(({ user }) => user === OPERATOR_ACCOUNT);
  const putNode = async (address: string) => {
    await plane.apply(JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name: NODE } }));
    await patch(`node ${NODE}`, { status: nodeStatus(address) }, "--subresource=status");
  };
  const countWrites = async () => (await calls()).filter(isWrite).length;
  await putNode("192.0.2.1");
  let running = await start();
  return {
    plane,
    relay,
    get,
    patch,
    putNode,
    calls,
    writes: async () => (await calls()).filter(isWrite),
    nextRuns: runs.next,
    rest: async () => {
      let before = -1;
      for (let count = await countWrites(); count !== before; count = await countWrites()) {
        before = count;
        await runs.next(3);
      }
    },
    restartOperator: async () => {
      await running.stop();
      running = await start();
    },
    apply: async (spec, service = "demo") => {
      const metadata = { name: service, namespace: "default" };
      await plane.apply(JSON.stringify({ apiVersion: API_VERSION, kind: "SseService", metadata, spec }));
    },
    remove: async (service) => {
      await plane.kubectl("delete", `sse/${service}`, "--timeout=30s");
    },
    settle: async (service = "demo") => {
      await plane.kubectl("wait", "--for=create", `deployment/${service}`, "--timeout=20s");
      const wanted = await get(`deployment/${service}`, "{.metadata.generation} {.spec.replicas}");
      await patch(`deployment/${service}`, { status: rolledOut(wanted) }, "--subresource=status");
      await plane.kubectl("wait", "--for=condition=Ready", `sse/${service}`, "--timeout=20s");
    },
    waitFor: async (target, path, value) => {
      await expect.poll(() => get(target, path)).toBe(value);
    },
    stop: async () => {
      await running.stop();
      await relay.cut();
      await plane.stop();
    },
  };
}

async function through(kubeconfigPath: string, relay: TcpRelay, url: string): Promise<string> {
  const path = `${kubeconfigPath}-through-relay`;
  await writeFile(path, (await readFile(kubeconfigPath, "utf8")).replaceAll(url, relay.url));
  return path;
}

function countRuns(): { readonly count: () => void; readonly next: (more: number) => Promise<void> } {
  let finished = 0;
  const waiting = new Set<{ until: number; resolve: () => void }>();
  return {
    count: () => {
      finished += 1;
      for (const each of waiting) if (finished >= each.until && waiting.delete(each)) each.resolve();
    },
    next: (more) => new Promise((resolve) => waiting.add({ until: finished + more, resolve })),
  };
}

function nodeStatus(address: string): object {
  return {
    addresses: [{ type: "InternalIP", address }],
    conditions: [{ type: "Ready", status: "True", reason: "Test", message: "ready" }],
  };
}

/** What a Deployment says when all its pods are as wanted: "generation replicas" of the wish. */
function rolledOut(wanted: string): object {
  const [observedGeneration = 0, replicas = 1] = wanted.split(" ").map(Number);
  return {
    observedGeneration,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
  };
}
