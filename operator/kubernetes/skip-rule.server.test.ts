import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAppliedMemo } from "#operator/engine/applied-memo.ts";
import type { DesiredObject, KubernetesObject } from "#operator/engine/cluster.ts";
import { executePlan, type Outcome } from "#operator/engine/execute.ts";
import { refOf } from "#operator/engine/object.ts";
import { planChildren } from "#operator/engine/plan.ts";
import { byController } from "#operator/engine/object-index.ts";
import { createStore } from "#operator/engine/store.ts";
import { FIELD_MANAGER, type RealServer, startRealServer } from "./real-server.ts";

const NAMESPACE = "skip-rule";
const KINDS = [
  { apiVersion: "v1", kind: "ConfigMap" },
  { apiVersion: "v1", kind: "Secret", metadataOnly: true },
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: "apps/v1", kind: "Deployment" },
];

type Family = Awaited<ReturnType<typeof startFamily>>;

let server: RealServer;
let family: Family;

beforeAll(async () => {
  server = await startRealServer("skip-rule");
  await server.plane.kubectl("create", "namespace", NAMESPACE);
  family = await startFamily(server);
}, 1_200_000);

afterAll(async () => {
  family?.stop();
  await server?.stop();
});

/** An owner with one child of each kind, followed by real watches. */
async function startFamily({ cluster, ...real }: RealServer) {
  const memo = createAppliedMemo({ fieldManager: FIELD_MANAGER, now: () => performance.now() });
  const metadata = { name: "owner", namespace: NAMESPACE };
  const { metadata: stored } = await cluster.apply({ apiVersion: "v1", kind: "ConfigMap", metadata });
  const owner = { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: stored.uid ?? "" };
  const stores = KINDS.map((kind) => {
    const store = createStore({ indexes: { controller: byController }, onListenerError: () => {} });
    store.onChange((change) => {
      if (change.kind === "deleted") memo.forget(refOf(change.object));
    });
    return { kind, store, watch: cluster.watch({ ...kind, namespace: NAMESPACE }, store) };
  });
  await Promise.all(stores.map(({ store }) => store.whenSynced()));

  const observed = () => stores.flatMap(({ store }) => store.find("controller", owner.uid));
  return {
    owner,
    stop: () => {
      for (const { watch } of stores) watch.stop();
    },
    /** One run of a reconcile: its outcomes, and the writes that the API server saw. */
    async run(desired: DesiredObject[]): Promise<{ outcomes: Outcome[]; writes: string[] }> {
      const before = (await real.writes()).length;
      const actions = planChildren({ owner, desired, observed: observed(), memo });
      const outcomes = await executePlan({ cluster, owner, memo }, actions);
      const after = (await real.writes()).slice(before);
      return { outcomes, writes: after.map(({ verb, resource }) => `${verb} ${resource}`) };
    },
    /** Waits until the watches show what the API server has. */
    async caughtUp(): Promise<void> {
      for (const { kind, store } of stores) {
        const shown = () => store.list().map(versionOf).sort();
        const objects = await cluster.list({ ...kind, namespace: NAMESPACE });
        const stored = objects.map(versionOf).sort();
        await expect.poll(shown).toEqual(stored);
      }
    },
  };
}

const versionOf = ({ metadata }: KubernetesObject) => `${metadata.uid} ${metadata.resourceVersion}`;

/** On purpose in spellings that the API server changes: 0.5 is stored as 500m, an empty value is dropped. */
function children(replicas = 1): DesiredObject[] {
  const child = (apiVersion: string, kind: string, rest: object): DesiredObject => ({
    apiVersion,
    kind,
    metadata: {
      name: "child",
      namespace: NAMESPACE,
      ownerReferences: [{ ...family.owner, controller: true }],
    },
    ...rest,
  });
  const container = {
    name: "c",
    image: "example.dev/image",
    env: [{ name: "EMPTY", value: "" }],
    resources: { requests: { cpu: "0.5", memory: "1024Mi" } },
  };
  const labels = { app: "child" };
  return [
    child("v1", "ConfigMap", { data: { a: "1" } }),
    child("v1", "Secret", { data: { password: btoa("hush") } }),
    child("apps/v1", "Deployment", {
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    }),
    child("v1", "Service", { spec: { type: "NodePort", selector: labels, ports: [{ port: 80 }] } }),
  ];
}

const kubectl = (...args: string[]) => server.plane.kubectl("-n", NAMESPACE, ...args);

describe("one family, as its life goes on", () => {
  test("is created with one write each", async () => {
    const { writes } = await family.run(children());
    expect(writes).toEqual(["patch configmaps", "patch secrets", "patch deployments", "patch services"]);
  });

  test("is not written again, neither before nor after the watches have caught up", async () => {
    expect((await family.run(children())).writes).toEqual([]);
    await family.caughtUp();
    for (let run = 0; run < 5; run += 1) expect((await family.run(children())).writes).toEqual([]);
  });

  test("is not written when others write what is theirs: status, annotations, more fields", async () => {
    await kubectl(
      "patch",
      "deployment",
      "child",
      "--subresource=status",
      "-p",
      '{"status": {"replicas": 1}}',
    );
    await kubectl("annotate", "deployment", "child", "note=theirs");
    await kubectl("set", "env", "deployment/child", "EXTRA=1");
    await kubectl("patch", "configmap", "child", "-p", '{"data": {"theirs": "1"}}');
    await family.caughtUp();
    expect((await family.run(children())).writes).toEqual([]);
  });

  test.each([
    [
      "a field of ours is edited",
      ["patch", "configmap", "child", "-p", '{"data": {"a": "edited"}}'],
      "configmaps",
    ],
    [
      "a field of ours is removed",
      ["patch", "configmap", "child", "--type=json", "-p", '[{"op": "remove", "path": "/data/a"}]'],
      "configmaps",
    ],
    ["it is scaled by hand", ["scale", "deployment", "child", "--replicas=3"], "deployments"],
    [
      "a Secret is edited, of which we see metadata only",
      ["patch", "secret", "child", "-p", '{"stringData": {"password": "x"}}'],
      "secrets",
    ],
    [
      "the selector gets one more key",
      ["patch", "service", "child", "-p", '{"spec": {"selector": {"theirs": "1"}}}'],
      "services",
    ],
    [
      "a container's value is edited",
      ["set", "image", "deployment/child", "c=example.dev/other"],
      "deployments",
    ],
  ])("%s: one write puts it right, then none", async (_, command, resource) => {
    await kubectl(...command);
    await family.caughtUp();
    expect((await family.run(children())).writes).toEqual([`patch ${resource}`]);
    await family.caughtUp();
    expect((await family.run(children())).writes).toEqual([]);
  });

  test("deleted by hand: made again at once", async () => {
    await kubectl("delete", "configmap,service", "child");
    await family.caughtUp();
    expect((await family.run(children())).writes).toEqual(["patch configmaps", "patch services"]);
  });

  test("re-created by somebody else under the same name: refused", async () => {
    await kubectl("delete", "configmap", "child");
    await kubectl("create", "configmap", "child");
    await family.caughtUp();
    const { outcomes, writes } = await family.run(children());
    expect(outcomes).toMatchObject([{ kind: "refused", ref: { kind: "ConfigMap", name: "child" } }]);
    expect(writes).toEqual([]);
    await kubectl("delete", "configmap", "child");
    await family.caughtUp();
    expect((await family.run(children())).writes).toEqual(["patch configmaps"]);
  });

  test("another desired value: one write; the nodePort stays", async () => {
    const before = await kubectl("get", "service", "child", "-o", "jsonpath={.spec.ports[0].nodePort}");
    await family.caughtUp();
    expect((await family.run(children(2))).writes).toEqual(["patch deployments"]);
    expect(await kubectl("get", "service", "child", "-o", "jsonpath={.spec.ports[0].nodePort}")).toBe(before);
  });

  test("no longer desired: deleted, and only what is ours", async () => {
    await kubectl("create", "configmap", "bystander");
    await family.caughtUp();
    const [kept] = children();
    const { writes } = await family.run(kept ? [kept] : []);
    expect(writes.sort()).toEqual(["delete deployments", "delete secrets", "delete services"]);
    expect(await kubectl("get", "configmap", "-o", "name")).toContain("configmap/bystander");
  });
});
