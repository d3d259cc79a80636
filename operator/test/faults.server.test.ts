/** What others do to the operator: a real API server, etcd and network that fail, and people and programs in its way. */
import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AuditedCall, isWrite } from "#cluster/audit-log.ts";
import { createCluster } from "#operator/kubernetes/client.ts";
import { loadKubeConfig } from "#operator/kubernetes/kube-config.ts";
import { createResourcePaths } from "#operator/kubernetes/resource-paths.ts";
import { createTransport } from "#operator/kubernetes/transport.ts";
import { type OperatorRig, startOperatorRig } from "./operator-rig.ts";

const STALLED = '{.status.conditions[?(@.type=="Stalled")].reason}';
const DAY_MS = 24 * 3_600_000;

let rig: OperatorRig;
/** How far the operator's clock is off. */
let offsetMs = 0;

beforeAll(async () => {
  const now = () => new Date(Date.now() + offsetMs);
  rig = await startOperatorRig("faults", { resyncMs: 2_000, pingIntervalMs: 1_000, now });
  await rig.apply({});
  await rig.settle();
  await rig.rest();
});

afterAll(() => rig?.stop());

/** The requests that the operator sends while `work` lasts. */
async function during(work: () => Promise<void>) {
  const before = (await rig.calls()).length;
  await work();
  return (await rig.calls()).slice(before);
}

/** A program with a mind of its own: sets a label on the object again and again until told to stop. */
function startRival(name: string): { readonly edits: () => number; readonly stop: () => Promise<void> } {
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

/** Everything that was made of a service, as `kind/name version`. */
async function versions(name: string): Promise<string> {
  const kinds = "serviceaccounts,configmaps,secrets,services,deployments,statefulsets,networkpolicies,pdb";
  const format = "{range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{'\\n'}{end}";
  return rig.get(`${kinds} -l app.kubernetes.io/instance=${name}`, format);
}

/** The names and addresses in the certificate that the service's pods are given, such as `IP Address:192.0.2.1`. */
async function certificateNames(name: string): Promise<string[]> {
  const encoded = await rig.get(`secret/${name}-tls`, "{.data.tls\\.crt}");
  return new X509Certificate(Buffer.from(encoded, "base64")).subjectAltName?.split(", ") ?? [];
}

describe("what fails and comes back costs no write", () => {
  test("etcd", async () => {
    const before = await versions("demo");
    const calls = await during(async () => {
      await rig.plane.killEtcd();
      await expect(rig.plane.kubectl("get", "sse", "demo", "--request-timeout=2s")).rejects.toThrow(
        /timeout|etcd|unavailable|deadline|cannot/i,
      );
      await rig.plane.start();
      await rig.nextRuns(3);
    });
    expect(calls.filter(isWrite)).toEqual([]);
    expect(await versions("demo")).toBe(before);
    await rig.apply({ stream: { heartbeatSeconds: 8 } });
    await expect.poll(runtimeConfig).toContain('"heartbeatSeconds": 8');
  });

  test("the network, without a word: every connection stays open and carries nothing", async () => {
    const calls = await during(async () => {
      rig.relay.swallow();
      await rig.apply({ stream: { heartbeatSeconds: 9 } });
      await expect.poll(runtimeConfig, { timeout: 40_000 }).toContain('"heartbeatSeconds": 9');
      await rig.settle();
    });
    const applied = calls.filter(({ verb, resource }) => verb === "patch" && !resource.includes("/"));
    expect(applied.map(({ resource }) => resource)).toEqual(["configmaps", "deployments"]);
  });
});

function runtimeConfig(): Promise<string> {
  return rig.get("configmap/demo-config", "{.data.runtime\\.json}");
}

describe("the nodes", () => {
  test("tell that they live without causing a write", async () => {
    const heartbeat = { type: "Ready", status: "True", lastHeartbeatTime: new Date().toISOString() };
    const addresses = [{ type: "InternalIP", address: "192.0.2.1" }];
    await rig.rest();
    const calls = await during(async () => {
      await rig.patch(
        "node node1",
        { status: { addresses, conditions: [heartbeat] } },
        "--subresource=status",
      );
      await rig.nextRuns(2);
    });
    expect(calls.filter(isWrite)).toEqual([]);
  });

  test("get another address: the certificate and the URL follow, once", async () => {
    await rig.rest();
    const calls = await during(async () => {
      await rig.putNode("192.0.2.77");
      await expect.poll(() => certificateNames("demo")).toContain("IP Address:192.0.2.77");
      await expect.poll(() => rig.get("sse/demo", "{.status.url}")).toContain("https://192.0.2.77:");
      await rig.nextRuns(3);
    });
    expect(await certificateNames("demo")).not.toContain("IP Address:192.0.2.1");
    const writes = calls.filter(isWrite).map(({ resource, name }) => `${resource} ${name}`);
    expect(writes.filter((write) => write.startsWith("secrets"))).toEqual(["secrets demo-tls"]);
    expect(writes.filter((write) => write.startsWith("sseservices"))).toEqual(["sseservices/status demo"]);
  });
});

describe("two SseServices", () => {
  test("that would share a child's name do not fight: the second is told, and heals when the first is gone", async () => {
    await rig.apply({ replicas: 2 }, "pair");
    await rig.plane.kubectl("wait", "--for=create", "statefulset/pair-backplane", "--timeout=20s");
    await rig.apply({}, "pair-backplane");
    await rig.waitFor("sse/pair-backplane", STALLED, "NotOwned");
    expect(await rig.get("sse/pair-backplane", '{.status.conditions[?(@.type=="Stalled")].message}')).toMatch(
      /"pair-backplane" exists and belongs to SseService "pair"/,
    );
    await rig.rest();
    const before = await versions("pair");
    const calls = await during(() => rig.nextRuns(6));
    expect(calls.filter(isWrite)).toEqual([]);
    expect(await versions("pair")).toBe(before);

    // Nobody collects garbage here: what the collector would take is taken by hand.
    await rig.remove("pair");
    await rig.plane.kubectl(
      "delete",
      "service/pair-backplane",
      "serviceaccount/pair-backplane",
      "--ignore-not-found",
    );
    await rig.waitFor("service/pair-backplane", "{.metadata.ownerReferences[0].name}", "pair-backplane");
    await rig.remove("pair-backplane");
  });
});

test("a stranger's objects under every child's name are left alone", async () => {
  const named = (apiVersion: string, kind: string, name: string, rest: object = {}) => ({
    apiVersion,
    kind,
    metadata: { name, namespace: "default", labels: { mine: "yes" } },
    ...rest,
  });
  const selector = { mine: "yes" };
  const containers = [{ name: "c", image: "c" }];
  const template = { metadata: { labels: selector }, spec: { containers } };
  const strangers = [
    named("v1", "ServiceAccount", "taken"),
    named("v1", "ConfigMap", "taken-config", { data: { mine: "yes" } }),
    ...["ca", "tls", "publish-token"].map((suffix) => named("v1", "Secret", `taken-${suffix}`)),
    named("v1", "Service", "taken", { spec: { selector, ports: [{ port: 80 }] } }),
    named("networking.k8s.io/v1", "NetworkPolicy", "taken", { spec: { podSelector: {} } }),
    named("apps/v1", "Deployment", "taken", { spec: { selector: { matchLabels: selector }, template } }),
  ];
  await rig.plane.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items: strangers }));
  const kinds = "serviceaccounts,configmaps,secrets,services,networkpolicies,deployments";
  const read = () => rig.plane.kubectl("get", kinds, "-l", "mine=yes", "-o", "json");
  const before = await read();
  const calls = await during(async () => {
    await rig.apply({}, "taken");
    await rig.waitFor("sse/taken", STALLED, "NotOwned");
    await rig.nextRuns(2);
  });
  expect(await read()).toBe(before);
  const written = new Set(calls.filter(isWrite).map(({ resource }) => resource));
  expect([...written].toSorted()).toEqual(["events", "sseservices/status"]);
  await rig.remove("taken");
});

describe("a clock that jumps", () => {
  test("forwards: the certificate that is due is renewed once; and back: what is not valid yet is issued anew", async () => {
    const before = await rig.get("sse/demo", "{.status.certificate.notAfter}");
    const forwards = await during(async () => {
      offsetMs = 80 * DAY_MS;
      await expect.poll(() => rig.get("sse/demo", "{.status.certificate.notAfter}")).not.toBe(before);
      await rig.nextRuns(3);
    });
    expect(secretsOf(forwards)).toEqual(["demo-tls"]);

    const renewed = await rig.get("sse/demo", "{.status.certificate.notAfter}");
    const backwards = await during(async () => {
      offsetMs = 0;
      await expect.poll(() => rig.get("sse/demo", "{.status.certificate.notAfter}")).not.toBe(renewed);
      await rig.nextRuns(3);
    });
    expect(secretsOf(backwards)).toEqual(["demo-tls"]);
    const encoded = await rig.get("secret/demo-tls", "{.data.tls\\.crt}");
    const { validFromDate } = new X509Certificate(Buffer.from(encoded, "base64"));
    expect(validFromDate.getTime()).toBeLessThan(Date.now());
  });

  function secretsOf(calls: readonly AuditedCall[]): string[] {
    return calls.filter((call) => isWrite(call) && call.resource === "secrets").map(({ name }) => name);
  }
});

describe("a child that another program edits ten times a second", () => {
  test("is put back in bounds, told with the other's name, and well when that stops", async () => {
    const rival = startRival("demo");
    const startedMs = performance.now();
    const calls = await during(async () => {
      await rig.waitFor("sse/demo", STALLED, "Contended");
      await expect.poll(rival.edits).toBeGreaterThan(100);
    });
    const seconds = (performance.now() - startedMs) / 1000;
    expect(await rig.get("sse/demo", '{.status.conditions[?(@.type=="Stalled")].message}')).toContain(
      'Deployment "demo" is changed again and again by "rival"',
    );
    // A burst of 30 runs, then one a second; and once the status, and the event of it.
    expect(calls.filter(isWrite).length).toBeLessThan(30 + seconds + 5);

    await rival.stop();
    await rig.waitFor("sse/demo", STALLED, "NotStalled");
    await rig.waitFor("deployment/demo", "{.metadata.labels.app\\.kubernetes\\.io/instance}", "demo");
    expect(await rig.plane.kubectl("describe", "sse/demo")).toMatch(/Warning +Contended /);
  });
});
