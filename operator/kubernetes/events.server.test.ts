import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClusterEvent } from "#operator/engine/cluster.ts";
import { configMap, type RealServer, startRealServer } from "./real-server.ts";

let server: RealServer;

beforeAll(async () => {
  server = await startRealServer("events");
}, 1_200_000);

afterAll(() => server?.stop());

test("kubectl describe shows an event once, with how often it happened", async () => {
  const cluster = server.connect();
  const { metadata } = await cluster.apply(configMap("troubled", {}));
  const event: ClusterEvent = {
    regarding: {
      apiVersion: "v1",
      kind: "ConfigMap",
      namespace: "default",
      name: "troubled",
      uid: metadata.uid ?? "",
    },
    type: "Warning",
    reason: "SecretNotFound",
    action: "Reconcile",
    note: 'Create the Secret "my-tls"',
  };
  cluster.recordEvent(event);
  const stored = () => server.plane.kubectl("get", "events.events.k8s.io", "-o", "name");
  await expect.poll(stored).toContain("troubled");
  for (let count = 0; count < 6; count += 1) cluster.recordEvent(event);
  await cluster.close(); // which writes what waits
  const events = JSON.parse(await server.plane.kubectl("get", "events.events.k8s.io", "-o", "json"));
  expect(events.items).toMatchObject([{ reason: "SecretNotFound", series: { count: 7 } }]);
  const described = await server.plane.kubectl("describe", "configmap", "troubled");
  expect(described).toMatch(
    /Warning\s+SecretNotFound\s+.*x7.*example\.dev\/test-operator\s+Create the Secret "my-tls"/,
  );
  const writes = (await server.writes()).filter(({ resource }) => resource === "events");
  expect(writes.map(({ verb, code }) => `${verb} ${code}`)).toEqual(["patch 201", "patch 200"]);
});
