/** The operator against a real API server, with the rights that it is installed with; no nodes, so no pods. */
import { readFile } from "node:fs/promises";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ControlPlane } from "#cluster/control-plane.ts";
import { startControlPlane } from "#cluster/start-control-plane.ts";
import { buildInstallManifests } from "#operator/install/manifests.ts";
import { RELEASE } from "#operator/install/release.ts";
import { type ClosableCluster, createCluster } from "#operator/kubernetes/client.ts";
import { loadKubeConfig } from "#operator/kubernetes/kube-config.ts";
import { createResourcePaths } from "#operator/kubernetes/resource-paths.ts";
import { createTransport } from "#operator/kubernetes/transport.ts";
import { images } from "./fixtures.ts";
import { type Operator, startOperator } from "#operator/run.ts";

const USER_AGENT = "sse-operator-under-test";
const ACCOUNT = "system:serviceaccount:sse-operator:sse-operator";
const CHILDREN = [
  "serviceaccount/demo",
  "configmap/demo-config",
  "secret/demo-ca",
  "secret/demo-tls",
  "secret/demo-publish-token",
  "networkpolicy/demo",
  "service/demo",
  "deployment/demo",
];

let plane: ControlPlane;
let cluster: ClosableCluster;
let operator: Operator;
let runs = 0;
let onRun = () => {};

beforeAll(async () => {
  plane = await startControlPlane({ name: "operator", controllers: false });
  await plane.apply(
    JSON.stringify({ apiVersion: "v1", kind: "List", items: buildInstallManifests(RELEASE) }),
  );
  await plane.kubectl(
    "wait",
    "--for=condition=Established",
    "crd/sseservices.sse-operator.dev",
    "--timeout=30s",
  );
  await putNode();
  const kubeconfig = await plane.kubeconfig(ACCOUNT, ["system:serviceaccounts", "system:authenticated"]);
  cluster = createCluster({
    transport: createTransport({ loadConfig: () => loadKubeConfig(kubeconfig), userAgent: USER_AGENT }),
    paths: createResourcePaths([
      {
        apiVersion: "sse-operator.dev/v1alpha1",
        kind: "SseService",
        plural: "sseservices",
        namespaced: true,
      },
    ]),
    fieldManager: "sse-operator",
    eventSource: { controller: "sse-operator.dev/sse-operator", instance: "test" },
  });
  operator = await startOperator({
    cluster,
    config: {
      images,
      watchNamespace: undefined,
      followsNodes: true,
      ownNamespace: "sse-operator",
      identity: "test",
      metricsPort: 0,
      logLevel: "silent",
    },
    log: pino({ level: "silent" }),
    resyncMs: 500,
    observer: {
      finished: () => {
        runs += 1;
        onRun();
      },
    },
  });
  await operator.lead();
  await apply({});
  await settle();
});

afterAll(async () => {
  await operator?.stop();
  await cluster?.close();
  await plane?.stop();
});

function apply(spec: object, name = "demo"): Promise<string> {
  const metadata = { name, namespace: "default" };
  return plane.apply(
    JSON.stringify({ apiVersion: "sse-operator.dev/v1alpha1", kind: "SseService", metadata, spec }),
  );
}

async function putNode(): Promise<void> {
  await plane.apply(JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name: "node1" } }));
  const status = {
    addresses: [{ type: "InternalIP", address: "192.0.2.1" }],
    conditions: [{ type: "Ready", status: "True", reason: "Test", message: "ready" }],
  };
  await plane.kubectl(
    "patch",
    "node",
    "node1",
    "--subresource=status",
    "--type=merge",
    "-p",
    JSON.stringify({ status }),
  );
}

/** Plays the Deployment's controller, and waits until the operator has seen it. */
async function settle(): Promise<void> {
  await plane.kubectl("wait", "--for=create", "deployment/demo", "--timeout=20s");
  const observedGeneration = Number(
    await plane.kubectl("get", "deployment/demo", "-o", "jsonpath={.metadata.generation}"),
  );
  const status = {
    observedGeneration,
    replicas: 1,
    updatedReplicas: 1,
    readyReplicas: 1,
    availableReplicas: 1,
  };
  await plane.kubectl(
    "patch",
    "deployment/demo",
    "--subresource=status",
    "--type=merge",
    "-p",
    JSON.stringify({ status }),
  );
  await plane.kubectl("wait", "--for=condition=Ready", "sse/demo", "--timeout=20s");
}

/** Resolves when the operator has finished this many more runs. */
function nextRuns(count: number): Promise<void> {
  const until = runs + count;
  return new Promise((resolve) => {
    onRun = () => {
      if (runs >= until) resolve();
    };
  });
}

/** What the operator may do from now on. */
async function setRules(rules: unknown): Promise<void> {
  await plane.kubectl(
    "patch",
    "clusterrole",
    "sse-operator",
    "--type=merge",
    "-p",
    JSON.stringify({ rules }),
  );
}

/** Waits until the field reads so; `kubectl wait` can't compare values with an equals sign in them. */
async function waitFor(target: string, path: string, value: string): Promise<void> {
  await expect.poll(() => get(target, path), { timeout: 20_000 }).toBe(value);
}

function get(target: string, path: string): Promise<string> {
  return plane.kubectl("get", target, "-o", `jsonpath=${path}`);
}

interface AuditLine {
  readonly verb: string;
  readonly userAgent: string;
  readonly requestURI: string;
  readonly responseStatus: { readonly code: number };
}

/** Every write that the operator has sent so far. */
async function operatorWrites(): Promise<AuditLine[]> {
  const text = await readFile(plane.auditLogPath, "utf8");
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as AuditLine);
  return lines.filter(({ userAgent }) => userAgent.startsWith(USER_AGENT));
}

describe("with the rights that it is installed with", () => {
  test("makes every child, and says where to open it", async () => {
    for (const child of CHILDREN) {
      expect(await get(child, "{.metadata.ownerReferences[0].name}"), child).toBe("demo");
    }
    expect(await get("sse/demo", "{.status.url}")).toMatch(/^https:\/\/192\.0\.2\.1:3\d{4}$/);
  });

  test("is refused nothing", async () => {
    const refused = (await operatorWrites()).filter(({ responseStatus }) => responseStatus.code === 403);
    expect(refused).toEqual([]);
  });

  test("writes nothing while nothing changes, resync after resync", async () => {
    await nextRuns(2);
    const before = (await operatorWrites()).length;
    await nextRuns(6);
    expect((await operatorWrites()).slice(before)).toEqual([]);
  });
});

test("kubectl describe tells what happened", async () => {
  await expect
    .poll(() => plane.kubectl("describe", "sse/demo"), { timeout: 20_000 })
    .toMatch(/Normal +Ready /);
  expect(await plane.kubectl("describe", "sse/demo")).toMatch(/Normal +CertificateIssued .*Valid until/);
});

describe("a child", () => {
  test.each(CHILDREN)("%s comes back when it is deleted", async (child) => {
    const uid = await get(child, "{.metadata.uid}");
    await plane.kubectl("delete", child);
    await plane.kubectl("wait", "--for=create", child, "--timeout=20s");
    expect(await get(child, "{.metadata.uid}")).not.toBe(uid);
  });

  test.each([
    ["serviceaccount/demo", "{.automountServiceAccountToken}", { automountServiceAccountToken: true }],
    ["configmap/demo-config", "{.data.runtime\\.json}", { data: { "runtime.json": "{}" } }],
    ["secret/demo-tls", "{.data.ca\\.crt}", { data: { "ca.crt": "bm9uZQ==" } }],
    [
      "secret/demo-ca",
      "{.metadata.labels.app\\.kubernetes\\.io/instance}",
      { metadata: { labels: { "app.kubernetes.io/instance": "x" } } },
    ],
    [
      "secret/demo-publish-token",
      "{.metadata.labels.app\\.kubernetes\\.io/instance}",
      { metadata: { labels: null } },
    ],
    [
      "service/demo",
      "{.spec.ports[0].targetPort}",
      { spec: { ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: 1 }] } },
    ],
    ["networkpolicy/demo", "{.spec.ingress}", { spec: { ingress: [{}] } }],
    ["deployment/demo", "{.spec.replicas}", { spec: { replicas: 5 } }],
  ])("%s comes back when its %s is edited", async (child, path, patch) => {
    const before = await get(child, path);
    await plane.kubectl("patch", child, "--type=merge", "-p", JSON.stringify(patch));
    await waitFor(child, path, before);
  });

  test("that holds a token keeps the one that a user sets, and a second one beside it", async () => {
    const patch = { stringData: { token: "chosen", next: "second" } };
    await plane.kubectl("patch", "secret/demo-publish-token", "--type=merge", "-p", JSON.stringify(patch));
    await nextRuns(2);
    expect(Buffer.from(await get("secret/demo-publish-token", "{.data.token}"), "base64").toString()).toBe(
      "chosen",
    );
    expect(Buffer.from(await get("secret/demo-publish-token", "{.data.next}"), "base64").toString()).toBe(
      "second",
    );
  });

  test("with a nodePort that the cluster chose keeps it through every change", async () => {
    const port = await get("service/demo", "{.spec.ports[0].nodePort}");
    await apply({ service: { port: 8443 } });
    await waitFor("service/demo", "{.spec.ports[0].port}", "8443");
    expect(await get("service/demo", "{.spec.ports[0].nodePort}")).toBe(port);
  });
});

describe("the status", () => {
  test("tells of a taken nodePort, and heals when it is free", async () => {
    await apply({ service: { nodePort: 30_007 } });
    await waitFor("service/demo", "{.spec.ports[0].nodePort}", "30007");
    await apply({ service: { nodePort: 30_007 } }, "second");
    await waitFor("sse/second", '{.status.conditions[?(@.type=="Stalled")].reason}', "NodePortTaken");
    expect(await get("sse/second", '{.status.conditions[?(@.type=="Ready")].message}')).toContain(
      "choose another spec.service.nodePort",
    );

    await apply({ service: { nodePort: 30_008 } });
    await plane.kubectl("wait", "sse/second", "--for=condition=Stalled=False", "--timeout=40s");
    expect(await get("service/second", "{.spec.ports[0].nodePort}")).toBe("30007");
    await apply({});
  });

  test("tells of a missing permission, and heals when it is granted", async () => {
    const role = await plane.kubectl("get", "clusterrole", "sse-operator", "-o", "json");
    const withoutServices = JSON.parse(role);
    for (const rule of withoutServices.rules) {
      rule.resources = rule.resources.filter((resource: string) => resource !== "services");
    }
    await setRules(withoutServices.rules);
    await plane.kubectl("delete", "service/demo");
    await waitFor("sse/demo", '{.status.conditions[?(@.type=="Stalled")].reason}', "Forbidden");

    await setRules(JSON.parse(role).rules);
    await plane.kubectl("wait", "--for=create", "service/demo", "--timeout=60s");
    await plane.kubectl("wait", "sse/demo", "--for=condition=Stalled=False", "--timeout=40s");
  });

  test("never takes over a stranger's object", async () => {
    const stranger = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "third-config", namespace: "default" },
      data: { mine: "yes" },
    };
    await plane.apply(JSON.stringify(stranger));
    await apply({}, "third");
    await waitFor("sse/third", '{.status.conditions[?(@.type=="Stalled")].reason}', "NotOwned");
    expect(await get("configmap/third-config", "{.data}")).toBe('{"mine":"yes"}');
  });
});

test(
  "a change made while the operator is cut off by a restart of the API server is carried out",
  { timeout: 120_000 },
  async () => {
    await plane.kill();
    await plane.start();
    await apply({ stream: { heartbeatSeconds: 7 } });
    await expect
      .poll(() => get("configmap/demo-config", "{.data.runtime\\.json}"), { timeout: 60_000 })
      .toContain('"heartbeatSeconds": 7');
  },
);
