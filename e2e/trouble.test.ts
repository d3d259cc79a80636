/** What the status says when pods cannot serve, in the words of the real scheduler, kubelet, quota and Pod Security. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Condition, SseServiceStatus } from "#operator/sseservice/status-schema.ts";
import { openWorld, type World } from "./world.ts";

const SERVICE = { apiVersion: "sse-operator.dev/v1alpha1", kind: "SseService" };
const QUOTA = "trouble-quota";
const STRICT = "trouble-strict";

let world: World;

/** Each in trouble of its own, all at once; a pod that is left alone has none. */
async function makeTrouble(nginx: string): Promise<void> {
  const memory = "16Mi";
  const objects = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: QUOTA } },
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "none", namespace: QUOTA },
      spec: { hard: { pods: "0" } },
    },
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: STRICT, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    trouble("no-quota", {}, QUOTA),
    trouble("no-image", { images: { runtime: "No such image" } }),
    trouble("no-registry", { images: { runtime: "127.0.0.1:1/nothing:0" } }),
    trouble("no-node", { pod: { nodeSelector: { "example.com/disk": "none" } } }),
    trouble("no-memory", {
      pod: { resources: { runtime: { requests: { memory }, limits: { memory } } } },
    }),
    trouble("no-runtime", { images: { runtime: nginx } }),
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "nowhere", namespace: "default", labels: { trouble: "true" } },
      stringData: { url: "redis://127.0.0.1:1" },
    },
    trouble("no-server", { backplane: { redis: { urlSecretRef: { name: "nowhere" } } } }),
    // The pods pass "restricted" but for what a user adds.
    trouble(
      "no-security",
      { pod: { annotations: { "container.apparmor.security.beta.kubernetes.io/runtime": "unconfined" } } },
      STRICT,
    ),
  ];
  await world.cluster.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
}

function trouble(name: string, spec: object, namespace = "default"): object {
  return { ...SERVICE, metadata: { name, namespace, labels: { trouble: "true" } }, spec };
}

async function statusOf(name: string, namespace = "default"): Promise<SseServiceStatus> {
  const text = await world.cluster.kubectl("-n", namespace, "get", "sse", name, "-o", "json");
  return JSON.parse(text).status ?? {};
}

function find(status: SseServiceStatus, type: string): Partial<Condition> {
  return status.conditions?.find((condition) => condition.type === type) ?? {};
}

beforeAll(async () => {
  world = await openWorld();
  await world.applyService("well", { drain: { timeoutSeconds: 1 } });
  await world.waitUntilReady("well");
  await makeTrouble(await world.read("deployment/well", "{.spec.template.spec.containers[1].image}"));
});

afterAll(async () => {
  const gone = ["--ignore-not-found", "--wait=false"];
  await world?.cluster.kubectl("delete", "sse,secret", "-A", "-l", "trouble=true", ...gone);
  await world?.cluster.kubectl("delete", "sse", "well", ...gone);
  await world?.cluster.kubectl("delete", "namespace", QUOTA, STRICT, ...gone);
});

describe("Available and Ready say", () => {
  test.each<[string, string, string, RegExp, "True" | "False"]>([
    ["that the quota is used up", "no-quota", QUOTA, /QuotaExceeded .*limited: pods=0/, "True"],
    ["what Pod Security does not take", "no-security", STRICT, /PodSecurityRefused .*AppArmor/i, "True"],
    ["that the image's name is none", "no-image", "default", /ImageNotPulled .*"No such image"/, "True"],
    ["that the registry is away", "no-registry", "default", /ImageNotPulled .*refused/, "False"],
    ["that no node fits", "no-node", "default", /Unschedulable .*node affinity\/selector/, "False"],
    ["that the memory is too small", "no-memory", "default", /OutOfMemory .*spec\.pod\.resources/, "True"],
    [
      "what a container said last",
      "no-runtime",
      "default",
      /Crashing .*exit code \d+, its last words: \S+/,
      "True",
    ],
  ])("%s", async (_, name, namespace, words, stalled) => {
    await expect
      .poll(
        async () => {
          const { reason, message } = find(await statusOf(name, namespace), "Available");
          return `${reason} ${message}`;
        },
        { timeout: 120_000, interval: 500 },
      )
      .toMatch(words);
    // A crash or two are not yet a human's business.
    await expect
      .poll(async () => find(await statusOf(name, namespace), "Stalled").status, { timeout: 120_000 })
      .toBe(stalled);
    const status = await statusOf(name, namespace);
    expect(find(status, "Ready").status).toBe("False");
    expect(find(status, "Http2Verified")).toMatchObject({ status: "Unknown", reason: "NoPods" });
  });
});

test("BackplaneReady and Ready say why the pods cannot use the server", async () => {
  const words = /A pod cannot use it; .* The server cannot be used: .*ECONNREFUSED/;
  await expect
    .poll(async () => find(await statusOf("no-server"), "BackplaneReady"), {
      timeout: 120_000,
      interval: 500,
    })
    .toMatchObject({ status: "False", reason: "Unreachable", message: expect.stringMatching(words) });
  expect(find(await statusOf("no-server"), "Ready")).toMatchObject({
    status: "False",
    reason: "Unreachable",
  });
});

test("what is mended becomes Ready by itself", async () => {
  await world.applyService("no-image", {});
  await world.waitUntilReady("no-image");
  const status = await statusOf("no-image");
  expect(find(status, "Stalled").status).toBe("False");
  expect(find(status, "Http2Verified").message).toMatch(/two streams on one connection brought a heartbeat/);
});

test("a paused service is left as it is, and says what waits", async () => {
  const configMap = "configmap/well-config";
  await world.cluster.kubectl("patch", "sse", "well", "--type=merge", "-p", '{"spec":{"paused":true}}');
  await world.cluster.kubectl("wait", "--for=condition=Paused", "sse/well", "--timeout=30s");
  await world.cluster.kubectl("wait", "--for=condition=Ready", "sse/well", "--timeout=30s");
  await world.cluster.kubectl("delete", configMap);
  await world.cluster.kubectl("wait", "--for=condition=Ready=false", "sse/well", "--timeout=30s");
  expect(find(await statusOf("well"), "Paused").message).toContain('ConfigMap "well-config"');
  expect(await world.cluster.kubectl("get", configMap, "--ignore-not-found")).toBe("");
  await world.cluster.kubectl("patch", "sse", "well", "--type=merge", "-p", '{"spec":{"paused":false}}');
  await world.cluster.kubectl("wait", "--for=create", configMap, "--timeout=30s");
  await world.waitUntilReady("well");
});

test("kubectl scale scales, and knows the pods", async () => {
  const path = "/apis/sse-operator.dev/v1alpha1/namespaces/default/sseservices/well/scale";
  const scale = JSON.parse(await world.cluster.kubectl("get", "--raw", path));
  expect(scale).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 1 } });
  const pods = await world.cluster.kubectl("get", "pods", "-l", scale.status.selector, "-o", "name");
  expect(pods.trim().split("\n")).toHaveLength(1);
  await world.cluster.kubectl("scale", "sse/well", "--replicas=0");
  await expect
    .poll(async () => find(await statusOf("well"), "Ready").reason, { timeout: 60_000 })
    .toBe("ScaledToZero");
});
