import { expect, test } from "vitest";
import { createFakeCluster } from "#operator/test/fake-cluster.ts";
import { createRehearsal } from "./rehearsal.ts";

test("the status that would be told is the service's own", async () => {
  const { cluster, status } = createRehearsal(createFakeCluster(), { apply: fail, put: fail });
  const told = (apiVersion: string, kind: string) =>
    cluster.applyStatus({ apiVersion, kind, metadata: { name: "demo" }, status: { kind } });
  await told("cert-manager.io/v1", "Certificate");
  expect(status()).toBeUndefined();
  await told("sse-operator.dev/v1alpha1", "SseService");
  expect(status()).toEqual({ kind: "SseService" });
});

function fail(): never {
  throw new Error("Cannot write in this test");
}
