/** What others do to the operator: a real API server, etcd and network that fail, and people and programs in its way. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isWrite } from "#cluster/audit-log.ts";
import { createCluster } from "#operator/kubernetes/client.ts";
import { loadKubeConfig } from "#operator/kubernetes/kube-config.ts";
import { createResourcePaths } from "#operator/kubernetes/resource-paths.ts";
import { createTransport } from "#operator/kubernetes/transport.ts";
import { type OperatorRig, startOperatorRig } from "./operator-rig.ts";

let rig: OperatorRig;

beforeAll(async () => {
  rig = await startOperatorRig("faults", { resyncMs: 2_000 });
  await rig.apply({});
  await rig.settle();
});

afterAll(() => rig?.stop());

/** The requests that the operator sends while `work` lasts. */
async function during(work: () => Promise<void>) {
  const before = (await rig.calls()).length;
  await work();
  return (await rig.calls()).slice(before);
}

/** A program with a mind of its own: sets a label on the object again and again until told to stop. */
function startRival(name: string): { edits(): number; stop(): Promise<void> } {
  const loadConfig = () => loadKubeConfig(rig.plane.kubeconfigPath);
  const cluster = createCluster({
    transport: createTransport({ loadConfig, userAgent: "rival" }),
    paths: createResourcePaths([]),
    fieldManager: "rival",
    eventSource: { controller: "example.dev/rival", instance: "rival" },
  });
  let edits = 0;
  const edit = async () => {
    edits += 1;
    const metadata = {
      name,
      namespace: "default",
      labels: { "app.kubernetes.io/instance": `edit-${edits}` },
    };
    await cluster.apply({ apiVersion: "apps/v1", kind: "Deployment", metadata });
  };
  let last: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    last = last.then(edit);
  }, 100);
  return {
    edits: () => edits,
    stop: async () => {
      clearInterval(timer);
      await last;
      await cluster.close();
    },
  };
}

describe("a child that another program edits ten times a second", () => {
  test("is put back in bounds, told with the other's name, and well when that stops", async () => {
    const stalled = '{.status.conditions[?(@.type=="Stalled")].reason}';
    const rival = startRival("demo");
    const startedMs = performance.now();
    const calls = await during(async () => {
      await rig.waitFor("sse/demo", stalled, "Contended");
      await expect.poll(rival.edits).toBeGreaterThan(100);
    });
    const seconds = (performance.now() - startedMs) / 1000;
    expect(await rig.get("sse/demo", '{.status.conditions[?(@.type=="Stalled")].message}')).toContain(
      'Deployment "demo" is changed again and again by "rival"',
    );
    // A burst of 30 runs, then one a second; and once the status, and the event of it.
    expect(calls.filter(isWrite).length).toBeLessThan(30 + seconds + 5);

    await rival.stop();
    await rig.waitFor("sse/demo", stalled, "NotStalled");
    await rig.waitFor("deployment/demo", "{.metadata.labels.app\\.kubernetes\\.io/instance}", "demo");
    expect(await rig.plane.kubectl("describe", "sse/demo")).toMatch(/Warning +Contended /);
  });
});
