/** The operator against a real API server, with the rights that it is installed with; no nodes, so no pods. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OperatorRig, startOperatorRig } from "./operator-rig.ts";
import { setRules } from "./product.ts";

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

let rig: OperatorRig;

beforeAll(async () => {
  rig = await startOperatorRig("operator", { resyncMs: 500 });
  await rig.apply({});
  await rig.settle();
});

afterAll(() => rig?.stop());

describe("with the rights that it is installed with", () => {
  test("makes every child, and says where to open it", async () => {
    for (const child of CHILDREN) {
      expect(await rig.get(child, "{.metadata.ownerReferences[0].name}"), child).toBe("demo");
    }
    expect(await rig.get("sse/demo", "{.status.url}")).toMatch(/^https:\/\/192\.0\.2\.1:3\d{4}$/);
  });

  test("is refused nothing", async () => {
    const refused = (await rig.calls()).filter(({ code }) => code === 403);
    expect(refused).toEqual([]);
  });

  test("writes nothing while nothing changes, resync after resync", async () => {
    await rig.rest();
    const before = (await rig.writes()).length;
    await rig.nextRuns(6);
    expect((await rig.writes()).slice(before)).toEqual([]);
  });
});

test("another operator in its place writes nothing, whatever there is of a service", async () => {
  await rig.apply({ replicas: 2, access: { publish: "Anyone" } }, "large");
  await rig.plane.kubectl("wait", "--for=create", "poddisruptionbudget/large", "--timeout=20s");
  await rig.rest();
  const before = (await rig.writes()).length;
  await rig.restartOperator();
  await rig.nextRuns(4);
  expect((await rig.writes()).slice(before)).toEqual([]);
  await rig.remove("large");
});

test("kubectl describe tells what happened", async () => {
  await expect
    .poll(() => rig.plane.kubectl("describe", "sse/demo"), { timeout: 20_000 })
    .toMatch(/Normal +Ready /);
  expect(await rig.plane.kubectl("describe", "sse/demo")).toMatch(/Normal +CertificateIssued .*Valid until/);
});

describe("a child", () => {
  test.each(CHILDREN)("%s comes back when it is deleted", async (child) => {
    const uid = await rig.get(child, "{.metadata.uid}");
    await rig.plane.kubectl("delete", child);
    await rig.plane.kubectl("wait", "--for=create", child, "--timeout=20s");
    expect(await rig.get(child, "{.metadata.uid}")).not.toBe(uid);
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
    const before = await rig.get(child, path);
    await rig.plane.kubectl("patch", child, "--type=merge", "-p", JSON.stringify(patch));
    await rig.waitFor(child, path, before);
  });

  test("that holds a token keeps the one that a user sets, and a second one beside it", async () => {
    const patch = { stringData: { token: "chosen", next: "second" } };
    await rig.plane.kubectl(
      "patch",
      "secret/demo-publish-token",
      "--type=merge",
      "-p",
      JSON.stringify(patch),
    );
    await rig.nextRuns(2);
    expect(
      Buffer.from(await rig.get("secret/demo-publish-token", "{.data.token}"), "base64").toString(),
    ).toBe("chosen");
    expect(Buffer.from(await rig.get("secret/demo-publish-token", "{.data.next}"), "base64").toString()).toBe(
      "second",
    );
  });

  test("with a nodePort that the cluster chose keeps it through every change", async () => {
    const port = await rig.get("service/demo", "{.spec.ports[0].nodePort}");
    await rig.apply({ service: { port: 8443 } });
    await rig.waitFor("service/demo", "{.spec.ports[0].port}", "8443");
    expect(await rig.get("service/demo", "{.spec.ports[0].nodePort}")).toBe(port);
  });
});

describe("the status", () => {
  test("tells of a taken nodePort, and heals when it is free", async () => {
    await rig.apply({ service: { nodePort: 30_007 } });
    await rig.waitFor("service/demo", "{.spec.ports[0].nodePort}", "30007");
    await rig.apply({ service: { nodePort: 30_007 } }, "second");
    await rig.waitFor("sse/second", '{.status.conditions[?(@.type=="Stalled")].reason}', "NodePortTaken");
    expect(await rig.get("sse/second", '{.status.conditions[?(@.type=="Ready")].message}')).toContain(
      "choose another spec.service.nodePort",
    );

    await rig.apply({ service: { nodePort: 30_008 } });
    await rig.plane.kubectl("wait", "sse/second", "--for=condition=Stalled=False", "--timeout=40s");
    expect(await rig.get("service/second", "{.spec.ports[0].nodePort}")).toBe("30007");
    await rig.apply({});
  });

  test("tells of a missing permission, and heals when it is granted", async () => {
    const role = await rig.plane.kubectl("get", "clusterrole", "sse-operator", "-o", "json");
    const withoutServices = JSON.parse(role);
    for (const rule of withoutServices.rules) {
      rule.resources = rule.resources.filter((resource: string) => resource !== "services");
    }
    await setRules(rig.plane, withoutServices.rules);
    await rig.plane.kubectl("delete", "service/demo");
    await rig.waitFor("sse/demo", '{.status.conditions[?(@.type=="Stalled")].reason}', "Forbidden");

    await setRules(rig.plane, JSON.parse(role).rules);
    await rig.plane.kubectl("wait", "--for=create", "service/demo", "--timeout=60s");
    await rig.plane.kubectl("wait", "sse/demo", "--for=condition=Stalled=False", "--timeout=40s");
  });

  test("never takes over a stranger's object", async () => {
    const stranger = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "third-config", namespace: "default" },
      data: { mine: "yes" },
    };
    await rig.plane.apply(JSON.stringify(stranger));
    await rig.apply({}, "third");
    await rig.waitFor("sse/third", '{.status.conditions[?(@.type=="Stalled")].reason}', "NotOwned");
    expect(await rig.get("configmap/third-config", "{.data}")).toBe('{"mine":"yes"}');
  });
});

test(
  "a change made while the operator is cut off by a restart of the API server is carried out",
  { timeout: 120_000 },
  async () => {
    await rig.plane.kill();
    await rig.plane.start();
    await rig.apply({ stream: { heartbeatSeconds: 7 } });
    await expect
      .poll(() => rig.get("configmap/demo-config", "{.data.runtime\\.json}"), { timeout: 60_000 })
      .toContain('"heartbeatSeconds": 7');
  },
);
