/** What happens to a service of the real cluster when somebody or something breaks it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWorld, type World } from "./world.ts";

const NAME = "healing";
const CHILDREN = [
  `serviceaccount/${NAME}`,
  `configmap/${NAME}-config`,
  `secret/${NAME}-ca`,
  `secret/${NAME}-tls`,
  `secret/${NAME}-publish-token`,
  `networkpolicy/${NAME}`,
  `service/${NAME}`,
  `deployment/${NAME}`,
];
const EDITS = [
  [`serviceaccount/${NAME}`, "{.automountServiceAccountToken}", { automountServiceAccountToken: true }],
  [`configmap/${NAME}-config`, "{.data.nginx\\.conf}", { data: { "nginx.conf": "broken" } }],
  [
    `secret/${NAME}-tls`,
    "{.data.tls\\.crt}",
    { metadata: { labels: { "app.kubernetes.io/instance": "other" } } },
  ],
  [`secret/${NAME}-publish-token`, "{.metadata.labels}", { metadata: { labels: null } }],
  [`service/${NAME}`, "{.spec.selector}", { spec: { selector: { "app.kubernetes.io/instance": "other" } } }],
  [`deployment/${NAME}`, "{.spec.replicas}", { spec: { replicas: 0 } }],
] as const;

let world: World;

beforeAll(async () => {
  world = await openWorld();
  await world.applyService(NAME, { drain: { timeoutSeconds: 1 } });
  await world.waitUntilReady(NAME);
});

afterAll(async () => {
  await world?.cluster.kubectl("delete", "sse", NAME, "--ignore-not-found");
});

/**
 * The service is not only Ready by its word: it takes an event and gives it back. A Secret that was made anew reaches a
 * running pod with the kubelet's next sync, about a minute later.
 */
async function expectToServe(): Promise<void> {
  await world.waitUntilReady(NAME);
  await expect
    .poll(() => roundTrip("still here").catch(String), { timeout: 120_000, interval: 500 })
    .toBe("still here");
}

/** What comes back over a stream when this is published. */
async function roundTrip(data: string): Promise<string> {
  const client = await world.client(NAME);
  try {
    const stream = await client.subscribe();
    const id = await client.publish(data, { token: await world.token(NAME) });
    return (await stream.find((event) => event.id === id)).data;
  } finally {
    await client.close();
  }
}

describe("every child", () => {
  test.each(CHILDREN)("%s comes back when it is deleted, and the service serves", async (child) => {
    const uid = await world.read(child, "{.metadata.uid}");
    await world.cluster.kubectl("delete", child, "--wait=false");
    await expect
      .poll(
        () => world.cluster.kubectl("get", child, "--ignore-not-found", "-o", "jsonpath={.metadata.uid}"),
        {
          timeout: 60_000,
        },
      )
      .not.toMatch(new RegExp(`^(${uid})?$`));
    await expectToServe();
  });

  test.each(EDITS)("%s comes back when it is edited: %s", async (child, path, patch) => {
    const before = await world.read(child, path);
    await world.cluster.kubectl("patch", child, "--type=merge", "-p", JSON.stringify(patch));
    await expect.poll(() => world.read(child, path), { timeout: 60_000 }).toBe(before);
    await expectToServe();
  });
});

test("a change made while the API server is away from the operator is carried out", async () => {
  await world.cluster.restartApiServer();
  await world.applyService(NAME, { drain: { timeoutSeconds: 1 }, stream: { heartbeatSeconds: 9 } });
  await expect
    .poll(() => world.read(`configmap/${NAME}-config`, "{.data.runtime\\.json}"), { timeout: 90_000 })
    .toContain('"heartbeatSeconds": 9');
  await expectToServe();
});

test("a changed configuration rolls the pods, and Ready speaks of the new ones only", async () => {
  const podsBefore = await world.read(
    `pods -l app.kubernetes.io/instance=${NAME}`,
    "{.items[*].metadata.uid}",
  );
  await world.applyService(NAME, { drain: { timeoutSeconds: 1 }, stream: { heartbeatSeconds: 11 } });
  await expect
    .poll(() => world.read(`sse/${NAME}`, "{.status.observedGeneration} {.metadata.generation}"), {
      timeout: 30_000,
    })
    .toMatch(/^(\d+) \1$/);
  await expectToServe();
  const podsNow = await world.read(`pods -l app.kubernetes.io/instance=${NAME}`, "{.items[*].metadata.uid}");
  expect(podsNow).not.toBe(podsBefore);
});

test("deleting the service removes everything that was made of it", async () => {
  await world.removeService(NAME);
  const kinds = "serviceaccounts,configmaps,secrets,services,deployments,replicasets,pods";
  const selector = `app.kubernetes.io/instance=${NAME}`;
  await expect
    .poll(() => world.cluster.kubectl("get", kinds, "-l", selector, "-o", "name"), { timeout: 120_000 })
    .toBe("");
});
